"""From a network's answers to one evaluation: calibrated and cut on val alone, measured on every held-out split."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from store.config import load_config
from training.evaluation.evaluate import Confusion
from training.evaluation.evaluate_split import kept
from training.evaluation.judge import Judged, calibrate, choose, evaluate_run, held_out, subjects_of
from training.evaluation.resampling import Resampler
from training.evaluation.results import StressResult
from training.evaluation.slices import Facts, slice_result
from training.evaluation.stress import Stressed
from training.snapshot import Example, Snapshot

CONCEPT = load_config("trypophobia")
SPLITS = ("train", "val", "test", "ood")


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def answered():
    """A snapshot of 1,200 pictures with the answers of a network that is three times too sure of itself."""
    rng = np.random.default_rng(7)
    examples, logits, labels = [], [], []
    for number in range(1200):
        positive = number % 5 == 0
        label = CONCEPT.positive if positive else CONCEPT.negative
        examples.append(Example(f"{number:064x}", label, SPLITS[number % 4], f"g{number // 8}"))
        margin = rng.normal(1.5 if positive else -2.5, 1.5)
        logits.append([-3 * margin / 2, 3 * margin / 2])
        labels.append(int(positive))
    snapshot = Snapshot("0" * 64, Path("nowhere"), tuple(examples), {})
    return snapshot, softmax(np.array(logits)), np.array(labels)


@pytest.fixture(scope="module")
def judged(answered):
    snapshot, probabilities, labels = answered
    rescaling, _ = calibrate(snapshot, probabilities, labels, CONCEPT)
    return Judged(snapshot, labels == 1, rescaling(probabilities)[:, 1])


def test_calibration_learns_from_val_alone_and_says_what_it_does_elsewhere(answered):
    snapshot, probabilities, labels = answered
    spoilt = probabilities.copy()
    for split in ("train", "test", "ood"):
        spoilt[snapshot.where(split)] = 0.5

    rescaling, calibration = calibrate(snapshot, probabilities, labels, CONCEPT)

    assert calibrate(snapshot, spoilt, labels, CONCEPT)[0] == rescaling
    assert rescaling.temperature > 1.5
    assert [error.split for error in calibration.errors] == ["val", "test", "ood"]
    assert all(error.nll_after < error.nll_before for error in calibration.errors)


def test_the_threshold_comes_from_val_alone_with_its_interval_and_levels(judged):
    elsewhere = judged.probabilities.copy()
    elsewhere[judged.snapshot.where("test")] = 0.5

    threshold = choose(judged, CONCEPT)

    assert choose(Judged(judged.snapshot, judged.positives, elsewhere), CONCEPT) == threshold
    assert threshold.interval.low <= threshold.value <= threshold.interval.high
    assert threshold.strictness.strict <= threshold.value == threshold.strictness.balanced
    said = threshold.as_json()
    assert said["strictness"]["lenient"] >= said["value"]
    assert len(said["interval"]) == 2


def test_of_pictures_that_nobody_could_judge_out_of_fold_nothing_is_kept(judged):
    train = judged.snapshot.where("train")
    probabilities = judged.probabilities.copy()
    probabilities[train[1:]] = np.nan

    kept_ones = held_out(replace(judged, probabilities=probabilities))

    examples = judged.snapshot.examples
    known = [e.sha256 for n, e in enumerate(examples) if e.split != "train" or n == train[0]]
    assert list(kept_ones.digests) == known
    assert not np.isnan(kept_ones.probabilities).any()
    assert kept_ones.out_of_fold.sum() == 1


def test_the_evaluation_measures_every_held_out_split_and_is_json_without_a_nan(judged):
    threshold = choose(judged, CONCEPT)
    facts = {e.sha256: Facts(100, 100, f"folder:{n % 3}") for n, e in enumerate(judged.snapshot.examples)}

    evaluation = evaluate_run(judged, threshold, CONCEPT, facts=facts)

    assert [split.name for split in evaluation.splits] == ["val", "test", "ood"]
    val = evaluation.of("val")
    assert val.contract_kept == threshold.met
    assert (val.precision.value, val.recall.value) == (threshold.precision, threshold.recall)
    assert [level.name for level in val.levels] == ["lenient", "balanced", "strict"]
    recalls = [level.recall.value for level in val.levels]
    assert recalls == sorted(recalls)
    assert {part.kind for part in val.slices} == {"source"}
    assert sum(part.n for part in val.slices) == val.metrics.n
    assert evaluation.of("train") is None
    told = json.loads(json.dumps(evaluation.as_json(), allow_nan=False))
    assert told["threshold"]["strictness"] == threshold.strictness.as_json()
    assert told["splits"][1]["metrics"]["n"] == 300
    assert told["adversarial"] is None


def test_what_others_measured_is_handed_on_and_skin_slices_are_those_of_test(judged):
    resampler = Resampler(None, 9)
    flags = np.arange(9) < 6
    shares = [resampler.share(flags, flags | True)] * 6
    stress = StressResult("monochrome", "in grey", 9, 6, *shares)
    part = slice_result("skin-coloured", "all", flags, flags * 0.9, np.arange(9), 0.5)

    evaluation = evaluate_run(
        judged,
        choose(judged, CONCEPT),
        CONCEPT,
        stressed=Stressed((stress,), (part,)),
        adversarial={"strikes": []},
        outliers=[{"name": "isolation forest"}],
    )

    assert [split.slices for split in evaluation.splits] == [(), (part,), ()]
    told = evaluation.as_json()
    assert told["stress"][0]["recall"]["value"] == pytest.approx(6 / 9)
    assert (told["stressed_split"], told["adversarial"]) == ("test", {"strikes": []})
    assert told["outliers"] == [{"name": "isolation forest"}]


def test_the_subjects_of_a_stress_are_the_splits_pictures_in_order(judged):
    subjects = subjects_of(judged, "ood")

    ood = judged.snapshot.where("ood")
    assert list(subjects.digests) == [example.sha256 for example in judged.snapshot.of("ood")]
    assert np.array_equal(subjects.probabilities, judged.probabilities[ood])
    assert list(subjects.groups) == judged.snapshot.groups_at(ood)


@pytest.mark.parametrize(
    ("contract", "counts", "wanted"),
    [
        ("precision >= 0.9", (9, 1, 5, 100), True),
        ("precision >= 0.91", (9, 1, 5, 100), False),
        ("fpr <= 0.01", (9, 1, 5, 99), True),
        ("fnr <= 0.1", (9, 1, 1, 99), True),
        ("recall >= 0.95", (9, 1, 1, 99), False),
        ("precision >= 0.5", (0, 0, 5, 5), None),
        ("fnr <= 0.5", (0, 1, 0, 5), None),
    ],
)
def test_whether_a_split_keeps_the_contract(contract, counts, wanted):
    assert kept(contract, Confusion(*counts)) is wanted
