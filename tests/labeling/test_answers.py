import pytest

from labeling.answers import find_picture, history, record_answer
from labeling.rounds import create_round, items
from store.errors import InputError
from store.opinions import current_opinions
from store.tables import Origin

SHA = "3f9a1c0b" + "0" * 56


def test_an_answer_becomes_the_opinion_and_says_what_it_was(store, concept, add_picture):
    add_picture("normal", SHA)

    with store.session() as session:
        answered = record_answer(session, concept, "3F9A1C", "trypophobia", " ada ", "a lotus pod")
        opinions = current_opinions(session, "trypophobia")

    assert (answered.before.value, answered.before.origin, answered.before.by) == ("normal", Origin.WEAK, "r/pics")
    assert (answered.now.value, answered.now.origin, answered.now.by) == ("trypophobia", Origin.HUMAN, "ada")
    assert answered.now.round_id is None
    assert [(one.sha256, one.value, one.by) for one in opinions] == [(SHA, "trypophobia", "ada")]


def test_answers_are_appended_and_the_story_keeps_their_order(store, concept, add_picture):
    image_id = add_picture(None, SHA)

    with store.session() as session:
        first = record_answer(session, concept, SHA, "normal", "ada")
        record_answer(session, concept, SHA, "trypophobia", "bob", "look closer")
        told = history(session, "trypophobia", image_id)

    assert first.before is None
    assert [(word.value, word.by, word.reason) for word in told] == [
        ("normal", "ada", None),
        ("trypophobia", "bob", "look closer"),
    ]


def test_an_answer_counts_for_the_newest_round_if_that_asks_for_it(store, concept, add_picture, add_model):
    asked, unasked = add_picture("normal", SHA), add_picture("normal", "4" * 64)
    with store.session() as session:
        create_round(session, concept, add_model({asked: 0.9, unasked: 0.01}))

    with store.session() as session:
        inside = record_answer(session, concept, SHA, "trypophobia", "ada")
        outside = record_answer(session, concept, "444444", "trypophobia", "ada")
        listed = items(session, create_round(session, concept, 1))

    assert (inside.now.round_id, outside.now.round_id) == (1, None)
    assert [(item.label, item.answer) for item in listed] == [("trypophobia", "trypophobia")]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sha", "value", "by", "words"),
    [
        ("3f9a1", "normal", "ada", "first 6 or more hex digits"),
        ("3f9a1x", "normal", "ada", "first 6 or more hex digits"),
        ("3f9a1%", "normal", "ada", "first 6 or more hex digits"),
        ("aaaaaa", "normal", "ada", "no picture's sha256 starts with 'aaaaaa'"),
        ("3f9a1c", "normal", "ada", "several pictures"),
        (SHA, "norml", "ada", "did you mean 'normal'"),
        (SHA, "cat", "ada", "the classes are normal, trypophobia"),
        (SHA, "normal", "  ", "--by"),
        (SHA, "normal", "a\x1b[31mda", "--by"),
        (SHA, "normal", "a" * 201, "--by"),
    ],
)
def test_an_unusable_answer_says_why_and_changes_nothing(store, concept, add_picture, sha, value, by, words):
    add_picture("normal", SHA)
    add_picture("normal", SHA[:-1] + "f")

    with store.session() as session, pytest.raises(InputError, match=words) as refusal:
        record_answer(session, concept, sha, value, by)

    assert "\n" not in str(refusal.value)
    with store.session() as session:
        assert {one.origin for one in current_opinions(session, "trypophobia")} == {Origin.WEAK}


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_digits_up_to_the_last_one_tell_two_pictures_apart(store, add_picture):
    add_picture("normal", SHA)
    add_picture("normal", SHA[:-1] + "f")

    with store.session() as session:
        found = find_picture(session, SHA).sha256

    assert found == SHA
