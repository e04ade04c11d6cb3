"""Run a network over stored pixels, some of them at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.networks.frozen import frozen

# How many pictures are read from the disk before they are looked at.
CHUNK = 64


def forward(network: Any) -> Callable[[NDArray[np.uint8], NDArray[np.int64]], NDArray[np.float32]]:
    """Return ``answers(pixels, rows)``: float32 [n, *output] of the uint8 pixels [*, size, size, 3] at ``rows``.

    Compiled once, in a second or two, with the weights that ``network`` has now.
    """
    see = frozen(network)

    def answers(pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        chunks = [see(pixels[rows[at : at + CHUNK]]) for at in range(0, len(rows), CHUNK)]
        return np.concatenate(chunks) if chunks else np.zeros((0, *network.output_shape[1:]), np.float32)

    return answers
