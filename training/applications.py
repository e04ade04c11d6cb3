"""What keras.applications publishes, as networks of ours: no preprocessing, BatchNorm folded, names that stay."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.convolutions import Convolution, Convolutions, from_keras
from training.fold import rebuild
from training.layout import CAFFE, EFFICIENTNET, TENSORFLOW, Layout
from training.networks.layers import Layers

if TYPE_CHECKING:
    import keras

# Keras numbers a layer that nobody named by how many the process has made.
UNNAMED = re.compile(r"(activation|average_pooling2d|batch_normalization|concatenate|conv2d|max_pooling2d)(_\d+)?")


@dataclass(frozen=True)
class Application:
    """A network of keras.applications: its constructor, its widths, and what its ImageNet weights expect.

    `blocks` finds a layer's block in the layer's name; None: training/networks writes the network out.
    """

    constructor: str
    widths: tuple[float, ...]
    layout: Layout
    blocks: str | None = None
    reversed_colours: bool = False

    def network(self, alpha: float, weights: str | None, **options: Any) -> "keras.Model":
        """Return Keras' own network without its classifier; `weights`: "imagenet" (downloaded) or None (random)."""
        import keras

        widened = {"alpha": alpha} if len(self.widths) > 1 else {}
        constructor = getattr(keras.applications, self.constructor)
        return constructor(include_top=False, weights=weights, **widened, **options)

    def convolutions(self, network: "keras.Model") -> Convolutions:
        """Return the convolutions of Keras' own network by our names, for RGB."""
        read = from_keras(adopted(network) if self.blocks else network)
        if self.reversed_colours:
            first = next(iter(read))
            read[first] = Convolution(np.ascontiguousarray(read[first].kernel[:, :, ::-1]), read[first].bias)
        return read


def adopted(network: "keras.Model", *, with_weights: bool = True) -> "keras.Model":
    """Return Keras' network as ours: BatchNorm folded, no preprocessing or dropout of its own, names that stay.

    A layer `rescale`, ours, is kept. Unnamed layers are numbered by their place, so that two processes agree.
    """
    import keras

    superfluous = (keras.layers.Rescaling, keras.layers.Normalization, keras.layers.Dropout)
    return rebuild(
        network,
        left_out=lambda layer: isinstance(layer, superfluous) and layer.name != "rescale",
        names=_lasting_names(network),
        with_weights=with_weights,
    )


def stack_of(name: str) -> Any:
    """Return the function that puts the network of that name onto scaled pixels (see training/backbones.py)."""
    application = APPLICATIONS[name]

    def stack(layers: Layers, x: Any, alpha: float) -> Any:
        ours = adopted(application.network(alpha, None, input_tensor=x), with_weights=False)
        for layer in ours.layers:
            block = re.match(application.blocks or "", layer.name)
            if block:
                # The last layer of a block is its end.
                layers.end(block[0].rstrip("_"), layer.output)
        return ours.output

    return stack


def _lasting_names(network: "keras.Model") -> dict[str, str]:
    names = {layer.name: layer.name for layer in network.layers}
    seen: Counter[str] = Counter()
    for name in sorted(names, key=_made_as):
        unnamed = UNNAMED.fullmatch(name)
        if unnamed:
            kind = unnamed[1]
            names[name] = f"{kind}_{seen[kind]}"
            seen[kind] += 1
    return names


def _made_as(name: str) -> int:
    number = name.rpartition("_")[2]
    return int(number) if number.isdigit() else 0


APPLICATIONS = {
    "mobilenet_v1": Application("MobileNet", (1.0, 0.75, 0.5, 0.25), TENSORFLOW),
    "mobilenet_v2": Application("MobileNetV2", (1.4, 1.3, 1.0, 0.75, 0.5, 0.35), TENSORFLOW),
    "efficientnet_b0": Application("EfficientNetB0", (1.0,), EFFICIENTNET, r"block\d[a-z]_"),
    "efficientnet_v2_b0": Application("EfficientNetV2B0", (1.0,), EFFICIENTNET, r"block\d[a-z]_"),
    "inception_v3": Application("InceptionV3", (1.0,), TENSORFLOW, r"mixed\d+$"),
    "resnet50": Application("ResNet50", (1.0,), CAFFE, reversed_colours=True),
}
