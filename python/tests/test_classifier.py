"""Naming faces, against scikit-learn and by hand."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facenet_rs import Classifier, Embedder, Facenet, errors


def names_of(numbers: Any) -> list[str]:
    return [f"person {number:02}" for number in numbers]


@pytest.fixture(scope="module")
def embedder(facenet: Facenet) -> Embedder:
    return facenet.embedder


def queries(people: Any) -> Any:
    vectors = people[0] + np.random.default_rng(9).normal(0, 0.07, people[0].shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_machines_decide_as_those_of_scikit_learn(people: Any, embedder: Embedder) -> None:
    svm = pytest.importorskip("sklearn.svm")
    names = names_of(people[1])
    classifier = Classifier.train(people[0], names, embedder=embedder, method="svm")
    with warnings.catch_warnings():
        # scikit-learn announces the end of `probability=True`.
        warnings.simplefilter("ignore", FutureWarning)
        theirs = svm.SVC(kernel="linear", probability=True, random_state=0).fit(people[0].astype(float), names)
    probabilities = theirs.predict_proba(queries(people).astype(float))
    found = classifier.predict(queries(people), embedder=embedder)
    assert [one.name for one in found] == theirs.classes_[probabilities.argmax(1)].tolist()
    # Probabilities depend on how the faces are shuffled for their cross-validation.
    np.testing.assert_allclose([one.score for one in found], probabilities.max(1), atol=0.15)
    assert classifier.operating_point is None and classifier.names == sorted(set(names))


@pytest.mark.parametrize(("cost", "balanced"), [(1.0, False), (10.0, True)])
def test_softmax_is_logistic_regression(people: Any, embedder: Embedder, cost: float, balanced: bool) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    names = names_of(people[1])
    classifier = Classifier.train(people[0], names, embedder=embedder, method="softmax", cost=cost, balanced=balanced)
    weight = "balanced" if balanced else None
    theirs = linear.LogisticRegression(C=cost, class_weight=weight, tol=1e-10, max_iter=10_000)
    probabilities = theirs.fit(people[0].astype(float), names).predict_proba(queries(people).astype(float))
    found = classifier.predict(queries(people), embedder=embedder)
    assert [one.name for one in found] == theirs.classes_[probabilities.argmax(1)].tolist()
    np.testing.assert_allclose([one.score for one in found], probabilities.max(1), atol=1e-3)
    assert classifier.operating_point is None


def test_a_softmax_knows_strangers_by_a_probability(people: Any, embedder: Embedder) -> None:
    names = names_of(people[1])
    strangers = np.random.default_rng(3).normal(size=(200, people[0].shape[1])).astype(np.float32)

    def train(**settings: Any) -> Classifier:
        return Classifier.train(people[0], names, embedder=embedder, method="softmax", cost=10, **settings)

    measured = train(strangers=strangers, fpir=0.05)
    point = measured.operating_point
    assert point is not None and point["fpir"]["errors"] == 10 and point["fnir"] is None
    assert sum(one.name is not None for one in measured.predict(strangers, embedder=embedder)) == 10
    given = train(threshold=0.9).predict(strangers, embedder=embedder)
    assert all((one.name is None) == (one.score < 0.9) for one in given)


def test_templates_are_the_nearest_means(people: Any, embedder: Embedder) -> None:
    names = names_of(people[1])
    classifier = Classifier.train(people[0], names, embedder=embedder, threshold=0.4)
    means = np.stack([people[0][people[1] == number].mean(0) for number in range(12)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    taken = np.vstack([queries(people), -people[0][:5]])
    cosines = taken @ means.T
    found = classifier.predict(taken, embedder=embedder)
    assert [one.nearest for one in found] == names_of(cosines.argmax(1))
    np.testing.assert_allclose([one.score for one in found], cosines.max(1), atol=1e-5)
    assert [one.name for one in found] == [
        name if score >= 0.4 else None for name, score in zip(names_of(cosines.argmax(1)), cosines.max(1), strict=True)
    ]
    point = classifier.operating_point
    assert point is not None and "12 people" in repr(classifier)


@pytest.mark.parametrize("method", ["template", "svm", "softmax"])
def test_saved_and_loaded(people: Any, embedder: Embedder, tmp_path: Path, method: str) -> None:
    classifier = Classifier.train(people[0], names_of(people[1]), embedder=embedder, method=method, fpir=0.1)
    classifier.save(tmp_path / "people.facenet")
    loaded = Classifier.load(tmp_path / "people.facenet")
    assert loaded.names == classifier.names and loaded.description == embedder.description
    assert loaded.operating_point == classifier.operating_point
    taken = queries(people)
    assert loaded.predict(taken, embedder=embedder) == classifier.predict(taken, embedder=embedder)
    other = Embedder(mirror="average")
    with pytest.raises(errors.FingerprintMismatchError):
        loaded.predict(taken, embedder=other)
    content = (tmp_path / "people.facenet").read_bytes()
    (tmp_path / "people.facenet").write_bytes(content[: len(content) // 2])
    with pytest.raises(errors.FacenetError):
        Classifier.load(tmp_path / "people.facenet")


def test_strangers_set_the_threshold(people: Any, embedder: Embedder) -> None:
    known, strangers = people[0][:60], people[0][60:]
    names = names_of(people[1][:60])
    classifier = Classifier.train(known, names, embedder=embedder, fpir=0.05, strangers=strangers)
    named = [one.name for one in classifier.predict(strangers, embedder=embedder)]
    assert sum(name is not None for name in named) <= 0.05 * 60
    assert [one.name for one in classifier.predict(known, embedder=embedder)] == names


def test_what_cannot_be_learned(people: Any, embedder: Embedder) -> None:
    names = names_of(people[1])
    wrong: list[tuple[Any, list[str], dict[str, Any]]] = [
        (people[0], names[:5], {}),
        (people[0][:, :7], names, {}),
        (people[0][:0], [], {}),
        (np.full((2, 512), np.nan), ["a", "b"], {}),
        (people[0], names, {"method": "forest"}),
        (people[0], names, {"kind": "median"}),
        (people[0], names, {"fpir": 2.0}),
        (people[0], names, {"method": "svm", "cost": -1}),
        (people[0], names, {"method": "softmax", "cost": 0}),
        (people[0], names, {"method": "softmax", "threshold": 2}),
        (people[0][:10], names[:10], {"method": "softmax"}),
        (people[0][:10], names[:10], {"method": "svm"}),
        (people[0], names, {"strangers": np.zeros((3, 4))}),
    ]
    for vectors, given, options in wrong:
        with pytest.raises(errors.FacenetError):
            Classifier.train(vectors, given, embedder=embedder, **options)
