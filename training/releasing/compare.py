"""``flinch compare``: which network gives the most for what it costs, by evidence.

Accuracy is the average precision on val, which is what epochs are chosen by as well and needs no threshold. Test
stands apart in every table: a choice made by it would make it a second val.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from inference.bundle import KERAS, load_bundle
from inference.quiet import import_tensorflow_quietly
from store.config import Concept
from store.database import Store
from store.errors import ConfigError, GateError, InputError, WeightsError
from store.models import find_newest_model, touch
from training.browser.timing import Milliseconds, milliseconds, reference
from training.releasing.contenders import Contender
from training.run import train
from training.splits import TEST, VAL
from training.tracking.runs import find_runs, read_runs

log = logging.getLogger(__name__)

COSTS = ("ms", "macs", "parameters", "bytes")
# Quartiles of the runs further apart than this share of the median: something else was running.
BUSY = 0.25


@dataclass(frozen=True)
class Row:
    """One network: its numbers and its costs, or the ``reason`` why it has none."""

    network: str
    reason: str = ""
    bundle: str = ""  # its folder
    snapshot_id: str = ""
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)  # by split, as bundle.json has them
    macs: int | None = None
    parameters: int | None = None
    bytes: int | None = None  # that a browser downloads
    time: Milliseconds | None = None
    front: bool = False

    @property
    def ms(self) -> float | None:
        """The median of the network's milliseconds an image in the browser."""
        return self.time.network.median if self.time else None

    @property
    def accuracy(self) -> float | None:
        """Average precision on val, which the choice goes by."""
        return self.number(VAL, "average_precision")

    def number(self, split: str, measure: str, rate: str | None = None) -> float | None:
        """Return one metric of a split, or of one of its rates; None where there is none."""
        found = self.metrics.get(split, {}).get(measure)
        found = (found or {}).get(rate) if rate else found
        return None if found is None else float(found)

    def cost(self, name: str) -> float | None:
        """Return one of ``COSTS``."""
        found = getattr(self, name)
        return None if found is None else float(found)

    def as_json(self) -> dict[str, Any]:
        """Return the row for machines."""
        spread = vars(self.time.network) if self.time else None
        return {
            "network": self.network,
            "reason": self.reason,
            "bundle": self.bundle,
            "snapshot_id": self.snapshot_id,
            "front": self.front,
            "val": self.metrics.get(VAL),
            "test": self.metrics.get(TEST),
            **{cost: self.cost(cost) for cost in COSTS},
            "ms_spread": spread,
            "ms_with_resize": self.time.with_resize.median if self.time else None,
        }


@dataclass(frozen=True)
class Comparison:
    """All rows, the cost that the Pareto front is drawn by, and what a reader must know first."""

    concept: str
    rows: tuple[Row, ...]
    cost: str
    reference_ms: float | None  # of MobileNet v1 1.0 at 224 px in the same page
    notes: tuple[str, ...]

    def relative(self, row: Row) -> float | None:
        """Return a row's milliseconds over those of MobileNet v1 1.0 at 224 px."""
        return None if row.ms is None or self.reference_ms is None else row.ms / self.reference_ms

    def as_json(self) -> dict[str, Any]:
        """Return the comparison for machines."""
        rows = [{**row.as_json(), "ms_of_mobilenet_v1_224": self.relative(row)} for row in self.rows]
        return {
            "concept": self.concept,
            "accuracy": f"average precision on {VAL}",
            "front_by": self.cost,
            "reference_ms": self.reference_ms,
            "notes": list(self.notes),
            "rows": rows,
        }


def train_all(
    store: Store, concept: Concept, contenders: Sequence[Contender], epochs: int | None, say: Callable[[str], None]
) -> list[Row]:
    """Train every contender with the concept's recipe and return their rows, without costs.

    A finished training is used again and a killed one resumed, so a killed comparison goes on. One that cannot be
    trained or exported is a row with the reason. Raises InputError (nothing to train on) and StoreError.
    """
    with store.session() as session:
        newest = find_newest_model(session, concept.concept)
        in_use = newest.bundle_id if newest else None
    rows = []
    for number, contender in enumerate(contenders, 1):
        say(f"== {number}/{len(contenders)} {contender}")
        try:
            rows.append(_row_of(_train_one(store, contender.concept(concept, epochs), say)))
        except (ConfigError, WeightsError, GateError) as error:
            log.warning("no row network=%s reason=%s", contender, error)
            rows.append(Row(str(contender), reason=str(error)))
        finally:
            if in_use is not None:
                # A contender is an experiment: commands that take the newest model go on with the one in use.
                with store.session() as session:
                    touch(session, in_use)
    return rows


