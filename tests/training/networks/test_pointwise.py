"""Matrix products in place of 1 x 1 convolutions: another way to compute the same network."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks import SIZE, small_model
from training.networks.backbones import unfreeze_from
from training.networks.heads import with_mimic
from training.networks.pointwise import with_convolutions, with_products


@pytest.fixture
def model(tmp_path):
    made = small_model(tmp_path)
    unfreeze_from(made, "conv_dw_6")
    return made


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (4, SIZE, SIZE, 3)).astype(np.float32)


def gradients(model, pictures):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(model(pictures)[:, 0]))
    return [gradient.numpy() for gradient in tape.gradient(loss, model.trainable_variables)]


def test_products_answer_and_learn_as_convolutions_do(model, pictures):
    products = with_products(model)

    assert np.allclose(products(pictures), model(pictures), atol=1e-6)
    theirs, ours = gradients(model, pictures), gradients(products, pictures)
    assert [one.size for one in ours] == [one.size for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one.ravel() == pytest.approx(other.ravel(), rel=1e-3, abs=1e-6)


def test_all_convolutions_of_one_pixel_are_products_and_no_others(model):
    products = with_products(model)

    kinds = {layer.name: type(layer) for layer in products.layers}
    assert kinds["conv1"] is keras.layers.Conv2D
    assert {kinds[f"conv_pw_{number}"] for number in range(1, 14)} == {keras.layers.Dense}
    assert kinds["conv_dw_1"] is keras.layers.DepthwiseConv2D


def test_the_way_back_gives_the_same_network(model):
    back = with_convolutions(with_products(model))

    assert [type(layer) for layer in back.layers] == [type(layer) for layer in model.layers]
    assert [layer.name for layer in back.layers] == [layer.name for layer in model.layers]
    assert [variable.path for variable in back.trainable_variables] == [
        variable.path for variable in model.trainable_variables
    ]
    for one, other in zip(back.get_weights(), model.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_a_copy_learns_by_itself(model, pictures):
    before = model.get_weights()
    products = with_products(model)

    products.compile("sgd", "sparse_categorical_crossentropy")
    products.train_on_batch(pictures, np.array([0, 1, 0, 1]))

    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    assert not np.array_equal(products.get_layer("conv_pw_13").get_weights()[0], before[-4][0, 0])


def test_heads_and_mimics_stay_as_they_are(model, pictures):
    width = model.get_layer("embedding").output.shape[1]
    two = with_mimic(model, np.ones((width, 5), np.float32), np.zeros(5, np.float32))

    back = with_convolutions(with_products(two))

    answer, seen = back(pictures)
    assert np.allclose(answer, model(pictures), atol=1e-6)
    assert seen.shape == (4, 5)
    assert type(back.get_layer("mimic")) is keras.layers.Dense
