"""From bytes to the pixels that the model takes."""

import numpy as np
import pytest
from PIL import Image

from inference.preprocess import preprocess, stretch
from store.pictures import UnreadablePicture
from tests.pictures import encoded, noise, png


def test_a_picture_becomes_a_square_of_bytes():
    pixels = preprocess(png(width=90, height=60), 32)

    assert pixels.shape == (32, 32, 3)
    assert pixels.dtype == np.uint8


def test_the_width_is_resized_before_the_height_whatever_the_shape():
    tall = noise(1, 40, 400)
    narrowed = tall.resize((32, 400), Image.Resampling.BILINEAR)

    found = stretch(tall, 32)

    assert np.array_equal(found, np.asarray(narrowed.resize((32, 32), Image.Resampling.BILINEAR)))


def test_a_picture_of_the_right_size_is_left_as_it_is():
    picture = noise(2, 32, 32)

    assert np.array_equal(stretch(picture, 32), np.asarray(picture))


def test_transparency_is_composited_over_white_before_the_resize():
    clear = Image.new("RGBA", (64, 48), (255, 0, 0, 0))

    assert (preprocess(encoded(clear), 32) == 255).all()


def test_bytes_that_are_no_picture_are_refused_with_a_reason():
    with pytest.raises(UnreadablePicture) as refused:
        preprocess(b"no picture", 32)

    assert refused.value.reason == "not_an_image"