def rows_of_runs(store: Store, names: Sequence[str]) -> list[Row]:
    """Return the rows, without costs, of runs by name or its beginning, and of bundles by their folders.

    The row of a run that is not finished has a reason and no numbers. Raises InputError for a name that is no run.
    """
    runs = read_runs(store.home)
    rows = []
    for name in names:
        if Path(name).is_dir():
            rows.append(_row_of(Path(name)))
            continue
        [run] = find_runs(runs, [name])
        try:
            bundle = run.finished_bundle()
        except InputError as error:
            rows.append(Row(run.network, reason=f"{error}"))
        else:
            rows.append(_row_of(bundle))
    return rows


def compare(store: Store, concept: Concept, rows: Sequence[Row], say: Callable[[str], None]) -> Comparison:
    """Add what every row costs, and mark the Pareto front: those that no other row beats in accuracy and cost.

    Without a Chromium the times are missing, a note says so, and the front is drawn by multiplications.
    """
    say("costs ...")
    costed = [_with_costs(row) for row in rows]
    notes = [f"{row.network}: {row.reason}" for row in costed if row.reason]
    if len({row.snapshot_id for row in costed if row.bundle}) > 1:
        notes.append("These networks were trained on different labels: their numbers are not of the same pictures.")
    timed, reference_ms, note = _timed(store, costed, say)
    cost = "ms" if reference_ms is not None else "macs"
    return Comparison(
        concept.concept,
        tuple(replace(row, front=on) for row, on in zip(timed, pareto_front(timed, cost), strict=True)),
        cost,
        reference_ms,
        tuple(notes + note),
    )


def pareto_front(rows: Sequence[Row], cost: str) -> list[bool]:
    """Return for every row whether no other is at least as accurate and as cheap, and better in one of the two."""
    places = [(row.accuracy, row.cost(cost)) for row in rows]

    def beaten(accuracy: float, price: float) -> bool:
        return any(
            a is not None and p is not None and a >= accuracy and p <= price and (a, p) != (accuracy, price)
            for a, p in places
        )

    return [a is not None and p is not None and not beaten(a, p) for a, p in places]


def _train_one(store: Store, concept: Concept, say: Callable[[str], None]) -> Path:
    import_tensorflow_quietly()
    import keras

    # Each begins as a fresh process would: without the layers of the one before.
    keras.backend.clear_session()
    # A folder that is no extension: contenders are not installed anywhere.
    nowhere = store.home.runs
    return train(store, concept, nowhere, warm_start=None, fresh=False, say=say).bundle.path


def _row_of(path: Path) -> Row:
    bundle = load_bundle(path)
    metrics = {split: dict(numbers) for split, numbers in bundle.metrics.items()}
    return Row(bundle.network, bundle=str(bundle.path), snapshot_id=bundle.snapshot_id, metrics=metrics)


def _with_costs(row: Row) -> Row:
    if not row.bundle:
        return row
    import_tensorflow_quietly()
    import keras

    from training.exporting.install import download_bytes
    from training.networks.cost import macs, parameters
    from training.networks.fold import fold_batch_normalization

    path = Path(row.bundle)
    # Folded, as it is released: the statistics of a normalisation are no parameters of the reader's.
    model = fold_batch_normalization(keras.models.load_model(path / KERAS, compile=False))
    return replace(row, macs=macs(model), parameters=parameters(model), bytes=download_bytes(path))


def _timed(
    store: Store, rows: Sequence[Row], say: Callable[[str], None]
) -> tuple[list[Row], float | None, list[str]]:
    """Return the rows with times, the reference's milliseconds, and what is to be said of the measurement."""
    finished = [row for row in rows if row.bundle]
    say("milliseconds in Chromium ...")
    try:
        found = milliseconds([reference(store.home.cache), *(Path(row.bundle) for row in finished)])
    except InputError as error:
        return list(rows), None, [f"Milliseconds an image were not measured: {error}."]
    times = dict(zip((row.bundle for row in finished), found[1:], strict=True))
    busy = any(time.network.high - time.network.low > BUSY * time.network.median for time in found)
    notes = ["The machine was busy while times were taken: read their ratios with care."] if busy else []
    return [replace(row, time=times.get(row.bundle)) for row in rows], found[0].network.median, notes
