"""Round a network's kernels to what will be stored, before it is calibrated: what is evaluated is what readers get.

Rounded only while it is stored, a network in 8 bits answers otherwise than the one that was measured, by up to .07
of probability where accuracy stays the same (docs/LOG.md): the rounding is harmless, the difference is not.
"""

from typing import TYPE_CHECKING

from training.networks.fold import fold_batch_normalization
from training.toolchain.converter import stored

if TYPE_CHECKING:
    import keras


def round_kernels(model: "keras.Model", quantization: str) -> "keras.Model":
    """Return ``model``, its BatchNorm folded, with every convolution's kernel as ``quantization`` will keep it.

    quantization: "uint8" or "uint16". Depthwise kernels, biases and dense layers stay as they are. The model itself
    is changed where there was nothing to fold. Rounding twice changes nothing more.
    """
    import keras

    folded = fold_batch_normalization(model)
    for layer in folded.layers:
        if isinstance(layer, keras.layers.Conv2D):
            layer.kernel.assign(stored(layer.kernel.numpy(), quantization))
    return folded
