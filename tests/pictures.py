"""Real picture bytes, made on the spot: small, seeded and free of licences."""

import io

import numpy as np
from PIL import Image


def noise(seed: int = 0, width: int = 96, height: int = 64) -> Image.Image:
    """Return seeded colour noise: two seeds are never near-duplicates of each other, and PDQ's quality is 100."""
    blocks = np.random.default_rng(seed).integers(0, 256, (height // 4 + 1, width // 4 + 1, 3), np.uint8)
    return Image.fromarray(blocks.repeat(4, axis=0).repeat(4, axis=1)[:height, :width])


def gradient(width: int = 96, height: int = 64) -> Image.Image:
    """Return a smooth ramp: red grows to the right, green downwards; its PDQ quality is worthless."""
    red = np.broadcast_to(np.linspace(0, 255, width).astype(np.uint8), (height, width))
    green = np.broadcast_to(np.linspace(0, 255, height).astype(np.uint8)[:, None], (height, width))
    return Image.fromarray(np.stack([red, green, np.full_like(red, 128)], axis=-1))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return ``image`` as a file of Pillow's format ``kind`` with Pillow's save options."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(seed: int = 0, width: int = 96, height: int = 64) -> bytes:
    """Return seeded noise as a PNG."""
    return encoded(noise(seed, width, height), "PNG")


def jpeg(seed: int = 0, width: int = 96, height: int = 64, quality: int = 90) -> bytes:
    """Return seeded noise as a JPEG; another ``quality`` is other bytes of the same picture."""
    return encoded(noise(seed, width, height), "JPEG", quality=quality)
