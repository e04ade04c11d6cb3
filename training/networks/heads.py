"""What stands on the pooled features: dropouts, hidden layers, and an answer that is always [n, classes].

The layers are named `embedding` (before the head), `dropout`, `hidden_1`, `dropout_1`, ..., `probabilities`. A
sigmoid head has one `logit`; behind it a fixed layer makes it the probabilities of two classes, so that a bundle's
contract does not depend on the head: softmax(-z/2, z/2) is sigmoid(z), and their losses are the same.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from store.config import HeadConfig
from store.errors import ConfigError

if TYPE_CHECKING:
    import keras

EMBEDDING = "embedding"
DROPOUT = "dropout"
LOGIT = "logit"
HEAD = "probabilities"
MIMIC = "mimic"
# More than any epoch has: the random numbers of two epochs never overlap.
STEPS_AN_EPOCH = 10_000_000
# Knuth's multiplicative hash: the masks of a head's dropouts must not repeat one another.
SPREAD = 2_654_435_761


def attach_head(embedding: Any, classes: int, positive_index: int, head: HeadConfig, *, seed: int = 1) -> Any:
    """Return the probabilities [n, classes] of an untrained head on the symbolic tensor `embedding` [n, d].

    Raises ConfigError when a sigmoid is to tell more than two classes apart.
    """
    import keras

    if head.output == "sigmoid" and classes != 2:
        raise ConfigError(f"train.head.output: a sigmoid tells two classes apart, not {classes}; use 'softmax'")

    def dense(width: int, number: int, **options: Any) -> Any:
        weights = keras.initializers.GlorotUniform(seed=seed + number)
        decay = keras.regularizers.L2(head.l2) if head.l2 else None
        return keras.layers.Dense(width, kernel_initializer=weights, kernel_regularizer=decay, **options)

    x = _dropped(embedding, 0, head)
    for number, width in enumerate(head.hidden, 1):
        x = dense(width, number, activation="relu", name=f"hidden_{number}")(x)
        x = _dropped(x, number, head)
    if head.output == "softmax":
        return dense(classes, 0, activation="softmax", name=HEAD)(x)
    return _two_classes(positive_index)(dense(1, 0, name=LOGIT)(x))


def head_of(model: "keras.Model") -> "keras.Model":
    """Return the network from the pooled features to the probabilities; it shares its layers with `model`."""
    import keras

    return keras.Model(model.get_layer(EMBEDDING).output, model.output, name=f"{model.name}_head")


def with_mimic(model: "keras.Model", kernel: Any, bias: Any) -> "keras.Model":
    """Return the network with a second output: features [n, width] that it is to see as its teachers do.

    It shares its layers with `model`; a linear layer, which begins as `kernel` [d, width] and `bias` [width], turns
    its own pooled features into theirs.
    """
    import keras

    mimic = keras.layers.Dense(len(bias), name=MIMIC)
    seen = mimic(model.get_layer(EMBEDDING).output)
    mimic.set_weights([kernel, bias])
    return keras.Model(model.inputs[0], [model.outputs[0], seen], name=model.name)


def without_mimic(model: "keras.Model") -> "keras.Model":
    """Return the network from pixels to probabilities alone; it shares its layers with `model`."""
    import keras

    return keras.Model(model.inputs[0], model.outputs[0], name=model.name)


def shift_prior(model: "keras.Model", positive: int, shift: float) -> None:
    """Add `shift` to the positive class's logit, in place."""
    layer = logits_layer(model)
    kernel, bias = layer.get_weights()
    bias[0 if layer.name == LOGIT else positive] += shift
    layer.set_weights([kernel, bias])


def set_linear(model: "keras.Model", kernel: Any, bias: Any, positive: int) -> None:
    """Let a head without hidden layers give logits ``x @ kernel + bias`` ([d, classes], [classes]), in place."""
    layer = logits_layer(model)
    if layer.name == LOGIT:
        kernel = kernel[:, [positive]] - kernel[:, [1 - positive]]
        bias = bias[[positive]] - bias[[1 - positive]]
    layer.set_weights([kernel, bias])


def soften(model: "keras.Model", temperature: float) -> None:
    """Divide the logits by `temperature`, in place: above 1 the answers become less sure.

    The classes of a picture keep their order; that of pictures is kept for certain between two classes only.
    """
    layer = logits_layer(model)
    layer.set_weights([weight / np.float32(temperature) for weight in layer.get_weights()])


def seed_dropouts(model: "keras.Model", seed: int, epoch: int) -> None:
    """Let the masks of `epoch` follow from the seed alone: a checkpoint does not keep a dropout's random state."""
    import keras

    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    for number, layer in enumerate(dropouts):
        layer.seed_generator.state.assign([(seed + number * SPREAD) % 2**32, epoch * STEPS_AN_EPOCH])


def logits_layer(model: "keras.Model") -> Any:
    """Return the layer whose kernel and bias make the logits."""
    return model.get_layer(LOGIT if has_fixed_answer(model) else HEAD)


def has_fixed_answer(model: "keras.Model") -> bool:
    """Say whether `probabilities` only rewrites a logit and is never trained."""
    return any(layer.name == LOGIT for layer in model.layers)


def _dropped(x: Any, number: int, head: HeadConfig) -> Any:
    import keras

    rate = head.dropout[number]
    return keras.layers.Dropout(rate, name=f"{DROPOUT}_{number}" if number else DROPOUT)(x) if rate else x


def _two_classes(positive_index: int) -> Any:
    import keras

    signs = [0.5 if place == positive_index else -0.5 for place in range(2)]
    return keras.layers.Dense(
        2,
        activation="softmax",
        use_bias=False,
        kernel_initializer=keras.initializers.Constant([signs]),
        name=HEAD,
        trainable=False,
    )
