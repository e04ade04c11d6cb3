"""Teachers and their student: what large networks say of the very views that a small one will be trained on.

The views of an epoch follow from the recipe alone (training/lessons.py), so the teachers' answers are computed
once, kept, and learnt from over many epochs: Beyer et al. 2022, "Knowledge distillation: a good teacher is patient
and consistent", https://arxiv.org/abs/2106.05237, sec. 3.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from store.blobs import write_atomically
from store.home import storage_error
from store.progress import Progress
from training.fit import Taught
from training.lessons import Lessons
from training.losses import TINY


@dataclass(frozen=True)
class Teacher:
    """A fitted network, and the student's lessons in pictures of the teacher's size."""

    network: Any
    lessons: Lessons


def teach(
    teachers: Sequence[Teacher], views: int, folder: Path, progress: Progress, *, mirror: bool = False
) -> Taught:
    """Let the teachers answer ``views`` epochs of lessons, as far as ``folder`` lacks their answers.

    An answer is the mean of their log-probabilities, with ``mirror`` on every view's mirror image too. A kill costs
    at most the epoch it fell into. Raises StoreError when the disk is full.
    """
    answer = [_answering(teacher.network, mirror=mirror) for teacher in teachers]
    for view in range(views):
        path = _path(folder, view)
        if not path.exists():
            epochs = zip(*(teacher.lessons.epoch(view) for teacher in teachers), strict=True)
            title = f"teach {view + 1}/{views}"
            said = [
                np.mean([say(batch.view) for say, batch in zip(answer, batches, strict=True)], axis=0)
                for batches in progress(epochs, title, teachers[0].lessons.steps)
            ]
            _keep(path, np.stack(said).astype(np.float32))
    return Taught(lambda view: np.load(_path(folder, view)), views)


def answers_in(folder: Path, views: int) -> Taught | None:
    """Return the answers that ``folder`` has, or None where one is missing."""
    complete = all(_path(folder, view).exists() for view in range(views))
    return Taught(lambda view: np.load(_path(folder, view)), views) if complete else None


def _answering(network: Any, *, mirror: bool) -> Any:
    def say(view: Any) -> Any:
        looks = (view, tf.reverse(view, [2])) if mirror else (view,)
        seen = [network(look, training=False) for look in looks]
        return tf.add_n([tf.math.log(tf.maximum(one, TINY)) for one in seen]) / len(seen)

    return tf.function(say, reduce_retracing=True)


def _path(folder: Path, view: int) -> Path:
    return folder / f"answers-{view:03d}.npy"


def _keep(path: Path, answers: NDArray[np.float32]) -> None:
    file = io.BytesIO()
    np.save(file, answers)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, path) from error
    write_atomically(path, file.getvalue())
