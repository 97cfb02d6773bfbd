"""Writes `expected.json` beside this script: figures of NumPy, SciPy and scikit-learn for small synthetic vectors.

Made with numpy 1.26.4, scipy 1.17.1 and scikit-learn 1.9.1. Everything is done the slow and plain way: one threshold after
the other, each pair looked at again.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import interpolate, optimize
from sklearn import metrics, model_selection

PEOPLE = 14
IMAGES = 6
DIMENSION = 6
FOLDS = 5
WANTED_FAR = 0.03


def vectors(random: np.random.Generator) -> np.ndarray[Any, Any]:
    centres = random.normal(size=(PEOPLE, 1, DIMENSION)) + 0.5
    noisy = centres + 0.75 * random.normal(size=(PEOPLE, IMAGES, DIMENSION))
    rows = noisy.reshape(-1, DIMENSION)
    return np.asarray((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))


def draw_pairs(random: np.random.Generator) -> list[list[int]]:
    """Pairs `[row, row, same]`, both kinds in every fold; their number is no multiple of the folds."""
    pairs = []
    for index in range(203):
        person, other = random.choice(PEOPLE, size=2, replace=False)
        first, second = random.choice(IMAGES, size=2, replace=False)
        same = index % 2 == 0
        second_person = person if same else other
        pairs.append([int(person * IMAGES + first), int(second_person * IMAGES + second), int(same)])
    return pairs


def distances(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], metric: str) -> np.ndarray[Any, Any]:
    if metric == "squared-euclidean":
        return np.asarray(((a - b) ** 2).sum(axis=1))
    cosine = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return np.asarray(np.arccos(cosine) / np.pi)


def cross_validation(
    rows: np.ndarray[Any, Any], pairs: list[list[int]], metric: str, subtract_mean: bool
) -> dict[str, Any]:
    first, second, same_int = np.array(pairs).T
    same = same_int.astype(bool)
    a, b = rows[first].astype(np.float64), rows[second].astype(np.float64)
    coarse, fine = np.arange(0, 4, 0.01), np.arange(0, 4, 0.001)
    accuracies, validation_rates, fars, curves = [], [], [], []
    thresholds, validation_thresholds, fold_numbers = [], [], np.zeros(len(pairs), int)
    folds = model_selection.KFold(FOLDS, shuffle=False)
    for number, (train, test) in enumerate(folds.split(pairs)):
        fold_numbers[test] = number
        mean = np.vstack([a[train], b[train]]).mean(axis=0) if subtract_mean else np.zeros(DIMENSION)
        distance = distances(a - mean, b - mean, metric)
        right = [metrics.accuracy_score(same[train], distance[train] < threshold) for threshold in coarse]
        best = coarse[int(np.argmax(right))]
        thresholds.append(best)
        accuracies.append(metrics.accuracy_score(same[test], distance[test] < best))
        far_train = np.array([np.mean(distance[train][~same[train]] < threshold) for threshold in fine])
        threshold = 0.0
        if far_train.max() >= WANTED_FAR:
            threshold = float(interpolate.interp1d(far_train, fine)(WANTED_FAR))
        validation_thresholds.append(threshold)
        validation_rates.append(np.mean(distance[test][same[test]] < threshold))
        fars.append(np.mean(distance[test][~same[test]] < threshold))
        tested, tested_same = distance[test], same[test]
        curves.append(
            [[np.mean(tested[kind] < t) for t in coarse] for kind in (~tested_same, tested_same)],
        )
    false_rates, true_rates = np.mean(curves, axis=0)
    curve = interpolate.interp1d(false_rates, true_rates)
    return {
        "metric": metric,
        "subtract_mean": subtract_mean,
        "folds": fold_numbers.tolist(),
        "accuracy": [np.mean(accuracies), np.std(accuracies)],
        "validation_rate": [np.mean(validation_rates), np.std(validation_rates)],
        "far": np.mean(fars),
        "area_under_curve": metrics.auc(false_rates, true_rates),
        "equal_error_rate": optimize.brentq(lambda x: 1.0 - x - curve(x), 0.0, 1.0),
        "thresholds": thresholds,
        "validation_thresholds": validation_thresholds,
    }


def exact(rows: np.ndarray[Any, Any], pairs: list[list[int]]) -> dict[str, Any]:
    """The exact ROC curve over all pairs, distances rounded so that there are ties."""
    first, second, same = np.array(pairs).T
    rounded = np.round(distances(rows[first].astype(np.float64), rows[second].astype(np.float64), "angular"), 2)
    distance = rounded.astype(np.float32)
    false_rates, true_rates, thresholds = metrics.roc_curve(same, -distance, drop_intermediate=False)
    line = interpolate.interp1d(false_rates, true_rates)
    return {
        "distances": distance.tolist(),
        "false_match_rates": false_rates.tolist(),
        "false_non_match_rates": (1 - true_rates).tolist(),
        "thresholds": [None, *(-thresholds[1:]).tolist()],
        "area_under_curve": metrics.roc_auc_score(same, -distance),
        "equal_error_rate": optimize.brentq(lambda x: 1.0 - x - line(x), 0.0, 1.0),
    }


def main() -> None:
    random = np.random.default_rng(7)
    rows, pairs = vectors(random), draw_pairs(random)
    expected = {
        "vectors": rows.tolist(),
        "pairs": pairs,
        "wanted_far": WANTED_FAR,
        "cross_validations": [
            cross_validation(rows, pairs, metric, subtract_mean)
            for metric in ("squared-euclidean", "angular")
            for subtract_mean in (False, True)
        ],
        "exact": exact(rows, pairs),
    }
    path = Path(__file__).with_name("expected.json")
    path.write_text(json.dumps(expected, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
