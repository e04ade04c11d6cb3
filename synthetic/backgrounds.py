"""What is behind: gradients, cloudy textures, collages, cloth, landscapes. Both classes stand on the same ones."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from synthetic import palettes
from synthetic.canvas import any_shape, paint_colour, to_planes
from synthetic.noise import Floats, Shape, grain, octaves, resized, smooth
from synthetic.palettes import mix


def gradient(rng: np.random.Generator, shape: Shape) -> Floats:
    """One ramp across the picture, straight or around a point."""
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    if rng.random() < 0.5:
        turn = rng.random() * 2 * np.pi
        t = 0.5 + np.float32(0.45) * (y * np.float32(np.sin(turn)) + x * np.float32(np.cos(turn)))
    else:
        cy, cx = rng.uniform(-0.8, 0.8, 2).astype(np.float32)
        t = np.sqrt((y - cy) ** 2 + (x - cx) ** 2) * np.float32(rng.choice([-0.5, 0.5])) + np.float32(0.5)
    low, high = np.sort(rng.random(2))
    return palettes.ramp(rng).at(np.float32(low) + np.float32(max(0.25, high - low)) * t)


def texture(rng: np.random.Generator, shape: Shape) -> Floats:
    """Clouds, plaster, soil: octave noise through one or two ramps, from smooth to rough."""
    gain, scale = rng.uniform(0.3, 0.85), min(shape) * rng.uniform(0.2, 1)
    first = octaves(rng, shape, scale, 6, gain)
    rgb = palettes.ramp(rng).at(0.5 + rng.uniform(0.08, 0.28) * first)
    if rng.random() < 0.5:
        second = octaves(rng, shape, scale, 5, gain)
        rgb = mix(rgb, palettes.ramp(rng).at(0.5 + 0.15 * first), smooth(0, rng.uniform(0.1, 1.0), second - 0.3))
    return rgb


def collage(rng: np.random.Generator, shape: Shape) -> Floats:
    """Overlapping shapes in the colours of a few ramps, under anything from no blur to a strong one."""
    ramps = [palettes.ramp(rng) for _ in range(int(rng.integers(2, 5)))]
    image = Image.new("RGB", (shape[1], shape[0]), paint_colour(ramps[0].middle))
    draw = ImageDraw.Draw(image)

    for _ in range(int(rng.integers(4, 30))):
        tone = ramps[rng.integers(len(ramps))].at(np.array([[rng.random()]], np.float32))
        any_shape(rng, draw, shape, tone)
    radius = min(shape) * 0.05 * rng.random() ** 2
    rgb = to_planes(image.filter(ImageFilter.BoxBlur(radius)) if radius > 0.5 else image)
    return rgb * (1 + np.float32(rng.uniform(0, 0.12)) * octaves(rng, shape, min(shape) / 4, 5, 0.7))


def cloth(rng: np.random.Generator, shape: Shape) -> Floats:
    """Folds and threads: stretched grain in two directions over soft waves."""
    along = resized(grain(rng, (shape[0], max(2, shape[1] // 8))), shape)
    across = resized(grain(rng, (max(2, shape[0] // 8), shape[1])), shape)
    folds = octaves(rng, shape, min(shape) * rng.uniform(0.3, 1.0), 2)
    tone = 0.5 + rng.uniform(0.05, 0.2) * folds + rng.uniform(0.02, 0.1) * (along + across)
    return palettes.ramp(rng).at(tone)


def landscape(rng: np.random.Generator, shape: Shape) -> Floats:
    """A sky and one to four ridges, each with its own ramp and roughness."""
    rows = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    clouds = octaves(rng, shape, min(shape) / 2, 4)
    sky = palettes.ramp(rng, "deep blue", "snow", "sea", "beer", "flesh")
    rgb = sky.at(0.5 + 0.5 * rows + rng.uniform(0, 0.2) * clouds)
    horizon = rng.uniform(0.2, 0.6)
    for _ in range(int(rng.integers(1, 5))):
        line = octaves(rng, (2, shape[1]), shape[1] * rng.uniform(0.2, 0.8), 5, rng.uniform(0.3, 0.6))[:1]
        ridge = smooth(0, 0.01, rows - np.float32(horizon) - line * np.float32(rng.uniform(0.01, 0.06)))
        rough = octaves(rng, shape, min(shape) / 8, 4, rng.uniform(0.5, 0.9))
        ground = palettes.ramp(rng, "moss", "leaf", "stone", "sand", "snow", "sea", "coffee")
        rgb = mix(rgb, ground.at(0.55 + 0.14 * rough - 0.4 * (rows - np.float32(horizon))), ridge)
        horizon += rng.uniform(0.08, 0.3)
    return rgb


PAINTERS = (gradient, texture, collage, cloth, landscape)


def any_background(rng: np.random.Generator, shape: Shape) -> Floats:
    """One of the painters' pictures, float32[3, h, w] in about 0..1."""
    return PAINTERS[rng.integers(len(PAINTERS))](rng, shape)
