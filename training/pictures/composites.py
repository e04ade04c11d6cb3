"""Composites: hole clusters, drawn or cut from photographs, pasted onto normal photographs; and their twins.

People paste clusters onto ordinary pictures. A network that saw only positives pasted would learn pasting: so every
composite has a twin on the same photograph, pasted in the same way through the same camera, that shows a look-alike
(polka dots, weave, keys, a piece of another normal photograph) and is labelled normal. Composite 2k is positive and
2k + 1 its normal twin; each follows from (seed, index) and the photographs alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import synthetic
from inference.preprocess import stretch
from store.blobs import Blobs
from store.errors import InputError
from store.pictures import decode_stored
from store.progress import Progress
from synthetic.kinds import kind_named
from synthetic.relief import any_light
from synthetic.warp import Pose, placed
from training.pictures.cache import DECODER, RowCache
from training.pictures.pasting import SHARES, Way, any_way, paste, photographed

T = TypeVar("T")

# Raise it when the pixels that a composite gets change (this file, training/pictures/pasting.py, synthetic/).
COMPOSER = 2

# Longest side in pixels: no network looks at more, and pasting costs by the pixel.
LONGEST = 384
# Pixels a side of a drawn thing.
DRAWN = 192
# How many are cut from photographs and not drawn, where there are photographs to cut from.
TRANSPLANTS = 0.4
POSITIVE_KINDS = tuple(kind.name for kind in synthetic.KINDS if kind.positive)
# What is most easily taken for holes, and as full of detail as they are, comes twice as often: else the bytes of a
# JPEG would tell a composite from its twin.
ALIKE = ("grid", "weave", "pebbles", "few_holes", "keys", "windows", "cracked_ground", "confetti", "text_page")
NORMAL_KINDS = tuple(kind.name for kind in synthetic.KINDS if not kind.positive and kind.surface) + ALIKE

# Dots that shade a wall are holes in it: these are only ever laid on.
FLAT = ("polka_dots",)


@dataclass(frozen=True)
class Plan:
    """What one composite is made of.

    ``background`` is an index into the normal photographs; ``source`` one into the photographs of its class that a
    piece is cut from, or None where ``kind`` is drawn.
    """

    seed: int
    index: int
    background: int
    source: int | None
    kind: str

    @property
    def positive(self) -> bool:
        """Whether holes are pasted."""
        return self.index % 2 == 0


@dataclass(frozen=True)
class Composite:
    """``pixels`` uint8 [h, w, 3] of the background's size (384 a side at most); ``kind``: what was pasted."""

    pixels: NDArray[np.uint8]
    positive: bool
    kind: str


def plan_composites(count: int, seed: int, normals: int, positives: int) -> list[Plan]:
    """Plan composites 0 .. ``count`` - 1 from this many normal and positive photographs.

    Without positive photographs everything is drawn. InputError when there is no normal one.
    """
    if normals == 0:
        raise InputError("composites: there is no normal photograph to paste onto")
    return [_plan(seed, index, normals, positives) for index in range(count)]


