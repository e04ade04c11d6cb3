"""What ``flinch train`` ends with: a short table and three paths."""

from pathlib import Path
from typing import Any

from training.evaluation.evaluate import decimal
from training.run import Outcome
from training.tracking.metrics_file import read_lines
from training.tracking.runs_table import COST_LINES
from training.tracking.tracker import METRICS

COLUMNS = ("split", "n", "positives", "precision", "recall", "AUC", "recall at FPR 0.5 %")


def as_json_object(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome for machines."""
    bundle = outcome.bundle
    return {
        "bundle": str(bundle.path),
        "report": str(outcome.report),
        "extension": str(outcome.extension) if outcome.extension else None,
        "id": bundle.id,
        "snapshot_id": bundle.snapshot_id,
        "threshold": dict(bundle.threshold),
        "metrics": {split: dict(numbers) for split, numbers in bundle.metrics.items()},
        "reused": outcome.reused,
    }


def table(outcome: Outcome) -> str:
    """Return the outcome for people."""
    bundle = outcome.bundle
    rows = [COLUMNS] + [
        (
            split,
            str(numbers["n"]),
            str(numbers["positives"]),
            decimal(numbers["precision"]),
            decimal(numbers["recall"]),
            decimal(numbers["auc"]),
            decimal(numbers["recall_at_fpr"]["0.005"]),
        )
        for split, numbers in bundle.metrics.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    met = "met" if bundle.threshold["met"] else "NOT met: the nearest threshold was taken"
    extension = outcome.extension or "not built yet: `make extension`, then `flinch train` again"
    return "\n".join(
        [
            "",
            *lines,
            "",
            f"threshold  {bundle.threshold_value:.4f}  ({bundle.threshold['contract']} on "
            f"{bundle.threshold['chosen_on']}: {met})",
            *_cost(outcome.report.parent / METRICS),
            f"bundle     {bundle.path}",
            f"report     {outcome.report}",
            f"extension  {extension}",
        ]
    )


def _cost(metrics: Path) -> list[str]:
    """Return what the network costs its reader, as far as the run measured it; no line where it did not."""
    last = read_lines(metrics)[1] or {}
    told = [
        f"{written(last[f'cost/{key}'])} ({name})" for key, name, written in COST_LINES if f"cost/{key}" in last
    ]
    return [f"cost       {', '.join(told)}"] if told else []
