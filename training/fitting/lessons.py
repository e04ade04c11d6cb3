"""What a network is shown, epoch after epoch: batches of pictures and composites, and random views of them.

Everything follows from (recipe, epoch, step). Two networks that look at pictures of different sizes are shown the
same views of the same batches, so that a small one can learn what a large one says of each. After what has a label
comes what only teachers speak about: pictures without one, and mixtures of two views (Zhang et al. 2018, "mixup",
https://arxiv.org/abs/1710.09412, sec. 2; for teachers and students Beyer et al. 2022,
https://arxiv.org/abs/2106.05237, sec. 3). Few pictures without a label lie near the
boundary of two classes, where a student errs most: a share of a batch is drawn from those alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from store.config import AugmentConfig, TrainConfig
from training.fitting.sampling import Stratum, batches, prior_shift, steps_of, strata
from training.networks.heads import STEPS_AN_EPOCH
from training.pictures.augment import augment

HEAD_BATCH = 256
# How much of a mixture is the one picture; the other is the rest. Near 0 or 1 it would be a picture seen before.
MIXED = 0.3, 0.7


@dataclass(frozen=True)
class Pixels:
    """Rows of a pixel cache [*, size, size, 3] uint8, and which of them to use."""

    pixels: NDArray[Any]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Pictures(Pixels):
    """Such rows with their classes (indices), of which one is the positive one."""

    labels: NDArray[np.int64]
    positive: int

    @property
    def positives(self) -> NDArray[np.bool_]:
        """Whether each picture is of the positive class."""
        return np.equal(self.labels, self.positive)


@dataclass(frozen=True)
class Batch:
    """Random views float32 [n, size, size, 3] in 0..255, and the classes int64 [k] of the first k of them."""

    step: int
    view: Any
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Lessons:
    """What a recipe shows at one input size: training pictures, composites and pictures without a label, if any."""

    train: Pictures
    composites: Pictures | None
    unlabelled: Pixels | None
    recipe: TrainConfig
    # Positions in ``unlabelled``; a share of every batch (``distill.likely``) comes from these.
    likely: NDArray[np.int64] | None = None

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
        walks = batches(parts, self.steps, self.recipe.seed, number), self._unlabelled_batches(number)
        for step, (batch, unlabelled) in enumerate(zip(*walks, strict=False)):
            # Sorted, so that the memory map is read in one direction.
            order = np.sort(batch)
            seed = tf.constant([self.recipe.seed, number * STEPS_AN_EPOCH + step], tf.int32)
            view = self._view(self._pixels(order), seed)
            if self.unlabelled is not None and unlabelled.size:
                rows = self.unlabelled.rows[np.sort(unlabelled)]
                apart = tf.random.experimental.stateless_fold_in(seed, 1)
                view = tf.concat([view, self._unlabelled_view(self.unlabelled.pixels[rows], apart)], 0)
            if self.recipe.distill.mixtures:
                view = tf.concat([view, self._mixtures(view, number, step)], 0)
            yield Batch(step, view, self.labels[order])

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

    def _unlabelled_batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        """Yield the positions in ``unlabelled`` of every step's; empty ones where there are none."""
        count = min(len(self.unlabelled or ()), self.recipe.distill.unlabelled)
        if self.unlabelled is None or not count:
            return repeat(np.zeros(0, np.int64))
        near = round(self.recipe.distill.likely * count) if self.likely is not None else 0
        parts = [Stratum(np.arange(len(self.unlabelled)), count - near, positive=False)]
        if self.likely is not None and near:
            parts.append(Stratum(self.likely, near, positive=False))
        return batches(parts, self.steps, self.recipe.seed, epoch)

    def _mixtures(self, view: Any, epoch: int, step: int) -> Any:
        """Mix some views with others of the batch."""
        rng = np.random.default_rng([self.recipe.seed, epoch, step])
        ones, others = (rng.choice(len(view), self.recipe.distill.mixtures) for _ in range(2))
        share = rng.uniform(*MIXED, (len(ones), 1, 1, 1)).astype(np.float32)
        return share * tf.gather(view, ones) + (1 - share) * tf.gather(view, others)

    @cached_property
    def _view(self) -> Callable[[Any, Any], Any]:
        """The augmentation, traced once for all epochs."""
        return _compiled(self.recipe.augment)

    @cached_property
    def _unlabelled_view(self) -> Callable[[Any, Any], Any]:
        """The same for pictures without a label, which cannot lose it in a smaller crop."""
        return _compiled(
            self.recipe.augment.model_copy(update={"min_area": self.recipe.distill.unlabelled_min_area})
        )

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


def _compiled(config: AugmentConfig) -> Callable[[Any, Any], Any]:
    view: Callable[[Any, Any], Any] = tf.function(
        lambda pixels, seed: augment(pixels, seed, config), reduce_retracing=True
    )
    return view
