"""From a prepared job to a registered bundle: the long part of ``flinch train``, which needs TensorFlow."""

import contextlib
import json
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import select

from inference.bundle import BackboneFacts, Bundle
from store.blobs import write_atomically
from store.database import Store
from store.errors import InputError
from store.tables import Image, Sighting
from training.assess import Assessment, assess
from training.browser.timing import milliseconds, reference
from training.evaluation.judge import held_out, metrics_of, scores_of
from training.exporting.export import Draft, export_bundle
from training.exporting.install import download_bytes
from training.exporting.rounding import round_kernels
from training.fitting.fine_tune import seed_everything
from training.job import Job
from training.networks.cost import macs, parameters
from training.networks.weights import licence_of
from training.register import register
from training.reporting.mistakes import mistakes_of
from training.reporting.model_card import FILE, write_card
from training.reporting.report import write_report
from training.reporting.report_data import CardFacts, Cost, ReportData
from training.stages import Fitted, fit_job
from training.tracking.metrics_file import Numbers, read_lines
from training.tracking.tracker import METRICS, RunFacts, Tracker, open_tracker

log = logging.getLogger(__name__)

EVALUATION = "evaluation.json"


def make_bundle(job: Job) -> Bundle:
    """Fit, assess, export, report and register.

    Raises ConfigError (a misspelt layer, a rate too high), InputError (a blob is missing or damaged), WeightsError,
    StoreError (a full disk), GateError (parity; no bundle appears).
    """
    seed_everything(job.concept.train.seed)
    with contextlib.closing(_tracker(job)) as tracker:
        fitted = fit_job(job, tracker.epoch)
        fitted = replace(fitted, model=round_kernels(fitted.model, job.concept.export.quantization))
        with job.clock.stage("evaluate"):
            assessment = assess(job, fitted)
        with job.clock.stage("export and parity gate"):
            bundle = export_bundle(
                fitted.model,
                _draft(job, assessment),
                job.bundle,
                golden_pictures=job.concept.export.golden_pictures,
                parity_bound=job.concept.export.parity_bound,
            )
        with job.clock.stage("report"):
            data = _report_data(job, bundle, fitted, assessment)
            tracker.note(_last_numbers(bundle, data))
            _write_reports(job, data)
        with job.store.session() as session:
            register(session, bundle, held_out(assessment.judged))
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


def _draft(job: Job, assessment: Assessment) -> Draft:
    recipe = job.concept.train
    return Draft(
        id=job.run.name,
        concept=job.concept.concept,
        created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        classes=job.concept.classes,
        positive=job.concept.positive,
        backbone=BackboneFacts(recipe.backbone, recipe.alpha, _origin(job), recipe.cut, _licence(job)),
        threshold=assessment.threshold.as_json(),
        metrics=metrics_of(assessment.judged, assessment.threshold),
        snapshot_id=job.snapshot.id,
        quantization=job.concept.export.quantization,
    )


def _last_numbers(bundle: Bundle, data: ReportData) -> Numbers:
    """Return what the tracker keeps of the end: every plain number of the splits' metrics, and the cost."""
    numbers = {
        f"{split}/{name}": float(value)
        for split, metrics in bundle.metrics.items()
        for name, value in metrics.items()
        if isinstance(value, int | float)
    }
    return numbers | (data.cost.as_numbers() if data.cost else {})


def _report_data(job: Job, bundle: Bundle, fitted: Fitted, assessment: Assessment) -> ReportData:
    concept, threshold = job.concept, assessment.threshold
    false_positives, false_negatives = mistakes_of(
        assessment.judged, threshold, job.store.blobs, _titles(job.store)
    )
    return ReportData(
        concept=concept.concept,
        title=concept.title,
        positive=concept.positive,
        bundle_id=bundle.id,
        created_at=bundle.created_at,
        threshold=threshold,
        splits=scores_of(assessment.judged),
        epochs=tuple(read_lines(job.run / METRICS)[0]),
        false_positives=false_positives,
        false_negatives=false_negatives,
        recipe=concept.train.model_dump() | {"weights": str(job.fit.pretrained or "random")},
        snapshot={"id": job.snapshot.id, "left out": job.snapshot.left_out, **job.snapshot.counts()},
        timings=job.clock.seconds,
        notes=_notes(job, assessment),
        evaluation=assessment.evaluation,
        uncalibrated=assessment.uncalibrated,
        cost=_cost(job, bundle, fitted),
        card=card_facts(job),
    )


def card_facts(job: Job) -> CardFacts:
    """Return what the card says beside measurements: facts of one data set only in a run on that very snapshot."""
    card = job.concept.card
    described = card.data_limits if card.data_snapshot == job.snapshot.id else ()
    return CardFacts(card.intended, card.limits, _origin(job), _licences(job), described)


def _licence(job: Job) -> str:
    return licence_of(job.fit.pretrained) if job.fit.pretrained else ""


def _licences(job: Job) -> tuple[str, ...]:
    """Return a line for each network that began with somebody's weights: the student, then its teachers."""
    begun = [fit.pretrained for fit in (job.fit, *job.teachers) if fit.pretrained]
    lines = [f"Licence of the first weights of {each.name}: {licence_of(each)}." for each in begun]
    # Two teachers of one network differ in their pictures' size alone.
    return tuple(dict.fromkeys(lines))


def _cost(job: Job, bundle: Bundle, fitted: Fitted) -> Cost:
    """Count, and time in the browser where there is one: a user without Chromium gets a bundle all the same."""
    counted = Cost(macs(fitted.model), parameters(fitted.model), download_bytes(bundle.path))
    if not job.concept.evaluate.browser:
        return counted
    try:
        ours, baseline = milliseconds([bundle.path, reference(job.store.home.cache)])
    except InputError as error:
        log.warning("not timed in a browser: %s", error)
        return counted
    where = f"TF.js wasm, one thread, headless Chromium, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return replace(counted, browser=ours.network, baseline=baseline.network, measured_on=where)


def _write_reports(job: Job, data: ReportData) -> None:
    """Write the evaluation for machines, the card for readers, and last the page: it says that a run is done."""
    text = json.dumps(data.evaluation.as_json(), indent=2, allow_nan=False)
    write_atomically(job.run / EVALUATION, f"{text}\n".encode())
    write_card(job.run / FILE, data)
    write_report(job.report, data)


def _notes(job: Job, assessment: Assessment) -> tuple[str, ...]:
    """Return what a reader of the report must know first: fallbacks, and a contract that was not met."""
    notes = []
    weights = job.fit.pretrained
    if weights and weights.link == "bundle":
        notes.append(
            f"This network started from the bundle {weights.origin}, not from ImageNet weights: what that one was "
            "trained on, this one has learnt from as well."
        )
    if np.isnan(assessment.judged.probabilities).any():
        notes.append(
            "Training pictures were not looked through for wrong labels: without ImageNet weights there is no "
            "network that has not learnt them. `flinch weights` fetches some."
        )
    if not assessment.threshold.met:
        notes.append(assessment.threshold.sentence())
    return tuple(notes)


def _titles(store: Store) -> dict[str, str]:
    """Return where each picture was seen, in the source's own words."""
    query = select(Image.sha256, Sighting.title, Sighting.post).join(Sighting, Sighting.image_id == Image.id)
    with store.session() as session:
        return {sha256: title or post for sha256, title, post in session.execute(query)}
