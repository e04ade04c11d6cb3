"""Fit a network: first its head on frozen embeddings, then everything from a named layer on at a lower rate.

Every epoch ends in a checkpoint that is written whole before the state names it, so that a kill at any time costs
at most the epoch it fell into, and the resumed run ends where an uninterrupted one would.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from store.blobs import write_atomically
from store.config import TrainConfig
from store.home import storage_error
from store.progress import Progress
from training.fitting.lessons import Batch, Lessons, Pictures
from training.fitting.linear import Linear, fit_linear, fit_ridge, layer_of
from training.fitting.losses import centred, distillation, step_of
from training.fitting.schedule import Schedule
from training.networks.backbones import embedder
from training.networks.forward import forward
from training.networks.frozen import frozen
from training.networks.heads import (
    head_of,
    logits_layer,
    seed_dropouts,
    set_linear,
    shift_prior,
    with_mimic,
    without_mimic,
)
from training.networks.parts import parts_of
from training.networks.pointwise import with_convolutions, with_products

log = logging.getLogger(__name__)

BEST = "best.keras"
START = "start.keras"
HEAD_STAGE, FINE_TUNING_STAGE = "head", "fine-tune"


class Told(Protocol):
    """Who is told of every epoch: a `training.tracking.tracker.Tracker`'s method."""

    def __call__(self, stage: str, epoch: int, numbers: dict[str, float]) -> None:
        """Take the numbers of an epoch (from 1) of a stage."""


@dataclass(frozen=True)
class Said:
    """What teachers say of the batches of an epoch.

    ``answers`` float32 [steps, n, classes] are log-probabilities, ``features`` float32 [steps, n, d] what they see.
    """

    answers: NDArray[np.float32]
    features: NDArray[np.float32]


@dataclass(frozen=True)
class Taught:
    """Teachers' word on ``views`` different epochs of views, which the student goes through round and round.

    ``said`` returns what they say of one of them; ``width`` is how many features they see; ``first`` the view that
    the student begins with; ``likely`` the pictures without a label that the views show more often (`Lessons`).
    """

    said: Callable[[int], Said]
    views: int
    width: int
    first: int = 0
    likely: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class State:
    """Where a fine-tuning stands: what the next epoch needs besides its checkpoint."""

    schedule: Schedule
    history: dict[str, list[float]] = field(default_factory=dict)

    def after(self, loss: float, score: float) -> "State":
        """Return the state after one more epoch of this mean loss and val score."""
        numbers = numbers_of(loss, score, self.schedule)
        history = {key: [*self.history.get(key, []), value] for key, value in numbers.items()}
        return State(self.schedule.after(score), history)


def seed_everything(seed: int) -> None:
    """Make Python, NumPy, Keras and TensorFlow repeat themselves on this machine."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit_head(
    model: keras.Model,
    embeddings: NDArray[Any],
    lessons: Lessons,
    val_embeddings: NDArray[Any],
    val: Pictures,
    tell: Told,
) -> None:
    """Fit the head of ``model`` in place on pooled embeddings.

    ``embeddings`` [n, d] are the training pictures', then the composites', as ``lessons`` numbers them;
    ``val_embeddings`` those of ``val``. A head without hidden layers is a logistic regression, which has one answer
    and no epochs; of any other the best epoch by val's average precision is kept.
    """
    fit = _fit_deep if lessons.recipe.head.hidden else _fit_linear
    fit(model, embeddings, lessons, val_embeddings, val, tell)


def _fit_linear(
    model: keras.Model,
    embeddings: NDArray[Any],
    lessons: Lessons,
    val_embeddings: NDArray[Any],
    val: Pictures,
    tell: Told,
) -> None:
    found = layer_of(fit_linear(embeddings, lessons.labels, lessons.weights))
    set_linear(model, found.kernel, found.bias, val.positive)
    # Fine-tuning goes on from here, in batches that have their own prior.
    shift_prior(model, val.positive, lessons.weighted_prior_shift())
    score = average_precision(val.positives, head_of(model).predict_on_batch(val_embeddings)[:, val.positive])
    tell(HEAD_STAGE, 1, {"val_average_precision": score})
    log.info("head fitted val_average_precision=%.4f", score)


def _fit_deep(
    model: keras.Model,
    embeddings: NDArray[Any],
    lessons: Lessons,
    val_embeddings: NDArray[Any],
    val: Pictures,
    tell: Told,
) -> None:
    recipe, head = lessons.recipe, head_of(model)
    head.compile(keras.optimizers.Adam(recipe.head_learning_rate), "sparse_categorical_crossentropy")
    schedule = Schedule(
        recipe.head_learning_rate, recipe.early_stopping_patience, recipe.reduce_lr_patience, recipe.head_epochs
    )
    state, best = State(schedule), head.get_weights()
    while not state.schedule.stopped:
        epoch = state.schedule.epoch
        seed_dropouts(head, recipe.seed, epoch)
        head.optimizer.learning_rate = state.schedule.rate
        losses = [
            head.train_on_batch(embeddings[batch], lessons.labels[batch]) for batch in lessons.head_batches(epoch)
        ]
        score = average_precision(val.positives, head.predict_on_batch(val_embeddings)[:, val.positive])
        tell(HEAD_STAGE, epoch + 1, numbers_of(float(np.mean(losses)), score, state.schedule))
        state = state.after(float(np.mean(losses)), score)
        if state.schedule.improved:
            best = head.get_weights()
    head.set_weights(best)
    log.info("head fitted epochs=%d val_average_precision=%.4f", state.schedule.epoch, state.schedule.best)


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
    Raises StoreError when a checkpoint cannot be written.
    """
    recipe, state = lessons.recipe, read_state(folder)
    if taught:
        lessons = replace(lessons, likely=taught.likely)
    if state is None:
        listens = recipe.distill.features or not recipe.head.hidden
        start = _fit_to_teachers(model, lessons, taught) if taught and listens else None
        model = with_products(model)
        if start:
            model = _begin_as(start, model, lessons)
        model.compile(_optimizer(recipe), "sparse_categorical_crossentropy")
        # Else the first checkpoint would lack the optimiser's variables.
        model.optimizer.build(model.trainable_variables)
        state = _begin(model, val, recipe, folder)
    else:
        log.info("resuming after epoch %d", state.schedule.epoch)
        _retell(state, tell)
        model = keras.models.load_model(_checkpoint(folder, state.schedule.epoch))
    # Traced here, once for all epochs.
    step = _step(model, recipe, distilled=taught is not None)
    while not state.schedule.stopped:
        loss = _train_an_epoch(model, step, lessons, taught, state.schedule, progress)
        score = score_on(val, model)
        log.info("epoch %d loss=%.4f val_average_precision=%.4f", state.schedule.epoch + 1, loss, score)
        tell(FINE_TUNING_STAGE, state.schedule.epoch + 1, numbers_of(loss, score, state.schedule))
        state = state.after(loss, score)
        _save(folder, model, state, (BEST,) if state.schedule.improved else ())
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


