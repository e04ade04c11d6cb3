"""A network that learns no more, compiled for this processor by TF Lite, whose kernels are XNNPACK's.

In 32 bits as before (features differ by some 1e-5), and in well under half the time of TensorFlow's own kernels
(docs/LOG.md): for embeddings, and for teachers that look at every view of a student's lessons.
"""

import warnings
from collections.abc import Callable
from os import cpu_count
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from inference.quiet import stderr_held_back

# A small one stays in the processor's cache from layer to layer.
BATCH = 8


def frozen(network: Any) -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """Return ``see(pictures)``: float32 [n, *output] of pictures [n, size, size, 3], 0..255, of any number type.

    Later changes of the network's weights do not reach it. It takes as many threads as there are processors, and
    only one caller at a time.
    """
    shape = (BATCH, *network.input_shape[1:])
    output = network.output_shape[1:]

    def see_eagerly(pictures: Any) -> Any:
        return network(pictures, training=False)

    traced = tf.function(see_eagerly).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    with stderr_held_back(), warnings.catch_warnings():
        # Its successor is a package of its own, with the same kernels.
        warnings.simplefilter("ignore")
        # Told of the network as well, it would leave weights out as variables that nobody sets.
        converter = tf.lite.TFLiteConverter.from_concrete_functions([traced])
        interpreter = tf.lite.Interpreter(model_content=converter.convert(), num_threads=cpu_count())
        interpreter.allocate_tensors()
    [taken], [given] = interpreter.get_input_details(), interpreter.get_output_details()

    def see(pictures: NDArray[Any]) -> NDArray[np.float32]:
        seen = np.zeros((len(pictures), *output), np.float32)
        batch = np.zeros(shape, np.float32)
        for at in range(0, len(pictures), BATCH):
            some = pictures[at : at + BATCH]
            # A last batch that is not full keeps pictures of the one before behind it.
            batch[: len(some)] = some
            interpreter.set_tensor(taken["index"], batch)
            interpreter.invoke()
            seen[at : at + len(some)] = interpreter.get_tensor(given["index"])[: len(some)]
        return seen

    return see
