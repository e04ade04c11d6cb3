"""ResNet-50, and the thin one with half its filters, by the names that keras.applications gives their layers."""

from functools import partial
from typing import Any

from training.networks.layers import Layers

# filters, how often, stride of the first
STAGES = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]


def _resnet50(layers: Layers, x: Any, _alpha: float, *, width: float) -> Any:
    """He et al. 2015, https://arxiv.org/abs/1512.03385, table 1; the stem keeps its 64 filters at every width.

    Half the filters everywhere else is the `resnet_50_1by2` of https://github.com/yahoo/open_nsfw.
    """
    import keras

    x = layers.convolution(x, "conv1_conv", 64, 7, 2, curve="relu")
    x = keras.layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = keras.layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stage, (filters, often, stride) in enumerate(STAGES, 2):
        for repeat in range(often):
            block = f"conv{stage}_block{repeat + 1}"
            x = _bottleneck(layers, x, block, int(filters * width), stride if repeat == 0 else 1, widen=repeat == 0)
    return x


def _bottleneck(layers: Layers, x: Any, block: str, filters: int, stride: int, *, widen: bool) -> Any:
    import keras

    shortcut = layers.convolution(x, f"{block}_0_conv", 4 * filters, 1, stride, curve=None) if widen else x
    y = layers.convolution(x, f"{block}_1_conv", filters, 1, stride, curve="relu")
    y = layers.convolution(y, f"{block}_2_conv", filters, 3, curve="relu")
    y = layers.convolution(y, f"{block}_3_conv", 4 * filters, 1, curve=None)
    y = keras.layers.Add(name=f"{block}_add")([shortcut, y])
    return layers.end(block, keras.layers.ReLU(name=f"{block}_out")(y))


resnet50 = partial(_resnet50, width=1.0)
resnet50_thin = partial(_resnet50, width=0.5)
