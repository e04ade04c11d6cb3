"""Costs are those that the papers print."""

import keras
import pytest

from training.networks.cost import macs, parameters


@pytest.mark.parametrize(
    ("network", "million_macs", "million_parameters"),
    [
        # Table 6 of https://arxiv.org/abs/1704.04861, table 4 of https://arxiv.org/abs/1801.04381
        (lambda: keras.applications.MobileNet(weights=None), 569, 4.2),
        (lambda: keras.applications.MobileNet(weights=None, alpha=0.5, input_shape=(160, 160, 3)), 76, 1.3),
        (lambda: keras.applications.MobileNetV2(weights=None), 300, 3.4),
    ],
)
def test_multiplications_and_parameters_are_the_published_ones(network, million_macs, million_parameters):
    model = network()

    assert macs(model) / 1e6 == pytest.approx(million_macs, rel=0.01)
    assert parameters(model) / 1e6 == pytest.approx(million_parameters, rel=0.05)


def test_a_network_inside_a_network_and_a_layer_that_is_used_twice_are_counted_as_often_as_they_run():
    inner = keras.Sequential([keras.Input((8, 8, 4)), keras.layers.Conv2D(4, 3, padding="same")])
    pixels = keras.Input((8, 8, 4))
    outer = keras.Model(pixels, inner(inner(pixels)))

    assert macs(outer) == 2 * macs(inner) == 2 * 8 * 8 * 3 * 3 * 4 * 4


def test_a_layer_that_nobody_can_count_is_named():
    tokens = keras.Input((5,))
    model = keras.Model(tokens, keras.layers.Embedding(10, 4, name="words")(tokens))

    with pytest.raises(ValueError, match="Embedding 'words'"):
        macs(model)
