"""Random views stay pictures, and repeat themselves."""

import numpy as np
import tensorflow as tf

from training.augment import augment

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3), np.uint8)


def view(step):
    return augment(PIXELS, tf.constant([1, step], tf.int32)).numpy()


def test_a_view_keeps_shape_and_range():
    images = view(0)

    assert images.shape == PIXELS.shape
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 255


def test_the_same_seed_gives_the_same_view_and_another_step_another():
    assert np.array_equal(view(3), view(3))
    assert not np.array_equal(view(3), view(4))


def test_a_grey_picture_keeps_its_brightness_on_average():
    grey = np.full((64, 32, 32, 3), 128, np.uint8)

    images = augment(grey, tf.constant([1, 1], tf.int32)).numpy()

    assert abs(images.mean() - 128) < 10
