"""Numbers of one set of pictures with their 95 % intervals, all from the same draws of its groups.

Since every statistic sees the same resamples, a difference of two of them on the same pictures is a paired
bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 8 and 16): what a hard group costs
both sides cancels.
"""

from collections.abc import Callable
from dataclasses import replace

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
        """Return the area under the ROC curve; its n is the number of pictures of the rarer class.

        No interval where every pair is in the right order, or none is: so it is in every draw, and to call that
        certain would promise more than was measured.
        """
        found = self._of_both_classes(truth, weighted_auc(*checked(truth, scores)))
        return replace(found, interval=None) if found.value in (0, 1) else found

    def auc_change(self, truth: Flags, before: Floats, after: Floats) -> Measured:
        """Return how much larger the area is under ``after`` than under ``before``, paired."""
        first, second = weighted_auc(*checked(truth, before)), weighted_auc(*checked(truth, after))
        return self._of_both_classes(truth, lambda weights: second(weights) - first(weights))

    def recall_at_fpr(self, truth: Flags, scores: Floats, limit: float) -> Measured:
        """Return the most recall with a false positive rate of at most ``limit``; n as of ``auc``.

        No interval where ``limit`` lets no normal picture be covered: the cut then lies above the highest of them,
        and the bootstrap fails for an extreme value (Efron and Tibshirani, ch. 7.4).
        """
        found = self._of_both_classes(truth, weighted_recall_at_fpr(*checked(truth, scores), limit))
        return self._rate(found, truth, _allows_an_error(limit, ~truth))

    def recall_at_fpr_change(self, truth: Flags, before: Floats, after: Floats, limit: float) -> Measured:
        """Return how much larger the recall at this false positive rate is with ``after``, paired.

        No interval where ``recall_at_fpr`` has none.
        """
        first, second = (weighted_recall_at_fpr(*checked(truth, found), limit) for found in (before, after))
        found = self._of_both_classes(truth, lambda weights: second(weights) - first(weights))
        return found if _allows_an_error(limit, ~truth) else replace(found, interval=None)

    def fpr_at_fnr(self, truth: Flags, scores: Floats, limit: float) -> Measured:
        """Return the lowest false positive rate with a miss rate of at most ``limit``; all as ``recall_at_fpr``."""
        found = self._of_both_classes(truth, weighted_fpr_at_fnr(*checked(truth, scores), limit))
        return self._rate(found, ~truth, _allows_an_error(limit, truth))

    def _rate(self, found: Measured, whole: Flags, told: bool) -> Measured:
        """Return what was ``found`` as a rate of ``whole``, its interval only if it can be ``told``.

        Draws of a rate without an error may show none either: its interval then reaches as far as a share's.
        """
        if found.interval is None or not told:
            return replace(found, interval=None)
        if found.value not in (0, 1):
            return found
        bound = without_errors(int((self._sums(whole) > 0).sum()), perfect=found.value == 1)
        low, high = min(found.interval.low, bound.low), max(found.interval.high, bound.high)
        return replace(found, interval=Interval(low, high))

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


def _allows_an_error(limit: float, kind: Flags) -> bool:
    """Whether a rate of at most ``limit`` allows one error among the pictures of this ``kind``."""
    return limit * int(kind.sum()) >= 1


def weighted_auc(truth: Flags, scores: NDArray[np.float64]) -> Statistic:
    """Return the function from weights float64[k, n] to k areas under the ROC curve; NaN where a class is missing.

    The area is the share of (positive, negative) pairs in the right order; a tie counts half (Mann, Whitney, 1947).
    """
    order = np.argsort(scores, kind="stable")
    positive = truth[order].astype(np.float64)
    starts = _starts(scores[order])

    def areas(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        ordered = weights[:, order]
        hits = np.add.reduceat(ordered * positive, starts, axis=1)
        others = np.add.reduceat(ordered * (1 - positive), starts, axis=1)
        below = np.cumsum(others, axis=1) - others / 2
        return _divided((hits * below).sum(axis=1), hits.sum(axis=1) * others.sum(axis=1))

    return areas


def weighted_recall_at_fpr(truth: Flags, scores: NDArray[np.float64], limit: float) -> Statistic:
    """Return the function from weights float64[k, n] to k recalls; NaN where a class is missing.

    Each is the most with a false positive rate of at most ``limit``, and 0 where only covering nothing keeps that.
    The cut is found anew for each row of weights, so that its own error is in what they spread: it is a quantile of
    the few highest normal pictures. Pictures with equal scores are covered together or not at all, so that equal
    weights give what evaluate.measure gives.
    """
    counts = _weighted_counts(truth, scores)

    def recalls(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        hits, alarms = counts(weights)
        kept = _divided(alarms, alarms[:, -1:]) <= limit
        return _share_at(kept.sum(axis=1) - 1, hits, alarms)

    return recalls


def weighted_fpr_at_fnr(truth: Flags, scores: NDArray[np.float64], limit: float) -> Statistic:
    """Return the same of the lowest false positive rates with a miss rate of at most ``limit`` (below 1)."""
    counts = _weighted_counts(truth, scores)

    def rates(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        hits, alarms = counts(weights)
        missed = _divided(hits[:, -1:] - hits, hits[:, -1:]) > limit
        return _share_at(missed.sum(axis=1), alarms, hits)

    return rates


def _weighted_counts(
    truth: Flags, scores: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the function from weights [k, n] to covered positives and covered normal pictures, [k, cuts] each.

    The first cut covers nothing, then one a distinct score, the last covers all.
    """
    order = np.argsort(-scores, kind="stable")
    positive = truth[order].astype(np.float64)
    starts = _starts(scores[order])

    def counts(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        ordered = weights[:, order]
        hits = np.zeros((len(weights), len(starts) + 1))
        alarms = np.zeros_like(hits)
        np.cumsum(np.add.reduceat(ordered * positive, starts, axis=1), axis=1, out=hits[:, 1:])
        np.cumsum(np.add.reduceat(ordered * (1 - positive), starts, axis=1), axis=1, out=alarms[:, 1:])
        return hits, alarms

    return counts


def _starts(ordered: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return where each run of equal scores begins in sorted ones."""
    return np.flatnonzero(np.r_[True, np.diff(ordered) != 0][: len(ordered)])


def _share_at(cut: NDArray[np.int64], part: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what ``part`` [k, cuts] holds at one cut a row, over its last; NaN where a class is missing."""
    whole = np.where(other[:, -1] > 0, part[:, -1], 0)
    return _divided(np.take_along_axis(part, cut[:, None], axis=1)[:, 0], whole)


def _divided(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return part / whole, NaN where ``whole`` is 0."""
    found = np.full(part.shape, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _ratios(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(part[whole > 0] / whole[whole > 0])
