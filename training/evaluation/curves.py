"""What every possible threshold would do on a set of scored pictures, and the curves drawn from it.

Everywhere here ``positives`` is bool[n], the truth, and ``probabilities`` is float[n] in 0..1, the model's opinion
that the picture is positive. A picture is covered when its probability is at least the threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A softmax in float32 may end a hair above 1, since it multiplies by a rounded reciprocal.
_ROUNDING = 1e-5

Flags = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class SplitScores:
    """The scored pictures of one split: "val", "test" or "ood", with one phrase on what they are."""

    name: str
    positives: Flags
    probabilities: Floats
    groups: NDArray[Any] | Sequence[Any] | None = None  # n near-duplicate groups; None: each picture its own
    about: str = ""


@dataclass(frozen=True)
class OperatingPoints:
    """All distinct ways to cut n scored pictures in two, from covering the fewest to covering all.

    There is one point a distinct score: pictures with equal scores are covered together or not at all, so a cut
    through a tie, which no threshold can make, is never counted. Covering nothing is not among the points.
    """

    scores: NDArray[np.float64]  # [k], falling: the lowest score that is covered at this point
    true_positives: NDArray[np.int64]  # [k], never falling
    false_positives: NDArray[np.int64]  # [k], never falling
    positives: int
    negatives: int

    def recall(self) -> NDArray[np.float64]:
        """The share of positives that is covered at each point; needs at least one positive."""
        return self.true_positives / self.positives

    def miss_rate(self) -> NDArray[np.float64]:
        """The share of positives that is left uncovered (FNR); needs at least one positive."""
        # Not 1 - recall: 1 - 0.9 is not 0.1 in floating point, and a contract compares with exactly 0.1.
        return (self.positives - self.true_positives) / self.positives

    def false_positive_rate(self) -> NDArray[np.float64]:
        """The share of negatives that is covered at each point; needs at least one negative."""
        return self.false_positives / self.negatives

    def precision(self) -> NDArray[np.float64]:
        """The share of positives among the covered; always defined, since every point covers something."""
        return self.true_positives / (self.true_positives + self.false_positives)


@dataclass(frozen=True)
class Curve:
    """A line of a plot: x and y are float64[k] in 0..1, in drawing order."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """Predicted against observed share of positives, in bins that hold any picture, by rising probability.

    Bins of equal width cut 0..1 evenly; where nearly all pictures are normal, nearly all lie in the first, so bins
    of equal mass (each with as many pictures, as far as equal probabilities let them) say more.
    """

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    counts: NDArray[np.int64]
    error: float  # expected calibration error: mean |predicted - observed|, weighted by counts, 0..1
    equal_mass: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the bins as lists, with their error and what is equal about them."""
        return {
            "ece": self.error,
            "bins": "equal mass" if self.equal_mass else "equal width",
            "predicted": self.predicted.tolist(),
            "observed": self.observed.tolist(),
            "counts": self.counts.tolist(),
        }


def checked(positives: Flags, probabilities: Floats) -> tuple[Flags, NDArray[np.float64]]:
    """Return both as bool[n] and float64[n].

    ValueError unless they are of one length and every probability lies in 0..1 (so: no NaN).
    """
    truth = np.asarray(positives)
    # float64: beside a float32 array NumPy rounds a Python threshold to float32; JavaScript does not.
    scores = np.asarray(probabilities, dtype=np.float64)
    if truth.shape != scores.shape or truth.ndim != 1:
        raise ValueError(f"positives {truth.shape} and probabilities {scores.shape} must be of one length")
    if truth.dtype != np.bool_ and not np.isin(truth, (0, 1)).all():
        raise ValueError("positives must be true or false")
    if not ((scores >= -_ROUNDING) & (scores <= 1 + _ROUNDING)).all():
        raise ValueError("probabilities must lie in 0..1")
    return truth.astype(np.bool_), scores.clip(0, 1)


def operating_points(positives: Flags, probabilities: Floats) -> OperatingPoints:
    """Return every distinct cut, or no point at all for no picture."""
    from sklearn.metrics import confusion_matrix_at_thresholds

    truth, scores = checked(positives, probabilities)
    count = int(truth.sum())
    if not len(truth):
        none = np.zeros(0, np.int64)
        return OperatingPoints(np.zeros(0), none, none, 0, 0)
    _, false_positives, _, true_positives, cuts = confusion_matrix_at_thresholds(truth, scores, pos_label=True)
    return OperatingPoints(
        cuts, true_positives.astype(np.int64), false_positives.astype(np.int64), count, len(truth) - count
    )


def roc_curve(points: OperatingPoints) -> Curve | None:
    """Return false positive rate against recall, starting at (0, 0); None when a class is missing."""
    if not points.positives or not points.negatives:
        return None
    return Curve(np.r_[0.0, points.false_positive_rate()], np.r_[0.0, points.recall()])


def precision_recall_curve(points: OperatingPoints) -> Curve | None:
    """Return recall against precision, one point an operating point; None without positives."""
    if not points.positives:
        return None
    return Curve(points.recall(), points.precision())


def reliability(positives: Flags, probabilities: Floats, bins: int = 10, equal_mass: bool = False) -> Reliability:
    """Return the reliability diagram and the expected calibration error (Guo et al., 2017, arXiv:1706.04599).

    ``bins``: how many at most; equal probabilities are never cut in two.
    """
    truth, scores = checked(positives, probabilities)
    place = _ranks(scores, bins) if equal_mass else np.minimum((scores * bins).astype(np.int64), bins - 1)
    counts = np.bincount(place, minlength=bins)
    held = counts > 0
    counts = counts[held]
    predicted = np.bincount(place, scores, bins)[held] / counts
    observed = np.bincount(place, truth, bins)[held] / counts
    error = float(np.average(np.abs(predicted - observed), weights=counts)) if len(truth) else 0.0
    return Reliability(predicted, observed, counts, error, equal_mass)


def _ranks(scores: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """Return the bin of every score when each bin gets as many; equal scores share the bin of their first."""
    if not len(scores):
        return np.zeros(0, np.int64)
    first = np.searchsorted(np.sort(scores), scores, side="left")
    return (first * bins // len(scores)).astype(np.int64)
