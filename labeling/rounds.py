"""Rounds of second looks: made from a model's out-of-sample predictions, found and listed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from labeling.suspects import Judged, choose
from store.config import Concept
from store.errors import InputError
from store.models import find_newest_model, newest_model
from store.opinions import current_opinions
from store.tables import Bucket, Image, Label, Model, Origin, Prediction, Round, RoundItem, Sighting, utc_now


@dataclass(frozen=True)
class Item:
    """One picture of a round as a person needs it.

    ``label`` is the current label, ``answer`` what a person said of it in this round; source and title are as the
    network sent them.
    """

    sha256: str
    bucket: Bucket
    rank: int
    probability: float
    label: str | None
    answer: str | None
    source: str | None
    title: str | None
    url: str | None


def create_round(session: Session, concept: Concept, model_id: int) -> Round:
    """Return the model's round; made from its predictions and the current opinions if there is none yet.

    After a training that replaced the predictions (``--fresh``) a round that nobody has answered is filled anew;
    one with answers is kept as it is, and the model gets another.
    Raises InputError when the model is unknown or has no stored predictions.
    """
    # Writing first takes the lock on both databases: two calls at once make one round.
    session.execute(update(Model).where(Model.id == model_id).values(path=Model.path))
    model = session.get(Model, model_id)
    if model is None or model.concept != concept.concept:
        raise InputError(
            f"model {model_id}: the store has no such model of '{concept.concept}'; see: flinch status"
        )
    existing = _last_round(session, model_id)
    if existing is not None and not _outdated(session, existing):
        return existing
    suspects = choose(_judged(session, concept, model), concept.round.budget, _shares(concept))
    if existing is None or answers(session, existing):
        existing = Round(concept=concept.concept, model_id=model_id)
        session.add(existing)
    existing.budget, existing.created_at = concept.round.budget, utc_now()
    session.flush()
    session.execute(delete(RoundItem).where(RoundItem.round_id == existing.id))
    session.add_all(RoundItem(round_id=existing.id, **vars(suspect)) for suspect in suspects)
    session.flush()
    return existing


def newest_round(session: Session, concept: Concept) -> tuple[Round, bool]:
    """Return the newest model's round, and whether it had to be made; InputError when there is no model yet."""
    found = find_newest_round(session, concept.concept)
    if found is not None:
        return found, False
    return create_round(session, concept, newest_model(session, concept.concept).id), True


def find_newest_round(session: Session, concept: str) -> Round | None:
    """Return the newest model's round; None when it has none that goes by what the model says now."""
    model = find_newest_model(session, concept)
    found = None if model is None else _last_round(session, model.id)
    return None if found is None or _outdated(session, found) else found


def find_round(session: Session, concept: str, round_id: int) -> Round:
    """Return the round with this id; InputError when the concept has none."""
    found = session.scalar(select(Round).where(Round.concept == concept, Round.id == round_id))
    if found is None:
        raise InputError(f"'{concept}' has no round {round_id}; the newest one is shown by: flinch label list")
    return found


def items(session: Session, asked: Round) -> list[Item]:
    """Return the round's pictures, most suspicious first."""
    opinions = {opinion.image_id: opinion.value for opinion in current_opinions(session, asked.concept)}
    answered = answers(session, asked)
    return [
        Item(
            row.sha256,
            Bucket(row.bucket),
            row.rank,
            row.probability,
            opinions.get(row.image_id),
            answered.get(row.image_id),
            row.source,
            row.title,
            row.url,
        )
        for row in session.execute(_pictures(asked))
    ]


def answers(session: Session, asked: Round) -> dict[int, str]:
    """Return the last answer in this round by image id, for every picture that has one."""
    said = select(Label.image_id, Label.value).where(Label.round_id == asked.id)
    return dict(session.execute(said.order_by(Label.created_at, Label.id)).all())


def _last_round(session: Session, model_id: int) -> Round | None:
    return session.scalar(select(Round).where(Round.model_id == model_id).order_by(Round.id.desc()).limit(1))


def _outdated(session: Session, asked: Round) -> bool:
    """Say whether the model was trained anew since and now says other numbers than the round went by."""
    now = (Prediction.model_id == asked.model_id) & (Prediction.image_id == RoundItem.image_id)
    differing = (
        select(RoundItem.id)
        .join(Prediction, now)
        .where(RoundItem.round_id == asked.id, RoundItem.probability != Prediction.probability)
    )
    return session.scalar(differing.limit(1)) is not None


def _judged(session: Session, concept: Concept, model: Model) -> list[Judged]:
    predicted = select(Prediction.image_id, Prediction.probability).where(Prediction.model_id == model.id)
    probabilities = dict(session.execute(predicted).all())
    if not probabilities:
        raise InputError(f"model {model.bundle_id}: no predictions are stored; run flinch train again")
    answered = (
        select(Label.image_id, func.count())
        .where(Label.concept == concept.concept, Label.origin == Origin.HUMAN.value)
        .group_by(Label.image_id)
    )
    times = dict(session.execute(answered).all())
    return [
        Judged(
            opinion.image_id,
            opinion.value == concept.positive,
            probabilities[opinion.image_id],
            times.get(opinion.image_id, 0),
        )
        for opinion in current_opinions(session, concept.concept)
        if opinion.image_id in probabilities
    ]


def _shares(concept: Concept) -> dict[Bucket, float]:
    return {bucket: getattr(concept.round.shares, bucket.value) for bucket in Bucket}


def _pictures(asked: Round) -> Select[*tuple[Any, ...]]:
    """Select every item with the first place where its picture was seen."""
    first = select(Sighting.image_id, func.min(Sighting.id).label("id")).group_by(Sighting.image_id).subquery()
    return (
        select(
            RoundItem.image_id,
            Image.sha256,
            RoundItem.bucket,
            RoundItem.rank,
            RoundItem.probability,
            Sighting.source,
            Sighting.title,
            Sighting.url,
        )
        .join(Image, Image.id == RoundItem.image_id)
        .outerjoin(first, first.c.image_id == RoundItem.image_id)
        .outerjoin(Sighting, Sighting.id == first.c.id)
        .where(RoundItem.round_id == asked.id)
        .order_by(RoundItem.rank)
    )
