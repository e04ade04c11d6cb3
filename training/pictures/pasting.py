"""How one thing comes to lie on a photograph: where, in what outline, in what light, and through what camera.

Nothing here knows what is pasted. Two calls with the same random numbers paste two things in the same way, which is
what makes a composite and its twin differ in nothing but what they show (training/pictures/composites.py).
Pictures are float32 [h, w, 3] in 0..255, masks float32 [h, w] in 0..1.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from store.pdq import LUMA
from synthetic.noise import octaves, smooth

Floats = NDArray[np.float32]

# Least and most of the picture's area that what is pasted covers.
SHARES = 0.25, 1.0
MODES, MODE_SHARES = ("plain", "toned", "shaded", "overlaid", "grafted"), (0.25, 0.35, 0.16, 0.1, 0.14)
OUTLINES, OUTLINE_SHARES = ("blob", "box", "side", "whole"), (0.5, 0.14, 0.18, 0.18)
# Standard deviation of brightness below which nobody sees what was pasted: its label would be wrong.
VISIBLE = 16.0
# Correlation with the thing below which it is lost in the pattern of the photograph.
CLEAR = 0.6
# Brightness and two colour differences (ITU-T T.871), nearly uncorrelated in photographs.
_TO_OPPONENT = np.array([[0.299, -0.1687, 0.5], [0.587, -0.3313, -0.4187], [0.114, 0.5, -0.0813]], np.float32)
_FROM_OPPONENT = np.linalg.inv(_TO_OPPONENT).astype(np.float32)


@dataclass(frozen=True)
class Way:
    """A place on a picture of unit sides, and how the thing there meets the picture.

    ``centre`` and ``size`` are (down, across) in shares of the sides; ``keeps_outline``: the thing has its own.
    """

    centre: tuple[float, float]
    size: tuple[float, float]
    outline: str
    keeps_outline: bool
    mode: str
    seed: int


def any_way(rng: np.random.Generator, share: float) -> Way:
    """Draw a way to cover about ``share`` of a picture."""
    outline = str(rng.choice(OUTLINES, p=OUTLINE_SHARES))
    if share > 0.85:
        outline = "whole"
    if share < 0.35 and outline == "side":
        # What is left would lie in a corner.
        outline = "blob"
    stretch = float(np.exp(rng.normal(0, 0.15)))
    # An outline fills about three quarters of its box, and some of the box may lie outside.
    side = float(np.sqrt(share / 0.7))
    size = (1.0, 1.0) if outline in {"whole", "side"} else (side * stretch, side / stretch)
    stray = 0.0 if size == (1.0, 1.0) else 1.0
    middle = [0.5 + stray * (rng.random() - 0.5) * max(0.0, 1 - 0.75 * reach) for reach in size]
    return Way(
        (middle[0], middle[1]),
        size,
        outline,
        outline == "blob" and share > 0.3 and rng.random() < 0.55,
        str(rng.choice(MODES, p=MODE_SHARES)),
        int(rng.integers(2**31)),
    )


def paste(picture: Floats, thing: Image.Image, way: Way, share: float) -> Floats:
    """Return ``picture`` with ``thing`` (RGBA, its box's content) lying on it in this way."""
    rng = np.random.default_rng(way.seed)
    height, width = picture.shape[:2]
    colour, alpha = _spread(thing, (height, width), way)
    mask = alpha if way.keeps_outline else alpha * _outline(rng, (height, width), way, share)
    mask = _feathered(rng, mask)
    colour = _as_sharp_as(picture, colour)
    colour = colour * np.float32(rng.uniform(0.85, 1.15)) + np.float32(rng.normal(0, 8))
    strength, gain = float(rng.uniform(0.4, 1.0)), float(rng.uniform(0.8, 1.4))
    blended = _blended(picture, colour, mask, way.mode, strength, gain)
    if rng.random() < 0.4 and way.mode in {"plain", "toned"}:
        picture = _shadowed(rng, picture, mask)
    cover = mask[..., None]
    return np.clip(picture * (1 - cover) + blended * cover, 0, 255)


def photographed(rng: np.random.Generator, picture: Floats) -> NDArray[np.uint8]:
    """What a camera and a website do to the whole: another resolution, blur, noise, light, JPEG. Same size."""
    image = to_image(picture)
    draws = rng.random(5).tolist()
    if draws[0] < 0.25:
        scale = 0.5 + 0.4 * draws[1]
        small = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
        image = small.resize(image.size, Image.Resampling.BICUBIC)
    if draws[2] < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(0.3 + 0.6 * draws[3]))
    pixels = np.asarray(image, np.float32)
    if draws[4] < 0.4:
        pixels = pixels + rng.normal(0, rng.exponential(3.0), pixels.shape[:2])[..., None].astype(np.float32)
    pixels = pixels * np.float32(rng.uniform(0.85, 1.12)) + np.float32(rng.normal(0, 6))
    packed = io.BytesIO()
    to_image(pixels).save(packed, "JPEG", quality=int(rng.integers(40, 96)), subsampling=int(rng.choice([0, 2, 2])))
    return np.array(Image.open(packed))


