"""Light on a surface: heights become normals, normals become shading."""

from dataclasses import dataclass

import numpy as np

from synthetic.noise import Floats, Reals


@dataclass(frozen=True)
class Light:
    """One lamp. (`x`, `y`, `z`) is the unit vector towards it (y points down the picture, z to the viewer)."""

    x: float
    y: float
    z: float
    ambient: float
    warmth: float


@dataclass(frozen=True)
class Patch:
    """A piece of surface: `rgb` float32[3, h, w] in 0..1 and `alpha` float32[h, w] in 0..1."""

    rgb: Floats
    alpha: Floats


def any_light(rng: np.random.Generator) -> Light:
    """A lamp from above in any direction, from raking to nearly frontal; soft or hard."""
    azimuth, elevation = rng.random() * 2 * np.pi, rng.uniform(0.5, 1.3)
    flat = float(np.cos(elevation))
    return Light(
        x=flat * float(np.cos(azimuth)),
        y=flat * float(np.sin(azimuth)),
        z=float(np.sin(elevation)),
        ambient=float(rng.uniform(0.3, 0.65)),
        warmth=float(rng.normal(0, 0.05)),
    )


def shade(albedo: Reals, height: Reals, light: Light, gloss: float | Reals = 0.0, power: int = 5) -> Floats:
    """Lambert and Blinn shading of a height field in pixels, float32[3, h, w]; not yet clipped to 0..1.

    A level surface keeps its albedo. `gloss` is the highlight's strength (a number or [h, w]), 2 ** `power` its
    sharpness.
    """
    slope_x, slope_y = np.zeros_like(height), np.zeros_like(height)
    slope_x[:, 1:-1] = (height[:, 2:] - height[:, :-2]) * np.float32(0.5)
    slope_y[1:-1] = (height[2:] - height[:-2]) * np.float32(0.5)
    shorten = 1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    towards = (np.float32(light.z) - slope_x * np.float32(light.x) - slope_y * np.float32(light.y)) * shorten
    lit = np.maximum(towards, 0) * np.float32((1 - light.ambient) / light.z) + np.float32(light.ambient)
    tint = np.array([1 + light.warmth, 1, 1 - light.warmth], np.float32)
    rgb: Reals = albedo * (np.minimum(lit, 1.9) * tint[:, None, None])
    if np.any(gloss):
        # The half vector between lamp and viewer (0, 0, 1).
        norm = float(np.sqrt(light.x**2 + light.y**2 + (light.z + 1) ** 2))
        half = ((light.z + 1) - slope_x * light.x - slope_y * light.y) * shorten / np.float32(norm)
        shine = np.clip(half, 0, 1)
        for _ in range(power):
            shine = shine * shine
        rgb = rgb + shine * np.float32(1) * gloss
    return rgb.astype(np.float32, copy=False)


def opaque(rgb: Reals) -> Patch:
    """A surface without holes in its outline."""
    return Patch(rgb.astype(np.float32, copy=False), np.ones(rgb.shape[1:], np.float32))
