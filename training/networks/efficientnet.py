"""EfficientNet-B0 and V2-B0, by the names that keras.applications gives their layers."""

from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from training.networks.layers import Layers

# A block's inner layers are narrowed to this share of what enters it, to weigh its channels.
SQUEEZE = 0.25


@dataclass(frozen=True)
class Stage:
    """Blocks of one width; the first has the stride. `fused`: one whole convolution instead of two thin ones."""

    often: int
    kernel: int
    stride: int
    expansion: int
    filters: int
    fused: bool = False


# Tan and Le 2019, https://arxiv.org/abs/1905.11946, table 1.
B0 = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
# Tan and Le 2021, https://arxiv.org/abs/2104.00298, scaled down as keras.applications has it.
V2_B0 = (
    Stage(1, 3, 1, 1, 16, fused=True),
    Stage(2, 3, 2, 4, 32, fused=True),
    Stage(2, 3, 2, 4, 48, fused=True),
    Stage(3, 3, 2, 4, 96),
    Stage(5, 3, 1, 6, 112),
    Stage(8, 3, 2, 6, 192),
)


def efficientnet_b0(layers: Layers, x: Any, _alpha: float) -> Any:
    """Inverted residual blocks, whose channels are weighed by what the whole picture says."""
    return _stacked(layers, x, B0, "dwconv")


def efficientnet_v2_b0(layers: Layers, x: Any, _alpha: float) -> Any:
    """Begin with whole convolutions, which are faster where there are few channels."""
    return _stacked(layers, x, V2_B0, "dwconv2")


def _stacked(layers: Layers, x: Any, stages: tuple[Stage, ...], depthwise: str) -> Any:
    x = layers.convolution(x, "stem_conv", 32, 3, 2, curve="swish")
    for number, stage in enumerate(stages, 1):
        for repeat in range(stage.often):
            block = f"block{number}{ascii_lowercase[repeat]}"
            stride = stage.stride if repeat == 0 else 1
            inside = _fused if stage.fused else _separable
            y = inside(layers, x, block, stage, stride, depthwise)
            x = layers.end(block, _added(x, y, block) if x.shape == y.shape else y)
    return layers.convolution(x, "top_conv", 1280, 1, curve="swish")


def _separable(layers: Layers, x: Any, block: str, stage: Stage, stride: int, depthwise: str) -> Any:
    y, entering = x, x.shape[-1]
    if stage.expansion > 1:
        y = layers.convolution(x, f"{block}_expand_conv", entering * stage.expansion, 1, curve="swish")
    y = layers.depthwise(y, f"{block}_{depthwise}", stride, kernel=stage.kernel, curve="swish")
    y = _weighed(layers, y, block, int(entering * SQUEEZE))
    return layers.convolution(y, f"{block}_project_conv", stage.filters, 1, curve=None)


def _fused(layers: Layers, x: Any, block: str, stage: Stage, stride: int, _depthwise: str) -> Any:
    if stage.expansion == 1:
        return layers.convolution(x, f"{block}_project_conv", stage.filters, stage.kernel, stride, curve="swish")
    wide = x.shape[-1] * stage.expansion
    y = layers.convolution(x, f"{block}_expand_conv", wide, stage.kernel, stride, curve="swish")
    return layers.convolution(y, f"{block}_project_conv", stage.filters, 1, curve=None)


def _weighed(layers: Layers, x: Any, block: str, narrow: int) -> Any:
    """Squeeze and excite: Hu et al. 2017, https://arxiv.org/abs/1709.01507, figure 2."""
    import keras

    whole = keras.layers.GlobalAveragePooling2D(keepdims=True, name=f"{block}_se_squeeze")(x)
    y = layers.convolution(whole, f"{block}_se_reduce", narrow, 1, curve="swish")
    y = layers.convolution(y, f"{block}_se_expand", x.shape[-1], 1, curve="sigmoid")
    return keras.layers.Multiply(name=f"{block}_se_excite")([x, y])


def _added(x: Any, y: Any, block: str) -> Any:
    import keras

    return keras.layers.Add(name=f"{block}_add")([x, y])
