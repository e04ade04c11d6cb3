"""Outlier detectors beside the classifier: could they replace it, and do they know when it is out of its depth?

Two questions, since "normal" is everything else (row B8):

- *As a classifier*: fitted on one class alone, is a positive what looks unlike the normal pictures, or like the
  positive ones?
- *As a flag*: fitted on all that was trained on, does "unlike anything seen" tell pictures on which the classifier
  errs, or pictures of sources it never saw; and is it right more often when the flagged ones are withheld?

The classifier answers both as well (by its probability, and by how near the threshold a picture comes): a detector
helps only where it beats that. Settings are chosen on val, never on test or ood.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from store.progress import Progress, track
from training.evaluation.curves import Flags
from training.evaluation.detectors import Embeddings, detectors, views
from training.evaluation.outlier_scores import AsClassifier, AsFlag, Embedded, Scores, as_classifier, as_flag
from training.splits import VAL

log = logging.getLogger(__name__)

CLASSIFIER = "classifier"
# Either way of being judged.
Judged = TypeVar("Judged", AsClassifier, AsFlag)


@dataclass(frozen=True)
class DetectorScore:
    """What a detector is worth on every held-out split, with the setting that val chose for each question."""

    name: str
    classifier_setting: str
    flag_setting: str
    as_classifier: tuple[AsClassifier, ...]
    as_flag: tuple[AsFlag, ...]

    def as_json(self) -> dict[str, object]:
        """Return the object that an evaluation's JSON holds."""
        return {
            "name": self.name,
            "as_classifier": {
                "setting": self.classifier_setting,
                "splits": {found.split: found.as_json() for found in self.as_classifier},
            },
            "as_flag": {
                "setting": self.flag_setting,
                "splits": {found.split: found.as_json() for found in self.as_flag},
            },
        }


@dataclass(frozen=True)
class _Tried:
    """A fitted detector's scores of each picture [n] of each split: higher is more unusual, or more positive."""

    name: str
    setting: str
    scores: Mapping[str, Scores]


def evaluate_detectors(
    train: Embeddings,
    positives: Flags,
    held_out: Sequence[Embedded],
    threshold: float,
    seed: int = 0,
    progress: Progress = track,
) -> tuple[DetectorScore, ...]:
    """Return the classifier's own score first, then every detector's.

    ``train`` is float32 [n, d], ``positives`` bool[n]. ``held_out`` has val, on which settings are chosen.
    ValueError without val, or without two pictures of each class to fit on.
    """
    truth = np.asarray(positives, np.bool_)
    if VAL not in [split.name for split in held_out]:
        raise ValueError(f"settings are chosen on '{VAL}', which is not among {[split.name for split in held_out]}")
    if min(truth.sum(), (~truth).sum()) < 2:
        raise ValueError("a detector needs at least two pictures of each class to fit on")
    one_class = [
        *_tried(train[~truth], "fitted on normals", held_out, seed, progress),
        *_tried(train[truth], "fitted on positives", held_out, seed, progress, sign=-1),
    ]
    everything = _tried(train, "fitted on all", held_out, seed, progress, labels=truth)
    found = [_own(held_out, threshold)]
    for name in dict.fromkeys(tried.name for tried in everything):
        concept = _best(
            [tried for tried in one_class if tried.name == name],
            lambda scores: as_classifier(held_out, scores),
            lambda on_val: on_val.auc,
        )
        flag = _best(
            [tried for tried in everything if tried.name == name],
            lambda scores: as_flag(held_out, scores, threshold),
            lambda on_val: on_val.error_auc,
        )
        found.append(DetectorScore(name, concept[0], flag[0], concept[1], flag[1]))
    log.info("detectors evaluated n=%d splits=%s", len(found), [split.name for split in held_out])
    return tuple(found)


def _tried(
    train: Embeddings,
    fitted_on: str,
    held_out: Sequence[Embedded],
    seed: int,
    progress: Progress,
    *,
    labels: Flags | None = None,
    sign: int = 1,
) -> list[_Tried]:
    """Fit every detector in every view on ``train``; sign -1 turns "unusual" into "familiar"."""
    tried = []
    ways = list(views(len(train), train.shape[1], seed))
    for view, pipeline in progress(ways, f"outliers, {fitted_on}", len(ways)):
        seen = pipeline.fit_transform(train)
        unseen = {split.name: pipeline.transform(split.embeddings) for split in held_out}
        for detector in detectors(len(train), seed):
            fitted = detector.estimator.fit(seen, np.zeros(len(train)) if labels is None else labels)
            scores = {name: -sign * fitted.score_samples(pictures) for name, pictures in unseen.items()}
            tried.append(_Tried(detector.name, f"{fitted_on}, {detector.setting}, {view}", scores))
    return tried


def _best(
    tried: Sequence[_Tried],
    judge: Callable[[Mapping[str, Scores]], tuple[Judged, ...]],
    worth: Callable[[Judged], float | None],
) -> tuple[str, tuple[Judged, ...]]:
    """Return the setting that is worth most on val, and what it is worth on every split."""
    ways = [(way.setting, judge(way.scores)) for way in tried]
    return max(ways, key=lambda way: worth(next(found for found in way[1] if found.split == VAL)) or 0.0)


def _own(held_out: Sequence[Embedded], threshold: float) -> DetectorScore:
    """Return what the classifier's own answer is worth: what a detector has to beat."""
    probability = {split.name: split.probabilities.astype(np.float64) for split in held_out}
    nearness = {name: -np.abs(_log_odds(scores) - _log_odds(threshold)) for name, scores in probability.items()}
    return DetectorScore(
        CLASSIFIER,
        "its probability",
        "nearness to the threshold, in log-odds",
        as_classifier(held_out, probability),
        as_flag(held_out, nearness, threshold),
    )


def _log_odds(probability: Any) -> Any:
    # Clipped at what float32 can hold apart from 1: beyond it all are equally sure.
    clipped = np.clip(probability, 1e-7, 1 - 1e-7)
    return np.log(clipped) - np.log1p(-clipped)
