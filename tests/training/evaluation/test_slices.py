"""A split in named parts: counted by hand, silent where too few pictures would speak."""

import numpy as np
import pytest

from store.filing import LabelFacts, SightingFacts, file_picture
from store.pictures import Picture
from store.tables import Origin
from training.evaluation.slices import LARGEST, Facts, facts_of, measure_slices, parts_of


def fact(source="folder:x/a", side=100, **more):
    return Facts(side, side + 10, source, **more)


def named(results):
    return {(part.kind, part.name): part for part in results}


def file(session, store, number, said=(), **sighting):
    picture = Picture(f"{number:064x}", "PNG", 100 + number, 300, 3, bytes(32), 100)
    facts = SightingFacts(**{"source": "folder:x/a", "post": f"{number}", **sighting})
    file_picture(session, store.blobs, b"%d" % number, picture, facts)
    for by, value in said:
        label = LabelFacts("trypophobia", value, Origin.HUMAN, by)
        file_picture(session, store.blobs, b"%d" % number, picture, facts, label)


def test_the_facts_are_those_of_the_first_sighting_that_knows(store):
    with store.session() as session:
        file(session, store, 1, [("ann", "normal"), ("bob", "trypophobia")], kind="foam")
        file(session, store, 1, source="reddit:pics", kind="soap", hard_negative=True)
        file(session, store, 2, [("ann", "normal")], hard_negative=False)
        file(session, store, 3)

    with store.session() as session:
        facts = facts_of(session, "trypophobia", [f"{number:064x}" for number in (1, 2, 9)])

    assert facts == {
        f"{1:064x}": Facts(101, 300, "folder:x/a", "foam", True, True),
        f"{2:064x}": Facts(102, 300, "folder:x/a", None, False, False),
    }


def test_every_slice_is_counted_by_hand():
    truth = np.array([True] * 10 + [False] * 30)
    scores = np.r_[np.full(8, 0.9), 0.2, 0.1, np.full(3, 0.8), np.full(27, 0.1)]
    facts = [fact("folder:x/bees") for _ in range(10)] + [
        fact("folder:x/bees" if number < 10 else "folder:x/web", hard_negative=number < 10) for number in range(30)
    ]

    found = named(measure_slices(facts, truth, scores, None, 0.5))

    bees, web = found["source", "folder:x/bees"], found["source", "folder:x/web"]
    assert (bees.n, bees.positives, bees.recall.value, bees.precision.value) == (20, 10, 0.8, 8 / 11)
    assert (bees.fpr.value, bees.fpr.n, web.fpr.value) == (0.3, 10, 0)
    assert bees.recall.interval.low < 0.8 < bees.recall.interval.high
    assert 0 < web.fpr.interval.high < 0.25
    hard, other = found["hard negative", "hard negatives"], found["hard negative", "other normal pictures"]
    assert (hard.n, hard.positives, hard.fpr.value) == (20, 10, 0.3)
    assert (other.n, other.positives, other.fpr.value) == (30, 10, 0)


def test_fewer_than_five_pictures_give_no_share_and_no_area():
    truth = np.array([True] * 4 + [False] * 6 + [True] * 6)
    facts = [fact("folder:x/few")] * 10 + [fact("folder:x/more")] * 6

    few = named(measure_slices(facts, truth, np.where(truth, 0.9, 0.1), None, 0.5))["source", "folder:x/few"]

    assert (few.recall.value, few.recall.n, few.recall.too_few) == (None, 4, True)
    assert (few.precision.value, few.auc.value, few.auc.n) == (None, None, 4)
    assert (few.fpr.value, few.fpr.n) == (0, 6)
    assert few.as_json()["recall"] == {"value": None, "interval": None, "n": 4, "too_few": True}


def test_pictures_are_told_apart_by_subreddit_size_kind_and_agreement():
    facts = [
        fact("reddit:pics", 60, kind="foam", disagreement=True),
        fact("r/aww", 200, kind="foam", disagreement=False),
        fact("folder:x", 900, kind="coral", disagreement=False),
        None,
    ]

    found = {(kind, name): part.tolist() for kind, name, part in parts_of(facts, np.zeros(4, bool))}

    assert found["subreddit", "pics"] == [True, False, False, False]
    assert found["subreddit", "aww"] == [False, True, False, False]
    assert found["kind", "foam"] == [True, True, False, False]
    assert found["agreement", "labels disagree"] == [True, False, False, False]
    sizes = [name for kind, name in found if kind == "size"]
    assert sizes == ["below 128 px", "128 to 255 px", LARGEST]
    assert not any(part[3] for part in found.values())


@pytest.mark.parametrize("facts", [[fact()] * 3, [None] * 3])
def test_a_part_that_is_everything_is_no_slice(facts):
    assert list(parts_of(facts, np.zeros(3, bool))) == []


def test_near_duplicates_widen_a_slices_interval():
    rng = np.random.default_rng(1)
    truth = np.full(200, True)
    scores = np.repeat(rng.random(20), 10)
    facts = [fact("folder:x/a")] * 200 + [fact("folder:x/b")]
    truth, scores = np.r_[truth, False], np.r_[scores, 0.1]

    def width(groups):
        interval = named(measure_slices(facts, truth, scores, groups, 0.5))["source", "folder:x/a"].recall.interval
        return interval.high - interval.low

    assert width(np.arange(201) // 10) > 2 * width(None)
