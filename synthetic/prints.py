"""Flat look-alikes: patterns that repeat as holes do, but are printed, written or laid on a level surface."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthetic import cells, palettes, points
from synthetic.canvas import paint_colour, to_planes
from synthetic.hollows import cells_across
from synthetic.noise import Floats, Reals, Shape, grain, octaves, smooth
from synthetic.palettes import mix
from synthetic.relief import Light, Patch, opaque, shade

WORDS = (
    *("the", "of", "and", "a", "to", "in", "is", "was", "he", "for", "it", "with", "as", "his", "on", "be", "at"),
    *("by", "had", "not", "are", "but", "from", "which", "one", "you", "were", "all", "there", "would", "their"),
    *("picture", "always", "station", "weather", "kitchen", "question", "harbour", "Tuesday", "1984", "evening"),
)


def printed(rng: np.random.Generator, rgb: Floats, light: Light) -> Patch:
    """The pattern on paper or cloth: a little relief, stains and folds."""
    shape = rgb.shape[1], rgb.shape[2]
    folds = octaves(rng, shape, min(shape) / 2, 5, rng.uniform(0.3, 0.8)) * np.float32(rng.uniform(0, 3))
    tone = 1 + np.float32(rng.uniform(0, 0.07)) * grain(rng, shape)
    return opaque(shade(rgb * tone, folds, light, rng.uniform(0, 0.15)))


def polka_dots(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Round dots in rows, all of one size, in one or several colours, on a ground."""
    spacing = cells_across(rng, shape, 4, 22)
    field = cells.of_lattice(points.hexagonal(rng, shape, spacing, rng.choice([0, 0, 0.03])), shape, exact=False)
    size = rng.uniform(0.3, 0.85)
    dot = 1 - smooth(-1, 1, (field.u - np.float32(size)) / field.pixel)
    ground, ink = palettes.ramp(rng), palettes.ramp(rng)
    tones = rng.random(field.count) if rng.random() < 0.4 else np.full(field.count, rng.random())
    return printed(rng, mix(ground.at(_level(rng, shape)), ink.at(field.each(tones)), dot), light)


