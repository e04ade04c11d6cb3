"""All that is known of how good a run is, in one value: the report draws it, ``evaluation.json`` keeps it.

Numbers that pictures cannot tell are None and become null, never 0. Every share comes with what it was measured on
and with a 95 % interval by bootstrap over groups (training/evaluation/intervals.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.evaluation.curves import Reliability
from training.evaluation.evaluate import Confusion, Metrics, cut, percent
from training.evaluation.intervals import Interval
from training.evaluation.threshold import Threshold

# A share of fewer pictures than this is not told: one picture more or less would turn it over.
FEWEST = 5


@dataclass(frozen=True)
class Measured:
    """A number, its interval, and on how many pictures it stands; ``value`` is None where there is none to tell."""

    value: float | None
    # None too where fewer than ``FEWEST`` groups stand behind the value, of a rate where the limit of the other one
    # allows not one error, and of an AUC of 0 or 1.
    interval: Interval | None
    # The pictures of the denominator: of a recall the positives, of a precision the covered; of an AUC, and of a
    # rate at a limit of the other one, those of the rarer class.
    n: int

    @property
    def too_few(self) -> bool:
        """Whether fewer than ``FEWEST`` pictures stand behind it, which is why there is no value."""
        return self.n < FEWEST

    def as_json(self) -> dict[str, object]:
        """Return the number for machines; ``too_few`` says why a value is null."""
        interval = self.interval.as_json() if self.interval else None
        return {"value": self.value, "interval": interval, "n": self.n, "too_few": self.too_few}


@dataclass(frozen=True)
class SliceResult:
    """What was measured on a named part of a split: (kind, name) is ("source", "folder:photos/websites")."""

    kind: str  # "source", "kind", "subreddit", "hard negative", "size", "agreement", "skin-coloured"
    name: str
    n: int
    positives: int
    precision: Measured
    recall: Measured
    fpr: Measured
    auc: Measured

    def as_json(self) -> dict[str, object]:
        """Return the slice for machines."""
        return {
            "kind": self.kind,
            "name": self.name,
            "n": self.n,
            "positives": self.positives,
            **{key: getattr(self, key).as_json() for key in ("precision", "recall", "fpr", "auc")},
        }


@dataclass(frozen=True)
class StressResult:
    """What was measured on a split whose pictures were spoilt in one way, and what that changed.

    A delta is stressed minus unstressed on the same pictures; its interval is a paired bootstrap's.
    """

    name: str  # a key of training.evaluation.stress.STRESSES, or "pasted_patch"
    about: str  # what was done to the pictures, in words
    n: int
    positives: int
    recall: Measured
    fpr: Measured
    auc: Measured
    recall_delta: Measured
    fpr_delta: Measured
    auc_delta: Measured

    def as_json(self) -> dict[str, object]:
        """Return the stress slice for machines."""
        keys = ("recall", "fpr", "auc", "recall_delta", "fpr_delta", "auc_delta")
        return {
            "name": self.name,
            "about": self.about,
            "n": self.n,
            "positives": self.positives,
            **{key: getattr(self, key).as_json() for key in keys},
        }


@dataclass(frozen=True)
class LevelResult:
    """What one of the three strictness levels does on a split."""

    name: str  # "lenient", "balanced", "strict"
    threshold: float
    precision: Measured
    recall: Measured
    fpr: Measured

    def as_json(self) -> dict[str, object]:
        """Return the level for machines."""
        measured = {key: getattr(self, key).as_json() for key in ("precision", "recall", "fpr")}
        return {"name": self.name, "threshold": self.threshold, **measured}


@dataclass(frozen=True)
class SplitEvaluation:
    """What was measured on one split at the threshold."""

    name: str  # "val", "test", "ood", "popular", ...
    about: str  # what its numbers mean: chosen on, or never trained or tuned on
    metrics: Metrics
    confusion: Confusion
    precision: Measured
    recall: Measured
    fpr: Measured
    auc: Measured
    recall_at_fpr: Mapping[str, Measured]  # by the keys of ``metrics``
    fpr_at_fnr: Mapping[str, Measured]
    contract_kept: bool | None  # whether the threshold keeps the contract here too; None where it cannot be told
    levels: tuple[LevelResult, ...] = ()
    reliability: Reliability | None = None  # bins of equal mass, after calibration
    slices: tuple[SliceResult, ...] = ()

    def by_name(self) -> dict[str, Measured]:
        """Return the numbers that have an interval, by the names that ``evaluate.readable`` gives them."""
        here = f"at {cut(self.metrics.threshold)}"
        return {
            "AUC": self.auc,
            f"precision {here}": self.precision,
            f"recall {here}": self.recall,
            **{f"recall at FPR {percent(rate)}": found for rate, found in self.recall_at_fpr.items()},
            **{f"FPR at FNR {percent(rate)}": found for rate, found in self.fpr_at_fnr.items()},
        }

    def as_json(self) -> dict[str, object]:
        """Return the split for machines; ``metrics`` is what bundle.json holds."""
        return {
            "name": self.name,
            "about": self.about,
            "metrics": self.metrics.as_json(),
            "confusion": {
                "true_positives": self.confusion.true_positives,
                "false_positives": self.confusion.false_positives,
                "false_negatives": self.confusion.false_negatives,
                "true_negatives": self.confusion.true_negatives,
            },
            **{key: getattr(self, key).as_json() for key in ("precision", "recall", "fpr", "auc")},
            "recall_at_fpr": {rate: found.as_json() for rate, found in self.recall_at_fpr.items()},
            "fpr_at_fnr": {rate: found.as_json() for rate, found in self.fpr_at_fnr.items()},
            "contract_kept": self.contract_kept,
            "levels": [level.as_json() for level in self.levels],
            "reliability": self.reliability.as_json() if self.reliability else None,
            "slices": [part.as_json() for part in self.slices],
        }


@dataclass(frozen=True)
class CalibrationError:
    """The expected calibration error of one split before and after, by both kinds of bins, and its mean NLL."""

    split: str
    ece_before: float  # bins of equal mass
    ece_after: float
    ece_width_before: float  # bins of equal width
    ece_width_after: float
    nll_before: float  # mean negative log likelihood in nats
    nll_after: float

    def as_json(self) -> dict[str, object]:
        """Return the errors for machines."""
        return dict(vars(self))


@dataclass(frozen=True)
class Calibration:
    """How the logits were rescaled on val: divided by ``temperature``, the positive's shifted by ``bias``."""

    temperature: float  # > 0; above 1 the network had been too sure
    bias: float  # in nats; 0 where it did not help
    fitted_on: str
    errors: tuple[CalibrationError, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the calibration for machines."""
        return {
            "temperature": self.temperature,
            "bias": self.bias,
            "fitted_on": self.fitted_on,
            "errors": [error.as_json() for error in self.errors],
        }


@dataclass(frozen=True)
class Evaluation:
    """How good a run is, on what that was measured, and where it is weak."""

    concept: str
    positive: str
    threshold: Threshold  # with its interval and its strictness levels
    chosen_on: str
    splits: tuple[SplitEvaluation, ...]
    calibration: Calibration | None = None
    stress: tuple[StressResult, ...] = ()
    stressed_split: str = "test"
    # What adversarial.py and outliers.py found, as JSON-able objects; None where not measured.
    adversarial: Mapping[str, Any] | None = None
    outliers: Sequence[Mapping[str, Any]] | None = None
    notes: tuple[str, ...] = ()  # what a reader of the numbers must know first

    def of(self, split: str) -> SplitEvaluation | None:
        """Return one split's evaluation, or None."""
        return next((found for found in self.splits if found.name == split), None)

    def as_json(self) -> dict[str, object]:
        """Return what ``evaluation.json`` and ``flinch evaluate --json`` hold; undefined is null."""
        return {
            "concept": self.concept,
            "positive": self.positive,
            "threshold": self.threshold.as_json(self.chosen_on),
            "splits": [split.as_json() for split in self.splits],
            "calibration": self.calibration.as_json() if self.calibration else None,
            "stress": [stress.as_json() for stress in self.stress],
            "stressed_split": self.stressed_split,
            "adversarial": dict(self.adversarial) if self.adversarial is not None else None,
            "outliers": [dict(found) for found in self.outliers] if self.outliers is not None else None,
            "notes": list(self.notes),
        }
