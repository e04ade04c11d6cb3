"""A training that starts from an earlier model instead of ImageNet weights."""

import json
from pathlib import Path

from sqlalchemy import select

from store.database import open_store
from store.tables import Model, Prediction
from tests.trained import Road, unexamined


def out_of_fold(road: Road) -> dict[str, dict[int, float]]:
    """What folds said of the training pictures, by bundle and picture."""
    query = select(Model.bundle_id, Prediction.image_id, Prediction.probability).join_from(Prediction, Model)
    found: dict[str, dict[int, float]] = {}
    with open_store(road.as_home()).session() as session:
        for bundle, image, probability in session.execute(query.where(Prediction.out_of_fold)):
            found.setdefault(bundle, {})[image] = probability
    return found


def test_a_training_goes_on_from_the_bundle_that_it_is_given(trip: Road, tmp_path: Path):
    earlier = Path(trip.outcome["bundle"])

    told = trip.flinch(
        *("train", "--concept", unexamined(tmp_path), "--epochs", "1", "--extension", trip.extension, "--json"),
        *("--warm-start", earlier),
    )

    assert told.returncode == 0, told.stderr
    assert f"weights from bundle: {earlier.name}" in told.stderr
    made = Path(json.loads(told.stdout)["bundle"])
    assert made != earlier
    assert json.loads((made / "bundle.json").read_text())["backbone"]["weights"] == earlier.name
    # The earlier network has learnt the labels, wrong ones too: folds judge by ImageNet's features, as before.
    judged = out_of_fold(trip)
    assert len(judged[earlier.name]) > 0
    assert judged[made.name] == judged[earlier.name]


def test_a_bundle_that_does_not_fit_is_refused_though_other_weights_are_there(trip: Road, tmp_path: Path):
    told = trip.flinch(
        *("train", "--concept", unexamined(tmp_path), "--extension", trip.extension),
        *("--warm-start", tmp_path / "nowhere"),
    )

    assert told.returncode == 6
    assert "nowhere: no bundle (it holds no bundle.json)" in told.stderr
