"""Inception V3; its convolutions are numbered in the order in which keras.applications makes them."""

from itertools import count
from typing import Any

from training.networks.layers import Layers


class _Branches:
    """Makes the convolutions of the branches, and joins them into a block."""

    def __init__(self, layers: Layers) -> None:
        self.layers = layers
        self.numbers = count()

    def chain(self, x: Any, *steps: tuple[int, int, int], stride: int = 1) -> Any:
        """Convolve in steps of (filters, height, width); with a stride of 2 the last one has it, unpadded."""
        import keras

        for step, (filters, *kernel) in enumerate(steps, 1):
            name = f"conv2d_{next(self.numbers)}"
            last = stride if step == len(steps) else 1
            padding = "same" if last == 1 else "valid"
            x = keras.layers.Conv2D(filters, kernel, strides=last, padding=padding, name=name)(x)
            x = keras.layers.ReLU(name=f"{name}_relu")(x)
        return x

    def unpadded(self, x: Any, filters: int, kernel: int) -> Any:
        """Convolve without padding."""
        import keras

        name = f"conv2d_{next(self.numbers)}"
        x = keras.layers.Conv2D(filters, kernel, name=name)(x)
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    def averaged(self, x: Any, filters: int) -> Any:
        """Average the neighbourhood, then convolve place by place."""
        import keras

        return self.chain(keras.layers.AveragePooling2D(3, 1, padding="same")(x), (filters, 1, 1))

    def forked(self, x: Any, filters: int) -> Any:
        """Convolve once along the height and once along the width, side by side."""
        import keras

        return keras.layers.Concatenate()([self.chain(x, (filters, 1, 3)), self.chain(x, (filters, 3, 1))])

    def join(self, block: str, *branches: Any) -> Any:
        """Put branches behind one another: the end of a block."""
        import keras

        return self.layers.end(block, keras.layers.Concatenate(name=block)(list(branches)))


def inception_v3(layers: Layers, x: Any, _alpha: float) -> Any:
    """Szegedy et al. 2015, https://arxiv.org/abs/1512.00567, table 1 and figures 5 to 7."""
    made = _Branches(layers)
    x = _stem(made, x)
    for block, filters in enumerate((32, 64, 64)):
        x = made.join(
            f"mixed{block}",
            made.chain(x, (64, 1, 1)),
            made.chain(x, (48, 1, 1), (64, 5, 5)),
            made.chain(x, (64, 1, 1), (96, 3, 3), (96, 3, 3)),
            made.averaged(x, filters),
        )
    x = made.join(
        "mixed3",
        made.chain(x, (384, 3, 3), stride=2),
        made.chain(x, (64, 1, 1), (96, 3, 3), (96, 3, 3), stride=2),
        _strongest(x),
    )
    for block, f in enumerate((128, 160, 160, 192), 4):
        x = made.join(
            f"mixed{block}",
            made.chain(x, (192, 1, 1)),
            made.chain(x, (f, 1, 1), (f, 1, 7), (192, 7, 1)),
            made.chain(x, (f, 1, 1), (f, 7, 1), (f, 1, 7), (f, 7, 1), (192, 1, 7)),
            made.averaged(x, 192),
        )
    x = made.join(
        "mixed8",
        made.chain(x, (192, 1, 1), (320, 3, 3), stride=2),
        made.chain(x, (192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3), stride=2),
        _strongest(x),
    )
    for block in (9, 10):
        x = made.join(
            f"mixed{block}",
            made.chain(x, (320, 1, 1)),
            made.forked(made.chain(x, (384, 1, 1)), 384),
            made.forked(made.chain(x, (448, 1, 1), (384, 3, 3)), 384),
            made.averaged(x, 192),
        )
    return x


def _stem(made: _Branches, x: Any) -> Any:
    x = made.chain(x, (32, 3, 3), stride=2)
    x = made.chain(made.unpadded(x, 32, 3), (64, 3, 3))
    x = made.unpadded(made.chain(_strongest(x), (80, 1, 1)), 192, 3)
    return _strongest(x)


def _strongest(x: Any) -> Any:
    import keras

    return keras.layers.MaxPooling2D(3, 2)(x)