def to_image(picture: Floats) -> Image.Image:
    """A picture (clipped, rounded) as Pillow's."""
    return Image.fromarray(np.clip(picture + 0.5, 0, 255).astype(np.uint8))


def _spread(thing: Image.Image, shape: tuple[int, int], way: Way) -> tuple[Floats, Floats]:
    """The thing's colour and alpha on the whole canvas: its box, and beyond it a mirror image without alpha."""
    box = [max(8, round(side * length)) for side, length in zip(way.size, shape, strict=True)]
    top, left = (
        round(middle * length - reach / 2) for middle, length, reach in zip(way.centre, shape, box, strict=True)
    )
    # Reducing by the mean first keeps fine patterns from turning into other patterns.
    drawn = np.asarray(thing.resize((box[1], box[0]), Image.Resampling.BILINEAR), np.float32)
    rows, columns = np.arange(shape[0]) - top, np.arange(shape[1]) - left
    inside = ((rows >= 0) & (rows < box[0]))[:, None] & ((columns >= 0) & (columns < box[1]))[None, :]
    canvas = drawn[_mirrored(rows, box[0])][:, _mirrored(columns, box[1])]
    return canvas[..., :3], canvas[..., 3] * inside / np.float32(255)


def _mirrored(places: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    around = places % (2 * length)
    return np.minimum(around, 2 * length - 1 - around)


def _outline(rng: np.random.Generator, shape: tuple[int, int], way: Way, share: float) -> Floats:
    """A mask: a wobbly superellipse or box in the way's box, one side of a wandering line, or everything."""
    if way.outline == "whole":
        return np.ones(shape, np.float32)
    y = ((np.arange(shape[0], dtype=np.float32) + 0.5) / shape[0] - way.centre[0]) / (way.size[0] / 2)
    x = ((np.arange(shape[1], dtype=np.float32) + 0.5) / shape[1] - way.centre[1]) / (way.size[1] / 2)
    if way.outline == "side":
        turn = rng.random() * 2 * np.pi
        side = y[:, None] * np.float32(np.sin(turn)) + x[None, :] * np.float32(np.cos(turn))
        side = side + octaves(rng, shape, min(shape) / 2, 4) * np.float32(rng.uniform(0.0, 0.2))
        border = np.quantile(side[::4, ::4], 1 - share)
        return smooth(border - 0.02, border + 0.02, side)
    power = rng.choice([2, 2, 3]) if way.outline == "blob" else 12
    away = (np.abs(y[:, None]) ** power + np.abs(x[None, :]) ** power) ** np.float32(1 / power)
    wobble = rng.uniform(0, 0.12) if way.outline == "blob" else 0
    away = away + octaves(rng, shape, min(shape) / 3, 3) * np.float32(wobble)
    return smooth(0.97, 0.93, away)


def _feathered(rng: np.random.Generator, mask: Floats) -> Floats:
    """The mask with an edge that is hard, or soft over up to a twelfth of the picture, on its inner side."""
    radius = min(mask.shape) * 0.04 * float(rng.random()) ** 2
    if radius < 0.4 or mask.min() > 0.99:
        return mask
    soft = np.asarray(_grey(mask * 255).filter(ImageFilter.GaussianBlur(radius)), np.float32)
    feathered: Floats = np.clip(soft / np.float32(127.5) - 1, 0, 1) * (mask > 0)
    return feathered


def _as_sharp_as(picture: Floats, colour: Floats) -> Floats:
    """Blur what is pasted until its finest details are not much finer than the photograph's own."""
    wanted = 1.25 * _fineness(picture @ LUMA)
    image = to_image(colour)
    for radius in (0.0, 0.5, 0.8, 1.1):
        blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(radius)) if radius else image, np.float32)
        if _fineness(blurred @ LUMA) <= wanted:
            break
    return blurred


def _fineness(grey: Floats) -> float:
    """Differences of neighbours against differences over four pixels: what a lens leaves of the finest details."""
    near = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    far = np.abs(grey[4:] - grey[:-4]).mean() + np.abs(grey[:, 4:] - grey[:, :-4]).mean()
    return float(near / (far + 1.0))


