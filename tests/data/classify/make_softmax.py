"""Make `softmax.json`: vectors with the coefficients and probabilities of scikit-learn's `LogisticRegression`.

Needs scikit-learn 1.9.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).resolve().parent

DIMENSION, TRAIN, QUERIES = 8, 60, 20
#: Classes, cost, whether balanced.
SETTINGS = [(5, 1.0, False), (5, 0.01, False), (5, 1e4, False), (4, 1.0, True), (2, 1.0, False), (2, 10.0, True)]


def case(random: np.random.Generator, classes: int, cost: float, balanced: bool) -> dict[str, Any]:
    """Vectors of as many classes, of which the later have fewer, and what is learnt of them."""
    centers = random.standard_normal((classes, DIMENSION))

    def around(labels: np.ndarray) -> np.ndarray:
        vectors = centers[labels] + random.standard_normal((len(labels), DIMENSION))
        return np.asarray((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32))

    share = 1 / np.arange(1, classes + 1)
    labels = np.concatenate([np.arange(classes), random.choice(classes, TRAIN - classes, p=share / share.sum())])
    vectors, queries = around(labels), around(random.integers(0, classes, QUERIES))
    weight = "balanced" if balanced else None
    # Far beyond the usual tolerance: the optimum itself.
    model = LogisticRegression(C=cost, class_weight=weight, tol=1e-12, max_iter=100_000)
    model.fit(vectors.astype(np.float64), labels)

    def shortest(values: np.ndarray) -> list[list[float]]:
        return [[float(str(value)) for value in row] for row in values]

    return {
        "cost": cost,
        "balanced": balanced,
        "vectors": shortest(vectors),
        "labels": labels.tolist(),
        "queries": shortest(queries),
        "coefficients": model.coef_.round(7).tolist(),
        "intercepts": model.intercept_.round(7).tolist(),
        "probabilities": model.predict_proba(queries.astype(np.float64)).round(7).tolist(),
    }


def main() -> None:
    """Write the file."""
    random = np.random.default_rng(1)
    cases = [case(random, classes, cost, balanced) for classes, cost, balanced in SETTINGS]
    (HERE / "softmax.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
