"""How far a measured number can be trusted: 95 % intervals by bootstrap over groups.

Pictures of one group (near-duplicates, crops of one photograph) are right or wrong together; counting each as
independent would promise more than was measured. So groups are drawn, not pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.evaluation.curves import Floats

Groups = NDArray[Any] | Sequence[Any]
Counts = NDArray[np.integer[Any]]

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A 95 % interval, low <= high."""

    low: float
    high: float

    def as_json(self) -> list[float]:
        """Return [low, high]."""
        return [self.low, self.high]


def group_numbers(groups: Groups | None, n: int) -> NDArray[np.int64]:
    """Return int64[n], the groups numbered from 0; ValueError when there are not n of them."""
    if groups is None:
        return np.arange(n)
    names = np.asarray(groups)
    if names.shape != (n,):
        raise ValueError(f"groups {names.shape} must name one group for each of {n} pictures")
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def percentile_interval(values: Floats) -> Interval:
    """Return the middle 95 % of ``values`` (float[k], k >= 1)."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, (tail, 1 - tail))
    return Interval(float(low), float(high))


def draws(groups: int, resamples: int, seed: int) -> Counts:
    """Return int64[resamples, groups]: how often each group is in each resample."""
    if not groups:
        return np.zeros((resamples, 0), np.int64)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(groups, size=(resamples, groups))
    return np.stack([np.bincount(row, minlength=groups) for row in drawn])


def without_errors(groups: int, perfect: bool) -> Interval:
    """Return the exact binomial bound (Clopper and Pearson, 1934) for 0 errors, or 0 successes, in ``groups``.

    Resampling data without an error never shows one, and would call nine right of nine certain.
    """
    bound = ((1 - LEVEL) / 2) ** (1 / groups)
    return Interval(bound, 1.0) if perfect else Interval(0.0, 1 - bound)
