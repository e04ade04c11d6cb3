"""Matrix products in place of 1 x 1 convolutions: another way to compute the same network."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks import SIZE, small_model
from training.networks import pointwise
from training.networks.backbones import unfreeze_from
from training.networks.heads import with_mimic
from training.networks.pointwise import with_convolutions, with_products


@pytest.fixture(autouse=True)
def processor(tmp_path, monkeypatch):
    """One without bfloat16, whatever this is; a test that needs one adds its word to the file."""
    said = tmp_path / "cpuinfo"
    said.write_text("flags\t\t: fpu avx2 avx512f\n")
    monkeypatch.setattr(pointwise, "PROCESSOR", said)
    pointwise.multiplies_bfloat16.cache_clear()
    yield said
    pointwise.multiplies_bfloat16.cache_clear()


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


@pytest.fixture
def wide(processor):
    """Return a network with one narrow and two wide convolutions of one pixel, the last of which learns."""
    processor.write_text("flags\t\t: fpu avx2 avx512_bf16\n")
    pixels = x = keras.Input((8, 8, 3))
    for name, filters in (("narrow", 256), ("still", 256), ("wide", 512)):
        x = keras.layers.Conv2D(filters, 1, activation="relu", name=name, trainable=name != "still")(x)
    return keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(x))


def test_a_processor_that_can_multiplies_what_is_wide_and_learns_in_16_bits(wide):
    products = with_products(wide)

    computed = {layer.name: layer.compute_dtype for layer in products.layers if layer.weights}
    assert computed == {"narrow": "float32", "still": "float32", "wide": "bfloat16"}
    assert {variable.dtype for variable in products.weights} == {"float32"}
    pixels = np.random.default_rng(0).random((2, 8, 8, 3)).astype(np.float32)
    answered = wide(pixels).numpy()
    # 8 bits of a number are left, and errors of a sum of 256 products cancel out.
    assert np.allclose(products(pixels), answered, atol=0.01 * answered.max())
    assert not np.array_equal(products(pixels), answered)


def test_the_way_back_from_16_bits_computes_in_32_again(wide):
    back = with_convolutions(with_products(wide))

    assert {layer.compute_dtype for layer in back.layers} == {"float32"}
    pixels = np.random.default_rng(0).random((2, 8, 8, 3)).astype(np.float32)
    assert np.array_equal(back(pixels), wide(pixels))


def test_a_processor_that_nothing_is_known_of_computes_in_32_bits(wide, processor):
    processor.unlink()

    assert {layer.compute_dtype for layer in with_products(wide).layers} == {"float32"}
