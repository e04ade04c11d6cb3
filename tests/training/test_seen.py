"""What a model has seen is known by pictures, groups and lineage, whatever a later snapshot calls held out."""

import io
import shutil
from dataclasses import replace
from hashlib import sha256

import pytest
from PIL import Image

from inference.bundle import Bundle, write_bundle
from store.database import Store
from synthetic import draw
from training.releasing.release_pictures import held_out_pictures, unseen_by
from training.seen import seen_by
from training.snapshot import COLUMNS, Snapshot, read_snapshot


def freeze(store: Store, *rows: tuple[str, str, str, str]) -> Snapshot:
    """Write a snapshot's file as ``training.snapshot.freeze`` does: sha256, label, split, group."""
    data = ("\n".join(map(",".join, [COLUMNS, *rows])) + "\n").encode()
    path = store.home.snapshots / f"{sha256(data).hexdigest()}.csv"
    path.write_bytes(data)
    return read_snapshot(path)


@pytest.fixture
def trained(store: Store) -> Snapshot:
    learnt = ("a", "normal", "train", "g"), ("c", "normal", "train", "c")
    return freeze(store, *learnt, ("b", "normal", "test", "h"), ("u", "", "", ""))


def seen_of(store: Store, trained: Snapshot, later: Snapshot) -> frozenset[str]:
    seen = seen_by(store.home, trained.id, "pypi weights==1.0")
    assert seen.complete
    return seen.groups_in(later)


def test_groups_that_merged_with_a_training_picture_are_seen_as_a_whole(store, trained):
    # "g" is called "f" since a picture that is like both has come.
    later = freeze(store, ("a", "normal", "test", "f"), ("d", "normal", "test", "f"), ("b", "normal", "test", "h"))

    assert seen_of(store, trained, later) == {"f"}


def test_a_group_is_known_by_its_name_when_its_training_pictures_have_left(store, trained):
    later = freeze(store, ("d", "normal", "test", "g"), ("b", "normal", "test", "h"))

    assert seen_of(store, trained, later) == {"g"}


def test_a_picture_that_only_teachers_spoke_of_is_seen_too(store, trained):
    later = freeze(store, ("u", "normal", "test", "u"), ("b", "normal", "test", "h"))

    assert seen_of(store, trained, later) == {"u"}


def test_what_an_earlier_model_was_trained_on_its_heir_has_seen(store, trained, exported: Bundle):
    own = freeze(store, ("a", "normal", "test", "a"), ("e", "normal", "train", "e"))
    folder = store.home.bundles / f"trypophobia-{'0' * 16}"
    shutil.copytree(exported.path, folder)
    write_bundle(replace(exported, path=folder, snapshot_id=trained.id))

    heir = seen_by(store.home, own.id, folder.name)
    orphan = seen_by(store.home, own.id, f"trypophobia-{'1' * 16}")

    assert heir.complete
    assert heir.groups_in(own) == {"a", "e"}
    assert not orphan.complete
    assert orphan.groups_in(own) == {"e"}


def test_a_release_is_not_held_against_what_the_released_model_learnt_by_heart(store, exported: Bundle):
    def picture(seed: int) -> str:
        data = io.BytesIO()
        Image.fromarray(draw(seed, positive=False).pixels).save(data, "PNG")
        return store.blobs.put(data.getvalue())

    first, second = picture(1), picture(2)
    before = freeze(store, (first, "normal", "train", first))
    now = freeze(store, (first, "normal", "test", first), (second, "normal", "test", second))
    bundle = replace(exported, snapshot_id=now.id)
    earlier = {"snapshot_id": before.id, "backbone": {"weights": "pypi weights==1.0"}}

    held_out = held_out_pictures(store, bundle)
    store.blobs.path(second).unlink()
    left = unseen_by(store, held_out_pictures(store, bundle), bundle, earlier)
    fair = unseen_by(store, held_out, bundle, earlier)
    elsewhere = unseen_by(store, held_out, bundle, earlier | {"snapshot_id": "0" * 64})
    orphan = unseen_by(store, held_out, bundle, earlier | {"backbone": {"weights": f"trypophobia-{'1' * 16}"}})

    assert [picture.group for picture in fair.pictures] == [second]
    assert (fair.deleted, fair.learnt) == (0, 1)
    assert fair.lineage_known
    assert (left.pictures, left.deleted, left.learnt) == ([], 1, 1)
    assert not elsewhere.lineage_known
    assert not orphan.lineage_known
