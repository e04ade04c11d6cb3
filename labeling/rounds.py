"""Rounds of second looks: made from a model's out-of-sample predictions, found and listed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from labeling.suspects import Judged, choose
from store.config import Concept
from store.errors import InputError
from store.opinions import current_opinions
from store.tables import Bucket, Image, Label, Model, Origin, Prediction, Round, RoundItem, Sighting


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

    Raises InputError when the model is unknown or has no stored predictions.
    """
    # Writing first takes the lock on both databases: two calls at once make one round.
    session.execute(update(Model).where(Model.id == model_id).values(path=Model.path))
    model = session.get(Model, model_id)
    if model is None or model.concept != concept.concept:
        raise InputError(
            f"model {model_id}: the store has no such model of '{concept.concept}'; see: flinch status"
        )
    existing = session.scalar(select(Round).where(Round.model_id == model_id).order_by(Round.id))
    if existing is not None:
        return existing
    suspects = choose(_judged(session, concept, model), concept.round.budget, _shares(concept))
    created = Round(concept=concept.concept, model_id=model_id, budget=concept.round.budget)
    session.add(created)
    session.flush()
    session.add_all(RoundItem(round_id=created.id, **vars(suspect)) for suspect in suspects)
    session.flush()
    return created


def newest_model(session: Session, concept: str) -> Model:
    """Return the model that was trained last; InputError when there is none."""
    model = session.scalar(select(Model).where(Model.concept == concept).order_by(Model.id.desc()).limit(1))
    if model is None:
        raise InputError(f"no model of '{concept}' has been trained yet; train one with: flinch train")
    return model


def find_round(session: Session, concept: str, round_id: int | None = None) -> Round:
    """Return the round with this id, or the newest one; InputError when there is none."""
    query = select(Round).where(Round.concept == concept).order_by(Round.id.desc()).limit(1)
    if round_id is not None:
        query = query.where(Round.id == round_id)
    found = session.scalar(query)
    if found is not None:
        return found
    if round_id is None:
        raise InputError(f"there is no round of '{concept}' yet; make one with: flinch label round")
    raise InputError(f"'{concept}' has no round {round_id}; the newest one is shown by: flinch label list")


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
