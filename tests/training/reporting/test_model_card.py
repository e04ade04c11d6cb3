"""A card has the paper's sections, no number that was not measured, and weaknesses that are really there."""

import re
from dataclasses import replace

import pytest

from tests.little_run import little_run, whole_run, with_splits
from training.evaluation.intervals import Interval
from training.evaluation.results import Evaluation, Measured
from training.reporting.markdown import as_markdown
from training.reporting.model_card import card_of, write_card
from training.reporting.report_data import CardFacts
from training.reporting.weaknesses import weaknesses

HOSTILE = "<script>alert(1)</script> [a](http://b) | c\n# d"


@pytest.fixture(scope="module")
def card():
    return as_markdown("Model card: eights", card_of(whole_run()))


def test_a_card_has_the_sections_of_the_paper_in_its_order(card):
    assert re.findall(r"^## (.*)$", card, re.MULTILINE) == [
        "Model details",
        "Intended use",
        "Factors",
        "Metrics",
        "Evaluation data",
        "Training data",
        "Quantitative analyses",
        "Ethical considerations",
        "Caveats and recommendations",
    ]


def test_a_card_says_what_the_evaluation_measured_and_on_what(card):
    test = whole_run().evaluation.of("test")

    assert f"| test | {test.precision.value:.3f} ({test.precision.interval.low:.3f} to" in card
    assert "test: 500 pictures, 51 positive" in card
    assert "Every digit was written by one of 43 people." in card
    assert "531,000 parameters" in card
    assert "3.4 ms a picture at the median, where MobileNet v1 1.0 at 224 px took 27.2" in card


@pytest.mark.parametrize(("spoil", "said"), [(0.12, True), (0.0, False)])
def test_a_card_says_whether_pictures_were_spoilt_in_training_too(spoil, said):
    run = whole_run()
    run = replace(run, recipe={**run.recipe, "distill": {"spoil": spoil}})

    assert ("no test of the unforeseen" in as_markdown("eights", card_of(run))) == said


def test_what_was_not_measured_is_said_to_be_so_and_gets_no_number():
    bare = replace(with_splits(little_run()), recipe={}, snapshot={}, card=CardFacts())

    card = as_markdown("eights", card_of(bare))

    assert "What it costs to run was not measured." in card
    assert "No slice was measured." in card
    assert "The limits of the data were not written down" in card
    assert " ms " not in card
    assert "recall 0" not in card


def test_the_same_run_gives_the_same_card_and_hostile_words_stay_words(tmp_path):
    hostile = replace(whole_run(), title=HOSTILE, positive=HOSTILE, notes=(HOSTILE,), recipe={HOSTILE: HOSTILE})

    write_card(tmp_path / "card.md", hostile)
    first = (tmp_path / "card.md").read_text()
    write_card(tmp_path / "card.md", hostile)

    assert (tmp_path / "card.md").read_text() == first
    assert "<script>" not in first
    assert "[a](" not in first
    assert "\n# d" not in first
    assert r"| \<script\>alert(1)\</script\> \[a\](http://b) \| c # d |" in first


def test_a_stress_that_costs_recall_is_a_weakness_with_both_numbers():
    found = weaknesses(whole_run().evaluation)

    before = whole_run().evaluation.of("test").recall.value
    assert any(f"falls from {before:.2f} to 0.00" in sentence and "'low light'" in sentence for sentence in found)


def measured(value: float, low: float, high: float) -> Measured:
    return Measured(value, Interval(low, high), 40)


def with_slice(**numbers: Measured) -> Evaluation:
    """The evaluation without stresses and attacks, and test with one slice, changed."""
    whole = whole_run().evaluation
    test = replace(whole.of("test"), contract_kept=True)
    part = replace(test.slices[0], kind="kind", name="sponge", recall=test.recall, fpr=test.fpr)
    return replace(whole, splits=(replace(test, slices=(replace(part, **numbers),)),), stress=(), adversarial=None)


def test_only_what_its_interval_holds_apart_is_a_weakness():
    sure = weaknesses(with_slice(recall=measured(0.1, 0.02, 0.2)))
    unsure = weaknesses(with_slice(recall=measured(0.1, 0.02, 0.9)))

    assert sure == (
        "On test, recall falls to 0.10 (95 %: 0.02 to 0.20) for kind 'sponge', against 0.49 over all of it.",
    )
    assert unsure == ()


def test_a_slice_with_twice_the_false_alarms_is_a_weakness():
    (sentence,) = weaknesses(with_slice(fpr=measured(0.25, 0.2, 0.3)))

    assert sentence.startswith("On test, the false positive rate rises to 0.250 (95 %: 0.200 to 0.300)")


def test_an_attack_is_told_with_its_pictures_and_not_of_a_handful():
    whole = whole_run().evaluation
    told = [sentence for sentence in weaknesses(whole) if "PGD" in sentence]
    handful = replace(whole, adversarial={**whole.adversarial, "positives": 4})

    assert len(told) == 1
    assert "51 positives" in told[0]
    assert not any("PGD" in sentence for sentence in weaknesses(handful))


def test_the_split_that_was_chosen_on_has_no_weaknesses_to_tell():
    evaluation = with_slice(recall=measured(0.1, 0.02, 0.2))

    assert weaknesses(replace(evaluation, chosen_on="test")) == ()
