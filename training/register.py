"""Tell the store of a finished bundle, and of what its model says of pictures it was not fitted on."""

from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from inference.bundle import Bundle
from store.database import Store
from store.models import newest_model, touch
from store.tables import Image, Model, Prediction
from training.evaluation.judge import HeldOut
from training.tracking.runs import find_runs, read_runs


def chosen_bundle(store: Store, concept: str, given: Path | None) -> Path:
    """Return the folder of the bundle that a command was given: a folder, or the name of a run or its beginning.

    None is the concept's newest. InputError when there is none, or no such run, or one that is not finished.
    """
    if given is None:
        with store.session() as session:
            return Path(newest_model(session, concept).path)
    # What is written as a path is one, there or not.
    if given.exists() or len(given.parts) > 1:
        return given
    [run] = find_runs(read_runs(store.home), [str(given)])
    return run.finished_bundle()


def register(session: Session, bundle: Bundle, judged: HeldOut) -> int:
    """Add the model's row with its predictions and return its id; it is the concept's newest model then.

    Registering a bundle again replaces both.
    """
    model = session.scalar(select(Model).where(Model.bundle_id == bundle.id))
    if model is None:
        model = Model(bundle_id=bundle.id, concept=bundle.concept, snapshot_id=bundle.snapshot_id)
        session.add(model)
    model.path = str(bundle.path)
    model.backbone = bundle.backbone.name
    model.metrics = {split: dict(numbers) for split, numbers in bundle.metrics.items()}
    session.flush()
    touch(session, bundle.id)
    session.execute(delete(Prediction).where(Prediction.model_id == model.id))
    ids = {row.sha256: row.id for row in session.execute(select(Image.sha256, Image.id))}
    rows = [
        {"model_id": model.id, "image_id": ids[digest], "probability": float(p), "out_of_fold": bool(folded)}
        for digest, p, folded in zip(judged.digests, judged.probabilities, judged.out_of_fold, strict=True)
        # A picture may have been purged while the training ran.
        if digest in ids
    ]
    if rows:
        session.execute(insert(Prediction), rows)
    return model.id
