"""A training that starts from an earlier model instead of ImageNet weights."""

import json
from pathlib import Path

from tests.trained import Road, unexamined


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


def test_a_bundle_that_does_not_fit_is_refused_though_other_weights_are_there(trip: Road, tmp_path: Path):
    told = trip.flinch(
        *("train", "--concept", unexamined(tmp_path), "--extension", trip.extension),
        *("--warm-start", tmp_path / "nowhere"),
    )

    assert told.returncode == 6
    assert "nowhere: no bundle (it holds no bundle.json)" in told.stderr
