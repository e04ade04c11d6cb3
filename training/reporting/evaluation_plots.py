"""What a report draws from an evaluation: what every threshold would do, slices, stresses and attacks."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.evaluation.curves import SplitScores, operating_points, reliability
from training.evaluation.results import Measured
from training.evaluation.threshold import Strictness
from training.reporting.drawing import FAINT, INK, SERIES, drawing, short

# Of a row of a forest, in inches.
_ROW = 0.24
# Of a label, in thresholds.
_LABEL = 0.08
ATTACKS = (("noise", "noise of that size"), ("fgsm", "FGSM"), ("pgd", "PGD"))


def sweep_plot(split: SplitScores, threshold: float, levels: Strictness | None) -> str:
    """Draw precision, recall and false positive rate of a split with both classes at every threshold."""
    points = operating_points(split.positives, split.probabilities)
    measures = (
        ("precision", points.precision()),
        ("recall", points.recall()),
        ("false positive rate", points.false_positive_rate()),
    )
    marks = levels.as_json() if levels else {"threshold": threshold}
    with drawing("sweep", panels=1, height=3.3, width=9.2) as (axes, svg):
        for number, (name, values) in enumerate(measures):
            colour, dash = SERIES[number]
            axes[0].step(points.scores, values, dash, color=colour, label=name, where="pre")
        for value in marks.values():
            axes[0].axvline(value, color=INK, linewidth=1, linestyle=(0, (2, 2)))
        for value, name in _side_by_side(marks):
            axes[0].annotate(name, (value, 1.05), ha="center", fontsize=8, color=INK, annotation_clip=False)
        axes[0].set(xlabel="threshold", ylabel="share", xlim=(-0.01, 1.01), ylim=(-0.01, 1.03))
        axes[0].legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    return svg(f"Precision, recall and false positive rate on {split.name} at every threshold")


def forest_plot(
    name: str,
    description: str,
    rows: Sequence[tuple[str, Measured, Measured]],
    whole: tuple[float | None, float | None],
) -> str:
    """Draw (label, recall, false positive rate) a row: a dot and its interval; a line is the ``whole`` split."""
    with drawing(name, panels=2, height=_ROW * len(rows) + 0.9) as (axes, svg):
        for number, (axis, title) in enumerate(zip(axes, ("recall", "false positive rate"), strict=True)):
            colour, _ = SERIES[number]
            overall = whole[number]
            if overall is not None:
                axis.axvline(overall, color=INK, linewidth=1, linestyle=(0, (2, 2)))
            for place, (_, *both) in enumerate(rows):
                measured = both[number]
                if measured.value is None:
                    continue
                if measured.interval:
                    ends = (measured.interval.low, measured.interval.high)
                    axis.plot(ends, (place, place), "-", color=colour, linewidth=1.6)
                axis.plot(measured.value, place, "o", color=colour, markersize=5)
            axis.set(title=title, ylim=(len(rows) - 0.4, -0.6))
            axis.set_yticks(
                range(len(rows)), [short(row[0], 34) for row in rows] if number == 0 else [""] * len(rows)
            )
            axis.tick_params(axis="y", length=0)
            axis.grid(visible=False, axis="y")
            axis.locator_params(axis="x", nbins=5)
        axes[0].set_xlim(-0.02, 1.02)
        # From 0 on, and with room where nothing is wrong.
        axes[1].set_xlim(0 - 0.03 * axes[1].get_xlim()[1], max(0.02, axes[1].get_xlim()[1]))
    return svg(description)


def attack_plot(adversarial: Mapping[str, Any]) -> str:
    """Draw recall and false positive rate against how far an attacker may change each value of the input."""
    strikes = adversarial["strikes"]
    untouched = next((strike for strike in strikes if strike["attack"] == "none"), None)
    with drawing("attack", panels=2) as (axes, svg):
        for axis, key in zip(axes, ("recall", "false_positive_rate"), strict=True):
            for number, (attack, label) in enumerate(ATTACKS):
                chosen = [
                    strike for strike in (untouched, *_of(strikes, attack)) if strike and strike[key] is not None
                ]
                colour, dash = SERIES[number]
                if chosen:
                    axis.plot(
                        [strike["eps"] for strike in chosen],
                        [strike[key] for strike in chosen],
                        dash,
                        color=colour,
                        marker="o",
                        markersize=4,
                        label=label,
                    )
            axis.set(title=key.replace("_", " "), xlabel="largest change of a value, of 255", ylim=(-0.02, 1.02))
        axes[0].legend(fontsize=8)
    return svg("Recall and false positive rate against the size of an attack, a line an attack")


def calibration_plot(before: Sequence[SplitScores], after: Sequence[SplitScores]) -> str:
    """Draw the observed against the predicted share of positives in ten bins of equal width, before and after."""
    panels = [
        (title, splits) for title, splits in (("Before calibration", before), ("As shipped", after)) if splits
    ]
    with drawing("calibration", panels=len(panels), height=3.4) as (axes, svg):
        for axis, (title, splits) in zip(axes, panels, strict=True):
            axis.plot((0, 1), (0, 1), color=FAINT, linewidth=1.2)
            for number, split in enumerate(splits):
                bins = reliability(split.positives, split.probabilities)
                colour, dash = SERIES[number % len(SERIES)]
                label = f"{short(split.name)} (ECE {bins.error:.3f})"
                axis.plot(bins.predicted, bins.observed, dash, color=colour, marker="o", markersize=4, label=label)
            axis.set(xlabel="predicted probability", ylabel="share that is positive", title=title)
            axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
            axis.legend(loc="best", fontsize=8)
    return svg("Calibration: observed share of positives against predicted probability; the diagonal is perfect")


def _side_by_side(marks: Mapping[str, float]) -> list[tuple[float, str]]:
    """Return (place, label) for thresholds by name; those that lie too close for two labels share one."""
    labels: list[tuple[float, str]] = []
    for name, value in sorted(marks.items(), key=lambda mark: mark[1]):
        if labels and value - labels[-1][0] < _LABEL:
            labels[-1] = (labels[-1][0], f"{labels[-1][1]}, {name}")
        else:
            labels.append((value, name))
    return labels


def _of(strikes: Sequence[Mapping[str, Any]], attack: str) -> list[Mapping[str, Any]]:
    return sorted(
        (strike for strike in strikes if strike["attack"] == attack), key=lambda strike: float(strike["eps"])
    )
