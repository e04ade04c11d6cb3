"""Intervals from one set of draws: as sklearn counts, as wide as the groups are coarse, and paired."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.evaluation.resampling import Resampler, weighted_auc


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
