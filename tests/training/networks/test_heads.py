"""What stands on the pooled features."""

from pathlib import Path

import keras
import numpy as np
import pytest

from store.config import HeadConfig
from store.errors import ConfigError
from tests.networks import small_weights
from training.evaluation.calibration import Rescaling
from training.networks.backbones import build, unfreeze_from
from training.networks.heads import HEAD, LOGIT, attach_head, head_of, seed_dropouts, shift_prior, soften

WIDTH = 6
DEEP = HeadConfig(hidden=(8, 4), dropout=(0.2, 0.5, 0.0), l2=0.01)
SIGMOID = HeadConfig(hidden=(8,), dropout=(0.2, 0.0), output="sigmoid")


def headed(head: HeadConfig, classes: int = 2, positive: int = 1, seed: int = 1) -> keras.Model:
    """Return a network that is nothing but a head."""
    pixels = keras.Input((WIDTH,))
    embedding = keras.layers.Identity(name="embedding")(pixels)
    return keras.Model(pixels, attach_head(embedding, classes, positive, head, seed=seed))


def embeddings(n: int = 5) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, WIDTH)).astype(np.float32)


def logit(probabilities: np.ndarray) -> np.ndarray:
    return np.log(probabilities / (1 - probabilities))


@pytest.mark.parametrize(("head", "classes"), [(HeadConfig(), 3), (DEEP, 5), (SIGMOID, 2)])
def test_whatever_the_head_the_answer_is_probabilities_by_class(head: HeadConfig, classes: int):
    answer = np.asarray(headed(head, classes)(embeddings()))

    assert answer.shape == (5, classes)
    assert answer.sum(axis=1) == pytest.approx(1)
    assert answer.std() > 0.01


@pytest.mark.parametrize("positive", [0, 1])
def test_a_sigmoid_speaks_of_the_positive_class(positive: int):
    model = headed(SIGMOID, positive=positive)

    raw = keras.Model(model.input, model.get_layer(LOGIT).output)(embeddings())

    expected = 1 / (1 + np.exp(-np.asarray(raw)[:, 0]))
    assert np.asarray(model(embeddings()))[:, positive] == pytest.approx(expected, abs=1e-6)


def test_a_sigmoid_for_more_than_two_classes_is_refused():
    with pytest.raises(ConfigError, match=r"train\.head\.output: a sigmoid tells two classes apart, not 5"):
        headed(SIGMOID, classes=5)


def test_training_a_sigmoid_head_leaves_its_fixed_layer_alone(tmp_path: Path):
    model = build("mobilenet_v1", 0.25, 32, 2, small_weights(tmp_path), head=SIGMOID)
    unfreeze_from(model, "auto")
    before = {layer.name: layer.get_weights() for layer in model.layers if layer.weights}
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")

    model.train_on_batch(np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3)), np.array([0, 1, 0, 1]))

    assert np.array_equal(model.get_layer(HEAD).get_weights()[0], before[HEAD][0])
    assert not np.array_equal(model.get_layer(LOGIT).get_weights()[0], before[LOGIT][0])


def test_the_head_alone_is_trained_in_the_whole_network(tmp_path: Path):
    model = build(
        "mobilenet_v1", 0.25, 32, 2, small_weights(tmp_path), head=HeadConfig(hidden=(8,), dropout=(0, 0))
    )
    head = head_of(model)
    pooled = np.random.default_rng(0).normal(size=(4, 256)).astype(np.float32)
    before, frozen = np.asarray(head(pooled)), model.get_layer("conv1").get_weights()[0]
    head.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")

    head.train_on_batch(pooled, np.array([0, 1, 0, 1]))

    assert [layer.name for layer in head.layers if layer.weights] == ["hidden_1", HEAD]
    assert np.abs(np.asarray(head(pooled)) - before).max() > 1e-3
    assert head.get_layer("hidden_1") is model.get_layer("hidden_1")
    assert np.array_equal(model.get_layer("conv1").get_weights()[0], frozen)


