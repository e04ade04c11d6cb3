"""What a bundle must show before readers get it: the same answers everywhere, and none worse than before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.bundle import KERAS, Bundle
from inference.predictor import SAVED_MODEL
from inference.preprocess import preprocess
from inference.quiet import import_tensorflow_quietly
from store.errors import GateError
from training.evaluation.curves import Flags, Floats
from training.evaluation.resampling import Resampler
from training.exporting import parity
from training.releasing.release_pictures import Comparable, Picture

# What a network says of pixels uint8 [n, size, size, 3]: probabilities float32 [n, classes].
Says = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
# The false positive rate at which the two models' recalls are compared: one normal picture in two hundred.
FALSE_POSITIVE_RATE = 0.005
RESAMPLES = 2000
# Fewer pictures end to end say little about all that JPEG can hold.
PICTURES = 200


@dataclass(frozen=True)
class Check:
    """One question of the gate: its answer, in one line for people and in numbers for machines."""

    name: str
    passed: bool
    says: str
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the check for machines."""
        return {"name": self.name, "passed": self.passed, "says": self.says, **self.numbers}


def check_golden(bundle: Bundle, keras_says: Says, in_chromium: NDArray[np.float64]) -> Check:
    """Compare Keras with the SavedModel, TF.js in Node and TF.js in Chromium on the bundle's golden pictures.

    ``in_chromium`` [n, classes] is what the browser says of them.
    """
    bound = bundle.parity.bound
    files = [(bundle.path / golden.file).read_bytes() for golden in bundle.golden]
    pixels = np.stack([preprocess(data, bundle.input.size) for data in files])
    try:
        expected = keras_says(pixels)
        found = parity.gate(bundle.path, bundle.path / SAVED_MODEL, pixels, expected, bound)
        chromium = parity.compare("TF.js in Chromium", in_chromium, expected, bound)
    except GateError as error:
        return Check("parity", False, str(error), {"bound": bound})
    numbers = {"bound": bound, "pictures": len(pixels)}
    numbers |= {"saved_model": found.saved_model, "node": found.tfjs, "chromium": chromium}
    worst = max(found.saved_model, found.tfjs, chromium)
    says = (
        f"parity: SavedModel, Node and Chromium differ from Keras by at most {worst:.2g} on {len(pixels)} pictures"
    )
    return Check("parity", True, says, numbers)


def check_end_to_end(
    bundle: Bundle, keras_says: Says, pictures: Sequence[Picture], in_chromium: NDArray[np.float64]
) -> Check:
    """Compare Keras with Chromium on pictures as they came, decoding and resizing each in its own way."""
    bound = bundle.parity.bound
    if not pictures:
        return Check("end to end", False, "end to end: the store has no val or test picture left to compare")
    pixels = np.stack([preprocess(picture.path.read_bytes(), bundle.input.size) for picture in pictures])
    expected = keras_says(pixels)
    numbers: dict[str, Any] = {"bound": bound, "pictures": len(pictures)}
    try:
        worst = parity.compare("decoding, resize and TF.js in Chromium", in_chromium, expected, bound, "picture")
    except GateError as error:
        return Check("end to end", False, str(error), numbers)
    mean = float(np.abs(in_chromium - expected).max(axis=1).mean())
    fewer = "" if len(pictures) >= PICTURES else f", fewer than {PICTURES}: the store has no more"
    says = f"end to end: at most {worst:.2g}, on average {mean:.2g}, on {len(pictures)} pictures{fewer}"
    return Check("end to end", True, says, numbers | {"largest": worst, "mean": mean})


def check_threshold(bundle: Bundle) -> Check:
    """The threshold must keep its contract on the pictures that it was chosen on."""
    threshold = bundle.threshold
    met = bool(threshold.get("met"))
    chosen_on = threshold.get("chosen_on", "val")
    kept = "keeps" if met else "does not keep"
    says = f"threshold: {bundle.threshold_value:.4f} {kept} {threshold.get('contract')} on {chosen_on}"
    return Check("threshold", met, says, {"value": bundle.threshold_value, "contract": threshold.get("contract")})


