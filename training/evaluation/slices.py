"""Where a model is weak: the pictures of a split in named parts, each measured on its own.

A part says how many pictures it has, and gives no share of fewer than five of what the share counts. Intervals are
bootstrap over groups; many parts are looked at, so one in twenty intervals misses by chance alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.opinions import current_opinions
from store.tables import Image, Sighting
from training.evaluation.curves import Flags, Floats, checked
from training.evaluation.intervals import Groups
from training.evaluation.resampling import Resampler
from training.evaluation.results import SliceResult

# Upper bounds of the shorter side in pixels: icons and thumbnails, small web pictures, the usual ones, photographs.
SIZES = ((128, "below 128 px"), (256, "128 to 255 px"), (512, "256 to 511 px"))
LARGEST = "512 px and more"
# As the crawler names what it took from Reddit.
_SUBREDDIT = re.compile(r"(?:reddit:|r/)([A-Za-z0-9_]{2,21})")
RESAMPLES = 500


@dataclass(frozen=True)
class Facts:
    """What the store knows of one picture beside its class."""

    width: int
    height: int
    source: str
    kind: str | None = None
    hard_negative: bool | None = None
    disagreement: bool | None = None  # of those who labelled it; None without a label


def facts_of(session: Session, concept: str, digests: Sequence[str]) -> dict[str, Facts]:
    """Return the facts of the pictures by sha256; a picture that was purged meanwhile is not among them.

    Of several sightings the first names the source; kind and hard negative are what the first says that knows.
    """
    wanted = set(digests)
    disagreements = {opinion.sha256: opinion.disagreement for opinion in current_opinions(session, concept)}
    query = (
        select(Image.sha256, Image.width, Image.height, Sighting.source, Sighting.kind, Sighting.hard_negative)
        .join(Sighting, Sighting.image_id == Image.id)
        .order_by(Sighting.id)
    )
    facts: dict[str, Facts] = {}
    for row in session.execute(query):
        if row.sha256 not in wanted:
            continue
        before = facts.get(row.sha256)
        facts[row.sha256] = Facts(
            row.width,
            row.height,
            before.source if before else row.source,
            (before.kind if before else None) or row.kind,
            before.hard_negative if before and before.hard_negative is not None else row.hard_negative,
            disagreements.get(row.sha256),
        )
    return facts


def parts_of(facts: Sequence[Facts | None], positives: Flags) -> Iterator[tuple[str, str, Flags]]:
    """Yield (kind of slice, its name, bool[n]) in order of name; a kind with one part for all is no slice."""
    known = np.array([fact is not None for fact in facts])
    named: Mapping[str, list[str | None]] = {
        "source": [fact.source if fact else None for fact in facts],
        "subreddit": [_subreddit(fact) for fact in facts],
        "kind": [fact.kind if fact else None for fact in facts],
        "size": [_size(fact) if fact else None for fact in facts],
        "agreement": [_agreement(fact) for fact in facts],
    }
    for kind, names in named.items():
        found = sorted({name for name in names if name is not None}, key=_order)
        if len(found) > 1 or (found and kind in ("subreddit", "kind")):
            for name in found:
                yield kind, name, np.array([other == name for other in names])
    # With every positive beside them: hard or easy is said of normal pictures alone.
    for name, value in (("hard negatives", True), ("other normal pictures", False)):
        part = np.array([fact is not None and fact.hard_negative is value for fact in facts]) & ~positives
        if part.any() and any(fact is not None and fact.hard_negative for fact in facts):
            yield "hard negative", name, (part | positives) & known


def measure_slices(
    facts: Sequence[Facts | None],
    positives: Flags,
    probabilities: Floats,
    groups: Groups | None,
    threshold: float,
    seed: int = 0,
) -> tuple[SliceResult, ...]:
    """Return every slice of n pictures with its numbers at ``threshold``; ``facts`` has one for each, or None."""
    truth, scores = checked(positives, probabilities)
    names = np.arange(len(truth)) if groups is None else np.asarray(groups)
    return tuple(
        slice_result(kind, name, truth[part], scores[part], names[part], threshold, seed)
        for kind, name, part in parts_of(facts, truth)
    )


def slice_result(
    kind: str,
    name: str,
    truth: Flags,
    scores: NDArray[np.float64],
    groups: NDArray[np.generic],
    threshold: float,
    seed: int = 0,
) -> SliceResult:
    """Return the numbers of one slice."""
    covered = scores >= threshold
    resampler = Resampler(groups, len(truth), RESAMPLES, seed)
    return SliceResult(
        kind=kind,
        name=name,
        n=len(truth),
        positives=int(truth.sum()),
        precision=resampler.share(truth & covered, covered),
        recall=resampler.share(truth & covered, truth),
        fpr=resampler.share(~truth & covered, ~truth),
        auc=resampler.auc(truth, scores),
    )


def _subreddit(fact: Facts | None) -> str | None:
    match = _SUBREDDIT.fullmatch(fact.source) if fact else None
    return match[1] if match else None


def _size(fact: Facts) -> str:
    shorter = min(fact.width, fact.height)
    return next((name for bound, name in SIZES if shorter < bound), LARGEST)


def _agreement(fact: Facts | None) -> str | None:
    if fact is None or fact.disagreement is None:
        return None
    return "labels disagree" if fact.disagreement else "labels agree"


def _order(name: str) -> tuple[int, str]:
    sizes = [*(size for _, size in SIZES), LARGEST]
    return (sizes.index(name), name) if name in sizes else (0, name)
