"""Fit a head on frozen embeddings: what a network answers before its other layers learn anything."""

import logging
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from store.errors import ConfigError
from training.fitting.checkpoint import State, Told, numbers_of
from training.fitting.lessons import Lessons, Pictures
from training.fitting.linear import fit_linear, layer_of
from training.fitting.schedule import Schedule
from training.networks.heads import head_of, seed_dropouts, set_linear, shift_prior

log = logging.getLogger(__name__)

HEAD_STAGE = "head"


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
    Raises ConfigError when the fit diverges.
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
        answers = head.predict_on_batch(val_embeddings)[:, val.positive]
        refuse_divergence(answers, "train.head_learning_rate")
        score = average_precision(val.positives, answers)
        tell(HEAD_STAGE, epoch + 1, numbers_of(float(np.mean(losses)), score, state.schedule))
        state = state.after(float(np.mean(losses)), score)
        if state.schedule.improved:
            best = head.get_weights()
    head.set_weights(best)
    log.info("head fitted epochs=%d val_average_precision=%.4f", state.schedule.epoch, state.schedule.best)


def refuse_divergence(answers: NDArray[Any], rate: str) -> None:
    """Raise ConfigError when ``answers`` of a fit are no numbers any more; ``rate`` names what was too high."""
    if not np.isfinite(answers).all():
        raise ConfigError(f"the fit diverged: what it answers are no numbers any more; lower {rate}")


def average_precision(positives: NDArray[np.bool_], scores: NDArray[Any]) -> float:
    """Area under the precision-recall curve: what the schedule watches, since positives are few."""
    return float(average_precision_score(positives, scores))
