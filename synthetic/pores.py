"""Surfaces with pores and mazes: star coral, brain coral, sponge."""

import numpy as np

from synthetic import cells, palettes, points
from synthetic.hollows import cells_across, pits
from synthetic.noise import Floats, Shape, grain, octaves, smooth, waves
from synthetic.palettes import mix
from synthetic.relief import Light, Patch, opaque, shade


def coral(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Corallites: a raised ring with radial septa around a pit, one beside the other."""
    spacing = cells_across(rng, shape, 4, 20)
    field = cells.of_lattice(points.relaxed(rng, shape, spacing, int(rng.integers(2, 5))), shape)
    size = field.each(rng.uniform(0.65, 0.95) * rng.uniform(0.85, 1.1, field.count))
    v = np.minimum(field.u / size, 1.6)
    ring = np.exp(-(((v - 0.72) * np.float32(5)) ** 2))
    turn = np.arctan2(field.y, field.x) + field.each(rng.random(field.count) * 6)
    septa = np.cos(turn * np.float32(rng.integers(8, 22))) * smooth(0.25, 0.5, v) * (1 - smooth(1.0, 1.25, v))
    pit = pits(field, size * np.float32(rng.uniform(0.28, 0.5)), light, rim=0, depth=rng.uniform(0.5, 0.9))
    body = palettes.ramp(rng, "bone", "sea", "terracotta", "moss", "pink", "cream", "violet")
    polyp = palettes.ramp(rng, "leaf", "sea", "coffee", "cream", "sunflower", "snow")
    rough = octaves(rng, shape, 20, 4, 0.7)
    albedo = body.at(0.5 + 0.1 * rough - 0.3 * (1 - smooth(0.0, 0.3, field.edge)))
    albedo = mix(albedo, body.at(0.75 + 0.2 * septa), ring * np.float32(0.9))
    albedo = mix(albedo, polyp.at(0.5 + 0.2 * septa), (1 - smooth(0.45, 0.62, v)) * np.float32(rng.uniform(0.3, 1)))
    albedo = mix(albedo, polyp.dark * np.float32(rng.uniform(0.2, 0.9)), pit.darkness)
    height = (ring * np.float32(rng.uniform(0.2, 0.5)) + pit.height + septa * np.float32(0.06)) / field.pixel
    return opaque(shade(albedo, height + rough * np.float32(0.6), light, rng.uniform(0, 0.3)))


def brain_coral(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """A labyrinth of rounded ridges with fine cross-striping, or its pores where the maze is cut high."""
    wavelength = min(shape) / (5 * 3.2 ** rng.random())
    field = waves(rng, shape, wavelength, rng.uniform(0.05, 0.2))
    level = field - np.float32(rng.choice([0.0, 0.35, -0.6]))
    ridge = smooth(-0.3, 0.55, level)
    fine = waves(rng, shape, max(4, wavelength / 5), 0.25)
    rough = octaves(rng, shape, 25, 4)
    body = palettes.ramp(rng, "moss", "sand", "terracotta", "sea", "flesh", "bone")
    groove = palettes.ramp(rng, "leaf", "ink", "coffee", "pod brown", "sea")
    albedo = mix(groove.at(0.2 + 0.1 * fine), body.at(0.6 + 0.06 * rough + 0.08 * fine), ridge)
    height = (ridge + np.float32(0.3) * np.tanh(level)) * np.float32(wavelength * 0.16)
    height = height + fine * np.float32(wavelength * 0.012)
    return opaque(shade(albedo * _crevice(level), height, light, rng.uniform(0, 0.25)))


def sponge(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Irregular holes of two scales through a rough body; holes open into darker holes."""
    wavelength = min(shape) / (4 * 4 ** rng.random())
    big = waves(rng, shape, wavelength, 0.3) + np.float32(0.25) * octaves(rng, shape, wavelength / 2, 3)
    small = waves(rng, shape, wavelength * rng.uniform(0.3, 0.5), 0.3) + np.float32(0.2) * grain(rng, shape)
    cut = np.float32(rng.uniform(0.45, 0.95))
    holes, pores = smooth(-0.12, 0.15, big - cut), smooth(-0.15, 0.3, small - 1.1)
    body = palettes.ramp(rng, "sunflower", "sand", "terracotta", "bone", "beer", "pink", "stone")
    rough = octaves(rng, shape, 10, 3, 0.8)
    step = max(1, round(wavelength * 0.08))
    shift = (round(light.y * step), round(light.x * step))
    # The shadow inside a hole: the body, moved away from the lamp.
    shadow = 1 - np.roll(holes, (-shift[0], -shift[1]), (0, 1)) * np.float32(0.5)
    deep = smooth(0.1, 0.9, big - cut)
    albedo = body.at(0.66 + 0.08 * rough)
    albedo = mix(albedo, body.dark, pores * np.float32(0.75))
    albedo = mix(albedo, body.at(0.3 + 0.1 * rough) * shadow, holes)
    albedo = mix(albedo, body.dark * np.float32(0.3), deep * np.float32(rng.uniform(0.6, 1)))
    height = -(holes * np.float32(0.8) + np.clip(big - cut, -1, 0)) * np.float32(wavelength * 0.14)
    height = height - pores * np.float32(wavelength * 0.05) + rough * np.float32(0.4)
    return opaque(shade(albedo, height, light))


def _crevice(level: Floats) -> Floats:
    """Little light reaches the bottom of a groove."""
    dim: Floats = (0.45 + 0.55 * smooth(-1.2, 0.1, level)).astype(np.float32)
    return dim
