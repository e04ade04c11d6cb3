"""A comparison for people: the table on the terminal, and one self-contained page with the chart beside it."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from store.blobs import write_atomically
from training.evaluation.evaluate import decimal
from training.releasing.compare import COSTS, Comparison, Row
from training.reporting.drawing import INK, PAPER, SERIES, drawing
from training.reporting.page import environment, markup
from training.splits import TEST, VAL

NAMES = {
    "ms": "ms an image",
    "macs": "million MACs",
    "parameters": "thousand parameters",
    "bytes": "kB to download",
}
UNITS = {"ms": 1.0, "macs": 1e6, "parameters": 1e3, "bytes": 1e3}
DIGITS = {"ms": 2, "macs": 0, "parameters": 0, "bytes": 0}
LOW_RATE = "0.005"

Column = tuple[str, Callable[[Row], str]]


def columns(comparison: Comparison) -> list[Column]:
    """Return the table's columns: heading, and what a row has there. Test comes last, apart from the choice."""
    return [
        ("front", lambda row: "*" if row.front else ""),
        (f"{VAL} AP", lambda row: decimal(row.accuracy, 4)),
        (f"{VAL} recall@FPR.5%", lambda row: decimal(row.number(VAL, "recall_at_fpr", LOW_RATE), 3)),
        *((NAMES[cost], _cost_cell(cost)) for cost in reversed(COSTS)),
        ("of v1@224", lambda row: decimal(comparison.relative(row), 3)),
        (f"{TEST} AUC", lambda row: decimal(row.number(TEST, "auc"), 4)),
        (f"{TEST} precision", lambda row: decimal(row.number(TEST, "precision"), 3)),
        (f"{TEST} recall", lambda row: decimal(row.number(TEST, "recall"), 3)),
    ]


def table(comparison: Comparison) -> str:
    """Return the comparison for a terminal."""
    shown = columns(comparison)
    cells = [["#", "network", *(heading for heading, _ in shown)]]
    for number, row in enumerate(comparison.rows, 1):
        if row.bundle:
            cells.append([str(number), row.network, *(cell(row) for _, cell in shown)])
    widths = [max(len(line[place]) for line in cells) for place in range(len(cells[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    ]
    best = f"* no other network is both as accurate on {VAL} and as cheap ({NAMES[comparison.cost]})"
    known = comparison.reference_ms is not None
    told = [f"of v1@224: share of MobileNet v1 1.0 at 224 px, {comparison.reference_ms:.1f} ms"] if known else []
    return "\n".join([*lines, "", best, *told, *comparison.notes])


def write_page(comparison: Comparison, folder: Path) -> Path:
    """Write ``compare-NAME.html`` and ``.json`` into ``folder`` and return the page's path; StoreError.

    The same networks give the same name: a comparison that is made again replaces its older self.
    """
    said = json.dumps(comparison.as_json(), indent=2)
    networks = json.dumps([(row.network, row.bundle) for row in comparison.rows])
    path = folder / f"compare-{comparison.concept}-{sha256(networks.encode()).hexdigest()[:16]}.html"
    write_atomically(path.with_suffix(".json"), f"{said}\n".encode())
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    write_atomically(path, page(comparison, now).encode("utf-8", "replace"))
    return path


def page(comparison: Comparison, created_at: str) -> str:
    """Return the page: chart, table, and what did not come to a number."""
    shown = columns(comparison)
    rows = [
        {"number": number, "row": row, "cells": [cell(row) for _, cell in shown]}
        for number, row in enumerate(comparison.rows, 1)
    ]
    return (
        environment()
        .get_template("compare.html.j2")
        .render(
            comparison=comparison,
            created_at=created_at,
            chart=markup(chart(comparison)),
            headings=[heading for heading, _ in shown],
            rows=rows,
            cost=NAMES[comparison.cost],
        )
    )


def chart(comparison: Comparison) -> str:
    """Draw accuracy against every cost that was measured; points carry the numbers of the table's rows."""
    rows = list(enumerate(comparison.rows, 1))
    measured = [cost for cost in COSTS if any(row.cost(cost) is not None for _, row in rows)]
    with drawing("compare", panels=max(len(measured), 1), columns=2) as (axes, svg):
        for axis, cost in zip(axes, measured, strict=False):
            _draw(axis, rows, cost, joined=cost == comparison.cost)
    words = "; ".join(f"{number}: {row.network}" for number, row in rows if row.bundle)
    front = ", ".join(str(number) for number, row in rows if row.front) or "none"
    return svg(
        f"Average precision on {VAL} against {', '.join(NAMES[cost] for cost in measured)}. Pareto front by "
        f"{NAMES[comparison.cost]}: {front}. Points are {words or 'none'}; the table has their values."
    )


def _draw(axis: Any, rows: Sequence[tuple[int, Row]], cost: str, *, joined: bool) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    colour = SERIES[0][0]
    points = [
        (price / UNITS[cost], row.accuracy, number, row.front)
        for number, row in rows
        if (price := row.cost(cost)) is not None and row.accuracy is not None
    ]
    for price, accuracy, number, front in points:
        axis.plot(price, accuracy, "o", markersize=8, color=colour, markerfacecolor=colour if front else PAPER)
        axis.annotate(str(number), (price, accuracy), (6, 5), textcoords="offset points", color=INK, fontsize=9)
    # Elsewhere the same networks need not be a front.
    line = sorted((price, accuracy) for price, accuracy, _, front in points if front and joined)
    axis.plot([price for price, _ in line], [accuracy for _, accuracy in line], "--", color=colour, linewidth=1)
    axis.set(xscale="log", xlabel=NAMES[cost], ylabel=f"average precision on {VAL}")
    # Not 10 to some power: the page shows formulas as they are written.
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.margins(0.12)


def _cost_cell(cost: str) -> Callable[[Row], str]:
    def cell(row: Row) -> str:
        found = row.cost(cost)
        return "not measured" if found is None else f"{found / UNITS[cost]:,.{DIGITS[cost]}f}"

    return cell
