"""Fit a network: first its head on frozen embeddings, then everything from a named layer on at a lower rate.

Every epoch ends in a checkpoint that is written whole before the state names it, so that a kill at any time costs
at most the epoch it fell into, and the resumed run ends where an uninterrupted one would.
"""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
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
from training.augment import augment
from training.sampling import batches, steps
from training.schedule import Schedule

log = logging.getLogger(__name__)

Progress = Callable[[Iterable[Any], str, int | None], Iterable[Any]]


@dataclass(frozen=True)
class Pictures:
    """Rows of a pixel cache [*, size, size, 3] uint8, which of them to use, and their classes (indices)."""

    pixels: NDArray
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    positive: int

    @property
    def positives(self) -> NDArray[np.bool_]:
        """Whether each picture is of the positive class."""
        return self.labels == self.positive

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class State:
    """Where a fine-tuning stands: what the next epoch needs besides its checkpoint."""

    schedule: Schedule
    history: dict[str, list[float]] = field(default_factory=dict)


def seed_everything(seed: int) -> None:
    """Make Python, NumPy, Keras and TensorFlow repeat themselves on this machine."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit_head(
    model: keras.Model,
    embeddings: NDArray,
    train: Pictures,
    val_embeddings: NDArray,
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
            for batch in batches(train.positives, 256, recipe.positive_share, recipe.seed, schedule.epoch)
        ]
        scores = head.predict(val_embeddings, verbose=0, batch_size=1024)[:, val.positive]
        schedule = schedule.after(average_precision(val.positives, scores))
        head.optimizer.learning_rate = schedule.rate
        history["loss"].append(float(np.mean(losses)))
        history["val_average_precision"].append(average_precision(val.positives, scores))
        if schedule.improved:
            best = head.get_weights()
    model.layers[-1].set_weights(best)
    log.info("head fitted epochs=%d val_average_precision=%.4f", schedule.epoch, schedule.best)
    return history


def fine_tune(
    model: keras.Model, train: Pictures, val: Pictures, recipe: TrainConfig, folder: Path, progress: Progress
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Train ``model`` from layer ``recipe.unfreeze_from`` on; return the best epoch's network and the history.

    ``folder`` keeps checkpoints and the state; when it has some, the fit goes on from there.
    Raises StoreError when a checkpoint cannot be written.
    """
    state = _read_state(folder) or State(
        Schedule(recipe.fine_tune_learning_rate, recipe.early_stopping_patience, recipe.reduce_lr_patience)
    )
    if state.schedule.epoch:
        log.info("resuming after epoch %d", state.schedule.epoch)
        model = keras.models.load_model(_checkpoint(folder, state.schedule.epoch))
    else:
        unfreeze(model, recipe.unfreeze_from)
        model.compile(keras.optimizers.Adam(recipe.fine_tune_learning_rate), "sparse_categorical_crossentropy")
    while state.schedule.epoch < recipe.fine_tune_epochs and not state.schedule.stopped:
        state = _epoch(model, train, val, recipe, state, progress)
        _save(folder, model, state)
    best = folder / "best.keras"
    return (keras.models.load_model(best) if best.exists() else model), state.history


def unfreeze(model: keras.Model, first: str) -> None:
    """Make every layer from ``first`` on trainable, and the ones before it not."""
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == first
        layer.trainable = reached


def average_precision(positives: NDArray[np.bool_], scores: NDArray) -> float:
    """Area under the precision-recall curve: what the schedule watches, since positives are few."""
    return float(average_precision_score(positives, scores))


def predict(model: keras.Model, pictures: Pictures, batch: int = 64) -> NDArray[np.float32]:
    """Return probabilities [n, classes] of ``pictures``, read from the memory map a batch at a time."""
    chunks = [
        np.asarray(
            model(tf.cast(pictures.pixels[pictures.rows[start : start + batch]], tf.float32), training=False)
        )
        for start in range(0, len(pictures), batch)
    ]
    return np.concatenate(chunks).astype(np.float32)


def _epoch(
    model: keras.Model, train: Pictures, val: Pictures, recipe: TrainConfig, state: State, progress: Progress
) -> State:
    epoch = state.schedule.epoch
    model.optimizer.learning_rate = state.schedule.rate
    view = tf.function(augment)
    losses = []
    chosen = batches(train.positives, recipe.batch_size, recipe.positive_share, recipe.seed, epoch)
    title = f"fine-tune {epoch + 1}/{recipe.fine_tune_epochs}"
    for step, batch in enumerate(progress(chosen, title, steps(len(train), recipe.batch_size))):
        order = np.sort(batch)
        seed = tf.constant([recipe.seed, epoch * 1_000_000 + step], tf.int32)
        losses.append(model.train_on_batch(view(train.pixels[train.rows[order]], seed), train.labels[order]))
    score = average_precision(val.positives, predict(model, val)[:, val.positive])
    log.info("epoch %d loss=%.4f val_average_precision=%.4f", epoch + 1, np.mean(losses), score)
    history = {
        "loss": [*state.history.get("loss", []), float(np.mean(losses))],
        "val_average_precision": [*state.history.get("val_average_precision", []), score],
    }
    return State(state.schedule.after(score), history)


def _twin_of_head(model: keras.Model) -> keras.layers.Layer:
    """A fresh copy of the classifier with its weights, to be fitted without the network below it."""
    last = model.layers[-1]
    twin = last.__class__.from_config(last.get_config())
    twin.build(last.input.shape)
    twin.set_weights(last.get_weights())
    return twin


def _checkpoint(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch:03d}.keras"


def _save(folder: Path, model: keras.Model, state: State) -> None:
    """Checkpoint first, state second: the state never names a file that is not whole."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        current = _checkpoint(folder, state.schedule.epoch)
        part = folder / "part.keras"
        model.save(part)
        part.replace(current)
        if state.schedule.improved:
            best_part = folder / "best-part.keras"
            best_part.write_bytes(current.read_bytes())
            best_part.replace(folder / "best.keras")
    except OSError as error:
        raise storage_error(error, folder) from error
    write_atomically(folder / "state.json", json.dumps(asdict(state)).encode())
    for stale in folder.glob("epoch-*.keras"):
        if stale != current:
            stale.unlink(missing_ok=True)


def _read_state(folder: Path) -> State | None:
    path = folder / "state.json"
    if not path.exists():
        return None
    raw = json.loads(path.read_text())
    return replace(State(Schedule(**raw["schedule"])), history=raw["history"])
