"""A network as the SavedModel that Python serves and that the converter reads."""

from pathlib import Path
from typing import TYPE_CHECKING

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
