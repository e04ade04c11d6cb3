"""How many pixels must change, each to anything, until the network changes its mind.

A greedy attack on saliency: the pixels whose change would move the log-odds most, by the slope, go to black or
white in each channel, and the slope is taken again. After Papernot et al., 2016 (arXiv:1511.07528, JSMA), with the
gain of a whole pixel as its saliency, since a reader counts pixels and not channels. It finds an upper bound of the
true budget: a cleverer attacker needs fewer.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.progress import Progress
from training.evaluation.curves import Flags
from training.evaluation.white_box import Target, away

# One more pixel a round would cost hundreds of gradients a picture; so a count may be a quarter too high.
GROWTH = 1.25


@dataclass(frozen=True)
class Spent:
    """How many of its ``of`` pixels each picture fell to, and the pictures as they were left."""

    counts: NDArray[np.float64]  # [n]; 0 where it was judged wrong before, inf above the cap
    cap: int
    of: int
    pixels: NDArray[np.float32]  # [n, size, size, 3]


@dataclass(frozen=True)
class PixelBudget:
    """Of ``pictures`` that were judged right ``flipped`` fell to at most ``cap`` of their ``pixels`` pixels.

    The quartiles are numbers of pixels over all ``pictures``; None where that quarter needs more than the cap.
    """

    pictures: int
    flipped: int
    pixels: int
    cap: int
    lower_quartile: int | None
    median: int | None
    upper_quartile: int | None

    def share(self, count: int | None) -> float | None:
        """Return ``count`` as a share of the picture's pixels."""
        return None if count is None else count / self.pixels

    def as_json(self) -> dict[str, Any]:
        """Return an evaluation's JSON: cap and quartiles as shares of the pixels, null above the cap."""
        return {
            "pictures": self.pictures,
            "flipped": self.flipped,
            "pixels": self.pixels,
            "cap": self.cap / self.pixels,
            "lower_quartile": self.share(self.lower_quartile),
            "median": self.share(self.median),
            "upper_quartile": self.share(self.upper_quartile),
        }


def spend(target: Target, pixels: NDArray[np.float32], positives: Flags, cap: float, progress: Progress) -> Spent:
    """Change ever more pixels of ``pixels`` (float32 [n, size, size, 3], 0..255) until each picture falls.

    At most the share ``cap`` of a picture's pixels is changed; a pixel is changed once.
    """
    found = pixels.copy()
    of = pixels.shape[1] * pixels.shape[2]
    most = max(1, int(cap * of))
    counts = np.full(len(pixels), np.inf)
    changed = np.zeros((len(pixels), of), np.bool_)
    rounds = [*_rounds(most), most]
    left = np.arange(len(pixels))
    for total, following in progress(pairwise(rounds), "pixel budget", len(rounds) - 1):
        covered, slopes = target.look(found[left])
        fallen = covered != positives[left]
        counts[left[fallen]] = total
        left, slopes = left[~fallen], slopes[~fallen]
        if not len(left) or following == total:
            break
        found[left], changed[left] = _paint(
            found[left], changed[left], slopes * away(positives[left]), following - total
        )
    return Spent(counts, most, of, found)


def _rounds(most: int) -> list[int]:
    """Return how many pixels are changed at each look: 0, 1, 2, ... and then a quarter more each time."""
    rounds = [0]
    while rounds[-1] < most:
        rounds.append(min(most, max(rounds[-1] + 1, ceil(rounds[-1] * GROWTH))))
    return rounds


def _paint(
    pictures: NDArray[np.float32], changed: Flags, push: NDArray[np.float32], count: int
) -> tuple[NDArray[np.float32], Flags]:
    """Return the pictures with ``count`` more pixels where ``push`` points to, black or white; and which are."""
    extreme = np.where(push > 0, np.float32(255), np.float32(0))
    gain = (push * (extreme - pictures)).sum(axis=3).reshape(changed.shape)
    gain[changed] = -np.inf
    chosen = np.argpartition(-gain, count - 1, axis=1)[:, :count]
    now = changed.copy()
    np.put_along_axis(now, chosen, values=True, axis=1)
    fresh = (now & ~changed).reshape(pictures.shape[:3])[..., None]
    return np.where(fresh, extreme, pictures), now
