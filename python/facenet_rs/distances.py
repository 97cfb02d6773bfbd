"""Distances of embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _native
from .errors import DimensionMismatchError

#: Names of the metrics. All but ``"cosine"``, a likeness, are distances.
METRICS = ("euclidean", "squared-euclidean", "cosine", "angular")


def matrix(vectors: npt.ArrayLike, what: str = "vectors") -> npt.NDArray[np.float32]:
    """Vectors as the native module takes them: a row for each."""
    rows = np.ascontiguousarray(vectors, np.float32)
    if rows.ndim != 2:
        raise DimensionMismatchError(f"{what} have shape {rows.shape}: a row for each, (n, dimension)")
    return rows


def distance(a: npt.ArrayLike, b: npt.ArrayLike, metric: str = "euclidean") -> Any:
    """Distance (or, for ``"cosine"``, likeness) of vectors.

    Parameters
    ----------
    a, b : array of float32
        A vector (dimension,), or several (n, dimension).
    metric : str
        ``"euclidean"``, ``"squared-euclidean"``, ``"cosine"`` or ``"angular"`` (angle divided by pi).

    Returns
    -------
    float or array of float32
        A number for two vectors, (n,) for a vector and several, (n, m) for several and several.

    Raises
    ------
    DimensionMismatchError
        If the vectors have different lengths.

    Examples
    --------
    >>> from facenet_rs import distance
    >>> distance([1, 0], [0, 1], "squared-euclidean")
    2.0
    >>> distance([[1, 0], [0, 1]], [[0, 1]], "cosine").tolist()
    [[0.0], [1.0]]
    """
    first, second = np.asarray(a, np.float32), np.asarray(b, np.float32)
    for name, vectors in (("a", first), ("b", second)):
        if vectors.ndim not in (1, 2):
            raise DimensionMismatchError(f"{name} has shape {vectors.shape}: (dimension,) or (n, dimension) is needed")
    found = _native.distances(matrix(np.atleast_2d(first)), matrix(np.atleast_2d(second)), metric)
    if first.ndim == 1 and second.ndim == 1:
        return float(found[0, 0])
    if first.ndim == 1:
        return found[0]
    return found[:, 0] if second.ndim == 1 else found
