"""A model card (Mitchell et al., 2019, "Model Cards for Model Reporting", arXiv:1810.03993) from what was measured.

Its sections are theirs, in their order. No number stands in it that was not measured, and what was not measured is
said to be so.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from store.blobs import write_atomically
from training.evaluation.evaluate import cut, decimal
from training.evaluation.results import Evaluation, Measured
from training.reporting.markdown import Section, Table, as_markdown
from training.reporting.report_data import CardFacts, Cost, ReportData
from training.reporting.weaknesses import spoken, weaknesses
from training.tracking.runs_table import flattened

FILE = "model_card.md"
# What holds of every concept: a blocker's verdict is about a picture, and for its reader's comfort.
NOT_FOR = (
    "It is not for judging people, for deciding what others may see, or as evidence of anything: a person decides "
    "what a picture is. Kinds of pictures that no slice below names were not tested."
)
MISTAKES = (
    "Wrong verdicts can be reported to the feedback service: the picture's address, the verdict and the time, no "
    "more. A report counts for nothing until a person has looked; then it trains the next model."
)
ETHICS = (
    "A miss can upset a reader who relies on it, a false alarm hides a picture from a reader who wanted it; the "
    "threshold trades one for the other, and the bundle carries three of them. Pictures are judged inside the "
    "reader's browser and are sent nowhere."
)
SKIN = (
    "The slices by skin-coloured pixels are a colour heuristic that wood and sand meet too; they say nothing of "
    "who is in a picture, and do not replace a test on labelled skin tones, which has not been made."
)
SPOILT_BEFORE = (
    "In training, too, pictures were made small, grey or dark, or put half out of focus: what is said of these is "
    "no test of the unforeseen."
)
UNLICENSED = (
    "The licences of photographs are not recorded here: ask their publishers before this model is used for more "
    "than research."
)
# What a setting that was not set looks like.
_NOTHING: tuple[object, ...] = (None, "", (), [], {})


def write_card(path: Path, data: ReportData) -> None:
    """Write the card as Markdown; the same data gives the same bytes. StoreError when it cannot be written."""
    write_atomically(path, as_markdown(f"Model card: {data.title}", card_of(data)).encode("utf-8", "replace"))


def card_of(data: ReportData) -> tuple[Section, ...]:
    """Return the card's sections, in the paper's order."""
    facts = data.card or CardFacts()
    return (
        _details(data, facts),
        Section("Intended use", tuple(text for text in (facts.intended, NOT_FOR) if text)),
        _factors(data),
        _metrics(data),
        _evaluation_data(data),
        _training_data(data, facts),
        _analyses(data),
        Section("Ethical considerations", (ETHICS, *([SKIN] if _has_skin(data.evaluation) else []))),
        _caveats(data, facts),
    )


def _details(data: ReportData, facts: CardFacts) -> Section:
    recipe = data.recipe
    size = f", {recipe['input_size']} px a side" if "input_size" in recipe else ""
    cut_at = f", cut at {recipe['cut']}" if recipe.get("cut") else ""
    network = f"{recipe.get('backbone', 'unknown')} at width {_number(recipe.get('alpha', 1.0))}{cut_at}{size}"
    points = [
        f"Bundle {data.bundle_id} of the concept {data.concept}, made {data.created_at} by Flinch.",
        f"Network: {network}. It answers with probabilities; a picture is covered when that of {data.positive} "
        f"reaches the threshold.",
        f"First weights: {facts.weights or recipe.get('weights') or 'not recorded'}.",
        *facts.licences,
        *_cost(data.cost),
    ]
    rows = tuple(
        (key, _number(value)) for key, value in flattened(recipe).items() if value not in (None, "", (), [])
    )
    table = (Table("Training recipe", ("Setting", "Value"), rows),) if rows else ()
    return Section("Model details", (), tuple(points), table)


def _cost(cost: Cost | None) -> Iterator[str]:
    if cost is None:
        yield "What it costs to run was not measured."
        return
    counts = (
        (cost.parameters, "{:,} parameters"),
        (cost.macs, "{:,} multiply-adds a picture"),
        (cost.download_bytes, "{:,} bytes to download"),
    )
    known = [words.format(count) for count, words in counts if count is not None]
    if known:
        yield f"Cost: {', '.join(known)}."
    if cost.browser:
        beside = f", where MobileNet v1 1.0 at 224 px took {cost.baseline.median:.1f}" if cost.baseline else ""
        on = f" ({cost.measured_on})" if cost.measured_on else ""
        yield f"In the browser: {cost.browser.median:.1f} ms a picture at the median{beside}{on}."


def _factors(data: ReportData) -> Section:
    evaluation = data.evaluation
    kinds = sorted({found.kind for split in evaluation.splits for found in split.slices})
    points = []
    if kinds:
        points.append(f"Measured apart by {', '.join(kinds)}.")
    if evaluation.stress:
        names = "; ".join(spoken(stress) for stress in evaluation.stress)
        points.append(f"Measured on {evaluation.stressed_split} with its pictures spoilt: {names}.")
        if flattened(data.recipe).get("distill.spoil"):
            points.append(SPOILT_BEFORE)
    return Section("Factors", () if points else ("No slice was measured.",), tuple(points))


def _metrics(data: ReportData) -> Section:
    threshold, interval = data.threshold, data.threshold.interval
    between = f", 95 %: {interval.low:.4g} to {interval.high:.4g}" if interval else ""
    kept = "keeps" if threshold.met else "does NOT keep; it is the nearest that there is to"
    paragraphs = (
        f"The threshold {cut(threshold.value)}{between} was chosen on {data.chosen_on} ({threshold.n:,} pictures, "
        f"{threshold.positives:,} positive), where it {kept} the contract {threshold.contract}.",
        "Precision: the share of covered pictures that are positive; it falls where positives are rarer. Recall: "
        "the share of positives that is covered. False positive rate: the share of other pictures that is covered. "
        "Intervals are 95 %, by bootstrap over groups of near-duplicates.",
    )
    return Section("Metrics", paragraphs)


def _evaluation_data(data: ReportData) -> Section:
    points = [
        f"{split.name}: {len(split.positives):,} pictures, {int(sum(split.positives)):,} positive"
        + (f"; {split.about}." if split.about else ".")
        for split in data.splits
    ]
    return Section("Evaluation data", () if points else ("None.",), tuple(points))


def _training_data(data: ReportData, facts: CardFacts) -> Section:
    points = [f"{key}: {_number(value)}" for key, value in data.snapshot.items() if value not in _NOTHING]
    return Section("Training data", (), (*points, *facts.limits, *(facts.data_limits or (UNLICENSED,))))


def _analyses(data: ReportData) -> Section:
    evaluation = data.evaluation
    tables = [
        Table(
            "Each split at the threshold",
            ("Split", "Precision", "Recall", "False positive rate", "AUC"),
            tuple(
                (split.name, *(_measured(found) for found in (split.precision, split.recall, split.fpr, split.auc)))
                for split in evaluation.splits
            ),
        )
    ]
    tables += [
        Table(
            f"Strictness levels on {split.name}",
            ("Level", "Threshold", "Precision", "Recall", "False positive rate"),
            tuple(
                (level.name, cut(level.threshold), *map(_measured, (level.precision, level.recall, level.fpr)))
                for level in split.levels
            ),
        )
        for split in evaluation.splits
        if split.levels and split.name != evaluation.chosen_on
    ]
    if evaluation.stress:
        tables.append(
            Table(
                f"Spoilt pictures of {evaluation.stressed_split}",
                ("Pictures", "Recall", "Change", "False positive rate", "Change"),
                tuple(
                    (
                        spoken(found),
                        *map(_measured, (found.recall, found.recall_delta, found.fpr, found.fpr_delta)),
                    )
                    for found in evaluation.stress
                ),
            )
        )
    return Section("Quantitative analyses", (), (), tuple(tables))


def _caveats(data: ReportData, facts: CardFacts) -> Section:
    found = weaknesses(data.evaluation)
    notes = (*data.notes, *data.evaluation.notes)
    paragraphs: list[str] = []
    if not found:
        paragraphs.append("No slice or stress was measured to be weaker than the rest beyond its interval.")
    if not facts.data_limits:
        paragraphs.append("The limits of the data were not written down ([card] data_limits of the concept).")
    return Section("Caveats and recommendations", tuple(paragraphs), (*found, *notes, MISTAKES))


def _has_skin(evaluation: Evaluation) -> bool:
    return any(found.kind == "skin-coloured" for split in evaluation.splits for found in split.slices)


def _measured(measured: Measured) -> str:
    """Return a number with its interval and what it stands on."""
    if measured.too_few:
        return f"too few ({measured.n})"
    if measured.value is None:
        return "-"
    interval = measured.interval
    between = f" ({interval.low:.3f} to {interval.high:.3f})" if interval else ""
    return f"{decimal(measured.value)}{between}"


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_number(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_number, value))
    return str(value)
