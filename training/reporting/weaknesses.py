"""Where a model is weak, in plain words: every sentence is a number that was measured and its interval.

Only what an interval holds apart from the rest is told; and since many slices are looked at, one in twenty of such
findings is chance (the report says so).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from training.evaluation.results import FEWEST, Evaluation, Measured, SliceResult, SplitEvaluation, StressResult

# Findings of one kind, the worst first: a reader takes in so many.
MOST = 4
# A fall that nobody would notice is no weakness, however sure it is.
SMALLEST = 0.03


def weaknesses(evaluation: Evaluation) -> tuple[str, ...]:
    """Return a sentence a weakness: broken contracts, weak slices, stresses, attacks."""
    found: list[str] = []
    for split in evaluation.splits:
        if split.name != evaluation.chosen_on:
            found += [*_contract(split, evaluation.threshold.contract), *_slices(split)]
    found += _stresses(evaluation.stress, evaluation)
    found += _attacks(evaluation.adversarial)
    return tuple(found)


def share(measured: Measured) -> str:
    """Return a share with its interval, as a sentence can hold it."""
    if measured.value is None:
        return "-"
    interval = measured.interval
    return f"{measured.value:.2f}" + (f" (95 %: {interval.low:.2f} to {interval.high:.2f})" if interval else "")


def _contract(split: SplitEvaluation, contract: str) -> Iterator[str]:
    if split.contract_kept is False:
        yield (
            f"On {split.name} the contract {contract} is not kept: precision {share(split.precision)}, "
            f"recall {share(split.recall)}, false positive rate {_rate(split.fpr)}."
        )


def _slices(split: SplitEvaluation) -> list[str]:
    """Return the slices that are worse than the split as a whole, beyond their interval."""
    blind = [found for found in split.slices if _below(found.recall, split.recall)]
    jumpy = [found for found in split.slices if _above(found.fpr, split.fpr)]
    blind.sort(key=lambda found: found.recall.value or 0.0)
    jumpy.sort(key=lambda found: -(found.fpr.value or 0.0))
    sentences = [
        f"On {split.name}, recall falls to {share(found.recall)} for {_name(found)}, "
        f"against {_plain(split.recall)} over all of it."
        for found in blind[:MOST]
    ]
    return sentences + [
        f"On {split.name}, the false positive rate rises to {_rate(found.fpr)} for {_name(found)}, "
        f"against {_plain(split.fpr, 3)} over all of it."
        for found in jumpy[:MOST]
    ]


def _stresses(stresses: tuple[StressResult, ...], evaluation: Evaluation) -> list[str]:
    """Return the stresses that find less, or cover more for nothing, beyond their paired interval."""
    whole = evaluation.of(evaluation.stressed_split)
    before = f" from {_plain(whole.recall)}" if whole else ""
    false_before = f" from {_plain(whole.fpr, 3)}" if whole else ""
    fallen = [found for found in stresses if _surely(found.recall_delta, -1)]
    risen = [found for found in stresses if _surely(found.fpr_delta, 1)]
    fallen.sort(key=lambda found: found.recall_delta.value or 0.0)
    risen.sort(key=lambda found: -(found.fpr_delta.value or 0.0))
    sentences = [
        f"Recall on {evaluation.stressed_split} falls{before} to {share(found.recall)} under {spoken(found)}."
        for found in fallen[:MOST]
    ]
    return sentences + [
        f"The false positive rate on {evaluation.stressed_split} rises{false_before} to {_rate(found.fpr)} "
        f"under {spoken(found)}."
        for found in risen[:MOST]
    ]


def spoken(stress: StressResult) -> str:
    """Return the name of a stress, and what was done to the pictures."""
    return f"'{stress.name.replace('_', ' ')}': {stress.about}"


def _attacks(adversarial: Mapping[str, Any] | None) -> Iterator[str]:
    """Say the smallest ball in which the strongest attack hides half of what is found untouched."""
    # Like every share of this page, none is told of fewer pictures than this.
    if adversarial is None or adversarial["positives"] < FEWEST:
        return
    strikes = adversarial["strikes"]
    untouched = next((strike["recall"] for strike in strikes if strike["attack"] == "none"), None)
    broken = [
        strike
        for strike in strikes
        if strike["attack"] == "pgd"
        and strike["recall"] is not None
        and untouched
        and strike["recall"] <= untouched / 2
    ]
    if broken:
        weakest = min(broken, key=lambda strike: float(strike["eps"]))
        yield (
            f"Who knows the weights can hide pictures: with changes of at most {weakest['eps']:g} of 255 to the "
            f"network's input, recall falls from {untouched:.2f} to {weakest['recall']:.2f} "
            f"(PGD, {adversarial['positives']} positives)."
        )


def _below(part: Measured, whole: Measured) -> bool:
    return (
        part.value is not None
        and part.interval is not None
        and whole.value is not None
        and part.interval.high < whole.value
        and whole.value - part.value >= SMALLEST
    )


def _above(part: Measured, whole: Measured) -> bool:
    # False positive rates are small: a doubled one is felt where a fixed difference would never be reached.
    return (
        part.value is not None
        and part.interval is not None
        and whole.value is not None
        and part.interval.low > whole.value
        and part.value >= 2 * whole.value
    )


def _surely(delta: Measured, sign: int) -> bool:
    """Whether the change has this sign beyond its interval, and is large enough to matter."""
    if delta.value is None or delta.interval is None:
        return False
    nearest = delta.interval.low if sign > 0 else -delta.interval.high
    smallest = 0.005 if sign > 0 else SMALLEST
    return nearest > 0 and sign * delta.value >= smallest


def _name(found: SliceResult) -> str:
    return f"{found.kind} '{found.name}'"


def _plain(measured: Measured, digits: int = 2) -> str:
    return "-" if measured.value is None else f"{measured.value:.{digits}f}"


def _rate(measured: Measured) -> str:
    """Return a false positive rate with its interval; two digits would say 0 of most."""
    if measured.value is None:
        return "-"
    interval = measured.interval
    return f"{measured.value:.3f}" + (f" (95 %: {interval.low:.3f} to {interval.high:.3f})" if interval else "")
