"""A convolution of one pixel is a matrix product, and trained as such.

On a processor TensorFlow computes a product's gradients up to four times as fast as a convolution's (docs/LOG.md).
Some processors multiply bfloat16 twice as fast as float32: there wide products are of numbers rounded to it, added
up in 32 bits, with weights that are kept in 32 bits (Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740,
"Mixed precision training", sec. 3.1). What is exported has convolutions again: for those browsers have kernels.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

# What both kinds of layer say of themselves in the same words.
SHARED = ("name", "trainable", "activation", "use_bias", "kernel_regularizer", "bias_regularizer")
# Narrower ones, as all of MobileNet v2's are, lose as much by rounding as they gain by multiplying.
WIDE = 256
PROCESSOR = Path("/proc/cpuinfo")
BFLOAT16 = ("avx512_bf16", "amx_bf16")


def with_products(model: "keras.Model") -> "keras.Model":
    """Return a copy of ``model`` with matrix products in place of its 1 x 1 convolutions.

    It answers the same; to 8 bits where the processor multiplies bfloat16 and a product that learns is wide.
    """
    return _copy(model, _product)


def with_convolutions(model: "keras.Model") -> "keras.Model":
    """Return the copy of ``model`` that undoes ``with_products``."""
    return _copy(model, _convolution)


@cache
def multiplies_bfloat16() -> bool:
    """Whether this processor says that it has instructions for it."""
    return PROCESSOR.is_file() and any(flag in PROCESSOR.read_text().split() for flag in BFLOAT16)


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
    wide = min(layer.input.shape[-1], layer.filters) >= WIDE
    dtype = "mixed_bfloat16" if wide and layer.trainable and multiplies_bfloat16() else "float32"
    return keras.layers.Dense.from_config(_shared(layer) | {"units": layer.filters, "dtype": dtype})


def _convolution(layer: Any) -> Any:
    import keras

    if not isinstance(layer, keras.layers.Dense) or len(layer.output.shape) != 4:
        return _same(layer)
    return keras.layers.Conv2D.from_config(
        _shared(layer) | {"filters": layer.units, "kernel_size": 1, "dtype": "float32"}
    )


def _same(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def _shared(layer: Any) -> dict[str, Any]:
    config = layer.get_config()
    return {key: config[key] for key in SHARED}
