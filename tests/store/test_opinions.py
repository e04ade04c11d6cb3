"""The current label, derived from everything that was said; on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from store.opinions import Opinion, current_opinions
from store.tables import Image, Label, Origin

CONCEPT = "trypophobia"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def say(store):
    """Return ``say(image, value, origin, by, minute)``: append one label to picture number ``image``."""
    known = {}

    def say(image: int, value: str, origin: Origin, by: str, minute: int = 0, concept: str = CONCEPT) -> None:
        with store.session() as session:
            if image not in known:
                row = Image(
                    sha256=f"{image:064x}", pdq=bytes(32), pdq_quality=0, size=1, format="PNG", width=1, height=1
                )
                session.add(row)
                session.flush()
                known[image] = row.id
            at = NOON + timedelta(minutes=minute)
            label = Label(image_id=known[image], concept=concept, value=value, origin=origin, by=by, created_at=at)
            session.add(label)

    return say


def opinions(store, concept: str = CONCEPT) -> list[Opinion]:
    with store.session() as session:
        return current_opinions(session, concept)


def test_an_empty_store_holds_no_opinion(store):
    assert opinions(store) == []


def test_a_source_is_believed_while_no_person_spoke(store, say):
    say(1, "normal", Origin.WEAK, "r/pics")

    (opinion,) = opinions(store)

    assert (opinion.sha256, opinion.value, opinion.origin) == (f"{1:064x}", "normal", Origin.WEAK)
    assert (opinion.by, opinion.disagreement) == ("r/pics", False)


def test_a_person_outweighs_sources_however_new_and_many(store, say):
    say(1, "trypophobia", Origin.HUMAN, "ann", minute=0)
    for minute in range(1, 4):
        say(1, "normal", Origin.WEAK, f"source {minute}", minute)

    (opinion,) = opinions(store)

    assert (opinion.value, opinion.origin, opinion.by) == ("trypophobia", Origin.HUMAN, "ann")


def test_the_newest_person_wins_and_the_disagreement_stays_visible(store, say):
    say(1, "normal", Origin.HUMAN, "bob", minute=9)
    say(1, "trypophobia", Origin.HUMAN, "ann", minute=5)

    (opinion,) = opinions(store)

    assert (opinion.value, opinion.by, opinion.disagreement) == ("normal", "bob", True)


def test_of_two_words_at_the_same_moment_the_later_appended_counts(store, say):
    say(1, "normal", Origin.HUMAN, "ann")
    say(1, "trypophobia", Origin.HUMAN, "bob")

    assert opinions(store)[0].value == "trypophobia"


def test_a_person_who_changes_his_mind_does_not_disagree_with_himself(store, say):
    say(1, "normal", Origin.HUMAN, "ann", minute=1)
    say(1, "trypophobia", Origin.HUMAN, "ann", minute=2)

    (opinion,) = opinions(store)

    assert (opinion.value, opinion.disagreement) == ("trypophobia", False)


def test_two_sources_that_differ_disagree(store, say):
    say(1, "normal", Origin.WEAK, "r/pics", minute=1)
    say(1, "trypophobia", Origin.WEAK, "r/trypophobia", minute=2)

    assert opinions(store)[0].disagreement


def test_a_report_is_never_an_opinion_nor_a_disagreement(store, say):
    say(1, "trypophobia", Origin.REPORT, "reader", minute=1)
    say(2, "normal", Origin.WEAK, "r/pics", minute=1)
    say(2, "trypophobia", Origin.REPORT, "reader", minute=2)

    (opinion,) = opinions(store)

    assert (opinion.sha256, opinion.value, opinion.disagreement) == (f"{2:064x}", "normal", False)


def test_every_concept_has_its_own_opinions(store, say):
    say(1, "normal", Origin.HUMAN, "ann")
    say(1, "nsfw", Origin.HUMAN, "ann", concept="nsfw")

    assert [opinion.value for opinion in opinions(store)] == ["normal"]
    assert [opinion.value for opinion in opinions(store, "nsfw")] == ["nsfw"]


def test_opinions_come_in_the_order_of_the_pictures(store, say):
    for image in (3, 1, 2):
        say(image, "normal", Origin.WEAK, "r/pics")
    say(3, "trypophobia", Origin.HUMAN, "ann", minute=3)

    found = opinions(store)

    assert [int(opinion.sha256, 16) for opinion in found] == [3, 1, 2]
    assert [opinion.value for opinion in found] == ["trypophobia", "normal", "normal"]


def test_the_newest_is_the_newest_in_whatever_time_zone_it_was_said(store, say):
    # SQLite alone would drop the zone and sort 13:30 in Berlin behind 13:00 in London.
    berlin = timezone(timedelta(hours=1))
    say(1, "normal", Origin.HUMAN, "ann")
    with store.session() as session:
        image_id = session.query(Image).one().id
        for value, by, at in [
            ("trypophobia", "berlin", datetime(2026, 3, 1, 13, 30, tzinfo=berlin)),
            ("normal", "london", datetime(2026, 3, 1, 13, 0, tzinfo=UTC)),
        ]:
            label = Label(
                image_id=image_id, concept=CONCEPT, value=value, origin=Origin.HUMAN, by=by, created_at=at
            )
            session.add(label)

    assert opinions(store)[0].by == "london"
