"""What a model has seen: the pictures of its own training, and of the models that it went on from.

A snapshot that is frozen later may hold them out: groups merge, a manifest declares a split, a picture without a
label gets one. Judged on them, a model would look better than it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inference.bundle import load_bundle
from store.errors import InputError
from store.home import Home
from training.snapshot import Snapshot, read_snapshot
from training.splits import TRAIN

# As training/job.py names runs, and so bundles; what a registry publishes is called otherwise.
_BUNDLE = re.compile(r"[a-z0-9_-]+-[0-9a-f]{16}")


@dataclass(frozen=True)
class Seen:
    """The snapshots that a model and those before it were trained on; ``complete``: all of them are here."""

    snapshots: tuple[Snapshot, ...]
    complete: bool

    def groups_in(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the groups of ``snapshot`` in which there is a picture that was seen, or one like it.

        A group is known by its pictures, by its name too: it may have lost those that were seen. Pictures like
        one without a label are not looked for, since of that one no label was told.
        """
        trained = [example for each in self.snapshots for example in each.of(TRAIN)]
        digests = {example.sha256 for example in trained}
        digests.update(digest for each in self.snapshots for digest in each.unlabelled)
        names = {example.group for example in trained}
        held = snapshot.examples
        return frozenset(e.group for e in held if e.sha256 in digests or e.group in names)


def seen_by(home: Home, snapshot_id: str, weights: str) -> Seen:
    """Return what a model has seen, by its bundle's ``snapshot_id`` and the origin of its first ``weights``.

    Raises InputError when a snapshot's file is damaged.
    """
    snapshots, complete = [], True
    for name in _lineage(home, snapshot_id, weights):
        path = home.snapshots / f"{name}.csv"
        if name and path.is_file():
            snapshots.append(read_snapshot(path))
        else:
            complete = False
    return Seen(tuple(snapshots), complete)


def _lineage(home: Home, snapshot_id: str, weights: str) -> Iterator[str]:
    """Yield the snapshots of a model and of those before it; "" where one of them is not in this home."""
    yield snapshot_id
    while _BUNDLE.fullmatch(weights):
        try:
            earlier = load_bundle(home.bundles / weights, needed=())
        except InputError:
            yield ""
            return
        yield earlier.snapshot_id
        weights = earlier.backbone.weights
