"""A network is rounded before it is measured, so that storing it changes nothing."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from inference.bundle import Bundle
from tests.networks import small_draft, small_model
from training.exporting.export import export_bundle
from training.exporting.rounding import round_kernels
from training.toolchain.converter import stored


@pytest.mark.parametrize(("quantization", "levels"), [("uint8", 256), ("uint16", 65_536)])
@pytest.mark.parametrize("middle", [0.0, 0.4, 7.0])
def test_a_kernel_keeps_its_range_in_as_many_steps_and_is_not_rounded_twice(
    quantization: str, levels: int, middle: float
):
    kernel = np.random.default_rng(1).normal(middle, 1, (1, 1, 64, 96)).astype(np.float32)
    step = float(np.ptp(kernel)) / (levels - 1)

    once = stored(kernel, quantization)

    assert 0 < np.abs(once - kernel).max() <= step
    assert len(np.unique(once)) <= levels
    assert stored(once, quantization) == pytest.approx(once, abs=step / 100)


def test_only_what_will_be_stored_in_steps_is_rounded(tmp_path: Path):
    before = small_model(tmp_path)
    old = {layer.name: layer.get_weights() for layer in before.layers if layer.weights}

    after = round_kernels(before, "uint8")

    now = {layer.name: layer.get_weights() for layer in after.layers if layer.weights}
    changed = {name for name, (kernel, _) in now.items() if np.any(kernel != old[name][0])}
    assert changed == {layer.name for layer in after.layers if isinstance(layer, keras.layers.Conv2D)}
    assert all(np.array_equal(bias, old[name][1]) for name, (_, bias) in now.items())


@pytest.fixture(scope="module")
def in_bytes(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("in-bytes")
    draft = replace(small_draft(), quantization="uint8")
    return export_bundle(round_kernels(small_model(folder), "uint8"), draft, folder / "bundle", golden_pictures=8)


def test_a_rounded_network_is_stored_in_bytes_and_answers_in_tfjs_as_it_did_in_keras(in_bytes: Bundle):
    manifest = json.loads((in_bytes.path / "model.json").read_text())
    kept = {
        weight["quantization"]["dtype"]
        for group in manifest["weightsManifest"]
        for weight in group["weights"]
        if "quantization" in weight
    }

    assert kept == {"uint8"}
    assert in_bytes.parity.tfjs < 1e-4


def test_a_side_that_halves_evenly_three_times_only_answers_in_tfjs_as_in_keras(tmp_path: Path):
    # 40, 20, 10, 5, 3, 2: TensorFlow pads an odd side otherwise than an even one.
    bundle = export_bundle(small_model(tmp_path, 40), small_draft(), tmp_path / "bundle", golden_pictures=8)

    assert bundle.input.size == 40
    assert bundle.parity.tfjs < bundle.parity.bound


def test_without_rounding_first_bytes_would_answer_otherwise(tmp_path: Path, in_bytes: Bundle):
    draft = replace(small_draft(), quantization="uint8")

    model, destination = small_model(tmp_path), tmp_path / "bundle"
    surprised = export_bundle(model, draft, destination, golden_pictures=8, parity_bound=1.0)

    assert surprised.parity.tfjs > 10 * in_bytes.parity.tfjs
