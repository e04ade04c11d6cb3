"""A snapshot as arrays: what is pasted onto what, and how it is labelled."""

from pathlib import Path

import numpy as np

from store.config import Concept
from store.database import open_store
from store.filing import SightingFacts, file_picture
from store.home import Home
from store.pictures import check
from store.progress import track
from tests.networks import small_weights
from tests.pictures import png
from training.clock import Clock
from training.fitting.data import gather
from training.pictures.composites import composite_pixels
from training.snapshot import Example, Snapshot

RECIPE = {
    "backbone": "mobilenet_v1",
    "alpha": 0.25,
    "cut": "conv_pw_1",
    "input_size": 32,
    "unfreeze_from": "conv_pw_1",
    "synthetic": {"composites": 6, "share": 0.2},
}
CONCEPT = Concept.model_validate(
    {
        "concept": "leaves",
        "title": "Leaves, and what is none",
        "classes": ["leaves", "poppies", "skies"],
        "positive": "leaves",
        "train": RECIPE,
    }
)


def test_of_three_classes_composites_lie_on_the_first_negative_one_and_are_labelled_so(
    sqlite_home: Home, tmp_path: Path
):
    store = open_store(sqlite_home)
    labels = [CONCEPT.classes[number % 3] for number in range(18)]
    with store.session() as session:
        for number in range(18):
            data = png(number, 48, 48)
            file_picture(session, store.blobs, data, check(data), SightingFacts("folder:x", f"{number}.png"))
    digests = [check(png(number, 48, 48)).sha256 for number in range(18)]
    examples = [Example(digest, label, "train", digest) for digest, label in zip(digests, labels, strict=True)]
    snapshot = Snapshot("x", tmp_path / "x.csv", tuple(examples), {})

    data = gather(store, CONCEPT, CONCEPT.train, snapshot, small_weights(tmp_path), Clock(print))

    made = composite_pixels(store.blobs, digests[1::3], digests[::3], 6, 1, 32, tmp_path / "again", track)
    pasted = data.composites
    assert np.array_equal(pasted.pixels[pasted.rows], made.pixels[made.rows])
    assert pasted.labels.tolist() == [0, 1] * 3
    assert data.lessons(CONCEPT.train).labels.tolist() == [0, 1, 2] * 6 + [0, 1] * 3
    store.close()
