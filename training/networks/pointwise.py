"""A convolution of one pixel is a matrix product, and trained as such.

On a processor TensorFlow computes a product's gradients up to four times as fast as a convolution's (docs/LOG.md).
What is exported has convolutions again: for those browsers have kernels.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

# What both kinds of layer say of themselves in the same words.
SHARED = ("name", "trainable", "dtype", "activation", "use_bias", "kernel_regularizer", "bias_regularizer")


def with_products(model: "keras.Model") -> "keras.Model":
    """Return a copy of ``model`` with matrix products in place of its 1 x 1 convolutions; it answers the same."""
    return _copy(model, _product)


def with_convolutions(model: "keras.Model") -> "keras.Model":
    """Return the copy of ``model`` that undoes ``with_products``."""
    return _copy(model, _convolution)


def _copy(model: "keras.Model", turned: Callable[[Any], Any]) -> "keras.Model":
    import keras

    copy = keras.models.clone_model(model, clone_function=turned)
    pairs = zip(model.get_weights(), copy.weights, strict=True)
    # Kernels are [1, 1, before, after] in the one, [before, after] in the other.
    copy.set_weights([value.reshape(variable.shape) for value, variable in pairs])
    return copy


def _product(layer: Any) -> Any:
    import keras

    if not isinstance(layer, keras.layers.Conv2D):
        return _same(layer)
    if (layer.kernel_size, layer.strides, layer.groups) != ((1, 1), (1, 1), 1):
        return _same(layer)
    return keras.layers.Dense.from_config(_shared(layer) | {"units": layer.filters})


def _convolution(layer: Any) -> Any:
    import keras

    if not isinstance(layer, keras.layers.Dense) or len(layer.output.shape) != 4:
        return _same(layer)
    return keras.layers.Conv2D.from_config(_shared(layer) | {"filters": layer.units, "kernel_size": 1})


def _same(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def _shared(layer: Any) -> dict[str, Any]:
    config = layer.get_config()
    return {key: config[key] for key in SHARED}