def _fit_to_teachers(model: keras.Model, lessons: Lessons, taught: Taught) -> Linear:
    """Return what best turns the student's features, as they are, into its teachers' logits, then their features.

    A random layer would first teach the student nonsense: in five epochs val's average precision fell from .976 to
    .955, and a fifth of its channels fell silent. And a head fitted to labels makes a student that went on from an
    earlier one forget what it had of its teachers: it agrees with them by .930 instead of .959 (docs/LOG.md).
    """
    see, said = frozen(embedder(model)), taught.said(taught.first)
    seen = np.concatenate([see(batch.view.numpy()) for batch in lessons.epoch(taught.first)])
    logits = centred(np.concatenate(said.answers))
    return fit_ridge(seen, np.concatenate([logits, np.concatenate(said.features)], axis=1))


def _begin_as(start: Linear, model: keras.Model, lessons: Lessons) -> keras.Model:
    """Give ``model`` its head and what mimics features, each where the recipe has such a thing."""
    recipe, classes = lessons.recipe, model.output_shape[1]
    if not recipe.head.hidden:
        set_linear(model, start.kernel[:, :classes], start.bias[:classes], lessons.train.positive)
    if not recipe.distill.features:
        return model
    return with_mimic(model, start.kernel[:, classes:], start.bias[classes:])


def average_precision(positives: NDArray[np.bool_], scores: NDArray[Any]) -> float:
    """Area under the precision-recall curve: what the schedule watches, since positives are few."""
    return float(average_precision_score(positives, scores))


def score_on(val: Pictures, model: keras.Model) -> float:
    """Return the average precision of ``model``, as it is now, on ``val``."""
    answers = forward(without_mimic(model))
    return average_precision(val.positives, answers(val.pixels, val.rows)[:, val.positive])


def numbers_of(loss: float, score: float, schedule: Schedule) -> dict[str, float]:
    """Return what is told of an epoch, by name."""
    return {"loss": loss, "val_average_precision": score, "learning_rate": schedule.rate}


def _retell(state: State, tell: Told) -> None:
    """Tell what a resumed fit, or one that another run has made, went through."""
    for number, values in enumerate(zip(*state.history.values(), strict=True), 1):
        tell(FINE_TUNING_STAGE, number, dict(zip(state.history, values, strict=True)))


def read_state(folder: Path) -> State | None:
    """Return where the fine-tuning in ``folder`` stands; None before its first checkpoint."""
    path = folder / "state.json"
    if not path.exists():
        return None
    raw = json.loads(path.read_text())
    return State(Schedule(**raw["schedule"]), raw["history"])


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
    _save(folder, model, state, (BEST, START) if recipe.start_share else (BEST,))
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
    view = (taught.first + epoch) % taught.views if taught else epoch
    said = taught.said(view) if taught else None
    title = f"fine-tune {epoch + 1}/{recipe.fine_tune_epochs}"

    def learn(batch: Batch) -> Any:
        word = (said.answers[batch.step], said.features[batch.step]) if said else ()
        return step(batch.view, tf.constant(batch.labels), *map(tf.constant, word))

    losses = [learn(batch) for batch in progress(lessons.epoch(view), title, lessons.steps)]
    return float(np.mean(losses))


def _checkpoint(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch:03d}.keras"


def _save(folder: Path, model: keras.Model, state: State, copies: Sequence[str]) -> None:
    """Checkpoint and its ``copies`` first, state second: the state never names a file that is not whole."""
    current = _checkpoint(folder, state.schedule.epoch)
    part = folder / "part.keras"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.save(part)
        with part.open("rb") as file:
            # Else a power cut could leave the state with a checkpoint that never reached the disk.
            os.fsync(file.fileno())
        part.replace(current)
        for copy in copies:
            shutil.copyfile(current, part)
            part.replace(folder / copy)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        part.unlink(missing_ok=True)
    write_atomically(folder / "state.json", json.dumps(asdict(state)).encode())
    for stale in folder.glob("epoch-*.keras"):
        if stale != current:
            stale.unlink(missing_ok=True)
