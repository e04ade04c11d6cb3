"""Surfaces with round holes: lotus pods, pitted skin, barnacles, suckers."""

from dataclasses import dataclass

import numpy as np

from synthetic import cells, palettes, points
from synthetic.cells import Cells
from synthetic.noise import Floats, Reals, Shape, octaves, smooth
from synthetic.palettes import mix
from synthetic.relief import Light, Patch, opaque, shade


@dataclass(frozen=True)
class Pit:
    """A round hole per cell: `height` in radii of the cell, `inside` (0..1) and the `darkness` there (0..1)."""

    height: Floats
    inside: Floats
    darkness: Floats


def pits(field: Cells, size: Reals | float, light: Light, rim: float, depth: float) -> Pit:
    """Bowls of radius `size` (in cell radii) with raised rims; the wall next to the lamp throws a shadow inside."""
    size = np.asarray(size, np.float32)
    u = field.u / size
    soft = 1.5 * field.pixel / size
    inside = 1 - smooth(0, 1, (u - 1 + soft / 2) / np.maximum(soft, 0.05))
    bowl = np.maximum(0, 1 - u * u)
    ridge = np.exp(-(((u - 1.18) * np.float32(5)) ** 2))
    towards = (field.x * light.x + field.y * light.y) / size
    shadow = smooth(-0.75, 0.55, 1 - u + np.float32(0.8) * towards)
    return Pit(height=rim * ridge - depth * bowl, inside=inside, darkness=inside * (0.45 + 0.55 * shadow))


def cells_across(rng: np.random.Generator, shape: Shape, few: float, many: float) -> int:
    """A spacing in whole pixels such that between `few` and `many` cells (log-uniform) fit the shorter side."""
    across = float(few * (many / few) ** rng.random())
    return max(5, round(min(shape) / across))


