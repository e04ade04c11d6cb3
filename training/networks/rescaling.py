"""Take the scaling of pixels out of an exported network: the first convolution does it on its own.

Scaling 128 x 128 pixels costs TF.js' wasm backend a tenth of a small network's time (docs/LOG.md): it is a pass of
its own over the largest thing that the network sees.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

RESCALE = "rescale"


def fold_rescaling(model: "keras.Model") -> "keras.Model":
    """Return a functional model that answers as ``model`` does, without the layer `rescale` where it can go.

    It can go where one scale and one offset hold for all colours and only a convolution reads it, directly or
    padded. Zeros that were padded after scaling become the grey that scaling would have made 0 of: the function is
    the same up to rounding. Any other model is returned as it is.
    """
    import keras

    found = _foldable(model)
    if found is None:
        return model
    rescale, pad, convolution = found
    grey = -rescale.offset / rescale.scale
    sides = pad.padding if pad else _same_padding(convolution)

    def clone(layer: Any) -> Any:
        changed = {"padding": "valid", "use_bias": True} if layer is convolution else {}
        return type(layer).from_config({**layer.get_config(), **changed})

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if layer.name == rescale.name or (pad and layer.name == pad.name):
            return args[0]
        if layer.name == convolution.name and np.any(sides):
            padded = keras.ops.pad(args[0], ((0, 0), *sides, (0, 0)), constant_values=grey)
            return layer(padded, **kwargs)
        return layer(*args, **kwargs)

    folded = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in (layer for layer in folded.layers if layer.weights):
        weights = model.get_layer(layer.name).get_weights()
        layer.set_weights(_folded(weights, rescale) if layer.name == convolution.name else weights)
    return folded


def _foldable(model: "keras.Model") -> tuple[Any, Any, Any] | None:
    """Return the scaling, the padding after it (or None) and the convolution that reads them, where all fit."""
    import keras

    rescale = next((layer for layer in model.layers if layer.name == RESCALE), None)
    if rescale is None or np.ndim(rescale.scale) or np.ndim(rescale.offset):
        return None
    reader = _only_reader(rescale)
    pad = reader if isinstance(reader, keras.layers.ZeroPadding2D) else None
    convolution = _only_reader(pad) if pad else reader
    return (rescale, pad, convolution) if isinstance(convolution, keras.layers.Conv2D) else None


def _only_reader(layer: Any) -> Any:
    nodes = layer._outbound_nodes
    return nodes[0].operation if len(nodes) == 1 else None


def _same_padding(convolution: Any) -> tuple[tuple[int, int], ...]:
    """Return what "same" pads, before and after, in height and width: TensorFlow puts the odd pixel behind."""
    if convolution.padding == "valid":
        return (0, 0), (0, 0)
    sides = []
    for size, kernel, stride in zip(
        convolution.input.shape[1:3], convolution.kernel_size, convolution.strides, strict=True
    ):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        sides.append((total // 2, total - total // 2))
    return tuple(sides)


def _folded(weights: list[np.ndarray], rescale: Any) -> list[np.ndarray]:
    kernel, *rest = (np.asarray(weight, np.float64) for weight in weights)
    bias = rest[0] if rest else np.zeros(kernel.shape[-1])
    shifted = bias + rescale.offset * kernel.sum(axis=(0, 1, 2))
    return [(kernel * rescale.scale).astype(np.float32), shifted.astype(np.float32)]
