"""A training that is killed goes on, and ends where an uninterrupted one does."""

import json
from pathlib import Path

from tests.trained import TINY, Road, flinch, kill_when, states_of, unexamined, untrained
from training.tracking.runs import read_run


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


def test_a_damaged_run_that_is_made_again_is_not_finished_before_it_is(trip: Road):
    run = trip.outcome["id"]
    report = trip.home / "runs" / run / "report.html"
    whole = read_run(trip.as_home(), run).state
    [shard, *_] = (trip.home / "bundles" / run).glob("group1-shard*.bin")
    # Of the right length: only its hash tells.
    shard.write_bytes(bytes(shard.stat().st_size))
    arguments = ["train", "--concept", str(TINY), "--extension", str(trip.extension)]
    kill_when(trip.home, arguments, lambda: not report.exists())

    assert (whole, read_run(trip.as_home(), run).state) == ("finished", "unfinished")
