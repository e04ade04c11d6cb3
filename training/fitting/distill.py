"""Teachers and their student: what large networks say of the very views that a small one will be trained on.

The views of an epoch follow from the recipe alone (lessons.py), so the teachers' answers are computed once, kept,
and learnt from over many epochs: Beyer et al. 2022, "Knowledge distillation: a good teacher is patient and
consistent", https://arxiv.org/abs/2106.05237, sec. 3. Beside the answer to one question a student can learn what
its teachers see (their pooled features, which know a thousand things): Romero et al. 2015, "FitNets",
https://arxiv.org/abs/1412.6550, sec. 2.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from store.blobs import write_atomically
from store.progress import Progress
from training.fitting.fine_tune import Said, Taught
from training.fitting.lessons import Lessons
from training.fitting.losses import TINY
from training.networks.backbones import embedder
from training.networks.frozen import frozen
from training.networks.heads import head_of

# Of the median deviation of all features.
QUIETEST = 0.1
# The share of the pictures without a label that are the likeliest ones, and how many are looked at together.
LIKELIEST = 0.1
GLANCE = 64


@dataclass(frozen=True)
class Teacher:
    """A fitted network, and the student's lessons in pictures of the teacher's size."""

    network: Any
    lessons: Lessons


def teach(
    teachers: Sequence[Teacher], views: int, folder: Path, progress: Progress, *, mirror: bool = False
) -> Taught:
    """Let the teachers answer ``views`` epochs of lessons, as far as ``folder`` lacks their answers.

    Kept are the mean of their log-probabilities and, in a row, their pooled features; with ``mirror`` both are the
    mean over a view and its mirror image. Where lessons ask for them, the likeliest pictures without a label are
    found first. A kill costs at most the epoch it fell into. Raises StoreError when the disk is full.
    """
    looks = [(_size(teacher), _Look.of(teacher.network)) for teacher in teachers]
    if _asks_for_likely(teachers[0].lessons) and not _likely_in(folder).exists():
        file = io.BytesIO()
        np.save(file, _likeliest(teachers, [look for _, look in looks], progress))
        write_atomically(_likely_in(folder), file.getvalue())
    likely = _read_likely(folder)
    # To make a view takes as long as a look: teachers of one size are shown the same.
    lessons = {_size(teacher): replace(teacher.lessons, likely=likely) for teacher in teachers}
    for view in range(views):
        path = _path(folder, view)
        if not path.exists():
            epochs = zip(*(shown.epoch(view) for shown in lessons.values()), strict=True)
            title = f"teach {view + 1}/{views}"
            said = []
            for batches in progress(epochs, title, teachers[0].lessons.steps):
                views_of = {size: batch.view.numpy() for size, batch in zip(lessons, batches, strict=True)}
                said.append([look(views_of[size], mirror=mirror) for size, look in looks])
            _keep(path, said)
    return _taught(folder, views)


def answers_in(folder: Path, views: int) -> Taught | None:
    """Return the answers that ``folder`` has, or None where one is missing."""
    complete = all(_path(folder, view).exists() for view in range(views))
    return _taught(folder, views) if complete else None


def _taught(folder: Path, views: int) -> Taught:
    first = _read(folder, 0).features
    mean, deviation = first.mean(axis=(0, 1)), first.std(axis=(0, 1))
    # What hardly ever speaks must not shout when it does.
    deviation = np.maximum(deviation, QUIETEST * np.median(deviation)) + TINY

    def said(view: int) -> Said:
        found = _read(folder, view)
        # In use, for training/forget.py.
        folder.touch()
        # Else a teacher's loudest features would be all that the student hears.
        return Said(found.answers, (found.features - mean) / deviation)

    return Taught(said, views, likely=_read_likely(folder))


def _asks_for_likely(lessons: Lessons) -> bool:
    distill = lessons.recipe.distill
    return bool(distill.likely and distill.unlabelled and lessons.unlabelled)


def _likeliest(teachers: Sequence[Teacher], looks: Sequence["_Look"], progress: Progress) -> NDArray[np.int64]:
    """Return the positions of the pictures without a label that teachers, shown them whole, find likeliest.

    What decides is the mean of their log-odds for the positive class.
    """
    lessons = [teacher.lessons for teacher in teachers]
    silent = [each.unlabelled for each in lessons if each.unlabelled is not None]
    starts = range(0, len(silent[0]), GLANCE)

    def odds(start: int) -> NDArray[np.float64]:
        said = []
        for shown, look in zip(silent, looks, strict=True):
            answers, _ = look(shown.pixels[shown.rows[start : start + GLANCE]], mirror=False)
            positive = np.exp(np.asarray(answers, np.float64)[:, lessons[0].train.positive])
            said.append(np.log(positive + TINY) - np.log(1 - positive + TINY))
        mean: NDArray[np.float64] = np.mean(said, axis=0)
        return mean

    found = np.concatenate([odds(start) for start in progress(starts, "find the likeliest", len(starts))])
    count = max(1, round(LIKELIEST * len(found)))
    return np.sort(np.argsort(-found, kind="stable")[:count])


def _size(teacher: Teacher) -> int:
    return int(teacher.network.input_shape[1])


@dataclass(frozen=True)
class _Look:
    """What a teacher sees of a view, and what it says of it."""

    see: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    answer: Callable[[Any], Any]

    @classmethod
    def of(cls, network: Any) -> "_Look":
        """Compile a network in two parts, of which only the first is large."""
        head = head_of(network)

        def answer(features: Any) -> Any:
            return tf.math.log(tf.maximum(head(features, training=False), TINY))

        return cls(frozen(embedder(network)), tf.function(answer, reduce_retracing=True))

    def __call__(self, view: NDArray[np.float32], *, mirror: bool) -> tuple[Any, NDArray[np.float32]]:
        """Return log-probabilities [n, classes] and pooled features [n, d]."""
        seen = [self.see(one) for one in ((view, view[:, :, ::-1]) if mirror else (view,))]
        answers = [self.answer(tf.constant(features)) for features in seen]
        return tf.add_n(answers) / len(seen), np.mean(seen, axis=0)


def _path(folder: Path, view: int) -> Path:
    return folder / f"answers-{view:03d}.npz"


def _likely_in(folder: Path) -> Path:
    return folder / "likely.npy"


def _read(folder: Path, view: int) -> Said:
    with np.load(_path(folder, view)) as arrays:
        return Said(arrays["answers"], arrays["features"].astype(np.float32))


def _read_likely(folder: Path) -> NDArray[np.int64] | None:
    path = _likely_in(folder)
    return np.load(path) if path.exists() else None


def _keep(path: Path, said: Sequence[Sequence[Any]]) -> None:
    """Keep what every teacher said of every batch: float32 [steps, n, classes], float16 [steps, n, d]."""
    answers = np.stack([np.mean([answer for answer, _ in batch], axis=0) for batch in said])
    features = np.stack([np.concatenate([seen for _, seen in batch], axis=1) for batch in said])
    file = io.BytesIO()
    np.savez(file, answers=answers.astype(np.float32), features=features.astype(np.float16))
    write_atomically(path, file.getvalue())
