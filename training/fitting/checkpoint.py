"""Where a fine-tuning stands, on disk: a checkpoint that is written whole, then the state that names it.

Keras' callbacks keep their counters in memory; a fit that was killed goes on with this state and ends where an
uninterrupted one would.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import keras

from store.blobs import write_atomically
from store.home import storage_error
from training.fitting.schedule import Schedule

BEST = "best.keras"
START = "start.keras"


class Told(Protocol):
    """Who is told of every epoch: a `training.tracking.tracker.Tracker`'s method."""

    def __call__(self, stage: str, epoch: int, numbers: dict[str, float]) -> None:
        """Take the numbers of an epoch (from 1) of a stage."""


@dataclass(frozen=True)
class State:
    """Where a fine-tuning stands: what the next epoch needs besides its checkpoint."""

    schedule: Schedule
    history: dict[str, list[float]] = field(default_factory=dict)

    def after(self, loss: float, score: float) -> "State":
        """Return the state after one more epoch of this mean loss and val score."""
        numbers = numbers_of(loss, score, self.schedule)
        history = {key: [*self.history.get(key, []), value] for key, value in numbers.items()}
        return State(self.schedule.after(score), history)


def numbers_of(loss: float, score: float, schedule: Schedule) -> dict[str, float]:
    """Return what is told of an epoch, by name."""
    return {"loss": loss, "val_average_precision": score, "learning_rate": schedule.rate}


def read_state(folder: Path) -> State | None:
    """Return where the fine-tuning in ``folder`` stands; None before its first checkpoint."""
    path = folder / "state.json"
    if not path.exists():
        return None
    raw = json.loads(path.read_text())
    return State(Schedule(**raw["schedule"]), raw["history"])


def checkpoint_of(folder: Path, state: State) -> Path:
    """Return the checkpoint of a state."""
    return folder / f"epoch-{state.schedule.epoch:03d}.keras"


def save(folder: Path, model: keras.Model, state: State, copies: Sequence[str]) -> None:
    """Write a checkpoint, its ``copies`` by name, then the state: it never names a file that is not whole.

    Older checkpoints go. Raises StoreError when the disk is full.
    """
    current = checkpoint_of(folder, state)
    part = folder / "part.keras"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.save(part)
        _put(part, current)
        for copy in copies:
            shutil.copyfile(current, part)
            _put(part, folder / copy)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        part.unlink(missing_ok=True)
    write_atomically(folder / "state.json", json.dumps(asdict(state)).encode())
    for stale in folder.glob("epoch-*.keras"):
        if stale != current:
            stale.unlink(missing_ok=True)


def _put(part: Path, target: Path) -> None:
    with part.open("rb") as file:
        # Else a power cut could leave the state with a file that never reached the disk.
        os.fsync(file.fileno())
    part.replace(target)
