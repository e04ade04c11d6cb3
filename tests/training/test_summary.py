"""The last table of a training is short, and tells what the network costs where that is known."""

from dataclasses import replace
from pathlib import Path

from inference.bundle import Bundle
from training.run import Outcome
from training.summary import table
from training.tracking.metrics_file import Lines


def outcome(bundle: Bundle, run: Path) -> Outcome:
    numbers = {
        "n": 9,
        "positives": 3,
        "precision": 1.0,
        "recall": None,
        "auc": 0.5,
        "recall_at_fpr": {"0.005": 0.25},
    }
    threshold = {"value": 0.5, "contract": "recall >= 0.9", "met": True, "chosen_on": "val"}
    told = replace(bundle, metrics={"val": numbers}, threshold=threshold)
    return Outcome(told, run / "report.html", None, reused=False)


def test_the_cost_is_told_where_the_run_measured_it(exported, tmp_path):
    Lines(tmp_path / "metrics.jsonl").note(
        {"cost/macs": 41_200_000, "cost/parameters": 531_000, "cost/download_bytes": 1_074_000}
    )

    lines = table(outcome(exported, tmp_path)).splitlines()

    told = "1.07 MB (browser files), 0.531 M (parameters), 41.2 M (multiply-adds)"
    assert [line.split(maxsplit=1)[1] for line in lines if line.startswith("cost")] == [told]


def test_a_run_from_before_costs_were_kept_has_no_line_for_them(exported, tmp_path):
    lines = table(outcome(exported, tmp_path)).splitlines()

    assert not [line for line in lines if line.startswith("cost")]
