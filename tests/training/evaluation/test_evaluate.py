"""The numbers are those that a patient person would count by hand, and undefined where nobody could count."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.curves import operating_points, precision_recall_curve, reliability, roc_curve
from training.evaluation.evaluate import (
    FALSE_POSITIVE_RATES,
    MISS_RATES,
    confusion,
    cut,
    measure,
    readable,
    worst_mistakes,
)

KEYS = [
    "n",
    "positives",
    "auc",
    "average_precision",
    "threshold",
    "precision",
    "recall",
    "recall_at_fpr",
    "fpr_at_fnr",
]


@st.composite
def scored(draw):
    """1 to 40 pictures with few distinct scores, so that ties are the rule."""
    n = draw(st.integers(1, 40))
    grid = draw(st.sampled_from((1, 4, 1000)))
    truth = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    scores = draw(st.lists(st.integers(0, grid), min_size=n, max_size=n))
    return np.array(truth), np.array(scores) / grid


def cuts(truth, scores):
    """Every threshold that makes a difference, by hand: (covered positives, covered negatives)."""
    return [
        (sum(truth[scores >= cut]), sum(~truth[scores >= cut])) for cut in (*np.unique(scores), scores.max() + 1)
    ]


def test_a_hand_counted_example_has_the_hand_counted_numbers():
    truth = np.array([True, True, False, True, False, False])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1], np.float32)

    metrics = measure(truth, scores, threshold=0.65)

    assert (metrics.n, metrics.positives) == (6, 3)
    assert metrics.auc == pytest.approx(8 / 9)
    assert metrics.average_precision == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert metrics.precision == pytest.approx(2 / 3)
    assert metrics.recall == pytest.approx(2 / 3)
    assert metrics.recall_at_fpr["0.05"] == pytest.approx(2 / 3)
    assert metrics.fpr_at_fnr["0.1"] == pytest.approx(1 / 3)


def test_the_json_has_the_promised_keys_and_no_others():
    truth, scores = np.array([True, False]), np.array([0.9, 0.1])

    document = measure(truth, scores, threshold=0.5).as_json()

    assert list(document) == KEYS
    assert tuple(document["recall_at_fpr"]) == FALSE_POSITIVE_RATES
    assert tuple(document["fpr_at_fnr"]) == MISS_RATES


@pytest.mark.parametrize("truth", [[], [True], [False], [True, True], [False, False]])
def test_what_the_pictures_cannot_tell_is_null_and_never_nan(truth):
    scores = np.full(len(truth), 0.25)

    text = json.dumps(measure(np.array(truth, bool), scores, threshold=0.5).as_json(), allow_nan=False)

    assert json.loads(text)["auc"] is None
    assert json.loads(text)["precision"] is None
    assert set(json.loads(text)["recall_at_fpr"].values()) == {None}


def test_undefined_values_are_a_dash_in_the_readable_table():
    metrics = measure(np.array([False, False]), np.array([0.1, 0.2]), threshold=0.5)

    table = dict(readable(metrics))

    assert table["AUC"] == table["recall at 0.5"] == table["FPR at FNR 10 %"] == "-"
    assert table["pictures"] == "2"


def test_a_threshold_just_below_one_is_not_written_as_one():
    assert [cut(0.63), cut(0.99996), cut(1e-7)] == ["0.63", "0.99996", "1e-07"]


def test_the_worst_mistakes_come_first_and_are_mistakes():
    truth = np.array([False, True, False, True, False, True])
    scores = np.array([0.7, 0.2, 0.9, 0.8, 0.1, 0.4])

    false_positives, false_negatives = worst_mistakes(truth, scores, threshold=0.5, count=5)

    assert false_positives.tolist() == [2, 0]
    assert false_negatives.tolist() == [1, 5]


def test_pictures_with_one_score_are_covered_together_or_not_at_all():
    truth = np.array([True, True, True, False])
    scores = np.array([0.9, 0.5, 0.5, 0.5])

    metrics = measure(truth, scores, threshold=0.5)

    assert metrics.recall_at_fpr["0.05"] == pytest.approx(1 / 3)
    assert metrics.fpr_at_fnr["0.1"] == 1.0
    assert len(operating_points(truth, scores).scores) == 2


def test_a_picture_exactly_at_the_threshold_is_covered_even_as_float32():
    scores = np.array([0.1, 0.3], np.float32)

    covered = confusion(np.array([False, True]), scores, threshold=float(scores[1]))

    assert covered.true_positives == 1
    assert covered.true_negatives == 1


@pytest.mark.parametrize("score", [float("nan"), -0.1, 1.1])
def test_a_score_that_is_no_probability_is_a_bug_and_stops(score):
    with pytest.raises(ValueError, match=r"0\.\.1"):
        measure(np.array([True, False]), np.array([0.5, score]), threshold=0.5)


def test_a_softmax_that_was_rounded_a_hair_above_one_is_one():
    scores = np.array([np.nextafter(np.float32(1), np.float32(2)), 0], np.float32)

    assert operating_points(np.array([True, False]), scores).scores.tolist() == [1, 0]


@given(scored())
def test_the_rates_equal_a_brute_force_count_over_all_cuts(pictures):
    truth, scores = pictures
    positives, negatives = truth.sum(), (~truth).sum()

    metrics = measure(truth, scores, threshold=0.5)

    if positives and negatives:
        rates = [
            (hit / positives, (positives - hit) / positives, alarm / negatives)
            for hit, alarm in cuts(truth, scores)
        ]
        for limit, recall in metrics.recall_at_fpr.items():
            assert recall == max(found for found, _, alarms in rates if alarms <= float(limit))
        for limit, fpr in metrics.fpr_at_fnr.items():
            assert fpr == min(alarms for _, missed, alarms in rates if missed <= float(limit))


@given(scored())
def test_more_freedom_never_gives_a_worse_rate(pictures):
    metrics = measure(*pictures, threshold=0.5)

    recalls = [value for value in metrics.recall_at_fpr.values() if value is not None]
    rates = [value for value in metrics.fpr_at_fnr.values() if value is not None]

    assert recalls == sorted(recalls)
    assert rates == sorted(rates, reverse=True)


@given(scored())
def test_auc_is_the_chance_that_a_positive_scores_above_a_negative(pictures):
    truth, scores = pictures

    auc = measure(truth, scores, threshold=0.5).auc

    if auc is not None:
        pairs = scores[truth][:, None] - scores[~truth][None, :]
        assert auc == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())


@given(scored())
def test_the_curves_stay_in_the_unit_square_and_end_where_all_is_covered(pictures):
    points = operating_points(*pictures)

    roc, precision_recall = roc_curve(points), precision_recall_curve(points)

    if roc is not None:
        assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)
        assert (np.diff(roc.x) >= 0).all()
        assert (np.diff(roc.y) >= 0).all()
    if precision_recall is not None:
        assert precision_recall.x[-1] == 1
        assert precision_recall.y[-1] == pictures[0].mean()


def test_a_model_that_says_what_happens_is_calibrated():
    truth = np.arange(1000) % 4 == 0

    honest = reliability(truth, np.full(1000, 0.25))
    boastful = reliability(truth, np.full(1000, 0.95))

    assert honest.error == pytest.approx(0)
    assert boastful.error == pytest.approx(0.7)
    assert honest.counts.tolist() == [1000]


def test_a_probability_of_one_falls_into_the_last_bin():
    bins = reliability(np.array([True, False]), np.array([1.0, 0.0]))

    assert bins.counts.tolist() == [1, 1]
    assert bins.observed.tolist() == [0, 1]
