"""MobileNet v2 for pictures of twice as many pixels a side: what it begins as, and from which weights."""

from pathlib import Path

import keras
import numpy as np
import pytest

from store.errors import WeightsError
from training.networks.backbones import build, describe, embedder
from training.networks.convolutions import (
    FINE_CHANNELS,
    Convolution,
    Convolutions,
    finer,
    from_keras,
    write_archive,
)
from training.networks.layers import Layers
from training.networks.layout import TENSORFLOW, TORCH, Layout
from training.networks.mobilenet import mobilenet_v2, mobilenet_v2_fine
from training.networks.registries import file_sha256
from training.networks.weights import Pretrained, Weights, source_of

SIZE = 64


def network(stack, layout: Layout, size: int) -> keras.Model:
    pixels = keras.Input((size, size, 3))
    return keras.Model(pixels, stack(Layers(layout), pixels / 255, 1.0))


def numbers(layout: Layout, *, constant: bool) -> Convolutions:
    """Return convolutions of ours for MobileNet v2, whose first has seven channels that see nothing, scattered."""
    rng = np.random.default_rng(0)
    made = {}
    for name, found in from_keras(network(mobilenet_v2, layout, SIZE)).items():
        # Of so many numbers a sum is made: activations keep their size.
        inputs = np.prod(found.kernel.shape[: 2 if "depthwise" in name else 3])
        kernel = rng.normal(0, np.sqrt(2 / inputs), found.kernel.shape)
        made[name] = Convolution(kernel.astype(np.float32), rng.normal(0, 0.1, found.bias.shape).astype(np.float32))
    blind = [1, 4, 9, 14, 17, 23, 30]
    made["Conv1"].kernel[..., blind] = 0
    made["Conv1"].bias[blind] = 0.3 if constant else -0.3
    # The smallest of those that see.
    made["Conv1"].kernel[..., 11] = 0
    made["Conv1"].bias[11] = -0.1
    return made


def seen(model: keras.Model, layer: str, pixels: np.ndarray) -> np.ndarray:
    return np.asarray(keras.Model(model.input, model.get_layer(layer).output)(pixels))


@pytest.mark.parametrize("layout", [TENSORFLOW, TORCH])
@pytest.mark.parametrize("constant", [False, True])
def test_it_begins_as_v2_at_half_the_side_where_two_by_two_pixels_are_alike(layout: Layout, constant: bool):
    read = numbers(layout, constant=constant)
    coarse, fine = network(mobilenet_v2, layout, SIZE), network(mobilenet_v2_fine, layout, 2 * SIZE)
    Weights(read, layout).load_into(coarse)
    Weights(finer(read), layout).load_into(fine)
    rng = np.random.default_rng(1)
    half = rng.uniform(0, 255, (2, SIZE, SIZE, 3)).astype(np.float32)
    pixels = half.repeat(2, axis=1).repeat(2, axis=2)
    # It begins a pixel further out than TensorFlow's kernel of 3 x 3, and a pixel further in than torch's.
    moved = pixels[:, 1:, 1:] if layout is TENSORFLOW else pixels[:, :-1, :-1]
    sides = (0, 1) if layout is TENSORFLOW else (1, 0)
    pixels = np.pad(moved, ((0, 0), sides, sides, (0, 0)))

    if constant:
        # What pads a picture is no constant: its outermost places differ.
        expected, found = (
            seen(model, "expanded_conv_project", of) for model, of in ((coarse, half), (fine, pixels))
        )
        assert found[:, 1:-1, 1:-1] == pytest.approx(expected[:, 1:-1, 1:-1], abs=1e-4)
    else:
        expected = np.asarray(coarse(half))
        assert np.ptp(expected) > 0.1
        assert np.asarray(fine(pixels)) == pytest.approx(expected, abs=1e-4)


def test_what_is_fine_already_stays_as_it_is():
    once = finer(numbers(TORCH, constant=False))

    assert once["Conv1"].kernel.shape == (4, 4, 3, FINE_CHANNELS)
    assert finer(once) is once


def test_it_begins_with_the_weights_that_are_published_for_v2(tmp_path: Path):
    path = tmp_path / "weights.npz"
    write_archive(path, numbers(TENSORFLOW, constant=False))
    weights = Pretrained("keras", "this test", path, file_sha256(path), "mobilenet_v2", 1.0)

    model = build("mobilenet_v2_fine", 1.0, 2 * SIZE, 2, weights)

    assert source_of("mobilenet_v2_fine", 1.0) == source_of("mobilenet_v2", 1.0) != source_of("tiny", 1.0)
    assert embedder(model).output_shape == (None, 1280)
    assert embedder(model).count_params() == describe("mobilenet_v2_fine").parameters
    with pytest.raises(WeightsError, match="starts from published weights, none were given"):
        build("mobilenet_v2_fine", 1.0, 2 * SIZE, 2, None)
