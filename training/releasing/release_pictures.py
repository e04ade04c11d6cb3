"""The pictures that a release is tried on: the held-out ones of the snapshot that the bundle was trained with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.bundle import Bundle
from store.database import Store
from store.errors import InputError
from training.seen import seen_by
from training.snapshot import read_snapshot
from training.splits import TEST, VAL


@dataclass(frozen=True)
class Picture:
    """A stored picture: its file, its class, its split, and the group that it is right or wrong together with."""

    path: Path
    label: str
    split: str
    group: str


def held_out_pictures(store: Store, bundle: Bundle) -> list[Picture]:
    """Return the pictures of val and test that the bundle's training froze, in the order of their sha256.

    Those are the pictures of which it is certain that the bundle was not fitted on them; a picture that has been
    deleted since is left out. Raises InputError when the snapshot is gone.
    """
    manifest = store.home.snapshots / f"{bundle.snapshot_id}.csv"
    if not manifest.is_file():
        raise InputError(
            f"{manifest}: the snapshot of {bundle.id} is not here; release it from the home that it was trained in"
        )
    examples = [example for example in read_snapshot(manifest).examples if example.split in (VAL, TEST)]
    found = [Picture(store.blobs.path(e.sha256), e.label, e.split, e.group) for e in examples]
    return [picture for picture in found if picture.path.is_file()]


def unseen_by(
    store: Store, pictures: Sequence[Picture], bundle: Bundle, earlier: Mapping[str, Any]
) -> list[Picture]:
    """Return those of ``bundle``'s ``held_out_pictures`` that neither model, nor one before it, was trained on.

    ``earlier`` is the manifest of the released model: on pictures that it learnt by heart it would win.
    """
    snapshot = read_snapshot(store.home.snapshots / f"{bundle.snapshot_id}.csv")
    models = [(bundle.snapshot_id, bundle.backbone.weights)]
    models.append((str(earlier["snapshot_id"]), str(earlier["backbone"]["weights"])))
    groups = frozenset().union(*(seen_by(store.home, *model).groups_in(snapshot) for model in models))
    return [picture for picture in pictures if picture.group not in groups]


def sample(pictures: Sequence[Picture], positive: str, count: int) -> list[Picture]:
    """Return at most ``count`` pictures, up to half of them positive; the same ones every time."""
    wanted = [picture for picture in pictures if picture.label == positive][: count // 2]
    others = [picture for picture in pictures if picture.label != positive][: count - len(wanted)]
    return [*wanted, *others]
