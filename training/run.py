"""``flinch train`` from the outside: refuse early, use a finished run again, else make the bundle; then install it.

A run is named by what decides its result, so running it again finds it finished or goes on where it was killed.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from inference.bundle import Bundle, load_bundle
from inference.quiet import import_tensorflow_quietly
from store.config import Concept
from store.database import Store
from store.errors import ConfigError, InputError
from store.locks import locked
from store.models import touch
from store.tables import Model
from training.clock import Clock
from training.evaluation.threshold import parse_contract
from training.exporting.install import install_into_extension
from training.exporting.parity import require_tools
from training.forget import forget_unused
from training.job import Job, prepare
from training.networks.backbones import find_backbone

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """Where a training left what it made; ``extension`` is the folder to load, None when it has not been built."""

    bundle: Bundle
    report: Path
    extension: Path | None
    reused: bool


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

    ``extension`` is the built extension that gets the model; ``warm_start`` a bundle to start from
    instead of ImageNet weights; ``fresh`` forgets an earlier run of the same name.
    Raises ConfigError, InputError (nothing to train on), WeightsError, GateError (parity; no bundle appears),
    StoreError.
    """
    _refuse_early(concept)
    job = prepare(store, concept, warm_start, Clock(say))
    # Two trainings of one name would write over each other's checkpoints.
    busy = f"{job.fit.folder}: another process is training this; wait for it or stop it"
    with locked(job.lock, busy):
        if fresh:
            # Teachers stay: other students learn from them, and they would come out the same.
            shutil.rmtree(job.run, ignore_errors=True)
            shutil.rmtree(job.fit.folder, ignore_errors=True)
        finished = _finished(job)
        if finished:
            with store.session() as session:
                touch(session, finished.id)
            say("nothing has changed since this run: its bundle is used again (--fresh trains anew)")
        bundle = finished or _train(job)
    return Outcome(bundle, job.report, install_into_extension(bundle, extension), reused=finished is not None)


def _refuse_early(concept: Concept) -> None:
    """Refuse what a typing error or a missing tool would spoil after an hour."""
    try:
        find_backbone(concept.train.backbone, concept.train.alpha)
        for teacher in concept.train.distill.teachers:
            find_backbone(teacher.backbone, teacher.alpha)
        parse_contract(concept.threshold.contract)
    except ConfigError as error:
        raise ConfigError(f"{concept.path}: {error}") from error
    require_tools()


def _train(job: Job) -> Bundle:
    # Here and not above: TensorFlow takes ten seconds to import; a refusal or a finished run need not wait for it.
    import_tensorflow_quietly()
    from training.bundling import make_bundle

    # It says that a run is done: one that is made again, after damage, is not until there is a new one.
    job.report.unlink(missing_ok=True)
    try:
        bundle = make_bundle(job)
    except ConfigError as error:
        raise ConfigError(f"{job.concept.path}: {error}") from error
    forget_unused(job.store.home.cache)
    return bundle


def _finished(job: Job) -> Bundle | None:
    """Return the run's bundle when all that a run makes is there; a damaged one is made again."""
    if not job.report.is_file():
        return None
    try:
        bundle = load_bundle(job.bundle)
    except InputError as error:
        log.warning("run is made again: %s", error)
        return None
    with job.store.session() as session:
        known = session.scalar(select(Model.id).where(Model.bundle_id == bundle.id))
    return bundle if known is not None else None
