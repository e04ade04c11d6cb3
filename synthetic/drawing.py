"""The door: one seed, one picture."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from synthetic.camera import photographed
from synthetic.kinds import KINDS, Kind, kind_named
from synthetic.noise import Shape
from synthetic.scene import composed, loose_patch

SIDES = (160, 420)


@dataclass(frozen=True)
class Drawing:
    """`pixels` uint8[h, w, 3] with sides of 160 to 420; `positive` says whether it shows a cluster of holes."""

    pixels: NDArray[np.uint8]
    positive: bool
    kind: str


def draw(seed: int, positive: bool | None = None, kind: str | None = None) -> Drawing:
    """The picture of `seed` (>= 0), the same bytes wherever NumPy and Pillow are the same.

    Without `kind` the seed chooses one, of the class `positive` if that is given, else of either class with equal
    chance. The size is drawn in the same way for all kinds. ValueError: an unknown kind, one of the other class, or
    a negative seed.
    """
    chosen = _chosen(seed, positive) if kind is None else kind_named(kind)
    if positive is not None and chosen.positive != positive:
        raise ValueError(
            f"kind {chosen.name!r} is {'positive' if chosen.positive else 'normal'}, not the class asked for"
        )
    rng = _stream(seed, "draw", chosen.name)
    picture = composed(rng, _any_shape(rng), chosen.surface)
    return Drawing(photographed(rng, picture), chosen.positive, chosen.name)


def patch(seed: int, kind: str, size: int) -> NDArray[np.uint8]:
    """One surface with its outline for pasting onto photographs, uint8[size, size, 4] (RGBA, straight alpha).

    It is transparent at the corners and opaque where the surface is; normal kinds can be pasted too, so that
    pasting itself tells nothing. ValueError: an unknown kind, one without a surface, `size` below 16, or a negative
    seed.
    """
    surface = kind_named(kind).surface
    if surface is None:
        raise ValueError(f"kind {kind!r} has no surface to paste")
    if size < 16:
        raise ValueError(f"a patch of {size} pixels is too small (at least 16)")
    return np.array(loose_patch(_stream(seed, "patch", kind), surface, size))


def _chosen(seed: int, positive: bool | None) -> Kind:
    rng = _stream(seed, "kind", str(positive))
    wanted = bool(rng.random() < 0.5) if positive is None else positive
    pool = [kind for kind in KINDS if kind.positive == wanted]
    return pool[rng.integers(len(pool))]


def _any_shape(rng: np.random.Generator) -> Shape:
    """Height and width: a size and an aspect, both log-uniform."""
    size = 170 * 2 ** rng.uniform(0, 1)
    aspect = 2 ** rng.uniform(-0.5, 0.5)
    height, width = (round(side) for side in np.clip((size * aspect, size / aspect), *SIDES).tolist())
    return height, width


def _stream(seed: int, *purpose: str) -> np.random.Generator:
    """Random numbers of their own for each purpose, so that a change in one leaves the others as they were."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32("/".join(purpose).encode())])))
