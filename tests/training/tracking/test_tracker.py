"""Every epoch is written once and at once, to files that other tools read; nothing is sent without the switch."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from store.errors import ConfigError, StoreError
from tests.trained import ROOT
from training.tracking.metrics_file import read_lines
from training.tracking.tracker import RunFacts, open_tracker

FACTS = RunFacts(
    run="eights-0123456789abcdef",
    concept="eights",
    contract="precision >= 0.97",
    weights="keras-applications",
    recipe={"backbone": "mobilenet_v1", "alpha": 0.25, "head": {"dropout": [0.3]}},
    snapshot={"id": "1a2b", "train": 60},
)


@pytest.fixture
def wandb():
    """The package, which reads the environment once: anew for each test."""
    package = pytest.importorskip("wandb")
    package.teardown()
    yield package
    package.teardown()


def scalars(folder: Path) -> list[tuple[str, int, float]]:
    """What TensorBoard would draw: (tag, step, value), read as TensorFlow reads it."""
    import tensorflow as tf

    found = []
    for file in sorted(folder.glob("*tfevents*")):
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            found += [(value.tag, event.step, round(value.simple_value, 6)) for value in event.summary.value]
    return found


def lines(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_an_epoch_is_on_disk_as_soon_as_it_is_told(tmp_path):
    tracker = open_tracker(tmp_path, FACTS)

    tracker.epoch("head", 1, {"loss": 0.5, "val_auc": 0.9})
    tracker.epoch("fine-tune", 1, {"loss": 0.25})

    first, second = lines(tmp_path)
    assert datetime.fromisoformat(first.pop("at")).utcoffset().total_seconds() == 0
    assert first == {"stage": "head", "epoch": 1, "loss": 0.5, "val_auc": 0.9}
    assert second["loss"] == 0.25
    assert scalars(tmp_path / "tensorboard") == [
        ("head/loss", 1, 0.5),
        ("head/val_auc", 1, 0.9),
        ("fine-tune/loss", 1, 0.25),
    ]


def test_a_run_that_is_killed_and_resumed_leaves_no_torn_and_no_second_line(tmp_path):
    body = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.training.tracking.test_tracker import FACTS
from training.tracking.tracker import open_tracker
tracker = open_tracker(Path({str(tmp_path)!r}), FACTS)
tracker.epoch("fine-tune", 1, {{"loss": 0.5}})
tracker.epoch("fine-tune", 2, {{"loss": 0.25}})
print("wandb" in sys.modules, flush=True)
os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
    killed = subprocess.run([sys.executable, "-c", body], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    started = json.loads((tmp_path / "run.json").read_text())["started_at"]
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "fine-tune", "epo')

    resumed = open_tracker(tmp_path, FACTS)
    for epoch, loss in ((1, 0.5), (2, 0.25), (3, 0.125)):
        resumed.epoch("fine-tune", epoch, {"loss": loss})
    resumed.close()

    assert killed.stdout == "False\n"
    assert [(line["epoch"], line["loss"]) for line in lines(tmp_path)] == [(1, 0.5), (2, 0.25), (3, 0.125)]
    assert [step for _, step, _ in scalars(tmp_path / "tensorboard")] == [1, 2, 3]
    assert json.loads((tmp_path / "run.json").read_text())["started_at"] == started


def test_an_epoch_told_anew_with_other_numbers_replaces_what_came_after_it(tmp_path):
    tracker = open_tracker(tmp_path, FACTS)
    for epoch in (1, 2, 3):
        tracker.epoch("fine-tune", epoch, {"loss": 1 / epoch})
    tracker.epoch("head", 1, {"loss": 2.0})

    tracker.epoch("fine-tune", 2, {"loss": 0.75})
    tracker.close()

    told = [(line["stage"], line["epoch"], line["loss"]) for line in lines(tmp_path)]
    assert told == [("fine-tune", 1, 1.0), ("head", 1, 2.0), ("fine-tune", 2, 0.75)]
    assert scalars(tmp_path / "tensorboard") == [(f"{stage}/loss", step, loss) for stage, step, loss in told]


def test_the_last_numbers_stand_once_at_the_end_and_what_is_no_number_is_null(tmp_path):
    tracker = open_tracker(tmp_path, FACTS)
    tracker.epoch("head", 1, {"loss": float("nan")})
    tracker.note({"test/auc": 0.5})
    tracker.note({"test/auc": 0.75})
    tracker.note({"test/auc": 0.75})
    tracker.close()

    rows, note, torn = read_lines(tmp_path / "metrics.jsonl")

    assert rows[0].numbers == {"loss": None}
    assert note == {"test/auc": 0.75}
    assert not torn
    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize("line", ["[1]", "null", '{"stage": "head"}', '{"stage":"a","epoch":1,"at":"?","loss":1}'])
def test_a_strange_line_is_left_out_and_told_of(tmp_path, line):
    (tmp_path / "metrics.jsonl").write_text(f"{line}\n")

    assert read_lines(tmp_path / "metrics.jsonl") == ([], None, True)


def test_a_folder_that_cannot_be_written_to_is_a_store_error(tmp_path):
    (tmp_path / "run").write_text("in the way")

    with pytest.raises(StoreError, match="run"):
        open_tracker(tmp_path / "run", FACTS)


def test_switched_on_without_a_login_it_is_refused_before_the_training(tmp_path, monkeypatch, wandb):
    for name in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))  # nobody's login
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")

    with pytest.raises(ConfigError, match=r"track\.wandb: .*WANDB_MODE=offline"):
        open_tracker(tmp_path / "run", FACTS, wandb=True)


def records_of(run: Path) -> list:
    """Everything that an offline run kept to be sent later, read as `wandb sync` reads it."""
    from wandb.proto.wandb_internal_pb2 import Record
    from wandb.sdk.internal.datastore import DataStore

    found = []
    for file in sorted(run.glob("wandb/offline-run-*/*.wandb")):
        store = DataStore()
        store.open_for_scan(str(file))
        while (data := store.scan_data()) is not None:
            found.append(Record.FromString(data))
    return found


def test_offline_wandb_keeps_each_epoch_once_and_nothing_of_the_machine(tmp_path, monkeypatch, wandb):
    monkeypatch.setenv("WANDB_MODE", "offline")

    first = open_tracker(tmp_path, FACTS, wandb=True, project="flinch-tests")
    first.epoch("head", 1, {"loss": 0.5})
    first.close()
    resumed = open_tracker(tmp_path, FACTS, wandb=True, project="flinch-tests")
    resumed.epoch("head", 1, {"loss": 0.5})
    resumed.epoch("fine-tune", 1, {"loss": 0.25})
    resumed.note({"test/auc": 0.75})
    resumed.close()
    wandb.teardown()  # waits for its own process, which writes

    records = records_of(tmp_path)
    history = [
        {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item}
        for record in records
        if record.HasField("history")
    ]
    sent = [{key: value for key, value in row.items() if not key.startswith("_")} for row in history]
    assert sent == [{"head/epoch": 1, "head/loss": 0.5}, {"fine-tune/epoch": 1, "fine-tune/loss": 0.25}]
    runs = [record.run for record in records if record.HasField("run")]
    assert {(run.run_id, run.project) for run in runs} == {(FACTS.run, "flinch-tests")}
    config = {item.key: json.loads(item.value_json) for item in runs[0].config.update}
    assert config["backbone"] == "mobilenet_v1"
    summary = [item for record in records if record.HasField("summary") for item in record.summary.update]
    assert ("test/auc", "0.75") in [(item.key or "/".join(item.nested_key), item.value_json) for item in summary]
    assert {run.host for run in runs} == {""}
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*.wandb"))
    assert os.fsencode(ROOT) not in everything
    assert not list(tmp_path.rglob("requirements.txt"))
