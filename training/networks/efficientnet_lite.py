"""EfficientNet-Lite: EfficientNet for devices that know no swish and no squeeze-and-excitation."""

from functools import partial
from math import ceil
from typing import Any

from training.networks.layers import Layers, divisible

# how often, kernel, stride of the first, expansion, filters: Tan and Le 2019, https://arxiv.org/abs/1905.11946,
# table 1
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]


def _lite(layers: Layers, x: Any, _alpha: float, *, width: float, depth: float) -> Any:
    """Stack the stages; stem and top keep their width, the first and the last stage their depth.

    https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
    """
    x = layers.convolution(x, "stem", 32, 3, 2)
    block = 0
    for stage, (often, kernel, stride, expansion, filters) in enumerate(STAGES):
        outermost = stage in (0, len(STAGES) - 1)
        for repeat in range(often if outermost else ceil(often * depth)):
            x = layers.inverted_residual(
                x,
                f"block_{block}",
                divisible(filters * width),
                stride if repeat == 0 else 1,
                expansion=expansion,
                kernel=kernel,
            )
            block += 1
    return layers.convolution(x, "top", 1280, 1)


efficientnet_lite0 = partial(_lite, width=1.0, depth=1.0)
efficientnet_lite1 = partial(_lite, width=1.0, depth=1.1)
efficientnet_lite2 = partial(_lite, width=1.1, depth=1.2)
