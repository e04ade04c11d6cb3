"""A finished bundle on one split of the store's newest snapshot: what ``flinch evaluate`` without a folder does."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.bundle import KERAS, Bundle
from inference.predictor import Predictor
from inference.quiet import import_tensorflow_quietly
from store.database import Store
from store.errors import InputError
from store.nearest import did_you_mean
from store.progress import track
from training.evaluation.curves import SplitScores
from training.evaluation.evaluate_split import evaluate_split
from training.evaluation.judge import about
from training.evaluation.results import Evaluation
from training.evaluation.slices import facts_of
from training.evaluation.stress import Stressed, Subjects, measure_stress
from training.evaluation.threshold import threshold_from_json
from training.exporting.browser_model import predictor_of
from training.seen import seen_by
from training.snapshot import Example, Snapshot, newest_snapshot

_CHUNK = 256  # pictures between two steps of the progress bar
SEED = 0


@dataclass(frozen=True)
class Wish:
    """What is measured beside the numbers of the split itself."""

    split: str
    slices: bool = False
    stress: bool = False
    attacked: int = 0  # pictures at most; 0: none


def evaluate_snapshot(store: Store, bundle: Bundle, wish: Wish) -> Evaluation:
    """Return what ``bundle`` is worth on a split of the newest snapshot of its classes.

    Pictures that the bundle, or one that it went on from, was trained on are left out, and said to be. Raises
    InputError when there is no such snapshot or split, a blob is missing or damaged, or a released bundle is to be
    attacked: it has no gradients.
    """
    if wish.attacked and KERAS not in bundle.files:
        raise InputError(f"{bundle.path}: has no {KERAS}, whose gradients an attack follows; attack another bundle")
    snapshot = newest_snapshot(store.home.snapshots, bundle.classes)
    examples, notes = _unseen(store, bundle, snapshot, _examples(snapshot, wish.split))
    import_tensorflow_quietly()
    # By way of the trainings' cache: a picture is decoded once for all of them.
    from training.pictures.pixels import decode_all

    digests = [example.sha256 for example in examples]
    pixels, rows = decode_all(store.blobs, digests, bundle.input.size, store.home.cache, track)
    truth = np.array([example.label == bundle.positive for example in examples])
    predictor = predictor_of(bundle)
    scores = SplitScores(
        wish.split,
        truth,
        _positive(predictor, pixels, rows),
        [example.group for example in examples],
        about(wish.split),
    )
    threshold = threshold_from_json(bundle.threshold)
    with store.session() as session:
        facts = facts_of(session, bundle.concept, digests) if wish.slices else {}
    found = evaluate_split(
        scores, threshold, [facts.get(digest) for digest in digests] if wish.slices else (), SEED
    )
    stressed = _stressed(store, predictor, digests, scores, threshold.value) if wish.stress else None
    return Evaluation(
        concept=bundle.concept,
        positive=bundle.positive,
        threshold=threshold,
        chosen_on=str(bundle.threshold.get("chosen_on", "val")),
        splits=(replace(found, slices=(*found.slices, *(stressed.skin if stressed else ()))),),
        stress=stressed.results if stressed else (),
        stressed_split=wish.split,
        adversarial=_attacked(bundle, pixels, rows, truth, wish.attacked) if wish.attacked else None,
        notes=(f"snapshot   {snapshot.id[:12]}", *notes),
    )


def _examples(snapshot: Snapshot, split: str) -> list[Example]:
    examples = snapshot.of(split)
    if not examples:
        raise InputError(
            f"snapshot {snapshot.id[:12]} has no split '{split}'{did_you_mean(split, snapshot.splits)}; "
            f"it has {', '.join(snapshot.splits)}"
        )
    return examples


def _unseen(
    store: Store, bundle: Bundle, snapshot: Snapshot, examples: list[Example]
) -> tuple[list[Example], list[str]]:
    """Leave out what the bundle has seen: a split can have changed since, and its groups have merged."""
    seen = seen_by(store.home, bundle.snapshot_id, bundle.backbone.weights)
    groups = seen.groups_in(snapshot)
    kept = [example for example in examples if example.group not in groups]
    if not kept:
        raise InputError(f"{bundle.path}: was trained on every picture of the split '{examples[0].split}'")
    notes = []
    if left := len(examples) - len(kept):
        notes.append(f"{left} pictures are left out: the bundle was trained on them or on near-duplicates")
    if not seen.complete:
        notes.append("not all that the bundle was trained on is known here: a snapshot is of another home")
    return kept, notes


def _positive(predictor: Predictor, pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    starts = range(0, len(rows), _CHUNK)
    parts = [
        predictor.probabilities(pixels[rows[start : start + _CHUNK]])
        for start in track(starts, "scoring", len(starts))
    ]
    return np.concatenate(parts)[:, predictor.bundle.positive_index]


def _stressed(
    store: Store, predictor: Predictor, digests: list[str], scores: SplitScores, threshold: float
) -> Stressed:
    def judge(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return predictor.probabilities(pixels)[:, predictor.bundle.positive_index]

    subjects = Subjects(digests, scores.positives, scores.probabilities, scores.groups)
    return measure_stress(subjects, store.blobs, judge, predictor.bundle.input.size, threshold, SEED)


def _attacked(
    bundle: Bundle, pixels: NDArray[np.uint8], rows: NDArray[np.int64], truth: NDArray[np.bool_], at_most: int
) -> dict[str, Any]:
    """Attack a sample of the split with the bundle's own gradients."""
    import keras

    from training.evaluation.adversarial import attack, sample

    chosen = sample(truth, SEED, at_most)
    model = keras.models.load_model(bundle.path / KERAS, compile=False)
    attacked = pixels[rows[chosen]].astype(np.float32)
    return attack(model, attacked, truth[chosen], bundle.positive_index, bundle.threshold_value).as_json()
