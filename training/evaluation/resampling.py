"""Numbers of one set of pictures with their 95 % intervals, all from the same draws of its groups.

Since every statistic sees the same resamples, a difference of two of them on the same pictures is a paired
bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 8 and 16): what a hard group costs
both sides cancels.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.evaluation.curves import Flags, Floats, checked
from training.evaluation.intervals import (
    Groups,
    Interval,
    draws,
    group_numbers,
    percentile_interval,
    without_errors,
)
from training.evaluation.results import FEWEST, Measured

# Resamples whose weights are spread over the pictures at once: bounds the memory to a few MB at usual sizes.
_CHUNK = 50

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class Resampler:
    """n pictures in their groups, drawn again ``resamples`` times; one seed gives one set of draws."""

    def __init__(self, groups: Groups | None, n: int, resamples: int = 1000, seed: int = 0) -> None:
        """``groups`` names the group of each of the ``n`` pictures; None: each is its own."""
        self._number = group_numbers(groups, n)
        self._drawn = draws(int(self._number.max(initial=-1)) + 1, resamples, seed)

    def share(self, part: Flags, whole: Flags) -> Measured:
        """Return |part| / |whole| of pictures; ``part`` is bool[n] and lies within ``whole``."""
        held, total = self._sums(part), self._sums(whole)
        n, found = int(total.sum()), int(held.sum())
        if n < FEWEST:
            return Measured(None, None, n)
        if found in (0, n):
            return Measured(found / n, without_errors(int((total > 0).sum()), perfect=found == n), n)
        return Measured(found / n, self._interval(held, total), n)

    def share_change(self, before: Flags, after: Flags, whole: Flags) -> Measured:
        """Return |after| / |whole| - |before| / |whole|, paired."""
        total = self._sums(whole)
        n = int(total.sum())
        if n < FEWEST:
            return Measured(None, None, n)
        change = self._sums(after) - self._sums(before)
        return Measured(change.sum() / n, self._interval(change, total), n)

    def auc(self, truth: Flags, scores: Floats) -> Measured:
        """Return the area under the ROC curve; its n is the number of pictures of the rarer class."""
        return self._of_both_classes(truth, weighted_auc(*checked(truth, scores)))

    def auc_change(self, truth: Flags, before: Floats, after: Floats) -> Measured:
        """Return how much larger the area is under ``after`` than under ``before``, paired."""
        first, second = weighted_auc(*checked(truth, before)), weighted_auc(*checked(truth, after))
        return self._of_both_classes(truth, lambda weights: second(weights) - first(weights))

    def _of_both_classes(self, truth: Flags, statistic: Statistic) -> Measured:
        n = int(min(truth.sum(), (~truth).sum()))
        if n < FEWEST:
            return Measured(None, None, n)
        value = float(statistic(np.ones((1, len(truth))))[0])
        if min(int((self._sums(kind) > 0).sum()) for kind in (truth, ~truth)) < FEWEST:
            return Measured(value, None, n)
        chunks = (self._drawn[at : at + _CHUNK] for at in range(0, len(self._drawn), _CHUNK))
        found = np.concatenate([statistic(chunk[:, self._number].astype(np.float64)) for chunk in chunks])
        found = found[np.isfinite(found)]
        return Measured(value, percentile_interval(found) if len(found) else None, n)

    def _interval(self, part: NDArray[np.int64], whole: NDArray[np.int64]) -> Interval | None:
        # Drawing one group again and again always gives the same: that would be no width at all.
        if (whole > 0).sum() < FEWEST:
            return None
        return percentile_interval(_ratios(self._drawn @ part, self._drawn @ whole))

    def _sums(self, flags: Flags) -> NDArray[np.int64]:
        return np.bincount(self._number[flags], minlength=self._drawn.shape[1])


def weighted_auc(truth: Flags, scores: NDArray[np.float64]) -> Statistic:
    """Return the function from weights float64[k, n] to k areas under the ROC curve; NaN where a class is missing.

    The area is the share of (positive, negative) pairs in the right order; a tie counts half (Mann, Whitney, 1947).
    """
    order = np.argsort(scores, kind="stable")
    positive = truth[order].astype(np.float64)
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) > 0]) if len(scores) else np.zeros(0, np.int64)

    def areas(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        ordered = weights[:, order]
        hits = np.add.reduceat(ordered * positive, starts, axis=1)
        others = np.add.reduceat(ordered * (1 - positive), starts, axis=1)
        below = np.cumsum(others, axis=1) - others / 2
        pairs = hits.sum(axis=1) * others.sum(axis=1)
        found = np.full(len(weights), np.nan)
        np.divide((hits * below).sum(axis=1), pairs, out=found, where=pairs > 0)
        return found

    return areas


def _ratios(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(part[whole > 0] / whole[whole > 0])