def test_weights_are_pulled_towards_zero_where_the_recipe_says_so():
    kernels = [w for w in headed(DEEP).trainable_weights if w.name == "kernel"]

    expected = 0.01 * sum(float((np.asarray(kernel) ** 2).sum()) for kernel in kernels)

    assert float(sum(headed(DEEP).losses)) == pytest.approx(expected, rel=1e-5)
    assert headed(HeadConfig()).losses == []


@pytest.mark.parametrize("head", [HeadConfig(), DEEP, SIGMOID])
def test_a_shifted_prior_adds_to_the_log_odds_of_the_positive_class(head: HeadConfig):
    model = headed(head, positive=0)
    before = np.asarray(model(embeddings()))[:, 0]

    shift_prior(model, 0, -1.5)

    assert logit(np.asarray(model(embeddings()))[:, 0]) == pytest.approx(logit(before) - 1.5, abs=1e-4)


@pytest.mark.parametrize(("head", "classes"), [(HeadConfig(), 3), (DEEP, 5), (SIGMOID, 2)])
def test_a_calibrated_head_answers_what_the_calibration_made_of_its_probabilities(head: HeadConfig, classes: int):
    model, found = headed(head, classes), Rescaling(positive_index=1, temperature=2.5, bias=-0.8)
    expected = found(np.asarray(model(embeddings())))

    soften(model, found.temperature)
    shift_prior(model, found.positive_index, found.bias)

    assert np.asarray(model(embeddings())) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("head", [HeadConfig(), DEEP, SIGMOID])
def test_a_temperature_divides_the_log_odds(head: HeadConfig):
    model = headed(head)
    shift_prior(model, 1, 0.7)
    before = np.asarray(model(embeddings()))[:, 1]

    soften(model, 2.5)

    assert logit(np.asarray(model(embeddings()))[:, 1]) == pytest.approx(logit(before) / 2.5, abs=1e-4)


@pytest.mark.parametrize("positive", [0, 1, 2])
def test_of_three_classes_the_positive_one_gets_other_odds_and_the_others_keep_theirs(positive: int):
    model = headed(HeadConfig(), classes=3, positive=positive)
    before, others = np.asarray(model(embeddings())), [place for place in range(3) if place != positive]

    shift_prior(model, positive, -1.5)

    after = np.asarray(model(embeddings()))
    assert after.sum(axis=1) == pytest.approx(1)
    assert logit(after[:, positive]) == pytest.approx(logit(before[:, positive]) - 1.5, abs=1e-4)
    odds_before, odds_after = (found[:, others[0]] / found[:, others[1]] for found in (before, after))
    assert odds_after == pytest.approx(odds_before, rel=1e-4)


def test_a_temperature_makes_three_classes_less_sure_in_the_same_order():
    model = headed(HeadConfig(), classes=3)
    before = np.asarray(model(embeddings()))

    soften(model, 2.5)

    after = np.asarray(model(embeddings()))
    expected = before ** (1 / 2.5)
    assert after == pytest.approx(expected / expected.sum(axis=1, keepdims=True), abs=1e-5)
    assert np.array_equal(np.argsort(after, axis=1), np.argsort(before, axis=1))


def test_dropout_masks_follow_from_seed_and_epoch_and_differ_between_layers():
    model = headed(HeadConfig(hidden=(WIDTH,), dropout=(0.5, 0.5)))
    ones = np.ones((64, WIDTH), np.float32)

    def masks(seed: int, epoch: int) -> list[np.ndarray]:
        seed_dropouts(model, seed, epoch)
        return [np.asarray(model.get_layer(name)(ones, training=True)) for name in ("dropout", "dropout_1")]

    first, second = masks(1, 3)

    assert np.array_equal(masks(1, 3), [first, second])
    assert not np.array_equal(first, second)
    assert not np.array_equal(masks(1, 4)[0], first)
    assert not np.array_equal(masks(2, 3)[0], first)


def test_the_same_seed_gives_the_same_untrained_head():
    found = [np.asarray(headed(DEEP, seed=seed)(embeddings())) for seed in (1, 1, 2)]

    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])
