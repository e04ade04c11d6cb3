"""Colours: named ramps from dark to light, drawn with variations."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from synthetic.canvas import to_bytes
from synthetic.noise import Floats, Reals

# Dark, middle and light tone of materials that are photographed often.
RAMPS: dict[str, tuple[int, int, int]] = {
    "wax": (0x5A3A10, 0xC08A2C, 0xF2D58A),
    "honey": (0x3A1C05, 0xA85A0C, 0xF0A830),
    "old comb": (0x1E140C, 0x5C4426, 0xA88A5A),
    "pale comb": (0x6A5A3A, 0xCDBB8A, 0xF4ECD0),
    "pod green": (0x24301A, 0x6E8A3E, 0xB8CC84),
    "pod brown": (0x241A12, 0x6A5238, 0xB09A78),
    "bone": (0x6E6454, 0xBEB29C, 0xF0EADC),
    "skin pale": (0x8A5646, 0xD8A48C, 0xF6D8C6),
    "skin brown": (0x3A2016, 0x8A5A40, 0xC4926E),
    "flesh": (0x70282C, 0xC86A66, 0xF0B4A8),
    "pomegranate": (0x3A0208, 0xA80C22, 0xEE5060),
    "terracotta": (0x54220F, 0xAC5C34, 0xE09C70),
    "stone": (0x34343A, 0x7C7C7E, 0xC4C2BC),
    "sand": (0x6A5638, 0xBEA478, 0xECDCB4),
    "moss": (0x18240E, 0x4C6428, 0x92A85C),
    "leaf": (0x0C3012, 0x2E7A34, 0x8CC46C),
    "sea": (0x06282E, 0x1C7078, 0x80C8C4),
    "deep blue": (0x081430, 0x2A4A86, 0x8CB0DC),
    "violet": (0x241238, 0x6C4290, 0xBCA0D8),
    "pink": (0x6A1E48, 0xD06C9A, 0xF8C6DA),
    "coffee": (0x1C0E08, 0x5A3620, 0xB48C66),
    "beer": (0x5A3206, 0xC88A1E, 0xF6E0A0),
    "sunflower": (0x2A1604, 0xA8680C, 0xF4C62A),
    "strawberry": (0x4A0608, 0xC41A1E, 0xF2665A),
    "snow": (0x8A949E, 0xCCD4DA, 0xF8FAFC),
    "ink": (0x0A0A0E, 0x2C2C34, 0x6E6E78),
    "cream": (0x9A8A6C, 0xDCD0B4, 0xFAF4E4),
}
NAMES = tuple(RAMPS)
# How far, at each of 256 steps, a ramp has gone from dark to middle, and from middle to light.
LOWER_HALF = np.clip(np.linspace(0, 2, 256, dtype=np.float32), 0, 1)
UPPER_HALF = np.clip(np.linspace(-1, 1, 256, dtype=np.float32), 0, 1)


@dataclass(frozen=True)
class Ramp:
    """Three tones, float32[3, 3] (dark, middle, light), RGB in 0..1."""

    tones: Floats

    def at(self, t: Reals) -> Floats:
        """The colour at `t` in 0 (dark) .. 1 (light), float32[3, h, w]; values beyond are clipped."""
        dark, middle, light = self.tones[:, :, None]
        table = dark + (middle - dark) * LOWER_HALF + (light - middle) * UPPER_HALF
        return cast(Floats, table.take(to_bytes(t), axis=1))

    @property
    def dark(self) -> Floats:
        """The dark tone, float32[3, 1, 1]."""
        return cast(Floats, self.tones[0][:, None, None])

    @property
    def middle(self) -> Floats:
        """The middle tone, float32[3, 1, 1]."""
        return cast(Floats, self.tones[1][:, None, None])

    @property
    def light(self) -> Floats:
        """The light tone, float32[3, 1, 1]."""
        return cast(Floats, self.tones[2][:, None, None])


def ramp(rng: np.random.Generator, *preferred: str, strictness: float = 0.75) -> Ramp:
    """A ramp of one of the `preferred` names with probability `strictness`, otherwise of any; tones are varied."""
    pool = preferred if preferred and rng.random() < strictness else NAMES
    tones = np.stack([_rgb(code) for code in RAMPS[pool[rng.integers(len(pool))]]])
    grey = tones.mean(axis=1, keepdims=True)
    tones = grey + (tones - grey) * rng.uniform(0.6, 1.2)
    tones = tones * rng.uniform(0.85, 1.15) + rng.normal(0, 0.02, (1, 3)) + rng.normal(0, 0.012, (3, 3))
    return Ramp(np.clip(tones, 0, 1).astype(np.float32))


def mix(under: Reals, over: Reals, amount: Reals) -> Floats:
    """`under` where `amount` [h, w] is 0, `over` where it is 1; either is a colour or a picture, [3, ...]."""
    return cast(Floats, under + (over - under) * amount)


def _rgb(code: int) -> NDArray[np.float64]:
    return np.array([code >> 16, code >> 8 & 255, code & 255]) / 255
