"""The pictures of a split, spoilt in ways that pictures on the web are: where does the model stop seeing?

A picture goes the way that every picture goes, with one step more: decoded, spoilt, resized, judged. What is done
to it follows from the seed, its sha256 and the name of the stress (what is pasted follows from the split as well).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from os import cpu_count
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.preprocess import stretch
from store.blobs import Blobs
from store.pictures import decode_stored
from store.progress import Progress, track
from training.evaluation.curves import Flags, Floats, checked
from training.evaluation.intervals import Groups
from training.evaluation.resampling import Resampler
from training.evaluation.results import SliceResult, StressResult
from training.evaluation.slices import slice_result

Pixels = NDArray[np.uint8]  # [height, width, 3], RGB
Stress = Callable[[Pixels, np.random.Generator], Pixels]
Judge = Callable[[Pixels], Floats]  # pixels [n, size, size, 3] to the positive class's probability [n]

# Of a picture that is spoilt, in pixels a side: all networks here look at less, and blurring photographs is slow.
LARGEST_SIDE = 1024
CHUNK = 32
PASTED = "pasted_patch"

ABOUT = {
    "monochrome": "in grey (BT.601 luma)",
    "low_light": "at 6 to 15 % of its light, with sensor noise",
    "partly_blurred": "one half out of focus (Gaussian, sigma 3 % of the shorter side)",
    "small": "shrunk to half its sides on a flat canvas of its border's colour",
    "thumbnail": "reduced to 64 px and enlarged again",
    "jpeg_20": "saved as JPEG of quality 20",
    "cropped": "a random half of its area",
    PASTED: "a region of a positive, or of another normal picture, pasted onto a normal one with soft edges",
}

# Chai and Ngan, "Face segmentation using skin-color map in videophone applications", IEEE Transactions on Circuits
# and Systems for Video Technology 9(4), 1999: skin lies at Cb 77..127 and Cr 133..173.
SKIN_CB, SKIN_CR = (77, 127), (133, 173)
# A colour heuristic, and no more: wood, sand, bread and sunsets lie in this range too, and it says nothing of who
# is in a picture. It only asks whether skin-coloured pictures fare worse than others.
SKIN = ((0.05, "below 5 % of the pixels"), (0.3, "5 to 30 % of the pixels"), (1.1, "30 % of the pixels and more"))
SKIN_KIND = "skin-coloured"


@dataclass(frozen=True)
class Stressed:
    """The results by stress, and slices by the share of skin-coloured pixels of the pictures as they are."""

    results: tuple[StressResult, ...]
    skin: tuple[SliceResult, ...]


@dataclass(frozen=True)
class Subjects:
    """n pictures of one split with what the model said of them as they are."""

    digests: Sequence[str]
    positives: Flags
    probabilities: Floats
    groups: Groups | None = None


def measure_stress(
    subjects: Subjects,
    blobs: Blobs,
    judge: Judge,
    size: int,
    threshold: float,
    seed: int = 0,
    progress: Progress = track,
) -> Stressed:
    """Spoil every picture in every way and return what that changed; ``size`` is the model's input in pixels.

    Raises InputError when a blob is missing or damaged.
    """
    truth, before = checked(subjects.positives, subjects.probabilities)
    after = {name: np.empty(len(truth)) for name in ABOUT}
    skin = np.empty(len(truth))
    show = _Studio(subjects.digests, truth, blobs, size, seed)
    starts = range(0, len(truth), CHUNK)
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        for start in progress(starts, "stress", len(starts)):
            rows = range(start, min(start + CHUNK, len(truth)))
            shown = list(pool.map(show, rows))
            skin[rows.start : rows.stop] = [share for _, share in shown]
            for number, name in enumerate(ABOUT):
                after[name][rows.start : rows.stop] = judge(np.stack([views[number] for views, _ in shown]))
    resampler = Resampler(subjects.groups, len(truth), seed=seed)
    names = np.arange(len(truth)) if subjects.groups is None else np.asarray(subjects.groups)
    return Stressed(
        tuple(_result(name, truth, before, after[name], threshold, resampler) for name in ABOUT),
        tuple(
            slice_result(SKIN_KIND, name, truth[part], before[part], names[part], threshold, seed)
            for name, part in _skin_parts(skin)
            if part.any()
        ),
    )


def skin_share(picture: Pixels) -> float:
    """Return the share of pixels in the published range of skin colours, 0..1 (a heuristic: see ``SKIN``)."""
    cb, cr = np.moveaxis(np.asarray(Image.fromarray(picture).convert("YCbCr"))[..., 1:], 2, 0)
    return float(((cb >= SKIN_CB[0]) & (cb <= SKIN_CB[1]) & (cr >= SKIN_CR[0]) & (cr <= SKIN_CR[1])).mean())


def paste(host: Pixels, patch: Pixels, rng: np.random.Generator) -> Pixels:
    """Return ``host`` with a region of ``patch`` on it, its edges feathered.

    The region has 60 % of the patch's sides and lies on 35 to 50 % of the host's.
    """
    height, width = (round(0.6 * side) for side in patch.shape[:2])
    region = Image.fromarray(_window(patch, height, width, rng))
    scale = rng.uniform(0.35, 0.5) * min(host.shape[:2]) / min(height, width)
    region = region.resize((max(round(width * scale), 1), max(round(height * scale), 1)), Image.Resampling.BICUBIC)
    margin = max(round(0.06 * min(region.size)), 1)
    mask = Image.new("L", region.size, 0)
    mask.paste(255, (margin, margin, region.width - margin, region.height - margin))
    room = (host.shape[1] - region.width, host.shape[0] - region.height)
    place = (int(rng.integers(max(room[0], 0) + 1)), int(rng.integers(max(room[1], 0) + 1)))
    canvas = Image.fromarray(host)
    canvas.paste(region, place, mask.filter(ImageFilter.GaussianBlur(margin / 2)))
    return np.asarray(canvas)


def _monochrome(picture: Pixels, _rng: np.random.Generator) -> Pixels:
    return np.asarray(Image.fromarray(picture).convert("L").convert("RGB"))


def _low_light(picture: Pixels, rng: np.random.Generator) -> Pixels:
    # Light adds up before the display's curve, not after it.
    shown = (picture / 255) * rng.uniform(0.06, 0.15) ** (1 / 2.2)
    return np.asarray((255 * shown + rng.normal(0, 5, picture.shape)).round().clip(0, 255), np.uint8)


def _partly_blurred(picture: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = picture.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    side = (np.cos(angle) * rows + np.sin(angle) * columns) / 0.2 + 0.5
    image = Image.fromarray(picture)
    blurred = image.filter(ImageFilter.GaussianBlur(max(0.03 * min(height, width), 1.0)))
    mask = Image.fromarray((255 * side.clip(0, 1)).astype(np.uint8))
    return np.asarray(Image.composite(blurred, image, mask))


def _small(picture: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = picture.shape[:2]
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    canvas = np.empty_like(picture)
    canvas[:] = np.median(border, axis=0).astype(np.uint8)
    small = np.asarray(Image.fromarray(picture).resize((-(-width // 2), -(-height // 2)), Image.Resampling.LANCZOS))
    top, left = rng.integers(height - small.shape[0] + 1), rng.integers(width - small.shape[1] + 1)
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


def _thumbnail(picture: Pixels, _rng: np.random.Generator) -> Pixels:
    image = Image.fromarray(picture)
    scale = 64 / max(image.size)
    reduced = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    small = image.resize(reduced, Image.Resampling.LANCZOS)
    return np.asarray(small.resize(image.size, Image.Resampling.BICUBIC))


def _jpeg_20(picture: Pixels, _rng: np.random.Generator) -> Pixels:
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=20)
    return np.asarray(Image.open(file))


def _cropped(picture: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = (max(round(side * 0.5**0.5), 1) for side in picture.shape[:2])
    return _window(picture, height, width, rng)


# What needs the picture alone; each takes pixels and a generator and returns pixels, not always of the same size.
STRESSES: dict[str, Stress] = {
    "monochrome": _monochrome,
    "low_light": _low_light,
    "partly_blurred": _partly_blurred,
    "small": _small,
    "thumbnail": _thumbnail,
    "jpeg_20": _jpeg_20,
    "cropped": _cropped,
}


class _Studio:
    """Shows a picture in every stress, ready for the model, with its share of skin-coloured pixels."""

    def __init__(self, digests: Sequence[str], truth: Flags, blobs: Blobs, size: int, seed: int) -> None:
        self._digests, self._truth, self._blobs, self._size, self._seed = digests, truth, blobs, size, seed
        self._normal = np.flatnonzero(~truth)

    def __call__(self, row: int) -> tuple[list[Pixels], float]:
        picture = self._picture(row)
        views = [spoil(picture, self._rng(row, name)) for name, spoil in STRESSES.items()]
        views.append(self._pasted(row, picture, self._rng(row, PASTED)))
        return [stretch(Image.fromarray(view), self._size) for view in views], skin_share(picture)

    def _pasted(self, row: int, picture: Pixels, rng: np.random.Generator) -> Pixels:
        """Paste a positive onto a normal picture, which makes a positive; onto a normal one another normal one."""
        others = self._normal[self._normal != row]
        if not len(others):
            return picture
        other = self._picture(int(rng.choice(others)))
        return paste(other, picture, rng) if self._truth[row] else paste(picture, other, rng)

    def _picture(self, row: int) -> Pixels:
        image = decode_stored(self._blobs, self._digests[row])
        image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        return np.asarray(image)

    def _rng(self, row: int, name: str) -> np.random.Generator:
        return np.random.default_rng([self._seed, int(self._digests[row][:16], 16), crc32(name.encode())])


def _result(
    name: str, truth: Flags, before: Floats, after: Floats, threshold: float, resampler: Resampler
) -> StressResult:
    was, now = before >= threshold, after >= threshold
    return StressResult(
        name=name,
        about=ABOUT[name],
        n=len(truth),
        positives=int(truth.sum()),
        recall=resampler.share(truth & now, truth),
        fpr=resampler.share(~truth & now, ~truth),
        auc=resampler.auc(truth, after),
        recall_delta=resampler.share_change(truth & was, truth & now, truth),
        fpr_delta=resampler.share_change(~truth & was, ~truth & now, ~truth),
        auc_delta=resampler.auc_change(truth, before, after),
    )


def _skin_parts(share: NDArray[np.float64]) -> list[tuple[str, Flags]]:
    bounds = [0.0, *(bound for bound, _ in SKIN)]
    return [(name, (share >= low) & (share < high)) for low, (high, name) in zip(bounds, SKIN, strict=False)]


def _window(picture: Pixels, height: int, width: int, rng: np.random.Generator) -> Pixels:
    top = rng.integers(picture.shape[0] - height + 1)
    left = rng.integers(picture.shape[1] - width + 1)
    return picture[top : top + height, left : left + width]