def check_purpose(bundle: Bundle, earlier: Mapping[str, Any] | None) -> Check:
    """A model for something else must not slip into an extension that people have installed."""
    before = earlier["concept"] if earlier else bundle.concept
    if before == bundle.concept:
        return Check("purpose", True, f"purpose: {bundle.concept}")
    return Check("purpose", False, f"purpose: the released model is of '{before}', this one of '{bundle.concept}'")


def check_against_released(
    bundle: Bundle,
    earlier: Mapping[str, Any],
    test: Comparable,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> Check:
    """Hold what both models say of the test pictures in Chromium, [n, classes], against the labels.

    ``earlier`` is the manifest of the released model, whose answers are ``before``.
    """
    truth = np.array([picture.label == bundle.positive for picture in test.pictures], bool)
    groups = [picture.group for picture in test.pictures]
    column = list(earlier["classes"]).index(earlier["positive"])
    check = check_not_worse(truth, before[:, column], after[:, bundle.positive_index], groups)
    rest = {"deleted": test.deleted, "learnt": test.learnt, "lineage_known": test.lineage_known}
    return replace(check, says="; ".join((check.says, *test.notes)), numbers={**check.numbers, **rest})


def check_not_worse(truth: Flags, before: Floats, after: Floats, groups: Sequence[str], seed: int = 0) -> Check:
    """Compare two models on the same frozen test pictures: bool[n], and probabilities [n] of the positive class.

    Two measures, each with the 95 % interval of its paired difference by bootstrap over groups: the AUC, which
    moves first since every pair of pictures counts, and the recall where .5 % of the normal pictures are covered,
    which is what a reader feels. The cut that covers so many is found anew for each model in each draw: it stands
    on a handful of normal pictures, and one group of them can move it. The new model is refused when an interval
    lies below 0 as a whole: then it is worse, and these pictures are no excuse. To ask for an interval above 0
    would refuse every equal model, and an honest retraining on more labels moves such numbers both ways. Too few
    pictures to tell are a refusal too; where only the normal ones are too few for .5 % of them to be one, the AUC
    judges alone.
    """
    resampler = Resampler(groups, len(truth), RESAMPLES, seed)
    area = resampler.auc_change(truth, before, after)
    recall = resampler.recall_at_fpr_change(truth, before, after, FALSE_POSITIVE_RATE)
    numbers = {"pictures": len(truth), "auc": area.as_json(), "recall_at_fpr_0.005": recall.as_json()}
    if area.interval is None:
        positive, normal = (
            f"{int(kind.sum())} {word} test pictures in {len(set(compress(groups, kind)))} groups"
            for word, kind in (("positive", truth), ("normal", ~truth))
        )
        return Check("not worse", False, f"not worse: {positive} and {normal} are too few to tell", numbers)
    changes = {"AUC": area, "recall at FPR 0.5 %": recall}
    worse = [name for name, change in changes.items() if change.interval and change.interval.high < 0]
    told = [
        f"{name} {change.value:+.4f} [{change.interval.low:+.4f}, {change.interval.high:+.4f}]"
        if change.interval
        else f"{name} cannot be told on {int((~truth).sum())} normal pictures"
        for name, change in changes.items()
    ]
    verdict = f"worse than the released model in {' and '.join(worse)}" if worse else "not worse"
    return Check("not worse", not worse, f"{verdict} on {len(truth)} test pictures: {'; '.join(told)}", numbers)


def keras_of(bundle: Bundle) -> Says:
    """Return the bundle's Keras network as a function."""
    import_tensorflow_quietly()
    import keras

    from training.networks.forward import forward

    answers = forward(keras.models.load_model(bundle.path / KERAS, compile=False))
    return lambda pixels: answers(pixels, np.arange(len(pixels)))
