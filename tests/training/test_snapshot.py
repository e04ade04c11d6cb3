"""A snapshot freezes opinions, honours given splits, keeps near-duplicates together and repeats itself."""

from dataclasses import replace

import numpy as np
import pytest

from store.config import load_config
from store.errors import InputError
from store.filing import LabelFacts, SightingFacts, file_picture
from store.pictures import Picture
from store.tables import Origin
from training.snapshot import DRAWN, NEAR_DUPLICATES, freeze, lines_of, read_snapshot

CONCEPT = load_config("trypophobia")


def hearing_of(unlabelled):
    """Return the concept whose students hear of so many pictures without a label a batch."""
    distill = CONCEPT.train.distill.model_copy(update={"unlabelled": unlabelled})
    return CONCEPT.model_copy(update={"train": CONCEPT.train.model_copy(update={"distill": distill})})


DEAF, HEARING = hearing_of(0), hearing_of(4)


def picture(number, pdq=None):
    code = np.random.default_rng(number).bytes(32) if pdq is None else pdq
    return Picture(f"{number:064x}", "PNG", 200, 200, 3, code, 100)


def file(session, store, number, label, pdq=None, origin=Origin.WEAK, source="folder:x", **sighting):
    facts = SightingFacts(source, f"{number}.png", **sighting)
    said = LabelFacts("trypophobia", label, origin, "x") if label else None
    return file_picture(session, store.blobs, b"%d" % number, picture(number, pdq), facts, said).image_id


@pytest.fixture
def filled(store):
    """A store of 60 unlike pictures, a third of them positive."""
    with store.session() as session:
        for number in range(60):
            file(session, store, number, "trypophobia" if number % 3 == 0 else "normal")
    return store


def frozen(store, tmp_path, concept=CONCEPT):
    with store.session() as session:
        return freeze(session, concept, tmp_path)


def test_the_same_labels_give_the_same_snapshot(filled, tmp_path):
    assert frozen(filled, tmp_path / "a").id == frozen(filled, tmp_path / "b").id


def test_a_new_label_gives_a_new_snapshot_and_moves_no_picture(filled, tmp_path):
    before = frozen(filled, tmp_path)

    with filled.session() as session:
        file(session, filled, 999, "normal")
    after = frozen(filled, tmp_path)

    assert after.id != before.id
    assert set(before.examples) < set(after.examples)


def test_an_older_picture_that_gets_a_label_moves_no_near_duplicate(store, tmp_path):
    """Pictures came without labels, then near-duplicates with labels, and somebody labels the older ones."""
    with store.session() as session:
        for number in range(60):
            file(session, store, number, None)
        for number in range(60):
            file(session, store, 100 + number, "normal" if number % 3 else "trypophobia", picture(number).pdq)
    before = frozen(store, tmp_path)

    with store.session() as session:
        for number in range(1, 60, 3):
            file(session, store, number, "normal", origin=Origin.HUMAN)
    after = frozen(store, tmp_path)

    assert set(before.examples) < set(after.examples)


def test_near_duplicates_share_a_group_and_a_split(filled, tmp_path):
    code = np.random.default_rng(0).bytes(32)
    near = bytes([code[0] ^ 0b111]) + code[1:]
    with filled.session() as session:
        file(session, filled, 500, "normal", near)

    snapshot = frozen(filled, tmp_path)

    twins = [e for e in snapshot.examples if e.sha256 in (f"{0:064x}", f"{500:064x}")]
    assert len({(e.group, e.split) for e in twins}) == 1


def test_a_group_declared_by_a_manifest_stays_together(filled, tmp_path):
    with filled.session() as session:
        for number in range(600, 620):
            file(session, filled, number, "normal", group="one-beehive")

    snapshot = frozen(filled, tmp_path)

    assert len({e.split for e in snapshot.examples if int(e.sha256, 16) >= 600}) == 1


def test_given_splits_are_kept_and_their_training_twins_left_out(filled, tmp_path):
    code = np.random.default_rng(700).bytes(32)
    with filled.session() as session:
        file(session, filled, 700, "normal", code, split="ood")
        file(session, filled, 701, "normal", code, split="train")

    snapshot = frozen(filled, tmp_path)

    assert [e.sha256 for e in snapshot.of("ood")] == [f"{700:064x}"]
    assert snapshot.left_out == {NEAR_DUPLICATES: 1}
    assert snapshot.splits == ["train", "val", "test", "ood"]


