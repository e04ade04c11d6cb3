"""Composites show holes and their twins do not; nothing else tells them apart."""

import io

import numpy as np
import pytest
from PIL import Image

import synthetic
from inference.preprocess import stretch
from store.blobs import Blobs
from store.errors import InputError
from store.pictures import decode
from store.progress import track
from training.pictures.composites import (
    NORMAL_KINDS,
    POSITIVE_KINDS,
    compose,
    composite_pixels,
    plan_composites,
)


def jpeg(seed, **chosen):
    packed, drawing = io.BytesIO(), Image.fromarray(synthetic.draw(seed, **chosen).pixels)
    drawing.thumbnail((180, 180))
    drawing.save(packed, "JPEG", quality=92)
    return packed.getvalue()


def make_composites(count, seed, normals, positives=()):
    for plan in plan_composites(count, seed, len(normals), len(positives)):
        sources = positives if plan.positive else normals
        cut_from = None if plan.source is None else decode(sources[plan.source])
        yield compose(plan, decode(normals[plan.background]), cut_from)


@pytest.fixture(scope="module")
def normals():
    plain = [jpeg(seed, kind="background") for seed in range(8)]
    return plain + [jpeg(seed, positive=False) for seed in range(8)]


@pytest.fixture(scope="module")
def positives():
    return [jpeg(seed, positive=True) for seed in range(6)]


@pytest.fixture(scope="module")
def made(normals, positives):
    return list(make_composites(160, 4, normals, positives))


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)), np.float32)


def measured(pixels):
    """What a network could learn instead of holes."""
    grey = pixels.astype(np.float32).mean(axis=2)
    laplacian = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    across = np.abs(np.diff(grey, axis=1))
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=85)
    return {
        "sharpness": np.log1p(laplacian.var()),
        "brightness": grey.mean(),
        "contrast": grey.std(),
        "saturation": np.ptp(pixels.astype(np.float32), axis=2).mean(),
        "bits a pixel": packed.tell() / grey.size,
        # JPEG leaves steps between its blocks of eight.
        "blocks": across[:, 7::8].mean() / (across.mean() + 1e-3),
        "border brightness": border.mean(),
        "border contrast": border.std(),
        "height": grey.shape[0],
        "width": grey.shape[1],
    }


def test_every_other_composite_is_positive_and_shows_a_kind_of_its_class(made):
    assert [one.positive for one in made] == [index % 2 == 0 for index in range(len(made))]
    for one in made:
        assert one.kind in {"transplant", *(POSITIVE_KINDS if one.positive else NORMAL_KINDS)}
    assert {one.kind for one in made if one.positive} > set(POSITIVE_KINDS)


def test_a_composite_follows_from_its_number_and_the_photographs_alone(made, normals, positives):
    again = list(make_composites(6, 4, normals, positives))
    others = list(make_composites(6, 5, normals, positives))

    for one, same, other in zip(made, again, others, strict=False):
        assert np.array_equal(one.pixels, same.pixels)
        assert one.pixels.shape != other.pixels.shape or not np.array_equal(one.pixels, other.pixels)


def test_twins_lie_on_the_same_photograph_and_are_drawn_or_cut_alike(normals, positives):
    plans = plan_composites(200, 4, len(normals), len(positives))

    for positive, twin in zip(plans[::2], plans[1::2], strict=True):
        assert positive.background == twin.background
        assert (positive.source is None) == (twin.source is None)
    assert 0.25 < np.mean([plan.source is not None for plan in plans]) < 0.55
    assert {plan.background for plan in plans} == set(range(len(normals)))


def test_a_large_photograph_is_made_small_enough_first():
    packed = io.BytesIO()
    Image.new("RGB", (1200, 600), (90, 120, 60)).save(packed, "JPEG")

    composite = next(iter(make_composites(1, 1, [packed.getvalue()])))

    assert composite.pixels.shape == (192, 384, 3)


