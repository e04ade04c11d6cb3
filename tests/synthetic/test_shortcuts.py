"""A network learns the easiest difference between the classes: none of these may be one."""

import io

import numpy as np
import pytest
from PIL import Image

import synthetic

DRAWINGS = 300


def measured(pixels):
    values = pixels.astype(np.float32)
    grey = values.mean(axis=2)
    laplacian = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    jpeg = io.BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=85)
    steps = np.abs(np.diff(grey, axis=1))
    return {
        "red": values[..., 0].mean(),
        "green": values[..., 1].mean(),
        "blue": values[..., 2].mean(),
        "brightness": grey.mean(),
        "contrast": grey.std(),
        "saturation": (values.max(axis=2) - values.min(axis=2)).mean(),
        "sharpness": laplacian.var(),
        "edges": (steps > 20).mean(),
        "dark share": (grey < 40).mean(),
        "bright share": (grey > 225).mean(),
        "border brightness": border.mean(),
        "border contrast": border.std(),
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "aspect": pixels.shape[1] / pixels.shape[0],
        "file size": jpeg.tell(),
        "bits a pixel": jpeg.tell() / grey.size,
    }


def area_under_curve(values, positive):
    """The chance that a positive has the larger value than a normal, ties counting half (by mean ranks)."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = positive.sum()
    return (ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * (~positive).sum())


@pytest.fixture(scope="module")
def features():
    drawings = [synthetic.draw(seed, positive=seed % 2 == 0) for seed in range(DRAWINGS)]
    rows = [measured(drawing.pixels) for drawing in drawings]
    return np.array([drawing.positive for drawing in drawings]), rows


def test_no_trivial_feature_tells_the_classes_apart(features):
    positive, rows = features

    areas = {name: area_under_curve(np.array([row[name] for row in rows]), positive) for name in rows[0]}

    assert {name: round(float(area), 3) for name, area in areas.items() if not 0.3 <= area <= 0.7} == {}


def test_the_area_is_one_for_a_perfect_feature_and_a_half_for_a_constant_one():
    positive = np.array([True, True, False, False])

    perfect, constant = area_under_curve(np.array([3, 4, 1, 2]), positive), area_under_curve(np.ones(4), positive)

    assert (perfect, constant) == (1.0, 0.5)


def test_sizes_and_aspects_vary(features):
    _, rows = features

    heights, aspects = ([row[name] for row in rows] for name in ("height", "aspect"))

    assert len(set(heights)) > 50
    assert min(aspects) < 0.6
    assert max(aspects) > 1.6
