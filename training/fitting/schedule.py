"""Early stopping and the learning rate's decay as one value, so that a killed training resumes in the same state.

Keras' callbacks for these keep their counters in memory only: after a restart they begin anew, and a resumed
run ends elsewhere than an uninterrupted one.
"""

import math
from dataclasses import dataclass, replace

COSINE = "cosine"


@dataclass(frozen=True)
class Schedule:
    """Where a fit stands; ``best`` is the score of what is kept, ``rate`` the optimiser's in the next epoch.

    ``decay``: "plateau" lowers the rate when the score has not risen for ``reduce_lr_patience`` epochs,
    "exponential" after every epoch, "cosine" towards 0 at the last of ``epochs`` (Loshchilov and Hutter 2017,
    https://arxiv.org/abs/1608.03983, eq. 5, without restarts).

    Kept is the best epoch. A cosine is made to end well: it is not stopped early, and its last epoch is kept, if it
    is better than what it began with. The luckiest of thirty on some hundred positives agreed less with its
    teachers than the last one did (docs/LOG.md).
    """

    rate: float
    early_stopping_patience: int
    reduce_lr_patience: int
    epochs: int
    decay: str = "plateau"
    first_rate: float = 0.0
    first_best: float = float("-inf")
    epoch: int = 0
    best: float = float("-inf")
    best_epoch: int = -1
    waited: int = 0
    waited_for_rate: int = 0

    # Smaller gains than this are noise of a val split of some hundred positives.
    MIN_GAIN = 1e-4
    RATE_FACTOR = 0.3
    # nsfw_model's: a tenth of the rate after some 45 epochs.
    EXPONENTIAL = 0.95

    @property
    def stopped(self) -> bool:
        """Whether the epochs or patience are used up."""
        impatient = self.decay != COSINE and self.waited >= self.early_stopping_patience
        return self.epoch >= self.epochs or impatient

    def after(self, score: float) -> "Schedule":
        """Return the state after one more epoch that reached ``score`` on val (larger is better)."""
        first_best = self.first_best if self.epoch else self.best
        improved = score > (first_best if self.decay == COSINE else self.best) + self.MIN_GAIN
        waited = 0 if improved else self.waited_for_rate + 1
        reduce = waited >= self.reduce_lr_patience
        return replace(
            self,
            epoch=self.epoch + 1,
            best=score if improved else self.best,
            best_epoch=self.epoch if improved else self.best_epoch,
            waited=0 if improved else self.waited + 1,
            waited_for_rate=0 if reduce else waited,
            first_rate=self._first,
            first_best=first_best,
            rate=self._next_rate(reduce=reduce),
        )

    @property
    def improved(self) -> bool:
        """Whether the last epoch is the one to keep."""
        return self.best_epoch == self.epoch - 1

    @property
    def _first(self) -> float:
        return self.first_rate or self.rate

    def _next_rate(self, *, reduce: bool) -> float:
        if self.decay == "exponential":
            return self.rate * self.EXPONENTIAL
        if self.decay == COSINE:
            return self._first * (1 + math.cos(math.pi * (self.epoch + 1) / self.epochs)) / 2
        return self.rate * self.RATE_FACTOR if reduce else self.rate
