"""The exported network does not scale pixels, and answers the same."""

import numpy as np
import pytest

from training.networks.rescaling import fold_rescaling


@pytest.fixture
def network():
    import keras

    def made(scale, offset, *, padded, stride=2):
        pixels = keras.Input((16, 16, 3))
        x = keras.layers.Rescaling(scale, offset, name="rescale")(pixels)
        if padded:
            x = keras.layers.ZeroPadding2D(1, name="pad")(x)
        x = keras.layers.Conv2D(8, 3, strides=stride, padding="valid" if padded else "same", name="first")(x)
        x = keras.layers.Conv2D(4, 1, name="second")(keras.layers.ReLU(6.0)(x))
        answer = keras.layers.Dense(2, "softmax", name="probabilities")(keras.layers.GlobalAveragePooling2D()(x))
        model = keras.Model(pixels, answer)
        rng = np.random.default_rng(0)
        for layer in (layer for layer in model.layers if layer.weights):
            layer.set_weights([rng.normal(0, 0.5, weight.shape) for weight in layer.weights])
        return model

    return made


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("stride", [1, 2])
def test_one_scale_for_all_colours_goes_into_the_first_convolution(network, padded, stride):
    model = network(1 / 127.5, -1.0, padded=padded, stride=stride)
    # Black and white borders: what lies outside must look as it did.
    pixels = np.random.default_rng(1).choice([0.0, 255.0], (4, 16, 16, 3)).astype(np.float32)

    folded = fold_rescaling(model)

    assert "rescale" not in [layer.name for layer in folded.layers]
    assert np.allclose(folded(pixels), model(pixels), atol=1e-5)


def test_a_scale_for_each_colour_stays(network):
    model = network((0.01, 0.02, 0.03), (-1.0, -2.0, -3.0), padded=True)

    assert fold_rescaling(model) is model
