"""Intervals from one set of draws: as sklearn counts, as wide as the groups are coarse, and paired."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.evaluation.curves import SplitScores
from training.evaluation.evaluate import FALSE_POSITIVE_RATES, MISS_RATES, measure, readable
from training.evaluation.evaluate_split import evaluate_split
from training.evaluation.resampling import (
    Resampler,
    weighted_auc,
    weighted_fpr_at_fnr,
    weighted_recall_at_fpr,
)
from training.evaluation.threshold import choose_threshold


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((2, 9, 10**6)))
def test_the_weighted_area_is_that_of_the_pictures_repeated(seed, levels):
    rng = np.random.default_rng(seed)
    truth = np.r_[True, False, rng.random(20) < 0.4]
    scores = rng.integers(0, levels, 22) / levels
    weights = rng.integers(0, 4, 22)
    weights[:2] += 1

    area = weighted_auc(truth, scores)(weights[None].astype(float))[0]

    assert area == pytest.approx(roc_auc_score(np.repeat(truth, weights), np.repeat(scores, weights)))


def test_an_area_is_undefined_where_a_resample_lacks_a_class():
    areas = weighted_auc(np.array([True, False]), np.array([0.9, 0.1]))

    assert np.isnan(areas(np.array([[2.0, 0.0], [1.0, 1.0]]))).tolist() == [True, False]


def test_a_share_of_fewer_than_five_pictures_is_not_told():
    whole = np.arange(10) < 4

    measured = Resampler(None, 10).share(whole, whole)

    assert (measured.value, measured.interval, measured.n, measured.too_few) == (None, None, 4, True)


def test_the_same_change_is_certain_when_paired_and_nothing_when_there_is_none():
    rng = np.random.default_rng(0)
    truth = np.full(300, True)
    before = rng.random(300) < 0.8
    after = before & (np.arange(300) % 10 > 0)

    resampler = Resampler(np.arange(300), 300)
    change, none = resampler.share_change(before, after, truth), resampler.share_change(before, before, truth)

    assert change.value == pytest.approx((after.sum() - before.sum()) / 300)
    assert change.interval.high < 0
    assert (none.value, none.interval.low, none.interval.high) == (0, 0, 0)
    unpaired = resampler.share(after, truth).interval
    assert change.interval.high - change.interval.low < 0.8 * (unpaired.high - unpaired.low)


def test_an_area_that_falls_says_by_how_much():
    rng = np.random.default_rng(1)
    truth = np.arange(400) % 4 == 0
    good = 1 / (1 + np.exp(-rng.normal(3 * truth, 1)))
    worse = 1 / (1 + np.exp(-rng.normal(1 * truth, 1)))

    change = Resampler(None, 400).auc_change(truth, good, worse)

    assert change.value == pytest.approx(roc_auc_score(truth, worse) - roc_auc_score(truth, good))
    assert change.interval.low < change.value < change.interval.high < 0
    assert change.n == 100


def test_coarse_groups_widen_the_interval_of_an_area():
    rng = np.random.default_rng(2)
    truth = np.repeat(np.arange(40) % 2 == 0, 10)
    scores = 1 / (1 + np.exp(-np.repeat(rng.normal(truth[::10], 1), 10)))

    grouped = Resampler(np.repeat(np.arange(40), 10), 400).auc(truth, scores).interval
    alone = Resampler(None, 400).auc(truth, scores).interval

    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)


def test_fewer_than_five_groups_give_a_share_without_an_interval():
    whole = np.full(40, True)
    part = np.arange(40) % 3 > 0
    groups = np.arange(40) // 10

    resampler = Resampler(groups, 40)

    assert resampler.share(part, whole).value == pytest.approx(part.mean())
    assert resampler.share(part, whole).interval is None
    assert resampler.share_change(part, whole, whole).interval is None
    assert resampler.auc(part, np.linspace(0, 1, 40)).interval is None
    assert resampler.share(whole, whole).interval.low < 0.5


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40), st.integers(1, 5))
def test_the_interval_of_a_share_is_ordered_and_lies_in_the_unit_interval(flags, group_size):
    part, whole = np.array([(one and two, two) for one, two in flags], bool).reshape(-1, 2).T
    resampler = Resampler(np.arange(len(whole)) // group_size, len(whole), resamples=50)

    measured = resampler.share(part, whole)

    assert measured.too_few == (measured.value is None) == (whole.sum() < 5)
    assert measured.interval is None or 0 <= measured.interval.low <= measured.interval.high <= 1


def test_the_interval_covers_the_true_share_about_as_often_as_it_says():
    rng, everything = np.random.default_rng(3), np.full(150, True)

    covered = 0
    for seed in range(200):
        interval = Resampler(None, 150, resamples=300, seed=seed).share(rng.random(150) < 0.8, everything).interval
        covered += interval.low <= 0.8 <= interval.high

    assert 180 <= covered <= 199


def test_near_duplicates_make_the_interval_wider_than_as_many_independent_pictures():
    found = np.repeat(np.random.default_rng(1).random(30) < 0.8, 10)
    everything = np.full(300, True)

    grouped = Resampler(np.repeat(np.arange(30), 10), 300).share(found, everything).interval
    independent = Resampler(None, 300).share(found, everything).interval

    assert grouped.high - grouped.low > 2 * (independent.high - independent.low)


def test_no_error_in_nine_pictures_is_not_called_certain():
    everything = np.full(9, True)

    interval = Resampler(None, 9).share(everything, everything).interval

    assert 0.6 < interval.low < 0.7
    assert interval.high == 1


def test_one_seed_gives_one_interval():
    part, whole = np.arange(60) % 3 == 0, np.full(60, True)

    first = Resampler(None, 60, seed=5).share(part, whole)

    assert first == Resampler(None, 60, seed=5).share(part, whole)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((1, 3, 9, 10**6)), st.booleans())
def test_the_weighted_rates_are_those_of_the_pictures_repeated(seed, levels, equal):
    rng = np.random.default_rng(seed)
    truth = np.r_[True, False, rng.random(48) < 0.3]
    scores = rng.integers(0, levels, 50) / levels
    weights = np.ones(50, np.int64) if equal else rng.integers(0, 4, 50)
    weights[:2] += 1 - equal

    expected = measure(np.repeat(truth, weights), np.repeat(scores, weights), 0.5)

    row = weights[None].astype(float)
    for rate, recall in expected.recall_at_fpr.items():
        assert weighted_recall_at_fpr(truth, scores, float(rate))(row).tolist() == [recall]
    for rate, share in expected.fpr_at_fnr.items():
        assert weighted_fpr_at_fnr(truth, scores, float(rate))(row).tolist() == [share]


def test_a_tie_with_a_normal_picture_above_the_limit_covers_no_positive():
    truth = np.array([True, True, False, True, False, False])
    scores = np.array([0.9, 0.8, 0.8, 0.7, 0.2, 0.1])

    recalls = weighted_recall_at_fpr(truth, scores, 0.3)
    rates = weighted_fpr_at_fnr(truth, scores, 0.4)

    once, without_it = np.ones(6), np.array([1.0, 1, 0, 1, 1, 1])
    assert recalls(np.stack([once, without_it])).tolist() == [1 / 3, 1]
    assert rates(np.stack([once, without_it])).tolist() == [1 / 3, 0]


def test_rates_are_undefined_where_a_resample_lacks_a_class():
    weights = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])

    for statistic in (weighted_recall_at_fpr, weighted_fpr_at_fnr):
        found = statistic(np.array([True, False]), np.array([0.9, 0.1]), 0.5)(weights)
        assert np.isnan(found).tolist() == [True, True, False]


@pytest.fixture
def neighbours():
    """900 pictures that two models score alike, but for ten near-duplicates that the second takes for positives."""
    rng = np.random.default_rng(3)
    truth = np.arange(900) < 100
    before = np.where(truth, rng.uniform(0.4, 0.9, 900), rng.uniform(0, 0.45, 900))
    groups = np.r_[np.arange(890), np.full(10, 890)]
    after = np.where(groups == 890, 0.8, before)
    return truth, before, after, groups


def test_one_group_of_normal_pictures_does_not_make_a_model_worse_beyond_chance(neighbours):
    truth, before, after, groups = neighbours
    resampler = Resampler(groups, 900, 2000)

    def caught(scores):
        # Five in a thousand of 800: the cut lies at the fifth highest.
        return truth & (scores > np.sort(scores[~truth])[-5])

    fixed = resampler.share_change(caught(before), caught(after), truth)
    drawn = resampler.recall_at_fpr_change(truth, before, after, 0.005)

    assert fixed.value == drawn.value < -0.5
    assert fixed.interval.high < 0
    # A third of the draws lacks the group: then there is no difference.
    assert drawn.interval.low < -0.5
    assert drawn.interval.high == 0


def test_recalls_of_equal_models_differ_by_nothing_since_both_see_the_same_draws(neighbours):
    truth, before, _, groups = neighbours
    # As good in the same order: a cut of its own, and the same pictures above it.
    change = Resampler(groups, 900).recall_at_fpr_change(truth, before, before / 2, 0.005)

    alone = Resampler(groups, 900).recall_at_fpr(truth, before, 0.005)
    assert (change.value, change.interval.low, change.interval.high) == (0, 0, 0)
    assert alone.interval.high - alone.interval.low > 0.05


def test_the_error_of_the_cut_is_in_the_interval_of_a_recall():
    rng = np.random.default_rng(5)
    truth = np.arange(1000) < 200
    scores = 1 / (1 + np.exp(-rng.normal(np.where(truth, 3, 0), np.where(truth, 0.5, 1))))
    resampler = Resampler(None, 1000)

    drawn = resampler.recall_at_fpr(truth, scores, 0.005)
    at_fixed_cut = resampler.share(truth & (scores > np.sort(scores[~truth])[-5]), truth)

    assert drawn.value == at_fixed_cut.value
    width, too_narrow = (found.interval.high - found.interval.low for found in (drawn, at_fixed_cut))
    assert width > 2 * too_narrow


def test_a_perfect_area_is_not_called_certain():
    truth = np.arange(20) < 6
    scores = np.where(truth, 0.9, 0.1)
    resampler = Resampler(None, 20)

    perfect, reversed_, nearly = (
        resampler.auc(truth, found) for found in (scores, 1 - scores, np.where(np.arange(20) == 7, 0.95, scores))
    )

    assert (perfect.value, perfect.interval, perfect.n) == (1, None, 6)
    assert (reversed_.value, reversed_.interval) == (0, None)
    assert nearly.interval.low < nearly.value < 1


def test_no_interval_where_not_one_error_is_allowed_and_no_certainty_where_none_was_made():
    truth = np.arange(300) < 60
    scores = np.where(truth, 0.9, 0.1)

    resampler = Resampler(None, 300)

    assert resampler.recall_at_fpr(truth, scores, 0.001).interval is None
    assert resampler.recall_at_fpr_change(truth, scores, scores, 0.001).interval is None
    assert resampler.recall_at_fpr_change(truth, scores, scores, 0.005).interval is not None
    assert resampler.fpr_at_fnr(truth, scores, 0.01).interval is None
    recall, rate = resampler.recall_at_fpr(truth, scores, 0.05), resampler.fpr_at_fnr(truth, scores, 0.1)
    assert recall.interval == resampler.share(truth, truth).interval
    assert (rate.value, rate.interval.low) == (0, 0)
    assert 0 < rate.interval.high < 0.02


def test_a_split_tells_the_interval_of_every_rate_that_it_tells():
    rng = np.random.default_rng(4)
    truth = np.arange(1200) % 6 == 0
    scores = 1 / (1 + np.exp(-rng.normal(3 * truth, 1)))
    split = SplitScores("val", truth, scores, np.arange(1200) // 2)

    found = evaluate_split(split, choose_threshold("precision >= 0.9", truth, scores))

    told = found.as_json()
    assert tuple(told["recall_at_fpr"]) == FALSE_POSITIVE_RATES
    assert tuple(told["fpr_at_fnr"]) == MISS_RATES
    for kind in ("recall_at_fpr", "fpr_at_fnr"):
        for rate, measured in told[kind].items():
            assert measured["value"] == told["metrics"][kind][rate]
            low, high = measured["interval"]
            assert low <= measured["value"] <= high
            assert low < high
    assert set(found.by_name()) < {name for name, _ in readable(found.metrics)}
