"""A document of sections, and its Markdown; the report renders the same sections as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table of a card: rows of as many cells as there are columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a card: paragraphs, then a list, then tables."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """Return a titled document; text stays text, whatever stands in it."""
    blocks = [f"# {_escaped(title)}"]
    for section in sections:
        blocks.append(f"## {section.title}")
        blocks += map(_escaped, section.paragraphs)
        if section.points:
            blocks.append("\n".join(f"- {_escaped(point)}" for point in section.points))
        blocks += map(_markdown_table, section.tables)
    return "\n\n".join(blocks) + "\n"


def _markdown_table(table: Table) -> str:
    cells = [table.columns, ("---",) * len(table.columns)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    lines += [f"| {' | '.join(_escaped(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in table.rows]
    return "\n".join([f"**{_escaped(table.caption)}**", "", *lines])


def _escaped(text: str) -> str:
    """Return text that a Markdown reader takes as text and as one line: no tag, no link, no emphasis of its own."""
    flat = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*[]<>" else letter for letter in flat)
