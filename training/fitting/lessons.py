"""What a network is shown, epoch after epoch: batches of pictures and composites, and random views of them.

Everything follows from (recipe, epoch, step). Two networks that look at pictures of different sizes are shown the
same views of the same batches, so that a small one can learn what a large one says of each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from store.config import TrainConfig
from training.fitting.sampling import Stratum, batches, prior_shift, steps_of, strata
from training.networks.heads import STEPS_AN_EPOCH
from training.pictures.augment import augment

HEAD_BATCH = 256


@dataclass(frozen=True)
class Pictures:
    """Rows of a pixel cache [*, size, size, 3] uint8, which of them to use, and their classes (indices)."""

    pixels: NDArray[Any]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    positive: int

    @property
    def positives(self) -> NDArray[np.bool_]:
        """Whether each picture is of the positive class."""
        return np.equal(self.labels, self.positive)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Batch:
    """A random view float32 [n, size, size, 3] in 0..255 of n pictures, and their classes int64 [n]."""

    step: int
    view: Any
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Lessons:
    """The training pictures of a recipe at one input size, with composites beside them where there are any."""

    train: Pictures
    composites: Pictures | None
    recipe: TrainConfig

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The classes of the training pictures, then of the composites."""
        made = [self.composites.labels] if self.composites else []
        return np.concatenate([self.train.labels, *made])

    @property
    def steps(self) -> int:
        """The batches of an epoch: about as many draws as there are training pictures."""
        return steps_of(len(self.train), self.recipe.batch_size)

    def head_batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        """Yield index batches for fitting a head on frozen embeddings, in the order of ``labels``."""
        steps = steps_of(len(self.train), HEAD_BATCH)
        return batches(self._strata(HEAD_BATCH), steps, self.recipe.seed, epoch)

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of an epoch."""
        parts = self._strata(self.recipe.batch_size)
        for step, batch in enumerate(batches(parts, self.steps, self.recipe.seed, number)):
            # Sorted, so that the memory map is read in one direction.
            order = np.sort(batch)
            seed = tf.constant([self.recipe.seed, number * STEPS_AN_EPOCH + step], tf.int32)
            yield Batch(step, self._view(self._pixels(order), seed), self.labels[order])

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """How much each of ``labels`` counts beside batches: a photograph 1, composites their share altogether."""
        share, count = self.recipe.synthetic.share, len(self.labels) - len(self.train)
        each = share / (1 - share) * len(self.train) / count if count else 0.0
        return np.concatenate([np.ones(len(self.train)), np.full(count, each)])

    def weighted_prior_shift(self) -> float:
        """Return what takes a positive logit from the prior of ``weights`` to that of the batches."""
        positive = self.labels == self.train.positive
        learnt = np.log(self.weights[positive].sum() / self.weights[~positive].sum())
        true = np.log(self.train.positives.sum() / (~self.train.positives).sum())
        return float(true - self.prior_shift() - learnt)

    def prior_shift(self) -> float:
        """Return what undoes the sampling of the classes in a positive logit."""
        return prior_shift(self.train.positives, self._strata(self.recipe.batch_size))

    @cached_property
    def _view(self) -> Callable[[Any, Any], Any]:
        """The augmentation, traced once for all epochs."""
        view: Callable[[Any, Any], Any] = tf.function(
            lambda pixels, seed: augment(pixels, seed, self.recipe.augment), reduce_retracing=True
        )
        return view

    def _strata(self, batch_size: int) -> tuple[Stratum, ...]:
        composites = self.composites.positives if self.composites else None
        recipe = self.recipe
        return strata(self.train.positives, batch_size, recipe.positive_share, composites, recipe.synthetic.share)

    def _pixels(self, order: NDArray[np.int64]) -> NDArray[np.uint8]:
        real = order[order < len(self.train)]
        found = self.train.pixels[self.train.rows[real]]
        if self.composites is None or len(real) == len(order):
            return found
        pasted = order[len(real) :] - len(self.train)
        return np.concatenate([found, self.composites.pixels[self.composites.rows[pasted]]])
