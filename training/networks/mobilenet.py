"""MobileNet v1 and v2, by the names that keras.applications gives their layers."""

from typing import Any

from training.networks.convolutions import FINE_CHANNELS
from training.networks.layers import Layers, divisible


def mobilenet_v1(layers: Layers, x: Any, alpha: float) -> Any:
    """Howard et al. 2017, https://arxiv.org/abs/1704.04861, table 1."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    x = layers.end("conv1", layers.convolution(x, "conv1", int(32 * alpha), 3, 2))
    for block, (filters, stride) in enumerate(blocks, 1):
        x = layers.depthwise(x, f"conv_dw_{block}", stride)
        x = layers.end(f"conv_pw_{block}", layers.convolution(x, f"conv_pw_{block}", int(filters * alpha), 1))
    return x


def mobilenet_v2(layers: Layers, x: Any, alpha: float) -> Any:
    """Sandler et al. 2018, https://arxiv.org/abs/1801.04381, table 2."""
    return _behind_the_first(layers, layers.convolution(x, "Conv1", divisible(32 * alpha), 3, 2), alpha)


def mobilenet_v2_fine(layers: Layers, x: Any, alpha: float) -> Any:
    """MobileNet v2 that looks at twice as many pixels a side, which only its first convolution has to do with.

    What follows costs what it does in v2 at half the side (docs/LOG.md).
    """
    return _behind_the_first(layers, layers.fine_convolution(x, "Conv1", FINE_CHANNELS), alpha)


def _behind_the_first(layers: Layers, x: Any, alpha: float) -> Any:
    # filters, how often, stride of the first
    stages = [(24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]
    blocks = [(filters, stride if first == 0 else 1) for filters, n, stride in stages for first in range(n)]
    x = layers.inverted_residual(x, "expanded_conv", divisible(int(16 * alpha)), 1, expansion=1)
    for block, (filters, stride) in enumerate(blocks, 1):
        x = layers.inverted_residual(x, f"block_{block}", divisible(int(filters * alpha)), stride)
    return layers.convolution(x, "Conv_1", max(1280, divisible(1280 * alpha)), 1)
