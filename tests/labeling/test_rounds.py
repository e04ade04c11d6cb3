from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from labeling.answers import record_answer
from labeling.rounds import create_round, find_newest_round, find_round, items, newest_round
from labeling.yields import Yield, progress, total
from store.errors import InputError
from store.filing import LabelFacts
from store.models import touch
from store.tables import Bucket, Label, Model, Origin, Prediction


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
        newest = newest_round(session, concept)[0].id

    assert made == again
    assert other != made
    assert newest == other


def test_a_model_that_is_chosen_again_shows_its_own_round_again(store, concept, add_picture, add_model):
    wrong = add_picture("normal")
    first, second = add_model({wrong: 0.98}), add_model({wrong: 0.97})

    with store.session() as session:
        of_first = create_round(session, concept, first).id
        of_second = newest_round(session, concept)[0].model_id
        touch(session, session.get(Model, first).bundle_id)
        shown, made = newest_round(session, concept)
        found = (of_second, shown.id, made)

    assert found == (second, of_first, False)


def test_a_round_that_nobody_answered_is_filled_anew_after_a_fresh_training(store, concept, add_picture, add_model):
    one, other = add_picture("normal"), add_picture("normal")
    model_id = add_model({one: 0.98, other: 0.01})
    with store.session() as session:
        before = create_round(session, concept, model_id).id

    say_anew(store, model_id, {one: 0.01, other: 0.9})
    with store.session() as session:
        after, made = newest_round(session, concept)
        number, listed = after.id, items(session, after)

    assert (number, made) == (before, True)
    assert [item.probability for item in listed] == [0.9]


def test_an_answered_round_stays_and_a_fresh_training_gets_another(store, concept, add_picture, add_model):
    answered, other = add_picture("normal", "a" * 64), add_picture("normal")
    model_id = add_model({answered: 0.98, other: 0.8})
    with store.session() as session:
        create_round(session, concept, model_id)
        record_answer(session, concept, "a" * 64, "trypophobia", "ada")

    say_anew(store, model_id, {answered: 0.9, other: 0.7})
    with store.session() as session:
        kept = items(session, find_round(session, "trypophobia", 1))
        after = items(session, newest_round(session, concept)[0])
        again, made_again = newest_round(session, concept)
        number = again.id

    assert [(item.probability, item.answer) for item in kept] == [(0.98, "trypophobia"), (0.8, None)]
    assert [(item.probability, item.answer) for item in after] == [(0.7, None)]
    assert (number, made_again) == (2, False)


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
        yields = progress(session, find_newest_round(session, "trypophobia"))

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
            newest_round(session, concept)
        with pytest.raises(InputError, match="no round 7"):
            find_round(session, "trypophobia", 7)
        with pytest.raises(InputError, match="no such model"):
            create_round(session, concept, 99)
    model_id = add_model({})
    with store.session() as session, pytest.raises(InputError, match="no predictions"):
        create_round(session, concept, model_id)


def say_anew(store, model_id: int, probabilities: dict[int, float]) -> None:
    """Replace what the model says, as ``flinch train --fresh`` does."""
    with store.session() as session:
        for image_id, probability in probabilities.items():
            of_picture = (Prediction.model_id == model_id) & (Prediction.image_id == image_id)
            session.execute(update(Prediction).where(of_picture).values(probability=probability))


def say(store, image_id: int, value: str, origin: Origin) -> None:
    facts = LabelFacts("trypophobia", value, origin, by="somebody")
    with store.session() as session:
        session.add(Label(image_id=image_id, **{**vars(facts), "origin": origin.value}))
