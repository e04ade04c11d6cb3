"""Outlier detectors on drawn embeddings, where it is known what is unusual."""

import json

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.svm import OneClassSVM

from training.evaluation.detectors import EXACT_UP_TO, Mahalanobis, detectors
from training.evaluation.outlier_scores import Embedded, as_classifier, as_flag
from training.evaluation.outliers import DetectorScore, evaluate_detectors

FAMILIES = ("one-class SVM", "isolation forest", "local outlier factor", "Mahalanobis distance")
WIDTH = 40


def drawn(
    seed: int, *, normals: int = 200, positives: int = 60, away: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Normal pictures around the origin, positives along the first axis; all of them `away` along the last."""
    rng = np.random.default_rng(seed)
    truth = np.arange(normals + positives) >= normals
    embeddings = rng.normal(0, 1, (len(truth), WIDTH))
    embeddings[:, 0] += 12 * truth
    embeddings[:, -1] += away
    return embeddings.astype(np.float32), truth


def split(name: str, seed: int, *, away: float = 0.0, wrong: int = 6, sure: bool = True) -> Embedded:
    """A split with a classifier that errs on its first `wrong` pictures, nearer .5 there unless it is sure."""
    embeddings, truth = drawn(seed, normals=90, positives=30, away=away)
    said = np.where(np.arange(len(truth)) < wrong, ~truth, truth)
    margin = np.where(np.arange(len(truth)) < wrong, 4 if sure else 1, 4)
    logit = np.where(said, margin, -margin) / 2
    return Embedded(name, embeddings, truth, (1 / (1 + np.exp(-2 * logit))).astype(np.float32))


@pytest.fixture(scope="module")
def held_out() -> list[Embedded]:
    return [split("val", 1, sure=False), split("test", 2, sure=False), split("ood", 3, away=30.0)]


@pytest.fixture(scope="module")
def found(held_out: list[Embedded]) -> tuple[DetectorScore, ...]:
    return evaluate_detectors(*drawn(0), held_out, 0.5, seed=4)


def of(scores: tuple, name: str):
    return next(score for score in scores if score.split == name)


def test_the_classifier_comes_first_and_every_family_follows(found: tuple[DetectorScore, ...]) -> None:
    assert [score.name for score in found] == ["classifier", *FAMILIES]


def test_a_class_that_is_far_off_is_found_by_every_family(found: tuple[DetectorScore, ...]) -> None:
    for score in found[1:]:
        assert of(score.as_classifier, "test").auc > 0.97, score.classifier_setting


def test_pictures_of_a_kind_never_seen_are_flagged_and_others_are_not(found: tuple[DetectorScore, ...]) -> None:
    for score in found[1:]:
        assert of(score.as_flag, "ood").unseen_auc > 0.95, score.flag_setting
        assert of(score.as_flag, "ood").flagged > of(score.as_flag, "test").flagged
        assert of(score.as_flag, "val").unseen_auc is None
        assert of(score.as_flag, "val").flagged == pytest.approx(0.05, abs=0.01)


def test_a_classifier_that_knows_its_doubts_tells_its_errors(found: tuple[DetectorScore, ...]) -> None:
    flag = of(found[0].as_flag, "test")

    assert (flag.errors, flag.error_auc) == (6, 1.0)
    # 6 of 120 pictures are 5 %: withholding them leaves no error.
    assert (flag.error_rate, flag.kept_error_rate) == (0.05, 0.0)


def test_withheld_pictures_count_neither_as_covered_nor_as_missed() -> None:
    truth = np.arange(20) < 10
    probabilities = np.where(np.arange(20) < 9, 0.9, 0.1).astype(np.float32)
    probabilities[19] = 0.9
    pictures = Embedded("val", np.zeros((20, 1), np.float32), truth, probabilities)
    unusual = np.zeros(20)
    unusual[9] = 1  # the one positive that is missed

    (flag,) = as_flag([pictures], {"val": unusual}, 0.5)

    assert (flag.recall, flag.kept_recall) == (0.9, 1.0)
    assert (flag.precision, flag.kept_precision) == (0.9, 0.9)
    assert (flag.errors, flag.error_rate, flag.kept_error_rate) == (2, 0.1, 1 / 19)
    assert flag.error_auc == pytest.approx(0.75)


def test_the_score_as_a_classifier_is_measured_like_the_classifier() -> None:
    truth = np.arange(1000) < 100
    scores = np.where(truth, 5.0, -3.0)
    scores[:40] = -9.0
    scores[100:104] = 6.0
    pictures = Embedded("val", np.zeros((1000, 1), np.float32), truth, np.zeros(1000, np.float32))

    (found,) = as_classifier([pictures], {"val": scores})

    # 4 of 900 normals lie above: .44 %, so that the 60 positives below them are still to be had.
    assert found.recall_at_fpr == 0.6
    assert found.auc == pytest.approx(0.6 * 896 / 900)


def test_settings_are_chosen_on_val_alone(held_out: list[Embedded], found: tuple[DetectorScore, ...]) -> None:
    others = [held_out[0], split("test", 9, away=-7.0, wrong=50)]

    again = evaluate_detectors(*drawn(0), others, 0.5, seed=4)

    assert [score.name for score in again] == [score.name for score in found]
    for now, then in zip(again, found, strict=True):
        assert (now.classifier_setting, now.flag_setting) == (then.classifier_setting, then.flag_setting)
        assert of(now.as_flag, "val") == of(then.as_flag, "val")
        assert of(now.as_classifier, "val") == of(then.as_classifier, "val")


def test_results_are_json(found: tuple[DetectorScore, ...]) -> None:
    read = json.loads(json.dumps([score.as_json() for score in found], allow_nan=False))

    assert read[0]["as_classifier"]["splits"]["test"]["auc"] == of(found[0].as_classifier, "test").auc
    assert read[1]["as_flag"]["splits"]["val"]["unseen_auc"] is None


def test_without_val_or_a_class_there_is_nothing_to_choose_on(held_out: list[Embedded]) -> None:
    embeddings, truth = drawn(0)
    with pytest.raises(ValueError, match="'val'"):
        evaluate_detectors(embeddings, truth, held_out[1:], 0.5)
    with pytest.raises(ValueError, match="each class"):
        evaluate_detectors(embeddings, np.zeros(len(truth), bool), held_out, 0.5)


def test_the_distance_is_to_the_nearest_class_in_units_of_the_spread_within_classes() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(4000) % 2
    spread = np.array([1.0, 5.0])
    embeddings = (rng.normal(0, spread, (4000, 2)) + labels[:, None] * [20, 0]).astype(np.float32)

    scores = Mahalanobis().fit(embeddings, labels).score_samples(np.array([[20, 10], [2, 0], [10, 0]], np.float32))

    np.testing.assert_allclose(scores, [-4, -4, -100], rtol=0.1, atol=0.3)


def test_the_machine_for_many_pictures_ranks_them_like_the_exact_one() -> None:
    rng = np.random.default_rng(0)
    seen = rng.normal(0, 1, (EXACT_UP_TO + 1, 4)).astype(np.float32)
    looked_at = rng.normal(0, 2, (300, 4)).astype(np.float32)
    approximate = list(detectors(len(seen), 0))[1]
    assert (approximate.name, approximate.setting) == ("one-class SVM", "nu 0.1")

    fitted = approximate.estimator.fit(seen)

    exact = OneClassSVM(nu=0.1, gamma="scale").fit(seen)
    assert spearmanr(fitted.score_samples(looked_at), exact.score_samples(looked_at)).statistic > 0.9
