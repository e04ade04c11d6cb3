"""Regressions on pooled features: the best head that a frozen network can have, and the judge of labels.

Strongly regularised it beats a dense layer fitted by gradient steps (docs/LOG.md), most of all on kinds of pictures
that nobody trained on; and it is convex: there is one answer, without rates or epochs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

# The variance that a logit has under the prior on the weights: C = 3 / d on standardised embeddings. Measured on
# 1,980 photographs, d = 1,024, with 5 % of the labels turned over on purpose: of as many top suspects 84 % were
# turned ones, against 66 % with sklearn's C = 1, which learns wrong labels by heart. With 10 two teachers were
# better out of fold, and their students on val no better, in three comparisons (docs/LOG.md).
LOGIT_VARIANCE = 3.0
# For every embedding. Of 9,864 views, d = 960: on other views .711 of the variance is left, with a third of it
# .714, with three times as much .725.
RIDGE = 0.3
# An embedding's feature that varies by less than this share of its mean square says the same of every picture.
CONSTANT = 1e-9


@dataclass(frozen=True)
class Linear:
    """What is told of an embedding x [d] is ``x @ kernel + bias``: float32 [d, width] and [width]."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


def fit_linear(
    embeddings: NDArray[np.float32], labels: NDArray[Any], weights: NDArray[np.float64] | None = None
) -> Pipeline:
    """Return a fitted, scaled logistic regression from embeddings [n, d] to ``labels`` [n].

    ``weights`` [n]: how much each picture counts; default: all alike. ValueError when there is one class only.
    """
    fitted = make_pipeline(
        StandardScaler(), LogisticRegression(C=LOGIT_VARIANCE / embeddings.shape[1], max_iter=1000)
    )
    return fitted.fit(embeddings, labels, logisticregression__sample_weight=weights)


def fit_ridge(parts: Iterable[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> Linear:
    """Return the regression from embeddings [n, d] to what other networks see of the same, features [n, width].

    It is fitted to all ``parts``, at least one, in closed form on standardised embeddings: Hoerl and Kennard 1970,
    "Ridge regression", Technometrics 12(1), eq. 2.1. Of a part only sums are kept, where sklearn copies all.
    """
    gram, cross = reduce(lambda ones, others: (ones[0] + others[0], ones[1] + others[1]), starmap(_products, parts))
    gram, cross = gram / gram[-1, -1], cross / gram[-1, -1]
    mean, told = gram[-1, :-1], cross[-1]
    covariance = gram[:-1, :-1] - np.outer(mean, mean)
    variance = np.diag(covariance)
    scale = np.sqrt(np.where(variance > CONSTANT * np.diag(gram)[:-1], variance, 1.0))
    penalised = covariance / np.outer(scale, scale) + RIDGE * np.eye(len(scale))
    kernel = np.linalg.solve(penalised, (cross[:-1] - np.outer(mean, told)) / scale[:, None]) / scale[:, None]
    return Linear(kernel.astype(np.float32), (told - mean @ kernel).astype(np.float32))


def _products(embeddings: NDArray[Any], features: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a regression needs of a part; a column of ones gives count and means with the products."""
    known = np.column_stack([embeddings, np.ones(len(embeddings))]).astype(np.float64)
    return known.T @ known, known.T @ features.astype(np.float64)


def layer_of(fitted: Pipeline) -> Linear:
    """Return the regression of ``fit_linear`` as one dense layer on embeddings as they are, not scaled."""
    scaler, regression = fitted[0], fitted[-1]
    rows, offsets = regression.coef_, regression.intercept_
    if len(rows) == 1:
        # Of two classes sklearn keeps the difference of the logits.
        rows, offsets = np.concatenate([-rows / 2, rows / 2]), np.concatenate([-offsets / 2, offsets / 2])
    kernel = (rows / scaler.scale_).T
    return Linear(kernel.astype(np.float32), (offsets - scaler.mean_ @ kernel).astype(np.float32))
