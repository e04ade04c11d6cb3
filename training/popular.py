"""The test set of popular pictures: what people voted to the top, frozen on a day and never trained on.

Normal pictures come from the top 100 of all time and the top 50 of a day, of a week and of a month; positive ones
from the top 25 of all time and of a week. The lists overlap and hold reposts: exact copies and near-duplicates
count once. The set is kept in ``snapshots/popular-CONCEPT.json``; every snapshot from then on gives its pictures to
the split "popular" and leaves their near-duplicates out.

A crawler makes it possible by filling, for each sighting, ``listing`` with the lists that the post stood in, apart
by blanks ("new top:all top:week"), ``score`` with its votes, and ``seen_at``. Reddit tells no rank, so the votes
rank; of an album the first picture counts.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.blobs import write_atomically
from store.config import Concept
from store.errors import InputError
from store.near_duplicates import near_duplicate_groups
from store.opinions import current_opinions
from store.tables import Image, Sighting


@dataclass(frozen=True)
class Chart:
    """The ``count`` posts with the most votes of one listing, seen within ``days``; 0 days: whenever."""

    listing: str
    count: int
    days: int


NORMAL = (Chart("top:all", 100, 0), Chart("top:day", 50, 1), Chart("top:week", 50, 7), Chart("top:month", 50, 31))
POSITIVE = (Chart("top:all", 25, 0), Chart("top:week", 25, 7))


@dataclass(frozen=True)
class PopularPicture:
    """One picture of the set, and the first chart that it stood in."""

    sha256: str
    label: str
    listing: str
    rank: int  # 1 is the top
    source: str
    post: str
    score: int


@dataclass(frozen=True)
class Popular:
    """The frozen set; ``duplicates`` counts the entries of the charts that were the same picture again."""

    concept: str
    frozen_at: str  # UTC, ISO 8601
    pictures: tuple[PopularPicture, ...]
    duplicates: int

    def counts(self) -> dict[str, int]:
        """Return how many pictures there are of every class."""
        labels = [picture.label for picture in self.pictures]
        return {label: labels.count(label) for label in sorted(set(labels))}


@dataclass(frozen=True)
class _Seen:
    picture: PopularPicture
    listings: frozenset[str]
    position: int
    seen_at: datetime
    pdq: bytes
    pdq_quality: int


def popular_file(folder: Path, concept: str) -> Path:
    """Return where the set of a concept is kept, in the home's folder of snapshots."""
    return folder / f"popular-{concept}.json"


def read_popular(folder: Path, concept: str) -> Popular | None:
    """Return the frozen set, or None where there is none yet; InputError when the file cannot be read."""
    path = popular_file(folder, concept)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        pictures = tuple(PopularPicture(**picture) for picture in found["pictures"])
        return Popular(str(found["concept"]), str(found["frozen_at"]), pictures, int(found["duplicates"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{path}: is no frozen set of popular pictures ({error}); restore it, or delete it to freeze a new one"
        ) from error


def freeze_popular(session: Session, concept: Concept, folder: Path, now: datetime | None = None) -> Popular:
    """Return the frozen set of ``concept``, freezing it now if there is none; a frozen one is never changed.

    Raises InputError when no crawl has filled the charts of some class.
    """
    frozen = read_popular(folder, concept.concept)
    if frozen:
        return frozen
    moment = now or datetime.now(UTC)
    seen = _seen(session, concept)
    entries = [
        entry
        # Positives first: of near-duplicates in both classes the rarer one stays.
        for charts, wanted in ((POSITIVE, True), (NORMAL, False))
        for chart in charts
        for entry in _ranked(
            [one for one in seen if (one.picture.label == concept.positive) is wanted], chart, moment
        )
    ]
    kept = _distinct(entries, concept.snapshot.near_duplicate_distance)
    popular = Popular(
        concept.concept,
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        tuple(entry.picture for entry in kept),
        len(entries) - len(kept),
    )
    lacking = [name for name in concept.classes if name not in popular.counts()]
    if lacking:
        raise InputError(
            f"no popular picture of '{lacking[0]}' to freeze: no labelled sighting stands in a listing such as "
            f"'{NORMAL[0].listing}' with its votes; crawl a source that has such listings first"
        )
    write_atomically(popular_file(folder, concept.concept), f"{json.dumps(asdict(popular), indent=1)}\n".encode())
    return popular


def _seen(session: Session, concept: Concept) -> list[_Seen]:
    """Return every labelled sighting that stands in a listing and has votes."""
    labels = {opinion.image_id: opinion.value for opinion in current_opinions(session, concept.concept)}
    query = (
        select(Sighting, Image.sha256, Image.pdq, Image.pdq_quality)
        .join(Image, Image.id == Sighting.image_id)
        .where(Sighting.listing.is_not(None), Sighting.score.is_not(None))
    )
    return [
        _Seen(
            PopularPicture(sha256, labels[row.image_id], "", 0, row.source, row.post, row.score or 0),
            frozenset((row.listing or "").split()),
            row.position,
            row.seen_at,
            pdq,
            quality,
        )
        for row, sha256, pdq, quality in session.execute(query)
        if labels.get(row.image_id) in concept.classes
    ]


def _ranked(seen: Iterable[_Seen], chart: Chart, now: datetime) -> list[_Seen]:
    """Return the chart's entries, the top first, each with its listing and rank."""
    firsts: dict[tuple[str, str], _Seen] = {}
    for one in sorted(seen, key=lambda one: one.position):
        recent = not chart.days or one.seen_at >= now - timedelta(days=chart.days)
        if chart.listing in one.listings and recent:
            firsts.setdefault((one.picture.source, one.picture.post), one)
    best = sorted(firsts.values(), key=lambda one: (-one.picture.score, one.picture.source, one.picture.post))
    return [
        replace(one, picture=replace(one.picture, listing=chart.listing, rank=rank))
        for rank, one in enumerate(best[: chart.count], 1)
    ]


def _distinct(entries: Sequence[_Seen], distance: int) -> list[_Seen]:
    """Return the first entry of every group of near-duplicates, and of every picture."""
    groups = near_duplicate_groups([one.pdq for one in entries], [one.pdq_quality for one in entries], distance)
    kept: list[_Seen] = []
    digests: set[str] = set()
    roots: set[int] = set()
    for entry, root in zip(entries, groups.tolist(), strict=True):
        # Flat pictures are in no group, even with their own copies.
        if entry.picture.sha256 not in digests and root not in roots:
            kept.append(entry)
        digests.add(entry.picture.sha256)
        roots.add(root)
    return kept
