"""What BatchNorm knows of pictures before anything is learnt, in a network that begins with random weights."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

BATCHES, BATCH = 16, 64


def settle(model: "keras.Model", pixels: NDArray[Any], rows: NDArray[np.int64], seed: int) -> None:
    """Give every BatchNorm of ``model`` in place the mean and the variance that it meets in pictures.

    They are the uint8 ``pixels`` [*, size, size, 3] at ``rows``, of which 1,024 at most are looked at, drawn by
    ``seed``. Untouched, the layers would answer by a mean of 0 and a variance of 1 while a batch that they are
    trained on says something else: the head would be fitted on features that the first step takes away. A network
    without BatchNorm stays as it is.
    """
    import keras

    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if not layers:
        return
    drawn = np.random.default_rng(seed).permutation(rows)[: BATCHES * BATCH]
    # Equal parts: a small last one would count as much as the others.
    parts = np.array_split(np.sort(drawn), max(1, len(drawn) // BATCH))
    with _listening(layers):
        for number, part in enumerate(parts):
            for layer in layers:
                # The plain mean over batches: the first takes the place of what was there.
                layer.momentum = number / (number + 1)
            model(pixels[part].astype(np.float32), training=True)


@contextlib.contextmanager
def _listening(layers: list[Any]) -> Iterator[None]:
    """Let layers take up statistics, also those that will not be trained, and be as they were afterwards."""
    before = [(layer, layer.momentum, layer.trainable) for layer in layers]
    try:
        for layer in layers:
            layer.trainable = True
        yield
    finally:
        for layer, momentum, trainable in before:
            layer.momentum, layer.trainable = momentum, trainable
