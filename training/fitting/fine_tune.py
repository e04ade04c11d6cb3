"""Fine-tune a network: everything from a named layer on, at a low rate, by labels and by what teachers say.

Every epoch ends in a checkpoint that is written whole before the state names it (checkpoint.py): a kill at any time
costs at most the epoch it fell into, and the resumed run ends where an uninterrupted one would.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from store.config import TrainConfig
from store.progress import Progress
from training.fitting.checkpoint import (
    BEST,
    START,
    State,
    Told,
    checkpoint_of,
    numbers_of,
    read_state,
    save,
)
from training.fitting.head import average_precision, refuse_divergence
from training.fitting.lessons import Batch, Lessons, Pictures
from training.fitting.linear import Linear, fit_ridge
from training.fitting.losses import centred, distillation, step_of
from training.fitting.schedule import Schedule
from training.networks.backbones import embedder
from training.networks.forward import forward
from training.networks.frozen import frozen
from training.networks.heads import (
    STEPS_AN_EPOCH,
    logits_layer,
    seed_dropouts,
    set_linear,
    with_mimic,
    without_mimic,
)
from training.networks.parts import parts_of
from training.networks.pointwise import with_convolutions, with_products
from training.pictures.spoil import spoil

log = logging.getLogger(__name__)

# Traced once, as views are: op by op it takes twice as long.
_spoilt: Callable[..., Any] = tf.function(spoil, reduce_retracing=True)

FINE_TUNING_STAGE = "fine-tune"
# What to lower when a fine-tuning diverges.
RATE = "train.fine_tune_learning_rate or train.head_rate_factor (a teacher's rate: in train.distill.teachers)"

# A released network's convolutions with a head fitted to teachers on one view agree with them by .9612 on val and
# by .8559 far from it, on four by .9623 and .8585, on eight by .9624 and .8590; half a minute each (docs/LOG.md).
HEAD_VIEWS = 8


@dataclass(frozen=True)
class Said:
    """What teachers say of the batches of an epoch.

    ``answers`` float32 [steps, n, classes] are log-probabilities, ``features`` float32 [steps, n, d] what they see.
    """

    answers: NDArray[np.float32]
    features: NDArray[np.float32]


@dataclass(frozen=True)
class Taught:
    """Teachers' word on ``views`` different epochs of views, which the student goes through lap after lap.

    Where the recipe flips pictures, every second lap is seen in a mirror (`_facing`). ``said`` returns what is said
    of one view; ``first`` is the view that the student begins with; ``likely`` the pictures without a label that
    the views show more often (`Lessons`).
    """

    said: Callable[[int], Said]
    views: int
    first: int = 0
    likely: NDArray[np.int64] | None = None


def seed_everything(seed: int) -> None:
    """Make Python, NumPy, Keras and TensorFlow repeat themselves on this machine."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fine_tune(
    model: keras.Model,
    lessons: Lessons,
    val: Pictures,
    folder: Path,
    *,
    taught: Taught | None,
    progress: Progress,
    tell: Told,
) -> keras.Model:
    """Train a copy of ``model``, its layers that are trainable, and return the best network by val.

    ``folder`` keeps checkpoints and the state; when it has some, the fit goes on from there. ``taught`` are the
    answers of teachers to learn beside the labels.
    Raises ConfigError when the fit diverges, StoreError when a checkpoint cannot be written.
    """
    recipe, state = lessons.recipe, read_state(folder)
    if taught:
        lessons = replace(lessons, likely=taught.likely)
    if state is None:
        listens = recipe.distill.features or not recipe.head.hidden
        start = _fit_to_teachers(model, lessons, taught, progress) if taught and listens else None
        model = with_products(model)
        if start:
            model = _begin_as(start, model, lessons)
        model.compile(_optimizer(recipe), "sparse_categorical_crossentropy")
        # Else the first checkpoint would lack the optimiser's variables.
        model.optimizer.build(model.trainable_variables)
        state = _begin(model, val, recipe, folder)
    else:
        log.info("resuming after epoch %d", state.schedule.epoch)
        # In use, for training/forget.py.
        folder.touch()
        _retell(state, tell)
        model = keras.models.load_model(checkpoint_of(folder, state))
    # Traced here, once for all epochs.
    step = _step(model, recipe, distilled=taught is not None)
    while not state.schedule.stopped:
        loss = _train_an_epoch(model, step, lessons, taught, state.schedule, progress)
        score = score_on(val, model)
        log.info("epoch %d loss=%.4f val_average_precision=%.4f", state.schedule.epoch + 1, loss, score)
        tell(FINE_TUNING_STAGE, state.schedule.epoch + 1, numbers_of(loss, score, state.schedule))
        state = state.after(loss, score)
        save(folder, model, state, (BEST,) if state.schedule.improved else ())
    return _mean_with_start(_read(folder / BEST), folder, recipe.start_share)


def _read(checkpoint: Path) -> keras.Model:
    return with_convolutions(without_mimic(keras.models.load_model(checkpoint, compile=False)))


def _mean_with_start(model: keras.Model, folder: Path, share: float) -> keras.Model:
    """Give ``model`` in place the weights on the line to those that the fine-tuning in ``folder`` began with.

    ``share`` of them is the beginning's. A network that knows much already is carried away by a few views; half-way
    back it has most of what they taught and nearly all that it knew: Wortsman et al. 2022, "Robust fine-tuning of
    zero-shot models", https://arxiv.org/abs/2109.01903, sec. 3.
    """
    if share:
        pairs = zip(_read(folder / START).get_weights(), model.get_weights(), strict=True)
        model.set_weights([share * before + (1 - share) * after for before, after in pairs])
    return model


