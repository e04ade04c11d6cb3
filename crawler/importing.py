"""``flinch import``: candidates -> read, checked, hashed -> filed with where they lay and what they are said to be.

Two hundred pictures are one transaction: a killed import loses at most those, and the next run goes on.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from crawler.candidates import UNLABELLED, Candidate, Listing
from crawler.duplicates import Neighbours
from crawler.examining import Examined, examine, holds
from crawler.workers import in_chunks, in_parallel
from store.database import Store
from store.errors import InputError
from store.filing import Filed, Filing, LabelFacts, SightingFacts, file_pictures
from store.pictures import Picture
from store.progress import track
from store.tables import Image, Label, Origin, Sighting

log = logging.getLogger(__name__)

BATCH = 200


@dataclass(frozen=True)
class Known:
    """What the store holds of a place: the bytes, and everything that was declared about them."""

    sha256: str
    label: str
    split: str | None
    group: str | None
    licence: str | None
    kind: str | None
    hard_negative: bool | None

    def says(self, candidate: Candidate) -> bool:
        """Whether the same was declared as now."""
        return all(getattr(candidate, name) == said for name, said in vars(self).items() if name != "sha256")


@dataclass(frozen=True)
class Conflict:
    """A picture whose bytes or near-duplicate the store holds under another class."""

    place: str
    label: str
    other_sha256: str
    other_label: str
    distance: int


@dataclass
class Tally:
    """What an import did; ``near_duplicates`` are among the ``kept``; ``moved`` places showed other pictures."""

    kept: int = 0
    already_there: int = 0
    exact_duplicates: int = 0
    near_duplicates: int = 0
    relabelled: int = 0
    moved: int = 0
    by_label: Counter[str] = field(default_factory=Counter)
    unusable: Counter[str] = field(default_factory=Counter)
    unusable_places: list[tuple[str, str, str]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def used(self) -> int:
        """How many files were usable, whether they were new or not."""
        return self.kept + self.already_there + self.exact_duplicates + self.relabelled

    def refuse(self, place: str, reason: str, detail: str) -> None:
        """Count a file that cannot be used."""
        self.unusable[reason] += 1
        self.unusable_places.append((place, reason, detail))


def import_listing(store: Store, concept: str, listing: Listing, distance: int) -> Tally:
    """File everything a folder offers and return what happened; doing it again changes nothing.

    ``distance``: up to how many of 256 bits two pictures are near-duplicates, 0..31.
    Raises InputError when nothing of it could be used, StoreError when the store cannot take it (what was committed
    before stays).
    """
    tally = Tally()
    for refused in listing.refused:
        tally.refuse(refused.place, refused.reason, "")
    news = list(_news(store, concept, listing.candidates, tally))
    neighbours = Neighbours(store, concept, distance)
    examined = in_parallel(partial(examine, store.blobs), news)
    for batch in in_chunks(track(examined, "Importing", len(news)), BATCH):
        _file_batch(store, neighbours, list(_usable(batch, concept, tally)), tally)
        log.info(
            "batch filed kept=%d duplicates=%d unusable=%d",
            tally.kept,
            tally.exact_duplicates,
            tally.unusable.total(),
        )
    if not tally.used:
        raise InputError(f"{listing.root}: {_nothing(tally)}")
    return tally


def _news(store: Store, concept: str, candidates: Sequence[Candidate], tally: Tally) -> Iterator[Candidate]:
    """Yield what is not in the store exactly as it is declared now; the rest is only read, and counted."""
    known = known_places(store, concept, {candidate.source for candidate in candidates})
    for candidate in track(candidates, "Reading", len(candidates)) if known else candidates:
        before = known.get((candidate.source, candidate.place))
        if before is not None and before.says(candidate) and holds(store.blobs, candidate, before.sha256):
            tally.already_there += 1
        else:
            yield candidate


def _usable(batch: Iterable[Examined], concept: str, tally: Tally) -> Iterator[Filing]:
    for examined in batch:
        candidate = examined.candidate
        if examined.picture is None:
            tally.refuse(candidate.place, examined.reason, examined.detail)
            continue
        try:
            yield _filing(concept, candidate, examined.picture)
        except InputError as error:
            tally.refuse(candidate.place, "too_long", str(error))


def _file_batch(store: Store, neighbours: Neighbours, filings: list[Filing], tally: Tally) -> None:
    if not filings:
        return
    neighbours.read()
    with store.session() as session:
        filed = file_pictures(session, filings)
    # Counted when it is committed: what a full disk took back was not kept.
    for filing, outcome in zip(filings, filed, strict=True):
        _count(filing, outcome, neighbours, tally)


def _filing(concept: str, candidate: Candidate, picture: Picture) -> Filing:
    sighting = SightingFacts(
        source=candidate.source,
        post=candidate.place,
        split=candidate.split,
        group=candidate.group,
        licence=candidate.licence,
        kind=candidate.kind,
        hard_negative=candidate.hard_negative,
    )
    if candidate.label == UNLABELLED:
        return Filing(picture, sighting)
    label = LabelFacts(concept, candidate.label, Origin.WEAK, by=candidate.source, reason=_reason(candidate.place))
    return Filing(picture, sighting, label)


def _reason(place: str) -> str:
    """The label's reason names the file, so that an edited manifest is told from a second file."""
    return f"imported as {place}"


