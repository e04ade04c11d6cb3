"""A regression as a layer says what the regression says."""

import numpy as np
import pytest

from training.fitting.linear import RIDGE, fit_linear, fit_ridge, layer_of


@pytest.mark.parametrize("classes", [2, 3])
def test_the_layer_gives_the_regressions_probabilities(classes):
    rng = np.random.default_rng(0)
    embeddings = rng.normal(3, [1, 10, 0.1, 5], (200, 4)).astype(np.float32)
    labels = np.digitize(embeddings[:, 0] + rng.normal(0, 0.5, 200), [3, 4][: classes - 1])
    fitted = fit_linear(embeddings, labels)

    layer = layer_of(fitted)

    odds = np.exp(embeddings @ layer.kernel + layer.bias)
    assert np.allclose(odds / odds.sum(axis=1, keepdims=True), fitted.predict_proba(embeddings), atol=1e-4)


@pytest.mark.parametrize(("classes", "n"), [(2, 50), (3, 60)])
def test_a_picture_that_counts_twice_is_as_good_as_two(classes, n):
    rng = np.random.default_rng(0)
    embeddings, labels, half = rng.normal(0, 1, (n, 3)), np.arange(n) % classes, n // 2
    twice = np.r_[np.full(half, 2.0), np.ones(half)]

    weighted = fit_linear(embeddings, labels, twice)
    repeated = fit_linear(np.r_[embeddings, embeddings[:half]], np.r_[labels, labels[:half]])

    # The scale is taken from the pictures as they are, so the two agree but for that.
    assert np.allclose(weighted.predict_proba(embeddings), repeated.predict_proba(embeddings), atol=0.02)


def test_what_others_see_is_told_from_what_one_sees():
    rng = np.random.default_rng(0)
    # One feature is a thousand times louder than another, and one says the same of everything.
    embeddings = (rng.normal(0, 1, (400, 4)) * [1000, 1, 1, 0] + [0, 0, 5, 3]).astype(np.float32)
    seen = (embeddings / [1000, 1, 1, 1]) @ rng.normal(0, 1, (4, 6)) + rng.normal(0, 1, 6)

    seen = seen.astype(np.float32)
    # Two parts count as the whole does.
    layer = fit_ridge([(embeddings[:100], seen[:100]), (embeddings[100:300], seen[100:300])])

    missed = np.square(embeddings[300:] @ layer.kernel + layer.bias - seen[300:]).mean(axis=0)
    # Shrunk, not more.
    assert (missed < 0.15 * seen.var(axis=0)).all()


def test_a_ridge_regression_is_sklearns():
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    # A silent feature and one that is always 3 among others.
    embeddings = (rng.gamma(1, 1, (300, 6)) * [1, 0, 5, 0.01, 0, 1] + [0, 0, 0, 2, 3, 0]).astype(np.float32)
    seen = rng.normal(0, 1, (300, 2)).astype(np.float32) + embeddings[:, :2]

    layer = fit_ridge([(embeddings[:200], seen[:200]), (embeddings[200:], seen[200:])])

    scaled = StandardScaler().fit_transform(embeddings.astype(np.float64))
    expected = Ridge(alpha=RIDGE * 300).fit(scaled, seen).predict(scaled)
    assert np.allclose(embeddings @ layer.kernel + layer.bias, expected, atol=1e-4)
    assert np.abs(layer.kernel[[1, 4]]).max() < 1e-6
