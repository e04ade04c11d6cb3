"""Runs as text for people: a line each, one whole, or several side by side with the best of each number marked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.evaluation.evaluate import cut, decimal, percent
from training.tracking.runs import Run
from training.tracking.tracker import REPORT

SPLITS = ("val", "test", "ood")
FPR = "0.005"
BEST = "*"
# (its path in bundle.json, its name); more is better of all of them.
MEASURES = (
    ("auc", "AUC"),
    ("average_precision", "average precision"),
    ("precision", "precision at its threshold"),
    ("recall", "recall at its threshold"),
    (f"recall_at_fpr.{FPR}", f"recall at FPR {percent(FPR)}"),
)


def megabytes(count: float | None) -> str:
    """Return "1.07 MB"."""
    return "-" if count is None else f"{count / 1e6:.2f} MB"


def millions(count: float | None) -> str:
    """Return "0.53 M"."""
    return "-" if count is None else f"{count / 1e6:.3g} M"


def milliseconds(value: float | None) -> str:
    """Return "3.4 ms"."""
    return "-" if value is None else f"{value:.1f} ms"


# (its name among the run's costs, its name for people, how it is written); less is better of all of them.
COST_LINES = (
    ("download_bytes", "browser files", megabytes),
    ("parameters", "parameters", millions),
    ("macs", "multiply-adds", millions),
    ("browser_ms", "browser, a picture", milliseconds),
)


@dataclass(frozen=True)
class Line:
    """A row of a comparison: a cell a run, and the places of the best ones."""

    name: str
    cells: tuple[str, ...]
    best: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side: where their recipes differ, then what came of it."""

    runs: tuple[Run, ...]
    recipe: tuple[Line, ...]
    measures: tuple[Line, ...]
    warnings: tuple[str, ...]  # why numbers may not be compared


def list_table(runs: Sequence[Run]) -> str:
    """Return a line a run."""
    if not runs:
        return "no runs yet; `flinch train` makes one"
    splits = " / ".join(SPLITS)
    at_fpr = f"recall at FPR {percent(FPR)}"
    header = ("run", "started (UTC)", "network", "epochs", f"AUC {splits}", at_fpr, "state")
    rows = [
        (
            run.name,
            run.started_at[:16].replace("T", " "),
            run.network,
            "+".join(str(count) for count in run.epochs.values()) or "-",
            _of_splits(run, "auc"),
            _of_splits(run, f"recall_at_fpr.{FPR}"),
            f"{run.state}: {run.trouble}" if run.trouble else run.state,
        )
        for run in runs
    ]
    return "\n".join(_aligned([header, *rows]))


def one_table(run: Run) -> str:
    """Return everything of one run that fits on a screen."""
    facts = [
        ("run", run.name),
        ("state", f"{run.state}: {run.trouble}" if run.trouble else run.state),
        ("started (UTC)", run.started_at),
        ("network", run.network),
        ("weights", run.weights or "-"),
        ("snapshot", run.snapshot[:16] or "-"),
        ("contract", run.contract or "-"),
        ("threshold", _threshold(run)),
        ("epochs", ", ".join(f"{stage} {count}" for stage, count in run.epochs.items()) or "-"),
        ("report", _there(run, REPORT)),
        ("model card", _there(run, "model_card.md")),
        ("metrics", _there(run, "metrics.jsonl")),
        ("bundle", str(run.bundle_path or "-")),
        *((name, written(run.cost(key))) for key, name, written in COST_LINES),
    ]
    splits = list(run.metrics)
    measured = [("", *splits), ("pictures", *(_whole(run, split, "n") for split in splits))]
    measured += [
        (name, *(decimal(run.number(split, measure), 4) for split in splits)) for measure, name in MEASURES
    ]
    recipe = [(key, _plain(value)) for key, value in flattened(run.recipe).items()]
    parts = [_aligned(facts), _aligned(measured) if splits else [], ["recipe", *_aligned(recipe)] if recipe else []]
    return "\n\n".join("\n".join(part) for part in parts if part)


def compare(runs: Sequence[Run]) -> Comparison:
    """Put ``runs`` (two or more) side by side: only the recipe's keys in which they differ, then the measures."""
    recipes = [_decisive(run) for run in runs]
    keys = dict.fromkeys(key for recipe in recipes for key in recipe)
    differing = [
        Line(key, tuple(_plain(recipe.get(key, "-")) for recipe in recipes))
        for key in keys
        if len({_plain(recipe.get(key, "-")) for recipe in recipes}) > 1
    ]
    splits = list(dict.fromkeys(split for run in runs for split in run.metrics))
    measures = [
        _measured(f"{name}, {split}", [run.number(split, measure) for run in runs], max, decimal)
        for split in splits
        for measure, name in MEASURES
    ]
    measures += [
        _measured(name, [run.cost(key) for run in runs], min, written) for key, name, written in COST_LINES
    ]
    told = [line for line in [*_best_epochs(runs), *measures] if any(cell != "-" for cell in line.cells)]
    return Comparison(tuple(runs), tuple(differing), tuple(told), tuple(_warnings(runs)))


