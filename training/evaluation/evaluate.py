"""How good is it? The numbers of a model on labelled pictures, each undefined where the pictures cannot tell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.curves import Flags, Floats, OperatingPoints, checked, operating_points

# As strings, because they are keys of a JSON object, and "0.10" beside "0.1" would be two of them.
FALSE_POSITIVE_RATES = ("0.001", "0.005", "0.01", "0.05")
MISS_RATES = ("0.01", "0.05", "0.1")


@dataclass(frozen=True)
class Metrics:
    """What was measured on n pictures; None where it is undefined (AUC of one class, precision of nothing)."""

    n: int
    positives: int
    auc: float | None
    average_precision: float | None
    threshold: float
    precision: float | None  # at the threshold
    recall: float | None  # at the threshold
    recall_at_fpr: dict[str, float | None]  # the most recall with at most this false positive rate
    fpr_at_fnr: dict[str, float | None]  # the lowest false positive rate with at most this miss rate

    def as_json(self) -> dict[str, object]:
        """Return the object that bundle.json and ``flinch evaluate --json`` hold; undefined is null."""
        return {
            "n": self.n,
            "positives": self.positives,
            "auc": self.auc,
            "average_precision": self.average_precision,
            "threshold": self.threshold,
            "precision": self.precision,
            "recall": self.recall,
            "recall_at_fpr": dict(self.recall_at_fpr),
            "fpr_at_fnr": dict(self.fpr_at_fnr),
        }


@dataclass(frozen=True)
class Confusion:
    """The four counts at a threshold."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def precision(self) -> float | None:
        """The share of the covered that is positive; None when nothing is covered."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        """The share of the positives that is covered; None without positives."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> float | None:
        """The share of the normal pictures that is covered; None without any."""
        return _ratio(self.false_positives, self.false_positives + self.true_negatives)

    @property
    def miss_rate(self) -> float | None:
        """The share of the positives that is not covered; None without positives."""
        return _ratio(self.false_negatives, self.true_positives + self.false_negatives)


def measure(positives: Flags, probabilities: Floats, threshold: float) -> Metrics:
    """Return the metrics of ``probabilities`` (float[n], 0..1) against ``positives`` (bool[n], the truth).

    A picture is covered when its probability is at least ``threshold``. ValueError for NaN or unequal lengths.
    """
    truth, scores = checked(positives, probabilities)
    points = operating_points(truth, scores)
    auc, average_precision = _areas(truth, scores)
    at_threshold = confusion(truth, scores, threshold)
    return Metrics(
        n=len(truth),
        positives=points.positives,
        auc=auc,
        average_precision=average_precision,
        threshold=float(threshold),
        precision=at_threshold.precision,
        recall=at_threshold.recall,
        recall_at_fpr={rate: _recall_at_fpr(points, float(rate)) for rate in FALSE_POSITIVE_RATES},
        fpr_at_fnr={rate: _fpr_at_fnr(points, float(rate)) for rate in MISS_RATES},
    )


def confusion(positives: Flags, probabilities: Floats, threshold: float) -> Confusion:
    """Return the four counts when pictures with at least ``threshold`` are covered."""
    truth, scores = checked(positives, probabilities)
    covered = scores >= threshold
    return Confusion(
        true_positives=int((truth & covered).sum()),
        false_positives=int((~truth & covered).sum()),
        false_negatives=int((truth & ~covered).sum()),
        true_negatives=int((~truth & ~covered).sum()),
    )


def worst_mistakes(
    positives: Flags, probabilities: Floats, threshold: float, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of at most ``count`` false positives and as many false negatives, the worst first."""
    truth, scores = checked(positives, probabilities)
    order = np.argsort(-scores, kind="stable")
    false_positives = order[(~truth & (scores >= threshold))[order]]
    false_negatives = order[::-1][(truth & (scores < threshold))[order[::-1]]]
    return false_positives[:count], false_negatives[:count]


def readable(metrics: Metrics) -> list[tuple[str, str]]:
    """Return (name, value) pairs for a table that people read; "-" where undefined."""
    return [
        ("pictures", f"{metrics.n:,}"),
        ("positives", f"{metrics.positives:,}"),
        ("AUC", decimal(metrics.auc, 4)),
        ("average precision", decimal(metrics.average_precision, 4)),
        (f"precision at {cut(metrics.threshold)}", decimal(metrics.precision)),
        (f"recall at {cut(metrics.threshold)}", decimal(metrics.recall)),
        *((f"recall at FPR {percent(rate)}", decimal(value)) for rate, value in metrics.recall_at_fpr.items()),
        *((f"FPR at FNR {percent(rate)}", decimal(value, 4)) for rate, value in metrics.fpr_at_fnr.items()),
    ]


def digits(written: str) -> int:
    """Return how many digits a written number has after its point: its interval gets as many."""
    return len(written.partition(".")[2])


def cut(threshold: float) -> str:
    """Return a threshold in short, but never one below 1 as "1": that would read as covering nothing."""
    short = f"{threshold:.4g}"
    return repr(threshold) if short == "1" else short


def decimal(value: float | None, digits: int = 3) -> str:
    """Return a number with fixed digits, or "-" for an undefined one."""
    return "-" if value is None else f"{value:.{digits}f}"


def percent(rate: str) -> str:
    """Return "0.005" as "0.5 %"."""
    return f"{100 * float(rate):g} %"


def _areas(truth: Flags, scores: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Return the areas under the ROC and the precision-recall curve (as average precision)."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    if not truth.any():
        return None, None
    average_precision = float(average_precision_score(truth, scores))
    return (None if truth.all() else float(roc_auc_score(truth, scores))), average_precision


def _recall_at_fpr(points: OperatingPoints, limit: float) -> float | None:
    """Return the most recall with FPR <= limit; 0 when only covering nothing keeps it."""
    if not points.positives or not points.negatives:
        return None
    kept = points.recall()[points.false_positive_rate() <= limit]
    return float(kept.max(initial=0.0))


def _fpr_at_fnr(points: OperatingPoints, limit: float) -> float | None:
    """Return the lowest FPR with a miss rate <= limit."""
    if not points.positives or not points.negatives:
        return None
    return float(points.false_positive_rate()[points.miss_rate() <= limit].min())


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
