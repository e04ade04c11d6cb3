"""``metrics.jsonl`` of a run: a line an epoch, then one of what was measured at the end; curves are drawn from it.

An epoch is named by (stage, number) and stands there once, however often a fit was killed and resumed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from store.blobs import write_atomically
from store.home import storage_error

# What was measured, by name; None (JSON's null) for what is no finite number.
Numbers = Mapping[str, float | None]


@dataclass(frozen=True)
class Row:
    """What one epoch of one stage measured; ``at`` is its end in UTC. Epochs count from 1."""

    stage: str
    epoch: int
    numbers: Numbers
    at: str


class Lines:
    """``metrics.jsonl``: a line an epoch, written at once; a line that a kill tore is dropped when it is opened."""

    def __init__(self, path: Path) -> None:
        """Read what is there. StoreError when it cannot be read or mended."""
        self._path = path
        rows, note, torn = read_lines(path)
        self._note: Numbers | None = note
        self._rows = {(row.stage, row.epoch): row for row in rows}
        # A line that was told twice would be counted twice by who reads the file with other tools.
        if torn or len(rows) != len(self._rows):
            self._write_all()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every epoch, in the order in which it was first told."""
        return tuple(self._rows.values())

    def knows(self, stage: str, epoch: int, numbers: Numbers) -> bool:
        """Whether exactly this was told before."""
        known = self._rows.get((stage, epoch))
        return known is not None and known.numbers == plain(numbers)

    def add(self, row: Row) -> bool:
        """Write an epoch; False when it took the place of another, and of what came after that in its stage."""
        key = (row.stage, row.epoch)
        replaces = key in self._rows
        if replaces:
            later = [known for known in self._rows if known[0] == row.stage and known[1] >= row.epoch]
            for known in later:
                del self._rows[known]
        self._rows[key] = row
        if replaces:
            self._write_all()
        else:
            self._append(_line_of(row))
        return not replaces

    def note(self, numbers: Numbers) -> None:
        """Write the last numbers in place of earlier ones."""
        earlier, self._note = self._note, numbers
        if earlier is None:
            self._append(_line_of_note(numbers))
        elif earlier != numbers:
            self._write_all()

    def _append(self, line: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Opened anew for each line, and closed: a kill finds nothing in a buffer.
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise storage_error(error, self._path) from error

    def _write_all(self) -> None:
        note = [] if self._note is None else [_line_of_note(self._note)]
        write_atomically(self._path, "".join([*map(_line_of, self._rows.values()), *note]).encode())


def read_lines(path: Path) -> tuple[list[Row], Numbers | None, bool]:
    """Return a ``metrics.jsonl``'s epochs, its note, and whether a line was torn or strange (and left out).

    A file that is not there has no lines. StoreError when it cannot be read.
    """
    rows: list[Row] = []
    note: Numbers | None = None
    torn = False
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return rows, note, torn
    except OSError as error:
        raise storage_error(error, path) from error
    for line in text.splitlines():
        try:
            found = json.loads(line)
            if "note" in found:
                note = dict(found["note"])
            else:
                rows.append(_row_of(found))
        except (ValueError, KeyError, TypeError, AttributeError):
            torn = True
    # Without its end of line the next one would be written onto it.
    return rows, note, torn or bool(text and not text.endswith("\n"))


def _row_of(found: Mapping[str, Any]) -> Row:
    numbers = {key: value for key, value in found.items() if key not in ("stage", "epoch", "at")}
    if not all(value is None or isinstance(value, int | float) for value in numbers.values()):
        raise ValueError("a number is none")
    datetime.fromisoformat(found["at"])
    return Row(str(found["stage"]), int(found["epoch"]), numbers, found["at"])


def _line_of(row: Row) -> str:
    return json.dumps({"stage": row.stage, "epoch": row.epoch, "at": row.at, **row.numbers}) + "\n"


def _line_of_note(numbers: Numbers) -> str:
    return json.dumps({"note": dict(numbers)}) + "\n"


def plain(numbers: Numbers) -> dict[str, float | None]:
    """Return Python's floats for NumPy's, and None for what JSON has no number for."""
    return {
        name: float(value) if value is not None and isfinite(value) else None for name, value in numbers.items()
    }
