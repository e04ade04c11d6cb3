"""Early stopping and reduce-LR-on-plateau as one value, so that a killed training resumes in the same state.

Keras' callbacks of these names keep their counters in memory only: after a restart they begin anew, and a resumed
run ends elsewhere than an uninterrupted one.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Schedule:
    """Where a fit stands; ``best`` is the largest score so far, rates are the optimiser's."""

    rate: float
    early_stopping_patience: int
    reduce_lr_patience: int
    epoch: int = 0
    best: float = float("-inf")
    best_epoch: int = -1
    waited: int = 0
    waited_for_rate: int = 0

    # Smaller gains than this are noise of a val split of some hundred positives.
    MIN_GAIN = 1e-4
    RATE_FACTOR = 0.3

    @property
    def stopped(self) -> bool:
        """Whether patience is used up."""
        return self.waited >= self.early_stopping_patience

    def after(self, score: float) -> "Schedule":
        """Return the state after one more epoch that reached ``score`` on val (larger is better)."""
        if score > self.best + self.MIN_GAIN:
            return replace(
                self, epoch=self.epoch + 1, best=score, best_epoch=self.epoch, waited=0, waited_for_rate=0
            )
        waited = self.waited_for_rate + 1
        reduce = waited >= self.reduce_lr_patience
        return replace(
            self,
            epoch=self.epoch + 1,
            waited=self.waited + 1,
            waited_for_rate=0 if reduce else waited,
            rate=self.rate * self.RATE_FACTOR if reduce else self.rate,
        )

    @property
    def improved(self) -> bool:
        """Whether the last epoch was the best one."""
        return self.best_epoch == self.epoch - 1
