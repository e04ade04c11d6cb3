"""What students see in place of a whole view: still pictures, the same again, and spoilt as said."""

import numpy as np
import pytest
import tensorflow as tf

from training.pictures.spoil import BLUR, DARKEST, DIM, EDGE, LARGEST, SMALLEST, WAYS, spoil

VIEW = np.random.default_rng(0).uniform(0, 255, (24, 48, 48, 3)).astype(np.float32)


def spoilt(share, step=0, view=VIEW):
    return spoil(tf.constant(view), tf.constant([1, step], tf.int32), share).numpy()


def done(way, view):
    return WAYS[way](tf.constant(view), tf.constant([1, 7], tf.int32)).numpy()


def test_pictures_stay_pictures_and_repeat_themselves():
    found = spoilt(0.5)

    assert found.shape == VIEW.shape
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 255
    assert np.array_equal(found, spoilt(0.5))
    assert not np.array_equal(found, spoilt(0.5, step=1))


def test_a_share_of_them_is_spoilt():
    changed = [np.any(spoilt(share) != VIEW, axis=(1, 2, 3)).mean() for share in (0.0, 0.2, 1.0)]

    assert changed[0] == 0
    # 1 - .8^4 of them would be .59.
    assert 0.3 < changed[1] < 0.9
    assert changed[2] == 1


def test_grey_has_no_colour_and_keeps_its_light():
    found = done("grey", VIEW)

    assert np.ptp(found, axis=-1).max() < 1e-3
    assert found[..., 0] == pytest.approx(VIEW @ [0.299, 0.587, 0.114], abs=1e-2)


def test_dark_leaves_a_share_of_the_light_to_each_its_own():
    left = done("dark", VIEW).mean(axis=(1, 2, 3)) / VIEW.mean(axis=(1, 2, 3))

    assert left.min() > DARKEST - 0.02
    assert left.max() < DIM + 0.02
    assert np.ptp(left) > 0.2


def test_focus_is_lost_on_one_side_alone():
    size = 96
    checks = (255.0 * (np.indices((size, size)).sum(0) % 2)).astype(np.float32)
    view = np.broadcast_to(checks[None, ..., None], (8, size, size, 3))

    steps = np.abs(np.diff(done("half_focused", view)[..., 0], axis=2))

    # Whatever the angle: about half of the places are as they were, and half are one grey.
    assert BLUR * size > 1
    assert np.mean(steps > 250) == pytest.approx(0.5 - EDGE / 4, abs=0.1)
    assert np.mean(steps < 5) == pytest.approx(0.5 - EDGE / 4, abs=0.1)


@pytest.mark.parametrize("size", [48, 96])
def test_small_is_the_picture_at_a_part_of_its_sides_on_a_plain_ground(size):
    view = np.full((24, size, size, 3), 200.0, np.float32)
    view[:, size // 4 : -size // 4, size // 4 : -size // 4] = 0

    found = done("small", view)

    sides = np.sqrt((found[..., 0] < 100).sum(axis=(1, 2))) / (size / 2)
    assert sides.min() > SMALLEST - 0.05
    assert sides.max() < LARGEST + 0.05
    assert np.ptp(sides) > 0.2
    assert found[:, 0] == pytest.approx(np.full_like(found[:, 0], 200))


def test_every_number_is_a_share_of_the_sides_so_that_sizes_agree():
    coarse = np.random.default_rng(3).uniform(0, 255, (8, 6, 6, 3)).astype(np.float32)
    large = tf.image.resize(coarse, (128, 128), "bicubic").numpy().clip(0, 255)
    half = large.reshape(8, 64, 2, 64, 2, 3).mean(axis=(2, 4))

    for way in ("half_focused", "small"):
        seen = done(way, large).reshape(8, 64, 2, 64, 2, 3).mean(axis=(2, 4))
        assert np.abs(seen - done(way, half)).mean() < 4
