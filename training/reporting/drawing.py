"""A drawing for a page: matplotlib's SVG with the page's own colours, so that one serves light and dark.

The same numbers give the same bytes. Series differ in dash as well as in colour, and the colours are Okabe and
Ito's (2008, https://jfly.uni-koeln.de/color/), which readers with any colour vision can tell apart.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import Any

# What matplotlib is told, and the page's own colour that takes its place. Black and grey are not used as such,
# so that no drawing can be left black on a dark page.
INK, FAINT, PAPER = "#010203", "#040506", "#070809"
SERIES = (("#0072b2", "-"), ("#d55e00", "--"), ("#009e73", ":"), ("#cc79a7", "-."))
_PAGE_COLOURS = {
    INK: "var(--ink)",
    FAINT: "var(--rule)",
    PAPER: "var(--paper)",
    **{colour: f"var(--series-{number})" for number, (colour, _) in enumerate(SERIES)},
}
_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "patch.linewidth": 1.6,
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and translated
    "text.color": INK,
    "text.parse_math": False,  # a class may be called $$$
    "xtick.color": INK,
    "xtick.labelcolor": INK,
    "ytick.color": INK,
    "ytick.labelcolor": INK,
}


def legend(axis: Any) -> None:
    """Name the lines, if there are any."""
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="lower right" if axis.get_xlabel() != "recall" else "lower left", fontsize=8)


def short(name: str, most: int = 24) -> str:
    """Return a name that leaves room for the drawing."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


@contextmanager
def drawing(
    name: str, panels: int = 1, columns: int = 3, height: float = 3.1, width: float | None = None
) -> Iterator[tuple[Any, Callable[[str], str]]]:
    """Yield ``panels`` axes to draw on, and the function that gives their SVG for a description in words.

    They stand in rows of at most ``columns``; ``height`` is a row's and ``width`` the whole
    drawing's (default: half a page for one panel, a page for more), in inches of 9 point text.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    columns = min(panels, columns)
    rows = -(-panels // columns)
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(width or (4.5 if columns == 1 else 9.2), height * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for unused in axes[panels:]:
            unused.remove()
        drawn = StringIO()
        yield axes[:panels], lambda description: _for_page(drawn.getvalue(), name, description)
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
