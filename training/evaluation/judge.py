"""The model's word on a whole snapshot: what is measured, and what people should look at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.config import Concept
from training.evaluation.calibration import Rescaling, calibration_of, fit_rescaling
from training.evaluation.curves import Floats, SplitScores
from training.evaluation.evaluate import measure
from training.evaluation.evaluate_split import evaluate_split
from training.evaluation.intervals import Interval
from training.evaluation.results import Calibration, Evaluation
from training.evaluation.slices import Facts
from training.evaluation.stress import Stressed, Subjects
from training.evaluation.threshold import Threshold, choose_strictness, choose_threshold, threshold_interval
from training.snapshot import Snapshot
from training.splits import POPULAR, TEST, TRAIN, VAL

# What each split's numbers mean, in the words that stand beside them.
ABOUT = {
    TRAIN: "trained on: its numbers promise nothing",
    VAL: "chosen on: epochs, calibration, threshold",
    TEST: "held out; never trained or tuned on",
    POPULAR: "held out; what people voted to the top, frozen on a day",
}


@dataclass(frozen=True)
class HeldOut:
    """Out-of-sample probabilities [n] of the positive class; ``out_of_fold`` says that folds judged the picture."""

    digests: Sequence[str]
    probabilities: NDArray[np.floating]
    out_of_fold: NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """Out-of-sample probabilities of the positive class [n] for every picture of a snapshot, in its order.

    Held-out pictures were judged by the model, training pictures by folds' heads that had not seen them; NaN where
    every network at hand had learnt their labels.
    """

    snapshot: Snapshot
    positives: NDArray[np.bool_]
    probabilities: NDArray[np.float32]


def calibrate(
    snapshot: Snapshot, probabilities: Floats, labels: NDArray[np.int64], concept: Concept
) -> tuple[Rescaling, Calibration]:
    """Fit the calibration on val and say what it does to every held-out split.

    ``probabilities`` float[n, classes] is the uncalibrated network's answer to every picture of the snapshot, in
    its order; rows of train are not looked at. Divide the last logits by the rescaling's ``temperature``, then add
    its ``bias`` to the positive class's: the network then answers what the rescaling makes of its probabilities.
    """
    places = {split: snapshot.where(split) for split in snapshot.held_out_splits}
    scored = {split: (probabilities[chosen], labels[chosen]) for split, chosen in places.items()}
    rescaling = fit_rescaling(
        *scored[VAL], concept.positive_index, snapshot.groups_at(places[VAL]), seed=concept.train.seed
    )
    return rescaling, calibration_of(rescaling, scored, VAL)


def choose(judged: Judged, concept: Concept) -> Threshold:
    """Choose the threshold on val by the concept's contract, with its interval and its strictness levels."""
    val = judged.snapshot.where(VAL)
    scored = judged.positives[val], judged.probabilities[val]
    chosen = choose_threshold(concept.threshold.contract, *scored)
    return replace(
        chosen, interval=interval_of(judged, concept), strictness=choose_strictness(chosen.value, *scored)
    )


def evaluate_run(
    judged: Judged,
    threshold: Threshold,
    concept: Concept,
    *,
    facts: Mapping[str, Facts] | None = None,
    calibration: Calibration | None = None,
    stressed: Stressed | None = None,
    adversarial: Mapping[str, Any] | None = None,
    outliers: Sequence[Mapping[str, Any]] | None = None,
) -> Evaluation:
    """Return all that is known of how good a run is, on every held-out split.

    ``facts`` by sha256 (``slices.facts_of``) gives slices; ``stressed`` (``stress.measure_stress``) is of
    test, where it also adds slices by skin-coloured pixels; the others are handed on as they are.
    """
    splits = []
    for scores in scores_of(judged):
        digests = [example.sha256 for example in judged.snapshot.of(scores.name)]
        known = [facts.get(digest) for digest in digests] if facts is not None else ()
        found = evaluate_split(scores, threshold, known, concept.train.seed)
        skin = stressed.skin if stressed and scores.name == TEST else ()
        splits.append(replace(found, slices=(*found.slices, *skin)))
    return Evaluation(
        concept=concept.concept,
        positive=concept.positive,
        threshold=threshold,
        chosen_on=VAL,
        splits=tuple(splits),
        calibration=calibration,
        stress=stressed.results if stressed else (),
        stressed_split=TEST,
        adversarial=adversarial,
        outliers=outliers,
    )


def subjects_of(judged: Judged, split: str = TEST) -> Subjects:
    """Return the pictures of one split as ``training.evaluation.stress.measure_stress`` takes them."""
    chosen = judged.snapshot.where(split)
    return Subjects(
        [judged.snapshot.examples[place].sha256 for place in chosen.tolist()],
        judged.positives[chosen],
        judged.probabilities[chosen],
        judged.snapshot.groups_at(chosen),
    )


def interval_of(judged: Judged, concept: Concept) -> Interval:
    """Return where the threshold might have fallen, had val been drawn again (bootstrap over groups)."""
    val = judged.snapshot.where(VAL)
    groups = judged.snapshot.groups_at(val)
    return threshold_interval(
        concept.threshold.contract,
        judged.positives[val],
        judged.probabilities[val],
        groups,
        seed=concept.train.seed,
    )


def metrics_of(judged: Judged, threshold: Threshold) -> dict[str, dict[str, Any]]:
    """Return the metrics of every held-out split at ``threshold``, as JSON."""
    found = {}
    for split in judged.snapshot.held_out_splits:
        chosen = judged.snapshot.where(split)
        found[split] = measure(judged.positives[chosen], judged.probabilities[chosen], threshold.value).as_json()
    return found


def scores_of(judged: Judged) -> tuple[SplitScores, ...]:
    """Return what the report's curves and tables are drawn from."""
    return tuple(
        SplitScores(
            split,
            judged.positives[chosen],
            judged.probabilities[chosen],
            judged.snapshot.groups_at(chosen),
            about(split),
        )
        for split in judged.snapshot.held_out_splits
        for chosen in [judged.snapshot.where(split)]
    )


def about(split: str) -> str:
    """Return in words what the numbers of a split mean."""
    return ABOUT.get(split, "held out; declared apart when it was imported")


def held_out(judged: Judged) -> HeldOut:
    """Return what the store keeps of the judgement."""
    known = np.flatnonzero(~np.isnan(judged.probabilities))
    examples = [judged.snapshot.examples[place] for place in known.tolist()]
    folded = np.array([example.split == TRAIN for example in examples])
    return HeldOut([example.sha256 for example in examples], judged.probabilities[known], folded)