def _fit_to_teachers(model: keras.Model, lessons: Lessons, taught: Taught, progress: Progress) -> Linear:
    """Return what best turns the student's features, as they are, into its teachers' logits, then their features.

    A random layer would first teach the student nonsense: in five epochs val's average precision fell from .976 to
    .955, and a fifth of its channels fell silent. And a head fitted to labels makes a student that went on from an
    earlier one forget what it had of its teachers: it agrees with them by .930 instead of .959 (docs/LOG.md).
    """
    see, views = frozen(embedder(model)), min(taught.views, HEAD_VIEWS)

    def part(step: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        view = (taught.first + step) % taught.views
        seen, said = np.concatenate([see(batch.view.numpy()) for batch in lessons.epoch(view)]), taught.said(view)
        told = centred(np.concatenate(said.answers)), np.concatenate(said.features)
        return seen, np.concatenate(told, axis=1)

    return fit_ridge(map(part, progress(range(views), "fit to teachers", views)))


def _begin_as(start: Linear, model: keras.Model, lessons: Lessons) -> keras.Model:
    """Give ``model`` its head and what mimics features, each where the recipe has such a thing."""
    recipe, classes = lessons.recipe, model.output_shape[1]
    if not recipe.head.hidden:
        set_linear(model, start.kernel[:, :classes], start.bias[:classes], lessons.train.positive)
    if not recipe.distill.features:
        return model
    return with_mimic(model, start.kernel[:, classes:], start.bias[classes:])


def score_on(val: Pictures, model: keras.Model) -> float:
    """Return the average precision of ``model``, as it is now, on ``val``; ConfigError where it has diverged."""
    answers = forward(with_convolutions(without_mimic(model)))(val.pixels, val.rows)[:, val.positive]
    refuse_divergence(answers, RATE)
    return average_precision(val.positives, answers)


def _retell(state: State, tell: Told) -> None:
    """Tell what a resumed fit, or one that another run has made, went through."""
    for number, values in enumerate(zip(*state.history.values(), strict=True), 1):
        tell(FINE_TUNING_STAGE, number, dict(zip(state.history, values, strict=True)))


def _begin(model: keras.Model, val: Pictures, recipe: TrainConfig, folder: Path) -> State:
    """The fitted head alone is the first candidate: fine-tuning must beat it."""
    schedule = Schedule(
        recipe.fine_tune_learning_rate,
        recipe.early_stopping_patience,
        recipe.reduce_lr_patience,
        recipe.fine_tune_epochs,
        recipe.decay,
        best=score_on(val, model),
    )
    state = State(schedule)
    save(folder, model, state, (BEST, START) if recipe.start_share else (BEST,))
    return state


def _optimizer(recipe: TrainConfig) -> keras.optimizers.Optimizer:
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(recipe.fine_tune_learning_rate, momentum=0.9)
    return keras.optimizers.Adam(recipe.fine_tune_learning_rate)


def _step(model: keras.Model, recipe: TrainConfig, *, distilled: bool) -> Callable[..., Any]:
    distill = recipe.distill
    loss = None
    if distilled:
        loss = distillation(distill.weight, distill.temperature, distill.features, distill.logits)
    parts = parts_of(model)
    learn = step_of(model, logits_layer(model), recipe.head_rate_factor, loss, behind=parts.behind)
    return lambda view, *told: learn(parts.see(view), *told)


def _train_an_epoch(
    model: keras.Model,
    step: Callable[..., Any],
    lessons: Lessons,
    taught: Taught | None,
    schedule: Schedule,
    progress: Progress,
) -> float:
    """Train ``model`` in place for an epoch and return the mean loss."""
    epoch, recipe = schedule.epoch, lessons.recipe
    model.optimizer.learning_rate = schedule.rate
    # A checkpoint does not keep the dropout's random state.
    seed_dropouts(model, recipe.seed, epoch)
    lap, view = (epoch // taught.views, (taught.first + epoch) % taught.views) if taught else (0, epoch)
    said = taught.said(view) if taught else None
    title = f"fine-tune {epoch + 1}/{recipe.fine_tune_epochs}"

    def learn(batch: Batch) -> Any:
        word = (said.answers[batch.step], said.features[batch.step]) if said else ()
        seen = _facing(batch.view, lap, recipe)
        if recipe.distill.spoil:
            # By the epoch: in another lap a view is spoilt in another way.
            seed = tf.constant([recipe.seed, epoch * STEPS_AN_EPOCH + batch.step], tf.int32)
            seen = _spoilt(seen, seed, recipe.distill.spoil)
        return step(seen, tf.constant(batch.labels), *map(tf.constant, word))

    losses = [learn(batch) for batch in progress(lessons.epoch(view), title, lessons.steps)]
    return float(np.mean(losses))


def _facing(view: Any, lap: int, recipe: TrainConfig) -> Any:
    """Return what the student is shown of a view that it comes to for the ``lap``-th time, 0 for the first.

    A second look at the same pixels is learnt by heart (docs/LOG.md). In a mirror they are new, and teachers say
    the same of them: their answers agree with themselves by .995, so they need not be asked again.
    """
    return view[:, :, ::-1] if lap % 2 and recipe.augment.flip else view
