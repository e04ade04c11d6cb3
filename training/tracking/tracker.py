"""Where the numbers of a training go while it runs: lines of JSON, TensorBoard, and W&B for who switches it on.

``metrics.jsonl`` is the truth, one line an epoch; the event files that TensorBoard reads are made from it. An epoch
is named by (stage, number), so a fit that is resumed, or that repeats an epoch whose checkpoint was lost, leaves
every epoch once. Nothing leaves the machine unless ``track.wandb`` says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from store.blobs import write_atomically
from training.tracking.event_file import Events
from training.tracking.metrics_file import Lines, Numbers, Row, plain

FACTS = "run.json"
METRICS = "metrics.jsonl"
# Written last: with it a run is done.
REPORT = "report.html"
TENSORBOARD = "tensorboard"


@dataclass(frozen=True)
class RunFacts:
    """What a run is before it has any number; ``run.json`` keeps it, so that a killed run can be told of too."""

    run: str  # the name of its folder
    concept: str
    contract: str
    weights: str  # where the first weights came from
    recipe: Mapping[str, Any]  # the [train] table, as JSON has it
    snapshot: Mapping[str, Any] = field(default_factory=dict)  # its id and counts
    lock: str = ""  # the file that a training of this name holds, to tell a running one from a killed one


class Tracker(Protocol):
    """Who is told how a training goes."""

    def epoch(self, stage: str, epoch: int, numbers: Numbers) -> None:
        """Take the numbers of an epoch (from 1) of a stage; told twice, the later ones count. StoreError."""

    def note(self, numbers: Numbers) -> None:
        """Take what was measured at the end, such as ``test/auc``; told twice, the later ones count. StoreError."""

    def close(self) -> None:
        """Finish writing; a tracker that was never closed loses nothing that it was told."""


def open_tracker(folder: Path, facts: RunFacts, *, wandb: bool = False, project: str = "flinch") -> Tracker:
    """Return what writes into the run's ``folder``, going on from what is there.

    ``wandb`` sends the numbers, the recipe and the names of run and concept to Weights & Biases as well (or keeps
    them for later, with WANDB_MODE=offline). ConfigError when that cannot be done, StoreError for the folder.
    """
    _keep_facts(folder / FACTS, facts)
    lines = Lines(folder / METRICS)
    if not wandb:
        return Local(lines, folder / TENSORBOARD)
    from training.tracking.wandb_tracking import WandbRun

    return Both(Local(lines, folder / TENSORBOARD), WandbRun(folder, facts, project, lines.rows))


class Both:
    """Tells two trackers; the second one only what the first, which remembers, did not know."""

    def __init__(self, local: "Local", remote: Tracker) -> None:
        self._local, self._remote = local, remote

    def epoch(self, stage: str, epoch: int, numbers: Numbers) -> None:
        """Take an epoch."""
        if not self._local.knows(stage, epoch, numbers):
            self._local.epoch(stage, epoch, numbers)
            self._remote.epoch(stage, epoch, numbers)

    def note(self, numbers: Numbers) -> None:
        """Take the last numbers."""
        self._local.note(numbers)
        self._remote.note(numbers)

    def close(self) -> None:
        """Close both, the second even if the first cannot."""
        try:
            self._local.close()
        finally:
            self._remote.close()


class Local:
    """Lines of JSON, and event files for TensorBoard made from them."""

    def __init__(self, lines: Lines, events: Path) -> None:
        self._lines, self._events = lines, Events(events, lines.rows)

    def knows(self, stage: str, epoch: int, numbers: Numbers) -> bool:
        """Whether exactly this was written before."""
        return self._lines.knows(stage, epoch, numbers)

    def epoch(self, stage: str, epoch: int, numbers: Numbers) -> None:
        """Write an epoch, or nothing when it stands there already."""
        if self._lines.knows(stage, epoch, numbers):
            return
        row = Row(stage, epoch, plain(numbers), _now())
        if self._lines.add(row):
            self._events.add(row)
        else:
            self._events.begin(self._lines.rows)

    def note(self, numbers: Numbers) -> None:
        """Write the last numbers; TensorBoard shows curves, and gets none."""
        self._lines.note(plain(numbers))

    def close(self) -> None:
        """Close the event file."""
        self._events.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _keep_facts(path: Path, facts: RunFacts) -> None:
    """Write ``run.json``; a resumed run keeps the hour at which it began."""
    try:
        began = json.loads(path.read_text(encoding="utf-8"))["started_at"]
    except (OSError, ValueError, KeyError, TypeError):
        began = _now()
    about = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    write_atomically(path, (json.dumps({"started_at": began} | about, indent=2, default=list) + "\n").encode())
