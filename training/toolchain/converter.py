"""The one door to tensorflowjs, whose converter imports libraries that it does not need for this work."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

# tensorflowjs imports them at its top and uses them only for models of their own. Installed beside TensorFlow 2.21
# they break it (docs/decisions/003-toolchain.md).
UNNEEDED = (
    "tensorflow_decision_forests",
    "tensorflow_hub",
    "jax",
    "jax.experimental",
    "jax.experimental.jax2tf",
)

# Kernels of convolutions, by TensorFlow's names of the operations that read them. Depthwise kernels and biases stay
# float32: one scale serves a whole tensor, and a folded depthwise kernel has channels a hundred times larger than
# others. With them an ImageNet MobileNet v1 erred by .0065 of probability, without by .0014, and they are 2 % of
# the bytes (docs/LOG.md). Dense layers stay float32 too: a head's are small, and the calibration sits in them.
QUANTIZED = ("*/convolution*",)

# The converter's names for them, fused with a bias and what bends the sum, or not.
CONVOLUTIONS = frozenset({"Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"})


def convert(saved_model: Path, output: Path, quantization: str) -> None:
    """Write `model.json` and `group1-shard*.bin`, a TF.js graph model, into the folder `output`.

    quantization: the type that kernels are stored in, "uint8" or "uint16".
    """
    with _stand_ins(), contextlib.redirect_stdout(StringIO()):
        from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_saved_model

        convert_tf_saved_model(
            str(saved_model),
            str(output),
            signature_def="serving_default",
            saved_model_tags="serve",
            quantization_dtype_map={quantization: list(QUANTIZED)},
        )


def stored(kernel: NDArray[np.float32], quantization: str) -> NDArray[np.float32]:
    """Return a kernel as a browser reads it once ``convert`` has stored it with this ``quantization``.

    What the converter does: steps of one size from the smallest value to the largest, 0 among them.
    """
    with _stand_ins():
        from tensorflowjs.quantization import dequantize_weights, quantize_weights

    steps, scale = quantize_weights(kernel, np.dtype(quantization).type)
    read: NDArray[np.float32] = dequantize_weights(steps, scale)
    return read


def read_constants(folder: Path, model: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return what the weight files of a TF.js model in ``folder`` hold, by name; ``model`` is its `model.json`."""
    with _stand_ins():
        from tensorflowjs.read_weights import read_weights

    [group] = read_weights(model["weightsManifest"], str(folder), flatten=False)
    return {weight["name"]: weight["data"] for weight in group}


@contextlib.contextmanager
def _stand_ins() -> Iterator[None]:
    """Let empty modules stand for the unneeded ones, and Keras 3 for Keras 2, while tensorflowjs is imported."""
    # First the real ones: TensorFlow must not meet the empty modules.
    import keras
    import tensorflow  # noqa: F401

    empty = {name: ModuleType(name) for name in UNNEEDED}
    for name, module in empty.items():
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(empty[parent], child, module)
    stand_ins = {**empty, "tf_keras": keras}
    replaced = {name: sys.modules[name] for name in stand_ins if name in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
        sys.modules.update(replaced)
