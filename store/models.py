"""The newest model of a concept: the one that a training ended in last.

A training that finds its run finished ends in an old model, which thereby is the newest again: it is the one that
the extension has just been given.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.errors import InputError
from store.tables import Model, utc_now


def find_newest_model(session: Session, concept: str, backbone: str | None = None) -> Model | None:
    """Return the model of the concept (of ``backbone``, if given) trained or chosen last, or None."""
    query = select(Model).where(Model.concept == concept)
    if backbone is not None:
        query = query.where(Model.backbone == backbone)
    return session.scalar(query.order_by(Model.created_at.desc(), Model.id.desc()).limit(1))


def newest_model(session: Session, concept: str) -> Model:
    """Return the model of the concept that was trained or chosen last; InputError when there is none yet."""
    model = find_newest_model(session, concept)
    if model is None:
        raise InputError(f"no model of '{concept}' has been trained yet; train one with: flinch train")
    return model


def touch(session: Session, bundle_id: str) -> None:
    """Make the model of this bundle the newest of its concept."""
    session.execute(update(Model).where(Model.bundle_id == bundle_id).values(created_at=utc_now()))
