"""Write test/fixtures/resize.json: small pictures and what Pillow's BILINEAR makes of them.

Run from extension/ with any Pillow: `python tools/make_fixtures.py > test/fixtures/resize.json`.
"""

import base64
import json
import random
import sys

from PIL import Image

# Width, height, target: shrinking and growing, by whole and broken factors, one side unchanged, both unchanged.
SHAPES = (
    (64, 48, 16),
    (48, 64, 16),
    (37, 23, 16),
    (16, 40, 16),
    (40, 16, 16),
    (16, 16, 16),
    (5, 3, 16),
    (1, 1, 16),
    (1, 90, 16),
    (97, 2, 16),
    (131, 67, 20),
    (19, 21, 20),
)


def rgba_bytes(rng: random.Random, width: int, height: int, opaque: bool) -> bytes:
    """Noise with long flat stretches, so that rounding and clipping at 0 and 255 are both met."""
    pixels = bytearray()
    for _ in range(width * height):
        colour = rng.choice([(0, 0, 0), (255, 255, 255), tuple(rng.randrange(256) for _ in range(3))])
        pixels += bytes((*colour, 255 if opaque else rng.choice([0, 255, rng.randrange(256)])))
    return bytes(pixels)


def over_white(rgba: bytes) -> bytes:
    """The composite of the contract, in integers."""
    rgb = bytearray()
    for i in range(0, len(rgba), 4):
        alpha = rgba[i + 3]
        rgb += bytes((c * alpha + 255 * (255 - alpha) + 127) // 255 for c in rgba[i : i + 3])
    return bytes(rgb)


def case(width: int, height: int, size: int, opaque: bool) -> dict[str, object]:
    """One picture with its expected bytes."""
    rgba = rgba_bytes(random.Random(width * 1000 + height + opaque), width, height, opaque)
    picture = Image.frombytes("RGB", (width, height), over_white(rgba))
    # Two calls: since Pillow 13 a single one may run the vertical pass first, which rounds differently.
    narrowed = picture.resize((size, height), Image.Resampling.BILINEAR)
    resized = narrowed.resize((size, size), Image.Resampling.BILINEAR).tobytes()
    return {
        "width": width,
        "height": height,
        "size": size,
        "opaque": opaque,
        "rgba": base64.b64encode(rgba).decode(),
        "expected": base64.b64encode(resized).decode(),
    }


json.dump([case(*shape, opaque) for shape in SHAPES for opaque in (True, False)], sys.stdout)
