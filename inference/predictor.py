"""A bundle at work in Python: pixels in, probabilities out."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.bundle import Bundle
from inference.preprocess import preprocess
from inference.quiet import import_tensorflow_quietly
from store.errors import InputError
from store.pictures import UnreadablePicture, read_file

log = logging.getLogger(__name__)

Serve = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

BATCH = 32
SAVED_MODEL = "saved_model"


@dataclass(frozen=True)
class FileScores:
    """What a model says of files: `probabilities` float32 [n, classes] of `paths`, and a count of the others.

    `skipped` counts unreadable files by the reason that store/pictures.py gives.
    """

    paths: tuple[Path, ...]
    probabilities: NDArray[np.float32]
    skipped: Mapping[str, int]


class Predictor:
    """Scores pictures with a bundle's model, which is loaded with the first picture.

    ``load`` makes it of the bundle's folder; None: its SavedModel, as every finished training leaves one.
    """

    def __init__(self, bundle: Bundle, load: Callable[[Path], Serve] | None = None) -> None:
        self.bundle = bundle
        self._load = load

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 [n, classes] for pixels uint8 [n, size, size, 3], preprocessed as the bundle says."""
        wanted = (self.bundle.input.size, self.bundle.input.size, 3)
        if pixels.shape[1:] != wanted:
            raise ValueError(f"pixels have the shape {pixels.shape}, not (n, {', '.join(map(str, wanted))})")
        batches = [self._serve(pixels[start : start + BATCH]) for start in range(0, len(pixels), BATCH)]
        return np.concatenate([np.empty((0, len(self.bundle.classes)), np.float32), *batches])

    def score_files(self, paths: Sequence[Path]) -> FileScores:
        """Score picture files, decoding no more than a batch at a time; unreadable ones are counted, not raised."""
        kept: list[Path] = []
        answers = [np.empty((0, len(self.bundle.classes)), np.float32)]
        skipped: Counter[str] = Counter()
        for start in range(0, len(paths), BATCH):
            pixels = []
            for path in paths[start : start + BATCH]:
                try:
                    pixels.append(preprocess(read_file(path), self.bundle.input.size))
                except UnreadablePicture as unreadable:
                    skipped[unreadable.reason] += 1
                    continue
                except OSError:
                    skipped["missing"] += 1
                    continue
                kept.append(path)
            if pixels:
                answers.append(self._serve(np.stack(pixels)))
        log.info("files scored n=%d skipped=%s", len(kept), dict(skipped))
        return FileScores(tuple(kept), np.concatenate(answers), dict(skipped))

    @cached_property
    def _serve(self) -> Serve:
        return self._load(self.bundle.path) if self._load else load_saved_model(self.bundle.path / SAVED_MODEL)


def load_saved_model(folder: Path) -> Serve:
    """Return the function from pixels uint8 [n, size, size, 3] to probabilities float32 [n, classes].

    Raises InputError when TensorFlow is not installed or the folder holds no such model.
    """
    try:
        import_tensorflow_quietly()
        import tensorflow as tf
    except ImportError as error:
        raise InputError("scoring needs TensorFlow: install flinch with its extra 'train'") from error
    try:
        loaded = tf.saved_model.load(str(folder))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: no SavedModel that can be read ({error})") from error

    def answer(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        # By way of `loaded`, which keeps the variables alive: its function alone would not.
        return np.asarray(loaded.serve(pixels.astype(np.float32)), np.float32)

    return answer
