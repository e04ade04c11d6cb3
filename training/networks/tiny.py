"""A network of ours for the smallest budgets: about 85,000 parameters, no pretrained weights."""

from typing import Any

from training.networks.layers import Layers

# filters, stride
BLOCKS = [(24, 2), (24, 1), (48, 2), (48, 1), (96, 2), *[(96, 1)] * 3, (160, 2), (160, 1)]


def tiny(layers: Layers, x: Any, _alpha: float) -> Any:
    """MobileNet v1's separable convolutions, a tenth as wide and deep, with shortcuts where the shape allows them.

    Without pretrained weights the shortcuts are what lets the first layers learn.
    """
    import keras

    x = layers.convolution(x, "stem", 16, 3, 2)
    for block, (filters, stride) in enumerate(BLOCKS, 1):
        y = layers.depthwise(x, f"block_{block}_depthwise", stride)
        y = layers.convolution(y, f"block_{block}_pointwise", filters, 1)
        x = keras.layers.Add(name=f"block_{block}_add")([x, y]) if x.shape == y.shape else y
        layers.end(f"block_{block}", x)
    return x
