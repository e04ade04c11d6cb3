"""What a batch holds."""

import numpy as np

from training.sampling import batches, prior_shift, steps

POSITIVES = np.arange(100) < 8


def test_every_batch_has_the_asked_share_of_positives():
    for batch in batches(POSITIVES, 20, 0.3, seed=1, epoch=0):
        assert len(batch) == 20
        assert POSITIVES[batch].sum() == 6


def test_within_a_class_no_picture_is_drawn_twice_more_often_than_another():
    drawn = np.bincount(np.concatenate(list(batches(POSITIVES, 20, 0.3, 1, 0))), minlength=100)

    for chosen in (drawn[POSITIVES], drawn[~POSITIVES]):
        assert chosen.max() - chosen.min() <= 1


def test_an_epoch_repeats_itself_and_differs_from_the_next():
    first = np.concatenate(list(batches(POSITIVES, 20, 0.3, 1, 0)))
    again = np.concatenate(list(batches(POSITIVES, 20, 0.3, 1, 0)))
    second = np.concatenate(list(batches(POSITIVES, 20, 0.3, 1, 1)))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


def test_an_epoch_has_at_least_one_batch():
    assert steps(3, 32) == 1


def test_the_prior_shift_turns_sampled_odds_into_true_odds():
    # A useless network that has learned the sampled prior only must, once shifted, answer the true one.
    sampled_logit = np.log(6 / 14)

    shifted = sampled_logit + prior_shift(POSITIVES, 20, 0.3)

    assert np.isclose(1 / (1 + np.exp(-shifted)), 0.08)
