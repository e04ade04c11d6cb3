"""What a score of unusualness is worth on held-out pictures: as a classifier, and as a flag beside one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from training.evaluation.curves import Flags
from training.evaluation.detectors import Embeddings
from training.evaluation.evaluate import confusion, measure
from training.splits import VAL

Scores = NDArray[np.float64]

# Of val is flagged; of every split is withheld, so that all detectors are compared at equal coverage.
FLAGGED = 0.05
RATE = "0.005"


@dataclass(frozen=True)
class Embedded:
    """A held-out split as the network sees it: n pictures, and the classifier's opinion of them."""

    name: str
    embeddings: Embeddings  # [n, d]
    positives: Flags  # [n]
    probabilities: NDArray[np.float32]  # [n], of the positive class


@dataclass(frozen=True)
class AsClassifier:
    """How well a score finds the positives of a split; None where the split lacks a class."""

    split: str
    n: int
    positives: int
    auc: float | None
    recall_at_fpr: float | None  # the most recall at a false positive rate of at most .5 %

    def as_json(self) -> dict[str, object]:
        """Return the object that an evaluation's JSON holds."""
        return {
            "n": self.n,
            "positives": self.positives,
            "auc": self.auc,
            "recall_at_fpr_0.005": self.recall_at_fpr,
        }


@dataclass(frozen=True)
class AsFlag:
    """What flagging the most unusual pictures of a split would do; None where it is undefined.

    "Kept" is what remains of the split when its 5 % most unusual pictures are withheld from the classifier.
    """

    split: str
    n: int
    errors: int  # of the classifier, at its threshold
    error_auc: float | None  # does the score tell the errors from the rest?
    unseen_auc: float | None  # does it tell this split from val? None for val
    flagged: float  # the share beyond the cut that flags 5 % of val
    error_rate: float | None
    kept_error_rate: float | None
    precision: float | None
    kept_precision: float | None
    recall: float | None
    kept_recall: float | None

    def as_json(self) -> dict[str, object]:
        """Return the object that an evaluation's JSON holds."""
        return {name: value for name, value in vars(self).items() if name != "split"}


def as_classifier(held_out: Sequence[Embedded], scores: Mapping[str, Scores]) -> tuple[AsClassifier, ...]:
    """Return how well the scores (by split, higher: more positive) find the positives of every split."""
    found = []
    for split in held_out:
        measured = measure(split.positives, _ranked(scores[split.name]), 1.0)
        found.append(
            AsClassifier(split.name, measured.n, measured.positives, measured.auc, measured.recall_at_fpr[RATE])
        )
    return tuple(found)


def as_flag(held_out: Sequence[Embedded], scores: Mapping[str, Scores], threshold: float) -> tuple[AsFlag, ...]:
    """Return what flagging by the scores (by split, higher: more unusual) would do to the classifier's answers."""
    cut = np.quantile(scores[VAL], 1 - FLAGGED)
    found = []
    for split in held_out:
        unusual = scores[split.name]
        wrong = (split.probabilities.astype(np.float64) >= threshold) != split.positives
        kept = np.argsort(unusual, kind="stable")[: round((1 - FLAGGED) * len(unusual))]
        before = confusion(split.positives, split.probabilities, threshold)
        after = confusion(split.positives[kept], split.probabilities[kept], threshold)
        found.append(
            AsFlag(
                split=split.name,
                n=len(unusual),
                errors=int(wrong.sum()),
                error_auc=_auc(unusual[wrong], unusual[~wrong]),
                unseen_auc=None if split.name == VAL else _auc(unusual, scores[VAL]),
                flagged=float((unusual > cut).mean()),
                error_rate=_mean(wrong),
                kept_error_rate=_mean(wrong[kept]),
                precision=before.precision,
                kept_precision=after.precision,
                recall=before.recall,
                kept_recall=after.recall,
            )
        )
    return tuple(found)


def _auc(above: Scores, below: Scores) -> float | None:
    """Return how often a score of ``above`` exceeds one of ``below``; None when there is none of either."""
    if not len(above) or not len(below):
        return None
    truth = np.arange(len(above) + len(below)) < len(above)
    return float(roc_auc_score(truth, np.concatenate([above, below])))


def _ranked(scores: Scores) -> Scores:
    """Return the scores on 0..1 in the same order, equal ones equal."""
    values, places = np.unique(scores, return_inverse=True)
    return places / max(1, len(values) - 1)


def _mean(wrong: Flags) -> float | None:
    return float(wrong.mean()) if len(wrong) else None
