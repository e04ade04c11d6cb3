"""Attacks by somebody who knows the weights, in a ball around each picture (L-infinity, on the scale 0..255)."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.evaluation.curves import Flags
from training.networks.heads import HEAD

Pixels = NDArray[np.float32]

# With 2.5 eps / steps an iterate can cross the ball and come back (the step of Madry et al.'s own library).
PGD_STEP = 2.5
BATCH = 32


class Target:
    """The network as its attacker sees it: compiled, a batch at a time."""

    def __init__(self, model: keras.Model, positive: int, threshold: float) -> None:
        head = _head(model)
        # The log-odds are taken from the layer below the softmax: of a rounded probability 1 no slope is left,
        # and the network would look robust only because the attack went blind (Carlini and Wagner, 2017,
        # arXiv:1608.04644, sec. V). For one picture they have the sign of the slope of the cross-entropy.
        below = keras.Model(model.input, [head.input, model.output])
        signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]

        def look(pixels: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                tape.watch(pixels)
                features, answer = below(pixels, training=False)
                logits = tf.matmul(features, head.kernel) + (head.bias if head.use_bias else 0.0)
                others = tf.concat([logits[:, :positive], logits[:, positive + 1 :]], axis=1)
                odds = logits[:, positive] - tf.reduce_logsumexp(others, axis=1)
            return answer[:, positive], tape.gradient(odds, pixels)

        def judge(pixels: Any) -> Any:
            return model(pixels, training=False)[:, positive]

        self._look = tf.function(look, input_signature=signature)
        self._judge = tf.function(judge, input_signature=signature)
        self.threshold = threshold

    def look(self, pixels: Pixels) -> tuple[Flags, Pixels]:
        """Return whether each picture is covered, and how its log-odds rise with each value of ``pixels``."""
        seen = [self._look(pixels[at : at + BATCH]) for at in range(0, len(pixels), BATCH)]
        if not seen:
            return np.zeros(0, np.bool_), np.zeros_like(pixels)
        probabilities, slopes = (
            np.concatenate([np.asarray(part) for part in parts]) for parts in zip(*seen, strict=True)
        )
        return self._covered(probabilities), slopes

    def covers(self, pixels: Pixels) -> Flags:
        """Return bool[n]: whether each picture's probability is at least the threshold."""
        seen = [np.asarray(self._judge(pixels[at : at + BATCH])) for at in range(0, len(pixels), BATCH)]
        return self._covered(np.concatenate([np.zeros(0, np.float32), *seen]))

    def _covered(self, probabilities: NDArray[np.float32]) -> Flags:
        # float64, as in evaluate: NumPy would round the threshold to float32.
        return probabilities.astype(np.float64) >= self.threshold


def noise(pixels: Pixels, eps: float, rng: np.random.Generator) -> Pixels:
    """Return ``pixels`` with uniform noise within ``eps``: the control that no attacker chose."""
    return _within(pixels, pixels + rng.uniform(-eps, eps, pixels.shape).astype(np.float32), eps)


def fgsm(pixels: Pixels, slopes: Pixels, positives: Flags, eps: float) -> Pixels:
    """Return one step of ``eps`` along the sign of the slope, to the wrong side.

    The fast gradient sign method: Goodfellow et al., 2015, arXiv:1412.6572, sec. 4.
    """
    return _within(pixels, pixels + eps * away(positives) * np.sign(slopes), eps)


def pgd(
    target: Target, pixels: Pixels, positives: Flags, eps: float, steps: int, rng: np.random.Generator
) -> Pixels:
    """Return the pictures after ``steps`` signed steps of 2.5 eps / steps, from one random start in the ball.

    Projected gradient descent: Madry et al., 2018, arXiv:1706.06083, sec. 2.1. A picture that falls on the way is
    left where it fell.
    """
    found = noise(pixels, eps, rng)
    left = np.arange(len(pixels))
    for _ in range(steps):
        covered, slopes = target.look(found[left])
        standing = covered == positives[left]
        left, slopes = left[standing], slopes[standing]
        if not len(left):
            break
        moved = found[left] + PGD_STEP * eps / steps * away(positives[left]) * np.sign(slopes)
        found[left] = _within(pixels[left], moved, eps)
    return found


def _within(pixels: Pixels, moved: Pixels, eps: float) -> Pixels:
    """Return ``moved`` cut back to the ball around ``pixels``, and to what a pixel can be."""
    return np.clip(np.clip(moved, pixels - eps, pixels + eps), 0, 255).astype(np.float32)


def away(positives: Flags) -> Pixels:
    """Return float32 [n, 1, 1, 1]: -1 where the attacker wants lower log-odds, 1 where he wants higher ones."""
    return np.where(positives, -1, 1).astype(np.float32)[:, None, None, None]


def _head(model: keras.Model) -> Any:
    names = [layer.name for layer in model.layers]
    head = model.get_layer(HEAD) if HEAD in names else None
    if not isinstance(head, keras.layers.Dense) or head.activation is not keras.activations.softmax:
        raise ValueError(f"{model.name}: the attack needs the Dense softmax layer '{HEAD}'")
    return head
