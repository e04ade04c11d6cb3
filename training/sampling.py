"""Which training pictures a batch holds: a fixed share of positives, and every picture as often as its peers."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def batches(
    positives: NDArray[np.bool_], batch_size: int, positive_share: float, seed: int, epoch: int
) -> Iterator[NDArray[np.int64]]:
    """Yield index batches of one epoch: about as many draws as there are pictures, whole batches only.

    Each class is walked through in its own random order, beginning anew when it is used up, so that within an
    epoch no picture is drawn twice more often than another of its class. The order follows from (seed, epoch).
    """
    rng = np.random.default_rng([seed, epoch])
    chosen = min(batch_size - 1, max(1, round(batch_size * positive_share)))
    walk_positive = _walk(np.flatnonzero(positives), rng)
    walk_negative = _walk(np.flatnonzero(~positives), rng)
    for _ in range(steps(len(positives), batch_size)):
        picked = [next(walk_positive) for _ in range(chosen)]
        picked += [next(walk_negative) for _ in range(batch_size - chosen)]
        yield np.array(picked, np.int64)


def steps(count: int, batch_size: int) -> int:
    """Return the batches of an epoch over ``count`` pictures."""
    return max(1, count // batch_size)


def prior_shift(positives: NDArray[np.bool_], batch_size: int, positive_share: float) -> float:
    """Return what must be added to a positive logit (against a negative one) to undo the sampling.

    Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
    Neural Computation 14 (2002), eq. 2.4: odds are multiplied by the ratio of the true to the sampled prior odds.
    """
    chosen = min(batch_size - 1, max(1, round(batch_size * positive_share)))
    sampled = chosen / (batch_size - chosen)
    true = positives.sum() / (~positives).sum()
    return float(np.log(true / sampled))


def _walk(members: NDArray[np.int64], rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(members).tolist()
