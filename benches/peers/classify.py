"""Compare facenet's classifiers with scikit-learn's, and measure how they reject strangers, on embeddings of LFW.

The embeddings are a matrix as `facenet embed` writes it (`X.npy` with `X.names.txt`); the person is the folder of an image.
facenet's side is the process `classify_worker.rs`, scikit-learn runs in this one, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[2]
Matrix: TypeAlias = NDArray[np.floating[Any]]
Labels: TypeAlias = NDArray[np.int64]

MIN_IMAGES, TRAIN_IMAGES, SEED = 20, 10, 666
STRANGER_IMAGES = 3
#: Of scikit-learn's gradient, to be as near to the optimum as facenet.
TIGHT = 1e-6
COST = 10


class Worker:
    """The process that does tasks with facenet."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self.folder = folder
        limit = {} if threads is None else {"RAYON_NUM_THREADS": str(threads)}
        command = [ROOT / "target/release/classify-worker"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | limit
        )

    def put(self, name: str, values: NDArray[Any]) -> str:
        """The path of a file with `values`."""
        path = self.folder / f"{name}.npy"
        np.save(path, values)
        return str(path)

    def run(self, *words: str) -> float:
        """Seconds that a task took, as measured by the process."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def result(self, task: str, model: str, vectors: str) -> NDArray[Any]:
        """What a task makes of vectors."""
        out = str(self.folder / "out.npy")
        self.run(task, model, vectors, out)
        return np.asarray(np.load(out))


def people(matrix: Path) -> tuple[Matrix, dict[str, list[int]]]:
    """The embeddings, and the rows of each person."""
    names = matrix.with_suffix(".names.txt").read_text().splitlines()
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        rows[Path(name).parent.name].append(row)
    return np.load(matrix), rows


def split(rows: dict[str, list[int]], seed: int) -> tuple[list[int], Labels, list[int], Labels]:
    """Rows to train on and to test with, with their labels, as the original program takes them."""
    random = np.random.RandomState(seed)
    enrolled = [rows[name] for name in sorted(rows) if len(rows[name]) >= MIN_IMAGES]
    orders = [list(random.permutation(of_person)) for of_person in enrolled]
    train = [(row, label) for label, order in enumerate(orders) for row in order[:TRAIN_IMAGES]]
    test = [(row, label) for label, order in enumerate(orders) for row in order[TRAIN_IMAGES:]]
    return [r for r, _ in train], np.array([c for _, c in train]), [r for r, _ in test], np.array([c for _, c in test])


def votes(decisions: Matrix, classes: int) -> Labels:
    """The class with the most pairs won, the rule of scikit-learn's `predict`."""
    counts = np.zeros((len(decisions), classes), dtype=np.int64)
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    for column, (a, b) in enumerate(pairs):
        first = decisions[:, column] > 0
        counts[first, a] += 1
        counts[~first, b] += 1
    return np.asarray(counts.argmax(axis=1), dtype=np.int64)


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(runs: list[tuple[str, str, Callable[[], float]]], rounds: int) -> None:
    """Run each of `runs` in turns and print the medians of the milliseconds that they answer."""
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for taken, (_, _, run) in zip(seconds, runs, strict=True):
            taken.append(run())
    for taken, (work, name, _) in zip(seconds, runs, strict=True):
        spread = f"{min(taken) * 1e3:.0f}-{max(taken) * 1e3:.0f}"
        print(f"| {work} | {name} | {statistics.median(taken) * 1e3:.0f} ms | {spread} |", flush=True)


