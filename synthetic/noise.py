"""Random fields: smooth octave noise and isotropic waves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Reals = NDArray[np.float32] | NDArray[np.float64]
Shape = tuple[int, int]


def octaves(rng: np.random.Generator, shape: Shape, scale: float, count: int = 4, gain: float = 0.5) -> Floats:
    """Multi-octave value noise, float32[h, w], mean 0 and deviation 1.

    `scale` is the size of the largest features in pixels; each further octave halves it and weighs `gain` as much.
    """
    total = np.zeros((2, 2), np.float32)
    for octave in range(count):
        step = max(scale / 2**octave, 1.0)
        grid = max(2, round(shape[0] / step) + 1), max(2, round(shape[1] / step) + 1)
        total = resized(total, grid) + np.float32(gain**octave) * rng.random(grid, dtype=np.float32)
    return _standardised(resized(total, shape))


def waves(rng: np.random.Generator, shape: Shape, wavelength: float, spread: float = 0.15) -> Floats:
    """A random field with one dominant wavelength in pixels, float32[h, w], mean 0 and deviation 1.

    The sum of plane waves in all directions: level sets near 0 are labyrinths, level sets near +1 are spots that
    keep their distance from one another. Each wave is an outer product, so that the sum is one matrix product.
    """
    # Half the resolution is enough for waves of four pixels and more.
    height, width = -(-shape[0] // 32) * 16, -(-shape[1] // 2)
    count = 32
    angle = rng.random(count) * np.pi
    frequency = 4 * np.pi / (wavelength * np.exp(rng.normal(0, spread, count)))
    phase = rng.random(count) * 2 * np.pi
    down = np.outer(np.arange(height), frequency * np.sin(angle)).astype(np.float32)
    across = (np.outer(frequency * np.cos(angle), np.arange(width)) + phase[:, None]).astype(np.float32)
    left = np.concatenate([np.cos(down), -np.sin(down)], axis=1)
    right = np.concatenate([np.cos(across), np.sin(across)], axis=0)
    # Blocks of 16 rows stay below the size at which BLAS starts threads, which cost more than they bring here.
    field = (left.reshape(-1, 16, 2 * count) @ right).reshape(height, width)
    return _standardised(resized(field, (height * 2, width * 2))[: shape[0], : shape[1]])


def resized(field: Floats, shape: Shape) -> Floats:
    """The field stretched to `shape` by bicubic interpolation."""
    stretched = Image.fromarray(field).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(stretched, np.float32)


def grain(rng: np.random.Generator, shape: Shape) -> Floats:
    """White noise, float32[h, w], mean 0 and deviation 1."""
    return rng.standard_normal(shape, dtype=np.float32)


def smooth(low: float | np.floating[Any], high: float | np.floating[Any], x: Reals) -> Floats:
    """The smoothstep from 0 at `low` to 1 at `high`; `high` below `low` runs the other way."""
    t = np.clip((x - low) * np.float32(1 / (high - low)), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32, copy=False)


def _standardised(field: Floats) -> Floats:
    result: Floats = (field - field.mean()) / (field.std() + np.float32(1e-6))
    return result
