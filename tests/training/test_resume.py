"""A training that is killed goes on, and ends where an uninterrupted one does."""

import json
from pathlib import Path

from tests.trained import TINY, Road, flinch, kill_when, states_of, unexamined, untrained


def test_a_training_killed_between_two_epochs_ends_in_the_same_model(road: Road, tmp_path: Path):
    home = tmp_path / "home"
    untrained(road, home)
    arguments = ["train", "--concept", str(unexamined(tmp_path)), "--extension", str(tmp_path), "--json"]

    kill_when(home, arguments, lambda: [path for path in states_of(home) if '"epoch": 1' in path.read_text()])
    left_behind = list((home / "bundles").iterdir())
    store_opens = flinch(home, "status", "--concept", TINY).returncode == 0
    resumed = flinch(home, "-v", *arguments)

    assert left_behind == []
    assert store_opens
    assert "resuming after epoch 1" in resumed.stderr
    ended = json.loads(resumed.stdout)
    assert ended["snapshot_id"] == road.outcome["snapshot_id"]
    assert ended["metrics"] == road.outcome["metrics"]
    assert ended["threshold"] == road.outcome["threshold"]


def test_another_contract_needs_no_new_fit(trip: Road, tmp_path: Path):
    config = tmp_path / "stricter.toml"
    config.write_text(unexamined(tmp_path).read_text().replace("precision >= 0.8", "fpr <= 0.2"))

    told = trip.flinch("-v", "train", "--concept", config, "--extension", trip.extension, "--json")

    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["threshold"]["contract"] == "fpr <= 0.2"
    assert "resuming after epoch 2" in told.stderr
    assert "val_average_precision" not in told.stderr.split("resuming")[1]
