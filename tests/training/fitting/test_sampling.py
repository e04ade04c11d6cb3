"""What a batch holds."""

import numpy as np
import pytest

from training.fitting.sampling import batches, prior_shift, steps_of, strata

POSITIVES = np.arange(100) < 8
PASTED = np.arange(40) % 2 == 0


def batches_of(parts, epoch=0):
    return list(batches(parts, 5, seed=1, epoch=epoch))


def test_every_batch_has_the_asked_share_of_positives():
    for batch in batches_of(strata(POSITIVES, 20, 0.3)):
        assert len(batch) == 20
        assert POSITIVES[batch].sum() == 6


def test_composites_take_their_share_of_a_batch_half_of_it_positive():
    parts = strata(POSITIVES, 20, 0.5, PASTED, 0.4)

    for batch in batches_of(parts):
        pasted = batch[batch >= 100] - 100
        assert len(batch) == 20
        assert (len(pasted), PASTED[pasted].sum()) == (8, 4)
        assert POSITIVES[batch[batch < 100]].sum() == 6


def test_a_share_that_leaves_no_room_still_leaves_one_picture_of_each_class():
    counts = [part.count for part in strata(POSITIVES, 4, 0.9, PASTED, 0.99)]

    assert counts == [1, 1, 1, 1]


def test_within_a_stratum_no_picture_is_drawn_twice_more_often_than_another():
    drawn = np.bincount(np.concatenate(batches_of(strata(POSITIVES, 20, 0.3))), minlength=100)

    for chosen in (drawn[POSITIVES], drawn[~POSITIVES]):
        assert chosen.max() - chosen.min() <= 1


def test_an_epoch_repeats_itself_and_differs_from_the_next():
    parts = strata(POSITIVES, 20, 0.3, PASTED, 0.4)

    first, again, second = (np.concatenate(batches_of(parts, epoch)) for epoch in (0, 0, 1))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


def test_an_epoch_has_at_least_one_batch():
    assert steps_of(3, 32) == 1


def test_the_prior_shift_turns_sampled_odds_into_true_odds():
    # A useless network that has learned the sampled prior only must, once shifted, answer the true one.
    sampled_logit = np.log(6 / 14)

    shifted = sampled_logit + prior_shift(POSITIVES, strata(POSITIVES, 20, 0.3))

    assert np.isclose(1 / (1 + np.exp(-shifted)), 0.08)


def test_of_three_classes_the_prior_shift_gives_the_positive_one_its_true_prior_against_the_others():
    # 8 positives, and others of two classes, 69 and 23: within a stratum all are drawn alike.
    parts = strata(POSITIVES, 20, 0.3)
    sampled = np.array([6, 14 * 0.75, 14 * 0.25]) / 20

    odds = sampled * np.exp([prior_shift(POSITIVES, parts), 0, 0])

    assert np.allclose(odds / odds.sum(), [0.08, 0.69, 0.23])


def test_the_prior_shift_counts_composites_too():
    parts = strata(POSITIVES, 20, 0.5, PASTED, 0.4)

    assert np.isclose(prior_shift(POSITIVES, parts), np.log(8 / 92) - np.log(10 / 10))


def test_a_stratum_without_pictures_is_refused_and_not_walked_through_for_ever():
    parts = strata(POSITIVES, 20, 0.5, np.array([True]), 0.4)

    with pytest.raises(ValueError, match="a stratum that has none"):
        batches_of(parts)
