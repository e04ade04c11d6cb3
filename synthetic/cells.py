"""Which cell owns a pixel, and where in that cell the pixel lies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.noise import Floats, Reals, Shape
from synthetic.points import Discs, Lattice

FAR = np.float32(9.0)


@dataclass(frozen=True)
class Cells:
    """A tiling of the picture; every array is [h, w] and every length counts in radii of the owning cell.

    `owner` numbers the cell below `count`; (`y`, `x`) is the offset from its centre and `u` its length; `edge` is
    the distance to the nearest other cell (0 on the border); `pixel` is the size of one pixel. Where no disc
    reaches, `u` is 9.
    """

    owner: NDArray[np.intp]
    count: int
    y: Floats
    x: Floats
    u: Floats
    edge: Floats
    pixel: Floats

    def each(self, values: Reals | NDArray[np.integer[Any]] | NDArray[np.bool]) -> Floats:
        """Spreads one value a cell (or one row) over the pixels of that cell."""
        result: Floats = values.astype(np.float32)[self.owner]
        return result


def of_lattice(lattice: Lattice, shape: Shape, *, exact: bool = True) -> Cells:
    """Voronoi cells by looking at the 3 x 3 bins around each pixel; the radius is half a bin.

    `exact=False` leaves `edge` at zero and saves half of the time.
    """
    rows, columns = lattice.rows, lattice.columns
    down, across = lattice.y.shape[0] - 2, lattice.y.shape[1] - 2
    pixel_y = np.arange(down * rows, dtype=np.float32).reshape(down, rows, 1) + 0.5
    pixel_x = np.arange(across * columns, dtype=np.float32)[None, None, :] + 0.5
    candidates = []
    best, which = (
        np.full((down, rows, across * columns), np.inf, np.float32),
        np.zeros((down, rows, across * columns), np.uint8),
    )
    for k in range(9):
        y, x = (_spread(p, k, down, across, columns) for p in (lattice.y, lattice.x))
        distance = (pixel_y - y) ** 2 + (pixel_x - x) ** 2
        np.copyto(which, k, where=distance < best)
        np.minimum(best, distance, out=best)
        candidates.append((y, x, distance))
    row, column = np.divmod(which, 3)
    row = row + np.arange(down)[:, None, None]
    column = column + np.repeat(np.arange(across), columns)[None, None, :]
    owner = row * (across + 2) + column
    own_y, own_x = lattice.y.ravel()[owner], lattice.x.ravel()[owner]
    edge = np.full(best.shape, FAR * columns, np.float32) if exact else np.zeros_like(best)
    for y, x, distance in candidates if exact else ():
        apart = (y - own_y) ** 2 + (x - own_x) ** 2
        # The owner itself is no neighbour: its quotient 0 / 0 is pushed out of the way.
        border = (distance - best) / (2 * np.sqrt(apart) + np.float32(1e-6)) + FAR * columns * (apart < 1e-4)
        np.minimum(edge, border, out=edge)
    unit = np.float32(2 / columns)

    def flat(a: Floats) -> Floats:
        return a.reshape(down * rows, across * columns)[: shape[0], : shape[1]]

    return Cells(
        owner=owner.reshape(down * rows, across * columns)[: shape[0], : shape[1]],
        count=lattice.y.size,
        y=flat((pixel_y - own_y) * unit),
        x=flat((pixel_x - own_x) * unit),
        u=flat(np.sqrt(best) * unit),
        edge=flat(edge * unit),
        pixel=np.full(shape, unit, np.float32),
    )


def _spread(points: Floats, neighbour: int, down: int, across: int, columns: int) -> Floats:
    """The coordinate of one of 3 x 3 neighbours for every column of pixels: [bins down, 1, pixels across]."""
    i, j = divmod(neighbour, 3)
    return np.repeat(points[i : i + down, j : j + across], columns, axis=1)[:, None, :]


def of_discs(discs: Discs, shape: Shape, reach: float = 1.3) -> Cells:
    """Each pixel goes to the disc that it is relatively closest to, out to `reach` radii."""
    owner = np.zeros(shape, np.intp)
    y, x = np.full(shape, FAR), np.zeros(shape, np.float32)
    best, second = np.full(shape, FAR * FAR), np.full(shape, FAR * FAR)
    for k, (cy, cx, radius) in enumerate(
        zip(discs.y.tolist(), discs.x.tolist(), discs.radius.tolist(), strict=True)
    ):
        top, bottom = max(0, int(cy - reach * radius)), min(shape[0], int(cy + reach * radius) + 2)
        left, right = max(0, int(cx - reach * radius)), min(shape[1], int(cx + reach * radius) + 2)
        if top >= bottom or left >= right:
            continue
        window = (slice(top, bottom), slice(left, right))
        dy = ((np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - cy)) / np.float32(radius))[:, None]
        dx = ((np.arange(left, right, dtype=np.float32) + np.float32(0.5 - cx)) / np.float32(radius))[None, :]
        distance = dy * dy + dx * dx
        mine = best[window]
        closer = distance < mine
        second[window] = np.where(closer, mine, np.minimum(second[window], distance))
        np.copyto(mine, distance, where=closer)
        np.copyto(owner[window], k, where=closer)
        np.copyto(y[window], dy, where=closer)
        np.copyto(x[window], dx, where=closer)
    u = np.sqrt(best)
    pixel = (1 / discs.radius)[owner] if len(discs.radius) else np.ones(shape, np.float32)
    return Cells(
        owner, max(1, len(discs.radius)), y, x, u, (np.sqrt(second) - u) * np.float32(0.5), pixel.astype(np.float32)
    )
