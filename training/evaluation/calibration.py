"""Honest probabilities: logits rescaled on val, so that of the pictures given .8 about eight in ten are positive.

Temperature scaling (Guo et al., 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599, section 4.2):
softmax(z / T), with the one T that minimises the negative log likelihood of val. Where it helps, the positive
class's logit is shifted as well: a network that was shown another share of positives than there is needs that. The
shift is taken only if it lowers the likelihood of groups of val that it was not fitted on. Of two classes neither
changes which picture is likelier; of more a temperature may, so that everything is measured after it.

Nothing is multiplied in later: T and the shift go into the last layer of the network that is exported.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.errors import InputError
from training.evaluation.curves import Flags, Floats, reliability
from training.evaluation.intervals import Groups, group_numbers
from training.evaluation.results import Calibration, CalibrationError

FOLDS = 5
BINS = 10
# Where val is told apart without an error, no finite temperature is the best one.
COLDEST, HOTTEST = 0.1, 10.0
_SMALLEST = 1e-30  # of a probability: float32 holds it, and its logarithm is finite
_STEPS = 50


@dataclass(frozen=True)
class Rescaling:
    """softmax(log p / temperature + bias on the positive class): what a calibration does to probabilities."""

    positive_index: int
    temperature: float = 1.0
    bias: float = 0.0

    def __call__(self, probabilities: Floats) -> NDArray[np.float32]:
        """Return probabilities float32[n, classes] for those of the uncalibrated network, float[n, classes]."""
        logits = _logarithms(probabilities) / self.temperature
        logits[:, self.positive_index] += self.bias
        return np.exp(_log_softmax(logits)).astype(np.float32)


def fit_rescaling(
    probabilities: Floats,
    labels: NDArray[np.int64],
    positive_index: int,
    groups: Groups | None = None,
    seed: int = 0,
) -> Rescaling:
    """Return the rescaling with the least negative log likelihood on these pictures (val).

    ``probabilities`` float[n, classes], ``labels`` int[n]. A bias is fitted too where it helps pictures of other
    groups. The temperature stays within COLDEST..HOTTEST. InputError when there are no pictures of two classes.
    """
    if len(np.unique(labels)) < 2:
        raise InputError("calibration: val has pictures of one class only; import or label more")
    logits = _logarithms(probabilities)
    scale, bias = _fit(
        logits, labels, positive_index, shifted=_shift_helps(logits, labels, positive_index, groups, seed)
    )
    return Rescaling(positive_index, 1 / scale, bias)


def calibration_error(
    split: str, rescaling: Rescaling, probabilities: Floats, labels: NDArray[np.int64]
) -> CalibrationError:
    """Return the errors of one split before and after ``rescaling`` of its ``probabilities`` float[n, classes]."""
    positive = labels == rescaling.positive_index
    before, after = np.asarray(probabilities), rescaling(probabilities)
    old, new = before[:, rescaling.positive_index], after[:, rescaling.positive_index]
    return CalibrationError(
        split=split,
        ece_before=_ece(positive, old, equal_mass=True),
        ece_after=_ece(positive, new, equal_mass=True),
        ece_width_before=_ece(positive, old, equal_mass=False),
        ece_width_after=_ece(positive, new, equal_mass=False),
        nll_before=_likelihood(_logarithms(before), labels),
        nll_after=_likelihood(_logarithms(after), labels),
    )


def calibration_of(
    rescaling: Rescaling, splits: dict[str, tuple[Floats, NDArray[np.int64]]], fitted_on: str = "val"
) -> Calibration:
    """Return what ``rescaling`` did to every split of (probabilities before it float[n, classes], labels)."""
    errors = tuple(calibration_error(name, rescaling, *scored) for name, scored in splits.items())
    return Calibration(rescaling.temperature, rescaling.bias, fitted_on, errors)


def _ece(positive: Flags, scores: Floats, equal_mass: bool) -> float:
    return reliability(positive, scores, BINS, equal_mass).error


def _shift_helps(
    logits: NDArray[np.float64], labels: NDArray[np.int64], positive_index: int, groups: Groups | None, seed: int
) -> bool:
    """Whether a bias beside the temperature lowers the likelihood of groups that neither was fitted on."""
    number = group_numbers(groups, len(labels))
    order = np.random.default_rng(seed).permutation(int(number.max()) + 1)
    fold_of = order[number] % FOLDS
    losses = np.zeros(2)
    for fold in range(FOLDS):
        held = fold_of == fold
        if not held.any() or len(np.unique(labels[~held])) < 2:
            return False
        for shifted in (False, True):
            scale, bias = _fit(logits[~held], labels[~held], positive_index, shifted)
            rescaled = _rescaled(logits[held], positive_index, scale, bias)
            losses[int(shifted)] += _likelihood(rescaled, labels[held]) * held.sum()
    return bool(losses[1] < losses[0])


def _fit(
    logits: NDArray[np.float64], labels: NDArray[np.int64], positive_index: int, shifted: bool
) -> tuple[float, float]:
    """Return (1 / temperature, bias) by Newton's method: the likelihood is convex in the two."""
    # Two features a class: its logit, and whether it is the positive one.
    features = np.stack(
        [logits, np.broadcast_to(np.arange(logits.shape[1]) == positive_index, logits.shape)], axis=2
    )
    used = 2 if shifted else 1
    features = features[:, :, :used]
    theta = np.array([1.0, 0.0])[:used]
    loss = _likelihood(features @ theta, labels)
    for _ in range(_STEPS):
        chances = np.exp(_log_softmax(features @ theta))
        mean = np.einsum("nc,ncf->nf", chances, features)
        gradient = (mean - features[np.arange(len(labels)), labels]).mean(axis=0)
        spread = np.einsum("nc,ncf,ncg->fg", chances, features, features) / len(labels) - mean.T @ mean / len(
            labels
        )
        step = np.linalg.lstsq(spread + 1e-12 * np.eye(used), gradient, rcond=None)[0]
        for shorter in 0.5 ** np.arange(30):
            trial = theta - shorter * step
            trial[0] = np.clip(trial[0], 1 / HOTTEST, 1 / COLDEST)
            tried = _likelihood(features @ trial, labels)
            if tried < loss:
                break
        else:
            break
        theta, gained, loss = trial, loss - tried, tried
        if gained < 1e-12:
            break
    return float(theta[0]), float(theta[1]) if shifted else 0.0


def _rescaled(logits: NDArray[np.float64], positive_index: int, scale: float, bias: float) -> NDArray[np.float64]:
    return np.asarray(logits * scale + bias * (np.arange(logits.shape[1]) == positive_index))


def _logarithms(probabilities: Floats) -> NDArray[np.float64]:
    """Return log p: the logits but for a constant a picture, which a softmax does not see."""
    return np.log(np.maximum(np.asarray(probabilities, np.float64), _SMALLEST))


def _likelihood(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the mean negative log likelihood of ``labels`` in nats."""
    return float(-_log_softmax(logits)[np.arange(len(labels)), labels].mean())


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
