"""Counts of what the store holds, for people and for scripts."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.opinions import current_opinions
from store.tables import Feedback, Image, Label, Model, Origin, Sighting


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
