"""Calibration finds the temperature and the prior that spoilt the probabilities, and touches no ranking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import InputError
from training.evaluation.calibration import COLDEST, Rescaling, calibration_of, fit_rescaling


def drawn(n=4000, sharper=1.0, shift=0.0, classes=2, seed=0):
    """Return probabilities of a network that is ``sharper`` than the truth and shifts class 1, with true labels."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, classes))
    labels = np.array([rng.choice(classes, p=row) for row in softmax(logits)])
    return softmax(logits * sharper + shift * (np.arange(classes) == 1)), labels


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("classes", "sharper"), [(2, 3.0), (2, 0.5), (5, 2.0)])
def test_a_network_that_is_too_sure_or_too_shy_gets_its_temperature_back(classes, sharper):
    probabilities, labels = drawn(sharper=sharper, classes=classes)

    found = fit_rescaling(probabilities, labels, positive_index=1)

    assert found.temperature == pytest.approx(sharper, rel=0.1)
    assert abs(found.bias) < 0.15


def test_a_network_that_was_shown_too_many_positives_gets_its_prior_back():
    probabilities, labels = drawn(sharper=2.0, shift=3.0)

    found = fit_rescaling(probabilities, labels, positive_index=1)

    assert found.temperature == pytest.approx(2, rel=0.1)
    assert found.bias == pytest.approx(-3 / 2, rel=0.1)


@pytest.mark.parametrize("positive", [0, 1, 2])
def test_of_three_classes_the_positive_one_gets_its_prior_back_and_the_others_keep_their_odds(positive):
    true, labels = drawn(classes=3)
    spoilt = softmax(np.log(true) * 2 + 3 * (np.arange(3) == positive))

    found = fit_rescaling(spoilt, labels, positive_index=positive)

    rescaled = found(spoilt)
    assert (found.temperature, found.bias) == (pytest.approx(2, rel=0.1), pytest.approx(-3 / 2, rel=0.1))
    assert rescaled.sum(axis=1) == pytest.approx(1)
    assert np.abs(rescaled - true).mean() < 0.01


def test_a_calibrated_network_is_left_almost_as_it_is_and_gets_no_shift_that_does_not_help():
    probabilities, labels = drawn(n=300, seed=4)

    found = fit_rescaling(probabilities, labels, positive_index=1)

    assert found.temperature == pytest.approx(1, abs=0.2)
    assert found.bias == 0


def test_both_errors_and_the_likelihood_fall_on_pictures_that_it_was_not_fitted_on():
    val, test = drawn(sharper=3, seed=1), drawn(sharper=3, seed=2)

    result = calibration_of(fit_rescaling(*val, positive_index=1), {"val": val, "test": test})

    for error in result.errors:
        assert error.ece_after < error.ece_before / 2
        assert error.ece_width_after < error.ece_width_before / 2
        assert error.nll_after < error.nll_before
    assert [error.split for error in result.errors] == ["val", "test"]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.2, 5))
def test_calibration_never_worsens_the_likelihood_it_was_fitted_on_and_keeps_every_order(seed, sharper):
    probabilities, labels = drawn(n=60, sharper=sharper, seed=seed)

    found = fit_rescaling(probabilities, labels, positive_index=1)

    error = calibration_of(found, {"val": (probabilities, labels)}).errors[0]
    assert error.nll_after <= error.nll_before + 1e-6
    order = np.argsort(probabilities[:, 1], kind="stable")
    assert (np.diff(found(probabilities)[order, 1]) >= 0).all()


def test_val_without_an_error_gives_the_lowest_temperature_and_no_infinity():
    labels = np.arange(40) % 2
    probabilities = np.stack([1 - labels, labels], axis=1) * 0.8 + 0.1

    found = fit_rescaling(probabilities, labels, positive_index=1)

    assert found.temperature == pytest.approx(COLDEST)
    assert np.isfinite(found(probabilities)).all()


def test_float32_probabilities_that_are_saturated_stay_apart():
    labels = np.arange(200) % 2
    sure = np.array([[1.0, 1e-8], [1e-8, 1.0]], np.float32)[labels]
    labels[:20] = 1 - labels[:20]

    rescaled = fit_rescaling(sure, labels, positive_index=1)(sure)

    assert rescaled[:, 1].max() == pytest.approx(0.9, abs=0.02)
    assert rescaled.sum(axis=1) == pytest.approx(1)


def test_pictures_of_one_class_cannot_calibrate():
    with pytest.raises(InputError, match="one class only"):
        fit_rescaling(np.full((9, 2), 0.5), np.zeros(9, np.int64), positive_index=1)


def test_a_temperature_may_change_which_of_two_pictures_is_likelier_where_there_is_a_third_class():
    probabilities = np.array([[0.5, 0.5, 1e-6], [0.3, 0.4, 0.3]])

    sharper = Rescaling(positive_index=1, temperature=0.2)(probabilities)

    assert sharper[0, 1] < sharper[1, 1]
