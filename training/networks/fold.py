"""Fold BatchNorm into the convolutions before it: the same function with fewer operations.

Unfolded, some networks fail in TF.js (`FusedConv2D only supports rank-1 bias` on wasm) and all of them are slower.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras


def fold_batch_normalization(model: "keras.Model") -> "keras.Model":
    """Return a functional model that answers as `model` does at inference, without BatchNorm that can be folded.

    Folded is a BatchNorm whose only input is a linear convolution that nothing else reads. A model without any is
    returned as it is. Probabilities differ by at most 3e-5 (rounding).
    """
    import keras

    folds = _foldable(model)
    if not folds:
        return model
    convolved = {conv.name: norm for norm, conv in folds.items()}

    def clone(layer: Any) -> Any:
        biased = {"use_bias": True} if layer.name in convolved else {}
        return type(layer).from_config({**layer.get_config(), **biased})

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        return args[0] if layer.name in folds else layer(*args, **kwargs)

    folded = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in (layer for layer in folded.layers if layer.weights):
        original = model.get_layer(layer.name)
        norm = convolved.get(layer.name)
        layer.set_weights(_folded_weights(original, model.get_layer(norm)) if norm else original.get_weights())
    return folded


def _foldable(model: "keras.Model") -> dict[str, Any]:
    """Return the convolution before every BatchNorm that can be folded, by the BatchNorm's name."""
    import keras

    convolutions = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    folds = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            before = layer.input._keras_history.operation
            linear = isinstance(before, convolutions) and before.activation is keras.activations.linear
            if linear and len(before._outbound_nodes) == 1:
                folds[layer.name] = before
    return folds


def _folded_weights(convolution: Any, normalization: Any) -> list[np.ndarray]:
    """Return kernel and bias of a convolution that does what both layers did."""
    import keras

    kernel, *rest = (np.asarray(weight, np.float64) for weight in convolution.get_weights())
    bias = rest[0] if rest else 0.0
    statistics = {w.name: np.asarray(w, np.float64) for w in normalization.weights}
    scale = statistics.get("gamma", 1.0) / np.sqrt(statistics["moving_variance"] + normalization.epsilon)
    shift = statistics.get("beta", 0.0) + (bias - statistics["moving_mean"]) * scale
    depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
    shaped = scale.reshape(kernel.shape[2:]) if depthwise else scale
    return [(kernel * shaped).astype(np.float32), shift.astype(np.float32)]
