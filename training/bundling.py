"""From a prepared job to a registered bundle: the long part of ``flinch train``, which needs TensorFlow."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from inference.bundle import BackboneFacts, Bundle
from store.database import Store
from store.tables import Image, Sighting
from training.data import Data
from training.export import Draft, export_bundle
from training.fit import seed_everything
from training.fitting import History, fit_job
from training.forward import forward
from training.job import Job
from training.judge import Judged, choose, held_out, interval_of, metrics_of, mistakes_of, scores_of
from training.out_of_fold import out_of_fold_probabilities
from training.register import register
from training.report import ReportData, write_report
from training.splits import TRAIN
from training.threshold import Threshold
from training.tracking import RunFacts, Tracker, open_tracker


def make_bundle(job: Job) -> Bundle:
    """Gather, fit, judge, export, report and register; GateError (no bundle appears) or StoreError."""
    seed_everything(job.concept.train.seed)
    tracker = _tracker(job)
    fitted = fit_job(job, tracker.epoch)
    model = fitted.model
    with job.clock.stage("evaluate"):
        judged = _judge(job, model, fitted.data)
        threshold = choose(judged, job.concept)
    with job.clock.stage("export and parity gate"):
        bundle = export_bundle(
            model,
            _draft(job, threshold, metrics_of(judged, threshold)),
            job.bundle,
            golden_pictures=job.concept.export.golden_pictures,
            parity_bound=job.concept.export.parity_bound,
        )
    with job.clock.stage("report"):
        _report(job, bundle, judged, threshold, fitted.history)
    with job.store.session() as session:
        register(session, bundle, held_out(judged))
    return bundle


def _tracker(job: Job) -> Tracker:
    concept, snapshot = job.concept, job.snapshot
    facts = RunFacts(
        run=job.run.name,
        concept=concept.concept,
        contract=concept.threshold.contract,
        weights=_origin(job),
        recipe=concept.train.model_dump(mode="json"),
        snapshot={"id": snapshot.id, **snapshot.counts()},
        lock=str(job.lock),
    )
    return open_tracker(job.run, facts, wandb=concept.track.wandb, project=concept.track.project)


def _origin(job: Job) -> str:
    return job.fit.pretrained.origin if job.fit.pretrained else "random"


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
        backbone=BackboneFacts(recipe.backbone, recipe.alpha, _origin(job)),
        threshold=threshold.as_json(),
        metrics=metrics,
        snapshot_id=job.snapshot.id,
        quantization=job.concept.export.quantization,
    )


def _report(job: Job, bundle: Bundle, judged: Judged, threshold: Threshold, history: History) -> None:
    false_positives, false_negatives = mistakes_of(judged, threshold, job.store.blobs, _titles(job.store))
    write_report(
        job.report,
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
            recipe=job.concept.train.model_dump() | {"weights": str(job.fit.pretrained or "random")},
            snapshot={"id": job.snapshot.id, "left out": job.snapshot.left_out, **job.snapshot.counts()},
            timings=job.clock.seconds,
            notes=_notes(job, threshold),
        ),
    )


def _notes(job: Job, threshold: Threshold) -> tuple[str, ...]:
    """Return what a reader of the report must know first: fallbacks, and a contract that was not met."""
    notes = []
    weights = job.fit.pretrained
    if weights and weights.link == "bundle":
        notes.append(f"No ImageNet weights could be had: this network started from the bundle {weights.origin}.")
    if not threshold.met:
        notes.append(threshold.sentence())
    return tuple(notes)


def _titles(store: Store) -> dict[str, str]:
    """Return where each picture was seen, in the source's own words."""
    query = select(Image.sha256, Sighting.title, Sighting.post).join(Sighting, Sighting.image_id == Image.id)
    with store.session() as session:
        return {sha256: title or post for sha256, title, post in session.execute(query)}
