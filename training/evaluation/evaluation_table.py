"""An evaluation as a table for a terminal: a number, its 95 % interval, and on what it was measured."""

from collections.abc import Iterator, Sequence

from training.evaluation.evaluate import cut, decimal, digits, readable
from training.evaluation.evaluate_folder import FolderEvaluation
from training.evaluation.results import FEWEST, Evaluation, Measured, SliceResult, SplitEvaluation
from training.evaluation.threshold import Threshold

TOO_FEW = "too few"


def lines_of(evaluation: Evaluation) -> list[str]:
    """Return the lines that ``flinch evaluate`` prints; shares of fewer than five pictures are "too few"."""
    lines = list(evaluation.notes)
    for split in evaluation.splits:
        lines += [f"split      {split.name}: {split.about}", *_split(split), ""]
        lines += _table(("strictness", "threshold", "precision", "recall", "FPR"), list(_levels(split)))
        lines += _table(("slice", "n", "positives", "precision", "recall", "FPR", "AUC"), list(_slices(split)))
        lines += _silent(split)
    stress = f"stress ({evaluation.stressed_split})"
    lines += _table((stress, "recall", "change", "FPR", "change", "AUC", "change"), list(_stress(evaluation)))
    if evaluation.adversarial:
        lines += _table(("attack", "eps", "recall", "FPR"), list(_strikes(evaluation)))
    return lines


def folder_lines(found: FolderEvaluation) -> list[str]:
    """Return the lines on a labelled folder; the threshold chosen there, if one was, stands beside the bundle's."""
    lines = lines_of(found.evaluation)
    if found.own:
        rows = [
            ("the bundle's", *_at(found.evaluation.threshold, found.split)),
            ("chosen here", *_at(found.own.threshold, found.own.measured)),
        ]
        lines += _table(("threshold", "contract", "cut at", "precision", "recall", "FPR"), rows)
        lines += ["chosen here: on these very pictures, so expect less of it on others", ""]
    return [*lines, *(f"skipped    {count} {reason.replace('_', ' ')}" for reason, count in found.skipped.items())]


def _at(threshold: Threshold, found: SplitEvaluation) -> tuple[str, ...]:
    between = threshold.interval
    where = f" [{cut(between.low)}, {cut(between.high)}]" if between else ""
    shares = (_told(found.precision), _told(found.recall), _told(found.fpr, 4))
    return threshold.contract, f"{cut(threshold.value)}{where}", *shares


def _split(split: SplitEvaluation) -> Iterator[str]:
    measured = split.by_name()
    for name, value in readable(split.metrics):
        known = measured.get(name)
        between = f"   {_interval(known, digits(value))}" if known and known.interval else ""
        yield f"{name:<22} {value}{between}"
    promise = {True: "kept here too", False: "NOT kept here", None: "cannot be told here"}
    yield f"{'contract':<22} {promise[split.contract_kept]}"


def _levels(split: SplitEvaluation) -> Iterator[tuple[str, ...]]:
    for level in split.levels:
        yield level.name, cut(level.threshold), _told(level.precision), _told(level.recall), _told(level.fpr, 4)


def _slices(split: SplitEvaluation) -> Iterator[tuple[str, ...]]:
    for part in filter(_tells, split.slices):
        shares = (_told(part.precision), _told(part.recall), _told(part.fpr, 4), _told(part.auc, 4))
        yield f"{part.kind}: {part.name}", str(part.n), str(part.positives), *shares


def _tells(part: SliceResult) -> bool:
    return any(measured.value is not None for measured in (part.precision, part.recall, part.fpr, part.auc))


def _silent(split: SplitEvaluation) -> list[str]:
    """Say how many slices are not in the table; --json has them."""
    count = sum(not _tells(part) for part in split.slices)
    few = f"fewer than {FEWEST}"
    return (
        [f"and {count} slices with {few} positives and {few} normal pictures: too few to tell", ""] if count else []
    )


def _stress(evaluation: Evaluation) -> Iterator[tuple[str, ...]]:
    for result in evaluation.stress:
        yield (
            result.name,
            *(_told(result.recall), _change(result.recall_delta)),
            *(_told(result.fpr, 4), _change(result.fpr_delta, 4)),
            *(_told(result.auc, 4), _change(result.auc_delta, 4)),
        )


def _strikes(evaluation: Evaluation) -> Iterator[tuple[str, ...]]:
    for strike in (evaluation.adversarial or {}).get("strikes", ()):
        rates = decimal(strike["recall"]), decimal(strike["false_positive_rate"], 4)
        yield strike["attack"], f"{strike['eps']:g}", *rates


def _told(measured: Measured, digits: int = 3) -> str:
    if measured.too_few:
        return TOO_FEW
    return f"{decimal(measured.value, digits)} {_interval(measured, digits)}".rstrip()


def _change(measured: Measured, digits: int = 3) -> str:
    if measured.value is None:
        return TOO_FEW
    return f"{measured.value:+.{digits}f} {_interval(measured, digits)}".rstrip()


def _interval(measured: Measured, digits: int) -> str:
    interval = measured.interval
    return f"[{interval.low:.{digits}f}, {interval.high:.{digits}f}]" if interval else "[no interval]"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows under their columns and an empty line; nothing without a row."""
    if not rows:
        return []
    widths = [max(len(row[place]) for row in [columns, *rows]) for place in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [columns, *rows]
    ]
    return [*(line.rstrip() for line in lines), ""]
