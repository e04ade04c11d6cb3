"""What a training measured by epoch, drawn: one run in a report, or several over each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.reporting.drawing import INK, SERIES, drawing, short
from training.tracking.metrics_file import Row

# A measure that spans powers of ten.
_LOGARITHMIC = ("learning_rate", "rate")


def training_plot(rows: Sequence[Row]) -> str:
    """Draw each measure by epoch, the stages in a row, train beside val, a panel a measure."""
    measures = _measures(rows)
    with drawing("training", panels=len(measures), columns=2 if len(measures) in (2, 4) else 3, height=2.6) as (
        axes,
        svg,
    ):
        for axis, measure in zip(axes, measures, strict=True):
            for number, (key, label) in enumerate(((measure, "train"), (f"val_{measure}", "val"))):
                points = _points(rows, key)
                colour, dash = SERIES[number]
                if points:
                    axis.plot(*zip(*points, strict=True), dash, color=colour, label=label, marker=".")
            for start in _starts(rows):
                axis.axvline(start + 0.5, color=INK, linewidth=1, linestyle=(0, (2, 2)))
            _finish(axis, measure)
            if measure not in _LOGARITHMIC:
                axis.legend(fontsize=8)
    return svg("Training curves: each measure by epoch on train and val; an upright line starts the next stage")


def runs_plot(runs: Mapping[str, Sequence[Row]]) -> str:
    """Draw the measures of val, and those that train alone has, of several runs over each other, a line a run."""
    every = [row for rows in runs.values() for row in rows]
    names = set().union(*(row.numbers for row in every))
    measures = [f"val_{measure}" if f"val_{measure}" in names else measure for measure in _measures(every)]
    with drawing("runs", panels=len(measures), columns=2) as (axes, svg):
        for axis, measure in zip(axes, measures, strict=True):
            for number, (name, rows) in enumerate(runs.items()):
                points = _points(rows, measure)
                # Colours repeat after four runs, colour and dash together after twelve.
                colour = SERIES[number % len(SERIES)][0]
                dash = SERIES[(number + number // len(SERIES)) % len(SERIES)][1]
                if points:
                    axis.plot(*zip(*points, strict=True), dash, color=colour, label=short(name, 32), marker=".")
            _finish(axis, measure)
        if len(axes):
            axes[0].legend(fontsize=8)
    return svg("Curves of several runs: each measure by epoch, stages in a row, a line a run")


def _measures(rows: Sequence[Row]) -> list[str]:
    """Return the measures without their split, the rate last."""
    names = dict.fromkeys(name.removeprefix("val_") for row in rows for name in row.numbers)
    return sorted(names, key=lambda name: name in _LOGARITHMIC)


def _points(rows: Sequence[Row], measure: str) -> list[tuple[int, float]]:
    """Return (epoch from 1, counted through all stages, value) of one measure."""
    values = [(place, row.numbers.get(measure)) for place, row in enumerate(rows, 1)]
    return [(place, value) for place, value in values if value is not None]


def _starts(rows: Sequence[Row]) -> list[int]:
    """Return after how many epochs another stage began."""
    return [place for place in range(1, len(rows)) if rows[place].stage != rows[place - 1].stage]


def _finish(axis: Any, measure: str) -> None:
    axis.set(title=measure.replace("_", " "), xlabel="epoch")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.margins(y=0.1)
    if measure in _LOGARITHMIC:
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter("{x:g}")
