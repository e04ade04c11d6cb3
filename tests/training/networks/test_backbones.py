"""Networks and their shapes, names and refusals."""

from functools import partial
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest

from store.errors import ConfigError, WeightsError
from tests.networks import small_model, small_weights
from tests.torch_files import write_legacy
from training.networks.backbones import build, embedder, find_backbone, unfreezable_layers, unfreeze_from
from training.networks.convolutions import from_keras, write_archive
from training.networks.fold import fold_batch_normalization
from training.networks.heads import HEAD
from training.networks.registries import file_sha256
from training.networks.weights import Pretrained


def test_pixels_become_probabilities(tmp_path: Path):
    model = build("mobilenet_v1", 0.25, 64, 3, small_weights(tmp_path))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.float32)

    found = model.predict(pixels, verbose=0)

    assert found.shape == (2, 3)
    assert found.sum(axis=1) == pytest.approx(1)


def test_the_embedding_and_the_head_are_the_whole_network(tmp_path: Path):
    model = small_model(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)

    embeddings = embedder(model)(pixels)

    assert embeddings.shape == (2, 256)
    assert np.asarray(model.get_layer(HEAD)(embeddings)) == pytest.approx(np.asarray(model(pixels)), abs=1e-6)


def test_fine_tuning_starts_at_the_named_layer(tmp_path: Path):
    model = small_model(tmp_path)

    unfreeze_from(model, "conv_pw_12")

    trained = [layer.name for layer in model.layers if layer.trainable and layer.weights]
    assert trained == ["conv_pw_12", "conv_dw_13", "conv_pw_13", HEAD]
    assert unfreezable_layers(model)[0] == "conv1"


def test_an_unknown_layer_is_refused_with_the_nearest_name(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"no layer 'conv_dw12' \(did you mean 'conv_dw_12'\?\)"):
        unfreeze_from(small_model(tmp_path), "conv_dw12")


@pytest.mark.parametrize(
    ("name", "alpha", "words"),
    [
        ("mobilenet_v3", 1.0, "cannot be exported: TF.js"),
        ("resnet", 1.0, r"unknown network 'resnet' \(known: mobilenet_v1, mobilenet_v2, "),
        ("mobilenet_v1", 0.3, r"comes in 1\.0, 0\.75, 0\.5, 0\.25, not 0\.3"),
    ],
)
def test_a_network_that_cannot_be_released_is_refused(name: str, alpha: float, words: str):
    with pytest.raises(ConfigError, match=words):
        find_backbone(name, alpha)


def test_a_size_that_does_not_halve_three_times_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="100 is no multiple of 8"):
        build("mobilenet_v1", 0.25, 100, 2, small_weights(tmp_path))


def test_weights_of_another_width_are_refused(tmp_path: Path):
    with pytest.raises(WeightsError, match="do not fit layer 'conv1'"):
        build("mobilenet_v1", 0.5, 32, 2, small_weights(tmp_path))


def test_folding_keeps_the_function_and_leaves_no_batch_normalization():
    model = with_statistics(keras.applications.MobileNet(input_shape=(64, 64, 3), alpha=0.25, **UNTRAINED))
    pixels = np.random.default_rng(0).uniform(-1, 1, (4, 64, 64, 3)).astype(np.float32)

    folded = fold_batch_normalization(model)

    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in folded.layers)
    before, after = model.predict(pixels, verbose=0), folded.predict(pixels, verbose=0)
    assert before.std() > 0.01
    assert np.abs(before - after).max() < 3e-5


def test_batch_normalization_without_a_convolution_of_its_own_is_left_alone():
    pixels = keras.Input((8, 8, 3))
    shared = keras.layers.Conv2D(4, 1)(pixels)
    normal = keras.layers.BatchNormalization(name="reads_what_another_reads")(shared)
    curved = keras.layers.Conv2D(4, 1, activation="relu")(keras.layers.Add()([shared, normal]))
    model = with_statistics(keras.Model(pixels, keras.layers.BatchNormalization(name="after_a_curve")(curved)))
    found = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)

    assert fold_batch_normalization(model) is model
    assert model.predict(found, verbose=0).shape == (2, 8, 8, 4)


def test_the_rebuilt_mobilenet_v2_is_the_one_of_keras(tmp_path: Path):
    original = with_statistics(keras.applications.MobileNetV2(input_shape=(64, 64, 3), alpha=1.0, **UNTRAINED))
    path = tmp_path / "weights.npz"
    write_archive(path, from_keras(original))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.float32)

    weights = Pretrained("keras", "this test", path, file_sha256(path), "mobilenet_v2", 1.0)
    rebuilt = embedder(build("mobilenet_v2", 1.0, 64, 2, weights))

    expected = original.predict(pixels / 127.5 - 1, verbose=0)
    assert rebuilt.predict(pixels, verbose=0) == pytest.approx(expected, abs=1e-4)


