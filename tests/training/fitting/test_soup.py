"""The mean of several networks is never worse on val than the best of them."""

import numpy as np
import pytest

from training.fitting.lessons import Pictures
from training.fitting.soup import greedy_soup


@pytest.fixture
def val():
    """Pictures whose first pixel tells the classes apart, through noise; the other pixels are noise alone."""
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    pixels = rng.integers(0, 150, (200, 1, 2, 3)).astype(np.uint8)
    pixels[:, 0, 0, 0] += (40 * labels).astype(np.uint8)
    return Pictures(pixels, np.arange(200), labels, positive=1)


def looking_at(*slopes):
    """Return a network whose positive logit is the picture's six numbers times ``slopes``."""
    import keras

    pixels = keras.Input((1, 2, 3))
    answer = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(pixels))
    network = keras.Model(pixels, answer)
    network.layers[-1].set_weights([np.outer(slopes, [0, 0.01]), np.zeros(2)])
    return network


def test_networks_that_err_in_different_places_are_averaged(val):
    left, right = looking_at(1, 1, 0, 0, 0, 0), looking_at(1, -1, 0, 0, 0, 0)
    alone = [greedy_soup([network], val).score for network in (left, right)]

    soup = greedy_soup([left, right], val)

    assert soup.members == 2
    assert soup.score > max(alone) + 0.02
    kernel, _ = soup.network.get_weights()
    assert kernel[:, 1] == pytest.approx([0.01, 0, 0, 0, 0, 0])


def test_a_network_that_would_spoil_the_mean_is_left_out(val):
    good, bad = looking_at(1, 0, 0, 0, 0, 0), looking_at(-2, 1, 1, 1, 0, 0)

    soup = greedy_soup([bad, good], val)

    assert soup.members == 1
    assert soup.score == greedy_soup([good], val).score
    kernel, _ = soup.network.get_weights()
    assert kernel[:, 1] == pytest.approx([0.01, 0, 0, 0, 0, 0])
