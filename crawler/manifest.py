"""A ``manifest.csv``: one row a picture, with what its collector knew about it."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from crawler.candidates import SPLITS, Candidate, Classes, Listing, Refused, place_of, refusal
from store.errors import InputError
from store.nearest import did_you_mean, nearest

REQUIRED = ("path", "label")
# As long as the store's columns.
LONGEST = {"group": 200, "source": 100, "kind": 100}
TRUTHS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def list_manifest(manifest: Path, source: str, classes: Classes) -> Listing:
    """Return what the manifest lists, ordered by place; paths are relative to its folder.

    A row's own ``source`` is appended to ``source``: ``folder:photos/beehives``.
    Raises InputError, naming file and line, for a missing column, an unknown class or split, or a path twice.
    """
    root = manifest.parent.resolve()
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    lines: dict[str, int] = {}
    for line, row in _rows(manifest):
        where = f"{manifest}:{line}"
        place = place_of(PurePosixPath(row["path"]))
        if lines.setdefault(place, line) != line:
            raise InputError(f"{where}: '{place}' was listed on line {lines[place]} already; keep one of the two")
        label = classes.of(row["label"], f"{where}: label")
        if label is None:
            continue
        path = manifest.parent / row["path"]
        reason = refusal(path, root)
        if reason is not None:
            refused.append(Refused(place, reason))
            continue
        named = f"{source}/{row['source']}" if row.get("source") else source
        candidates.append(
            Candidate(
                path,
                place,
                label,
                named,
                _split(row, where),
                row.get("group"),
                row.get("licence"),
                row.get("kind"),
                _hard_negative(row, where),
            )
        )
    if not lines:
        raise InputError(f"{manifest}: lists no picture; it needs a row a picture with {' and '.join(REQUIRED)}")
    by_place = sorted(candidates, key=lambda candidate: candidate.place)
    return Listing(manifest.parent, "manifest", tuple(by_place), tuple(refused))


def _rows(manifest: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, the row's non-empty cells); lines are counted as an editor counts them."""
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(manifest, reader.fieldnames or ())
            for row in reader:
                cells = {k: v.strip() for k, v in row.items() if isinstance(k, str) and v and v.strip()}
                _check_cells(f"{manifest}:{reader.line_num}", cells)
                yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise InputError(f"{manifest}: is not UTF-8 text; save it as 'CSV UTF-8'") from error
    except csv.Error as error:
        raise InputError(f"{manifest}: is no readable CSV: {error}") from error
    except OSError as error:
        raise InputError(f"{manifest}: cannot be read: {error.strerror}") from error


def _check_columns(manifest: Path, columns: Sequence[str]) -> None:
    for name in REQUIRED:
        if name not in columns:
            near = nearest(name, columns)
            guess = f" ('{near}' looks like it)" if near else ""
            raise InputError(f"{manifest}: has no column '{name}'{guess}; the first line must name path and label")


def _check_cells(where: str, cells: dict[str, str]) -> None:
    for name in REQUIRED:
        if name not in cells:
            raise InputError(f"{where}: '{name}' is empty; every row needs {' and '.join(REQUIRED)}")
    if any("\0" in value for value in cells.values()):
        raise InputError(f"{where}: holds a NUL character; save the file as plain text")
    for name, longest in LONGEST.items():
        if len(cells.get(name, "")) > longest:
            raise InputError(f"{where}: '{name}' is longer than {longest} characters; shorten it")


def _split(row: dict[str, str], where: str) -> str | None:
    name = row.get("split")
    if name is None:
        return None
    if name.casefold() not in SPLITS:
        guess = did_you_mean(name.casefold(), SPLITS)
        raise InputError(f"{where}: '{name}' is no split{guess}; the splits are train, val, test, ood, or nothing")
    return SPLITS[name.casefold()]


def _hard_negative(row: dict[str, str], where: str) -> bool | None:
    said = row.get("hard_negative")
    if said is None:
        return None
    if said.casefold() not in TRUTHS:
        raise InputError(f"{where}: hard_negative '{said}' is neither 1 nor 0; write one of them, or nothing")
    return TRUTHS[said.casefold()]
