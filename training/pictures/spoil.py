"""What a student is shown in place of a view that its teachers saw whole: grey, dark, half out of focus, small.

Teachers' answers stay: what is a cluster of holes in daylight is one at dusk, and the student has to see it there
(Xie et al. 2020, "Self-training with Noisy Student improves ImageNet classification",
https://arxiv.org/abs/1911.04252, sec. 2). Asked about the dark picture itself, a frozen teacher sees none.
As in `augment`, all lengths are shares of a picture's sides and every number follows from the seed.
"""

from collections.abc import Callable
from math import pi
from typing import Any

import tensorflow as tf

from store.pdq import LUMA
from training.pictures.augment import blurred, on_some

# Factors on displayed levels: .25 is a twentieth of the light. Sensor noise has at most so many levels.
DARKEST, DIM, NOISE = 0.25, 0.7, 8.0
# Gaussians in sides of the picture, and over how much of it focus is lost.
BLUR, EDGE = 0.025, 0.3
# Sides of what is left of a picture on a plain ground.
SMALLEST, LARGEST = 0.4, 0.85
# What is drawn here is not what the view was drawn by.
APART = 2


def spoil(view: Any, seed: Any, share: float) -> Any:
    """Return float32 [n, size, size, 3] in 0..255, each of ``WAYS`` done to ``share`` (0..1) of the pictures.

    ``seed`` is an int32 pair, which may be the one that the view was drawn by.
    """
    own = tf.random.experimental.stateless_fold_in(seed, APART)
    seeds = tf.unstack(tf.random.experimental.stateless_split(own, len(WAYS)))
    for change, one in zip(WAYS.values(), seeds, strict=True):
        view = on_some(view, share, one, change)
    return view


def _grey(images: Any, _seed: Any) -> Any:
    return tf.reduce_sum(images * LUMA, axis=-1, keepdims=True) * tf.ones([3])


def _dark(images: Any, seed: Any) -> Any:
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
    each = [tf.shape(images)[0], 1, 1, 1]
    light = tf.random.stateless_uniform(each, seeds[0], DARKEST, DIM)
    grain = tf.random.stateless_uniform(each, seeds[1], 0.0, NOISE) * tf.random.stateless_normal(
        tf.shape(images), seeds[2]
    )
    return tf.clip_by_value(light * images + grain, 0.0, 255.0)


def _half_focused(images: Any, seed: Any) -> Any:
    """Lose focus on one side of a line through the middle, at any angle."""
    angle = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1], seed, 0.0, 2.0 * pi)
    along = tf.linspace(-1.0, 1.0, tf.shape(images)[1])
    side = tf.cos(angle) * along[:, None] + tf.sin(angle) * along
    soft = tf.clip_by_value(side / EDGE + 0.5, 0.0, 1.0)[..., None]
    return images + soft * (blurred(images, BLUR) - images)


def _small(images: Any, seed: Any) -> Any:
    """Shrink to anywhere on a ground of the mean colour of the border."""
    side = tf.random.stateless_uniform([3, tf.shape(images)[0]], seed)
    size = tf.cast(tf.shape(images)[1], tf.float32)
    edges = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    ground = tf.reduce_mean(tf.concat(edges, axis=1), axis=1)[:, None, None]
    scale = SMALLEST + (LARGEST - SMALLEST) * side[0]
    left, top = ((1.0 - scale) * size * place for place in (side[1], side[2]))
    zero = tf.zeros_like(scale)
    columns = [1.0 / scale, zero, -left / scale, zero, 1.0 / scale, -top / scale, zero, zero]
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images - ground,
        transforms=tf.stack(columns, axis=1),
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return moved + ground


WAYS: dict[str, Callable[[Any, Any], Any]] = {
    "small": _small,
    "half_focused": _half_focused,
    "grey": _grey,
    "dark": _dark,
}
