"""Counts of what the store holds, for people and for scripts."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.opinions import current_opinions
from store.tables import Feedback, Image, Label, Model, Origin, Sighting

# Of an import's sources (``folder:photos/bees``), the part that names the import.
IMPORT = re.compile(r"folder:[^/]*")


def summarise(session: Session, concept: str) -> dict[str, Any]:
    """Return counts: images, sightings by source, opinions by class, disagreements, reports, models."""
    opinions = current_opinions(session, concept)
    by_source = session.execute(select(Sighting.source, func.count()).group_by(Sighting.source)).all()
    quarantined = select(func.count(func.distinct(Label.image_id))).where(
        Label.concept == concept, Label.origin == Origin.REPORT.value
    )
    return {
        "images": session.scalar(select(func.count(Image.id))) or 0,
        "sightings": dict(sorted((s, c) for s, c in by_source)),
        "opinions": dict(sorted(Counter(opinion.value for opinion in opinions).items())),
        "disagreements": sum(opinion.disagreement for opinion in opinions),
        "feedback": session.scalar(select(func.count(Feedback.id)).where(Feedback.concept == concept)) or 0,
        "quarantined": session.scalar(quarantined) or 0,
        "models": session.scalar(select(func.count(Model.id)).where(Model.concept == concept)) or 0,
    }


def as_table(summary: Mapping[str, Any]) -> str:
    """Return the counts for people: a line each, and below a sum a line a class, source or whole import."""
    rows: list[tuple[str, int]] = []
    for name, counts in summary.items():
        if isinstance(counts, Mapping):
            parts = by_import(counts)
            rows += [(name, sum(parts.values())), *((f"  {part}", count) for part, count in parts.items())]
        else:
            rows.append((name, counts))
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}} {count:>9}" for name, count in rows)


def by_import(counts: Mapping[str, int]) -> dict[str, int]:
    """Sum the sources of one import, which a manifest may have named by the dozen."""
    summed: Counter[str] = Counter()
    for source, count in counts.items():
        found = IMPORT.match(source)
        summed[found[0] if found else source] += count
    return dict(summed)
