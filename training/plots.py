"""The plots of a report, as SVG that takes its colours from the page, so that one drawing serves light and dark.

The same numbers give the same bytes. Series differ in dash as well as in colour, and the colours are Okabe and
Ito's (2008, https://jfly.uni-koeln.de/color/), which readers with any colour vision can tell apart.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import Any

import numpy as np

from training.curves import (
    Curve,
    SplitScores,
    checked,
    operating_points,
    precision_recall_curve,
    reliability,
    roc_curve,
)
from training.evaluate import confusion

# What matplotlib is told, and the page's own colour that takes its place. Black and grey are not used as such,
# so that no drawing can be left black on a dark page.
_INK, _FAINT, _PAPER = "#010203", "#040506", "#070809"
_SERIES = (("#0072b2", "-"), ("#d55e00", "--"), ("#009e73", ":"), ("#cc79a7", "-."))
_PAGE_COLOURS = {
    _INK: "var(--ink)",
    _FAINT: "var(--rule)",
    _PAPER: "var(--paper)",
    **{colour: f"var(--series-{number})" for number, (colour, _) in enumerate(_SERIES)},
}
_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _FAINT,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "grid.color": _FAINT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "patch.linewidth": 1.6,
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and translated
    "text.color": _INK,
    "text.parse_math": False,  # a class may be called $$$
    "xtick.color": _INK,
    "xtick.labelcolor": _INK,
    "ytick.color": _INK,
    "ytick.labelcolor": _INK,
}


def roc_plot(splits: Sequence[SplitScores], threshold: float) -> str:
    """Draw recall against false positive rate, whole and the part where a blocker lives (up to 5 %)."""
    with _axes("roc", columns=2) as (axes, svg):
        for number, split in enumerate(splits):
            points = operating_points(split.positives, split.probabilities)
            curve = roc_curve(points)
            if curve is None:
                continue
            counts = confusion(split.positives, split.probabilities, threshold)
            at_threshold = (counts.false_positives / points.negatives, counts.true_positives / points.positives)
            for axis in axes:
                _line(axis, curve, number, _short(split.name), at_threshold)
        axes[0].set(title="Whole", xlim=(-0.01, 1.01))
        axes[1].set(title="Up to 5 % false positives", xlim=(-0.0005, 0.05))
        for axis in axes:
            axis.set(xlabel="false positive rate", ylabel="recall", ylim=(-0.01, 1.02))
            _legend(axis)
    return svg("Receiver operating characteristic: recall against false positive rate, a line a split")


def precision_recall_plot(splits: Sequence[SplitScores], threshold: float) -> str:
    """Draw precision against recall."""
    with _axes("precision-recall") as (axes, svg):
        for number, split in enumerate(splits):
            curve = precision_recall_curve(operating_points(split.positives, split.probabilities))
            counts = confusion(split.positives, split.probabilities, threshold)
            if curve is not None:
                _line(axes[0], curve, number, _short(split.name), (counts.recall, counts.precision))
        axes[0].set(xlabel="recall", ylabel="precision", xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
        _legend(axes[0])
    return svg("Precision against recall, a line a split")


def calibration_plot(splits: Sequence[SplitScores]) -> str:
    """Draw the observed against the predicted share of positives, in ten bins."""
    with _axes("calibration") as (axes, svg):
        axes[0].plot((0, 1), (0, 1), color=_FAINT, linewidth=1.2)
        for number, split in enumerate(splits):
            bins = reliability(split.positives, split.probabilities)
            colour, dash = _SERIES[number % len(_SERIES)]
            label = f"{_short(split.name)} (ECE {bins.error:.3f})"
            axes[0].plot(bins.predicted, bins.observed, dash, color=colour, marker="o", markersize=4, label=label)
        axes[0].set(xlabel="predicted probability", ylabel="share that is positive")
        axes[0].set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        _legend(axes[0])
    return svg("Calibration: observed share of positives against predicted probability; the diagonal is perfect")


def histogram_plot(splits: Sequence[SplitScores], threshold: float, positive: str) -> str:
    """Draw how many pictures of either class have which score, on a logarithmic axis, a panel a split."""
    with _axes("histogram", columns=len(splits)) as (axes, svg):
        for axis, split in zip(axes, splits, strict=True):
            truth, scores = checked(split.positives, split.probabilities)
            kinds = ((~truth, "the others"), (truth, _short(positive)))
            for number, (kind, name) in enumerate(kinds):
                colour, dash = _SERIES[number]
                counts, edges = np.histogram(scores[kind], bins=20, range=(0, 1))
                # Half a picture is the floor of the logarithm: an empty bin is seen as empty.
                axis.stairs(np.maximum(counts, 0.5), edges, color=colour, linestyle=dash, label=name, baseline=0.5)
            axis.axvline(threshold, color=_INK, linewidth=1, linestyle=(0, (2, 2)))
            axis.set(title=_short(split.name), yscale="log", xlabel="probability", xlim=(0, 1), ylim=(0.5, None))
            axis.yaxis.set_major_formatter("{x:g}")
            axis.minorticks_off()
        axes[0].set_ylabel("pictures")
        axes[0].legend(loc="upper center", fontsize=8)
    return svg("Histogram of scores for either class, a panel a split; the upright line is the threshold")


def training_plot(history: Mapping[str, Sequence[float]], fine_tuning_from: int | None) -> str:
    """Draw each measure of Keras' history by epoch, with its value on val beside it, a panel a measure."""
    names = list(dict.fromkeys(name.removeprefix("val_") for name in history if len(history[name])))
    with _axes("training", columns=len(names)) as (axes, svg):
        for axis, name in zip(axes, names, strict=True):
            for number, (key, label) in enumerate(((name, "train"), (f"val_{name}", "val"))):
                values = history.get(key, ())
                colour, dash = _SERIES[number]
                if len(values):
                    axis.plot(range(1, len(values) + 1), values, dash, color=colour, label=label, marker=".")
            if fine_tuning_from is not None:
                axis.axvline(fine_tuning_from + 0.5, color=_INK, linewidth=1, linestyle=(0, (2, 2)))
            axis.set(title=name.replace("_", " "), xlabel="epoch")
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.margins(y=0.1)
            axis.legend(fontsize=8)
    return svg("Training curves: each measure by epoch on train and val; the upright line starts fine-tuning")


