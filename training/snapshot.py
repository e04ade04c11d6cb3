"""Freeze the current labels into a manifest with a hash: what a training saw, for good.

``snapshots/<id>.csv`` has a row a picture (sha256, label, split, group), ordered by sha256; its id is the sha256
of its bytes, so the same labels give the same snapshot. Rows of pictures without a label, which students hear their
teachers about, come last; they have neither label nor split.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from store.blobs import write_atomically
from store.config import Concept
from store.errors import InputError
from store.near_duplicates import WORTHLESS_QUALITY, Groups, NearDuplicates, near_duplicate_groups
from store.opinions import Opinion, current_opinions
from store.tables import Image, Label, Sighting
from training.popular import read_popular
from training.splits import POPULAR, TEST, TRAIN, VAL, Member, assign_splits

DRAWN = "drawn pictures, since there are enough others"
NEAR_DUPLICATES = "near-duplicates of held-out pictures"

COLUMNS = ("sha256", "label", "split", "group")


@dataclass(frozen=True)
class Example:
    """One picture of a snapshot: its blob, its class, its split, and the sha256 that its group is named by."""

    sha256: str
    label: str
    split: str
    group: str


@dataclass(frozen=True)
class Snapshot:
    """A frozen manifest; ``left_out`` counts the labelled pictures that stayed out, by reason.

    ``unlabelled`` are the sha256 of pictures without a label, where the concept's students hear of them.
    """

    id: str
    path: Path
    examples: tuple[Example, ...]
    left_out: Mapping[str, int]
    unlabelled: tuple[str, ...] = ()

    def of(self, split: str) -> list[Example]:
        """Return the examples of one split, in order."""
        return [example for example in self.examples if example.split == split]

    def where(self, split: str) -> NDArray[np.int64]:
        """Return the positions of one split's examples."""
        return np.flatnonzero([example.split == split for example in self.examples])

    def groups_at(self, positions: NDArray[np.int64]) -> list[str]:
        """Return the groups of the examples at ``positions``."""
        return [self.examples[position].group for position in positions]

    @property
    def splits(self) -> list[str]:
        """Return the splits that have pictures: train, val, test, then the others by name."""
        order = (TRAIN, VAL, TEST)
        found = {example.split for example in self.examples}
        return [name for name in order if name in found] + sorted(found - set(order))

    @property
    def held_out_splits(self) -> list[str]:
        """Return every split but train."""
        return [name for name in self.splits if name != TRAIN]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many pictures every split has of every class."""
        return {split: dict(sorted(Counter(e.label for e in self.of(split)).items())) for split in self.splits}


def newest_snapshot(folder: Path, classes: Sequence[str]) -> Snapshot:
    """Return the snapshot that was frozen last among those whose labels are ``classes``.

    InputError when there is none, or when the file is not what its name says.
    """
    paths = sorted(folder.glob("[0-9a-f]*.csv"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in reversed(paths):
        snapshot = read_snapshot(path)
        if {example.label for example in snapshot.examples} <= set(classes):
            return snapshot
    raise InputError(f"{folder}: no snapshot with the classes {', '.join(classes)}; `flinch snapshot` makes one")


def read_snapshot(path: Path) -> Snapshot:
    """Read a frozen manifest; InputError when it cannot be read, or is not what its name says."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: no snapshot that can be read ({error.strerror}); `flinch snapshot`") from error
    if sha256(data).hexdigest() != path.stem:
        raise InputError(f"{path}: is not what was frozen under this name; delete it and run `flinch snapshot`")
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    frozen = [Example(**{name: row[name] for name in COLUMNS}) for row in rows]
    examples = tuple(example for example in frozen if example.label)
    return Snapshot(path.stem, path, examples, {}, tuple(one.sha256 for one in frozen if not one.label))


def lines_of(snapshot: Snapshot) -> list[str]:
    """Return what was frozen, for people: a line a split."""
    lines = [f"snapshot {snapshot.id[:12]}: {len(snapshot.examples)} pictures"]
    for split, counts in snapshot.counts().items():
        lines.append(f"  {split:<6} " + "  ".join(f"{name} {count}" for name, count in counts.items()))
    if snapshot.unlabelled:
        lines.append(f"  {len(snapshot.unlabelled)} without a label, for teachers to judge")
    lines += [f"  {count} left out: {reason}" for reason, count in snapshot.left_out.items()]
    return lines


def freeze(session: Session, concept: Concept, folder: Path) -> Snapshot:
    """Freeze the current opinions of ``concept`` into ``folder`` and return the snapshot.

    Raises InputError when there is nothing to train on: no labelled picture, or a class that train, val or test
    lacks.
    """
    opinions = [o for o in current_opinions(session, concept.concept) if o.value in concept.classes]
    if not opinions:
        raise InputError(
            f"the store has no labelled picture of '{concept.concept}'; "
            "fill it with `flinch import PATH` or `flinch synthesize`"
        )
    opinions, drawn = _without_starter(session, opinions, concept)
    # Not in the order in which they were filed: an older picture that gets a label now must not rename its group.
    opinions.sort(key=lambda opinion: opinion.since)
    groups = _groups(session, opinions, concept.snapshot.near_duplicate_distance)
    given = _given_splits(session)
    popular = read_popular(folder, concept.concept)
    top = {picture.sha256 for picture in popular.pictures} if popular else set()
    members = [
        Member(group, POPULAR if o.sha256 in top else given.get(o.image_id))
        for o, group in zip(opinions, groups, strict=True)
    ]
    splits = assign_splits(members, concept.snapshot.shares)
    examples = tuple(
        sorted(
            (
                Example(opinion.sha256, opinion.value, split, group)
                for opinion, split, group in zip(opinions, splits, groups, strict=True)
                if split is not None
            ),
            key=lambda example: example.sha256,
        )
    )
    # Else pictures that nobody hears of would make another snapshot, and so another training.
    heard = concept.train.distill.unlabelled
    unlabelled = _unlabelled(session, opinions, concept.snapshot.near_duplicate_distance) if heard else ()
    data = _to_csv(examples, unlabelled)
    digest = sha256(data).hexdigest()
    left_out = {DRAWN: drawn, NEAR_DUPLICATES: len(opinions) - len(examples)}
    reasons = {reason: n for reason, n in left_out.items() if n}
    snapshot = Snapshot(digest, folder / f"{digest}.csv", examples, reasons, unlabelled)
    _refuse_hopeless(snapshot, concept)
    write_atomically(snapshot.path, data)
    return snapshot


