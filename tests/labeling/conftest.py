"""A model that has judged pictures: the rows that a training leaves behind."""

from collections.abc import Callable
from hashlib import sha256
from itertools import count

import pytest

from store.config import Concept, load_config
from store.database import Store
from store.tables import Image, Label, Model, Origin, Prediction, Sighting


@pytest.fixture
def concept() -> Concept:
    return load_config("trypophobia")


@pytest.fixture
def add_picture(store: Store) -> Callable[..., int]:
    """Return ``add_picture(label, sha=None, title=None) -> image_id``; the label is a source's weak one."""
    numbers = count()

    def add(label: str | None, sha: str | None = None, title: str | None = "a picture") -> int:
        number = next(numbers)
        with store.session() as session:
            image = Image(
                sha256=sha or sha256(str(number).encode()).hexdigest(),
                pdq=bytes(32),
                pdq_quality=100,
                size=1000,
                format="JPEG",
                width=64,
                height=64,
            )
            session.add(image)
            session.flush()
            session.add(Sighting(image_id=image.id, source="r/pics", post=f"t3_{number}", title=title))
            if label is not None:
                weak = {"origin": Origin.WEAK.value, "by": "r/pics"}
                session.add(Label(image_id=image.id, concept="trypophobia", value=label, **weak))
            return image.id

    return add


@pytest.fixture
def add_model(store: Store) -> Callable[..., int]:
    """Return ``add_model({image_id: probability}) -> model_id``."""
    numbers = count(1)

    def add(predictions: dict[int, float]) -> int:
        number = next(numbers)
        with store.session() as session:
            model = Model(
                concept="trypophobia",
                bundle_id=f"trypophobia-{number:08}",
                path="bundles/x",
                snapshot_id="0" * 64,
                backbone="mobilenet_v1",
                metrics={},
            )
            session.add(model)
            session.flush()
            for image_id, probability in predictions.items():
                row = {"image_id": image_id, "probability": probability}
                session.add(Prediction(model_id=model.id, out_of_fold=True, **row))
            return model.id

    return add
