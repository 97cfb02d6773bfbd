"""Make `svm.json`, vectors with what scikit-learn says of them, and `svm.facenet`, its classifier.

Needs scikit-learn 1.9 and safetensors.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.svm import SVC

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "models"))

from classifier_from_sklearn import convert

CLASSES, DIMENSION, TRAIN, QUERIES, SHUFFLES = 5, 16, 12, 40, 50


def main() -> None:
    """Write both files."""
    # scikit-learn announces the end of `probability=True`.
    warnings.filterwarnings("ignore", category=FutureWarning)
    random = np.random.default_rng(1)
    centers = random.standard_normal((CLASSES, DIMENSION))

    def around(labels: np.ndarray) -> np.ndarray:
        vectors = centers[labels] + 1.1 * random.standard_normal((len(labels), DIMENSION))
        return np.asarray((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32))

    # Rows of the classes are mixed, so that their order matters.
    labels = random.permutation(np.repeat(np.arange(CLASSES), TRAIN))
    vectors, queries = around(labels), around(random.integers(0, CLASSES, QUERIES))

    def shortest(values: np.ndarray) -> list[list[float]]:
        return [[float(str(value)) for value in row] for row in values]

    def train(shuffle: int) -> SVC:
        svc = SVC(kernel="linear", probability=True, random_state=shuffle, decision_function_shape="ovo")
        return svc.fit(vectors.astype(np.float64), labels)

    svc = train(0)
    probabilities = np.array([train(shuffle).predict_proba(queries.astype(np.float64)) for shuffle in range(SHUFFLES)])
    result = {
        "vectors": shortest(vectors),
        "labels": labels.tolist(),
        "queries": shortest(queries),
        "decisions": svc.decision_function(queries.astype(np.float64)).round(6).tolist(),
        "probabilities": probabilities[0].round(6).tolist(),
        "lowest": probabilities.min(axis=0).round(4).tolist(),
        "highest": probabilities.max(axis=0).round(4).tolist(),
    }
    (HERE / "svm.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
    description = {"model": "synthetic", "fingerprint": "0" * 32, "dimension": DIMENSION, "metric": "cosine"}
    convert(svc, [f"class {index}" for index in range(CLASSES)], description, HERE / "svm.facenet")


if __name__ == "__main__":
    main()
