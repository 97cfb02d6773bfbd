"""Whose face it is, among people who are known."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt

from . import _native
from ._arguments import checked
from ._progress import Progress, shown
from .distances import matrix


class Source(Protocol):
    """What made embeddings: an :class:`Embedder`, for one."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def description(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Prediction:
    """Whose face it is."""

    #: The name, or ``None`` for nobody who is known.
    name: str | None
    #: The name that comes nearest, whatever the score.
    nearest: str
    #: Cosine of the nearest template, or probability that a support vector machine or a softmax gives.
    score: float


class Classifier:
    """Names faces of people whom it was trained on. Many threads may use one at once.

    Examples
    --------
    >>> import numpy as np
    >>> from facenet_rs import Classifier, Embedder
    >>> embedder = Embedder()
    >>> vectors = np.eye(embedder.dimension, dtype=np.float32)
    >>> classifier = Classifier.train(vectors[:2], ["Ada", "Grace"], embedder=embedder, threshold=0.5)
    >>> [found.name for found in classifier.predict(vectors[1:3], embedder=embedder)]
    ['Grace', None]
    """

    def __init__(self, native: _native.Classifier) -> None:
        self._native = native
        self._classes: list[dict[str, Any]] = json.loads(native.classes())
        #: What made the embeddings: model, fingerprint, dimension, metric.
        self.description: dict[str, Any] = json.loads(native.description())

    @classmethod
    def train(
        cls,
        embeddings: npt.ArrayLike,
        people: Iterable[str],
        *,
        embedder: Source,
        method: str = "template",
        kind: str = "mean",
        fpir: float = 0.01,
        threshold: float | None = None,
        strangers: npt.ArrayLike | None = None,
        cost: float | None = None,
        seed: int = 0,
        balanced: bool = False,
        progress: Progress = None,
    ) -> Classifier:
        """Learn people from embeddings.

        Parameters
        ----------
        embeddings : array (n, dimension)
        people : str of each
            Whose face each is.
        embedder : Embedder
            What made the embeddings.
        method : str
            ``"template"``: the nearest person, or nobody; ``"svm"``: linear support vector machines with probabilities, as
            scikit-learn's ``SVC(kernel="linear", probability=True)``, which know no strangers; ``"softmax"``: multinomial
            logistic regression, as scikit-learn's ``LogisticRegression``, which knows strangers if there is a `threshold` or
            `strangers` to measure one on.
        kind : str
            What stands for a person: the ``"mean"`` of the embeddings, or ``"each"``.
        fpir : float
            The share of strangers' faces that may be given a name. The threshold for it is measured on the faces themselves
            and on `strangers`; that of a softmax on `strangers` alone, without whom each face is given a name.
        threshold : float, optional
            A cosine, of a softmax a probability, in place of the measured threshold.
        strangers : array (m, dimension), optional
            Faces of people who are not to be known.
        cost : float, optional
            How much errors count against large coefficients, scikit-learn's C: 1 for ``"svm"``, 10 for ``"softmax"``, whose
            probabilities stay far from certain with less, as embeddings have length one.
        seed : int
            For ``"svm"``.
        balanced : bool
            Each person counts the same however many faces there are, for ``"softmax"``.

        Raises
        ------
        InvalidArgumentError
            If there are too few faces for the wanted rate.
        """
        listed = list(people)
        names = sorted(set(listed))
        index = {name: number for number, name in enumerate(names)}
        settings = checked(
            {
                "method": method,
                "kind": kind,
                "fpir": fpir,
                "threshold": threshold,
                "cost": None if cost is None else float(cost),
                "seed": seed,
                "balanced": balanced,
            }
        )
        others = None if strangers is None else matrix(strangers, "strangers")
        labels = [index[name] for name in listed]
        description = json.dumps(embedder.description)
        with shown(progress, "machines" if method == "svm" else "percent") as tell:
            return cls(
                _native.Classifier.train(
                    matrix(embeddings, "embeddings"), labels, names, description, others, settings, tell
                )
            )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Classifier:
        """Read a classifier that :meth:`save` or ``facenet classify train`` wrote."""
        return cls(_native.Classifier.load(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the classifier to a file, whole or not at all."""
        self._native.save(path)

    @property
    def names(self) -> list[str]:
        """The people who are known."""
        return [str(one["name"]) for one in self._classes]

    @property
    def operating_point(self) -> dict[str, Any] | None:
        """Threshold with the rates it was measured to have; ``None`` if everybody is given a name."""
        point = self._native.operating_point()
        return None if point is None else dict(json.loads(point))

    def predict(self, embeddings: npt.ArrayLike, *, embedder: Source) -> list[Prediction]:
        """Whose faces the embeddings (n, dimension) are.

        Raises
        ------
        FingerprintMismatchError
            If the embedder is not one like that of the training.
        """
        names = self.names
        classes, nearest, scores = self._native.predict(matrix(embeddings, "embeddings"), embedder.fingerprint)
        found = zip(classes.tolist(), nearest.tolist(), scores.tolist(), strict=True)
        return [Prediction(names[c] if c >= 0 else None, names[n], score) for c, n, score in found]

    def __reduce__(self) -> tuple[object, ...]:
        return _of_bytes, (self._native.to_bytes(),)

    def __repr__(self) -> str:
        return f"Classifier({len(self._classes)} people, model={self.description['model']!r})"


def _of_bytes(content: bytes) -> Classifier:
    """What a pickle of a classifier is read with: the content of its file."""
    return Classifier(_native.Classifier.from_bytes(content))
