"""Crowds of round bodies: foam, spawn, pomegranate seeds, seed heads."""

import numpy as np

from synthetic import cells, palettes, points
from synthetic.cells import Cells
from synthetic.hollows import cells_across
from synthetic.noise import Floats, Shape, octaves, smooth
from synthetic.palettes import mix
from synthetic.relief import Light, Patch, opaque, shade


def foam(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Bubbles of power-law sizes over a froth of small ones; dark walls, a bright spot, a bright far side."""
    froth = cells.of_lattice(points.relaxed(rng, shape, cells_across(rng, shape, 16, 30)), shape)
    largest = min(shape) * rng.uniform(0.07, 0.2)
    radii = points.power_law(rng, 190, largest * 0.2, largest, rng.uniform(1.3, 2.6))
    bubbles = cells.of_discs(points.packed(rng, shape, radii, rng.uniform(0.88, 1.0)), shape, reach=1.05)
    liquid = palettes.ramp(rng, "beer", "coffee", "sea", "snow", "stone", "cream", "deep blue", "ink")
    contrast = np.float32(rng.uniform(0.75, 1.3))
    tone = 0.5 + 0.12 * octaves(rng, shape, min(shape) / 2, 3)
    under = liquid.at(tone + contrast * _film(froth, np.minimum(1 - froth.edge, 1), light) * np.float32(0.6))
    over = liquid.at(tone - 0.1 + contrast * _film(bubbles, bubbles.u, light))
    rgb = mix(under, over, 1 - smooth(0.97, 1.03, bubbles.u))
    sparkle = _spark(bubbles, light, 0.55, 0.1) + np.float32(0.5) * _spark(froth, light, 0.4, 0.14)
    return opaque(rgb + np.float32(rng.uniform(0.2, 0.8)) * sparkle)


def _film(field: Cells, u: Floats, light: Light) -> Floats:
    """Brightness of a bubble around 0: a dark wall, inside it a crescent of light away from the lamp."""
    away = -(field.x * np.float32(light.x) + field.y * np.float32(light.y))
    wall = np.exp(-(((u - 1) * np.float32(9)) ** 2))
    crescent = np.exp(-(((u - 0.8) * np.float32(7)) ** 2)) * np.clip(0.35 + away, 0, 1)
    result: Floats = np.float32(0.6) * crescent - np.float32(0.75) * wall - np.float32(0.12) * (u < 0.7)
    return result


def _spark(field: Cells, light: Light, out: float, size: float) -> Floats:
    """The lamp's reflection, `out` radii from the centre towards the lamp, `size` radii wide."""
    y, x = field.y - np.float32(out * light.y), field.x - np.float32(out * light.x)
    return np.exp(-(y * y + x * x) / np.float32(size * size))


def spawn(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Clear round eggs, each with a dark or coloured yolk, packed or loose."""
    if rng.random() < 0.5:
        field = cells.of_lattice(points.relaxed(rng, shape, cells_across(rng, shape, 5, 17), 4), shape, exact=False)
    else:
        largest = min(shape) * rng.uniform(0.05, 0.11)
        radii = points.power_law(rng, 260, largest * 0.55, largest, 2)
        field = cells.of_discs(points.packed(rng, shape, radii, rng.uniform(0.8, 0.95)), shape, reach=1.1)
    jelly = palettes.ramp(rng, "snow", "cream", "sea", "beer", "bone", "stone")
    yolk = palettes.ramp(rng, "ink", "coffee", "honey", "terracotta", "pomegranate")
    away = -(field.x * np.float32(light.x) + field.y * np.float32(light.y))
    body = 1 - smooth(0.93, 1.05, field.u)
    tone = 0.5 + np.float32(0.35) * away * smooth(0.3, 0.95, field.u) - 0.35 * smooth(0.82, 1.0, field.u)
    rgb = mix(
        jelly.at(0.12 + 0.1 * octaves(rng, shape, 30, 3)) * np.float32(0.7),
        jelly.at(tone + 0.1),
        body * np.float32(0.92),
    )
    off = rng.normal(0, 0.1, (2, field.count))
    y, x = field.y - field.each(off[0]), field.x - field.each(off[1])
    v = np.sqrt(y * y + x * x) / field.each(rng.uniform(0.3, 0.55) * rng.uniform(0.8, 1.2, field.count))
    rgb = mix(
        rgb,
        yolk.at(0.35 - 0.2 * (x * light.x + y * light.y)),
        (1 - smooth(0.75, 1.1, v)) * np.float32(rng.uniform(0.7, 1)),
    )
    shine = np.float32(rng.uniform(0.3, 0.9)) * _spark(field, light, 0.5, 0.16) * body
    return opaque(rgb + shine)


def pomegranate(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Glossy translucent seeds pressed against each other, with pale skin between and around some of them."""
    field = cells.of_lattice(points.relaxed(rng, shape, cells_across(rng, shape, 5, 16), 2), shape)
    flesh = palettes.ramp(rng, "pomegranate", "pomegranate", "strawberry", "honey", "violet", strictness=0.9)
    skin = palettes.ramp(rng, "cream", "sand", "flesh", strictness=1)
    gap = np.float32(rng.uniform(0.04, 0.2))
    # Round in the middle, flattened where the neighbours press.
    dome = np.sqrt(np.maximum(0, 1.3 - field.u * field.u)) * np.float32(0.7) * smooth(0, 0.45, field.edge)
    body = smooth(0, 1, (field.edge - gap + 0.04) / np.float32(0.1))
    glow = np.exp(-((field.u * 2.2) ** 2)) * field.each(rng.uniform(0, 0.6, field.count))
    away = -(field.x * np.float32(light.x) + field.y * np.float32(light.y))
    tone = 0.3 + 0.25 * dome + 0.3 * glow + 0.14 * away + field.each(rng.normal(0, 0.07, field.count))
    between = mix(
        flesh.at(tone * 0.2),
        skin.at(0.6 + 0.2 * octaves(rng, shape, 30, 3)),
        smooth(0, 0.6, _membranes(rng, shape)),
    )
    albedo = mix(between, flesh.at(tone), body)
    height = dome * np.float32(rng.uniform(0.5, 0.8)) / field.pixel + octaves(rng, shape, 12, 2) * np.float32(0.3)
    return opaque(shade(albedo, height, light, body * np.float32(rng.uniform(0.3, 0.9)), int(rng.integers(4, 7))))


def _membranes(rng: np.random.Generator, shape: Shape) -> Floats:
    return octaves(rng, shape, min(shape) / 3, 2) - np.float32(rng.uniform(-1, 1.2))


def seed_head(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """A spiral of seeds on a disc (sunflower), or seeds sunk into flesh (strawberry)."""
    reach = min(shape) * rng.uniform(0.46, 0.5)
    field = cells.of_discs(
        points.spiral(rng, shape, int(rng.integers(70, 230)), reach, rng.uniform(0.02, 0.12)), shape, 1.5
    )
    flesh = palettes.ramp(rng, "sunflower", "coffee", "strawberry", "moss", "wax")
    seed = palettes.ramp(rng, "ink", "sunflower", "cream", "coffee", "beer")
    sunk = rng.random() < 0.5
    stretch = np.float32(rng.uniform(1.0, 1.7))
    y, x = _outwards(field, shape)
    v = np.sqrt((y / stretch) ** 2 + x * x) / np.float32(0.38 if sunk else 0.62)
    body, dome = 1 - smooth(0.85, 1.1, v), np.sqrt(np.maximum(0, 1 - v * v))
    swell = smooth(1.1, 0.3, field.u) if not sunk else smooth(0.4, 1.0, field.u)
    tip = np.exp(-((v * 2.5) ** 2)) * np.float32(rng.choice([0, 0.5]))
    rough = octaves(rng, shape, 15, 4, 0.7)
    albedo = flesh.at(0.2 + 0.4 * swell + 0.08 * rough)
    albedo = mix(albedo, seed.at(0.55 + 0.1 * rough - tip + field.each(rng.normal(0, 0.08, field.count))), body)
    height = (swell * np.float32(0.5) + dome * np.float32(0.35)) / field.pixel
    rgb = shade(albedo, height, light, rng.uniform(0, 0.5))
    dy = np.arange(shape[0], dtype=np.float32)[:, None] - np.float32(shape[0] / 2)
    dx = np.arange(shape[1], dtype=np.float32)[None, :] - np.float32(shape[1] / 2)
    edge = np.sqrt(dy * dy + dx * dx) / np.float32(reach) + np.float32(0.02) * rough
    return Patch(rgb, 1 - smooth(0.95, 1.0, edge))


def _outwards(field: Cells, shape: Shape) -> tuple[Floats, Floats]:
    """A pixel's offset in its cell, along and across the direction from the middle of the picture."""
    dy = np.arange(shape[0], dtype=np.float32)[:, None] - np.float32(shape[0] / 2)
    dx = np.arange(shape[1], dtype=np.float32)[None, :] - np.float32(shape[1] / 2)
    away = np.sqrt(dy * dy + dx * dx) + np.float32(1)
    return (field.y * dy + field.x * dx) / away, (field.x * dy - field.y * dx) / away