def grid(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Thin or thick lines both ways: graph paper, a fence, window frames."""
    y, x = _coordinates(shape)
    step_y, step_x = (max(6, cells_across(rng, shape, 4, 28)) for _ in range(2))
    step_x = step_y if rng.random() < 0.5 else step_x
    thick = rng.uniform(0.05, 0.3)
    lines = np.maximum(_bars(y / step_y, thick, step_y), _bars(x / step_x, thick, step_x))
    rgb = mix(palettes.ramp(rng).at(_level(rng, shape)), palettes.ramp(rng).at(_level(rng, shape)), lines)
    raised = lines * np.float32(rng.choice([0, 0, 2.0]))
    return opaque(shade(rgb, raised + octaves(rng, shape, 30, 4), light))


def checkerboard(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Squares in two colours."""
    y, x = _coordinates(shape)
    step = cells_across(rng, shape, 4, 24)
    board = smooth(-0.06, 0.06, np.sin(y * np.float32(np.pi / step)) * np.sin(x * np.float32(np.pi / step)))
    return printed(
        rng, mix(palettes.ramp(rng).at(_level(rng, shape)), palettes.ramp(rng).at(_level(rng, shape)), board), light
    )


def stripes(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Bands of several widths and colours, straight or wavy."""
    y, x = _coordinates(shape)
    wave = np.float32(rng.choice([0, 0, 0.15])) * min(shape) * np.sin(x * np.float32(rng.uniform(2, 12) / shape[1]))
    period = min(shape) / rng.uniform(3, 24)
    phase = ((y + wave) / np.float32(period)) % 1
    edges = np.sort(rng.random(int(rng.integers(1, 6))))
    ground, ink = palettes.ramp(rng), palettes.ramp(rng)
    rgb = ground.at(_level(rng, shape))
    for edge in edges:
        band = smooth(-1, 1, (phase - np.float32(edge)) * np.float32(period))
        rgb = mix(rgb, (ground if rng.random() < 0.3 else ink).at(_level(rng, shape)), band)
    return printed(rng, rgb, light)


def text_page(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Lines of words in one or two sizes, dark on light or light on dark."""
    paper, ink = (
        palettes.ramp(rng, "snow", "cream", "ink", "deep blue"),
        palettes.ramp(rng, "ink", "coffee", "snow"),
    )
    colours = (paper.light, ink.dark) if rng.random() < 0.75 else (paper.dark, ink.light)
    image = Image.new("RGB", (shape[1], shape[0]), paint_colour(colours[0]))
    draw = ImageDraw.Draw(image)
    margin, y = rng.uniform(0, 0.12) * shape[1], rng.uniform(0, 0.1) * shape[0]
    body = int(rng.integers(9, 22))
    while y < shape[0]:
        size = body * 2 if rng.random() < 0.1 else body
        words = " ".join(
            WORDS[k] for k in rng.integers(len(WORDS), size=int(rng.integers(3, 4 + 3 * shape[1] // size)))
        )
        draw.text((margin, y), words, fill=paint_colour(colours[1]), font=_font(size))
        y += size * rng.choice([1.2, 1.2, 1.2, 1.9])
    return printed(rng, to_planes(image), light)


def confetti(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """Small flat shapes of every colour, scattered and overlapping."""
    ramps = [palettes.ramp(rng) for _ in range(4)]
    image = Image.new("RGB", (shape[1], shape[0]), paint_colour(palettes.ramp(rng).light))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(60, 360))):
        colour = ramps[rng.integers(4)].at(np.array([[rng.random()]], np.float32))
        turn, middle = rng.random() * np.pi, rng.random(2) * (shape[1], shape[0])
        along = np.array([np.cos(turn), np.sin(turn)]) * rng.uniform(0.01, 0.05) * min(shape)
        broad = np.array([-along[1], along[0]]) * rng.uniform(0.2, 1.2)
        corners = (middle + a * along + b * broad for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)))
        draw.polygon([(float(x), float(y)) for x, y in corners], fill=paint_colour(colour))
    return printed(rng, to_planes(image), light)


def concentric(rng: np.random.Generator, shape: Shape, light: Light) -> Patch:
    """A few large discs with rings: plates, targets, wheels, records."""
    count = int(rng.integers(1, 6))
    radii = rng.uniform(0.12, 0.42, count) * min(shape)
    field = cells.of_discs(points.packed(rng, shape, radii, rng.uniform(0.7, 1.1)), shape)
    ground, disc = palettes.ramp(rng), palettes.ramp(rng)
    rings = np.cos(field.u * np.float32(rng.uniform(4, 45)) + field.each(rng.random(field.count) * 6))
    albedo = ground.at(_level(rng, shape) + 0.1 * octaves(rng, shape, 30, 4))
    body = 1 - smooth(-1, 1, (field.u - 0.95) / field.pixel)
    albedo = mix(albedo, disc.at(0.55 + rng.uniform(0.1, 0.35) * rings), body)
    height = body * (rings * np.float32(rng.uniform(0, 0.04)) / field.pixel + 3)
    return opaque(shade(albedo, height, light, rng.uniform(0, 0.6)))


def _coordinates(shape: Shape) -> tuple[Floats, Floats]:
    return np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)[None, :]


def _bars(t: Reals, thick: float, step: int) -> Floats:
    """Lines `thick` periods wide around whole `t`, softened over a pixel."""
    away = np.abs(t - np.round(t))
    return 1 - smooth(-0.75, 0.75, (away - np.float32(thick / 2)) * np.float32(step))


def _level(rng: np.random.Generator, shape: Shape) -> Floats:
    """One tone of a ramp all over the picture."""
    return np.full(shape, rng.uniform(0.1, 1), np.float32)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
