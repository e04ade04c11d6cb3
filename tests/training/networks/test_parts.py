"""A network in two parts answers and learns as the whole does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks import SIZE, small_model
from training.fitting.losses import step_of
from training.networks.backbones import unfreeze_from
from training.networks.heads import HEAD, seed_dropouts
from training.networks.parts import parts_of

VIEW = tf.constant(np.random.default_rng(0).integers(0, 256, (11, SIZE, SIZE, 3)).astype(np.float32))
LABELS = tf.constant(np.arange(11) % 2)


@pytest.fixture
def network(tmp_path):
    return small_model(tmp_path)


@pytest.mark.parametrize("first", ["conv_dw_2", "conv_pw_5", HEAD])
def test_both_parts_together_answer_what_the_network_answers(network, first):
    unfreeze_from(network, first)

    parts = parts_of(network)

    seen = parts.see(VIEW)
    assert seen.shape[1:] == network.get_layer(first).input.shape[1:]
    assert np.allclose(parts.behind(seen), network(VIEW), atol=1e-5)
    assert [v.path for v in parts.behind.trainable_variables] == [v.path for v in network.trainable_variables]


# Before the second one there is nothing but a dropout behind the features.
@pytest.mark.parametrize("first", ["conv_pw_5", HEAD])
def test_a_step_of_the_part_behind_is_a_step_of_the_network(network, first):
    unfreeze_from(network, first)
    start, ends = network.get_weights(), []
    for behind in (False, True):
        network.set_weights(start)
        seed_dropouts(network, 1, 0)
        network.compile(keras.optimizers.SGD(0.1))
        parts = parts_of(network)
        if behind:
            step, shown = step_of(network, network.get_layer(HEAD), 1.0, behind=parts.behind), parts.see(VIEW)
        else:
            step, shown = step_of(network, network.get_layer(HEAD), 1.0), VIEW
        step(shown, LABELS)
        ends.append(network.get_weights())

    moved = [np.abs(end - begin).max() for begin, end in zip(start, ends[1], strict=True)]
    assert max(moved) > 1e-4
    assert all(np.allclose(one, other, atol=1e-5) for one, other in zip(*ends, strict=True))


def test_a_network_that_learns_all_over_is_one_part(network):
    unfreeze_from(network, "conv1")

    parts = parts_of(network)

    assert parts.behind is network
    assert parts.see(VIEW) is VIEW


def test_where_two_lines_lead_across_the_cut_it_is_one_part():
    pixels = keras.Input((8, 8, 3))
    left = keras.layers.Conv2D(2, 1, name="left")(pixels)
    right = keras.layers.Conv2D(2, 1, name="right")(left)
    network = keras.Model(pixels, keras.layers.Add()([keras.layers.Conv2D(2, 1, name="learns")(right), left]))
    for name in ("left", "right"):
        network.get_layer(name).trainable = False

    assert parts_of(network).behind is network
