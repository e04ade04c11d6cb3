"""Look-alikes that grew or lie about: cloth, stones, wood, leaves, water, and a hole or two instead of a crowd."""

import numpy as np

from synthetic import cells, palettes, points
from synthetic.hollows import cells_across, pits
from synthetic.noise import Shape, grain, octaves, resized, smooth, waves
from synthetic.palettes import mix
from synthetic.relief import Light, Patch, opaque, shade
from synthetic.walls import bent


def weave(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Threads over and under each other: linen, basket, twill."""
    step = max(4, cells_across(rng, shape, 8, 50))
    y, x = bent(rng, shape)
    row, column = y / np.float32(step), x / np.float32(step)
    shift = int(rng.integers(1, 3))
    over = ((np.floor(row) * shift + np.floor(column)) % (shift + 1)) == 0
    round_y, round_x = np.abs(np.sin(row * np.float32(np.pi))), np.abs(np.sin(column * np.float32(np.pi)))
    up = np.where(over, round_y, round_x)
    first, second = palettes.ramp(rng), palettes.ramp(rng)
    second = first if rng.random() < 0.5 else second
    tone = 0.25 + 0.45 * up + 0.08 * octaves(rng, shape, min(shape) / 2, 5, 0.7)
    albedo = mix(first.at(tone), second.at(tone + 0.05), over.astype(np.float32))
    return opaque(shade(albedo, up * np.float32(step * 0.25), light))


def pebbles(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Rounded stones, each of its own colour, without any opening."""
    field = cells.of_lattice(
        points.relaxed(rng, shape, cells_across(rng, shape, 4, 18), int(rng.integers(0, 3))), shape
    )
    first, second = (
        palettes.ramp(rng, "stone", "sand", "bone", "coffee"),
        palettes.ramp(rng, "stone", "terracotta", "snow"),
    )
    dome = np.sqrt(np.clip(field.edge - 0.05, 0, 1)) * (1 - 0.15 * np.minimum(field.u, 2) ** 2)
    rough = octaves(rng, shape, 12, 4, 0.8)
    tone = 0.5 + field.each(rng.normal(0, 0.2, field.count)) + 0.07 * rough
    stone = mix(first.at(tone), second.at(tone), field.each((rng.random(field.count) < 0.4).astype(np.float32)))
    albedo = mix(first.dark * np.float32(0.5), stone, smooth(0.02, 0.18, field.edge))
    height = dome * np.float32(rng.uniform(0.3, 0.8)) / field.pixel + rough * np.float32(0.4)
    return opaque(shade(albedo, height, light, rng.uniform(0, 0.3)))


def cracked_ground(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Dry mud, old paint or leather: flat plates between thin cracks."""
    field = cells.of_lattice(
        points.relaxed(rng, shape, cells_across(rng, shape, 3, 14), int(rng.integers(0, 3))), shape
    )
    rough = octaves(rng, shape, min(shape) / 4, 6, 0.7)
    crack = smooth(rng.uniform(0.06, 0.2), 0.02, field.edge + 0.05 * rough)
    earth = palettes.ramp(rng, "sand", "stone", "terracotta", "coffee", "cream", "skin brown")
    tone = 0.55 + 0.1 * rough + field.each(rng.normal(0, 0.05, field.count))
    albedo = mix(earth.at(tone), earth.dark * np.float32(0.4), crack * np.float32(rng.uniform(0.4, 1)))
    return opaque(shade(albedo, rough * 2 - crack * np.float32(rng.uniform(1, 4)), light))


def wood(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Boards with year rings cut lengthwise, sometimes around a knot."""
    y, x = bent(rng, shape)
    drift = octaves(rng, shape, min(shape), 2) * np.float32(rng.uniform(0.3, 2.5))
    ky, kx = rng.random(2) * shape
    knot = np.exp(-(((y - ky) / (min(shape) * 0.12)) ** 2 + ((x - kx) / (min(shape) * 0.2)) ** 2)) * rng.choice(
        [0.0, 5.0]
    )
    rings = np.sin(y * np.float32(2 * np.pi * rng.uniform(4, 18) / shape[0]) + drift + knot.astype(np.float32))
    fibre = resized(grain(rng, (shape[0], max(2, shape[1] // 16))), shape)
    board = np.floor(y * np.float32(rng.integers(1, 6) / shape[0]))
    tones = rng.normal(0, 0.1, 1001).astype(np.float32)[board.astype(np.intp) % 1001]
    timber = palettes.ramp(rng, "coffee", "sand", "wax", "pod brown", "terracotta", "bone")
    tone = 0.5 + 0.12 * rings + 0.07 * fibre + tones
    return opaque(
        shade(timber.at(tone), rings * np.float32(0.4) + fibre * np.float32(rng.uniform(0.2, 1.2)), light)
    )


def grass(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Fur, grass or hair: grain stretched along a flow, in tufts."""
    length = int(rng.integers(6, 24))
    strands = resized(grain(rng, (max(2, shape[0] // length), shape[1])), shape)
    finer = resized(grain(rng, (max(2, shape[0] // max(3, length // 2)), shape[1])), shape)
    tufts = octaves(rng, shape, min(shape) / rng.uniform(1.5, 6), 3)
    blade = palettes.ramp(rng, "leaf", "moss", "coffee", "sand", "snow", "ink")
    height = strands + np.float32(0.6) * finer
    return opaque(
        shade(blade.at(0.45 + 0.16 * height + 0.14 * tufts), height + 2 * tufts, light, rng.uniform(0, 0.2))
    )


def ripples(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Water or dunes: waves of one main direction under a low lamp."""
    y, x = bent(rng, shape)
    swell = waves(rng, shape, min(shape) / rng.uniform(2, 7), 0.5)
    crest = np.sin(
        (y + x * np.float32(rng.uniform(-0.3, 0.3))) * np.float32(2 * np.pi * rng.uniform(4, 16) / min(shape))
        + swell
    )
    fine = octaves(rng, shape, 20, 4, 0.7)
    water = palettes.ramp(rng, "sea", "deep blue", "sand", "snow", "stone")
    height = (crest + swell) * np.float32(rng.uniform(0.6, 2.5)) + fine * np.float32(rng.uniform(0, 1))
    return opaque(shade(water.at(0.5 + 0.08 * crest + 0.06 * fine), height, light, rng.uniform(0, 0.6)))


def foliage(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Leaves of one or two plants over each other and over the dark below."""
    largest = min(shape) * rng.uniform(0.06, 0.2)
    radii = points.power_law(rng, 240, largest * 0.4, largest, 2)
    field = cells.of_discs(points.packed(rng, shape, radii, rng.uniform(0.4, 0.7)), shape, reach=1.1)
    turn = rng.normal(rng.random() * 6, rng.uniform(0.2, 2), field.count)
    cos, sin = field.each(np.cos(turn)), field.each(np.sin(turn))
    along, sideways = field.x * cos + field.y * sin, field.y * cos - field.x * sin
    slim = field.each(rng.uniform(0.35, 0.7) * rng.uniform(0.8, 1.2, field.count))
    outline = np.abs(sideways) / slim + along * along
    body = 1 - smooth(0.9, 1.0, outline)
    veins = np.cos((along * 3 - np.abs(sideways) * 2) * np.float32(rng.uniform(3, 7)))
    rib = np.exp(-((sideways * np.float32(14)) ** 2))
    first, second = (
        palettes.ramp(rng, "leaf", "moss", "leaf", "terracotta"),
        palettes.ramp(rng, "moss", "sunflower"),
    )
    tone = 0.5 + field.each(rng.normal(0, 0.15, field.count)) + 0.05 * veins + 0.2 * rib
    blade = mix(first.at(tone), second.at(tone), field.each((rng.random(field.count) < 0.3).astype(np.float32)))
    albedo = mix(first.at(0.1 + 0.1 * octaves(rng, shape, 12, 4, 0.8)) * np.float32(0.6), blade, body)
    height = body * (0.35 - np.abs(sideways) * np.float32(0.5) + veins * np.float32(0.02)) / field.pixel
    return opaque(shade(albedo, height, light, body * np.float32(rng.uniform(0, 0.4))))


def few_holes(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """One to three holes, drawn exactly as those of a cluster, in skin, wood, stone or wall."""
    radii = rng.uniform(0.05, 0.22, int(rng.integers(1, 4))) * min(shape)
    field = cells.of_discs(points.packed(rng, shape, radii, 1.8), shape, reach=2.2)
    pit = pits(
        field, field.each(rng.uniform(0.65, 1.0, field.count)), light, rng.uniform(0, 0.35), rng.uniform(0.4, 0.9)
    )
    body = palettes.ramp(rng)
    rough = octaves(rng, shape, min(shape) / 3, 6, rng.uniform(0.4, 0.8))
    albedo = body.at(0.55 + 0.12 * rough)
    albedo = mix(
        albedo, body.dark * np.float32(rng.uniform(0.1, 0.9)), pit.darkness * np.float32(rng.uniform(0.75, 1))
    )
    height = pit.height / field.pixel + rough * np.float32(rng.uniform(0.3, 2))
    return opaque(shade(albedo, height, light, rng.uniform(0, 0.3)))