def _blended(picture: Floats, colour: Floats, mask: Floats, mode: str, strength: float, gain: float) -> Floats:
    """What lies under the mask, by mode; when that shows too little, the thing in the picture's tone."""
    toned = _toned(picture, colour, mask, strength)
    blended = colour if mode == "plain" else toned
    if mode == "shaded":
        blended = _shaded(picture, colour, mask, gain)
    elif mode == "overlaid":
        blended = _overlaid(picture, toned)
    elif mode == "grafted":
        blended = _grafted(picture, toned, gain)
    return blended if _shows(blended @ LUMA, toned @ LUMA, mask) else toned


def _shows(blended: Floats, thing: Floats, mask: Floats) -> bool:
    """Whether the thing's own pattern is strong in what was blended, and not lost among the picture's."""
    # What changes only over a quarter of the picture is light and no pattern.
    seen, own = _fine(blended), _fine(thing)
    spread, pattern = _deviation(seen, mask), _deviation(own, mask)
    shared = _mean((seen - np.float32(_mean(seen, mask))) * (own - np.float32(_mean(own, mask))), mask)
    strength = shared / (pattern + 1e-3)
    return strength >= min(VISIBLE, 0.6 * pattern) and strength >= CLEAR * spread


def _toned(picture: Floats, colour: Floats, mask: Floats, strength: float) -> Floats:
    """Mean and deviation moved towards the picture's under the mask, brightness and colour apart.

    Reinhard et al., "Color transfer between images", IEEE CG&A 21 (2001), with less change of contrast.
    """
    there, here = picture @ _TO_OPPONENT, colour @ _TO_OPPONENT
    moved = np.empty_like(here)
    for plane in range(3):
        mean, wanted = _mean(here[..., plane], mask), _mean(there[..., plane], mask)
        spread, other = _deviation(here[..., plane], mask), _deviation(there[..., plane], mask)
        most, least = (1.25, 0.7) if plane == 0 else (1.25, 0.3)
        scale = np.clip(other / (spread + 1e-3), least, most)
        if plane == 0:
            scale = max(scale, min(VISIBLE * 1.5 / (spread + 1e-3), 1.5))
            # Neither so dark nor so light that holes drown.
            wanted = np.clip(wanted, 50, 200)
        moved[..., plane] = (here[..., plane] - mean) * np.float32(scale) + np.float32(wanted)
    result: Floats = colour + np.float32(strength) * (moved @ _FROM_OPPONENT - colour)
    return result


def _shaded(picture: Floats, colour: Floats, mask: Floats, gain: float) -> Floats:
    """The picture's own colour, lit and darkened as the thing is: holes in this skin, this wall."""
    light = colour @ LUMA
    mean = max(_mean(light, mask), 20.0)
    factor = np.clip(1 + np.float32(gain) * (light - mean) / np.float32(mean), 0.08, 2.0)
    result: Floats = np.clip(picture, 35, 235) * factor[..., None]
    return result


def _overlaid(picture: Floats, colour: Floats) -> Floats:
    """Photoshop's "overlay", half and half with the thing itself."""
    below, above = picture / np.float32(255), np.clip(colour, 0, 255) / np.float32(255)
    mixed = np.where(below < 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above))
    result: Floats = np.float32(127.5) * (mixed + above)
    return result


def _grafted(picture: Floats, colour: Floats, gain: float) -> Floats:
    """The thing's details on the picture's broad light and colour, as if it had grown there."""
    radius = float(min(picture.shape[:2]) / 10)
    broad = np.asarray(to_image(picture).filter(ImageFilter.BoxBlur(radius)), np.float32)
    own = np.asarray(to_image(colour).filter(ImageFilter.BoxBlur(radius)), np.float32)
    result: Floats = np.clip(broad, 40, 215) + np.float32(gain) * (colour - own)
    return result


def _shadowed(rng: np.random.Generator, picture: Floats, mask: Floats) -> Floats:
    """The picture under the shadow that the thing throws."""
    image = _grey(mask * 255)
    across, down = rng.normal(0, 4, 2)
    moved = image.transform(image.size, Image.Transform.AFFINE, (1, 0, across, 0, 1, down))
    soft = np.asarray(moved.filter(ImageFilter.GaussianBlur(float(rng.uniform(2, 8)))), np.float32)
    return picture * (1 - np.float32(rng.uniform(0.15, 0.6) / 255) * soft[..., None])


def _grey(values: Floats) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _fine(grey: Floats) -> Floats:
    """Brightness without what changes only over a quarter of the picture."""
    broad = _grey(grey).filter(ImageFilter.BoxBlur(min(grey.shape) / 8))
    return grey - np.asarray(broad, np.float32)


def _mean(values: Floats, mask: Floats) -> float:
    return float((values * mask).sum() / (mask.sum() + 1e-3))


def _deviation(values: Floats, mask: Floats) -> float:
    mean = _mean(values, mask)
    return float(np.sqrt((((values - np.float32(mean)) ** 2) * mask).sum() / (mask.sum() + 1e-3)))
