"""``flinch evaluate`` without a folder: a split of the newest snapshot, from every side that was asked for."""

import json
import os
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from store.errors import InputError
from tests.trained import TINY, Road
from training.snapshot import COLUMNS, Example, Snapshot, newest_snapshot, read_snapshot


@pytest.fixture
def manifest(tmp_path):
    """Return a function that writes a snapshot's file as ``freeze`` would and returns its path."""

    def write(*examples: Example) -> Path:
        lines = [",".join(COLUMNS), *(f"{e.sha256},{e.label},{e.split},{e.group}" for e in examples)]
        data = ("\n".join(lines) + "\n").encode()
        path = tmp_path / f"{sha256(data).hexdigest()}.csv"
        path.write_bytes(data)
        return path

    return write


def test_a_split_is_measured_as_the_training_did_and_from_every_side(road: Road):
    told = road.flinch("evaluate", "--concept", TINY, "--slices", "--stress", "--adversarial", "--json")

    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    (split,) = found["splits"]
    trained = road.outcome["metrics"]["test"]
    assert (split["name"], split["metrics"]["n"]) == ("test", trained["n"])
    assert split["metrics"]["auc"] == pytest.approx(trained["auc"], abs=0.01)
    assert found["threshold"] == road.outcome["threshold"]
    assert [level["name"] for level in split["levels"]] == ["lenient", "balanced", "strict"]
    assert {result["name"] for result in found["stress"]} >= {"monochrome", "low_light", "jpeg_20", "pasted_patch"}
    assert "skin-coloured" in {part["kind"] for part in split["slices"]}
    assert [strike["attack"] for strike in found["adversarial"]["strikes"]][:2] == ["none", "noise"]
    assert found["adversarial"]["positives"] + found["adversarial"]["normals"] == 4
    assert found["bundle"] == road.outcome["id"]


@pytest.mark.parametrize(
    ("arguments", "words", "rc"),
    [
        (("--split", "tset"), "has no split 'tset' (did you mean 'test'?); it has train, val, test", 4),
        (("--split", "train"), "was trained on every picture of the split 'train'", 4),
        ((".", "--stress"), "leave FOLDER out", 2),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_one_line(road: Road, arguments, words, rc):
    told = road.flinch("evaluate", "--concept", TINY, *arguments)

    assert told.returncode == rc
    assert words in told.stderr
    assert told.stdout == ""


def test_pictures_that_the_bundle_was_trained_on_are_left_out_and_said_to_be(trip: Road):
    folder = trip.home / "snapshots"
    trained = read_snapshot(folder / f"{trip.outcome['snapshot_id']}.csv")
    moved = {example.sha256 for example in trained.of("train")[:7]}
    later = [replace(e, split="test") if e.sha256 in moved else e for e in trained.examples]
    lines = [",".join(COLUMNS), *(f"{e.sha256},{e.label},{e.split},{e.group}" for e in later)]
    data = ("\n".join(lines) + "\n").encode()
    (folder / f"{sha256(data).hexdigest()}.csv").write_bytes(data)

    told = trip.flinch("evaluate", "--concept", TINY).stdout

    assert f"bundle     {trip.outcome['id']}" in told
    assert f"snapshot   {sha256(data).hexdigest()[:12]}" in told
    assert "7 pictures are left out: the bundle was trained on them or on near-duplicates" in told
    assert "split      test: held out; never trained or tuned on" in told
    assert f"pictures               {trip.outcome['metrics']['test']['n']}\n" in told
    assert "strictness  threshold" in told
    assert "stress" not in told


def test_the_newest_snapshot_is_the_last_frozen_of_the_same_classes(manifest):
    older = manifest(Example("a", "normal", "test", "a"))
    newer = manifest(Example("b", "trypophobia", "test", "b"))
    other = manifest(Example("c", "nsfw", "test", "c"))
    for moment, path in enumerate((older, newer, other)):
        os.utime(path, (moment, moment))

    assert newest_snapshot(newer.parent, ("normal", "trypophobia")).id == newer.stem
    with pytest.raises(InputError, match="no snapshot with the classes cats, dogs; `flinch snapshot` makes one"):
        newest_snapshot(newer.parent, ("cats", "dogs"))


def test_a_snapshot_that_was_edited_is_not_believed(manifest):
    path = manifest(Example("a", "normal", "test", "a"))
    copy = path.with_name(f"{'0' * 64}.csv")
    shutil.copy(path, copy)

    assert read_snapshot(path) == Snapshot(path.stem, path, (Example("a", "normal", "test", "a"),), {})
    with pytest.raises(InputError, match="is not what was frozen under this name"):
        read_snapshot(copy)
