"""Where cells sit: lattices with jitter, blue noise, spirals and packed discs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.noise import Floats, Shape

GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


@dataclass(frozen=True)
class Lattice:
    """One point in each bin of `rows` x `columns` pixels.

    `y` and `x` (float32[bins down + 2, bins across + 2], pixels) have a ring of bins outside the picture, so that
    every pixel finds its neighbours.
    """

    y: Floats
    x: Floats
    rows: int
    columns: int


@dataclass(frozen=True)
class Discs:
    """`n` discs: centres and radii in pixels, float32[n]."""

    y: Floats
    x: Floats
    radius: Floats


def hexagonal(rng: np.random.Generator, shape: Shape, spacing: int, jitter: float) -> Lattice:
    """A honeycomb's centres, each moved by up to `jitter` spacings."""
    rows, columns = max(2, round(spacing * 0.866)), spacing
    y, x = _bins(shape, rows, columns)
    x = x + (np.arange(len(y)) % 2 - 0.5)[:, None] * columns / 2
    shake = rng.uniform(-jitter, jitter, (2, *y.shape)) * spacing
    return Lattice((y + shake[0]).astype(np.float32), (x + shake[1]).astype(np.float32), rows, columns)


def relaxed(rng: np.random.Generator, shape: Shape, spacing: int, steps: int = 3) -> Lattice:
    """Blue noise: random points that push each other apart (like a Poisson-disc sample, without rejections)."""
    home_y, home_x = _bins(shape, spacing, spacing)
    y = home_y + rng.uniform(-0.45, 0.45, home_y.shape) * spacing
    x = home_x + rng.uniform(-0.45, 0.45, home_x.shape) * spacing
    for _ in range(steps):
        push_y, push_x = np.zeros_like(y), np.zeros_like(x)
        for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
            for sign in (1, -1):
                away_y = y - np.roll(y, (sign * down, sign * across), (0, 1))
                away_x = x - np.roll(x, (sign * down, sign * across), (0, 1))
                distance = np.hypot(away_y, away_x) + 1e-3
                force = np.maximum(0, 1.05 * spacing - distance) / distance * 0.3
                push_y += away_y * force
                push_x += away_x * force
        y = np.clip(y + push_y, home_y - 0.48 * spacing, home_y + 0.48 * spacing)
        x = np.clip(x + push_x, home_x - 0.48 * spacing, home_x + 0.48 * spacing)
    return Lattice(y.astype(np.float32), x.astype(np.float32), spacing, spacing)


def spiral(rng: np.random.Generator, shape: Shape, count: int, reach: float, jitter: float) -> Discs:
    """A seed head: `count` discs on the golden-angle spiral within `reach` pixels of the middle.

    The radius is half the distance to the next disc; `jitter` moves the centres by that many radii.
    """
    k = np.arange(count) + 0.5
    radius = 0.9 * reach / count**0.5
    distance, angle = reach * np.sqrt(k / count), k * GOLDEN_ANGLE + rng.random() * 2 * np.pi
    shake = rng.normal(0, jitter * radius, (2, count))
    y = shape[0] / 2 + distance * np.sin(angle) + shake[0]
    x = shape[1] / 2 + distance * np.cos(angle) + shake[1]
    return Discs(y.astype(np.float32), x.astype(np.float32), np.full(count, radius, np.float32))


def packed(rng: np.random.Generator, shape: Shape, radii: NDArray[np.float64], gap: float) -> Discs:
    """Darts thrown large to small: discs that keep `gap` times their radii's sum apart; misfits are dropped."""
    radii = np.sort(radii)[::-1]
    darts = rng.random((len(radii), 6, 2)) * shape
    y, x, radius_of = np.zeros((3, len(radii)))
    count = 0
    for radius, tries in zip(radii, darts, strict=True):
        away_y, away_x = tries[:, :1] - y[:count], tries[:, 1:] - x[:count]
        reach = gap * (radius_of[:count] + radius)
        free = (away_y * away_y + away_x * away_x > reach * reach).all(1)
        chosen = free.argmax()
        if free[chosen]:
            (y[count], x[count]), radius_of[count] = tries[chosen], radius
            count += 1
    return Discs(*(a[:count].astype(np.float32) for a in (y, x, radius_of)))


def power_law(
    rng: np.random.Generator, count: int, smallest: float, largest: float, exponent: float
) -> NDArray[np.float64]:
    """`count` radii with density r ** -exponent between the two bounds (exponent above 1)."""
    low, high = smallest ** (1 - exponent), largest ** (1 - exponent)
    radii: NDArray[np.float64] = (low + (high - low) * rng.random(count)) ** (1 / (1 - exponent))
    return radii


def _bins(shape: Shape, rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    down, across = -(-shape[0] // rows) + 2, -(-shape[1] // columns) + 2
    y, x = np.mgrid[0:down, 0:across]
    return (y - 0.5) * rows, (x - 0.5) * columns
