"""How good is a fitted network? It is calibrated, cut by its contract, and looked at from every side."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.errors import WeightsError
from training.evaluation.adversarial import Limits, attack, sample
from training.evaluation.curves import SplitScores
from training.evaluation.judge import Judged, calibrate, choose, evaluate_run, scores_of, subjects_of
from training.evaluation.out_of_fold import out_of_fold_probabilities
from training.evaluation.outlier_scores import Embedded
from training.evaluation.outliers import evaluate_detectors
from training.evaluation.results import Evaluation
from training.evaluation.slices import facts_of
from training.evaluation.stress import Stressed, measure_stress
from training.evaluation.threshold import Threshold
from training.fitting.data import Data, embed_snapshot
from training.job import Job, fetch_for
from training.networks.backbones import embedder
from training.networks.forward import forward
from training.networks.heads import shift_prior, soften
from training.splits import TEST, TRAIN
from training.stages import Fitted


@dataclass(frozen=True)
class Assessment:
    """A network's word on the snapshot, where it is cut, and how good that is.

    ``uncalibrated`` are the held-out splits as the network scored them before its calibration.
    """

    judged: Judged
    threshold: Threshold
    evaluation: Evaluation
    uncalibrated: tuple[SplitScores, ...]


def assess(job: Job, fitted: Fitted) -> Assessment:
    """Calibrate ``fitted``'s network in place, choose its threshold on val, and measure every held-out split.

    InputError when a blob has gone meanwhile; WeightsError and StoreError where embeddings are computed anew.
    """
    model, data, concept = fitted.model, fitted.data, job.concept
    answers = _answers(job, model, data)
    labels = data.whole.labels
    folds = _out_of_fold(job, data)
    raw = _judged(job, data, answers[:, concept.positive_index], folds)
    rescaling, calibration = calibrate(job.snapshot, answers, labels, concept)
    soften(model, rescaling.temperature)
    shift_prior(model, concept.positive_index, rescaling.bias)
    judged = _judged(job, data, rescaling(answers)[:, concept.positive_index], folds)
    threshold = choose(judged, concept)
    with job.store.session() as session:
        facts = facts_of(session, concept.concept, [example.sha256 for example in job.snapshot.examples])
    evaluation = evaluate_run(
        judged,
        threshold,
        concept,
        facts=facts,
        calibration=calibration,
        stressed=_stressed(job, model, judged, threshold) if concept.evaluate.stress else None,
        adversarial=_attacked(job, model, data, threshold) if concept.evaluate.attacked else None,
        outliers=_outliers(job, model, data, judged, threshold) if concept.evaluate.outliers else None,
    )
    return Assessment(judged, threshold, evaluation, scores_of(raw))


def _answers(job: Job, model: Any, data: Data) -> NDArray[np.float32]:
    """The network's probabilities [n, classes] of every held-out picture, in the snapshot's order; 0 for train."""
    answers = np.zeros((len(data.whole), len(job.concept.classes)), np.float32)
    answer = forward(model)
    for split in job.snapshot.held_out_splits:
        pictures = data.of(split)
        answers[data.where[split]] = answer(pictures.pixels, pictures.rows)
    return answers


def _out_of_fold(job: Job, data: Data) -> NDArray[np.float32]:
    """Folds' word for the training pictures: the network has learnt their labels by heart, wrong ones too.

    NaN where there is no network that has learnt none of them.
    """
    train = data.where[TRAIN]
    embeddings = _untaught(job, data)
    if embeddings is None:
        return np.full(len(train), np.nan, np.float32)
    groups = job.snapshot.groups_at(train)
    truth = data.whole.positives[train]
    return out_of_fold_probabilities(embeddings[train], truth, groups, seed=job.concept.train.seed)


def _untaught(job: Job, data: Data) -> NDArray[np.float32] | None:
    """Embeddings [n, d] by a network that has seen no label; None where none can be had.

    One that started from a bundle has what that one learnt: folds over its features would agree with wrong labels.
    """
    if job.fit.pretrained is None or job.fit.pretrained.link != "bundle":
        return data.embeddings
    recipe, store = job.concept.train, job.store
    if job.teachers:
        teacher = job.teachers[0]
        return embed_snapshot(store, job.concept, teacher.recipe, job.snapshot, teacher.pretrained)
    try:
        return embed_snapshot(store, job.concept, recipe, job.snapshot, fetch_for(recipe, store.home))
    except WeightsError:
        return None


def _judged(job: Job, data: Data, probabilities: NDArray[np.float32], out_of_fold: NDArray[np.float32]) -> Judged:
    found = probabilities.astype(np.float32)
    found[data.where[TRAIN]] = out_of_fold
    return Judged(job.snapshot, data.whole.positives, found)


def _stressed(job: Job, model: Any, judged: Judged, threshold: Threshold) -> Stressed:
    answer, positive = forward(model), job.concept.positive_index

    def judge(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return answer(pixels, np.arange(len(pixels)))[:, positive]

    recipe = job.concept.train
    return measure_stress(
        subjects_of(judged), job.store.blobs, judge, recipe.input_size, threshold.value, recipe.seed
    )


def _attacked(job: Job, model: Any, data: Data, threshold: Threshold) -> dict[str, Any]:
    test, seed = data.of(TEST), job.concept.train.seed
    chosen = sample(test.positives, seed, job.concept.evaluate.attacked)
    pixels = test.pixels[test.rows[chosen]].astype(np.float32)
    limits = replace(Limits(), seed=seed)
    return attack(model, pixels, test.positives[chosen], test.positive, threshold.value, limits).as_json()


def _outliers(
    job: Job, model: Any, data: Data, judged: Judged, threshold: Threshold
) -> tuple[dict[str, object], ...]:
    """Judge outlier detectors on what the fitted network makes of the pictures, not on the frozen embeddings."""
    see = forward(embedder(model))

    def embedded(split: str) -> NDArray[np.float32]:
        pictures = data.of(split)
        return see(pictures.pixels, pictures.rows)

    held_out = [
        Embedded(split, embedded(split), judged.positives[where], judged.probabilities[where])
        for split in job.snapshot.held_out_splits
        for where in [data.where[split]]
    ]
    train = data.of(TRAIN)
    found = evaluate_detectors(embedded(TRAIN), train.positives, held_out, threshold.value, job.concept.train.seed)
    return tuple(score.as_json() for score in found)
