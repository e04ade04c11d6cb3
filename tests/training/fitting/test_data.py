"""A snapshot as arrays: what is pasted onto what, and how it is labelled."""

from pathlib import Path

import numpy as np
import pytest

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


@pytest.fixture
def gathered(sqlite_home: Home, tmp_path: Path):
    """Return ``gathered(labels)``: the arrays of a train split of as many pictures, their sha256, and the store."""
    store = open_store(sqlite_home)

    def gathered(labels):
        pictures = [png(number, 48, 48) for number in range(len(labels))]
        with store.session() as session:
            for number, data in enumerate(pictures):
                file_picture(session, store.blobs, data, check(data), SightingFacts("folder:x", f"{number}.png"))
        digests = [check(data).sha256 for data in pictures]
        examples = [Example(digest, label, "train", digest) for digest, label in zip(digests, labels, strict=True)]
        snapshot = Snapshot("x", tmp_path / "x.csv", tuple(examples), {})
        data = gather(store, CONCEPT, CONCEPT.train, snapshot, small_weights(tmp_path), Clock(print))
        return data, digests, store

    yield gathered
    store.close()


def test_of_three_classes_composites_lie_on_the_first_negative_one_and_are_labelled_so(gathered, tmp_path: Path):
    data, digests, store = gathered([CONCEPT.classes[number % 3] for number in range(18)])

    made = composite_pixels(store.blobs, digests[1::3], digests[::3], 6, 1, 32, tmp_path / "again", track)
    pasted = data.composites
    assert np.array_equal(pasted.pixels[pasted.rows], made.pixels[made.rows])
    assert pasted.labels.tolist() == [0, 1] * 3
    assert data.lessons(CONCEPT.train).labels.tolist() == [0, 1, 2] * 6 + [0, 1] * 3


def test_on_one_normal_photograph_there_are_a_composite_and_its_twin(gathered):
    data, _, _ = gathered(["leaves", "leaves", "poppies"])

    assert data.composites.labels.tolist() == [0, 1]
    assert data.pasted.shape[0] == 2
