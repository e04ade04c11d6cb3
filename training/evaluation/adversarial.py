"""How little it takes to fool the network: white-box attacks on its input, and noise of the same size beside them.

The attacker knows the weights and changes the network's own input, float32 RGB 0..255 at its size. To reach that
through a picture's file he would also have to survive JPEG, the resize and other people's crops, so these numbers
bound from above what an attack from the web can do. A positive is hidden and a normal picture is framed; both
directions are told apart.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from store.progress import Progress, track
from training.evaluation.curves import Flags
from training.evaluation.pixel_budget import PixelBudget, Spent, spend
from training.evaluation.white_box import Pixels, Target, fgsm, noise, pgd

log = logging.getLogger(__name__)

AT_MOST = 200


@dataclass(frozen=True)
class Limits:
    """What the attacker may do: sizes of the ball, PGD steps in it, the share of pixels to change; and his seed."""

    eps: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    steps: int = 10
    cap: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Strike:
    """What is left of the two rates at the threshold after one attack within ``eps`` (L-infinity, 0..255)."""

    attack: str  # "none" | "noise" | "fgsm" | "pgd"
    eps: float
    recall: float | None  # of the attacked positives; None without positives
    false_positive_rate: float | None  # of the attacked normals; None without normals

    def as_json(self) -> dict[str, object]:
        """Return the object that an evaluation's JSON holds."""
        return {
            "attack": self.attack,
            "eps": self.eps,
            "recall": self.recall,
            "false_positive_rate": self.false_positive_rate,
        }


@dataclass(frozen=True)
class Adversarial:
    """The attacks on ``positives`` + ``normals`` pictures of ``size`` pixels a side, judged at ``threshold``."""

    threshold: float
    positives: int
    normals: int
    size: int
    steps: int
    seed: int
    strikes: tuple[Strike, ...]
    hiding: PixelBudget
    framing: PixelBudget

    def as_json(self) -> dict[str, object]:
        """Return the object that an evaluation's JSON holds; undefined is null."""
        return {
            "threshold": self.threshold,
            "positives": self.positives,
            "normals": self.normals,
            "size": self.size,
            "pgd_steps": self.steps,
            "seed": self.seed,
            "strikes": [strike.as_json() for strike in self.strikes],
            "pixel_budget": {"hiding": self.hiding.as_json(), "framing": self.framing.as_json()},
        }


def sample(positives: Flags, seed: int, at_most: int = AT_MOST) -> NDArray[np.int64]:
    """Return the places of at most ``at_most`` pictures, rising, half of them positive where there are enough."""
    rng = np.random.default_rng(seed)
    true, false = (rng.permutation(np.flatnonzero(kind)) for kind in (positives, ~positives))
    half = at_most // 2
    from_true = max(half, at_most - len(false))
    true = true[:from_true]
    return np.sort(np.concatenate([true, false[: at_most - len(true)]]))


def attack(
    model: keras.Model,
    pixels: Pixels,
    positives: Flags,
    positive: int,
    threshold: float,
    limits: Limits = Limits(),
    progress: Progress = track,
) -> Adversarial:
    """Attack ``model`` on every picture of ``pixels`` (float32 [n, size, size, 3], 0..255) within ``limits``.

    ``positives`` is bool[n], the truth; ``positive`` the place of the positive class in the network's answer.
    Cost: at most about n * (sizes * steps + 35) gradients; pictures that have fallen cost nothing more.
    ValueError for pixels outside 0..255 or a network without the softmax layer "probabilities".
    """
    truth = np.asarray(positives, np.bool_)
    _check(pixels, truth)
    target = Target(model, positive, threshold)
    strikes = _strikes(target, pixels, truth, limits, progress)
    spent = spend(target, pixels, truth, limits.cap, progress)
    log.info("attacked n=%d seed=%d", len(truth), limits.seed)
    return Adversarial(
        threshold=float(threshold),
        positives=int(truth.sum()),
        normals=int((~truth).sum()),
        size=pixels.shape[1],
        steps=limits.steps,
        seed=limits.seed,
        strikes=tuple(strikes),
        hiding=_budget(spent, truth),
        framing=_budget(spent, ~truth),
    )


def _strikes(target: Target, pixels: Pixels, truth: Flags, limits: Limits, progress: Progress) -> Iterator[Strike]:
    """Yield the rates untouched, then after noise, FGSM and PGD in each ball, the smallest first."""
    covered, slopes = target.look(pixels)
    yield _strike("none", 0.0, truth, covered)
    fallen = covered != truth
    for number, eps in enumerate(progress(sorted(limits.eps), "attack", len(limits.eps))):
        rng = np.random.default_rng([limits.seed, number])
        yield _strike("noise", eps, truth, target.covers(noise(pixels, eps, rng)))
        yield _strike("fgsm", eps, truth, target.covers(fgsm(pixels, slopes, truth, eps)))
        # What fell in a smaller ball lies in this one too: it need not be found again.
        left = np.flatnonzero(~fallen)
        found = pgd(target, pixels[left], truth[left], eps, limits.steps, rng)
        fallen[left] = target.covers(found) != truth[left]
        yield _strike("pgd", eps, truth, truth ^ fallen)


def _strike(name: str, eps: float, truth: Flags, covered: Flags) -> Strike:
    recall, framed = (float(covered[kind].mean()) if kind.any() else None for kind in (truth, ~truth))
    return Strike(name, float(eps), recall, framed)


def _budget(spent: Spent, kind: Flags) -> PixelBudget:
    """Return the quartiles over the pictures of one kind that were judged right before anything was changed."""
    counts = spent.counts[kind & (spent.counts > 0)]
    # By rank, not interpolated: between a number and "more than the cap" there is nothing.
    ranks = np.quantile(counts, (0.25, 0.5, 0.75), method="inverted_cdf") if len(counts) else [np.inf] * 3
    low, middle, high = (int(rank) if np.isfinite(rank) else None for rank in ranks)
    return PixelBudget(len(counts), int(np.isfinite(counts).sum()), spent.of, spent.cap, low, middle, high)


def _check(pixels: Pixels, truth: Flags) -> None:
    if pixels.ndim != 4 or truth.shape != pixels.shape[:1]:
        raise ValueError(f"pixels {pixels.shape} and positives {truth.shape} must be of one length")
    if len(pixels) and (pixels.min() < 0 or pixels.max() > 255):
        raise ValueError("pixels must lie in 0..255")
