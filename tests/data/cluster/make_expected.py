"""Write `expected.json`: points, and what scikit-learn and scipy make of them.

Made with numpy 1.26.4, scikit-learn 1.9.1 and scipy 1.17.1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import DBSCAN
from sklearn.metrics.cluster import pair_confusion_matrix

Points = np.ndarray[Any, np.dtype[np.float32]]


def blobs(random: np.random.Generator, count: int, dimension: int) -> Points:
    """Points around a few centres, with three digits, some of them twice."""
    centres = random.uniform(-1, 1, (6, dimension))
    points: Points = centres[random.integers(0, 6, count)] + random.normal(0, 0.12, (count, dimension))
    points[-5:] = points[:5]
    return points.round(3).astype(np.float32)


def grid(random: np.random.Generator, count: int, dimension: int) -> Points:
    """Whole numbers, whose distances are often equal to each other and to the threshold."""
    return random.integers(-3, 4, (count, dimension)).astype(np.float32)


def dbscan(points: Points, eps: float) -> list[dict[str, Any]]:
    """Labels for several numbers of samples."""
    fit = {samples: DBSCAN(eps=eps, min_samples=samples).fit(points) for samples in (1, 2, 3, 5)}
    return [{"eps": eps, "min_samples": k, "labels": f.labels_.tolist()} for k, f in fit.items()]


def average_link(points: Points, metric: str, threshold: float) -> dict[str, Any]:
    """Labels of average linkage, cut at a threshold, which is squared with the distances."""
    tree = linkage(pdist(points.astype(np.float64), metric), "average")
    labels = fcluster(tree, threshold**2 if metric == "sqeuclidean" else threshold, "distance")
    return {"metric": metric, "threshold": threshold, "labels": labels.tolist()}


def main() -> None:
    """Write the file beside this one."""
    random = np.random.default_rng(1)
    cases = []
    for points, thresholds in [
        (blobs(random, 90, 3), [0.1, 0.25, 0.6]),
        (blobs(random, 70, 8), [0.3, 0.5, 1.1]),
        (grid(random, 80, 3), [0.0, 1.0, 2**0.5]),
    ]:
        tied = bool((points == np.round(points)).all())
        cases.append(
            {
                "points": points.tolist(),
                "dbscan": [run for eps in thresholds if eps > 0 for run in dbscan(points, eps)],
                # Where distances are equal there are several right trees.
                "average_link": []
                if tied
                else [average_link(points, m, t) for m in ("euclidean", "sqeuclidean") for t in thresholds],
            }
        )
    truth, labels = random.integers(0, 7, 60), random.integers(0, 9, 60)
    scores = {
        "truth": truth.tolist(),
        "labels": labels.tolist(),
        "pair_confusion_matrix": pair_confusion_matrix(truth, labels).tolist(),
    }
    path = Path(__file__).with_name("expected.json")
    path.write_text(json.dumps({"cases": cases, "scores": scores}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
