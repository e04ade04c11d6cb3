"""A contract is kept on the pictures that it was chosen on, by the best cut there is, or said not to be kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import ConfigError, InputError
from training.evaluation.evaluate import confusion
from training.evaluation.threshold import (
    ACCEPTED,
    choose_strictness,
    choose_threshold,
    parse_contract,
    threshold_interval,
)

limits = st.sampled_from((0.0, 0.001, 0.1, 0.3, 0.5, 0.75, 0.9, 0.97, 1.0))
contracts = st.builds("{} {}".format, st.sampled_from(("precision >=", "recall >=", "fpr <=", "fnr <=")), limits)


@st.composite
def both_classes(draw):
    """2 to 30 pictures of both classes, as float32 scores with ties."""
    truth = [True, False, *draw(st.lists(st.booleans(), max_size=28))]
    grid = draw(st.sampled_from((1, 5, 1000)))
    scores = draw(st.lists(st.integers(0, grid), min_size=len(truth), max_size=len(truth)))
    return np.array(truth), (np.array(scores) / grid).astype(np.float32)


def keeps(contract, truth, scores, cut):
    """By hand: whether covering from ``cut`` on keeps the contract and covers any positive."""
    measured = confusion(truth, scores, cut)
    if not measured.true_positives:
        return False
    value = {
        "precision": measured.precision,
        "recall": measured.recall,
        "fpr": measured.false_positives / (~truth).sum(),
        "fnr": measured.false_negatives / truth.sum(),
    }[contract.measure]
    return value >= contract.limit if contract.at_least else value <= contract.limit


@given(contracts, both_classes())
def test_a_threshold_that_says_it_keeps_the_contract_keeps_it(text, pictures):
    truth, scores = pictures

    chosen = choose_threshold(text, truth, scores)

    assert chosen.met == keeps(parse_contract(text), truth, scores, chosen.value)
    assert chosen.precision == confusion(truth, scores, chosen.value).precision
    assert chosen.recall == confusion(truth, scores, chosen.value).recall


@given(contracts, both_classes())
def test_no_other_cut_that_keeps_the_contract_is_better(text, pictures):
    truth, scores = pictures
    contract = parse_contract(text)

    chosen = choose_threshold(contract, truth, scores)

    ours = confusion(truth, scores, chosen.value)
    others = [confusion(truth, scores, cut) for cut in np.unique(scores) if keeps(contract, truth, scores, cut)]
    assert chosen.met == bool(others)
    for other in others:
        if contract.measure in ("recall", "fnr"):
            assert ours.false_positives <= other.false_positives
        else:
            assert ours.true_positives >= other.true_positives


@given(contracts, both_classes())
def test_the_cut_means_the_same_in_float32_and_in_float64(text, pictures):
    truth, scores = pictures

    value = choose_threshold(text, truth, scores).value

    assert 0 <= value <= 1
    assert np.array_equal(scores >= np.float32(value), scores.astype(np.float64) >= value)


def test_the_cut_lies_midway_between_two_neighbouring_scores():
    truth = np.array([False, False, True, True])
    scores = np.array([0.1, 0.4, 0.8, 0.9])

    chosen = choose_threshold("precision >= 0.97", truth, scores)

    assert chosen.value == pytest.approx(0.6)
    assert (chosen.met, chosen.precision, chosen.recall, chosen.fpr) == (True, 1, 1, 0)
    assert (chosen.n, chosen.positives) == (4, 2)


def test_float32_neighbours_without_room_between_them_are_still_told_apart():
    # Midway between these two, float32 rounds to the even one, which is the lower.
    lower = np.float32(0.75)
    upper = np.nextafter(lower, np.float32(1))

    chosen = choose_threshold("precision >= 1", np.array([False, True]), np.array([lower, upper]))

    assert chosen.met
    assert np.float32(chosen.value) == upper


def test_a_precision_contract_takes_the_deeper_of_two_cuts_that_keep_it():
    truth = np.array([True, False, True, True, True])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])

    chosen = choose_threshold("precision >= 0.8", truth, scores)

    assert chosen.recall == 1
    assert chosen.precision == 0.8


def test_a_recall_contract_takes_the_cut_with_the_fewest_false_positives():
    truth = np.array([True, True, False, True, False])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])

    chosen = choose_threshold("fnr <= 0.4", truth, scores)

    assert chosen.fpr == 0
    assert chosen.value == pytest.approx(0.75)


def test_a_contract_that_nothing_keeps_gives_the_nearest_cut_and_says_so():
    truth = np.array([False, True, False, True])
    scores = np.array([0.9, 0.8, 0.2, 0.1])

    chosen = choose_threshold("precision >= 0.97", truth, scores)

    assert not chosen.met
    assert chosen.precision == 0.5
    assert chosen.recall == 1
    assert "does NOT keep precision >= 0.97" in chosen.sentence()


def test_covering_nothing_keeps_no_contract():
    truth = np.array([False, True])
    scores = np.array([0.9, 0.1])

    chosen = choose_threshold("fpr <= 0.005", truth, scores)

    assert not chosen.met
    assert chosen.recall == 1


def test_the_json_is_the_bundles_threshold_object():
    chosen = choose_threshold("recall >= 0.9", np.array([False, True]), np.array([0.2, 0.8]))

    document = chosen.as_json(chosen_on="val")

    assert document == {
        "value": 0.5, "contract": "recall >= 0.9", "met": True, "chosen_on": "val", "n": 2, "positives": 1,
    }  # fmt: skip


@given(contracts, both_classes())
def test_a_stricter_word_never_covers_less(text, pictures):
    balanced = choose_threshold(text, *pictures).value

    levels = choose_strictness(balanced, *pictures)

    assert 0 <= levels.strict <= levels.balanced == balanced <= levels.lenient <= 1


def test_strict_spends_its_false_alarms_and_lenient_covers_only_what_is_all_but_certain():
    truth = np.arange(1000) % 10 == 0
    scores = 1 / (1 + np.exp(-np.random.default_rng(5).normal(4 * truth - 2, 1)))
    balanced = choose_threshold("precision >= 0.9", truth, scores)

    levels = choose_strictness(balanced.value, truth, scores)

    assert levels.strict < levels.balanced < levels.lenient
    assert keeps(parse_contract("fpr <= 0.02"), truth, scores, levels.strict)
    assert confusion(truth, scores, levels.strict).recall > balanced.recall
    assert keeps(parse_contract("precision >= 0.99"), truth, scores, levels.lenient)


@pytest.mark.parametrize("text", ACCEPTED)
def test_the_accepted_forms_are_read_and_written_back(text):
    assert str(parse_contract(f"  {text.replace(' ', '')} ")) == text


@pytest.mark.parametrize(
    "text", ["", "precision > 0.97", "precision <= 0.97", "precision >= 97", "f1 >= 0.9", "fnr <= x"]
)
def test_another_form_is_refused_with_where_it_stands_and_the_accepted_forms(text):
    with pytest.raises(ConfigError) as refusal:
        parse_contract(text, where="--contract")

    message = str(refusal.value)
    assert message.startswith("--contract: cannot read ")
    assert all(form in message for form in ACCEPTED)
    assert "\n" not in message


@pytest.mark.parametrize("truth", [[True, True], [False, False], []])
def test_pictures_of_one_class_cannot_choose_a_threshold(truth):
    with pytest.raises(InputError, match="both classes"):
        choose_threshold("precision >= 0.97", np.array(truth, bool), np.full(len(truth), 0.5))


@settings(deadline=None, max_examples=20)
@given(both_classes())
def test_the_interval_of_the_threshold_is_ordered_and_repeatable(pictures):
    interval = threshold_interval("precision >= 0.9", *pictures, resamples=10, seed=2)

    assert 0 <= interval.low <= interval.high <= 1
    assert interval == threshold_interval("precision >= 0.9", *pictures, resamples=10, seed=2)


def test_the_interval_of_the_threshold_narrows_with_more_pictures():
    rng = np.random.default_rng(0)
    widths = []
    for n in (60, 3000):
        truth = np.arange(n) % 4 == 0
        scores = 1 / (1 + np.exp(-rng.normal(3 * truth - 1.5, 1)))

        interval = threshold_interval("recall >= 0.9", truth, scores, groups=np.arange(n), resamples=100)

        widths.append(interval.high - interval.low)
    assert widths[1] < widths[0] / 2
