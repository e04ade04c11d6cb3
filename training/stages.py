"""From a job to a fitted network: teachers first, if there are any, then the network that will ship."""

from dataclasses import dataclass, replace
from typing import Any

from store.config import DistillConfig
from store.locks import locked
from store.progress import track
from training.fitting.checkpoint import Told
from training.fitting.data import Data, gather, network_of
from training.fitting.distill import Teacher, answers_in, teach
from training.fitting.fine_tune import Taught, fine_tune
from training.fitting.head import fit_head
from training.fitting.soup import greedy_soup
from training.job import Fit, Job
from training.networks.heads import shift_prior
from training.splits import VAL


@dataclass(frozen=True)
class Fitted:
    """A network and the arrays that it was fitted on."""

    model: Any
    data: Data


def fit_job(job: Job, tell: Told) -> Fitted:
    """Fit the job's network, after its teachers and by their answers; it then answers for the true prior.

    Raises ConfigError (a misspelt layer, a rate too high), InputError (a blob is missing or damaged), WeightsError,
    StoreError (a full disk).
    """
    for fit in (job.fit, *job.teachers):
        # All of them first: a misspelt layer of the student is told before teachers take their hour.
        network_of(job.concept, fit.recipe, fit.pretrained)
    # Teachers speak of views, which only fine-tuning shows.
    taught = _taught(job, tell) if job.teachers and job.fit.recipe.fine_tune_epochs else None
    fitted = _fit(job, job.fit, taught, tell)
    lessons = fitted.data.lessons(job.fit.recipe)
    shift_prior(fitted.model, job.concept.positive_index, lessons.prior_shift())
    return fitted


def _taught(job: Job, tell: Told) -> Taught:
    distill = job.concept.train.distill
    # Students that share a teacher wait for each other; the second finds everything made.
    with locked(job.answers.with_suffix(".lock")):
        known = answers_in(job.answers, distill.views)
        return known or _teach(job, distill, tell)


def _teach(job: Job, distill: DistillConfig, tell: Told) -> Taught:
    teachers = []
    for number, fit in enumerate(job.teachers, 1):
        job.clock.say(f"teacher {number} of {len(job.teachers)}: {fit.title}")
        with locked(fit.lock):
            fitted = _fit(job, fit, None, _named(f"teacher {number} ", tell))
        # The student's lessons, in pictures of the teacher's size.
        teachers.append(Teacher(fitted.model, fitted.data.lessons(job.fit.recipe)))
    with job.clock.stage("teach"):
        return teach(teachers, distill.views, job.answers, track, mirror=distill.mirror)


def _fit(job: Job, fit: Fit, taught: Taught | None, tell: Told) -> Fitted:
    data = gather(job.store, job.concept, fit.recipe, job.snapshot, fit.pretrained, job.clock)
    lessons, val = data.lessons(fit.recipe), data.of(VAL)
    with job.clock.stage("head"):
        fit_head(data.model, data.lesson_embeddings, lessons, data.val_embeddings, val, tell)
    with job.clock.stage("fine-tune"):
        if taught and fit.recipe.distill.students > 1:
            model = _fine_tune_students(job, fit, data, taught, tell)
        else:
            model = fine_tune(data.model, lessons, val, fit.folder, taught=taught, progress=track, tell=tell)
    return Fitted(model, data)


def _fine_tune_students(job: Job, fit: Fit, data: Data, taught: Taught, tell: Told) -> Any:
    lessons, val, count = data.lessons(fit.recipe), data.of(VAL), fit.recipe.distill.students
    students = []
    for number in range(count):
        job.clock.say(f"student {number + 1} of {count}")
        hears = replace(taught, first=number * taught.views // count)
        folder, tells = fit.folder / f"student-{number + 1}", _named(f"student {number + 1} ", tell)
        students.append(fine_tune(data.model, lessons, val, folder, taught=hears, progress=track, tell=tells))
    soup = greedy_soup(students, val)
    job.clock.say(f"the mean of {soup.members} of {count} students: val average precision {soup.score:.4f}")
    return soup.network


def _named(prefix: str, tell: Told) -> Told:
    def told(stage: str, epoch: int, numbers: dict[str, float]) -> None:
        tell(f"{prefix}{stage}", epoch, numbers)

    return told
