"""Time DBSCAN beside scikit-learn's on a file of embeddings, in turns: `python benches/peers/dbscan.py FACES.npy`.

Needs numpy and scikit-learn, and `facenet` built. The labels of both are compared too.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np
from sklearn.cluster import DBSCAN

FACENET = Path(__file__).resolve().parents[2] / "target/release/facenet"


def ours(faces: Path, eps: float) -> tuple[float, list[int]]:
    """Seconds that facenet's clustering takes, and its labels."""
    command = [
        str(FACENET),
        "cluster",
        str(faces),
        "--algorithm",
        "dbscan",
        "--threshold",
        str(eps),
        "--json",
        "--quiet",
    ]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return report["seconds"], [face["cluster"] for face in report["faces"]]


def theirs(faces: np.ndarray[tuple[int, ...], np.dtype[np.float32]], eps: float) -> tuple[float, list[int]]:
    """The same of scikit-learn."""
    start = time.perf_counter()
    labels = DBSCAN(eps=eps, min_samples=1, n_jobs=-1).fit(faces).labels_
    return time.perf_counter() - start, labels.tolist()


def main() -> None:
    """Run both in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--eps", type=float, default=0.8)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    matrix = np.load(arguments.faces)
    seconds: dict[str, list[float]] = {"facenet": [], "scikit-learn": []}
    for _ in range(arguments.rounds):
        our_seconds, our_labels = ours(arguments.faces, arguments.eps)
        their_seconds, their_labels = theirs(matrix, arguments.eps)
        assert our_labels == their_labels, "the labels differ"
        seconds["facenet"].append(our_seconds)
        seconds["scikit-learn"].append(their_seconds)
    print("| work | library | median | range | ratio |\n|---|---|---|---|---|")
    first = statistics.median(seconds["facenet"])
    for name, values in seconds.items():
        median, spread = statistics.median(values), f"{min(values):.2f}-{max(values):.2f}"
        print(f"| DBSCAN, {len(matrix)} faces | {name} | {median:.2f} s | {spread} | {median / first:.2f} |")


if __name__ == "__main__":
    main()
