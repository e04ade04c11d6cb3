"""A network as the SavedModel that Python serves and that the converter reads."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from store.home import storage_error

if TYPE_CHECKING:
    import keras

INPUT = "pixels"


def write_saved_model(model: "keras.Model", folder: Path) -> None:
    """Write ``model`` into ``folder``; what is loaded from there answers by ``serve``, its ``serving_default`` too.

    ``model`` takes float32 [n, height, width, 3] and will answer, not be trained on: Keras' own ``export``
    writes every weight twice and gradients besides, which takes twice the bytes and the time, and the browser's
    model comes out the same (docs/LOG.md). Raises tensorflow.errors.OpError when the folder cannot be written.
    """
    import tensorflow as tf

    pixels = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name=INPUT)
    kept = tf.Module()
    # TensorFlow finds weights in attributes only, and not those of Keras.
    kept.weights = [variable.value for variable in model.variables]
    kept.serve = tf.function(lambda pixels: model(pixels, training=False), input_signature=[pixels])
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(kept, str(folder), kept.serve.get_concrete_function(), options)


@contextlib.contextmanager
def tensorflow_writes(place: Path) -> Iterator[None]:
    """Say what the body could not write below ``place``, by TensorFlow or otherwise, as a StoreError."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        full = "No space left" in error.message
        refused = OSError(errno.ENOSPC if full else errno.EIO, error.message.splitlines()[0])
        raise storage_error(refused, place) from error
    except OSError as error:
        raise storage_error(error, place) from error
