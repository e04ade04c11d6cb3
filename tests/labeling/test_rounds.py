from concurrent.futures import ThreadPoolExecutor

import pytest

from labeling.answers import record_answer
from labeling.rounds import create_round, find_round, items, newest_model
from labeling.yields import Yield, progress, total
from store.errors import InputError
from store.filing import LabelFacts
from store.tables import Bucket, Label, Origin


def test_a_round_holds_the_suspects_of_its_model_with_what_a_person_needs(store, concept, add_picture, add_model):
    wrong, fine = add_picture("normal", title="lotus"), add_picture("normal")
    model_id = add_model({wrong: 0.98, fine: 0.01})

    with store.session() as session:
        made = create_round(session, concept, model_id)
        listed = items(session, made)
        budget = made.budget

    assert budget == 500
    assert [(item.bucket, item.rank, item.probability) for item in listed] == [(Bucket.FALSE_POSITIVE, 0, 0.98)]
    assert (listed[0].label, listed[0].answer, listed[0].title) == ("normal", None, "lotus")
    assert listed[0].source == "r/pics"


def test_the_same_model_keeps_its_round_and_the_next_one_gets_its_own(store, concept, add_picture, add_model):
    wrong = add_picture("normal")
    first, second = add_model({wrong: 0.98}), add_model({wrong: 0.97})

    with store.session() as session:
        made = create_round(session, concept, first).id
    with store.session() as session:
        again = create_round(session, concept, first).id
        other = create_round(session, concept, second).id
        newest = find_round(session, "trypophobia").id

    assert made == again
    assert other != made
    assert newest == other


def test_many_calls_at_once_make_one_round(store, concept, add_picture, add_model):
    model_id = add_model({add_picture("normal"): 0.98})

    def make(_):
        with store.session() as session:
            return create_round(session, concept, model_id).id

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(make, range(4)))

    assert len(made) == 1


def test_an_answer_of_a_person_is_not_asked_for_again_by_the_next_round(store, concept, add_picture, add_model):
    answered, doubted, open_ = (add_picture("normal") for _ in range(3))
    for image_id in (answered, doubted):
        say(store, image_id, "normal", Origin.HUMAN)
    model_id = add_model({answered: 0.8, doubted: 0.99, open_: 0.8})

    with store.session() as session:
        listed = items(session, create_round(session, concept, model_id))

    assert [item.probability for item in listed] == [0.99, 0.8]


def test_a_readers_report_is_no_label_that_a_round_would_judge_by(store, concept, add_picture, add_model):
    reported, labelled = add_picture(None), add_picture("trypophobia")
    say(store, reported, "normal", Origin.REPORT)
    say(store, labelled, "normal", Origin.REPORT)
    model_id = add_model({reported: 0.9, labelled: 0.99})

    with store.session() as session:
        listed = items(session, create_round(session, concept, model_id))

    assert listed == []


def test_progress_counts_answers_and_corrections_by_bucket(store, concept, add_picture, add_model):
    shas = [f"{n:02x}" * 32 for n in range(1, 5)]
    labels = ["normal", "normal", "trypophobia", "trypophobia"]
    ids = [add_picture(label, sha) for label, sha in zip(labels, shas, strict=True)]
    model_id = add_model(dict(zip(ids, [0.9, 0.8, 0.1, 0.6], strict=True)))
    with store.session() as session:
        create_round(session, concept, model_id)

    with store.session() as session:
        record_answer(session, concept, shas[0], "trypophobia", "ada")
        record_answer(session, concept, shas[1], "trypophobia", "ada")
        record_answer(session, concept, shas[1], "normal", "ada")
        record_answer(session, concept, shas[3], "trypophobia", "bob")
        yields = progress(session, find_round(session, "trypophobia"))

    assert yields == {
        Bucket.FALSE_POSITIVE: Yield(2, 2, 1),
        Bucket.FALSE_NEGATIVE: Yield(1, 0, 0),
        Bucket.AMBIGUOUS: Yield(1, 1, 0),
    }
    assert total(yields.values()) == Yield(4, 3, 1)
    assert yields[Bucket.FALSE_POSITIVE].share_corrected == 0.5
    assert yields[Bucket.FALSE_NEGATIVE].share_corrected is None


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_what_is_missing_is_said_with_the_way_out(store, concept, add_picture, add_model):
    add_picture("normal")

    with store.session() as session:
        with pytest.raises(InputError, match="flinch train"):
            newest_model(session, "trypophobia")
        with pytest.raises(InputError, match="flinch label round"):
            find_round(session, "trypophobia")
        with pytest.raises(InputError, match="no round 7"):
            find_round(session, "trypophobia", 7)
        with pytest.raises(InputError, match="no such model"):
            create_round(session, concept, 99)
    model_id = add_model({})
    with store.session() as session, pytest.raises(InputError, match="no predictions"):
        create_round(session, concept, model_id)


def say(store, image_id: int, value: str, origin: Origin) -> None:
    facts = LabelFacts("trypophobia", value, origin, by="somebody")
    with store.session() as session:
        session.add(Label(image_id=image_id, **{**vars(facts), "origin": origin.value}))