def compare_table(comparison: Comparison, bold: Callable[[str], str] = str) -> str:
    """Return the comparison as text; the best of a row has a ``*`` and is drawn ``bold``."""
    header = ("", *(run.name for run in comparison.runs))
    lines = [
        Line("state", tuple(run.state for run in comparison.runs)),
        *comparison.recipe,
        *comparison.measures,
    ]
    rows = [header, *((line.name, *_marked(line)) for line in lines)]
    drawn = _aligned(rows, lambda cell: bold(cell) if cell.endswith(BEST) else cell)
    if not comparison.recipe:
        drawn.insert(1, "the recipes do not differ")
    notes = [f"note: {warning}" for warning in comparison.warnings]
    return "\n".join([*drawn, "", f"{BEST} best of its row", *notes])


def flattened(recipe: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a recipe with dotted keys: ``head.dropout``, ``distill.teachers.0.backbone``."""
    flat: dict[str, Any] = {}
    for key, value in recipe.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple) and any(isinstance(part, Mapping) for part in value):
            flat |= flattened({str(place): part for place, part in enumerate(value)}, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _decisive(run: Run) -> dict[str, Any]:
    """Return what may have made the difference between two runs."""
    return flattened(run.recipe) | {
        "contract": run.contract,
        "weights": run.weights,
        "snapshot": run.snapshot[:12],
        "epochs": "+".join(str(count) for count in run.epochs.values()),
    }


def _best_epochs(runs: Sequence[Run]) -> list[Line]:
    """Return the best of each stage's epochs on val: what there is to compare before a run is finished."""
    every = dict.fromkeys(
        (row.stage, name)
        for run in runs
        for row in run.rows
        for name in row.numbers
        if name in ("val_average_precision", "val_auc")
    )
    return [
        _measured(
            f"{stage}: best {name.replace('_', ' ')}", [_best(run, stage, name) for run in runs], max, decimal
        )
        for stage, name in every
    ]


def _best(run: Run, stage: str, name: str) -> float | None:
    values = [row.numbers.get(name) for row in run.rows if row.stage == stage]
    return max((value for value in values if value is not None), default=None)


def _measured(
    name: str,
    values: Sequence[float | None],
    better: Callable[[Sequence[float]], float],
    written: Callable[[float | None], str],
) -> Line:
    known = [value for value in values if value is not None]
    # One number, or equal ones, are no contest.
    contest = len(known) > 1 and len(set(known)) > 1
    best = frozenset(i for i, value in enumerate(values) if contest and value == better(known))
    return Line(name, tuple(written(value) for value in values), best)


def _warnings(runs: Sequence[Run]) -> list[str]:
    warnings = []
    if len({run.concept for run in runs}) > 1:
        warnings.append("the runs are of different concepts: their numbers do not compare")
    elif len({run.snapshot for run in runs}) > 1:
        warnings.append("the runs were measured on different snapshots: their numbers do not quite compare")
    without = [run.name for run in runs if run.state != "finished"]
    if without:
        warnings.append(f"not finished: {', '.join(without)}")
    return warnings


def _marked(line: Line) -> tuple[str, ...]:
    return tuple(f"{cell} {BEST}" if place in line.best else cell for place, cell in enumerate(line.cells))


def _aligned(rows: Sequence[Sequence[str]], drawn: Callable[[str], str] = str) -> list[str]:
    """Return rows of equal length as lines, columns two blanks apart; ``drawn`` says how a cell looks."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(drawn(cell) + " " * (width - len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _of_splits(run: Run, measure: str) -> str:
    return " / ".join(decimal(run.number(split, measure)) for split in SPLITS)


def _whole(run: Run, split: str, measure: str) -> str:
    number = run.number(split, measure)
    return "-" if number is None else f"{int(number):,}"


def _threshold(run: Run) -> str:
    if run.bundle is None:
        return "-"
    found = run.bundle["threshold"]
    kept = "" if found.get("met", True) else ", which does NOT keep the contract"
    return f"{cut(float(found['value']))} chosen on {found.get('chosen_on', '?')}{kept}"


def _there(run: Run, name: str) -> str:
    path = run.folder / name
    return str(path) if path.is_file() else "-"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
