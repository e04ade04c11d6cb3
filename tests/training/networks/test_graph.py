"""What a browser gets is enough to train on from."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.bundle import BackboneFacts, Bundle
from store.errors import WeightsError
from tests.networks import CLASSES, SIZE, small_draft
from training.exporting.export import export_bundle
from training.networks.backbones import build, embedder
from training.networks.graph import read_graph
from training.networks.layers import Layers, network_name
from training.networks.layout import CAFFE, TENSORFLOW, TORCH, Layout
from training.networks.mobilenet import mobilenet_v2, mobilenet_v2_fine
from training.networks.weights import from_bundle, read_weights
from training.releasing.release_folder import place

CUT = "block_3_expand"
STACKS = {"mobilenet_v2": mobilenet_v2, "mobilenet_v2_fine": mobilenet_v2_fine}
# So many pixels a side are the same work for both.
SIDES = {"mobilenet_v2": SIZE, "mobilenet_v2_fine": 2 * SIZE}


def small_v2(layout: Layout, name: str = "mobilenet_v2"):
    """Build the beginning of a MobileNet v2 with random kernels, as weights of that layout would be."""
    import keras

    layers = Layers(layout)
    pixels = keras.Input((SIDES[name], SIDES[name], 3), name="pixels")
    STACKS[name](layers, keras.layers.Rescaling(layout.scale, layout.offset, name="rescale")(pixels), 1.0)
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(layers.ends[CUT])
    answer = keras.layers.Dense(len(CLASSES), activation="softmax", name="probabilities")(embedding)
    model = keras.Model(pixels, answer, name=network_name(name, CUT))
    rng = np.random.default_rng(0)
    for layer in (layer for layer in model.layers if layer.weights):
        kernel, bias = layer.get_weights()
        layer.set_weights([rng.normal(0, 0.3, kernel.shape), bias + 0.1])
    return model


def released(model, folder: Path) -> Path:
    """Return the folder of a released model: what the browser reads, and nothing else."""
    backbone = BackboneFacts(model.name.partition("_to_")[0], 1.0, "this test", CUT)
    bundle = export_bundle(model, replace(small_draft(), backbone=backbone), folder / "bundle", parity_bound=1.0)
    (folder / "extension").mkdir()
    place(bundle, {}, "", None, folder / "extension" / "model")
    return folder / "extension" / "model"


def pictures(side: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 255, (4, side, side, 3)).astype(np.float32)


@pytest.mark.parametrize("layout", [TENSORFLOW, TORCH])
@pytest.mark.parametrize("name", STACKS)
def test_a_released_model_is_trained_on_from_what_the_browser_reads(layout, name: str, tmp_path: Path):
    model = small_v2(layout, name)
    folder = released(model, tmp_path)

    found = from_bundle(name, 1.0, folder, CUT)
    again = build(name, 1.0, SIDES[name], len(CLASSES), found, cut=CUT)

    assert not list(folder.glob("*.keras"))
    assert (found.link, found.origin) == ("bundle", small_draft().id)
    assert read_weights(found).layout == layout
    seen, wanted = (np.asarray(embedder(network)(pictures(SIDES[name]))) for network in (again, model))
    assert np.allclose(seen, wanted, atol=1e-3 * wanted.max())


def test_a_fine_network_goes_on_from_a_coarse_one_and_not_the_other_way(tmp_path: Path):
    (tmp_path / "coarse").mkdir()
    (tmp_path / "fine").mkdir()
    coarse = released(small_v2(TORCH), tmp_path / "coarse")
    fine = released(small_v2(TORCH, "mobilenet_v2_fine"), tmp_path / "fine")

    found = from_bundle("mobilenet_v2_fine", 1.0, coarse, CUT)
    made = build("mobilenet_v2_fine", 1.0, 2 * SIZE, len(CLASSES), found, cut=CUT)

    kept = read_weights(found).convolutions["block_2_expand"].kernel
    assert np.array_equal(made.get_layer("block_2_expand").get_weights()[0], kept)
    with pytest.raises(WeightsError, match=r"holds mobilenet_v2_fine 1\.0"):
        from_bundle("mobilenet_v2", 1.0, fine, CUT)


def test_a_model_that_scales_its_colours_apart_is_refused(tmp_path: Path):
    folder = released(small_v2(CAFFE), tmp_path)

    with pytest.raises(WeightsError, match="scales its colours apart"):
        read_graph(folder, network_name("mobilenet_v2", CUT))


def test_another_network_than_the_manifest_says_is_refused(tmp_path: Path):
    folder = released(small_v2(TORCH), tmp_path)

    with pytest.raises(WeightsError, match=r"no mobilenet_v1 in TF\.js' form"):
        read_graph(folder, "mobilenet_v1")


def test_weights_that_are_not_the_released_ones_are_refused(exported: Bundle, tmp_path: Path):
    (tmp_path / "extension").mkdir()
    folder = tmp_path / "extension" / "model"
    place(exported, {}, "", None, folder)
    [shard] = folder.glob("*.bin")
    found = from_bundle("mobilenet_v1", 0.25, folder)
    shard.write_bytes(shard.read_bytes()[:-1] + b"!")

    with pytest.raises(WeightsError, match=r"group1-shard1of1\.bin is not what the bundle was made with"):
        read_weights(found)


def test_the_released_model_of_this_project_can_be_trained_on():
    folder = Path(__file__).parents[3] / "extension" / "model"
    said = json.loads((folder / "bundle.json").read_text())
    backbone, size = said["backbone"], said["input"]["size"]

    found = from_bundle(backbone["name"], backbone["alpha"], folder, backbone["cut"])
    network = build(backbone["name"], backbone["alpha"], size, 2, found, cut=backbone["cut"])

    assert network.input_shape == (None, size, size, 3)