def _count(filing: Filing, filed: Filed, neighbours: Neighbours, tally: Tally) -> None:
    place, label = filing.sighting.post, filing.label.value if filing.label else UNLABELLED
    tally.moved += filed.moved
    if filed.new_image:
        tally.kept += 1
        tally.by_label[label] += 1
    elif filed.new_sighting:
        tally.exact_duplicates += 1
    elif filed.new_label:
        tally.relabelled += 1
    else:
        tally.already_there += 1
    if filed.new_sighting or filed.new_label:
        met = neighbours.meet(filed.image_id, filing.picture, label, new=filed.new_image)
        tally.near_duplicates += filed.new_image and met.near_duplicate
        # A place whose declaration was changed was corrected by a person: no conflict.
        if met.conflict is not None and filed.new_sighting:
            other = met.conflict
            tally.conflicts.append(Conflict(place, label, other.sha256, other.label, other.distance))


def known_places(store: Store, concept: str, sources: set[str]) -> dict[tuple[str, str], Known]:
    """Return what the store holds of these sources, by (source, place)."""
    known: dict[tuple[str, str], Known] = {}
    with store.session() as session:
        # A manifest may name a source of its own in every row; databases take some thousand values at a time.
        for some in in_chunks(sorted(sources), 1000):
            known.update(_known_of(session, concept, some))
    return known


def _known_of(session: Session, concept: str, sources: list[str]) -> Iterator[tuple[tuple[str, str], Known]]:
    words = (
        select(Label.by, Label.reason, Label.image_id, Label.value)
        .where(Label.concept == concept, Label.by.in_(sources))
        .order_by(Label.created_at, Label.id)
    )
    said = {(by, reason, image_id): value for by, reason, image_id, value in session.execute(words)}
    places = (
        select(Sighting, Image.sha256)
        .join(Image, Image.id == Sighting.image_id)
        .where(Sighting.source.in_(sources), Sighting.position == 0)
    )
    for row, digest in session.execute(places):
        label = said.get((row.source, _reason(row.post), row.image_id), UNLABELLED)
        declared = (row.split, row.group, row.licence, row.kind, row.hard_negative)
        yield (row.source, row.post), Known(digest, label, *declared)


def _nothing(tally: Tally) -> str:
    if not tally.unusable_places:
        return "nothing is left to import; every folder is left out by --map"
    reasons = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in tally.unusable.most_common())
    place, _, detail = tally.unusable_places[0]
    return f"no usable picture in it ({reasons}); the first is {place}{': ' if detail else ''}{detail}"
