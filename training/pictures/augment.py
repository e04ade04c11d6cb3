"""Random views of a batch, as TensorFlow ops on whole batches (a picture at a time costs ten times as much).

Every random number follows from the seed, which the caller makes of ``(seed, epoch, step)``: a resumed epoch sees
what an uninterrupted one would. Nothing drawn depends on the picture's size, and all lengths are shares of it: the
same seed gives the same view at 128 and at 224 pixels, which is how a teacher and its student see one picture.
"""

from collections.abc import Callable
from math import pi
from typing import Any

import tensorflow as tf

from store.config import AugmentConfig

USUAL = AugmentConfig()

# Standard deviation of the strongest blur, in sides of the picture: 1.3 pixels at 160.
BLUR = 0.008
JPEG_QUALITY = 30, 96
# Brightness is a factor of 1 +- share and an offset of at most so many levels times the share.
OFFSET = 80.0
# How a picture is made smaller and how larger again, in place of one bilinear resize.
FILTERS = (("nearest", "nearest"), ("area", "bilinear"), ("bicubic", "bicubic"), ("bilinear", "nearest"))
# Brightness as television weighs it would need three weights where one will do.
GREY = 1.0 / 3.0


def augment(pixels: Any, seed: Any, config: AugmentConfig = USUAL) -> Any:
    """Return one random view of uint8 or float pixels [n, size, size, 3] in 0..255, as float32 in 0..255.

    ``seed`` is an int32 pair. What ``config`` switches off is not computed at all.
    """
    # A seed each, so that switching one augmentation off changes nothing in the others.
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 6))
    images = tf.cast(pixels, tf.float32)
    images = _placed(images, seeds[0], config)
    images = _coloured(images, seeds[1], seeds[2], config)
    images = on_some(images, config.blur, seeds[3], _blurred)
    images = on_some(images, config.resize_filter, seeds[4], _resized)
    return on_some(images, config.jpeg, seeds[5], _compressed)


def _placed(images: Any, seed: Any, config: AugmentConfig) -> Any:
    """Orientation, crop, rotation, shear and shift as one affine resampling: each picture is interpolated once.

    Crops only enlarge, so bilinear interpolation meets no finer detail than it can carry. What lies outside is the
    picture's mirror image, never a black corner.
    """
    free = not (config.rotate or config.shift or config.shear) and config.min_area == 1 and config.aspect == 1
    if free and not (config.flip or config.turn):
        return images
    size = tf.cast(tf.shape(images)[1], tf.float32)
    draws = tf.unstack(tf.random.stateless_uniform([11, tf.shape(images)[0]], seed))
    matrix = tf.matmul(_distortion(draws[3:7], config), _orientation(draws[:3], config))
    width, height = _crop(draws[3], draws[4], config)
    away = tf.stack(
        [
            (draws[7] - 0.5) * (1.0 - width) + config.shift * (2.0 * draws[9] - 1.0),
            (draws[8] - 0.5) * (1.0 - height) + config.shift * (2.0 * draws[10] - 1.0),
        ],
        axis=1,
    )
    # From the picture's middle and sides to pixel centres, where the operation counts from.
    middle = (size - 1.0) / 2.0
    offset = middle + size * away - middle * tf.reduce_sum(matrix, axis=2)
    nothing = [tf.zeros_like(width)] * 2
    columns = [matrix[:, 0, 0], matrix[:, 0, 1], offset[:, 0], matrix[:, 1, 0], matrix[:, 1, 1], offset[:, 1]]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([*columns, *nothing], axis=1),
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )


def _orientation(draws: list[Any], config: AugmentConfig) -> Any:
    """Matrices [n, 2, 2] of (across, down): a flip each way and a transposition make all eight orientations."""
    one = tf.ones_like(draws[0])
    across = tf.where(draws[0] < 0.5, -one, one) if config.flip else one
    down = tf.where(draws[1] < 0.5, -one, one) if config.turn else one
    swapped = tf.cast(draws[2] < 0.5, tf.float32) if config.turn else tf.zeros_like(one)
    rows = [across * (1.0 - swapped), across * swapped, down * swapped, down * (1.0 - swapped)]
    return tf.reshape(tf.stack(rows, axis=1), [-1, 2, 2])


def _distortion(draws: list[Any], config: AugmentConfig) -> Any:
    """Matrices [n, 2, 2]: the crop's sides, then a shear, then a turn by any angle."""
    width, height = _crop(draws[0], draws[1], config)
    matrix = tf.linalg.diag(tf.stack([width, height], axis=1))
    if config.shear:
        slope = tf.tan(config.shear * pi / 180.0 * (2.0 * draws[2] - 1.0))
        one, zero = tf.ones_like(slope), tf.zeros_like(slope)
        matrix = tf.matmul(tf.reshape(tf.stack([one, slope, zero, one], axis=1), [-1, 2, 2]), matrix)
    if config.rotate:
        angle = config.rotate * pi / 180.0 * (2.0 * draws[3] - 1.0)
        turn = tf.stack([tf.cos(angle), -tf.sin(angle), tf.sin(angle), tf.cos(angle)], axis=1)
        matrix = tf.matmul(tf.reshape(turn, [-1, 2, 2]), matrix)
    return matrix


def _crop(area_draw: Any, aspect_draw: Any, config: AugmentConfig) -> tuple[Any, Any]:
    """Width and height [n] of the part that is kept, in shares of the sides."""
    area = config.min_area + (1.0 - config.min_area) * area_draw
    aspect = tf.pow(float(config.aspect), 2.0 * aspect_draw - 1.0)
    return tf.minimum(1.0, tf.sqrt(area / aspect)), tf.minimum(1.0, tf.sqrt(area * aspect))


