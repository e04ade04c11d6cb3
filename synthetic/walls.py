"""Look-alikes that were built: bricks, roof tiles, windows, keys."""

import numpy as np

from synthetic import palettes
from synthetic.hollows import cells_across
from synthetic.noise import Floats, Shape, octaves, smooth
from synthetic.palettes import mix
from synthetic.relief import Light, Patch, opaque, shade


def bricks(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """A wall: bricks or tiles in courses with mortar between; every brick has its own tone."""
    high = max(8, cells_across(rng, shape, 4, 16))
    wide = round(high * rng.uniform(1.0, 3.2))
    offset = rng.choice([0, 0.33, 0.5, 0.5])
    y, x = bent(rng, shape)
    course = np.floor(y / np.float32(high))
    along = x / np.float32(wide) + course * np.float32(offset)
    away = np.minimum(
        0.5 - np.abs(y / np.float32(high) - course - 0.5),
        (0.5 - np.abs(along - np.floor(along) - 0.5)) * (wide / high),
    )
    joint = np.float32(rng.uniform(0.02, 0.09))
    body = smooth(0, 1, (away - joint) / np.float32(0.06))
    count = 997
    which = (course * 31 + np.floor(along) * 7).astype(np.intp) % count
    tones = rng.normal(0, rng.uniform(0.02, 0.16), count).astype(np.float32)[which]
    clay = palettes.ramp(rng, "terracotta", "stone", "sand", "snow", "bone", "sea")
    mortar = palettes.ramp(rng, "stone", "snow", "ink", "cream")
    rough = octaves(rng, shape, 12, 4, 0.8)
    albedo = mix(mortar.at(0.5 + 0.08 * rough), clay.at(0.5 + tones + 0.08 * rough), body)
    height = body * np.float32(high * 0.08) + rough * np.float32(rng.uniform(0.1, 0.8))
    return opaque(shade(albedo, height, light, rng.uniform(0, 0.4)))


def scales(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Overlapping rows: roof tiles, fish scales, pine cones."""
    step = max(8, cells_across(rng, shape, 4, 16))
    y, x = bent(rng, shape)
    best, height = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    which = np.zeros(shape, np.float32)
    for back in (0, 1):  # The row above lies on top.
        row = np.floor(y / np.float32(step)) - back
        side = x / np.float32(step * 1.2) + row * np.float32(0.5)
        across = (side - np.floor(side) - 0.5) * 2
        down = y / np.float32(step) - row
        inside = smooth(0, 0.08, 1.9 - down - across * across * np.float32(0.85))
        best = np.where(inside > 0.5, np.maximum(0, 1.9 - down - across * across * 0.85), best)
        height = height * (1 - inside) + inside * (down * np.float32(step * 0.16) - across * across)
        which = np.where(inside > 0.5, row * 7 + np.floor(side) * 13, which)
    tones = rng.normal(0, rng.uniform(0.02, 0.15), 101).astype(np.float32)[which.astype(np.intp) % 101]
    tile = palettes.ramp(rng, "terracotta", "stone", "sea", "coffee", "moss")
    albedo = tile.at(0.5 + tones - 0.25 * smooth(0.15, 0.0, best) + 0.07 * octaves(rng, shape, 12, 4, 0.8))
    return opaque(shade(albedo, height, light, rng.uniform(0, 0.5)))


def windows(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """A front with rows of dark or mirroring windows in frames."""
    high = max(8, cells_across(rng, shape, 3, 16))
    wide = high * rng.uniform(0.5, 1.6)
    y, x = bent(rng, shape)
    row, column = np.floor(y / np.float32(high)), np.floor(x / np.float32(wide))
    down, across = y / np.float32(high) - row - np.float32(0.5), x / np.float32(wide) - column - np.float32(0.5)
    room_y, room_x = rng.uniform(0.25, 0.45, 2).astype(np.float32)
    away = np.minimum((room_y - np.abs(down)), (room_x - np.abs(across)) * np.float32(wide / high))
    soft = np.float32(1.5 / high)
    glass, frame = smooth(0, soft, away - np.float32(0.05)), smooth(0, soft, away)
    tones = rng.uniform(0, rng.uniform(0.1, 0.9), 997).astype(np.float32)
    which = (row * 31 + column * 17).astype(np.intp) % 997
    pane = palettes.ramp(rng, "ink", "deep blue", "sea", "coffee")
    wall, trim = (
        palettes.ramp(rng, "stone", "terracotta", "cream", "sand"),
        palettes.ramp(rng, "snow", "ink", "coffee"),
    )
    rough = octaves(rng, shape, 14, 4, 0.8)
    albedo = mix(wall.at(0.55 + 0.07 * rough), trim.at(0.6 + 0.05 * rough), frame)
    # The lintel's shadow falls on the upper part of the pane.
    albedo = mix(albedo, pane.at(tones[which] + 0.5 * down) * (0.5 + 0.5 * smooth(-room_y, 0, down)), glass)
    height = (np.float32(1) - frame * np.float32(0.5) - glass) * np.float32(high * 0.12) + rough * (
        1 - glass
    ) * np.float32(0.4)
    return opaque(shade(albedo, height, light, glass * np.float32(rng.uniform(0, 0.3))))


def keys(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Raised rounded squares over dark gaps: a keyboard, chocolate, mosaic, buttons."""
    step = max(8, cells_across(rng, shape, 4, 20))
    y, x = bent(rng, shape)
    row = np.floor(y / np.float32(step))
    shift = row * np.float32(rng.choice([0, 0, 0.25]))
    column = np.floor(x / np.float32(step) + shift)
    down, across = (
        y / np.float32(step) - row - np.float32(0.5),
        x / np.float32(step) + shift - column - np.float32(0.5),
    )
    power = np.float32(rng.choice([3, 4, 8]))
    reach = ((np.abs(down) ** power + np.abs(across) ** power) ** (1 / power)) * 2
    top = np.float32(rng.uniform(0.7, 0.85))
    body = smooth(top + 0.12, top, reach)
    tones = rng.normal(0, rng.uniform(0, 0.25), 997).astype(np.float32)[
        (row * 31 + column * 17).astype(np.intp) % 997
    ]
    cap, gap = palettes.ramp(rng), palettes.ramp(rng, "ink", "coffee", "stone")
    albedo = mix(gap.dark, cap.at(0.6 + tones + 0.04 * octaves(rng, shape, 20, 4)), body)
    return opaque(
        shade(
            albedo, body * np.float32(step * rng.uniform(0.05, 0.2)), light, body * np.float32(rng.uniform(0, 0.5))
        )
    )


def bent(rng: np.random.Generator, shape: Shape) -> tuple[Floats, Floats]:
    """Pixel coordinates, bent a little, so that no wall is perfectly straight."""
    bend = octaves(rng, shape, min(shape), 2) * np.float32(min(shape) * rng.uniform(0, 0.02))
    y = np.arange(shape[0], dtype=np.float32)[:, None] + np.float32(1000) + bend
    x = np.arange(shape[1], dtype=np.float32)[None, :] + np.float32(1000) - bend
    return y, x
