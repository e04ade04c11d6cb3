"""Where a model is most wrong, as pictures that a report can show."""

from io import BytesIO

import numpy as np
from PIL import Image

from store.blobs import Blobs
from store.pictures import decode_stored
from training.evaluation.evaluate import worst_mistakes
from training.evaluation.judge import Judged
from training.evaluation.threshold import Threshold
from training.reporting.report_data import Mistake

WORST = 24


def mistakes_of(
    judged: Judged, threshold: Threshold, blobs: Blobs, titles: dict[str, str]
) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
    """Return the worst false positives and the worst false negatives of the held-out splits, worst first."""
    places = np.concatenate([judged.snapshot.where(split) for split in judged.snapshot.held_out_splits])
    false_positives, false_negatives = worst_mistakes(
        judged.positives[places], judged.probabilities[places], threshold.value, WORST
    )
    return (
        tuple(_mistake(judged, n, blobs, titles) for n in places[false_positives].tolist()),
        tuple(_mistake(judged, n, blobs, titles) for n in places[false_negatives].tolist()),
    )


def _mistake(judged: Judged, number: int, blobs: Blobs, titles: dict[str, str]) -> Mistake:
    example = judged.snapshot.examples[number]
    picture = thumbnail(decode_stored(blobs, example.sha256))
    title = titles.get(example.sha256, example.sha256[:12])
    return Mistake(picture, title, float(judged.probabilities[number]), example.split)


def thumbnail(image: Image.Image, side: int = 192) -> bytes:
    """Return ``image`` as a JPEG of at most ``side`` pixels a side, without metadata."""
    small = image.convert("RGB")
    small.info.clear()  # Pillow would write the comment and the EXIF of the original into the copy
    small.thumbnail((side, side))
    file = BytesIO()
    small.save(file, "JPEG", quality=82)
    return file.getvalue()