def compose(plan: Plan, background: Image.Image, source: Image.Image | None) -> Composite:
    """Make the composite of a plan from its photographs (RGB)."""
    # One stream for the way and one for the thing: twins share the first.
    ways = np.random.default_rng([plan.seed, plan.index // 2, 1])
    things = np.random.default_rng([plan.seed, plan.index, 2])
    canvas = background.copy()
    canvas.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    picture = np.asarray(canvas, np.float32)
    for share in _shares(ways):
        way = any_way(ways, share)
        if plan.kind in FLAT and way.mode not in {"plain", "toned"}:
            way = replace(way, mode="toned")
        picture = paste(picture, _thing(things, plan, way, source), way, share)
    return Composite(photographed(ways, picture), plan.positive, plan.kind)


@dataclass(frozen=True)
class CompositePixels:
    """Composites as rows of a pixel cache [*, size, size, 3] uint8; ``names`` (sha256) say what each is made of."""

    names: tuple[str, ...]
    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    positives: NDArray[np.bool_]


def composite_pixels(
    blobs: Blobs,
    normals: Sequence[str],
    positives: Sequence[str],
    count: int,
    seed: int,
    size: int,
    folder: Path,
    progress: Progress,
) -> CompositePixels:
    """Return the pixels of composites 0 .. ``count`` - 1 at ``size``, making those that the cache lacks.

    ``normals`` and ``positives`` are sha256 of stored photographs. The cache in ``folder`` is named by what decides
    the pixels, so a later run with the same pictures makes nothing anew; the same composite can be had at any size.
    Raises InputError when there is no normal photograph, or a blob is missing or damaged; StoreError when the disk
    is full.
    """
    plans = plan_composites(count, seed, len(normals), len(positives))
    digests = {_name(plan, normals, positives): plan for plan in plans}
    cache = RowCache(folder / f"composites-{COMPOSER}-{DECODER}-{size}", (size, size, 3), np.uint8)

    def make(wanted: Sequence[str]) -> NDArray[np.uint8]:
        jobs = [_with_photographs(digests[name], normals, positives) for name in wanted]
        return np.stack(list(map(partial(_compose_blobs, blobs, size), jobs)))

    rows = cache.fill(list(digests), make, 128, progress, "compose")
    positive = np.array([plan.positive for plan in plans], np.bool_)
    return CompositePixels(tuple(digests), cache.open(), rows, positive)


def _plan(seed: int, index: int, normals: int, positives: int) -> Plan:
    ways, things = np.random.default_rng([seed, index // 2, 0]), np.random.default_rng([seed, index])
    background, cut = int(ways.integers(normals)), bool(ways.random() < TRANSPLANTS and positives)
    positive = index % 2 == 0
    if cut:
        source = int(things.integers(positives if positive else normals))
        return Plan(seed, index, background, source, "transplant")
    kinds = POSITIVE_KINDS if positive else NORMAL_KINDS
    return Plan(seed, index, background, None, kinds[int(things.integers(len(kinds)))])


def _shares(rng: np.random.Generator) -> list[float]:
    """The shares of the picture that one to three things cover, together a quarter or more."""
    low, high = SHARES
    total = float(low * (high / low) ** rng.random())
    count = int(rng.choice([1, 2, 3], p=[0.75, 0.17, 0.08]))
    if count == 1:
        return [total]
    parts = rng.dirichlet([4.0] * count) * max(total, 0.4)
    return [float(part) for part in parts]


def _thing(rng: np.random.Generator, plan: Plan, way: Way, source: Image.Image | None) -> Image.Image:
    """What is pasted, RGBA, to be stretched into the way's box; small boxes show a part: holes stay holes."""
    reach = float(np.sqrt(way.size[0] * way.size[1]))
    magnification = float(rng.uniform(0.65, 1.2))
    window = min(1.0, reach / magnification)
    if source is not None:
        # Half of a photograph may miss what its label says of the whole.
        return _turned(rng, _window(rng, source.convert("RGBA"), max(window, 0.6), 0.5))
    if way.keeps_outline:
        return Image.fromarray(synthetic.patch(int(rng.integers(2**31)), plan.kind, DRAWN))
    surface = kind_named(plan.kind).surface
    if surface is None:
        raise ValueError(f"{plan.kind} has no surface to paste")
    sheet = surface(rng, (DRAWN, DRAWN), any_light(rng))
    tilt = (float(rng.uniform(-0.3, 0.3)), float(rng.uniform(-0.3, 0.3)))
    pose = Pose((0.5, 0.5), (1, 1), float(rng.normal(0, 0.3)), tilt, float(rng.uniform(-0.2, 0.4)), 0.02, 4.0)
    drawn = placed(sheet, (DRAWN, DRAWN), pose, cover=True)
    return _window(rng, drawn, max(window, 0.6), 0.5)


def _window(rng: np.random.Generator, image: Image.Image, side: float, stray: float) -> Image.Image:
    """A part with this share of the sides; ``stray`` 0 is always the middle, 1 anywhere."""
    left, top = (float((1 - side) * (0.5 + stray * (rng.random() - 0.5))) for _ in range(2))
    width, height = round(side * image.width), round(side * image.height)
    x, y = round(left * image.width), round(top * image.height)
    return image.crop((x, y, x + width, y + height))


def _turned(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """One of the eight orientations."""
    turn = rng.choice([None, *Image.Transpose])
    return image if turn is None else image.transpose(turn)


def _with_photographs(plan: Plan, normals: Sequence[T], positives: Sequence[T]) -> tuple[Plan, T, T | None]:
    sources = positives if plan.positive else normals
    return plan, normals[plan.background], None if plan.source is None else sources[plan.source]


def _name(plan: Plan, normals: Sequence[str], positives: Sequence[str]) -> str:
    """What decides the pixels of a composite but for their number, as the key of caches."""
    _, background, source = _with_photographs(plan, normals, positives)
    decisive = f"{COMPOSER} {DECODER} {plan.seed} {plan.index} {plan.kind} {background} {source}"
    return sha256(decisive.encode()).hexdigest()


def _compose_blobs(blobs: Blobs, size: int, job: tuple[Plan, str, str | None]) -> NDArray[np.uint8]:
    plan, background, source = job
    cut_from = None if source is None else decode_stored(blobs, source)
    return stretch(Image.fromarray(compose(plan, decode_stored(blobs, background), cut_from).pixels), size)
