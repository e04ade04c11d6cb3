"""A network with random weights sees the same whether it is being trained or asked, once it has settled."""

import numpy as np
import pytest

from tests.networks import small_weights
from training.networks.backbones import build, embedder, unfreeze_from
from training.networks.statistics import settle


@pytest.fixture(scope="module")
def pixels():
    rng = np.random.default_rng(0)
    return (rng.random((96, 1, 1, 3)) * 200 + rng.random((96, 32, 32, 3)) * 55).astype(np.uint8)


def test_features_are_those_that_training_will_see(pixels):
    model = build("tiny", 1.0, 32, 2, None)
    unfreeze_from(model, "block_7_depthwise")
    network, shown = embedder(model), pixels.astype(np.float32)
    before = network(shown, training=False).numpy()

    settle(network, pixels, np.arange(96), seed=1)

    asked = network(shown, training=False).numpy()
    for layer in model.layers:
        layer.trainable = True
    trained = network(shown, training=True).numpy()
    assert np.abs(asked - trained).mean() < 0.15 * trained.std()
    # A head on such features needs weights of thousands, and the next step brings others.
    assert before.std() < 0.01 * trained.std()


def test_layers_are_trained_as_they_were_to_be(pixels):
    model = build("tiny", 1.0, 32, 2, None)
    unfreeze_from(model, "block_7_depthwise")
    before = [(layer.name, layer.trainable, getattr(layer, "momentum", None)) for layer in model.layers]

    settle(model, pixels, np.arange(96), seed=1)

    assert [(layer.name, layer.trainable, getattr(layer, "momentum", None)) for layer in model.layers] == before


def test_a_network_without_statistics_stays_as_it_is(pixels, tmp_path):
    model = build("mobilenet_v1", 0.25, 32, 2, small_weights(tmp_path))
    before = model.get_weights()

    settle(model, pixels, np.arange(96), seed=1)

    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
