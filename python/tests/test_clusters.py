"""Clusters are those of scikit-learn and SciPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import facenet_rs
import numpy as np
import pytest
from facenet_rs import errors


def partition(labels: Any) -> set[frozenset[int]]:
    """Which rows belong together, whatever the numbers."""
    return {frozenset(np.flatnonzero(np.asarray(labels) == label).tolist()) for label in set(labels)}


@pytest.mark.parametrize("threshold", [0.4, 0.9, 0.95, 1.0, 1.2])
@pytest.mark.parametrize("min_samples", [1, 2, 5])
def test_dbscan_is_that_of_scikit_learn(people: Any, threshold: float, min_samples: int) -> None:
    cluster = pytest.importorskip("sklearn.cluster")
    expected = cluster.DBSCAN(eps=threshold, min_samples=min_samples).fit_predict(people[0])
    found = facenet_rs.cluster(people[0], algorithm="dbscan", threshold=threshold, min_samples=min_samples)
    assert np.array_equal(found.labels, expected)
    assert found.labels.dtype == np.int64 and len(found) == expected.max() + 1


@pytest.mark.parametrize("threshold", [0.8, 1.0, 1.1, 1.3])
def test_average_link_is_that_of_scipy(people: Any, threshold: float) -> None:
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    expected = hierarchy.fcluster(hierarchy.linkage(people[0].astype(float), "average"), threshold, "distance")
    found = facenet_rs.cluster(people[0], algorithm="average-link", threshold=threshold)
    assert partition(found.labels) == partition(expected)


@pytest.mark.parametrize("algorithm", [None, "knn-graph", "chinese-whispers", "chinese_whispers"])
def test_people_who_are_told_apart(people: Any, algorithm: str | None) -> None:
    threshold = 0.5 if algorithm and algorithm.startswith("chinese") else 1.1
    found = facenet_rs.cluster(people[0], algorithm=algorithm, threshold=threshold)
    assert partition(found.labels) == partition(people[1])
    again = facenet_rs.cluster(people[0], algorithm=algorithm, threshold=threshold)
    assert np.array_equal(again.labels, found.labels)
    scores = found.scores([str(number) for number in people[1]])
    right = {"precision": 1, "recall": 1, "f": 1}
    assert scores == {"bcubed": right, "pairwise": right}
    # One person of two in two clusters: by hand.
    halved = facenet_rs.cluster(np.eye(3), threshold=0.5).scores(["Ann", "Bob", "Bob"])
    assert halved["bcubed"]["recall"] == pytest.approx(2 / 3) and halved["pairwise"]["recall"] == 0


def test_small_clusters_are_dissolved(people: Any) -> None:
    rows = np.vstack([people[0], -people[0][:1]])
    found = facenet_rs.cluster(rows, algorithm="average-link", threshold=1.1, min_cluster_size=5)
    assert found.labels[-1] == -1 and len(found) == 12
    assert [len(members) for members in found.members()] == [10] * 12


def test_thresholds_are_for_models() -> None:
    assert facenet_rs.cluster(np.eye(3, 512)).threshold > 0
    with pytest.raises(errors.InvalidArgumentError, match="measured"):
        facenet_rs.cluster(np.eye(3, 512), fingerprint="0" * 32)


def test_forms_of_vectors(people: Any) -> None:
    expected = facenet_rs.cluster(people[0], threshold=1.1).labels
    for form in (np.asfortranarray(people[0]), people[0].astype(np.float64), people[0].tolist()):
        assert np.array_equal(facenet_rs.cluster(form, threshold=1.1).labels, expected)
    with pytest.raises(errors.DimensionMismatchError):
        facenet_rs.cluster(people[0][0], threshold=1)
    assert len(facenet_rs.cluster(np.empty((0, 512)), threshold=1)) == 0


def test_page(photos: Path, tmp_path: Path) -> None:
    found = facenet_rs.cluster(np.eye(2), threshold=0.5)
    found.write_html(tmp_path / "page.html", [photos / "obama.jpg", photos / "biden.jpg"], title="Two <people>")
    page = (tmp_path / "page.html").read_text()
    assert "Two &lt;people&gt;" in page and "data:image" in page
    with pytest.raises(errors.DimensionMismatchError):
        found.write_html(tmp_path / "other.html", [photos / "obama.jpg"])
    assert not (tmp_path / "other.html").exists()
