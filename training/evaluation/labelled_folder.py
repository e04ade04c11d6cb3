"""A labelled folder, one subfolder a class, scored by a model: what ``flinch evaluate`` measures on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.predictor import Predictor
from store.errors import InputError
from store.nearest import did_you_mean
from store.progress import track

_CHUNK = 256  # files between two steps of the progress bar


@dataclass(frozen=True)
class Scored:
    """The n pictures of a folder that could be read, and how many could not, by reason."""

    names: tuple[str, ...]  # n paths relative to the folder
    labels: NDArray[np.int64]  # [n], the class that the subfolder says, as a place in ``classes``
    probabilities: NDArray[np.float32]  # [n, classes]
    skipped: Mapping[str, int]


def score_folder(predictor: Predictor, folder: Path, classes: Sequence[str]) -> Scored:
    """Score every file below ``folder``/CLASS; hidden files and files outside a class folder are passed over.

    Unreadable pictures are counted. InputError when there is no folder, no picture that can be read, or a
    subfolder that is no class (named with the nearest one): a misspelt class must not vanish from the numbers.
    """
    labelled = labelled_files(folder, classes)
    paths = list(labelled)
    scores = [
        predictor.score_files(paths[start : start + _CHUNK])
        for start in track(range(0, len(paths), _CHUNK), "scoring")
    ]
    kept = [path for part in scores for path in part.paths]
    skipped = sum((Counter(part.skipped) for part in scores), Counter[str]())
    if not kept:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(skipped.items()))
        raise InputError(f"{folder}: none of its {len(paths)} files is a picture that can be read ({reasons})")
    return Scored(
        names=tuple(path.relative_to(folder).as_posix() for path in kept),
        labels=np.array([labelled[path] for path in kept], np.int64),
        probabilities=np.concatenate([part.probabilities for part in scores]),
        skipped=dict(skipped),
    )


def labelled_files(folder: Path, classes: Sequence[str]) -> dict[Path, int]:
    """Return every file below a class folder with its class as a place in ``classes``, in order of path.

    Raises InputError as ``score_folder`` does.
    """
    layout = f"expected a subfolder for each class, such as {folder / classes[-1]}"
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; {layout}")
    subfolders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not subfolders:
        raise InputError(f"{folder}: no class in it; {layout}")
    place_of = {path: _place(path, classes) for path in subfolders}
    files = {
        file: place
        for subfolder, place in place_of.items()
        for file in sorted(subfolder.rglob("*"))
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    }
    if not files:
        raise InputError(f"{folder}: its class folders are empty; {layout}, with pictures in it")
    return files


def _place(subfolder: Path, classes: Sequence[str]) -> int:
    """Return which class a subfolder holds; InputError with the nearest one, or with the level to go down."""
    name = subfolder.name.casefold()
    if name in classes:
        return list(classes).index(name)
    if any((subfolder / inner).is_dir() for inner in classes):
        raise InputError(f"{subfolder.parent}: holds splits, not classes; evaluate one, such as {subfolder}")
    raise InputError(
        f"{subfolder}: is no class{did_you_mean(name, classes)}; the bundle's classes are {', '.join(classes)}"
    )
