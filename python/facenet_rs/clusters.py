"""Faces of the same person together, without knowing anybody."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _native
from ._arguments import checked
from ._progress import Progress, shown
from .distances import matrix
from .errors import InvalidArgumentError


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which faces belong together."""

    #: The number of the cluster of each face, -1 for none; int64, shape (n,).
    labels: npt.NDArray[np.int64]
    #: The algorithm, and the distance or likeness at which it decided.
    algorithm: str
    threshold: float

    def __len__(self) -> int:
        return int(self.labels.max(initial=-1)) + 1

    def members(self) -> list[npt.NDArray[np.intp]]:
        """The faces of each cluster, the largest cluster first."""
        groups = [np.flatnonzero(self.labels == number) for number in range(len(self))]
        return sorted(groups, key=len, reverse=True)

    def scores(self, people: Iterable[str]) -> dict[str, Any]:
        """Precision, recall and F of the clusters against the `people` that the faces show: BCubed and pairwise."""
        scores: dict[str, Any] = json.loads(_native.cluster_scores(self.labels.tolist(), list(people)))
        return scores

    def write_html(
        self, path: str | os.PathLike[str], images: Sequence[str | os.PathLike[str]], *, title: str = "Clusters"
    ) -> None:
        """Write a page that shows the clusters, whole in one file. `images` has the picture of each face."""
        _native.cluster_page(path, self.labels.tolist(), list(images), title)

    def __repr__(self) -> str:
        return f"Clusters({len(self)} clusters of {len(self.labels)} faces, {self.algorithm}, threshold={self.threshold:g})"


def cluster(
    embeddings: npt.ArrayLike,
    *,
    algorithm: str | None = None,
    threshold: float | None = None,
    fingerprint: str | None = None,
    min_samples: int = 1,
    min_cluster_size: int = 1,
    iterations: int = 20,
    neighbors: int = 32,
    exact_neighbors_up_to: int = 50_000,
    memory_limit: int = 4 << 30,
    seed: int = 0,
    progress: Progress = None,
) -> Clusters:
    """Find out which faces belong to one person.

    Parameters
    ----------
    embeddings : array (n, dimension)
        Embeddings of faces.
    algorithm : str, optional
        ``"knn-graph"`` (the default: average linkage along the graph of nearest neighbours, for any number of faces),
        ``"average-link"``, ``"chinese-whispers"``, or ``"dbscan"`` with scikit-learn's labels.
    threshold : float, optional
        Distance (for ``"chinese-whispers"``, cosine) at which to decide; by default the one that was measured for the
        algorithm and the model, see `fingerprint`.
    fingerprint : str, optional
        What made the embeddings (:attr:`Embedder.fingerprint`); by default the shipped model with default settings.
    min_samples : int
        For ``"dbscan"``: neighbours of a core point, itself among them.
    min_cluster_size : int
        Clusters with fewer faces are dissolved.
    iterations, seed
        For ``"chinese-whispers"``; the same seed gives the same clusters.
    neighbors : int
        For ``"knn-graph"``: neighbours of each face that are looked at.
    exact_neighbors_up_to : int
        For ``"knn-graph"``: most faces whose neighbours are found by comparing all with all.
    memory_limit : int
        Most bytes for distances, edges or neighbours.

    Raises
    ------
    InvalidArgumentError
        If a value is not finite, or no threshold was measured for the model.

    Examples
    --------
    >>> from facenet_rs import cluster
    >>> cluster([[1, 0], [0, 1], [0.96, 0.28]], algorithm="average-link", threshold=0.5).labels.tolist()
    [0, 1, 0]
    """
    if fingerprint is None and threshold is None:
        from .facenet import shared

        fingerprint = shared().embedder.fingerprint
    name, measured = _native.cluster_threshold(algorithm, fingerprint or "0" * 32)
    decide = measured if threshold is None else threshold
    if decide is None:
        raise InvalidArgumentError(f"no threshold of {name} was measured for embeddings {fingerprint}: give one")
    settings = checked(
        {
            "algorithm": name,
            "threshold": float(decide),
            "min_samples": min_samples,
            "min_cluster_size": min_cluster_size,
            "iterations": iterations,
            "seed": seed,
            "neighbors": neighbors,
            "exact_neighbors_up_to": exact_neighbors_up_to,
            "memory_limit": memory_limit,
        }
    )
    with shown(progress, "thousandths") as tell:
        return Clusters(_native.cluster(matrix(embeddings, "embeddings"), settings, tell), name, decide)