def test_something_to_see_was_pasted_on_every_photograph(made, normals, positives):
    plans = plan_composites(len(made), 4, len(normals), len(positives))

    changed = []
    for plan, one in zip(plans, made, strict=True):
        background = decoded(normals[plan.background])
        assert one.pixels.shape == background.shape
        difference = np.abs(one.pixels - background).mean(axis=2)
        # The camera may change the light of the whole: what is pasted changes more than that.
        changed.append((difference > np.median(difference) + 10).mean() + (np.median(difference) > 25))

    assert np.quantile(changed, 0.05) > 0.05
    assert np.median(changed) > 0.2


def test_a_positive_composite_stays_clear_enough_to_be_seen(made):
    contrast = [one.pixels.astype(np.float32).mean(axis=2).std() for one in made if one.positive]

    assert min(contrast) > 8


def test_no_trivial_feature_tells_a_composite_from_its_twin(made):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = np.array([list(measured(one.pixels).values()) for one in made])
    labels, pairs = np.array([one.positive for one in made]), np.arange(len(made)) // 2

    network = make_pipeline(StandardScaler(), LogisticRegression())
    scores = cross_val_predict(network, features, labels, groups=pairs, cv=GroupKFold(5), method="predict_proba")[
        :, 1
    ]

    assert roc_auc_score(labels, scores) < 0.65
    singles = [roc_auc_score(labels, feature) for feature in features.T]
    assert min(singles) > 0.3
    assert max(singles) < 0.7


def test_without_positive_photographs_everything_is_drawn(normals):
    plans = plan_composites(60, 1, len(normals), 0)

    assert all(plan.source is None and plan.kind != "transplant" for plan in plans)


def test_there_must_be_a_photograph_to_paste_onto():
    with pytest.raises(InputError, match="no normal photograph"):
        plan_composites(3, 1, 0, 0)


def test_pixels_are_made_once_and_show_the_same_composite_at_every_size(tmp_path, normals, positives, made):
    blobs = Blobs(tmp_path / "blobs")
    digests = [blobs.put(data) for data in normals], [blobs.put(data) for data in positives]

    small = composite_pixels(blobs, *digests, 8, 4, 32, tmp_path, track)
    cached = {path.name: path.stat().st_size for path in tmp_path.glob("composites-*.rows")}
    more = composite_pixels(blobs, *digests, 10, 4, 32, tmp_path, track)
    large = composite_pixels(blobs, *digests, 8, 4, 64, tmp_path, track)

    assert list(small.positives) == [True, False] * 4
    assert np.array_equal(small.pixels[small.rows[3]], stretch(Image.fromarray(made[3].pixels), 32))
    assert list(cached.values()) == [8 * 32 * 32 * 3]
    assert more.pixels.shape[0] == 10
    assert more.names[:8] == small.names == large.names
    halved = large.pixels[large.rows].astype(np.float32).reshape(8, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    assert np.abs(halved - small.pixels[small.rows]).mean() < 3


def test_another_photograph_in_the_set_makes_other_composites_of_it_only(tmp_path, normals):
    blobs = Blobs(tmp_path / "blobs")
    digests = [blobs.put(data) for data in normals[:3]]
    changed = [*digests[:-1], blobs.put(jpeg(99, kind="background"))]
    last = [plan.background == len(digests) - 1 for plan in plan_composites(12, 4, len(digests), 0)]

    before = composite_pixels(blobs, digests, (), 12, 4, 32, tmp_path, track).names
    after = composite_pixels(blobs, changed, (), 12, 4, 32, tmp_path, track).names

    assert [one != other for one, other in zip(before, after, strict=True)] == last
    assert 0 < sum(last) < len(last)


@pytest.mark.parametrize("spoilt", [0, 1])
def test_a_damaged_photograph_is_named(tmp_path, normals, positives, spoilt):
    blobs = Blobs(tmp_path / "blobs")
    digests = [blobs.put(data) for data in (normals[0], positives[0])]
    path = blobs.path(digests[spoilt])
    path.write_bytes(path.read_bytes()[:900])

    with pytest.raises(InputError, match=f"{path}: damaged"):
        composite_pixels(blobs, digests[:1], digests[1:], 12, 4, 32, tmp_path, track)
