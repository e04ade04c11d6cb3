"""What keras.applications publishes, as convolutions for the networks of training/networks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.networks.convolutions import Convolution, Convolutions, from_keras
from training.networks.layout import CAFFE, EFFICIENTNET, TENSORFLOW, Layout

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Application:
    """A network of keras.applications: its constructor, its widths, and what its ImageNet weights expect.

    `numbered`: nobody named its convolutions; Keras numbers them by how many the process has made.
    """

    constructor: str
    widths: tuple[float, ...]
    layout: Layout
    reversed_colours: bool = False
    numbered: bool = False

    def network(self, alpha: float, weights: str | None, **options: Any) -> "keras.Model":
        """Return Keras' own network without its classifier; `weights`: "imagenet" (downloaded) or None (random)."""
        import keras

        widened = {"alpha": alpha} if len(self.widths) > 1 else {}
        constructor = getattr(keras.applications, self.constructor)
        return constructor(include_top=False, weights=weights, **widened, **options)

    def convolutions(self, network: "keras.Model") -> Convolutions:
        """Return the convolutions of Keras' own network by our names, for RGB, BatchNorm folded into them."""
        read = from_keras(network)
        if self.numbered:
            names = sorted(read, key=_number)
            read = {f"conv2d_{place}": read[name] for place, name in enumerate(names)}
        if self.reversed_colours:
            first = next(iter(read))
            read[first] = Convolution(np.ascontiguousarray(read[first].kernel[:, :, ::-1]), read[first].bias)
        return read


def _number(name: str) -> int:
    number = name.rpartition("_")[2]
    return int(number) if number.isdigit() else 0


APPLICATIONS = {
    "mobilenet_v1": Application("MobileNet", (1.0, 0.75, 0.5, 0.25), TENSORFLOW),
    "mobilenet_v2": Application("MobileNetV2", (1.4, 1.3, 1.0, 0.75, 0.5, 0.35), TENSORFLOW),
    "efficientnet_b0": Application("EfficientNetB0", (1.0,), EFFICIENTNET),
    "efficientnet_v2_b0": Application("EfficientNetV2B0", (1.0,), EFFICIENTNET),
    "inception_v3": Application("InceptionV3", (1.0,), TENSORFLOW, numbered=True),
    "resnet50": Application("ResNet50", (1.0,), CAFFE, reversed_colours=True),
}