def _coloured(images: Any, seed: Any, channel_seed: Any, config: AugmentConfig) -> Any:
    """Saturation, contrast, brightness and channel shift: together one matrix and one offset a picture."""
    if not (config.brightness or config.contrast or config.saturation or config.channel_shift or config.monochrome):
        return images
    count = tf.shape(images)[0]
    draws = tf.unstack(tf.random.stateless_uniform([5, count, 1, 1], seed, -1.0, 1.0))
    colour = 1.0 + config.saturation * draws[0]
    shift = config.channel_shift * tf.random.stateless_uniform([count, 1, 3], channel_seed, -1.0, 1.0)
    if config.monochrome:
        # Colour must help, not decide.
        grey = draws[4] > 1.0 - 2.0 * config.monochrome
        colour = tf.where(grey, 0.0, colour)
        shift = tf.where(grey, tf.reduce_mean(shift, axis=2, keepdims=True), shift)
    contrast, gain = 1.0 + config.contrast * draws[1], 1.0 + config.brightness * draws[2]
    mixed = colour * tf.eye(3) + (1.0 - colour) * tf.fill([3, 3], GREY)
    mean = tf.reshape(tf.reduce_mean(images, axis=[1, 2, 3]), [-1, 1, 1])
    offset = gain * (1.0 - contrast) * mean + OFFSET * config.brightness * draws[3] + shift
    flat = tf.reshape(images, [count, -1, 3])
    changed = tf.clip_by_value(tf.matmul(flat, gain * contrast * mixed) + offset, 0.0, 255.0)
    return tf.reshape(changed, tf.shape(images))


def on_some(images: Any, probability: float, seed: Any, change: Callable[[Any, Any], Any]) -> Any:
    """Return ``change(pictures, seed)`` of each picture with this probability; the others cost nothing."""
    if not probability:
        return images
    seeds = tf.random.experimental.stateless_split(seed, 2)
    chosen = tf.random.stateless_uniform([tf.shape(images)[0]], seeds[0]) < probability
    rows = tf.where(chosen)
    # Some operations refuse an empty batch.
    return tf.cond(
        tf.size(rows) > 0,
        lambda: tf.tensor_scatter_nd_update(images, rows, change(tf.gather(images, rows[:, 0]), seeds[1])),
        lambda: images,
    )


def _blurred(images: Any, seed: Any) -> Any:
    """A Gaussian of one width, mixed in by a random amount: cheaper than a width for each picture."""
    amount = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed, 0.3, 1.0)
    return images + amount * (blurred(images, BLUR) - images)


def blurred(images: Any, share: float) -> Any:
    """Return float32 [n, size, size, 3] under a Gaussian whose standard deviation is ``share`` of their sides."""
    deviation = share * tf.cast(tf.shape(images)[1], tf.float32)
    reach = tf.cast(tf.math.ceil(2.5 * deviation), tf.int32)
    away = tf.cast(tf.range(-reach, reach + 1), tf.float32)
    weights = tf.exp(-tf.square(away / deviation) / 2.0)
    kernel = (weights / tf.reduce_sum(weights))[:, None, None, None] * tf.ones([1, 1, 3, 1])
    padded = tf.pad(images, [[0, 0], [reach, reach], [reach, reach], [0, 0]], "REFLECT")
    soft = tf.nn.depthwise_conv2d(padded, kernel, [1, 1, 1, 1], "VALID")
    return tf.nn.depthwise_conv2d(soft, tf.transpose(kernel, [1, 0, 2, 3]), [1, 1, 1, 1], "VALID")


def _resized(images: Any, seed: Any) -> Any:
    """Smaller and larger again by a pair of filters: the residue of a site's or browser's own must not matter."""
    seeds = tf.random.experimental.stateless_split(seed, 2)
    size = tf.shape(images)[1:3]
    factor = tf.random.stateless_uniform([], seeds[0], 0.45, 1.0)
    small = tf.cast(tf.round(factor * tf.cast(size, tf.float32)), tf.int32)
    # One pair for all that were drawn in this batch: there are many batches.
    branches = [lambda pair=pair: _down_and_up(images, small, size, *pair) for pair in FILTERS]
    return tf.switch_case(tf.random.stateless_uniform([], seeds[1], 0, len(FILTERS), tf.int32), branches)


def _down_and_up(images: Any, small: Any, size: Any, down: str, up: str) -> Any:
    shrunk = tf.image.resize(images, small, down, antialias=down == "bicubic")
    return tf.ensure_shape(tf.clip_by_value(tf.image.resize(shrunk, size, up), 0.0, 255.0), images.shape)


def _compressed(images: Any, seed: Any) -> Any:
    """JPEG of a random quality: the real codec, colour at half the resolution, as websites store pictures."""
    qualities = tf.random.stateless_uniform([tf.shape(images)[0]], seed, *JPEG_QUALITY, tf.int32)

    def through(pair: tuple[Any, Any]) -> Any:
        packed = tf.raw_ops.EncodeJpegVariableQuality(images=pair[0], quality=pair[1])
        return tf.ensure_shape(tf.io.decode_jpeg(packed, channels=3), images.shape[1:])

    rounded = tf.cast(tf.round(images), tf.uint8)
    return tf.cast(tf.map_fn(through, (rounded, qualities), fn_output_signature=tf.uint8), tf.float32)
