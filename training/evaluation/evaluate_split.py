"""Everything that is measured on one split at a threshold: shares with intervals, strictness levels, slices."""

from collections.abc import Sequence

from training.evaluation.curves import Flags, Floats, SplitScores, checked, reliability
from training.evaluation.evaluate import FALSE_POSITIVE_RATES, MISS_RATES, Confusion, confusion, measure
from training.evaluation.resampling import Resampler
from training.evaluation.results import LevelResult, SplitEvaluation
from training.evaluation.slices import Facts, measure_slices
from training.evaluation.threshold import Threshold, parse_contract


def evaluate_split(
    split: SplitScores, threshold: Threshold, facts: Sequence[Facts | None] = (), seed: int = 0
) -> SplitEvaluation:
    """Return what was measured on ``split``; with ``facts``, one for each picture, its slices too."""
    truth, scores = checked(split.positives, split.probabilities)
    covered = scores >= threshold.value
    resampler = Resampler(split.groups, len(truth), seed=seed)
    counts = confusion(truth, scores, threshold.value)
    return SplitEvaluation(
        name=split.name,
        about=split.about,
        metrics=measure(truth, scores, threshold.value),
        confusion=counts,
        precision=resampler.share(truth & covered, covered),
        recall=resampler.share(truth & covered, truth),
        fpr=resampler.share(~truth & covered, ~truth),
        auc=resampler.auc(truth, scores),
        recall_at_fpr={rate: resampler.recall_at_fpr(truth, scores, float(rate)) for rate in FALSE_POSITIVE_RATES},
        fpr_at_fnr={rate: resampler.fpr_at_fnr(truth, scores, float(rate)) for rate in MISS_RATES},
        contract_kept=kept(threshold.contract, counts),
        levels=_levels(threshold, truth, scores, resampler),
        reliability=reliability(truth, scores, equal_mass=True) if len(truth) else None,
        slices=measure_slices(facts, truth, scores, split.groups, threshold.value, seed) if facts else (),
    )


def kept(contract: str, counts: Confusion) -> bool | None:
    """Whether ``contract`` is kept by these counts; None where its measure is undefined.

    ConfigError when the contract cannot be read.
    """
    promise = parse_contract(contract)
    value = {
        "precision": counts.precision,
        "recall": counts.recall,
        "fpr": counts.false_positive_rate,
        "fnr": counts.miss_rate,
    }[promise.measure]
    return promise.kept_by(value)


def _levels(threshold: Threshold, truth: Flags, scores: Floats, resampler: Resampler) -> tuple[LevelResult, ...]:
    if threshold.strictness is None:
        return ()
    found = []
    for name, value in threshold.strictness.as_json().items():
        covered = scores >= value
        found.append(
            LevelResult(
                name=name,
                threshold=value,
                precision=resampler.share(truth & covered, covered),
                recall=resampler.share(truth & covered, truth),
                fpr=resampler.share(~truth & covered, ~truth),
            )
        )
    return tuple(found)
