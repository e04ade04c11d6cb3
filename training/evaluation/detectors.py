"""Outlier detectors on embeddings: how unlike what it was fitted on is a picture?

A detector looks at embeddings through a view (how they are made comparable) and is an estimator of scikit-learn's
kind: ``fit(embeddings, labels)``, then ``score_samples(embeddings)``, higher for what looks familiar.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import SGDOneClassSVM
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

Embeddings = NDArray[np.float32]

# The exact machine compares every pair: 5,000 pictures take seconds, ten times as many a hundred times as long.
EXACT_UP_TO = 5000
LANDMARKS = 500
WHITENED = (32, 128)


@dataclass(frozen=True)
class Detector:
    """An unfitted detector: its family, how it is set in words, and scikit-learn's estimator."""

    name: str
    setting: str
    estimator: Any


class Mahalanobis:
    """Distance to the nearest class's mean under the covariance within classes.

    Lee et al., 2018, arXiv:1807.03888, eq. 2; the covariance is shrunk (Ledoit and Wolf, 2004), since there are
    about as many dimensions as pictures.
    """

    def fit(self, embeddings: Embeddings, labels: NDArray[Any]) -> "Mahalanobis":
        """Take the means of the classes in ``labels`` [n], and the covariance that they share."""
        classes, place = np.unique(labels, return_inverse=True)
        self._means = np.stack([embeddings[place == number].mean(axis=0) for number in range(len(classes))])
        self._precision = LedoitWolf(assume_centered=True).fit(embeddings - self._means[place]).precision_
        return self

    def score_samples(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Return the negative squared distance [n] to the nearest mean."""
        offsets = embeddings[:, None] - self._means
        distances = np.einsum("ncd,de,nce->nc", offsets, self._precision, offsets, optimize=True)
        return np.asarray(-distances.min(axis=1), np.float64)


def views(pictures: int, width: int, seed: int) -> Iterator[tuple[str, Pipeline]]:
    """Yield ways to make ``pictures`` embeddings of ``width`` values comparable, unfitted."""
    yield "standardised", make_pipeline(StandardScaler())
    for kept in WHITENED:
        if kept < min(pictures, width):
            whitening = PCA(kept, whiten=True, svd_solver="randomized", random_state=seed)
            yield f"{kept} whitened components", make_pipeline(StandardScaler(), whitening)


def detectors(pictures: int, seed: int) -> Iterator[Detector]:
    """Yield every family in every setting worth trying on ``pictures`` embeddings."""
    for nu in (0.01, 0.1):
        yield Detector("one-class SVM", f"nu {nu}", _one_class_svm(pictures, nu, seed))
    yield Detector("isolation forest", "300 trees", IsolationForest(n_estimators=300, random_state=seed))
    for neighbours in sorted({min(count, pictures - 1) for count in (10, 40)}):
        factor = LocalOutlierFactor(n_neighbors=neighbours, novelty=True)
        yield Detector("local outlier factor", f"{neighbours} neighbours", factor)
    yield Detector("Mahalanobis distance", "shrunk covariance", Mahalanobis())


def _one_class_svm(pictures: int, nu: float, seed: int) -> Any:
    """Schölkopf et al., 2001, with a Gaussian kernel; approximated where there are many pictures."""
    if pictures <= EXACT_UP_TO:
        return OneClassSVM(nu=nu, gamma="scale")
    return make_pipeline(
        Nystroem(n_components=LANDMARKS, random_state=seed), SGDOneClassSVM(nu=nu, random_state=seed)
    )
