"""What the home knows of its trainings, read from their folders: recipe, curves, bundle, and how they ended.

A run is ``runs/<name>``: ``run.json`` from its start on, ``metrics.jsonl`` a line an epoch, ``report.html`` at the
end; its bundle is ``bundles/<name>``, there before the report. A killed or damaged run is told of as what it is.
Needs no TensorFlow.
"""

import fcntl
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from inference.bundle import MANIFEST, NEEDED, network_word
from store.errors import InputError
from store.home import Home
from store.nearest import did_you_mean
from training.exporting.install import download_bytes
from training.tracking.metrics_file import Numbers, Row, read_lines
from training.tracking.tracker import FACTS, METRICS, REPORT

COSTS = ("download_bytes", "parameters", "macs", "browser_ms")
State = Literal["finished", "running", "unfinished", "damaged"]


@dataclass(frozen=True)
class Run:
    """One training; what it did not come to is empty or None."""

    name: str
    folder: Path
    state: State
    trouble: str  # what is wrong with a damaged one; "" for others
    started_at: str  # UTC, ISO 8601; of a run without ``run.json`` the hour of its bundle or folder
    facts: Mapping[str, Any] = field(default_factory=dict)  # run.json
    rows: tuple[Row, ...] = ()
    bundle: Mapping[str, Any] | None = None  # bundle.json
    bundle_path: Path | None = None
    last: Numbers = field(default_factory=dict)  # what was measured at the end: ``test/auc``, ``cost/macs``, ...

    @property
    def concept(self) -> str:
        """The concept that it was trained for."""
        return str((self.bundle or {}).get("concept") or self.facts.get("concept") or self.name.rpartition("-")[0])

    @property
    def recipe(self) -> Mapping[str, Any]:
        """The [train] table that it began with; of a run without ``run.json``, what its bundle knows of it."""
        if self.facts:
            return dict(self.facts.get("recipe", {}))
        if self.bundle is None:
            return {}
        network = self.bundle["backbone"]
        return {
            "backbone": network["name"],
            "alpha": network["alpha"],
            "input_size": self.bundle["input"]["size"],
            "cut": network.get("cut", ""),
        }

    @property
    def network(self) -> str:
        """The network in one word (``inference.bundle.network_word``); "-" of a run that does not know it."""
        known: dict[str, Any] = {"alpha": 1.0, "cut": "", **self.recipe}
        if not {"backbone", "input_size"} <= {*known}:
            return "-"
        return network_word(known["backbone"], known["alpha"], known["input_size"], known["cut"])

    @property
    def epochs(self) -> dict[str, int]:
        """The last epoch of each stage."""
        last: dict[str, int] = {}
        for row in self.rows:
            last[row.stage] = max(row.epoch, last.get(row.stage, 0))
        return last

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Any]]:
        """The bundle's metrics by split."""
        return dict(self.bundle["metrics"]) if self.bundle else {}

    @property
    def contract(self) -> str:
        """What the threshold was to keep."""
        return str((self.bundle or {}).get("threshold", {}).get("contract") or self.facts.get("contract", ""))

    @property
    def snapshot(self) -> str:
        """The id of the labels that it was trained on."""
        kept = self.facts.get("snapshot", {}).get("id", "")
        return str((self.bundle or {}).get("snapshot_id") or kept)

    @property
    def weights(self) -> str:
        """Where its first weights came from."""
        return str((self.bundle or {}).get("backbone", {}).get("weights") or self.facts.get("weights", ""))

    def number(self, split: str, measure: str) -> float | None:
        """Return one number of one split, such as ("test", "auc") or ("ood", "recall_at_fpr.0.005")."""
        found: Any = self.metrics.get(split, {})
        for key in measure.split(".", 1):
            found = found.get(key) if isinstance(found, Mapping) else None
        return float(found) if isinstance(found, int | float) else None

    def cost(self, name: str) -> float | None:
        """Return one of ``COSTS``; of a run from before they were kept only the download, counted now."""
        kept = self.last.get(f"cost/{name}")
        if kept is None and name == "download_bytes" and self.bundle_path:
            return float(download_bytes(self.bundle_path)) or None
        return kept

    def finished_bundle(self) -> Path:
        """Return the folder of its bundle; InputError, which says the way out, of a run that is not finished.

        Before its report a bundle may be that of a run killed on its way, or about to be made anew.
        """
        if self.state == "finished" and self.bundle_path is not None:
            return self.bundle_path
        trouble = f" ({self.trouble})" if self.trouble else ""
        way_out = "" if self.state == "running" else "; train it again"
        raise InputError(f"{self.name} is {self.state}{trouble}{way_out}")

    def as_json(self) -> dict[str, Any]:
        """Return the run for machines."""
        return {
            "run": self.name,
            "state": self.state,
            "trouble": self.trouble,
            "started_at": self.started_at,
            "concept": self.concept,
            "network": self.network,
            "epochs": self.epochs,
            "recipe": dict(self.recipe),
            "contract": self.contract,
            "weights": self.weights,
            "snapshot_id": self.snapshot,
            "metrics": {split: dict(numbers) for split, numbers in self.metrics.items()},
            "threshold": dict(self.bundle["threshold"]) if self.bundle else None,
            "bundle": str(self.bundle_path) if self.bundle_path else None,
            "cost": {name: self.cost(name) for name in COSTS},
            "report": str(self.folder / REPORT) if (self.folder / REPORT).is_file() else None,
        }


