"""One training from labels to a bundle: the story of ``flinch train``.

A run is named by what decides its result, so running it again finds it finished or goes on where it was killed.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from inference.bundle import BackboneFacts, Bundle, load_bundle
from store.config import Concept
from store.database import Store
from store.errors import ConfigError, InputError
from store.locks import locked
from store.models import find_newest_model, touch
from store.progress import track
from store.tables import Image, Model, Sighting
from training.backbones import find_backbone
from training.clock import Clock
from training.data import Data, gather
from training.export import Draft, export_bundle
from training.fit import fine_tune, fit_head, seed_everything, shift_prior
from training.forward import forward
from training.identity import fit_id, run_id
from training.install import install_into_extension
from training.judge import Judged, choose, held_out, interval_of, metrics_of, mistakes_of, scores_of
from training.out_of_fold import out_of_fold_probabilities
from training.parity import require_tools
from training.register import register
from training.report import ReportData, write_report
from training.sampling import prior_shift
from training.snapshot import Snapshot, freeze, lines_of
from training.splits import TRAIN, VAL
from training.threshold import Threshold, parse_contract
from training.weights import Pretrained, fetch_weights

log = logging.getLogger(__name__)

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


@dataclass(frozen=True)
class Job:
    """One training: what it starts from, and where it keeps what it makes."""

    store: Store
    concept: Concept
    snapshot: Snapshot
    pretrained: Pretrained
    run: Path
    checkpoints: Path
    clock: Clock


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
    weights can be had (default: the newest of the same network); ``fresh`` forgets an earlier run of the same name.
    Raises ConfigError, InputError (nothing to train on), WeightsError, GateError (parity; no bundle appears),
    StoreError.
    """
    _refuse_early(concept)
    job = _prepare(store, concept, warm_start, Clock(say))
    # Two trainings of one name would write over each other's checkpoints.
    busy = f"{job.checkpoints}: another process is training this; wait for it or stop it"
    with locked(job.checkpoints.with_suffix(".lock"), busy):
        if fresh:
            shutil.rmtree(job.run, ignore_errors=True)
            shutil.rmtree(job.checkpoints, ignore_errors=True)
        finished = _finished(store, job.run)
        if finished:
            with store.session() as session:
                touch(session, finished.id)
            say("nothing has changed since this run: its bundle is used again (--fresh trains anew)")
        bundle = finished or _train(job)
    return Outcome(bundle, job.run / REPORT, install_into_extension(bundle, extension), reused=finished is not None)


def _refuse_early(concept: Concept) -> None:
    """Refuse what a typing error or a missing tool would spoil after an hour."""
    try:
        find_backbone(concept.train.backbone, concept.train.alpha)
        parse_contract(concept.threshold.contract)
    except ConfigError as error:
        raise ConfigError(f"{concept.path}: {error}") from error
    require_tools()


def _prepare(store: Store, concept: Concept, warm_start: Path | None, clock: Clock) -> Job:
    with clock.stage("snapshot"), store.session() as session:
        snapshot = freeze(session, concept, store.home.snapshots)
    for line in lines_of(snapshot):
        clock.say(line)
    recipe = concept.train
    with clock.stage("weights"):
        earlier = warm_start or _earlier_bundle(store, concept)
        pretrained = fetch_weights(recipe.backbone, recipe.alpha, store.home, bundle=earlier)
    clock.say(f"weights from {pretrained}")
    fit = fit_id(snapshot, concept, pretrained)
    run = store.home.runs / f"{concept.concept}-{run_id(fit, concept)}"
    return Job(store, concept, snapshot, pretrained, run, store.home.cache / "fits" / fit, clock)


def _earlier_bundle(store: Store, concept: Concept) -> Path | None:
    """Return the newest bundle of the concept's network: the last resort when no ImageNet weights can be had."""
    with store.session() as session:
        model = find_newest_model(session, concept.concept, concept.train.backbone)
        return Path(model.path) if model else None


