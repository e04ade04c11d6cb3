"""Between NumPy's planes and Pillow's pictures, and simple shapes drawn with Pillow."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from synthetic.noise import Floats, Reals, Shape


def to_image(rgb: Floats) -> Image.Image:
    """float32[3, h, w] in 0..1 (clipped) as an RGB picture."""
    return Image.merge("RGB", [Image.fromarray(plane) for plane in to_bytes(rgb)])


def to_planes(image: Image.Image) -> Floats:
    """An RGB picture as float32[3, h, w] in 0..1."""
    return np.stack([np.asarray(plane) * np.float32(1 / 255) for plane in image.split()])


def to_bytes(values: Reals) -> NDArray[np.uint8]:
    """0..1 (clipped) as 0..255, rounded."""
    scaled = values * np.float32(255) + np.float32(0.5)
    return np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)


def paint_colour(colour: Floats) -> tuple[int, int, int]:
    """float32[3] or [3, 1, 1] as Pillow wants it."""
    red, green, blue = to_bytes(colour).ravel().tolist()
    return red, green, blue


def blurred(mask: Floats, radius: float) -> Floats:
    """A mask [h, w] in 0..1 under a Gaussian of `radius` pixels, computed at a third of the resolution."""
    image = Image.fromarray(to_bytes(mask))
    small = image.resize((max(1, image.width // 3), max(1, image.height // 3)), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(radius / 3)).resize(image.size, Image.Resampling.BILINEAR)
    result: Floats = np.asarray(soft) * np.float32(1 / 255)
    return result


def any_shape(rng: np.random.Generator, draw: ImageDraw.ImageDraw, shape: Shape, colour: Floats) -> None:
    """Adds an ellipse, a box, a polygon or a thick line, small or large, anywhere on the picture."""
    height, width = shape
    y, x = rng.random(2) * (height, width)
    down, across = np.exp(rng.uniform(np.log(0.05), np.log(0.5), 2)) * min(shape)
    fill, form = paint_colour(colour), rng.integers(4)
    if form == 0:
        draw.ellipse((x - across, y - down, x + across, y + down), fill=fill)
    elif form == 1:
        draw.rectangle((x - across, y - down, x + across, y + down), fill=fill)
    elif form == 2:
        turn = np.sort(rng.random(int(rng.integers(3, 8)))) * 2 * np.pi
        reach = rng.uniform(0.5, 1.2, len(turn))
        corners = zip(x + across * reach * np.cos(turn), y + down * reach * np.sin(turn), strict=True)
        draw.polygon([(float(a), float(b)) for a, b in corners], fill=fill)
    else:
        end = rng.random(2) * (width, height)
        draw.line(
            (x, y, float(end[0]), float(end[1])), fill=fill, width=max(1, round(float(min(down, across)) * 0.3))
        )