def _without_starter(session: Session, opinions: list[Opinion], concept: Concept) -> tuple[list[Opinion], int]:
    """Return the opinions to freeze, and how many on drawn pictures were dropped since others can stand alone."""
    seen_elsewhere = select(Sighting.image_id).where(~Sighting.source.startswith("synthetic:")).distinct()
    real = set(session.scalars(seen_elsewhere))
    others = [opinion for opinion in opinions if opinion.image_id in real]
    counts = Counter(opinion.value for opinion in others)
    if min(counts[name] for name in concept.classes) < concept.snapshot.enough_without_drawn:
        return opinions, 0
    return others, len(opinions) - len(others)


def _groups(session: Session, opinions: list[Opinion], distance: int) -> list[str]:
    """Join near-duplicates and what manifests declared; a group is named by the first of ``opinions`` in it."""
    facts = {row.id: row for row in session.execute(select(Image.id, Image.pdq, Image.pdq_quality))}
    near = near_duplicate_groups(
        [facts[o.image_id].pdq for o in opinions], [facts[o.image_id].pdq_quality for o in opinions], distance
    )
    groups = Groups(len(opinions))
    for number, root in enumerate(near.tolist()):
        groups.join(number, root)
    position = {opinion.image_id: number for number, opinion in enumerate(opinions)}
    first: dict[tuple[str, str], int] = {}
    declared = select(Sighting.image_id, Sighting.source, Sighting.group).where(Sighting.group.is_not(None))
    for image_id, source, group in session.execute(declared.order_by(Sighting.id)):
        if group is not None and image_id in position:
            groups.join(position[image_id], first.setdefault((source, group), position[image_id]))
    return [opinions[root].sha256 for root in groups.roots().tolist()]


def _unlabelled(session: Session, opinions: list[Opinion], distance: int) -> tuple[str, ...]:
    """Return the sha256, in order, of the pictures of which nobody ever said anything.

    Left out is what is like a labelled picture, or was declared to be of some group or split: it may belong to one
    that is held out.
    """
    silent = select(Image.id, Image.sha256, Image.pdq, Image.pdq_quality).where(
        ~select(Label.id).where(Label.image_id == Image.id).exists(),
        ~select(Sighting.id)
        .where(Sighting.image_id == Image.id, or_(Sighting.split.is_not(None), Sighting.group.is_not(None)))
        .exists(),
    )
    found = session.execute(silent.order_by(Image.sha256)).all()
    if not found:
        return ()
    labelled = NearDuplicates(distance)
    wanted = {opinion.image_id for opinion in opinions}
    for row in session.execute(select(Image.id, Image.pdq, Image.pdq_quality)):
        if row.id in wanted and row.pdq_quality > WORTHLESS_QUALITY:
            labelled.add(row.pdq)
    return tuple(
        row.sha256 for row in found if row.pdq_quality <= WORTHLESS_QUALITY or not labelled.query(row.pdq).size
    )


def _given_splits(session: Session) -> dict[int, str]:
    query = (
        select(Sighting.image_id, Sighting.split).where(Sighting.split.is_not(None)).order_by(Sighting.id.desc())
    )
    # The oldest declaration wins: a frozen test set does not change because somebody imports it again.
    return {image_id: split for image_id, split in session.execute(query) if split}


def _to_csv(examples: tuple[Example, ...], unlabelled: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((e.sha256, e.label, e.split, e.group) for e in examples)
    writer.writerows((digest, "", "", "") for digest in unlabelled)
    return text.getvalue().encode()


def _refuse_hopeless(snapshot: Snapshot, concept: Concept) -> None:
    counts = snapshot.counts()
    for split in (TRAIN, VAL, TEST):
        for name in concept.classes:
            if counts.get(split, {}).get(name, 0) < 2:
                raise InputError(
                    f"snapshot: the split '{split}' has fewer than 2 pictures of '{name}'; "
                    "import more pictures, or give splits in a manifest.csv"
                )
    # Else a training would run to its end before folds found nothing to judge suspicious labels by.
    for side in (True, False):
        chosen = [example for example in snapshot.of(TRAIN) if (example.label == concept.positive) == side]
        if len({example.group for example in chosen}) < 2:
            raise InputError(
                f"snapshot: the split '{TRAIN}' shows one subject alone in all {len(chosen)} pictures that are "
                f"{'' if side else 'not '}'{concept.positive}' (near-duplicates, or one group of a manifest.csv); "
                "import pictures of other subjects"
            )