def _train(job: Job) -> Bundle:
    seed_everything(job.concept.train.seed)
    data = gather(job.store, job.concept, job.snapshot, job.pretrained, job.clock)
    model, history = _fit(job, data)
    with job.clock.stage("evaluate"):
        judged = _judge(job, model, data)
        threshold = choose(judged, job.concept)
    with job.clock.stage("export and parity gate"):
        bundle = export_bundle(
            model,
            _draft(job, threshold, metrics_of(judged, threshold)),
            job.store.home.bundles / job.run.name,
            golden_pictures=job.concept.export.golden_pictures,
            parity_bound=job.concept.export.parity_bound,
        )
    with job.clock.stage("report"):
        _report(job, bundle, judged, threshold, history)
    with job.store.session() as session:
        register(session, bundle, held_out(judged))
    return bundle


def _fit(job: Job, data: Data) -> tuple[Any, History]:
    recipe, train, val = job.concept.train, data.of(TRAIN), data.of(VAL)
    with job.clock.stage("head"):
        head = fit_head(
            data.model, data.embeddings[data.where[TRAIN]], train, data.embeddings[data.where[VAL]], val, recipe
        )
    with job.clock.stage("fine-tune"):
        model, tuned = fine_tune(data.model, train, val, recipe, job.checkpoints, track)
    shift = prior_shift(train.positives, recipe.batch_size, recipe.positive_share)
    shift_prior(model, job.concept.positive_index, shift)
    return model, History(head, tuned)


def _judge(job: Job, model: Any, data: Data) -> Judged:
    train, positives = data.where[TRAIN], data.whole.positives
    probabilities = np.empty(len(positives), np.float32)
    answers = forward(model)
    for split in job.snapshot.held_out_splits:
        pictures = data.of(split)
        probabilities[data.where[split]] = answers(pictures.pixels, pictures.rows)[:, job.concept.positive_index]
    probabilities[train] = out_of_fold_probabilities(
        data.embeddings[train], positives[train], job.snapshot.groups_at(train), seed=job.concept.train.seed
    )
    return Judged(job.snapshot, positives, probabilities)


def _draft(job: Job, threshold: Threshold, metrics: dict[str, dict[str, Any]]) -> Draft:
    recipe = job.concept.train
    return Draft(
        id=job.run.name,
        concept=job.concept.concept,
        created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        classes=job.concept.classes,
        positive=job.concept.positive,
        backbone=BackboneFacts(recipe.backbone, recipe.alpha, job.pretrained.origin),
        threshold=threshold.as_json(),
        metrics=metrics,
        snapshot_id=job.snapshot.id,
        quantization=job.concept.export.quantization,
    )


def _report(job: Job, bundle: Bundle, judged: Judged, threshold: Threshold, history: History) -> None:
    false_positives, false_negatives = mistakes_of(judged, threshold, job.store.blobs, _titles(job.store))
    write_report(
        job.run / REPORT,
        ReportData(
            concept=job.concept.concept,
            title=job.concept.title,
            positive=job.concept.positive,
            bundle_id=bundle.id,
            created_at=bundle.created_at,
            threshold=threshold,
            threshold_interval=interval_of(judged, job.concept),
            splits=scores_of(judged),
            history=history.joined(),
            fine_tuning_from=len(history.head["loss"]),
            false_positives=false_positives,
            false_negatives=false_negatives,
            recipe=job.concept.train.model_dump() | {"weights": str(job.pretrained)},
            snapshot={"id": job.snapshot.id, "left out": job.snapshot.left_out, **job.snapshot.counts()},
            timings=job.clock.seconds,
            notes=_notes(job, threshold),
        ),
    )


def _notes(job: Job, threshold: Threshold) -> tuple[str, ...]:
    """Return what a reader of the report must know first: fallbacks, and a contract that was not met."""
    notes = []
    if job.pretrained.link == "bundle":
        notes.append(
            f"No ImageNet weights could be had: this network started from the bundle {job.pretrained.origin}."
        )
    if not threshold.met:
        notes.append(threshold.sentence())
    return tuple(notes)


def _titles(store: Store) -> dict[str, str]:
    """Return where each picture was seen, in the source's own words."""
    query = select(Image.sha256, Sighting.title, Sighting.post).join(Sighting, Sighting.image_id == Image.id)
    with store.session() as session:
        return {sha256: title or post for sha256, title, post in session.execute(query)}


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
