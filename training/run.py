"""One training from labels to a bundle: the story of ``flinch train``.

A run is named by what decides its result, so running it again finds it finished or goes on where it was killed.
"""

import fcntl
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inference.bundle import BackboneFacts, Bundle, load_bundle
from store.config import Concept
from store.database import Store
from store.errors import InputError
from store.home import storage_error
from store.progress import track
from store.tables import Image, Model, Sighting
from training.backbones import find_backbone
from training.clock import Clock
from training.data import Data, gather
from training.export import Draft, export_bundle
from training.fit import fine_tune, fit_head, predict, seed_everything, shift_prior
from training.install import install_into_extension
from training.judge import Judged, choose, held_out, interval_of, metrics_of, mistakes_of, scores_of
from training.out_of_fold import out_of_fold_probabilities
from training.register import register
from training.report import ReportData, write_report
from training.sampling import prior_shift
from training.snapshot import Snapshot, freeze, lines_of
from training.splits import TRAIN, VAL
from training.threshold import Threshold, parse_contract
from training.weights import Pretrained, fetch_weights

log = logging.getLogger(__name__)

# Raise it when the same recipe gives another network: augmentation, sampling, schedule.
RECIPE = 1
REPORT = "report.html"


@dataclass(frozen=True)
class Outcome:
    """Where a training left what it made; ``extension`` is the folder to load, None when it has not been built."""

    bundle: Bundle
    report: Path
    extension: Path | None
    reused: bool


@dataclass(frozen=True)
class History:
    """What the two stages went through, by epoch."""

    head: dict[str, list[float]]
    fine_tuning: dict[str, list[float]]

    def joined(self) -> dict[str, list[float]]:
        """Return both in a row."""
        return {key: [*values, *self.fine_tuning.get(key, [])] for key, values in self.head.items()}


def train(
    store: Store,
    concept: Concept,
    extension: Path,
    *,
    warm_start: Path | None,
    fresh: bool,
    say: Callable[[str], None],
) -> Outcome:
    """Train ``concept`` on the store's current labels and return where everything lies.

    ``extension`` is the built extension that gets the model; ``warm_start`` a bundle to start from when no ImageNet
    weights can be had; ``fresh`` forgets an earlier run of the same name.
    Raises InputError (nothing to train on), WeightsError, GateError (parity; no bundle appears), StoreError.
    """
    clock = Clock(say)
    # What a typing error can spoil is read before an hour is spent.
    find_backbone(concept.train.backbone, concept.train.alpha)
    parse_contract(concept.threshold.contract)
    with clock.stage("snapshot"), store.session() as session:
        snapshot = freeze(session, concept, store.home.snapshots)
    for line in lines_of(snapshot):
        say(line)
    with clock.stage("weights"):
        pretrained = fetch_weights(concept.train.backbone, concept.train.alpha, store.home, bundle=warm_start)
    say(f"weights from {pretrained}")
    fit = fit_id(snapshot, concept, pretrained)
    run = store.home.runs / f"{concept.concept}-{run_id(fit, concept)}"
    checkpoints = store.home.cache / "fits" / fit
    with _only_one(checkpoints):
        if fresh:
            shutil.rmtree(run, ignore_errors=True)
            shutil.rmtree(checkpoints, ignore_errors=True)
        finished = _finished(store, run)
        if finished:
            say("nothing has changed since this run: its bundle is used again (--fresh trains anew)")
        bundle = finished or _train(store, concept, snapshot, pretrained, run, checkpoints, clock)
    return Outcome(bundle, run / REPORT, install_into_extension(bundle, extension), reused=finished is not None)


def fit_id(snapshot: Snapshot, concept: Concept, pretrained: Pretrained) -> str:
    """Return what names a fit, in 16 hex digits: two fits of one name would give one network."""
    return _digest(
        {
            "recipe": RECIPE,
            "snapshot": snapshot.id,
            "classes": concept.classes,
            "positive": concept.positive,
            "train": concept.train.model_dump(),
            "weights": pretrained.sha256,
            "versions": {name: version(name) for name in ("keras", "tensorflow-cpu")},
        }
    )


def run_id(fit: str, concept: Concept) -> str:
    """Return what names a run: its fit, and how the network is cut and exported."""
    return _digest(
        {
            "fit": fit,
            "threshold": concept.threshold.model_dump(),
            "export": concept.export.model_dump(),
            "versions": {name: version(name) for name in ("flinch", "tensorflowjs")},
        }
    )


def _digest(decisive: dict[str, Any]) -> str:
    return sha256(json.dumps(decisive, sort_keys=True, default=list).encode()).hexdigest()[:16]


