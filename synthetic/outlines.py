"""The shape in which a surface appears: a whole picture, an object, a torn edge, a spot on a body."""

import numpy as np

from synthetic import palettes
from synthetic.noise import Floats, Shape, octaves, smooth
from synthetic.palettes import mix
from synthetic.relief import Light, Patch


def cut_out(rng: np.random.Generator, patch: Patch, light: Light) -> Patch:
    """The surface as an object with volume: an ellipse, a rounded box or a blob, with a hard or a soft border."""
    shape = patch.alpha.shape[0], patch.alpha.shape[1]
    away, y, x = _blob(rng, shape)
    soft = rng.uniform(0.02, 0.25) ** 1.5
    alpha = 1 - smooth(0.9 - soft, 0.92, away)
    roundness = np.float32(rng.uniform(0, 0.8))
    lit = 1 + roundness * (
        np.float32(0.5) * (y * np.float32(light.y) + x * np.float32(light.x)) - np.float32(0.5) * away**3
    )
    return Patch(patch.rgb * np.clip(lit, 0.15, 1.6), patch.alpha * alpha)


def torn(rng: np.random.Generator, patch: Patch) -> Patch:
    """The surface on one side of a wandering border, sharp or fading."""
    shape = patch.alpha.shape[0], patch.alpha.shape[1]
    y, x = _square(shape)
    turn = rng.random() * 2 * np.pi
    side = y * np.float32(np.sin(turn)) + x * np.float32(np.cos(turn))
    side = side + octaves(rng, shape, min(shape) / 2, 5) * np.float32(rng.uniform(0.02, 0.25))
    where = np.quantile(side[::8, ::8], rng.uniform(0.1, 0.55))
    return Patch(patch.rgb, patch.alpha * smooth(where, where + rng.uniform(0.01, 0.35), side))


def spot(rng: np.random.Generator, patch: Patch, light: Light) -> Patch:
    """The surface on a part of a plain body that has its own outline."""
    shape = patch.alpha.shape[0], patch.alpha.shape[1]
    inner, _, _ = _blob(rng, shape)
    reach, soft = rng.uniform(0.45, 0.8), rng.uniform(0.02, 0.4)
    here = (1 - smooth(reach, reach + soft, inner)) * patch.alpha
    skin = octaves(rng, shape, min(shape) / 2, 6, rng.uniform(0.3, 0.7))
    own = patch.rgb.mean(axis=(1, 2))[:, None, None]
    plain = own * (1 + np.float32(0.1) * skin) if rng.random() < 0.6 else palettes.ramp(rng).at(0.5 + 0.12 * skin)
    return cut_out(rng, Patch(mix(plain, patch.rgb, here), np.ones(shape, np.float32)), light)


def _blob(rng: np.random.Generator, shape: Shape) -> tuple[Floats, Floats, Floats]:
    """Distance from the middle (1 at the outline) and the coordinates in -1 .. 1."""
    y, x = _square(shape)
    power = rng.choice([2, 2, 2, 3, 6])
    away = (np.abs(y) ** power + np.abs(x) ** power) ** np.float32(1 / power)
    wobble = octaves(rng, shape, min(shape) * rng.uniform(0.3, 0.8), 3) * np.float32(rng.uniform(0, 0.06))
    # Only dents, so that no outline touches the border of its patch.
    return (away + (wobble - wobble.min())).astype(np.float32), y, x


def _square(shape: Shape) -> tuple[Floats, Floats]:
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    return y, np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
