"""What a camera and a website do to any picture: exposure, colour cast, vignette, blur, noise, JPEG."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from synthetic.canvas import to_image, to_planes
from synthetic.noise import Floats, grain


def photographed(rng: np.random.Generator, image: Image.Image) -> NDArray[np.uint8]:
    """The picture after camera and compression, uint8[h, w, 3], same size."""
    if rng.random() < 0.4:
        image = image.filter(ImageFilter.BoxBlur(rng.uniform(0.2, 1.1)))
    exposed = to_image(_exposed(rng, to_planes(image)))
    packed = io.BytesIO()
    exposed.save(packed, "JPEG", quality=int(rng.integers(40, 96)))
    return np.array(Image.open(packed))


def _exposed(rng: np.random.Generator, rgb: Floats) -> Floats:
    """Grey or tinted, brighter or darker, more or less contrast, darker corners, grainy."""
    colour = 0.0 if rng.random() < 0.07 else rng.uniform(0.55, 1.15)
    grey = rgb.mean(axis=0)
    tint = np.clip(rng.normal(1, 0.06, (3, 1, 1)), 0.8, 1.2).astype(np.float32)
    # Cameras aim at a middle grey and a usual contrast: scenes differ more than their pictures do.
    wanted = rng.uniform(0.28, 0.68)
    gain = (wanted / max(float(grey.mean()), 0.02)) ** 0.7
    spread = float(grey.std()) * gain
    contrast = np.float32(min((rng.uniform(0.1, 0.25) / max(spread, 0.01)) ** 0.7, 2.5))
    height, width = grey.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    corners = 1 - np.float32(max(0.0, rng.normal(0.05, 0.15))) * (y * y + x * x)
    noise = np.float32(rng.exponential(0.015)) * grain(rng, (height, width))
    exposed: Floats = (rgb * np.float32(colour) + grey * np.float32(1 - colour)) * (
        tint * np.float32(gain) * contrast
    )
    exposed += np.float32(wanted) * (1 - contrast)
    exposed *= corners
    exposed += noise
    return exposed