def support_vectors(worker: Worker, vectors: Matrix, rows: dict[str, list[int]], rounds: int) -> None:
    """Labels, probabilities and times beside scikit-learn's."""
    train, train_labels, test, test_labels = split(rows, SEED)
    x, y = worker.put("train", vectors[train]), worker.put("labels", train_labels)
    queries, model = worker.put("test", vectors[test]), str(worker.folder / "svm.facenet")
    classes = int(train_labels.max()) + 1
    print(f"{classes} people, {len(train)} images to train on, {len(test)} to test with\n")

    def peer(seed: int) -> SVC:
        return SVC(kernel="linear", probability=True, random_state=seed).fit(
            vectors[train].astype(np.float64), train_labels
        )

    worker.run("train", "svm", x, y, "-", "0", model)
    ours, decisions = worker.result("probabilities", model, queries), worker.result("decisions", model, queries)
    theirs, wide = peer(SEED), vectors[test].astype(np.float64)
    expected = theirs.predict_proba(wide)
    again = peer(SEED + 1).predict_proba(wide)
    theirs.decision_function_shape = "ovo"
    other = votes(decisions, classes)
    print("| labels | equal | accuracy, facenet | accuracy, scikit-learn |\n|---|---|---|---|")
    for rule, a, b in [
        ("highest probability", ours.argmax(axis=1), expected.argmax(axis=1)),
        ("most pairs won", other, theirs.predict(wide)),
        ("scikit-learn twice, highest probability, other shuffles", again.argmax(axis=1), expected.argmax(axis=1)),
    ]:
        right = f"{(a == test_labels).mean():.4f} | {(b == test_labels).mean():.4f}"
        print(f"| {rule} | {(a == b).sum()} of {len(a)} | {right} |")
    print(f"\nlargest difference of decisions {np.abs(decisions - theirs.decision_function(wide)).max():.1e}, ", end="")
    print(f"of probabilities {np.abs(ours - expected).max():.4f} (mean {np.abs(ours - expected).mean():.1e}); ", end="")
    print(f"of scikit-learn's with other shuffles {np.abs(again - expected).max():.4f}", end="")
    print(f" (mean {np.abs(again - expected).mean():.1e})\n")
    print("| work | library | median | range |\n|---|---|---|---|")
    out = str(worker.folder / "out.npy")
    runs: list[tuple[str, str, Callable[[], float]]] = [
        ("training", "facenet", lambda: worker.run("train", "svm", x, y, "-", "0", model)),
        ("training", "scikit-learn", lambda: timed(lambda: peer(SEED))),
        ("prediction", "facenet", lambda: worker.run("probabilities", model, queries, out)),
        ("prediction", "scikit-learn", lambda: timed(lambda: theirs.predict_proba(wide))),
    ]
    compare(runs, rounds)


