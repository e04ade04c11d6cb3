"""One surface in front of a background, in the same ways for both classes."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from synthetic import outlines, palettes
from synthetic.backgrounds import any_background
from synthetic.canvas import any_shape, blurred, to_image
from synthetic.noise import Floats, Shape, smooth
from synthetic.relief import Light, Patch, any_light
from synthetic.warp import Pose, placed

Surface = Callable[[np.random.Generator, Shape, Light], Patch]
# Surfaces are drawn with at most so many pixels and stretched from there: a photograph is rarely sharp to its last
# pixel, and this is where the time goes.
SURFACE_PIXELS = 200 * 200
FORMS, FORM_SHARES = ("whole", "torn", "object", "spot"), (0.32, 0.16, 0.3, 0.22)
# A cluster that nobody notices would only be a wrong label.
SMALLEST_SHARE = 0.18


def composed(rng: np.random.Generator, shape: Shape, surface: Surface | None) -> Image.Image:
    """A picture of `shape` (RGB): a background and, unless `surface` is None, one surface on it."""
    light = any_light(rng)
    if surface is None:
        return _with_foreground(rng, to_image(any_background(rng, shape)))
    patch = surface(rng, _surface_shape(shape), light)
    form = FORMS[rng.choice(len(FORMS), p=FORM_SHARES)]
    whole = form in {"whole", "torn"}
    outlined = _outlined(rng, form, patch, light)
    front = placed(outlined, shape, _any_pose(rng, whole=whole), cover=whole)
    if _share(front) < SMALLEST_SHARE:
        front = placed(outlined, shape, _any_pose(rng, whole=True), cover=True)
    return _with_foreground(rng, _focused(rng, _in_place(rng, front, light)))


def loose_patch(rng: np.random.Generator, surface: Surface, size: int) -> Image.Image:
    """One cluster with its outline, warped, RGBA of `size` x `size`, transparent at its four corners."""
    light, shape = any_light(rng), (size, size)
    patch = surface(rng, _surface_shape(shape), light)
    patch = outlines.cut_out(rng, patch, light) if rng.random() < 0.7 else outlines.spot(rng, patch, light)
    pose = Pose((0.5, 0.5), (0.82, 0.82), rng.random() * 2 * np.pi, _tilt(rng, 0.15), rng.uniform(0, 0.2), 0.0, 1.0)
    return placed(patch, shape, pose, cover=False)


def _outlined(rng: np.random.Generator, form: str, patch: Patch, light: Light) -> Patch:
    if form == "object":
        return outlines.cut_out(rng, patch, light)
    if form == "spot":
        return outlines.spot(rng, patch, light)
    has_outline = patch.alpha[0, 0] < 1
    return outlines.torn(rng, patch) if form == "torn" and not has_outline else patch


def _share(front: Image.Image) -> float:
    """The share of the canvas that the surface covers, measured on every eighth row and column."""
    return float(np.asarray(front.getchannel("A"))[::8, ::8].mean()) / 255


def _surface_shape(shape: Shape) -> Shape:
    scale = min(1.0, (SURFACE_PIXELS / (shape[0] * shape[1])) ** 0.5)
    return round(shape[0] * scale), round(shape[1] * scale)


def _any_pose(rng: np.random.Generator, *, whole: bool) -> Pose:
    """Filling the canvas, or as an object between half and more than the whole of it, anywhere."""
    wave = rng.uniform(0, 0.04)
    if whole:
        turn = rng.normal(0, 0.15)
        return Pose((0.5, 0.5), (1, 1), turn, _tilt(rng, 0.4), rng.uniform(-0.3, 0.4), wave, rng.uniform(2, 8))
    size = rng.uniform(0.65, 1.35)
    stray = 0.08 + 0.22 * (size - 0.65)
    centre = (rng.uniform(0.5 - stray, 0.5 + stray), rng.uniform(0.5 - stray, 0.5 + stray))
    aspect = np.exp(rng.normal(0, 0.12))
    turn, bulge = rng.random() * 2 * np.pi, rng.uniform(0, 0.5)
    return Pose(centre, (size * aspect, size / aspect), turn, _tilt(rng, 0.35), bulge, wave, rng.uniform(2, 8))


def _tilt(rng: np.random.Generator, most: float) -> tuple[float, float]:
    return rng.uniform(-most, most), rng.uniform(-most, most)


def _in_place(rng: np.random.Generator, front: Image.Image, light: Light) -> Image.Image:
    """The surface before a background, which is out of focus or not, and mostly under the surface's shadow."""
    mask = front.getchannel("A")
    if mask.getextrema() == (255, 255):
        return front.convert("RGB")
    background = any_background(rng, (front.height, front.width))
    if rng.random() < 0.7:
        background = background * (1 - np.float32(rng.uniform(0.2, 0.7)) * _shadow(rng, mask, light))
    back = to_image(background)
    if rng.random() < 0.5:
        back = back.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 5)))
    back.paste(front, mask=mask)
    return back


def _shadow(rng: np.random.Generator, mask: Image.Image, light: Light) -> Floats:
    """What the lamp leaves dark behind the mask: moved away from it and softened."""
    reach = rng.uniform(2, 14)
    move = (1, 0, light.x * reach, 0, 1, light.y * reach)
    moved = mask.transform(mask.size, Image.Transform.AFFINE, move, Image.Resampling.NEAREST)
    return blurred(np.asarray(moved) * np.float32(1 / 255), rng.uniform(3, 12))


def _focused(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """A fifth of the pictures lose focus away from a line or a point."""
    if rng.random() > 0.2:
        return image
    y = np.linspace(-1, 1, image.height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, image.width, dtype=np.float32)[None, :]
    turn, off = rng.random() * 2 * np.pi, rng.uniform(-0.25, 0.25, 2).astype(np.float32)
    if rng.random() < 0.6:
        away = np.abs((y - off[0]) * np.float32(np.sin(turn)) + (x - off[1]) * np.float32(np.cos(turn)))
    else:
        away = np.sqrt((y - off[0]) ** 2 + (x - off[1]) ** 2)
    mask = Image.fromarray((255 * smooth(0.35, 1.1, away)).astype(np.uint8))
    return Image.composite(image.filter(ImageFilter.BoxBlur(rng.uniform(1, 4))), image, mask)


def _with_foreground(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """A tenth of the pictures have small things in front, more or less blurred."""
    if rng.random() > 0.1:
        return image
    mask = Image.new("RGB", image.size)
    draw, colour = ImageDraw.Draw(mask), palettes.ramp(rng)
    any_shape(rng, draw, (image.height // 3, image.width), np.ones(3, np.float32))
    if rng.random() < 0.5:
        mask = mask.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    soft = mask.getchannel("R").filter(ImageFilter.BoxBlur(rng.uniform(0, 8)))
    tone = colour.at(np.full((1, 1), rng.random(), np.float32))
    image.paste(to_image(np.broadcast_to(tone, (3, image.height, image.width))), mask=soft)
    return image
