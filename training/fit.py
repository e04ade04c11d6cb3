"""Fit a network: first its head on frozen embeddings, then everything from a named layer on at a lower rate.

Every epoch ends in a checkpoint that is written whole before the state names it, so that a kill at any time costs
at most the epoch it fell into, and the resumed run ends where an uninterrupted one would.
"""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from store.blobs import write_atomically
from store.config import TrainConfig
from store.home import storage_error
from store.progress import Progress
from training.augment import augment
from training.backbones import DROPOUT, HEAD
from training.forward import forward
from training.sampling import batches, steps
from training.schedule import Schedule

log = logging.getLogger(__name__)

BEST = "best.keras"
HEAD_BATCH = 256
# More than any epoch has: the random numbers of two epochs never overlap.
STEPS_AN_EPOCH = 10_000_000


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
class State:
    """Where a fine-tuning stands: what the next epoch needs besides its checkpoint."""

    schedule: Schedule
    history: dict[str, list[float]] = field(default_factory=dict)

    def after(self, loss: float, score: float) -> "State":
        """Return the state after one more epoch of this mean loss and val score."""
        history = {
            "loss": [*self.history.get("loss", []), loss],
            "val_average_precision": [*self.history.get("val_average_precision", []), score],
        }
        return State(self.schedule.after(score), history)


def seed_everything(seed: int) -> None:
    """Make Python, NumPy, Keras and TensorFlow repeat themselves on this machine."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit_head(
    model: keras.Model,
    embeddings: NDArray[Any],
    train: Pictures,
    val_embeddings: NDArray[Any],
    val: Pictures,
    recipe: TrainConfig,
) -> dict[str, list[float]]:
    """Fit the classifier layer of ``model`` in place on pooled embeddings [n, d] and return its history."""
    head = keras.Sequential([keras.Input((embeddings.shape[1],)), _twin_of_head(model)])
    head.compile(keras.optimizers.Adam(recipe.head_learning_rate), "sparse_categorical_crossentropy")
    schedule = Schedule(recipe.head_learning_rate, recipe.early_stopping_patience, recipe.reduce_lr_patience)
    history: dict[str, list[float]] = {"loss": [], "val_average_precision": []}
    best = head.get_weights()
    while schedule.epoch < recipe.head_epochs and not schedule.stopped:
        losses = [
            head.train_on_batch(embeddings[batch], train.labels[batch])
            for batch in batches(train.positives, HEAD_BATCH, recipe.positive_share, recipe.seed, schedule.epoch)
        ]
        score = average_precision(val.positives, head.predict_on_batch(val_embeddings)[:, val.positive])
        schedule = schedule.after(score)
        head.optimizer.learning_rate = schedule.rate
        history["loss"].append(float(np.mean(losses)))
        history["val_average_precision"].append(score)
        if schedule.improved:
            best = head.get_weights()
    model.get_layer(HEAD).set_weights(best)
    log.info("head fitted epochs=%d val_average_precision=%.4f", schedule.epoch, schedule.best)
    return history


def fine_tune(
    model: keras.Model, train: Pictures, val: Pictures, recipe: TrainConfig, folder: Path, progress: Progress
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Train the layers of ``model`` that are trainable; return the best network by val, and the history.

    ``folder`` keeps checkpoints and the state; when it has some, the fit goes on from there.
    Raises StoreError when a checkpoint cannot be written.
    """
    state = _read_state(folder)
    if state is None:
        model.compile(keras.optimizers.Adam(recipe.fine_tune_learning_rate), "sparse_categorical_crossentropy")
        # Else the first checkpoint would lack the optimiser's variables.
        model.optimizer.build(model.trainable_variables)
        state = _begin(model, val, recipe, folder)
    else:
        log.info("resuming after epoch %d", state.schedule.epoch)
        model = keras.models.load_model(_checkpoint(folder, state.schedule.epoch))
    # Traced here, once for all epochs.
    view, answers = tf.function(augment), forward(model)
    while state.schedule.epoch < recipe.fine_tune_epochs and not state.schedule.stopped:
        loss = _train_an_epoch(model, view, train, recipe, state.schedule, progress)
        score = average_precision(val.positives, answers(val.pixels, val.rows)[:, val.positive])
        log.info("epoch %d loss=%.4f val_average_precision=%.4f", state.schedule.epoch + 1, loss, score)
        state = state.after(loss, score)
        _save(folder, model, state, best=state.schedule.improved)
    return keras.models.load_model(folder / BEST, compile=False), state.history