def read_runs(home: Home) -> list[Run]:
    """Return every run, the newest first; an empty home has none."""
    folders = [path for path in home.runs.glob("*") if path.is_dir() and not path.name.startswith(".")]
    return sorted((read_run(home, path.name) for path in folders), key=lambda run: run.started_at, reverse=True)


def read_run(home: Home, name: str) -> Run:
    """Return the run of this folder name, whatever state it is in."""
    folder, bundle_path = home.runs / name, home.bundles / name
    troubles: list[str] = []
    facts = _read_object(folder / FACTS, troubles)
    bundle = _read_bundle(bundle_path, troubles)
    rows, last, torn = read_lines(folder / METRICS)
    # The report is written last: a bundle alone is of a run killed before it, or of one being made anew (--fresh).
    ended = bundle is not None and (folder / REPORT).is_file()
    if torn and ended:
        # Of a run that was killed a torn line is no damage: it is dropped when the run is resumed.
        troubles.append(f"{METRICS}: a line cannot be read")
    return Run(
        name=name,
        folder=folder,
        state=_state(troubles, ended, (facts or {}).get("lock", "")),
        trouble="; ".join(troubles),
        started_at=_started(folder, facts, bundle),
        facts=facts or {},
        rows=tuple(rows),
        bundle=bundle,
        bundle_path=bundle_path if bundle is not None else None,
        last=last or {},
    )


def find_runs(runs: Sequence[Run], names: Sequence[str]) -> list[Run]:
    """Return the run of each name, in order and once: a name, the beginning of one, or of its hexadecimal part.

    InputError names the nearest run for one that there is not, and the candidates for a beginning of several.
    """
    return list({run.name: run for run in (_find(runs, name) for name in names)}.values())


def _find(runs: Sequence[Run], name: str) -> Run:
    known = [run.name for run in runs]
    exact = [run for run in runs if run.name == name]
    begun = exact or [run for run in runs if run.name.startswith(name) or _digits(run.name).startswith(name)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        some = ", ".join(run.name for run in begun[:4])
        raise InputError(f"'{name}' is the beginning of {len(begun)} runs ({some}); write more of it")
    hint = did_you_mean(name, [*known, *map(_digits, known)])
    raise InputError(f"no run is called '{name}'{hint}; `flinch runs` lists them")


def _digits(name: str) -> str:
    return name.rpartition("-")[2]


def _state(troubles: Sequence[str], ended: bool, lock: str) -> State:
    # Before the lock, which is the fit's: another run that shares the fit of a finished one may hold it. A run that
    # is made again has no report (training/run.py).
    if ended and not troubles:
        return "finished"
    # Before "damaged", since a run that is trained anew may well have half a bundle.
    if lock and _held(Path(lock)):
        return "running"
    return "damaged" if troubles else "unfinished"


def _held(lock: Path) -> bool:
    """Whether a process holds the lock file."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _read_object(path: Path, troubles: list[str]) -> dict[str, Any] | None:
    """Return a file's JSON object; None when it is missing, and a word in ``troubles`` when it is no object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        troubles.append(f"{path.name} cannot be read ({type(error).__name__})")
        return None
    if not isinstance(found, dict):
        troubles.append(f"{path.name} is no JSON object")
        return None
    return found


def _read_bundle(path: Path, troubles: list[str]) -> dict[str, Any] | None:
    """Return what ``bundle.json`` says, if it has what is read here; hashes are not checked, it would take long."""
    bundle = _read_object(path / MANIFEST, troubles)
    if bundle is None:
        return None
    parts = {"backbone": dict, "input": dict, "threshold": dict, "metrics": dict}
    wrong = [key for key, kind in parts.items() if not isinstance(bundle.get(key), kind)]
    if wrong or not {"name", "alpha"} <= bundle["backbone"].keys() or "size" not in bundle["input"]:
        troubles.append(f"{MANIFEST} has no {', '.join(wrong) or 'whole backbone and input'}")
        return None
    missing = [name for name in NEEDED if not (path / name).is_file()]
    if missing:
        troubles.append(f"the bundle has no {', '.join(missing)}")
    return bundle


def _started(folder: Path, facts: Mapping[str, Any] | None, bundle: Mapping[str, Any] | None) -> str:
    told = (facts or {}).get("started_at") or (bundle or {}).get("created_at")
    if told:
        return str(told).replace("+00:00", "Z")
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
