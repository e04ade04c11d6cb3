"""Golden pictures: drawn ones that travel with a bundle, so that everybody can repeat what the gate compared."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthetic import draw

# Far away from the seeds that the starter set is drawn from.
FIRST_SEED = 1_000_000
# Every so many pictures one is partly transparent: alpha is part of the preprocessing contract.
ALPHA_EVERY = 4


def draw_golden(folder: Path, count: int) -> list[Path]:
    """Draw `count` PNG files, `00.png` and on, into `folder`: half of them positive, every fourth with alpha."""
    folder.mkdir()
    paths = [folder / f"{number:02d}.png" for number in range(count)]
    for number, path in enumerate(paths):
        drawing = draw(FIRST_SEED + number, positive=number % 2 == 1)
        pixels = _faded(drawing.pixels, number) if number % ALPHA_EVERY == ALPHA_EVERY - 1 else drawing.pixels
        Image.fromarray(pixels).save(path, optimize=True)
    return paths


def _faded(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return RGBA whose alpha falls from opaque to clear across the picture, in a direction of the seed's."""
    height, width = pixels.shape[:2]
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    slope = np.random.default_rng(seed).uniform(0, 1)
    alpha = 255 * np.clip(1.5 - 1.5 * (slope * across + (1 - slope) * down), 0, 1)
    return np.dstack([pixels, alpha.astype(np.uint8)])