def softmax(folder: Path, vectors: Matrix, rows: dict[str, list[int]], rounds: int) -> None:
    """Times of training beside scikit-learn's, and how far both are from the optimum."""
    print(
        "\n| people | images | threads | facenet | scikit-learn | as exact | off the optimum, facenet | scikit-learn |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for least, repeats in ((10, rounds), (2, 1)):
        known = [rows[name] for name in sorted(rows) if len(rows[name]) >= least]
        labels = np.repeat(np.arange(len(known)), [len(of_person) for of_person in known])
        taken = vectors[np.concatenate(known)]
        wide = taken.astype(np.float64)
        best = LogisticRegression(C=COST, tol=1e-9, max_iter=10_000).fit(wide, labels).coef_ if least > 2 else None
        for threads in (1, 2):
            worker = Worker(folder, threads)
            x, y = worker.put("train", taken), worker.put("labels", labels)
            model, out = str(folder / "softmax.facenet"), str(folder / "out.npy")
            ours, theirs, exact = [], [], []
            with threadpool_limits(threads):
                for _ in range(repeats):
                    ours.append(worker.run("train", "softmax", x, y, "-", str(COST), model))
                    usual, tight = LogisticRegression(C=COST), LogisticRegression(C=COST, tol=TIGHT, max_iter=10_000)
                    theirs.append(timed(partial(usual.fit, wide, labels)))
                    exact.append(timed(partial(tight.fit, wide, labels)))
            worker.run("coefficients", model, out)
            reference = tight.coef_ if best is None else best
            off = [
                np.linalg.norm(found - reference) / np.linalg.norm(reference) for found in (np.load(out), usual.coef_)
            ]
            times = " | ".join(f"{statistics.median(taken):.2f} s" for taken in (ours, theirs, exact))
            print(f"| {len(known)} | {len(labels)} | {threads} | {times} | {off[0]:.0e} | {off[1]:.0e} |", flush=True)


def closed_set(worker: Worker, vectors: Matrix, rows: dict[str, list[int]], repeats: int) -> None:
    """How often each kind of classifier is right, trained on half of the images of people with ten at least."""
    print("\n| kind | cost | right, of all images | mean of the people |\n|---|---|---|---|")
    known = [rows[name] for name in sorted(rows) if len(rows[name]) >= 10]
    model = str(worker.folder / "any.facenet")
    for kind, setting in (
        ("mean", "0.1"),
        ("each", "0.1"),
        ("svm", "0"),
        *(("softmax", c) for c in ("1", "10", "100")),
    ):
        right = []
        for seed in range(repeats):
            random = np.random.RandomState(seed)
            orders = [list(random.permutation(of_person)) for of_person in known]
            train = [(row, label) for label, order in enumerate(orders) for row in order[: len(order) // 2]]
            test = [(row, label) for label, order in enumerate(orders) for row in order[len(order) // 2 :]]
            x = worker.put("train", vectors[[row for row, _ in train]])
            worker.run("train", kind, x, worker.put("labels", np.array([c for _, c in train])), "-", setting, model)
            found = worker.result("predict", model, worker.put("test", vectors[[row for row, _ in test]]))[:, 1]
            answers = np.array([label for _, label in test])
            hits = found == answers
            right.append((hits.mean(), np.mean([hits[answers == label].mean() for label in range(len(known))])))
        (all_images, by_person), cost = np.mean(right, axis=0), setting if kind == "softmax" else "1" * (kind == "svm")
        print(f"| {kind} | {cost} | {all_images:.4f} | {by_person:.4f} |", flush=True)


def open_set(worker: Worker, vectors: Matrix, rows: dict[str, list[int]], repeats: int) -> None:
    """Recognition of known people among strangers, at a threshold that was chosen on other people.

    Known are people with many images. People with few images are strangers; one half of them helps to choose the threshold,
    the other half is met in the test only.
    """
    model, point = str(worker.folder / "templates.facenet"), worker.folder / "point.json"
    strangers = sorted(name for name, of_person in rows.items() if len(of_person) <= STRANGER_IMAGES)
    print("\n| templates | chosen on | FPIR wanted | FPIR stated | FNIR stated | FPIR, test | FNIR, test |")
    print("|---|---|---|---|---|---|---|")
    for kind in ("mean", "each"):
        for source in ("known people", "known people and strangers"):
            for fpir in (0.1, 0.03, 0.01):
                stated, tested = [], []
                for seed in range(repeats):
                    train, train_labels, test, test_labels = split(rows, SEED + seed)
                    shuffled = np.random.RandomState(seed).permutation(strangers)
                    known_unknowns = [row for name in shuffled[::2] for row in rows[name]]
                    unknown_unknowns = [row for name in shuffled[1::2] for row in rows[name]]
                    x, y = worker.put("train", vectors[train]), worker.put("labels", train_labels)
                    chosen = worker.put("strangers", vectors[known_unknowns]) if "and" in source else "-"
                    worker.run("train", kind, x, y, chosen, str(fpir), model)
                    worker.run("operating-point", model, str(point))
                    values = json.loads(point.read_text())
                    mated = worker.result("predict", model, worker.put("test", vectors[test]))[:, 0]
                    nonmated = worker.result("predict", model, worker.put("test", vectors[unknown_unknowns]))[:, 0]
                    stated.append((values["fpir"]["rate"], values["fnir"]["rate"]))
                    tested.append(((nonmated >= 0).mean(), (mated != test_labels).mean()))
                (a, b), (c, d) = np.mean(stated, axis=0), np.mean(tested, axis=0)
                e, f = np.std(tested, axis=0)
                print(
                    f"| {kind} | {source} | {fpir} | {a:.4f} | {b:.4f} | {c:.4f} ± {e:.4f} | {d:.4f} ± {f:.4f} |",
                    flush=True,
                )
    print(f"\n{repeats} splits; in each {len(test)} images of known people, {len(unknown_unknowns)} of strangers")


def main() -> None:
    """Run both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("embeddings", type=Path, help="embeddings of all LFW faces, as facenet embed writes them")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=10, help="random splits of the open-set protocol")
    arguments = parser.parse_args()
    # scikit-learn announces the end of `probability=True`, which is what is compared.
    warnings.filterwarnings("ignore", category=FutureWarning)
    print(f"{os.cpu_count()} cores, scikit-learn {sklearn.__version__}\n")
    vectors, rows = people(arguments.embeddings)
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(Path(folder))
        support_vectors(worker, vectors, rows, arguments.rounds)
        softmax(Path(folder), vectors, rows, arguments.rounds)
        closed_set(worker, vectors, rows, 5)
        open_set(worker, vectors, rows, arguments.repeats)


if __name__ == "__main__":
    main()
