"""What a training is about to do: on which labels, from which weights, under which name."""

from dataclasses import dataclass
from pathlib import Path

from store.config import Concept
from store.database import Store
from store.models import find_newest_model
from training.clock import Clock
from training.identity import fit_id, run_id
from training.snapshot import Snapshot, freeze, lines_of
from training.weights import Pretrained, fetch_weights


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

    @property
    def report(self) -> Path:
        """The page that says how good it is; written when the bundle is there."""
        return self.run / "report.html"

    @property
    def bundle(self) -> Path:
        """The folder of its bundle."""
        return self.store.home.bundles / self.run.name


def prepare(store: Store, concept: Concept, warm_start: Path | None, clock: Clock) -> Job:
    """Freeze the labels, find pretrained weights, and name the fit and the run.

    ``warm_start``: a bundle to start from when no ImageNet weights can be had; default: the newest of the network.
    Raises InputError (nothing to train on), WeightsError, StoreError.
    """
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
