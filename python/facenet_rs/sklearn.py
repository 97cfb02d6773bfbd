"""Estimators of scikit-learn: pictures to embeddings, embeddings to clusters, embeddings to people.

>>> from facenet_rs.sklearn import FaceClassifier, FaceEmbedder
>>> from sklearn.pipeline import make_pipeline
>>> photos = ["examples/photos/obama.jpg", "examples/photos/biden.jpg"]
>>> model = make_pipeline(FaceEmbedder(), FaceClassifier()).fit(photos, ["Obama", "Biden"])
>>> model.predict(["examples/photos/obama2.jpg"]).tolist()
['Obama']
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .classifier import Classifier, Prediction
from .clusters import cluster
from .facenet import Facenet
from .faces import Floats

#: scikit-learn tells no types, and defaults mislead those who guess them.
_validated: Any = validate_data


class FaceEmbedder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Pictures as embeddings, (n, dimension). It learns nothing; clones in one process share their networks.

    Parameters
    ----------
    aligned : bool
        The pictures are aligned faces, as :class:`facenet_rs.Aligner` makes them, and no photos.
    select, color
        See :meth:`facenet_rs.Facenet.embed`.
    model, mirror, standardization, provider, threads
        See :class:`facenet_rs.Facenet`.

    Examples
    --------
    >>> from facenet_rs.sklearn import FaceEmbedder
    >>> FaceEmbedder().fit_transform(["examples/photos/obama.jpg", "examples/photos/biden.jpg"]).shape
    (2, 512)
    """

    def __init__(
        self,
        *,
        aligned: bool = False,
        select: str = "largest",
        color: str = "rgb",
        model: str | os.PathLike[str] | None = None,
        mirror: str = "off",
        standardization: str | None = None,
        provider: str = "cpu",
        threads: int | None = None,
    ) -> None:
        self.aligned = aligned
        self.select = select
        self.color = color
        self.model = model
        self.mirror = mirror
        self.standardization = standardization
        self.provider = provider
        self.threads = threads

    def _facenet(self) -> Facenet:
        model = None if self.model is None else os.fspath(self.model)
        return _facenet(os.getpid(), model, self.mirror, self.standardization, self.provider, self.threads)

    def fit(self, X: Sequence[Any] | npt.NDArray[np.uint8], y: object = None) -> FaceEmbedder:
        """Do nothing: there is nothing to learn."""
        return self

    @property
    def _n_features_out(self) -> int:
        return self._facenet().embedder.dimension

    def transform(self, X: Sequence[Any] | npt.NDArray[np.uint8]) -> Floats:
        """The embeddings of pictures.

        Raises
        ------
        NoFaceError
            If a photo has no face.
        """
        pictures = X if isinstance(X, np.ndarray) and X.ndim == 4 else list(X)
        facenet = self._facenet()
        if self.aligned:
            return facenet.embedder.embed(pictures, color=self.color)
        return facenet.embed(pictures, color=self.color, select=self.select)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.no_validation = True
        tags.requires_fit = False
        return tags


@lru_cache(maxsize=4)
def _facenet(
    process: int,
    model: str | None,
    mirror: str,
    standardization: str | None,
    provider: str,
    threads: int | None,
) -> Facenet:
    return Facenet(model=model, mirror=mirror, standardization=standardization, provider=provider, threads=threads)


class FaceClusterer(ClusterMixin, BaseEstimator):
    """Faces of the same person together: see :func:`facenet_rs.cluster`, whose parameters it has.

    Attributes
    ----------
    labels_ : array of int64, shape (n,)
        The number of the cluster of each face, -1 for none.
    threshold_ : float
        At which distance or likeness was decided.

    Examples
    --------
    >>> from facenet_rs.sklearn import FaceClusterer
    >>> FaceClusterer(threshold=0.5).fit_predict([[1, 0], [0, 1], [0.96, 0.28]]).tolist()
    [0, 1, 0]
    """

    def __init__(
        self,
        *,
        algorithm: str | None = None,
        threshold: float | None = None,
        fingerprint: str | None = None,
        min_samples: int = 1,
        min_cluster_size: int = 1,
        iterations: int = 20,
        neighbors: int = 32,
        random_state: int = 0,
    ) -> None:
        self.algorithm = algorithm
        self.threshold = threshold
        self.fingerprint = fingerprint
        self.min_samples = min_samples
        self.min_cluster_size = min_cluster_size
        self.iterations = iterations
        self.neighbors = neighbors
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> FaceClusterer:
        """Cluster embeddings (n, dimension)."""
        found = cluster(
            _validated(self, X, dtype=np.float32),
            algorithm=self.algorithm,
            threshold=self.threshold,
            fingerprint=self.fingerprint,
            min_samples=self.min_samples,
            min_cluster_size=self.min_cluster_size,
            iterations=self.iterations,
            neighbors=self.neighbors,
            seed=self.random_state,
        )
        self.labels_, self.threshold_ = found.labels, found.threshold
        return self


