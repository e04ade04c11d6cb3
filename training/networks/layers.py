"""The layers that the families are made of, and the places where they can be cut."""

from typing import Any, Literal

from training.networks.layout import Layout

Curve = Literal["relu", "relu6", "swish", "sigmoid"] | None
CEILINGS = {"relu": None, "relu6": 6.0}
# Between a network's name and the block that it is cut at.
CUT = "_to_"


class Layers:
    """Makes convolutions with the padding that the weights were trained with, and remembers where blocks end.

    `ends` maps the name of every block that a network can be cut at to its output, in order. A `seed` decides the
    first kernels of a network that starts from random ones; a BatchNorm follows each of its convolutions, since
    depth does not learn without. Pretrained ones (None) have it folded into their convolutions.
    """

    def __init__(self, layout: Layout, seed: int | None = None) -> None:
        self.layout = layout
        self.seed = seed
        self.ends: dict[str, Any] = {}
        self._made = 0

    def end(self, block: str, x: Any) -> Any:
        """Remember that `block` ends with `x`, and return it."""
        self.ends[block] = x
        return x

    def convolution(
        self, x: Any, name: str, filters: int, kernel: int, stride: int = 1, *, curve: Curve = "relu6"
    ) -> Any:
        """Return x convolved and bent by `curve`."""
        import keras

        x, padding = self._padded(x, name, kernel, stride)
        x = keras.layers.Conv2D(filters, kernel, strides=stride, padding=padding, name=name, **self._first())(x)
        return self._bent(x, name, curve)

    def fine_convolution(self, x: Any, name: str, filters: int) -> Any:
        """Return x, a multiple of four pixels a side, convolved by 4 x 4 at stride 4: every pixel is seen once.

        `convolutions.finer` makes its kernel of one of 3 x 3 that sees half as many pixels a side, at stride 2.
        Torch's begins a pixel further out, TensorFlow's a pixel further in, which nobody sees.
        """
        import keras

        x = keras.layers.Conv2D(filters, 4, strides=4, name=name, **self._first())(x)
        return self._bent(x, name, "relu6")

    def depthwise(self, x: Any, name: str, stride: int, *, kernel: int = 3, curve: Curve = "relu6") -> Any:
        """Return x with every channel convolved by itself and bent by `curve`."""
        import keras

        x, padding = self._padded(x, name, kernel, stride)
        first = self._first("depthwise_initializer")
        x = keras.layers.DepthwiseConv2D(kernel, strides=stride, padding=padding, name=name, **first)(x)
        return self._bent(x, name, curve)

    def inverted_residual(
        self, x: Any, block: str, filters: int, stride: int, *, expansion: int = 6, kernel: int = 3
    ) -> Any:
        """Widen, convolve channel by channel, narrow without a curve; add x where the shape allows it.

        Sandler et al. 2018, https://arxiv.org/abs/1801.04381, figure 4.
        """
        import keras

        y = x
        if expansion > 1:
            # Wide and bent: what is pooled here tells more apart than the narrow end of the block before.
            y = self.end(f"{block}_expand", self.convolution(x, f"{block}_expand", expansion * x.shape[-1], 1))
        y = self.depthwise(y, f"{block}_depthwise", stride, kernel=kernel)
        y = self.convolution(y, f"{block}_project", filters, 1, curve=None)
        return self.end(block, keras.layers.Add(name=f"{block}_add")([x, y]) if x.shape == y.shape else y)

    def _padded(self, x: Any, name: str, kernel: int, stride: int) -> tuple[Any, str]:
        import keras

        # At stride 2 "same" pads more behind than before, as TensorFlow's networks were trained.
        if 1 in (stride, kernel) or not self.layout.pad_both_sides:
            return x, "same"
        return keras.layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x), "valid"

    def _first(self, kernels: str = "kernel_initializer") -> dict[str, Any]:
        """Return how the next convolution begins: as the loaded weights need it, or random by the seed."""
        import keras

        if self.seed is None:
            return {}
        self._made += 1
        return {kernels: keras.initializers.HeNormal(seed=self.seed * 1000 + self._made), "use_bias": False}

    def _bent(self, x: Any, name: str, curve: Curve) -> Any:
        import keras

        if self.seed is not None:
            # Epochs are short: the statistics must keep up with them.
            x = keras.layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
        if curve is None:
            return x
        if curve in CEILINGS:
            return keras.layers.ReLU(CEILINGS[curve], name=f"{name}_relu")(x)
        return keras.layers.Activation(curve, name=f"{name}_{curve}")(x)


def network_name(backbone: str, cut: str) -> str:
    """Return what a network is called that ends with the block ``cut`` ("": it is whole)."""
    return f"{backbone}{CUT}{cut}" if cut else backbone


def divisible(channels: float) -> int:
    """Return the multiple of 8 near `channels`, and at most a tenth below it."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
