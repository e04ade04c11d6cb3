"""PDQ, Meta's 256-bit perceptual hash, in NumPy: equal pictures in other sizes and qualities get close hashes.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook, 2019, and the
reference implementation in facebook/ThreatExchange (pdq/cpp). Blurring and decimating are linear and work on rows
and columns apart, so both passes of its box filters become one weighted mean of few rows, then of few columns.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Rec. 601 luma of red, green and blue.
LUMA = np.array([0.299, 0.587, 0.114], np.float32)

BLOCKS = 64
FREQUENCIES = 16

# The reference gives smaller pictures no hash.
SMALLEST_SIDE = 5


def pdq(pixels: NDArray[np.uint8]) -> tuple[bytes, int]:
    """Return the hash of RGB pixels [height, width, 3] as 32 bytes, highest frequency first, and a quality 0..100.

    Time grows with the pixels; pictures are best brought to some 512 a side before. A side under 5 pixels gives
    zeros of quality 0. Quality counts significant gradients: a hash of quality <= 49 says little. That of pure
    stripes says nothing: all but one row of the spectrum is rounding noise, here as in the reference.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        return bytes(FREQUENCIES * FREQUENCIES // 8), 0
    luma = pixels.astype(np.float32) @ LUMA
    blocks = _shrink(_shrink(luma).T).T
    cosines = _cosines()
    spectrum = (cosines @ blocks @ cosines.T).ravel()
    # The reference takes the lower of the two values in the middle: half of the bits are set, unless values tie.
    middle = len(spectrum) // 2 - 1
    bits = spectrum > np.partition(spectrum, middle)[middle]
    return np.packbits(bits[::-1]).tobytes(), _quality(blocks)


def _quality(blocks: NDArray[np.float32]) -> int:
    """Add up the differences of neighbouring blocks [64, 64] in whole hundredths of the range, scaled to 0..100."""
    down, right = np.diff(blocks, axis=0), np.diff(blocks, axis=1)
    gradients = sum(int(np.abs((steps * 100 / 255).astype(np.int32)).sum()) for steps in (down, right))
    # 90 is the reference's own, tuned there.
    return min(gradients // 90, 100)


def _shrink(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blur the columns of [length, n] twice with a box and keep the blocks' centres, [64, n]."""
    places, weights = _taps(len(values))
    # Small products, one a block: a single large one would start BLAS' threads, which fight the other processes.
    blocks: NDArray[np.float32] = np.matmul(weights[:, None, :], values[places])[:, 0]
    return blocks


@lru_cache(maxsize=1024)
def _taps(length: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return which values each block is the mean of and their weights, both [64, taps]."""
    # Twice a box of half a block's width is a tent as wide as a block (Jarosz, "Fast Image Convolutions", 2001).
    window = -(-length // (2 * BLOCKS))
    steps = np.arange(window) - (window - 1) // 2
    centres = ((np.arange(BLOCKS) + 0.5) * length / BLOCKS).astype(np.intp)
    once = centres[:, None] + steps
    twice = once[:, :, None] + steps
    shares = _shares(once, length)[:, :, None] * _shares(twice, length)
    weights = np.zeros((BLOCKS, 2 * window - 1))
    for step in range(window):
        weights[:, step : step + window] += shares[:, step]
    places = centres[:, None] + np.arange(2 * window - 1) + 2 * steps[0]
    return places.clip(0, length - 1), weights.astype(np.float32)


def _shares(places: NDArray[np.intp], length: int) -> NDArray[np.float64]:
    """Return what each place of a window (last axis) adds to its mean: the edges cut windows short."""
    inside = ((places >= 0) & (places < length)).astype(np.float64)
    shares: NDArray[np.float64] = inside / inside.sum(axis=-1, keepdims=True).clip(1)
    return shares


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    """Return the rows 1..16 of the 64-point cosine transform (row 0, the mean, is left out), [16, 64]."""
    frequency = np.arange(1, FREQUENCIES + 1)[:, None]
    place = 2 * np.arange(BLOCKS)[None, :] + 1
    cosines = np.sqrt(2 / BLOCKS) * np.cos(np.pi / (2 * BLOCKS) * frequency * place)
    return np.asarray(cosines, np.float32)
