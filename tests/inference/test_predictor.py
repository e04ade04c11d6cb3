"""Scoring with a bundle."""

import os
from pathlib import Path

import numpy as np
import pytest

from inference.bundle import Bundle, load_bundle
from inference.predictor import BATCH, Predictor
from inference.preprocess import preprocess
from store.errors import InputError
from tests.pictures import jpeg, png


@pytest.fixture(scope="module")
def predictor(bundle_template: Bundle) -> Predictor:
    return Predictor(load_bundle(bundle_template.path))


def test_probabilities_sum_to_one_and_do_not_depend_on_the_batch(predictor: Predictor):
    pixels = np.random.default_rng(0).integers(0, 256, (BATCH + 3, 32, 32, 3), np.uint8)

    together = predictor.probabilities(pixels)

    assert together.shape == (BATCH + 3, 2)
    assert together.dtype == np.float32
    assert together.sum(axis=1) == pytest.approx(1)
    assert together[-1:] == pytest.approx(predictor.probabilities(pixels[-1:]), abs=1e-6)


def test_no_pictures_give_no_probabilities(predictor: Predictor):
    assert predictor.probabilities(np.empty((0, 32, 32, 3), np.uint8)).shape == (0, 2)


def test_pixels_of_another_size_are_a_bug(predictor: Predictor):
    with pytest.raises(ValueError, match="32, 32, 3"):
        predictor.probabilities(np.zeros((1, 64, 64, 3), np.uint8))


def test_files_are_scored_and_the_unreadable_are_counted(predictor: Predictor, tmp_path: Path):
    contents = {"a.png": png(1), "b.jpg": b"text", "c.jpg": jpeg(2), "d.jpg": jpeg(3)[:900]}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)

    found = predictor.score_files([*sorted(tmp_path.iterdir()), tmp_path / "gone.png"])

    assert [path.name for path in found.paths] == ["a.png", "c.jpg"]
    assert found.skipped == {"not_an_image": 1, "truncated": 1, "missing": 1}
    alone = predictor.probabilities(preprocess(contents["c.jpg"], 32)[None])
    assert found.probabilities[1:] == pytest.approx(alone, abs=1e-6)


def test_a_film_in_the_folder_is_counted_and_never_read_whole(predictor: Predictor, tmp_path: Path):
    film = tmp_path / "film.mp4"
    film.touch()
    # A file with a hole in it: more than any memory, and no disk is needed for it.
    os.truncate(film, 2**42)

    found = predictor.score_files([film])

    assert found.paths == ()
    assert found.skipped == {"too_many_bytes": 1}


def test_a_bundle_without_a_saved_model_is_said_to_have_none(bundle_folder: Path):
    bundle = load_bundle(bundle_folder)
    (bundle_folder / "saved_model" / "saved_model.pb").unlink()

    with pytest.raises(InputError, match="no SavedModel"):
        Predictor(bundle).probabilities(np.zeros((1, 32, 32, 3), np.uint8))
