"""Honeycomb: hexagonal tubes seen slightly from the side, empty, filled, sealed or with a larva."""

import numpy as np

from synthetic import cells, palettes, points
from synthetic.cells import Cells
from synthetic.hollows import cells_across
from synthetic.noise import Floats, Shape, grain, octaves, smooth
from synthetic.palettes import Ramp, mix
from synthetic.points import Lattice
from synthetic.relief import Light, Patch, opaque, shade

EMPTY, FILLED, SEALED, LARVA = range(4)


def honeycomb(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Wax walls around cells in patches of one filling each."""
    spacing = cells_across(rng, shape, 5, 22)
    lattice = points.hexagonal(rng, shape, spacing, rng.uniform(0, 0.09))
    field = cells.of_lattice(lattice, shape)
    filling = _fillings(rng, lattice, shape)
    wax = palettes.ramp(rng, "wax", "old comb", "pale comb", "wax", "honey")
    wall = np.float32(rng.uniform(0.06, 0.2))
    # The mouth is nearer to the viewer than the floor: looking in from the side shows more of one wall.
    lean = rng.normal(0, 0.18, 2)
    seen = field.edge + field.x * np.float32(lean[0]) + field.y * np.float32(lean[1])
    inner = 1 - smooth(0.5, 1.0, field.edge / wall)
    rough = octaves(rng, shape, 12, 3, 0.7)
    slope = np.float32(rng.uniform(0.25, 0.6))
    down = np.clip((seen - wall) / slope, 0, 1)
    albedo = wax.at(0.72 + 0.1 * rough - 0.28 * down)
    towards = field.x * np.float32(light.x) + field.y * np.float32(light.y)
    floor = wax.dark * np.float32(rng.uniform(0.1, 0.7))
    dark = smooth(0.15, 1.0, down) * np.clip(0.75 + 0.35 * towards, 0, 1)
    albedo = mix(albedo, floor, dark * np.float32(rng.uniform(0.8, 1.0)))
    height = -np.minimum(np.maximum(field.edge - wall, 0), slope) * np.float32(rng.uniform(0.5, 0.9)) / field.pixel
    albedo, height, gloss = _fill(rng, field, filling, albedo, height, wax)
    albedo = mix(albedo, wax.at(0.8 + 0.1 * rough), inner)
    height = height + rough * np.float32(0.3) + grain(rng, shape) * np.float32(0.08)
    return opaque(shade(albedo, height, light, gloss * (1 - inner), 6))


def _fillings(rng: np.random.Generator, lattice: Lattice, shape: Shape) -> Floats:
    """What each cell holds; neighbours tend to hold the same, and most combs are mostly empty."""
    y, x = (p.ravel().astype(int).clip(0, s - 1) for p, s in zip((lattice.y, lattice.x), shape, strict=True))
    place = octaves(rng, shape, min(shape) / 1.5, 2)[y, x] + rng.normal(0, rng.uniform(0.1, 0.6), y.size)
    high, low = rng.permutation([FILLED, SEALED, LARVA])[:2]
    some, other = rng.uniform(0.2, 2.5), rng.uniform(0.6, 2.5)
    holds: Floats = np.select([place > some, place < -other], [high, low], EMPTY).astype(np.float32)
    return holds


def _fill(
    rng: np.random.Generator, field: Cells, filling: Floats, albedo: Floats, height: Floats, wax: Ramp
) -> tuple[Floats, Floats, Floats]:
    """Albedo, height and gloss with the fillings in place."""
    holds = field.each(filling)
    liquid, sealed, larva = (
        smooth(0.4, 0.6, (holds == kind).astype(np.float32)) for kind in (FILLED, SEALED, LARVA)
    )
    honey = palettes.ramp(rng, "honey", "honey", "beer", "coffee", strictness=0.95)
    level = 0.35 + 0.4 * smooth(1.0, 0.2, field.u) + field.each(rng.normal(0, 0.1, field.count))
    albedo = mix(albedo, honey.at(level), liquid * np.float32(0.9))
    height = height * (1 - 0.8 * liquid)
    bump = np.maximum(0, 1 - field.u * field.u * np.float32(0.8))
    crumb = octaves(rng, holds.shape, 8, 2)
    albedo = mix(albedo, wax.at(0.6 + 0.25 * bump + 0.08 * crumb), sealed)
    height = np.where(sealed > 0.5, (bump * np.float32(0.35)) / field.pixel + crumb * np.float32(0.4), height)
    grub = larva * (1 - smooth(0.5, 0.62, np.abs(field.u - 0.28) * 2.4))
    albedo = mix(albedo, palettes.ramp(rng, "snow", "cream", strictness=1).light, grub * np.float32(0.9))
    height = height + grub * np.float32(0.25) / field.pixel
    return albedo, height, liquid * np.float32(rng.uniform(0.2, 0.8)) + grub * np.float32(0.2)