def _begin(model: keras.Model, val: Pictures, recipe: TrainConfig, folder: Path) -> State:
    """The fitted head alone is the first candidate: fine-tuning must beat it."""
    score = average_precision(val.positives, forward(model)(val.pixels, val.rows)[:, val.positive])
    schedule = Schedule(
        recipe.fine_tune_learning_rate, recipe.early_stopping_patience, recipe.reduce_lr_patience, best=score
    )
    state = State(schedule)
    _save(folder, model, state, best=True)
    return state


def shift_prior(model: keras.Model, positive: int, shift: float) -> None:
    """Add ``shift`` to the positive class's logit of the head, in place."""
    kernel, bias = model.get_layer(HEAD).get_weights()
    bias[positive] += shift
    model.get_layer(HEAD).set_weights([kernel, bias])


def average_precision(positives: NDArray[np.bool_], scores: NDArray[Any]) -> float:
    """Area under the precision-recall curve: what the schedule watches, since positives are few."""
    return float(average_precision_score(positives, scores))


def _train_an_epoch(
    model: keras.Model,
    view: Callable[[Any, Any], Any],
    train: Pictures,
    recipe: TrainConfig,
    schedule: Schedule,
    progress: Progress,
) -> float:
    """Train ``model`` in place on views of all of ``train`` and return the mean loss."""
    epoch = schedule.epoch
    model.optimizer.learning_rate = schedule.rate
    # A checkpoint does not keep the dropout's random state.
    model.get_layer(DROPOUT).seed_generator.state.assign([recipe.seed, epoch * STEPS_AN_EPOCH])
    losses = []
    chosen = batches(train.positives, recipe.batch_size, recipe.positive_share, recipe.seed, epoch)
    title = f"fine-tune {epoch + 1}/{recipe.fine_tune_epochs}"
    for step, batch in enumerate(progress(chosen, title, steps(len(train), recipe.batch_size))):
        order = np.sort(batch)
        seed = tf.constant([recipe.seed, epoch * STEPS_AN_EPOCH + step], tf.int32)
        losses.append(model.train_on_batch(view(train.pixels[train.rows[order]], seed), train.labels[order]))
    return float(np.mean(losses))


def _twin_of_head(model: keras.Model) -> keras.layers.Layer:
    """A fresh copy of the classifier with its weights, to be fitted without the network below it."""
    last = model.get_layer(HEAD)
    twin = last.__class__.from_config(last.get_config())
    twin.build(last.input.shape)
    twin.set_weights(last.get_weights())
    return twin


def _checkpoint(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch:03d}.keras"


def _save(folder: Path, model: keras.Model, state: State, *, best: bool) -> None:
    """Checkpoint first, state second: the state never names a file that is not whole."""
    current = _checkpoint(folder, state.schedule.epoch)
    part = folder / "part.keras"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.save(part)
        part.replace(current)
        if best:
            shutil.copyfile(current, part)
            part.replace(folder / BEST)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        part.unlink(missing_ok=True)
    write_atomically(folder / "state.json", json.dumps(asdict(state)).encode())
    for stale in folder.glob("epoch-*.keras"):
        if stale != current:
            stale.unlink(missing_ok=True)


def _read_state(folder: Path) -> State | None:
    path = folder / "state.json"
    if not path.exists():
        return None
    raw = json.loads(path.read_text())
    return State(Schedule(**raw["schedule"]), raw["history"])
