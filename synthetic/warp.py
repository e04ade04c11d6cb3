"""From the flat surface to the picture plane: turned, tilted, bulging, wavy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthetic.canvas import to_bytes
from synthetic.noise import Shape
from synthetic.relief import Patch

MESH = 6


@dataclass(frozen=True)
class Pose:
    """Where a surface of size 1 x 1 lies on a canvas of size 1 x 1, and how.

    `centre` and `size` are (down, across); `turn` is in radians; `tilt` the perspective's strength down and across;
    `bulge` above 0 makes the middle swell like a ball; `wave` is the amplitude of a sine and `swing` its cycles.
    """

    centre: tuple[float, float]
    size: tuple[float, float]
    turn: float
    tilt: tuple[float, float]
    bulge: float
    wave: float
    swing: float


def placed(patch: Patch, shape: Shape, pose: Pose, *, cover: bool) -> Image.Image:
    """The patch as an RGBA picture of `shape`; with `cover`, scaled so that no corner of the canvas stays empty."""
    image = Image.merge("RGBA", [Image.fromarray(to_bytes(plane)) for plane in (*patch.rgb, patch.alpha)])
    source = _source(pose, shape)
    if cover:
        source = source * (0.5 / np.abs(source).max())
    corners = (source + 0.5) * (image.height - 1, image.width - 1)
    size = (shape[1], shape[0])
    return image.transform(size, Image.Transform.MESH, _quads(corners, shape), Image.Resampling.BILINEAR)


def _source(pose: Pose, shape: Shape) -> NDArray[np.float64]:
    """Where the canvas' mesh points fall on the surface: [7, 7, 2], (0, 0) is the surface's middle."""
    y, x = np.meshgrid(np.linspace(0, 1, MESH + 1), np.linspace(0, 1, MESH + 1), indexing="ij")
    y, x = (y - pose.centre[0]) * shape[0], (x - pose.centre[1]) * shape[1]
    cos, sin = np.cos(pose.turn), np.sin(pose.turn)
    y, x = (
        (cos * y - sin * x) / (pose.size[0] * shape[0]),
        (sin * y + cos * x) / (pose.size[1] * shape[1]),
    )
    depth = np.maximum(1 + pose.tilt[0] * y + pose.tilt[1] * x, 0.3)
    y, x = y / depth, x / depth
    swell = 1 + pose.bulge * (y * y + x * x)
    y, x = y * swell, x * swell
    y, x = y + pose.wave * np.sin(pose.swing * x), x + pose.wave * np.cos(pose.swing * y)
    return np.stack([y, x], axis=-1)


def _quads(corners: NDArray[np.float64], shape: Shape) -> list[tuple[tuple[int, ...], tuple[float, ...]]]:
    """Pillow's mesh: boxes of the canvas with the source's corners, counter-clockwise from the top left."""
    rows = np.linspace(0, shape[0], MESH + 1).round().astype(int).tolist()
    columns = np.linspace(0, shape[1], MESH + 1).round().astype(int).tolist()
    points = corners[..., ::-1].tolist()
    return [
        (
            (columns[j], rows[i], columns[j + 1], rows[i + 1]),
            (*points[i][j], *points[i + 1][j], *points[i + 1][j + 1], *points[i][j + 1]),
        )
        for i in range(MESH)
        for j in range(MESH)
    ]
