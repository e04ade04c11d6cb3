"""One step of training: the loss of labels or of teachers' answers, and a head that may learn faster."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

# What a probability is raised to before its logarithm is taken: float32 has nothing between this and 0 to tell.
TINY = 1e-7

Loss = Callable[..., Any]


def step_of(
    model: keras.Model,
    head: Any,
    head_rate_factor: float,
    loss: Loss | None = None,
    *,
    behind: keras.Model | None = None,
) -> Callable[..., Any]:
    """Return ``step(view, labels, *answers)``: one compiled step of ``model``'s own optimiser; its mean loss.

    ``view`` is float32 [n, size, size, 3], ``labels`` int64 [n], ``answers`` what ``loss`` takes besides; without a
    ``loss`` it is the cross-entropy of the labels. The layer ``head`` learns ``head_rate_factor`` times as fast.
    ``behind``: the part of ``model`` that learns (`training.networks.parts`), whose input ``view`` then is.
    """
    learner = model if behind is None else behind
    told = loss or _cross_entropy

    def step(view: Any, labels: Any, *answers: Any) -> Any:
        with tf.GradientTape() as tape:
            value = told(labels, learner(view, training=True), *answers)
            total = tf.add_n([value, *model.losses])
        before = [tf.identity(weight) for weight in head.trainable_weights] if head_rate_factor != 1 else []
        variables = model.trainable_variables
        model.optimizer.apply(tape.gradient(total, variables), variables)
        # A step k times as far is a step at k times the rate, whatever the optimiser does with gradients.
        for weight, old in zip(head.trainable_weights, before, strict=False):
            weight.assign(old + head_rate_factor * (weight - old))
        return value

    compiled: Callable[..., Any] = tf.function(step, reduce_retracing=True)
    return compiled


def distillation(weight: float, temperature: float, features: float = 0.0, logits: float = 0.0) -> Loss:
    """Return the loss of a student: ``weight`` of it is the teachers' word, the rest is the label's.

    Hinton, Vinyals and Dean 2015, https://arxiv.org/abs/1503.02531, sec. 2: the divergence of the answers at
    ``temperature``, times its square, so that gradients keep their size. Added are ``logits`` times the squared
    difference of the centred logits (Ba and Caruana 2014, https://arxiv.org/abs/1312.6184, sec. 2.2), which tells
    how sure a teacher is where probabilities near 0 and 1 hardly do, and ``features`` times the mean squared
    difference of what both see. The loss takes labels [k] of the first k pictures, the student's probabilities
    [n, classes] (in a list with what it sees [n, d] where ``features`` count), the teachers' log-probabilities and
    what they see.
    """

    def loss(labels: Any, student: Any, answers: Any, seen: Any) -> Any:
        probabilities, *mimicked = student if features else [student]
        taught = tf.nn.softmax(answers / temperature)
        spoken = tf.math.log(tf.maximum(probabilities, TINY))
        learnt = tf.nn.log_softmax(spoken / temperature)
        divergence = tf.reduce_mean(tf.reduce_sum(tf.math.xlogy(taught, taught) - taught * learnt, axis=1))
        labelled = _cross_entropy(labels, probabilities[: tf.shape(labels)[0]])
        total = weight * temperature**2 * divergence + (1 - weight) * labelled
        if logits:
            total += logits * tf.reduce_mean(tf.reduce_sum(tf.square(centred(spoken) - centred(answers)), axis=1))
        return total + sum(features * tf.reduce_mean(tf.square(seen - mine)) for mine in mimicked)

    return loss


def centred(logs: Any) -> Any:
    """Return the logits that add up to 0, of log-probabilities [n, classes]."""
    return logs - tf.reduce_mean(logs, axis=1, keepdims=True)


def _cross_entropy(labels: Any, probabilities: Any) -> Any:
    return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities))