def lotus_pod(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """The flat head of a lotus: a wobbly disc with a seed, or nothing, loosely in each hole."""
    reach = min(shape) * rng.uniform(0.44, 0.49)
    discs = points.spiral(rng, shape, int(rng.integers(11, 34)), reach * 0.82, rng.uniform(0.08, 0.2))
    discs = points.Discs(discs.y, discs.x, discs.radius * rng.uniform(0.8, 1.1, len(discs.y)).astype(np.float32))
    field = cells.of_discs(discs, shape, reach=1.6)
    pit = pits(field, rng.uniform(0.62, 0.85), light, rim=0.2, depth=0.5)
    flesh = palettes.ramp(rng, "pod green", "pod brown", "pod green", "bone", "moss")
    y = (np.arange(shape[0], dtype=np.float32) - shape[0] / 2)[:, None]
    x = (np.arange(shape[1], dtype=np.float32) - shape[1] / 2)[None, :]
    away = np.sqrt(y * y + x * x) / np.float32(reach)
    wobble = octaves(rng, shape, min(shape) / 2, 2) * np.float32(0.02)
    edge = away + wobble
    tone = 0.5 + 0.16 * octaves(rng, shape, 40, 5, 0.65) + 0.25 * smooth(0.85, 1.0, edge)
    albedo = mix(flesh.at(tone), flesh.dark * 0.35, pit.darkness * np.float32(0.95))
    height = pit.height / field.pixel * 0.8 - 6 * smooth(0.9, 1.05, edge) + octaves(rng, shape, 14, 3) * 0.35
    seed = _seeds(rng, field, light)
    albedo = mix(albedo, seed[0], seed[1])
    rgb = shade(albedo, np.where(seed[1] > 0.5, seed[2], height), light, 0.06)
    return Patch(rgb, 1 - smooth(0.97, 1.0, edge))


def _seeds(rng: np.random.Generator, field: Cells, light: Light) -> tuple[Floats, Floats, Floats]:
    """Colour, cover (0..1) and height in pixels of the seeds that lie in a lotus pod's holes."""
    kernel = palettes.ramp(rng, "pod green", "pod brown", "ink", "cream", "leaf")
    size = (
        rng.uniform(0.42, 0.6)
        * rng.uniform(0.85, 1.1, field.count)
        * (rng.random(field.count) > rng.uniform(0, 0.3))
    )
    off = rng.normal(0, 0.06, (2, field.count))
    y, x = field.y - field.each(off[0]), field.x - field.each(off[1])
    radius = field.each(np.maximum(size, 1e-3))
    v = np.sqrt(y * y + x * x) / radius
    dome = np.sqrt(np.maximum(0, 1 - v * v))
    tip = np.exp(-((v * 5) ** 2)) * 0.6
    shadow = smooth(-0.4, 1.2, v + (x * light.x + y * light.y) / radius)
    tone = 0.62 + field.each(rng.normal(0, 0.08, field.count)) - tip - 0.4 * shadow * v
    return kernel.at(tone), 1 - smooth(0.9, 1.05, v), dome * radius / field.pixel * np.float32(0.8)


def pitted_skin(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Skin, or the like of it, with pits of power-law sizes that crowd together in places; some hold a plug."""
    largest = min(shape) * rng.uniform(0.035, 0.1)
    radii = points.power_law(rng, int(rng.integers(140, 260)), largest * 0.3, largest, rng.uniform(1.2, 2.8))
    discs = points.packed(rng, shape, radii, rng.uniform(1.0, 1.5))
    crowd = octaves(rng, shape, min(shape), 2)
    density = crowd[discs.y.astype(int), discs.x.astype(int)]
    here = density >= np.quantile(density, rng.uniform(0, 0.55))
    discs = points.Discs(discs.y[here], discs.x[here], discs.radius[here])
    field = cells.of_discs(discs, shape, reach=2.2)
    size = field.each(rng.uniform(0.65, 1.0, field.count))
    pit = pits(field, size, light, rim=rng.uniform(0.1, 0.35), depth=rng.uniform(0.4, 0.9))
    skin = palettes.ramp(
        rng, "skin pale", "skin brown", "skin pale", "skin brown", "flesh", "sand", "moss", strictness=0.9
    )
    pores = octaves(rng, shape, 7, 2)
    albedo = skin.at(0.55 + 0.1 * octaves(rng, shape, min(shape) / 2, 4) + 0.05 * pores)
    sore = palettes.ramp(rng, "flesh", "pomegranate", "terracotta")
    albedo = mix(
        albedo, sore.middle, np.exp(-((np.maximum(field.u - 0.8, 0) * 2.2) ** 2)) * np.float32(rng.uniform(0, 0.6))
    )
    albedo = mix(
        albedo, sore.dark * np.float32(rng.uniform(0.2, 0.9)), pit.darkness * np.float32(rng.uniform(0.75, 0.98))
    )
    if rng.random() < 0.45:
        plug = (1 - smooth(0.4, 0.6, field.u / size)) * field.each(rng.random(field.count) < 0.8)
        albedo = mix(albedo, palettes.ramp(rng, "cream", "ink", "bone", "coffee").middle, plug * np.float32(0.85))
    height = pit.height / field.pixel + pores * np.float32(0.25) + octaves(rng, shape, 40, 2)
    return opaque(shade(albedo, height, light, rng.uniform(0, 0.25)))


def barnacles(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Ribbed cones of many sizes, each with a dark mouth, crowded on rock."""
    largest = min(shape) * rng.uniform(0.07, 0.16)
    radii = points.power_law(rng, 230, largest * 0.28, largest, rng.uniform(1.2, 2.4))
    field = cells.of_discs(points.packed(rng, shape, radii, rng.uniform(0.78, 0.92)), shape, reach=1.25)
    rock = palettes.ramp(rng, "stone", "ink", "sea", "pod brown")
    shell = palettes.ramp(rng, "bone", "snow", "sand", "stone", "cream")
    angle = np.arctan2(field.y, field.x)
    ribs = np.cos(angle * field.each(rng.integers(5, 11, field.count)) + field.each(rng.random(field.count) * 6))
    outline = field.u + ribs * np.float32(0.05)
    mouth = field.each(rng.uniform(0.28, 0.5, field.count)) * (
        1 + 0.2 * np.cos(2 * angle + field.each(rng.random(field.count) * 6))
    )
    pit = pits(field, mouth, light, rim=0.1, depth=0.9)
    body = 1 - smooth(0.95, 1.05, outline)
    rough = octaves(rng, shape, 18, 4, 0.7)
    tone = (
        0.62 + 0.12 * ribs * smooth(0.2, 0.5, field.u) + 0.08 * rough + field.each(rng.normal(0, 0.08, field.count))
    )
    albedo = mix(rock.at(0.45 + 0.15 * rough), shell.at(tone - 0.3 * smooth(0.75, 1.1, field.u)), body)
    albedo = mix(albedo, rock.dark * np.float32(0.4), pit.darkness)
    cone = np.clip(1 - field.u, 0, 0.65) + ribs * np.float32(0.06) + pit.height
    return opaque(shade(albedo, body * cone / field.pixel * np.float32(1.2) + rough * np.float32(0.5), light))


def suckers(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Soft rings with a hollow middle in jittered rows, on wet flesh."""
    spacing = cells_across(rng, shape, 4, 13)
    lattice = points.hexagonal(rng, shape, spacing, rng.uniform(0.02, 0.12))
    field = cells.of_lattice(lattice, shape, exact=False)
    size = field.each(rng.uniform(0.55, 0.95) * rng.uniform(0.8, 1.05, field.count))
    v = field.u / size
    ring = np.exp(-(((v - 0.75) * np.float32(4.5)) ** 2))
    mouth = field.each(np.full(field.count, rng.uniform(0.25, 0.5)))
    pit = pits(field, size * mouth, light, rim=0.0, depth=0.6)
    flesh = palettes.ramp(rng, "flesh", "pink", "violet", "terracotta", "skin brown")
    cup = palettes.ramp(rng, "cream", "skin pale", "snow", "flesh")
    radial = np.cos(np.arctan2(field.y, field.x) * np.float32(rng.integers(10, 26))) * smooth(0.4, 0.7, v)
    albedo = flesh.at(
        0.5 + 0.14 * octaves(rng, shape, 40, 4) - 0.25 * smooth(1.0, 1.15, v) * (1 - smooth(1.1, 1.4, v))
    )
    albedo = mix(albedo, cup.at(0.55 + 0.3 * ring + 0.06 * radial), 1 - smooth(0.92, 1.05, v))
    albedo = mix(albedo, flesh.dark * np.float32(0.5), pit.darkness * np.float32(0.95))
    height = (ring * np.float32(0.45) + pit.height) / field.pixel * size + octaves(rng, shape, 25, 3)
    return opaque(shade(albedo, height, light, rng.uniform(0.05, 0.5), 6))
