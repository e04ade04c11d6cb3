"""One file that says how good a run is, on what that was measured, and where it is wrong.

The page loads nothing, runs no script, and shows no picture that the reader did not ask to see.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from store.blobs import write_atomically
from training import plots
from training.curves import SplitScores
from training.evaluate import Confusion, Metrics, confusion, cut, measure, readable
from training.intervals import Interval, Intervals, precision_recall_intervals
from training.metrics_file import Row
from training.page import environment, markup
from training.threshold import Threshold
from training.training_curves import training_plot

__all__ = ["Mistake", "ReportData", "SplitScores", "thumbnail", "write_report"]

_FORMATS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True)
class Mistake:
    """A picture on the wrong side of the threshold, small (``thumbnail``), titled as the source titled it."""

    picture: bytes  # PNG or JPEG
    title: str
    probability: float  # of the positive class
    split: str
    source: str = ""


@dataclass(frozen=True)
class ReportData:
    """All that a report shows. Everything that can be computed from the scores is computed from them."""

    concept: str
    title: str
    positive: str  # the class that is covered
    bundle_id: str
    created_at: str
    threshold: Threshold
    splits: tuple[SplitScores, ...]
    threshold_interval: Interval | None = None
    chosen_on: str = "val"
    # Keras' shape: one value an epoch under "loss", "val_loss", "auc", ...; both stages in a row.
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    fine_tuning_from: int | None = None  # the first epoch of fine-tuning, counted from 0
    epochs: tuple[Row, ...] = ()  # what metrics.jsonl has; takes the place of ``history``
    false_positives: tuple[Mistake, ...] = ()  # worst first
    false_negatives: tuple[Mistake, ...] = ()
    recipe: Mapping[str, object] = field(default_factory=dict)
    snapshot: Mapping[str, object] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)  # seconds
    notes: tuple[str, ...] = ()  # what the reader must know first, such as a fallback that was taken


@dataclass(frozen=True)
class SplitResult:
    """What was measured on one split."""

    scores: SplitScores
    metrics: Metrics
    intervals: Intervals
    confusion: Confusion


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
        "duration": duration,
        "fact": _fact,
        "interval": _interval,
    }
    results = [_result(split, data.threshold.value) for split in data.splits]
    return pages.get_template("report.html.j2").render(
        data=data,
        results=results,
        headline=_headline(results, data.chosen_on),
        table=_table(results),
        plots=_plots(data),
    )


def thumbnail(image: Image.Image, side: int = 192) -> bytes:
    """Return ``image`` as a JPEG of at most ``side`` pixels a side, without metadata."""
    small = image.convert("RGB")
    small.info.clear()  # Pillow would write the comment and the EXIF of the original into the copy
    small.thumbnail((side, side))
    file = BytesIO()
    small.save(file, "JPEG", quality=82)
    return file.getvalue()


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


def _result(split: SplitScores, threshold: float) -> SplitResult:
    scored = (split.positives, split.probabilities, threshold)
    return SplitResult(
        split, measure(*scored), precision_recall_intervals(*scored, groups=split.groups), confusion(*scored)
    )


def _headline(results: Sequence[SplitResult], chosen_on: str) -> SplitResult | None:
    """Return the split whose numbers head the page: test, or one that nothing was chosen on, or what there is."""
    by_honesty = sorted(results, key=lambda r: (r.scores.name != "test", r.scores.name == chosen_on))
    return by_honesty[0] if by_honesty else None


def _table(results: Sequence[SplitResult]) -> list[tuple[str, list[tuple[str, Interval | None]]]]:
    """Return rows of (measure, a (value, interval) for each split)."""
    columns = []
    for result in results:
        here = f" at {cut(result.metrics.threshold)}"
        known = {f"precision{here}": result.intervals.precision, f"recall{here}": result.intervals.recall}
        columns.append([(name, (value, known.get(name))) for name, value in readable(result.metrics)])
    return [(cells[0][0], [cell for _, cell in cells]) for cells in zip(*columns, strict=True)]


def _plots(data: ReportData) -> dict[str, Any]:
    """Return the drawings by name, as markup."""
    scored = [split for split in data.splits if len(split.positives)]
    epochs = data.epochs or _epochs_of(data.history, data.fine_tuning_from)
    drawn = {"training": training_plot(epochs)} if epochs else {}
    if scored:
        drawn |= {
            "roc": plots.roc_plot(scored, data.threshold.value),
            "precision_recall": plots.precision_recall_plot(scored, data.threshold.value),
            "calibration": plots.calibration_plot(scored),
            "histogram": plots.histogram_plot(scored, data.threshold.value, data.positive),
        }
    return {name: markup(svg) for name, svg in drawn.items()}


def _epochs_of(history: Mapping[str, Sequence[float]], fine_tuning_from: int | None) -> tuple[Row, ...]:
    """Return Keras' history, a list a measure, as a row an epoch."""
    length = max((len(values) for values in history.values()), default=0)
    border = length if fine_tuning_from is None else fine_tuning_from
    return tuple(
        Row(
            stage="head" if place < border else "fine-tune",
            epoch=place + 1 - (0 if place < border else border),
            numbers={name: values[place] for name, values in history.items() if place < len(values)},
            at="",
        )
        for place in range(length)
    )


def _data_uri(picture: bytes) -> str:
    """Return the picture as a data: URI; the kind is read off its bytes, never believed."""
    for magic, kind in _FORMATS.items():
        if picture.startswith(magic):
            return f"data:{kind};base64,{b64encode(picture).decode('ascii')}"
    raise ValueError("a report's picture must be PNG or JPEG; see training.report.thumbnail")


def _interval(interval: Interval | None) -> str:
    return "" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _fact(value: object) -> str:
    """Return a setting as a person would write it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case Mapping():
            return ", ".join(f"{key} {_fact(part)}" for key, part in value.items())
        case list() | tuple():
            return ", ".join(_fact(part) for part in value)
    return "-" if value is None else str(value)
