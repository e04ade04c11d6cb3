"""A stress does to a picture what it says, the same for one seed, and its results say what that changed."""

import numpy as np
import pytest
from PIL import Image

from store.blobs import Blobs
from store.errors import InputError
from tests.pictures import encoded
from training.evaluation.stress import (
    ABOUT,
    PASTED,
    SKIN_KIND,
    STRESSES,
    Subjects,
    measure_stress,
    paste,
    skin_share,
)

SIZE = 32


def textured(seed, colour=(1.0, 1.0, 1.0), shape=(96, 120)):
    """Return a picture of blurred noise in one hue: it has edges, and no two are alike."""
    rng = np.random.default_rng(seed)
    grain = rng.integers(0, 256, (*(side // 4 for side in shape), 1)).repeat(4, axis=0).repeat(4, axis=1)
    return (grain * np.array(colour)).astype(np.uint8)


def sharpness(picture):
    grey = picture.astype(float).mean(axis=2)
    return np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()


def redness(pixels):
    """A judge of one line: the share of pixels that are mostly red."""
    red, green, blue = np.moveaxis(pixels.astype(int), 3, 0)
    return ((red > 60) & (red > 2 * green) & (red > 2 * blue)).mean(axis=(1, 2))


@pytest.fixture
def gallery(tmp_path):
    """Red pictures are positive, blue ones normal: twenty of each, told apart by their colour alone."""
    blobs = Blobs(tmp_path / "blobs")
    digests, truth = [], []
    for number in range(40):
        positive = number % 2 == 0
        colour = (1.0, 0.1, 0.1) if positive else (0.1, 0.1, 1.0)
        digests.append(blobs.put(encoded(Image.fromarray(textured(number, colour)))))
        truth.append(positive)
    truth = np.array(truth)
    return Subjects(digests, truth, np.where(truth, 0.9, 0.0)), blobs


@pytest.mark.parametrize("name", STRESSES)
def test_every_stress_gives_pixels_and_the_same_ones_for_one_seed(name):
    picture = textured(1, (0.9, 0.5, 0.3), (97, 131))
    before = picture.copy()

    first, again = (STRESSES[name](picture, np.random.default_rng(3)) for _ in range(2))

    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert first.shape[2] == 3
    assert np.array_equal(first, again)
    assert np.array_equal(picture, before)
    assert first.shape != picture.shape or not np.array_equal(first, picture)
    assert name in ABOUT


def test_the_stresses_do_what_they_say():
    picture = textured(2, (0.9, 0.5, 0.3), (320, 320))
    shown = {name: spoil(picture, np.random.default_rng(0)) for name, spoil in STRESSES.items()}

    assert (shown["monochrome"].max(axis=2) == shown["monochrome"].min(axis=2)).all()
    assert shown["low_light"].mean() < 0.5 * picture.mean()
    assert shown["cropped"].shape[0] * shown["cropped"].shape[1] == pytest.approx(0.5 * 320 * 320, rel=0.02)
    assert sharpness(shown["thumbnail"]) < 0.7 * sharpness(picture)
    assert 0.2 < (shown["partly_blurred"] == picture).all(axis=2).mean() < 0.6
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    canvas = (shown["small"] == np.median(edge, axis=0).astype(np.uint8)).all(axis=2)
    assert 0.7 < canvas.mean() < 0.85
    changed = np.abs(shown["jpeg_20"].astype(int) - picture)
    assert 0 < changed.mean() < 25


def test_a_pasted_region_covers_a_part_of_the_host_and_leaves_the_rest_alone():
    host, patch = textured(3, (0.1, 0.1, 1.0)), np.full((50, 80, 3), (255, 0, 0), np.uint8)

    shown = paste(host, patch, np.random.default_rng(1))

    same = (shown == host).all(axis=2)
    assert 0.05 < redness(shown[None])[0] < 0.35
    assert 0.5 < same.mean() < 0.9


def test_a_stress_that_takes_what_the_model_sees_costs_recall_and_says_so(gallery):
    subjects, blobs = gallery

    stressed = measure_stress(subjects, blobs, redness, SIZE, threshold=0.4)

    by_name = {result.name: result for result in stressed.results}
    assert list(by_name) == list(ABOUT)
    grey, cropped = by_name["monochrome"], by_name["cropped"]
    assert (grey.recall.value, grey.recall_delta.value, grey.fpr.value) == (0, -1, 0)
    assert grey.recall_delta.interval.high == -1
    assert grey.auc.value == 0.5
    assert (cropped.recall.value, cropped.recall_delta.value, cropped.auc_delta.value) == (1, 0, 0)
    assert (grey.n, grey.positives) == (40, 20)


def test_a_pasted_positive_is_a_positive_and_a_pasted_normal_picture_is_normal(gallery):
    subjects, blobs = gallery

    stressed = measure_stress(subjects, blobs, redness, SIZE, threshold=0.02)

    pasted = next(result for result in stressed.results if result.name == PASTED)
    assert (pasted.recall.value, pasted.fpr.value, pasted.auc.value) == (1, 0, 1)


def test_one_seed_gives_one_result_and_another_seed_another(gallery):
    subjects, blobs = gallery
    seen = []

    def judge(pixels):
        seen.append(pixels.copy())
        return redness(pixels)

    first = measure_stress(subjects, blobs, judge, SIZE, 0.4, seed=1)
    again = measure_stress(subjects, blobs, judge, SIZE, 0.4, seed=1)
    half = len(seen) // 2
    measure_stress(subjects, blobs, judge, SIZE, 0.4, seed=2)

    assert first == again
    assert all(np.array_equal(one, two) for one, two in zip(seen[:half], seen[half : 2 * half], strict=True))
    assert not all(np.array_equal(one, two) for one, two in zip(seen[:half], seen[2 * half :], strict=True))


def test_skin_coloured_is_a_range_of_colours_and_makes_slices(gallery):
    subjects, blobs = gallery
    skin = np.full((8, 8, 3), (224, 172, 140), np.uint8)
    dark_skin = np.full((8, 8, 3), (120, 80, 60), np.uint8)

    assert (skin_share(skin), skin_share(dark_skin)) == (1, 1)
    assert skin_share(textured(1, (0.1, 0.1, 1.0))) == 0
    slices = measure_stress(subjects, blobs, redness, SIZE, threshold=0.4).skin
    assert {part.kind for part in slices} == {SKIN_KIND}
    assert sum(part.n for part in slices) == 40


def test_a_damaged_picture_is_named(gallery):
    subjects, blobs = gallery
    path = blobs.path(subjects.digests[7])
    path.write_bytes(path.read_bytes()[:900])

    with pytest.raises(InputError, match=f"{path}: damaged"):
        measure_stress(subjects, blobs, redness, SIZE, threshold=0.4)
