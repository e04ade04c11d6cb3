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


@dataclass(frozen=True)
class Comparable:
    """The test pictures that two models can be compared on, and what became of the rest of the split.

    Neither model was trained on ``pictures``, as far as is known here.
    """

    pictures: Sequence[Picture]
    deleted: int = 0  # pictures that are no longer in the store
    learnt: int = 0  # pictures that a model, or one before it, was trained on, or on near-duplicates
    lineage_known: bool = True  # every snapshot of both models, and of those before them, is in this home

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the comparison must know."""
        known = {
            f"{self.deleted} more are no longer in the store": self.deleted,
            f"{self.learnt} more are left out: a model was trained on them or on near-duplicates": self.learnt,
            "not all that the models were trained on is known here: some of these pictures may be among it": (
                not self.lineage_known
            ),
        }
        return tuple(says for says, holds in known.items() if holds)


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


def unseen_by(store: Store, held_out: Sequence[Picture], bundle: Bundle, earlier: Mapping[str, Any]) -> Comparable:
    """Return the test pictures of ``bundle``'s ``held_out_pictures`` that no model, nor one before, was trained on.

    ``earlier`` is the manifest of the released model: on pictures that it learnt by heart it would win. A clone
    lacks its snapshot, and may release all the same: then the answer says that the lineage is not known.
    """
    snapshot = read_snapshot(store.home.snapshots / f"{bundle.snapshot_id}.csv")
    models = [(bundle.snapshot_id, bundle.backbone.weights)]
    models.append((str(earlier["snapshot_id"]), str(earlier["backbone"]["weights"])))
    seen = [seen_by(store.home, *model) for model in models]
    groups = frozenset().union(*(each.groups_in(snapshot) for each in seen))
    test = [picture for picture in held_out if picture.split == TEST]
    unseen = [picture for picture in test if picture.group not in groups]
    return Comparable(
        unseen,
        deleted=len(snapshot.of(TEST)) - len(test),
        learnt=len(test) - len(unseen),
        lineage_known=all(each.complete for each in seen),
    )


def sample(pictures: Sequence[Picture], positive: str, count: int) -> list[Picture]:
    """Return at most ``count`` pictures, up to half of them positive; the same ones every time."""
    wanted = [picture for picture in pictures if picture.label == positive][: count // 2]
    others = [picture for picture in pictures if picture.label != positive][: count - len(wanted)]
    return [*wanted, *others]