@dataclass(frozen=True)
class _Unnamed:
    """What made embeddings of which nothing but the length is known."""

    dimension: int
    fingerprint: str = "0" * 32

    @property
    def description(self) -> dict[str, Any]:
        return {"model": "", "fingerprint": self.fingerprint, "dimension": self.dimension, "metric": "cosine"}


class FaceClassifier(ClassifierMixin, BaseEstimator):
    """Names faces of people whom it was trained on: see :class:`facenet_rs.Classifier`, whose parameters it has.

    Parameters
    ----------
    unknown : object, optional
        What strangers are called; one of a kind with the names. Without it everybody is given the name that comes nearest.
        Not for ``method="svm"``; a softmax needs a `threshold` then, a probability.

    Attributes
    ----------
    classes_ : array
        The people, sorted.
    classifier_ : facenet_rs.Classifier
        Whose names are the places in ``classes_``.

    Examples
    --------
    >>> import numpy as np
    >>> from facenet_rs.sklearn import FaceClassifier
    >>> FaceClassifier(unknown="nobody", threshold=0.5).fit(np.eye(2, 3), ["Ada", "Grace"]).predict(np.eye(3)).tolist()
    ['Ada', 'Grace', 'nobody']
    """

    def __init__(
        self,
        *,
        method: str = "template",
        kind: str = "mean",
        unknown: object = None,
        fpir: float = 0.01,
        threshold: float | None = None,
        cost: float | None = None,
        balanced: bool = False,
        random_state: int = 0,
    ) -> None:
        self.method = method
        self.kind = kind
        self.unknown = unknown
        self.fpir = fpir
        self.threshold = threshold
        self.cost = cost
        self.balanced = balanced
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> FaceClassifier:
        """Learn the people `y` from embeddings (n, dimension)."""
        vectors, people = _validated(self, X, y, dtype=np.float32)
        check_classification_targets(people)
        self.classes_, labels = np.unique(people, return_inverse=True)
        if self.method != "template" and len(self.classes_) < 2:
            raise ValueError("there is 1 class: all methods but templates need two or more")
        if self.method == "softmax" and self.unknown is not None and self.threshold is None:
            raise ValueError("a softmax knows strangers by a threshold alone: give one, a probability")
        # Where nobody is refused, no threshold has to be measured, for which there may be too few faces.
        names_all = self.method == "template" and self.unknown is None and self.threshold is None
        threshold = -1.0 if names_all else self.threshold
        width = len(str(len(self.classes_)))
        self.classifier_ = Classifier.train(
            vectors,
            [f"{label:0{width}}" for label in labels],
            embedder=_Unnamed(vectors.shape[1]),
            method=self.method,
            kind=self.kind,
            fpir=self.fpir,
            threshold=threshold,
            cost=self.cost,
            balanced=self.balanced,
            seed=self.random_state,
        )
        return self

    def _found(self, X: npt.ArrayLike) -> list[Prediction]:
        check_is_fitted(self)
        vectors = _validated(self, X, dtype=np.float32, reset=False)
        return self.classifier_.predict(vectors, embedder=_Unnamed(vectors.shape[1]))

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Whose faces the embeddings (n, dimension) are."""
        found = self._found(X)
        names = self.classes_[[int(one.nearest) for one in found]]
        if self.unknown is None:
            return np.asarray(names)
        return np.where([one.name is None for one in found], np.asarray(self.unknown), names)

    def score_samples(self, X: npt.ArrayLike) -> Floats:
        """How near the person comes that is nearest: its cosine, or the probability of a support vector machine or a softmax."""
        return np.array([one.score for one in self._found(X)], np.float32)
