"""Networks that pad both sides, as torch's do, answer in TF.js as in Keras without an operation that pads."""

import json
from collections import Counter
from pathlib import Path

import keras

from inference.bundle import Bundle
from tests.networks import CLASSES, SIZE, small_draft
from training.exporting.export import export_bundle


def exported(folder: Path, *, read_twice: bool = False) -> Bundle:
    """Return the bundle of a network whose strides are padded before; if asked, one padding is read twice."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    pixels = keras.Input((SIZE, SIZE, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, -1.0, name="rescale")(pixels)
    x = layers.ReLU(6.0)(layers.Conv2D(8, 3, padding="same", name="first")(x))
    x = layers.ZeroPadding2D(1)(x)
    y = layers.ReLU(6.0)(layers.DepthwiseConv2D(3, strides=2, padding="valid", name="depthwise")(x))
    if read_twice:
        y = layers.Add()([y, layers.Conv2D(8, 3, strides=2, padding="valid", name="beside")(x)])
    y = layers.Conv2D(16, 1, name="pointwise")(y)
    y = layers.ReLU(6.0)(layers.Conv2D(16, 3, strides=2, padding="valid", name="last")(layers.ZeroPadding2D(1)(y)))
    y = layers.GlobalAveragePooling2D(name="embedding")(y)
    answer = layers.Dense(len(CLASSES), activation="softmax", name="probabilities")(y)
    model = keras.Model(pixels, answer)
    for layer in (layer for layer in model.layers if layer.weights):
        kernel, bias = layer.get_weights()
        # A bias of zeros would be optimised away, and with it the fusion that a trained network has.
        layer.set_weights([kernel, bias + 0.1])
    return export_bundle(model, small_draft(), folder / "bundle", golden_pictures=8)


def operations(bundle: Bundle) -> Counter[str]:
    model = json.loads((bundle.path / "model.json").read_text())
    return Counter(node["op"] for node in model["modelTopology"]["node"])


def test_strided_convolutions_pad_for_themselves_and_answer_the_same(tmp_path: Path):
    bundle = exported(tmp_path)

    assert operations(bundle)["Pad"] == 0
    assert bundle.parity.tfjs < 1e-3


def test_a_padding_that_two_read_stays(tmp_path: Path):
    bundle = exported(tmp_path, read_twice=True)

    assert operations(bundle)["Pad"] == 1
    assert bundle.parity.tfjs < 1e-3
