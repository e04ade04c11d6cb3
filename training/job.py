"""What a training is about to do: on which labels, from which weights, taught by whom, under which name."""

from dataclasses import dataclass
from pathlib import Path

from store.config import Concept, DistillConfig, HeadConfig, TeacherConfig, TrainConfig
from store.database import Store
from store.errors import WeightsError
from store.home import Home
from store.models import find_newest_model
from training.clock import Clock
from training.identity import answers_id, fit_id, run_id
from training.networks.weights import Pretrained, fetch_weights, from_bundle
from training.snapshot import Snapshot, freeze, lines_of
from training.tracking.tracker import REPORT


@dataclass(frozen=True)
class Fit:
    """One network to be fitted: its recipe, its first weights, and the folder of its checkpoints."""

    recipe: TrainConfig
    pretrained: Pretrained | None
    folder: Path

    @property
    def id(self) -> str:
        """What names it."""
        return self.folder.name

    @property
    def lock(self) -> Path:
        """The file that says that it is being fitted."""
        return self.folder.with_suffix(".lock")

    @property
    def title(self) -> str:
        """The network in a few words, such as "mobilenet_v2 1.0 to block_12, 128 px"."""
        cut = f" to {self.recipe.cut}" if self.recipe.cut else ""
        return f"{self.recipe.backbone} {self.recipe.alpha}{cut}, {self.recipe.input_size} px"


@dataclass(frozen=True)
class Job:
    """One training: what it starts from, and where it keeps what it makes."""

    store: Store
    concept: Concept
    snapshot: Snapshot
    fit: Fit
    teachers: tuple[Fit, ...]
    answers: Path  # the folder of what the teachers say
    run: Path
    clock: Clock

    @property
    def report(self) -> Path:
        """The page that says how good it is; written when the bundle is there."""
        return self.run / REPORT

    @property
    def bundle(self) -> Path:
        """The folder of its bundle."""
        return self.store.home.bundles / self.run.name

    @property
    def lock(self) -> Path:
        """The file that says that this training is running."""
        return self.fit.lock


def prepare(store: Store, concept: Concept, warm_start: Path | None, clock: Clock) -> Job:
    """Freeze the labels, find pretrained weights, and name the fits and the run.

    ``warm_start``: a bundle that the network starts from; without one it starts from ImageNet weights, or where
    none can be had from the newest bundle of the network.
    Raises InputError (nothing to train on), WeightsError, StoreError.
    """
    with clock.stage("snapshot"), store.session() as session:
        snapshot = freeze(session, concept, store.home.snapshots)
    for line in lines_of(snapshot):
        clock.say(line)
    fits = store.home.cache / "fits"
    with clock.stage("weights"):
        teachers = []
        for config in concept.train.distill.teachers:
            recipe = recipe_of_teacher(concept.train, config)
            weights = _of_teacher(recipe, store.home)
            teachers.append(Fit(recipe, weights, fits / fit_id(snapshot, concept, recipe, weights)))
        pretrained = _first_weights(store, concept, warm_start)
    names = [teacher.id for teacher in teachers]
    named = fit_id(snapshot, concept, concept.train, pretrained, names)
    fit = Fit(concept.train, pretrained, fits / named)
    for teacher in teachers:
        clock.say(f"teacher  {teacher.title}, weights from {teacher.pretrained or 'a random start'}")
    clock.say(f"network  {fit.title}, weights from {pretrained or 'a random start'}")
    answers = store.home.cache / "answers" / answers_id(snapshot, concept, names)
    run = store.home.runs / f"{concept.concept}-{run_id(named, concept)}"
    return Job(store, concept, snapshot, fit, tuple(teachers), answers, run, clock)


def recipe_of_teacher(recipe: TrainConfig, teacher: TeacherConfig) -> TrainConfig:
    """Return how a teacher is trained: the student's recipe but for what the teacher's table says."""
    own = teacher.model_dump(exclude={"composite_share"})
    # It goes on from no earlier bundle; and what its student keeps must not let it be taught, and asked, anew.
    own |= {"cut": "", "head": HeadConfig(), "distill": DistillConfig(), "start_share": 0.0}
    if teacher.composite_share is not None:
        own["synthetic"] = recipe.synthetic.model_copy(update={"share": teacher.composite_share})
    return recipe.model_copy(update=own)


def fetch_for(recipe: TrainConfig, home: Home, *, bundle: Path | None = None) -> Pretrained | None:
    """Return the first weights of a recipe's network; None for one that begins with random ones."""
    return fetch_weights(recipe.backbone, recipe.alpha, home, cut=recipe.cut, bundle=bundle)


def _of_teacher(recipe: TrainConfig, home: Home) -> Pretrained | None:
    try:
        return fetch_for(recipe, home)
    except WeightsError as error:
        alone = "train.distill: teachers = [], unlabelled = 0, mixtures = 0"
        raise WeightsError(f"teacher: {error}; or learn from labels alone ({alone})") from error


def _first_weights(store: Store, concept: Concept, warm_start: Path | None) -> Pretrained | None:
    recipe = concept.train
    if warm_start:
        return from_bundle(recipe.backbone, recipe.alpha, warm_start, recipe.cut)
    return fetch_for(recipe, store.home, bundle=_earlier_bundle(store, concept))


def _earlier_bundle(store: Store, concept: Concept) -> Path | None:
    """Return the newest bundle of the concept's network: the last resort when no ImageNet weights can be had."""
    with store.session() as session:
        model = find_newest_model(session, concept.concept, concept.train.backbone)
        return Path(model.path) if model else None
