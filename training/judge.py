"""The model's word on a whole snapshot: what is measured, what is reported, what people should look at again."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.blobs import Blobs
from store.config import Concept
from store.pictures import decode
from training.curves import SplitScores
from training.evaluate import measure, worst_mistakes
from training.intervals import Interval
from training.register import HeldOut
from training.report import Mistake, thumbnail
from training.snapshot import Snapshot
from training.splits import TEST, TRAIN, VAL
from training.threshold import Threshold, choose_threshold, threshold_interval

# What each split's numbers mean, in the words that stand beside them.
ABOUT = {
    VAL: "chosen on: epochs, threshold",
    TEST: "held out; never trained or tuned on",
}
WORST = 24


@dataclass(frozen=True)
class Judged:
    """Out-of-sample probabilities of the positive class [n] for every picture of a snapshot, in its order.

    Held-out pictures were judged by the model, training pictures by folds' heads that had not seen them.
    """

    snapshot: Snapshot
    positives: NDArray[np.bool_]
    probabilities: NDArray[np.float32]


def choose(judged: Judged, concept: Concept) -> Threshold:
    """Choose the threshold on val by the concept's contract."""
    val = judged.snapshot.where(VAL)
    return choose_threshold(concept.threshold.contract, judged.positives[val], judged.probabilities[val])


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
            ABOUT.get(split, "held out; declared apart when it was imported"),
        )
        for split in judged.snapshot.held_out_splits
        for chosen in [judged.snapshot.where(split)]
    )


def held_out(judged: Judged) -> HeldOut:
    """Return what the store keeps of the judgement."""
    examples = judged.snapshot.examples
    folded = np.array([example.split == TRAIN for example in examples])
    return HeldOut([example.sha256 for example in examples], judged.probabilities, folded)


def mistakes_of(
    judged: Judged, threshold: Threshold, blobs: Blobs, titles: dict[str, str]
) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
    """Return the worst false positives and the worst false negatives of the held-out splits, worst first."""
    places = np.concatenate([judged.snapshot.where(split) for split in judged.snapshot.held_out_splits])
    false_positives, false_negatives = worst_mistakes(
        judged.positives[places], judged.probabilities[places], threshold.value, WORST
    )
    return (
        tuple(_mistake(judged, n, blobs, titles) for n in places[false_positives].tolist()),
        tuple(_mistake(judged, n, blobs, titles) for n in places[false_negatives].tolist()),
    )


def _mistake(judged: Judged, number: int, blobs: Blobs, titles: dict[str, str]) -> Mistake:
    example = judged.snapshot.examples[number]
    picture = thumbnail(decode(blobs.get(example.sha256)))
    title = titles.get(example.sha256, example.sha256[:12])
    return Mistake(picture, title, float(judged.probabilities[number]), example.split)
