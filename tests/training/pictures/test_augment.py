"""Random views stay pictures, repeat themselves, and are the same view at every size."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from store.config import AugmentConfig
from training.pictures.augment import USUAL, augment

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3), np.uint8)
OFF = {
    "flip": False,
    "turn": False,
    "min_area": 1.0,
    "aspect": 1.0,
    "brightness": 0.0,
    "contrast": 0.0,
    "saturation": 0.0,
    "channel_shift": 0.0,
    "monochrome": 0.0,
    "resize_filter": 0.0,
}
NOTHING = AugmentConfig(**OFF)
EVERYTHING = AugmentConfig(rotate=30, shift=0.1, shear=10, blur=0.5, jpeg=0.5, resize_filter=0.5)


def only(**switched_on):
    return AugmentConfig(**(OFF | switched_on))


def view(step=0, config=USUAL, pixels=PIXELS):
    return augment(pixels, tf.constant([1, step], tf.int32), config).numpy()


def smooth_pictures(size, count=16):
    """The same soft coloured blobs at any size."""
    coarse = np.random.default_rng(3).integers(0, 256, (count, 5, 5, 3), np.uint8)
    resized = [Image.fromarray(one).resize((256, 256), Image.Resampling.BICUBIC) for one in coarse]
    return np.stack([np.asarray(one.resize((size, size), Image.Resampling.BOX)) for one in resized])


@pytest.mark.parametrize("config", [USUAL, EVERYTHING])
def test_a_view_keeps_shape_and_range(config):
    images = view(0, config)

    assert images.shape == PIXELS.shape
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 255


@pytest.mark.parametrize("config", [USUAL, EVERYTHING])
def test_the_same_seed_gives_the_same_view_and_another_step_another(config):
    assert np.array_equal(view(3, config), view(3, config))
    assert not np.array_equal(view(3, config), view(4, config))


def test_a_traced_view_is_the_eager_one():
    traced = tf.function(lambda pixels, seed: augment(pixels, seed, EVERYTHING))

    images = traced(PIXELS, tf.constant([1, 5], tf.int32)).numpy()

    assert np.allclose(images, view(5, EVERYTHING), atol=1.5)


@pytest.mark.parametrize(
    "config",
    [
        only(flip=True, turn=True),
        only(rotate=180.0),
        only(shift=0.3),
        only(shear=30.0),
        only(min_area=0.3, aspect=1.5),
        only(brightness=0.5, contrast=0.5, saturation=0.8, channel_shift=40.0, monochrome=0.3),
        only(blur=1.0),
        only(resize_filter=1.0),
        only(jpeg=1.0),
        EVERYTHING,
    ],
)
def test_the_same_seed_gives_the_same_view_at_every_size(config):
    small, large = (view(7, config, smooth_pictures(size)) for size in (64, 128))

    shrunk = large.reshape(16, 64, 2, 64, 2, 3).mean(axis=(2, 4))

    assert np.abs(shrunk - small).mean() < 4
    assert not np.array_equal(view(8, config, smooth_pictures(64)), small)


def test_everything_off_is_the_picture_itself():
    assert np.array_equal(view(1, NOTHING), PIXELS.astype(np.float32))


@pytest.mark.parametrize(
    "one", ["flip", "turn", "rotate", "shift", "shear", "brightness", "contrast", "saturation", "channel_shift"]
)
def test_each_setting_alone_changes_the_picture(one):
    strength = {"rotate": 20.0, "shear": 20.0, "channel_shift": 30.0}.get(one, 0.3)
    config = only(**{one: True if one in {"flip", "turn"} else strength})

    assert np.abs(view(2, config) - PIXELS).mean() > 1


def test_orientations_are_the_eight_there_are():
    config = only(flip=True, turn=True)
    picture = np.broadcast_to(PIXELS[:1], (64, 64, 64, 3))

    seen = {image.tobytes() for image in view(0, config, picture).round().astype(np.uint8)}

    expected = [np.rot90(one, k) for one in (PIXELS[0], PIXELS[0][:, ::-1]) for k in range(4)]
    assert seen == {np.ascontiguousarray(one).tobytes() for one in expected}


def test_a_flip_keeps_up_and_down():
    rows = np.broadcast_to(np.linspace(0, 255, 64)[None, :, None, None], (16, 64, 64, 3)).astype(np.uint8)

    assert np.allclose(view(0, only(flip=True), rows), rows, atol=0.1)


def test_a_crop_keeps_as_much_as_it_promises():
    # Pixel values are coordinates: their range in a view is the side that was kept.
    ramp = np.linspace(0, 255, 64)
    grid = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], 0.0), axis=-1).astype(np.float32)
    pictures = np.broadcast_to(grid, (256, 64, 64, 3))

    views = view(0, only(min_area=0.5, aspect=1.2), pictures)

    sides = (views.max(axis=(1, 2)) - views.min(axis=(1, 2)))[:, :2] / 255
    areas = sides.prod(axis=1)
    assert 0.45 < areas.min() < 0.6
    assert areas.max() > 0.85
    assert 1.1 < (sides[:, 0] / sides[:, 1]).max() < 1.3


def test_what_a_turn_uncovers_is_the_mirror_image_and_never_black():
    white = np.full((8, 64, 64, 3), 255, np.uint8)

    images = view(0, only(rotate=45.0, shift=0.3), white)

    assert images.min() > 254


def test_as_many_pictures_turn_grey_as_the_probability_says():
    pictures = np.broadcast_to(PIXELS[:1, ::4, ::4], (400, 16, 16, 3))

    images = view(0, only(monochrome=0.25, channel_shift=20.0), pictures)

    grey = np.ptp(images, axis=3).max(axis=(1, 2)) < 0.01
    assert 0.18 < grey.mean() < 0.32


@pytest.mark.parametrize("one", ["blur", "jpeg", "resize_filter"])
def test_a_probability_leaves_the_other_pictures_untouched(one):
    pictures = np.broadcast_to(PIXELS[:1], (64, 64, 64, 3))

    changed = np.abs(view(0, only(**{one: 0.25}), pictures) - pictures).max(axis=(1, 2, 3)) > 0

    assert 0.1 < changed.mean() < 0.45


def test_a_grey_picture_keeps_its_brightness_on_average():
    grey = np.full((64, 32, 32, 3), 128, np.uint8)

    images = view(1, pixels=grey)

    assert abs(images.mean() - 128) < 10
