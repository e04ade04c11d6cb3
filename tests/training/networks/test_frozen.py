"""A network that learns no more sees the same, faster."""

import numpy as np
import pytest

from tests.networks import SIZE, small_model
from training.networks.backbones import embedder
from training.networks.frozen import BATCH, frozen


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return embedder(small_model(tmp_path_factory.mktemp("small")))


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 3])
def test_it_sees_what_the_network_sees_whatever_the_number_of_pictures(network, count):
    pictures = np.random.default_rng(0).integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)

    seen = frozen(network)(pictures)

    expected = network(pictures.astype(np.float32), training=False) if count else np.zeros((0, seen.shape[1]))
    assert seen.dtype == np.float32
    assert seen == pytest.approx(np.asarray(expected), abs=1e-4)


def test_it_does_not_hear_what_the_network_learns_later(network):
    pictures = np.full((1, SIZE, SIZE, 3), 200, np.uint8)
    see = frozen(network)
    before = see(pictures)
    weights = network.get_weights()

    network.set_weights([weight * 0.5 for weight in weights])
    after = see(pictures)
    network.set_weights(weights)

    assert np.array_equal(before, after)


def test_nothing_is_said_of_how_it_is_compiled(network, capfd):
    frozen(network)

    assert capfd.readouterr().err == ""