def test_reports_never_reach_a_snapshot(filled, tmp_path):
    before = frozen(filled, tmp_path)

    with filled.session() as session:
        file(session, filled, 800, "trypophobia", origin=Origin.REPORT)

    assert frozen(filled, tmp_path).id == before.id


def test_an_empty_store_says_how_to_fill_it(store, tmp_path):
    with pytest.raises(InputError, match="flinch import PATH"):
        frozen(store, tmp_path)


def test_a_split_without_positives_is_refused_by_name(store, tmp_path):
    with store.session() as session:
        for number in range(60):
            file(session, store, number, "normal")

    with pytest.raises(InputError, match="split 'train' has fewer than 2 pictures of 'trypophobia'"):
        frozen(store, tmp_path)


@pytest.mark.parametrize(("value", "words"), [("trypophobia", "are 'try"), ("normal", "are not 'try")])
def test_one_subject_alone_is_refused_before_anything_is_trained(store, tmp_path, value, words):
    with store.session() as session:
        for number in range(120):
            label = ("normal", "trypophobia")[number % 2]
            together = number < 60 and label == value
            split = "train" if number < 60 else ("val", "test")[number // 2 % 2]
            file(session, store, number, label, group="one-film" if together else None, split=split)

    with pytest.raises(InputError, match=f"one subject alone in all 30 pictures that {words}"):
        frozen(store, tmp_path)
    assert not list(tmp_path.glob("*.csv"))


def test_labels_of_another_concept_do_not_count(filled, tmp_path):
    before = frozen(filled, tmp_path)

    with filled.session() as session:
        facts = SightingFacts("folder:y", "y.png")
        said = LabelFacts("nsfw", "trypophobia", Origin.WEAK, "y")
        file_picture(session, filled.blobs, b"y", replace(picture(901), sha256=f"{901:064x}"), facts, said)

    assert frozen(filled, tmp_path).id == before.id


def test_the_drawn_starter_stays_out_once_other_pictures_can_stand_alone(store, tmp_path):
    enough = CONCEPT.snapshot.model_copy(update={"enough_without_drawn": 30})
    concept = CONCEPT.model_copy(update={"snapshot": enough})
    with store.session() as session:
        for number in range(60):
            label = "trypophobia" if number % 2 else "normal"
            file(session, store, number, label)
            file(session, store, 1000 + number, label, source="synthetic:1")
            if number == 50:
                mixed = freeze(session, concept, tmp_path)
        alone = freeze(session, concept, tmp_path)

    assert (len(mixed.examples), mixed.left_out) == (102, {})
    assert (len(alone.examples), alone.left_out) == (60, {DRAWN: 60})
    assert all(int(example.sha256, 16) < 1000 for example in alone.examples)


def test_pictures_of_which_nobody_says_anything_come_along_without_a_label(filled, tmp_path):
    before = frozen(filled, tmp_path, DEAF)
    with filled.session() as session:
        for number in (901, 900):
            file(session, filled, number, None)
    snapshot = frozen(filled, tmp_path, HEARING)

    assert snapshot.id != before.id
    # Where no student hears of them they change nothing.
    assert frozen(filled, tmp_path, DEAF).id == before.id
    assert (snapshot.examples, before.unlabelled) == (before.examples, ())
    assert snapshot.unlabelled == (f"{900:064x}", f"{901:064x}")
    assert replace(read_snapshot(snapshot.path), left_out=snapshot.left_out) == snapshot
    assert "  2 without a label, for teachers to judge" in lines_of(snapshot)


def test_one_that_may_be_held_out_under_another_name_does_not(filled, tmp_path):
    code = np.random.default_rng(0).bytes(32)
    with filled.session() as session:
        file(session, filled, 900, None, bytes([code[0] ^ 0b111]) + code[1:])  # like picture 0
        file(session, filled, 901, None, group="a beehive")
        file(session, filled, 902, None, split="test")
        file(session, filled, 903, "trypophobia", origin=Origin.REPORT)

    assert frozen(filled, tmp_path, HEARING).unlabelled == ()
