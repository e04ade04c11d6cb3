"""One file that says how good a run is, on what that was measured, and where it is wrong.

The page loads nothing, runs no script, and shows no picture that the reader did not ask to see.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from store.blobs import write_atomically
from training.evaluation.evaluate import cut, digits, readable
from training.evaluation.intervals import Interval
from training.evaluation.results import Evaluation, Measured, SliceResult, SplitEvaluation
from training.reporting import evaluation_plots, plots
from training.reporting.model_card import card_of
from training.reporting.page import environment, markup
from training.reporting.report_data import ReportData
from training.reporting.training_curves import training_plot
from training.reporting.weaknesses import spoken, weaknesses

_FORMATS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
# Of the slices that a drawing shows; the tables have all.
_WEAKEST = 18


def write_report(path: Path, data: ReportData) -> None:
    """Write ``data`` as one self-contained page; the same data gives the same bytes.

    StoreError when ``path`` cannot be written, ValueError for a mistake whose picture is neither PNG nor JPEG.
    """
    # Titles come from the network and may hold half a surrogate pair, which UTF-8 cannot.
    write_atomically(path, render(data).encode("utf-8", "replace"))


def render(data: ReportData) -> str:
    """Return the page as HTML."""
    pages = environment()
    pages.filters |= {
        "cut": cut,
        "data_uri": _data_uri,
        "digits": digits,
        "duration": duration,
        "fact": _fact,
        "interval": _interval,
        "measured": _measured,
        "spoken": spoken,
    }
    results = data.evaluation.splits
    return pages.get_template("report.html.j2").render(
        data=data,
        results=results,
        headline=_headline(results, data.chosen_on),
        table=_table(results),
        plots=_plots(data),
        stages=Counter(row.stage for row in data.epochs),
        slices=_slices_by_kind(data.evaluation),
        weaknesses=weaknesses(data.evaluation),
        card=card_of(data),
    )


def duration(seconds: float) -> str:
    """Return "0.4 s", "38 s", "2 min 14 s" or "1 h 05 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _headline(results: Sequence[SplitEvaluation], chosen_on: str) -> SplitEvaluation | None:
    """Return the split whose numbers head the page: test, or one that nothing was chosen on, or what there is."""
    by_honesty = sorted(results, key=lambda r: (r.name != "test", r.name == chosen_on))
    return by_honesty[0] if by_honesty else None


def _table(results: Sequence[SplitEvaluation]) -> list[tuple[str, list[tuple[str, Interval | None]]]]:
    """Return rows of (measure, a (value, interval) for each split)."""
    columns = []
    for result in results:
        known = {name: measured.interval for name, measured in result.by_name().items()}
        columns.append([(name, (value, known.get(name))) for name, value in readable(result.metrics)])
    return [(cells[0][0], [cell for _, cell in cells]) for cells in zip(*columns, strict=True)]


def _plots(data: ReportData) -> dict[str, Any]:
    """Return the drawings by name, as markup."""
    drawn = _curves(data) | _evaluated(data.evaluation)
    if data.epochs:
        drawn["training"] = training_plot(data.epochs)
    return {name: markup(svg) for name, svg in drawn.items()}


def _curves(data: ReportData) -> dict[str, str]:
    scored = [split for split in data.splits if len(split.positives)]
    if not scored:
        return {}
    drawn = {
        "roc": plots.roc_plot(scored, data.threshold.value),
        "precision_recall": plots.precision_recall_plot(scored, data.threshold.value),
        "calibration": evaluation_plots.calibration_plot(data.uncalibrated, scored),
        "histogram": plots.histogram_plot(scored, data.threshold.value, data.positive),
    }
    swept = [split for split in scored if 0 < int(sum(split.positives)) < len(split.positives)]
    if swept:
        by_honesty = sorted(swept, key=lambda split: (split.name != "test", split.name == data.chosen_on))
        drawn["sweep"] = evaluation_plots.sweep_plot(by_honesty[0], data.threshold.value, data.threshold.strictness)
    return drawn


def _evaluated(evaluation: Evaluation) -> dict[str, str]:
    """Return the drawings of slices by split (``slices test``), of stresses and of attacks."""
    drawn = {}
    for number, split in enumerate(evaluation.splits):
        rows = [(f"{found.kind}: {found.name}", found.recall, found.fpr) for found in _weakest(split)]
        if rows and split.name != evaluation.chosen_on:
            drawn[f"slices {split.name}"] = evaluation_plots.forest_plot(
                f"slices-{number}",
                f"Recall and false positive rate of slices of {split.name}, a dot and its 95 % interval each; "
                f"the upright line is all of {split.name}",
                rows,
                (split.recall.value, split.fpr.value),
            )
    if evaluation.stress:
        whole = evaluation.of(evaluation.stressed_split)
        drawn["stress"] = evaluation_plots.forest_plot(
            "stress",
            f"Recall and false positive rate on {evaluation.stressed_split} with its pictures spoilt; "
            "the upright line is without",
            [(found.name.replace("_", " "), found.recall, found.fpr) for found in evaluation.stress],
            (whole.recall.value, whole.fpr.value) if whole else (None, None),
        )
    if evaluation.adversarial and evaluation.adversarial.get("strikes"):
        drawn["attack"] = evaluation_plots.attack_plot(evaluation.adversarial)
    return drawn


def _weakest(split: SplitEvaluation) -> list[SliceResult]:
    """Return the slices with the least recall, then those that have only normal pictures, by their alarms."""
    told = [found for found in split.slices if not (found.recall.too_few and found.fpr.too_few)]

    def weakness(found: SliceResult) -> tuple[bool, float, float]:
        recall, alarms = found.recall.value, found.fpr.value
        return recall is None, recall or 0.0, -(alarms or 0.0)

    return sorted(told, key=weakness)[:_WEAKEST]


def _slices_by_kind(
    evaluation: Evaluation,
) -> list[tuple[SplitEvaluation, list[tuple[str, list[SliceResult]]]]]:
    """Return (split, [(kind, its slices)]) for every split that has slices."""
    return [
        (split, [(kind, list(found)) for kind, found in groupby(split.slices, key=lambda found: found.kind)])
        for split in evaluation.splits
        if split.slices
    ]


def _data_uri(picture: bytes) -> str:
    """Return the picture as a data: URI; the kind is read off its bytes, never believed."""
    for magic, kind in _FORMATS.items():
        if picture.startswith(magic):
            return f"data:{kind};base64,{b64encode(picture).decode('ascii')}"
    raise ValueError("a report's picture must be PNG or JPEG; see training.reporting.mistakes.thumbnail")


def _interval(interval: Interval | None, digits: int = 3) -> str:
    return "" if interval is None else f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"


def _measured(measured: Measured, digits: int = 3, signed: bool = False) -> str:
    """Return a number, why there is none, or "-"; a change with its sign."""
    if measured.value is None:
        return f"too few ({measured.n})" if measured.too_few else "-"
    return f"{measured.value:{'+' if signed else ''}.{digits}f}"


def _fact(value: object) -> str:
    """Return a setting as a person would write it."""
    if value in (None, "", (), [], {}):
        return "-"
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case Mapping():
            return ", ".join(f"{key} {_fact(part)}" for key, part in value.items())
        case list() | tuple():
            return ", ".join(_fact(part) for part in value)
    return str(value)
