"""Convert a classifier that the original facenet program trained, a pickle of scikit-learn's SVC, to a file for facenet.

The pickle does not say which model made the embeddings it was trained on: name a description as `facenet embed` writes it
beside a matrix (`X.model.json`), made with that model and the same settings. Unpickling runs code: do it with files you
trust only, and with a scikit-learn that still reads them. Needs scikit-learn and safetensors.
"""

from __future__ import annotations

import argparse
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file


def convert(svc: Any, names: list[str], description: dict[str, Any], target: Path) -> None:
    """Write the classifier `svc`, whose classes are 0 to len(names) - 1, to `target`."""
    support = np.ascontiguousarray(svc.support_vectors_, dtype=np.float32)
    lengths = np.linalg.norm(support, axis=1)
    if svc.kernel != "linear" or not len(svc.probA_):
        raise SystemExit("only linear machines with probabilities can be converted")
    if len(names) != len(svc.classes_) or support.shape[1] != description["dimension"]:
        raise SystemExit("names, classes and embeddings do not fit together")
    if np.abs(lengths - 1).max() > 1e-3:
        raise SystemExit("the classifier was trained on vectors that are not of length one")
    # The public ones have the other sign if there are two classes.
    tensors: dict[str, np.ndarray[Any, Any]] = {
        "support_vectors": support,
        "n_support": np.asarray(svc.n_support_, dtype=np.uint32),
        "dual_coef": np.ascontiguousarray(svc._dual_coef_, dtype=np.float64),
        "intercept": np.asarray(svc._intercept_, dtype=np.float64),
        "prob_a": np.asarray(svc.probA_, dtype=np.float64),
        "prob_b": np.asarray(svc.probB_, dtype=np.float64),
    }
    # The pickle does not know how many images it was trained on, only how many of them became support vectors.
    classes = [{"name": name, "images": int(count)} for name, count in zip(names, svc.n_support_, strict=True)]
    header = {"format": 1, "kind": "svm", **description, "classes": classes}
    save_file(tensors, target, metadata={"facenet.classifier": json.dumps(header)})


def main() -> None:
    """Convert one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pickle", type=Path)
    parser.add_argument("description", type=Path, help="the X.model.json that `facenet embed` writes beside X.npy")
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    with arguments.pickle.open("rb") as file:
        svc, names = pickle.load(file)
    convert(svc, names, json.loads(arguments.description.read_text()), arguments.target)


if __name__ == "__main__":
    main()
