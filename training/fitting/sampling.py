"""Which training pictures a batch holds: fixed shares of each kind, and every picture as often as its peers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stratum:
    """Pictures that stand for each other: every batch holds ``count`` of ``members`` (indices)."""

    members: NDArray[np.int64]
    count: int
    positive: bool


def strata(
    positives: NDArray[np.bool_],
    batch_size: int,
    positive_share: float,
    composites: NDArray[np.bool_] | None = None,
    composite_share: float = 0.0,
) -> tuple[Stratum, ...]:
    """Return what a batch is made of; composites are numbered after the ``positives`` (bool[n], the truth).

    Of the composites half are positive, since each has a twin; of the others ``positive_share`` is, but at least
    one of each class. Without composites two strata are left.
    """
    pasted = 0 if composites is None else min(batch_size - 2, 2 * round(batch_size * composite_share / 2))
    rest = batch_size - pasted
    chosen = min(rest - 1, max(1, round(rest * positive_share)))
    made = [
        Stratum(np.flatnonzero(positives), chosen, positive=True),
        Stratum(np.flatnonzero(~positives), rest - chosen, positive=False),
    ]
    if composites is not None and pasted:
        made += [
            Stratum(len(positives) + np.flatnonzero(composites), pasted // 2, positive=True),
            Stratum(len(positives) + np.flatnonzero(~composites), pasted // 2, positive=False),
        ]
    return tuple(made)


def batches(parts: Sequence[Stratum], steps: int, seed: int, epoch: int) -> Iterator[NDArray[np.int64]]:
    """Yield ``steps`` index batches, stratum after stratum.

    Each stratum is walked through in its own random order, beginning anew when it is used up, so that within an
    epoch no picture is drawn twice more often than another of its stratum. The order follows from (seed, epoch).
    Raises ValueError when pictures are asked for of a stratum that has none.
    """
    if any(part.count and not part.members.size for part in parts):
        raise ValueError("a batch cannot hold pictures of a stratum that has none")
    rng = np.random.default_rng([seed, epoch])
    walks = [_walk(part.members, rng) for part in parts]
    for _ in range(steps):
        picked = [next(walk) for part, walk in zip(parts, walks, strict=True) for _ in range(part.count)]
        yield np.array(picked, np.int64)


def steps_of(count: int, batch_size: int) -> int:
    """Return the batches of an epoch over ``count`` pictures."""
    return max(1, count // batch_size)


def prior_shift(positives: NDArray[np.bool_], parts: Sequence[Stratum]) -> float:
    """Return what must be added to a positive logit (against a negative one) to undo the sampling.

    Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
    Neural Computation 14 (2002), eq. 2.4: odds are multiplied by the ratio of the true to the sampled prior odds.
    """
    chosen = sum(part.count for part in parts if part.positive)
    sampled = chosen / sum(part.count for part in parts if not part.positive)
    true = positives.sum() / (~positives).sum()
    return float(np.log(true / sampled))


def _walk(members: NDArray[np.int64], rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(members).tolist()
