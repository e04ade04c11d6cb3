"""Random views of a batch, as TensorFlow ops on whole batches (a picture at a time costs ten times as much).

Every random number follows from ``(seed, epoch, step)``: a resumed epoch sees what an uninterrupted one would.
"""

from typing import Any

import tensorflow as tf

# A crop keeps at least this share of the picture's area: less, and a cluster in a corner is lost from its label.
MIN_AREA = 0.4


def augment(pixels: Any, seed: Any) -> Any:
    """Return one random view of uint8 or float pixels [n, size, size, 3] in 0..255, as float32 in 0..255.

    ``seed`` is an int32 pair. Flips, quarter turns, crops with a change of aspect, resize filter, brightness,
    contrast and colour.
    """
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 6))
    images = tf.cast(pixels, tf.float32)
    images = _flip_and_turn(images, seeds[0])
    images = _crop(images, seeds[1], seeds[2])
    images = _colour(images, seeds[3], seeds[4])
    return tf.clip_by_value(images, 0.0, 255.0)


def _flip_and_turn(images: Any, seed: Any) -> Any:
    """Clusters have no up and down: a flip each way and a transposition make all eight orientations."""
    draws = tf.random.stateless_uniform([3, tf.shape(images)[0], 1, 1, 1], seed) < 0.5
    images = tf.where(draws[0], tf.reverse(images, [2]), images)
    images = tf.where(draws[1], tf.reverse(images, [1]), images)
    return tf.where(draws[2], tf.transpose(images, [0, 2, 1, 3]), images)


def _crop(images: Any, seed: Any, filter_seed: Any) -> Any:
    count, size = tf.shape(images)[0], tf.shape(images)[1]
    draws = tf.random.stateless_uniform([4, count], seed)
    area = MIN_AREA + (1.0 - MIN_AREA) * draws[0]
    aspect = tf.exp(tf.math.log(1.33) * (2.0 * draws[1] - 1.0))
    height = tf.minimum(1.0, tf.sqrt(area * aspect))
    width = tf.minimum(1.0, tf.sqrt(area / aspect))
    top, left = draws[2] * (1.0 - height), draws[3] * (1.0 - width)
    boxes = tf.stack([top, left, top + height, left + width], axis=1)
    rows = tf.range(count)
    smooth = tf.image.crop_and_resize(images, boxes, rows, [size, size], method="bilinear")
    sharp = tf.image.crop_and_resize(images, boxes, rows, [size, size], method="nearest")
    # A random resize filter: the residue between Python's and the browser's must not matter (decision 3).
    nearest = tf.random.stateless_uniform([count, 1, 1, 1], filter_seed) < 0.2
    return tf.where(nearest, sharp, smooth)


def _colour(images: Any, seed: Any, channel_seed: Any) -> Any:
    count = tf.shape(images)[0]
    draws = tf.random.stateless_uniform([4, count, 1, 1, 1], seed, -1.0, 1.0)
    channels = tf.random.stateless_uniform([count, 1, 1, 3], channel_seed, -1.0, 1.0)
    grey = tf.reduce_mean(images, axis=3, keepdims=True)
    images = grey + (images - grey) * (1.0 + 0.5 * draws[0])
    mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
    images = mean + (images - mean) * (1.0 + 0.35 * draws[1])
    images = images * (1.0 + 0.25 * draws[2]) + 20.0 * draws[3] + 15.0 * channels
    # One picture in ten is monochrome: colour must help, not decide.
    return tf.where(tf.abs(draws[0]) > 0.9, tf.reduce_mean(images, axis=3, keepdims=True), images)
