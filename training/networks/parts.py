"""A network in two parts while it is fine-tuned: in front what learns no more, behind it what learns.

The front has no gradients, so the kernels of `frozen` compute it, in a fraction of the time (docs/LOG.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from training.networks.frozen import frozen

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Parts:
    """``behind(see(view))`` is what the network answers to ``view``, a tensor float32 [n, size, size, 3]."""

    see: Callable[[Any], Any]
    behind: "keras.Model"


def parts_of(model: "keras.Model") -> Parts:
    """Cut ``model`` before its first layer that learns or is a dropout; the part behind shares its layers.

    Where the front has no weights, or where more than one line leads across the cut, all of it is behind.
    """
    import keras

    def at_work(layer: "keras.Layer") -> bool:
        # A dropout in front would drop nothing; only heads have some.
        return bool(layer.trainable_weights) or isinstance(layer, keras.layers.Dropout)

    first = next(filter(at_work, model.layers))
    front = keras.Model(model.inputs[0], first.input)
    behind = _from(first.input, model) if front.weights else None
    if behind is None:
        return Parts(lambda view: view, model)
    # Seconds, which a fit without an epoch to go need not wait for.
    compiled = cache(lambda: frozen(front))
    return Parts(lambda view: compiled()(view.numpy()), behind)


def _from(tensor: Any, model: "keras.Model") -> "keras.Model | None":
    import keras

    try:
        return keras.Model(tensor, model.outputs if len(model.outputs) > 1 else model.output)
    except ValueError:
        # Keras' word for outputs that need more than this tensor.
        return None