def _train(
    store: Store,
    concept: Concept,
    snapshot: Snapshot,
    pretrained: Pretrained,
    run: Path,
    checkpoints: Path,
    clock: Clock,
) -> Bundle:
    seed_everything(concept.train.seed)
    data = gather(store, concept, snapshot, pretrained, clock)
    model, history = _fit(concept, data, checkpoints, clock)
    with clock.stage("evaluate"):
        judged = _judge(model, concept, snapshot, data)
        threshold = choose(judged, concept)
    with clock.stage("export and parity gate"):
        bundle = export_bundle(
            model,
            _draft(concept, snapshot, pretrained, run, threshold, metrics_of(judged, threshold)),
            store.home.bundles / run.name,
            golden_pictures=concept.export.golden_pictures,
            parity_bound=concept.export.parity_bound,
        )
    with clock.stage("report"):
        _report(store, concept, bundle, judged, threshold, history, run, clock)
    with store.session() as session:
        register(session, bundle, held_out(judged))
    return bundle


def _fit(concept: Concept, data: Data, checkpoints: Path, clock: Clock) -> tuple[Any, History]:
    recipe, train, val = concept.train, data.of(TRAIN), data.of(VAL)
    with clock.stage("head"):
        head = fit_head(
            data.model, data.embeddings[data.where[TRAIN]], train, data.embeddings[data.where[VAL]], val, recipe
        )
    with clock.stage("fine-tune"):
        model, tuned = fine_tune(data.model, train, val, recipe, checkpoints, track)
    shift = prior_shift(train.positives, recipe.batch_size, recipe.positive_share)
    shift_prior(model, concept.positive_index, shift)
    return model, History(head, tuned)


def _judge(model: Any, concept: Concept, snapshot: Snapshot, data: Data) -> Judged:
    train = data.where[TRAIN]
    positives = data.whole.positives
    return Judged(
        snapshot,
        positives,
        predict(model, data.whole)[:, concept.positive_index],
        out_of_fold_probabilities(
            data.embeddings[train],
            positives[train],
            [snapshot.examples[n].group for n in train],
            seed=concept.train.seed,
        ),
    )


def _draft(
    concept: Concept,
    snapshot: Snapshot,
    pretrained: Pretrained,
    run: Path,
    threshold: Threshold,
    metrics: dict[str, dict[str, Any]],
) -> Draft:
    return Draft(
        id=run.name,
        concept=concept.concept,
        created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        classes=concept.classes,
        positive=concept.positive,
        backbone=BackboneFacts(concept.train.backbone, concept.train.alpha, pretrained.origin),
        threshold=threshold.as_json(),
        metrics=metrics,
        snapshot_id=snapshot.id,
        quantization=concept.export.quantization,
    )


def _report(
    store: Store,
    concept: Concept,
    bundle: Bundle,
    judged: Judged,
    threshold: Threshold,
    history: History,
    run: Path,
    clock: Clock,
) -> None:
    false_positives, false_negatives = mistakes_of(judged, threshold, store.blobs, _titles(store))
    write_report(
        run / REPORT,
        ReportData(
            concept=concept.concept,
            title=concept.title,
            positive=concept.positive,
            bundle_id=bundle.id,
            created_at=bundle.created_at,
            threshold=threshold,
            threshold_interval=interval_of(judged, concept),
            splits=scores_of(judged),
            history=history.joined(),
            fine_tuning_from=len(history.head["loss"]),
            false_positives=false_positives,
            false_negatives=false_negatives,
            recipe=concept.train.model_dump() | {"weights": bundle.backbone.weights},
            snapshot={"id": judged.snapshot.id, "left out": judged.snapshot.left_out} | judged.snapshot.counts(),
            timings=clock.seconds,
        ),
    )


def _titles(store: Store) -> dict[str, str]:
    """Return where each picture was seen, in the source's own words."""
    query = select(Image.sha256, Sighting.title, Sighting.post).join(Sighting, Sighting.image_id == Image.id)
    with store.session() as session:
        return {sha256: title or post for sha256, title, post in session.execute(query)}


@contextmanager
def _only_one(checkpoints: Path) -> Iterator[None]:
    """Hold the fit's lock: two trainings of one name would write over each other's checkpoints."""
    try:
        checkpoints.parent.mkdir(parents=True, exist_ok=True)
        file = checkpoints.with_suffix(".lock").open("w")
    except OSError as error:
        raise storage_error(error, checkpoints) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"{checkpoints}: another process is training this; wait for it or stop it") from error
        yield


def _finished(store: Store, run: Path) -> Bundle | None:
    """Return the run's bundle when all that a run makes is there; a damaged one is made again."""
    if not (run / REPORT).is_file():
        return None
    try:
        bundle = load_bundle(store.home.bundles / run.name)
    except InputError as error:
        log.warning("run is made again: %s", error)
        return None
    with store.session() as session:
        known = session.scalar(select(Model.id).where(Model.bundle_id == bundle.id))
    return bundle if known is not None else None