def test_torchvisions_mobilenet_v2_gets_its_own_padding_scale_and_epsilon(tmp_path: Path):
    state = torchvision_state()
    path = write_legacy(tmp_path / "mobilenet_v2.pth", state)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.float32)

    weights = Pretrained("registry", "this test", path, file_sha256(path), "mobilenet_v2", 1.0)
    model = build("mobilenet_v2", 1.0, 64, 2, weights)

    x = (pixels / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    for layer, conv, norm, stride in (
        ("Conv1_relu", "features.0.0", "features.0.1", 2),
        ("expanded_conv_depthwise_relu", "features.1.conv.0.0", "features.1.conv.0.1", 1),
    ):
        x = as_torch_computes(x, state, conv, norm, stride)
        found = keras.Model(model.input, model.get_layer(layer).output)(pixels)
        # The outermost pixels are padded with another grey (training/networks/convolutions.py: rescaled).
        assert np.asarray(found)[:, 2:, 2:] == pytest.approx(x[:, 2:, 2:], abs=1e-3)


def test_efficientnet_lite_gets_the_padding_scale_and_epsilon_of_tensorflow(tmp_path: Path):
    state = lite_state()
    path = write_legacy(tmp_path / "lite.pth", state)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.float32)

    weights = Pretrained("registry", "this test", path, file_sha256(path), "efficientnet_lite0", 1.0)
    model = build("efficientnet_lite0", 1.0, 64, 2, weights)

    x = (pixels - 127) / 128
    for layer, conv, norm, stride in (
        ("stem_relu", "_conv_stem", "_bn0", 2),
        ("block_0_depthwise_relu", "_blocks.0._depthwise_conv", "_blocks.0._bn1", 1),
    ):
        before = 0 if stride == 2 else 1
        x = as_torch_computes(x, state, conv, norm, stride, before=before, epsilon=1e-3)
        found = keras.Model(model.input, model.get_layer(layer).output)(pixels)
        assert np.asarray(found) == pytest.approx(x, abs=1e-3)


def test_a_file_of_another_network_is_no_efficientnet_lite(tmp_path: Path):
    path = write_legacy(tmp_path / "mobilenet_v2.pth", torchvision_state())

    weights = Pretrained("registry", "this test", path, file_sha256(path), "efficientnet_lite0", 1.0)

    with pytest.raises(WeightsError, match=r"mobilenet_v2\.pth: no EfficientNet-Lite"):
        build("efficientnet_lite0", 1.0, 64, 2, weights)


def test_a_network_ends_at_the_block_that_it_is_cut_at(tmp_path: Path):
    weights, pixels = small_weights(tmp_path), np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3))
    whole = build("mobilenet_v1", 0.25, 64, 2, weights)

    cut = build("mobilenet_v1", 0.25, 64, 2, weights, cut="conv_pw_5")

    inside = keras.Model(whole.input, whole.get_layer("conv_pw_5_relu").output)(pixels)
    assert np.asarray(embedder(cut)(pixels)) == pytest.approx(np.asarray(inside).mean(axis=(1, 2)), abs=1e-5)
    assert cut.count_params() < whole.count_params() / 5


@pytest.mark.parametrize(
    ("cut", "first"), [("", "conv_dw_6"), ("conv_pw_11", "conv_dw_6"), ("conv_pw_3", "conv_pw_2")]
)
def test_auto_starts_at_a_sixteenth_of_the_side_or_in_the_middle_of_what_is_left(
    tmp_path: Path, cut: str, first: str
):
    model = build("mobilenet_v1", 0.25, 64, 2, small_weights(tmp_path), cut=cut)

    unfreeze_from(model, "auto")

    assert next(layer.name for layer in model.layers if layer.trainable and layer.weights) == first


def test_an_unknown_block_is_refused_with_the_nearest_name(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"train\.cut: .* no block 'conv_pw12' \(did you mean 'conv_pw_12'\?\)"):
        build("mobilenet_v1", 0.25, 64, 2, small_weights(tmp_path), cut="conv_pw12")


