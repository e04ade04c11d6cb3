"""What a report draws from the scores of its splits: curves and histograms (training/reporting/drawing.py)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.evaluation.curves import (
    Curve,
    SplitScores,
    checked,
    operating_points,
    precision_recall_curve,
    roc_curve,
)
from training.evaluation.evaluate import confusion
from training.reporting.drawing import INK, PAPER, SERIES, drawing, legend, short


def roc_plot(splits: Sequence[SplitScores], threshold: float) -> str:
    """Draw recall against false positive rate, whole and the part where a blocker lives (up to 5 %)."""
    with drawing("roc", panels=2) as (axes, svg):
        for number, split in enumerate(splits):
            points = operating_points(split.positives, split.probabilities)
            curve = roc_curve(points)
            if curve is None:
                continue
            counts = confusion(split.positives, split.probabilities, threshold)
            at_threshold = (counts.false_positives / points.negatives, counts.true_positives / points.positives)
            for axis in axes:
                _line(axis, curve, number, short(split.name), at_threshold)
        axes[0].set(title="Whole", xlim=(-0.01, 1.01))
        axes[1].set(title="Up to 5 % false positives", xlim=(-0.0005, 0.05))
        for axis in axes:
            axis.set(xlabel="false positive rate", ylabel="recall", ylim=(-0.01, 1.02))
            legend(axis)
    return svg("Receiver operating characteristic: recall against false positive rate, a line a split")


def precision_recall_plot(splits: Sequence[SplitScores], threshold: float) -> str:
    """Draw precision against recall."""
    with drawing("precision-recall") as (axes, svg):
        for number, split in enumerate(splits):
            curve = precision_recall_curve(operating_points(split.positives, split.probabilities))
            counts = confusion(split.positives, split.probabilities, threshold)
            if curve is not None:
                _line(axes[0], curve, number, short(split.name), (counts.recall, counts.precision))
        axes[0].set(xlabel="recall", ylabel="precision", xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
        legend(axes[0])
    return svg("Precision against recall, a line a split")


def histogram_plot(splits: Sequence[SplitScores], threshold: float, positive: str) -> str:
    """Draw how many pictures of either class have which score, on a logarithmic axis, a panel a split."""
    with drawing("histogram", panels=len(splits)) as (axes, svg):
        for axis, split in zip(axes, splits, strict=True):
            truth, scores = checked(split.positives, split.probabilities)
            kinds = ((~truth, "the others"), (truth, short(positive)))
            for number, (kind, name) in enumerate(kinds):
                colour, dash = SERIES[number]
                counts, edges = np.histogram(scores[kind], bins=20, range=(0, 1))
                # Half a picture is the floor of the logarithm: an empty bin is seen as empty.
                axis.stairs(np.maximum(counts, 0.5), edges, color=colour, linestyle=dash, label=name, baseline=0.5)
            axis.axvline(threshold, color=INK, linewidth=1, linestyle=(0, (2, 2)))
            axis.set(title=short(split.name), yscale="log", xlabel="probability", xlim=(0, 1), ylim=(0.5, None))
            axis.yaxis.set_major_formatter("{x:g}")
            axis.minorticks_off()
        axes[0].set_ylabel("pictures")
        axes[0].legend(loc="upper center", fontsize=8)
    return svg("Histogram of scores for either class, a panel a split; the upright line is the threshold")


def _line(axis: Any, curve: Curve, number: int, name: str, at_threshold: tuple[float | None, float | None]) -> None:
    """Draw one split's curve and mark the threshold on it, where it is defined."""
    colour, dash = SERIES[number % len(SERIES)]
    axis.plot(curve.x, curve.y, dash, color=colour, label=name)
    if None not in at_threshold:
        axis.plot(*at_threshold, "o", color=colour, markeredgecolor=PAPER, markersize=7, zorder=3)