def _line(axis: Any, curve: Curve, number: int, name: str, at_threshold: tuple[float | None, float | None]) -> None:
    """Draw one split's curve and mark the threshold on it, where it is defined."""
    colour, dash = _SERIES[number % len(_SERIES)]
    axis.plot(curve.x, curve.y, dash, color=colour, label=name)
    if None not in at_threshold:
        axis.plot(*at_threshold, "o", color=colour, markeredgecolor=_PAPER, markersize=7, zorder=3)


def _legend(axis: Any) -> None:
    """Name the lines, if there are any."""
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="lower right" if axis.get_xlabel() != "recall" else "lower left", fontsize=8)


def _short(name: str) -> str:
    """Return a name that leaves room for the drawing."""
    return name if len(name) <= 24 else f"{name[:23]}…"


@contextmanager
def _axes(name: str, columns: int = 1) -> Iterator[tuple[Any, Callable[[str], str]]]:
    """Yield ``columns`` axes to draw on, and the function that gives their SVG for a description in words."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(4.5 if columns == 1 else 9.2, 3.1), layout="constrained")
        axes = figure.subplots(1, columns, squeeze=False)[0]
        drawn = StringIO()
        yield axes, lambda description: _for_page(drawn.getvalue(), name, description)
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})


def _for_page(svg: str, name: str, description: str) -> str:
    """Return matplotlib's file as an element of a page: named, with ids of its own and the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*" ?', r"<svg \1", svg, count=1)
    svg = re.sub(r'<svg ([^>]*?)height="[^"]*" ?', r"<svg \1", svg, count=1)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(description)}" ', 1)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    for drawn, page in _PAGE_COLOURS.items():
        svg = svg.replace(drawn, page)
    return svg