def as_torch_computes(
    x: np.ndarray,
    state: dict[str, np.ndarray],
    conv: str,
    norm: str,
    stride: int,
    *,
    before: int = 1,
    epsilon: float = 1e-5,
) -> np.ndarray:
    """Convolve with `before` and behind one pixel of zeros, normalize with `epsilon`, cut at 0 and 6; NHWC."""
    kernel = state[f"{conv}.weight"]
    padded = np.pad(x, ((0, 0), (before, 1), (before, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::stride, ::stride]
    rule = "nyxchw,ochw->nyxo" if kernel.shape[1] > 1 else "nyxohw,ochw->nyxo"
    y = np.einsum(rule, windows, kernel)
    mean, variance = state[f"{norm}.running_mean"], state[f"{norm}.running_var"]
    normal = (y - mean) / np.sqrt(variance + epsilon) * state[f"{norm}.weight"] + state[f"{norm}.bias"]
    return np.clip(normal, 0, 6)


def add_layer(
    state: dict[str, np.ndarray],
    rng: np.random.Generator,
    conv: str,
    norm: str,
    outputs: int,
    inputs: int,
    size: int,
) -> None:
    """Add a convolution and its BatchNorm, with numbers of ours."""
    state[f"{conv}.weight"] = rng.normal(0, 0.3, (outputs, inputs, size, size)).astype(np.float32)
    for name, low, high in (
        ("weight", 0.5, 1.5),
        ("bias", 0, 1),
        ("running_mean", -1, 1),
        ("running_var", 1e-5, 1),
    ):
        state[f"{norm}.{name}"] = rng.uniform(low, high, outputs).astype(np.float32)


def lite_state() -> dict[str, np.ndarray]:
    """Return a state dictionary with the names and shapes of the published EfficientNet-Lite0."""
    state: dict[str, np.ndarray] = {}
    layer = partial(add_layer, state, np.random.default_rng(0))
    layer("_conv_stem", "_bn0", 32, 3, 3)
    layer("_blocks.0._depthwise_conv", "_blocks.0._bn1", 32, 1, 3)
    layer("_blocks.0._project_conv", "_blocks.0._bn2", 16, 32, 1)
    widths = [16, 24, 24, 40, 40, *[80] * 3, *[112] * 3, *[192] * 4, 320]
    kernels = [3, 3, 5, 5, 3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 3]
    for block, (before, after, kernel) in enumerate(zip(widths, widths[1:], kernels, strict=False), 1):
        prefix, wide = f"_blocks.{block}", 6 * before
        layer(f"{prefix}._expand_conv", f"{prefix}._bn0", wide, before, 1)
        layer(f"{prefix}._depthwise_conv", f"{prefix}._bn1", wide, 1, kernel)
        layer(f"{prefix}._project_conv", f"{prefix}._bn2", after, wide, 1)
    layer("_conv_head", "_bn1", 1280, 320, 1)
    state["_fc.weight"], state["_fc.bias"] = np.zeros((1000, 1280), np.float32), np.zeros(1000, np.float32)
    return state


def torchvision_state() -> dict[str, np.ndarray]:
    """Return a state dictionary with torchvision's names and shapes, and numbers of ours."""
    rng = np.random.default_rng(0)
    state = {}

    layer = partial(add_layer, state, rng)
    layer("features.0.0", "features.0.1", 32, 3, 3)
    layer("features.1.conv.0.0", "features.1.conv.0.1", 32, 1, 3)
    layer("features.1.conv.1", "features.1.conv.2", 16, 32, 1)
    widths = [16, 24, 24, *[32] * 3, *[64] * 4, *[96] * 3, *[160] * 3, 320]
    for block, (before, after) in enumerate(pairwise(widths), 2):
        wide = 6 * before
        layer(f"features.{block}.conv.0.0", f"features.{block}.conv.0.1", wide, before, 1)
        layer(f"features.{block}.conv.1.0", f"features.{block}.conv.1.1", wide, 1, 3)
        layer(f"features.{block}.conv.2", f"features.{block}.conv.3", after, wide, 1)
    layer("features.18.0", "features.18.1", 1280, 320, 1)
    state["classifier.1.weight"] = np.zeros((1000, 1280), np.float32)
    state["classifier.1.bias"] = np.zeros(1000, np.float32)
    return state


UNTRAINED = {"include_top": False, "weights": None, "pooling": "avg"}


def with_statistics(model: keras.Model) -> keras.Model:
    """Give every BatchNorm statistics of its own, as training would."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            channels = layer.moving_mean.shape[0]
            gamma, variance = rng.uniform(0.5, 1.5, (2, channels))
            beta, mean = rng.normal(0, 0.3, (2, channels))
            layer.set_weights([gamma, beta, mean, variance])
    return model
