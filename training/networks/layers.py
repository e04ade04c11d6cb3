"""The layers that the families are made of, and the places where they can be cut."""

from typing import Any

from training.layout import Layout


class Layers:
    """Makes convolutions with the padding that the weights were trained with, and remembers where blocks end.

    `ends` maps the name of every block that a network can be cut at to its output, in order. With `normalize` a
    BatchNorm follows every convolution: deep networks do not learn from random weights without. Pretrained ones
    have it folded into their convolutions.
    """

    def __init__(self, layout: Layout, *, normalize: bool = False) -> None:
        self.layout = layout
        self.normalize = normalize
        self.ends: dict[str, Any] = {}

    def end(self, block: str, x: Any) -> Any:
        """Remember that `block` ends with `x`, and return it."""
        self.ends[block] = x
        return x

    def convolution(
        self, x: Any, name: str, filters: int, kernel: int, stride: int = 1, *, ceiling: float | None = 6.0
    ) -> Any:
        """Return x convolved and cut to 0..`ceiling`; None leaves it linear."""
        import keras

        x, padding = self._padded(x, name, kernel, stride)
        x = keras.layers.Conv2D(
            filters, kernel, strides=stride, padding=padding, use_bias=not self.normalize, name=name
        )(x)
        return self._activated(x, name, ceiling)

    def depthwise(self, x: Any, name: str, stride: int, *, kernel: int = 3, ceiling: float | None = 6.0) -> Any:
        """Return x with every channel convolved by itself and cut to 0..`ceiling`."""
        import keras

        x, padding = self._padded(x, name, kernel, stride)
        x = keras.layers.DepthwiseConv2D(
            kernel, strides=stride, padding=padding, use_bias=not self.normalize, name=name
        )(x)
        return self._activated(x, name, ceiling)

    def inverted_residual(
        self, x: Any, block: str, filters: int, stride: int, *, expansion: int = 6, kernel: int = 3
    ) -> Any:
        """Widen, convolve channel by channel, narrow without a curve; add x where the shape allows it.

        Sandler et al. 2018, https://arxiv.org/abs/1801.04381, figure 4.
        """
        import keras

        y = x if expansion == 1 else self.convolution(x, f"{block}_expand", expansion * x.shape[-1], 1)
        y = self.depthwise(y, f"{block}_depthwise", stride, kernel=kernel)
        y = self.convolution(y, f"{block}_project", filters, 1, ceiling=None)
        return self.end(block, keras.layers.Add(name=f"{block}_add")([x, y]) if x.shape == y.shape else y)

    def _padded(self, x: Any, name: str, kernel: int, stride: int) -> tuple[Any, str]:
        import keras

        # At stride 2 "same" pads more behind than before, as TensorFlow's networks were trained.
        if stride == 1 or not self.layout.pad_both_sides:
            return x, "same"
        return keras.layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x), "valid"

    def _activated(self, x: Any, name: str, ceiling: float | None) -> Any:
        import keras

        if self.normalize:
            # Few steps an epoch: the statistics must keep up with them.
            x = keras.layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
        return x if ceiling is None else keras.layers.ReLU(ceiling, name=f"{name}_relu")(x)


def divisible(channels: float) -> int:
    """Return the multiple of 8 near `channels`, and at most a tenth below it."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
