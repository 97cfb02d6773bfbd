"""The estimators keep what scikit-learn's promise, and do what the functions do."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import facenet_rs
import numpy as np
import pytest
from facenet_rs import Classifier, Facenet, errors

pytest.importorskip("sklearn")

from facenet_rs.sklearn import FaceClassifier, FaceClusterer, FaceEmbedder
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks


def expected_failures(estimator: Any) -> dict[str, str]:
    if isinstance(estimator, FaceClassifier):
        return {"check_estimators_dtypes": "it has a row of zeros, which is no embedding and is refused"}
    return {}


# FaceEmbedder takes pictures, for which scikit-learn has no checks.
@parametrize_with_checks(
    [
        FaceClusterer(threshold=0.5),
        FaceClusterer(algorithm="dbscan", threshold=0.5),
        FaceClassifier(),
        FaceClassifier(kind="each"),
        FaceClassifier(method="svm"),
        FaceClassifier(method="softmax"),
    ],
    expected_failed_checks=expected_failures,
)
def test_promises(estimator: Any, check: Any) -> None:
    check(estimator)


def test_clusters_are_those_of_the_function(people: Any) -> None:
    settings: list[dict[str, Any]] = [
        {"threshold": 1.1},
        {"algorithm": "dbscan", "threshold": 0.95, "min_samples": 3},
        {},
    ]
    for options in settings:
        estimator = FaceClusterer(**options)
        expected = facenet_rs.cluster(people[0], **options)
        assert np.array_equal(estimator.fit_predict(people[0]), expected.labels)
        assert estimator.threshold_ == expected.threshold


@pytest.mark.parametrize("method", ["template", "svm", "softmax"])
def test_people_are_those_of_the_class(people: Any, facenet: Facenet, method: str) -> None:
    names = [f"person {number:02}" for number in people[1]]
    theirs = Classifier.train(people[0], names, embedder=facenet.embedder, method=method, threshold=0.3)
    estimator = FaceClassifier(method=method, threshold=0.3, unknown="nobody").fit(people[0], names)
    taken = np.vstack([people[0] + 0.02, -people[0][:3]]).astype(np.float32)
    found = theirs.predict(taken, embedder=facenet.embedder)
    assert estimator.predict(taken).tolist() == [one.name or "nobody" for one in found]
    np.testing.assert_allclose(estimator.score_samples(taken), [one.score for one in found], atol=1e-6)
    everybody = FaceClassifier(method=method).fit(people[0], people[1])
    assert everybody.predict(taken).tolist() == [int(one.nearest.split()[1]) for one in found]
    kept = pickle.loads(pickle.dumps(estimator))
    assert np.array_equal(kept.predict(taken), estimator.predict(taken))


def test_pictures(facenet: Facenet, photos: Path) -> None:
    pictures = [photos / "obama.jpg", photos / "biden.jpg"]
    estimator = FaceEmbedder()
    expected = facenet.embed(pictures)
    assert np.array_equal(estimator.fit(pictures).transform(pictures), expected)
    assert np.array_equal(pickle.loads(pickle.dumps(clone(estimator))).transform(pictures), expected)
    assert len(estimator.get_feature_names_out()) == 512
    crops = facenet.align(pictures)
    assert np.array_equal(FaceEmbedder(aligned=True).transform(crops), facenet.embedder.embed(crops))
    with pytest.raises(errors.NoFaceError, match="picture 1"):
        estimator.transform([pictures[0], np.zeros((50, 50, 3), np.uint8)])


def test_pandas(photos: Path) -> None:
    pytest.importorskip("pandas")
    frame = FaceEmbedder().set_output(transform="pandas").fit_transform([photos / "obama.jpg"])
    assert frame.shape == (1, 512) and frame.columns[0] == "faceembedder0"


def test_cross_validation(people: Any) -> None:
    names = [f"person {number}" for number in people[1]]
    assert cross_val_score(FaceClassifier(), people[0], names, cv=3).tolist() == [1, 1, 1]
    search = GridSearchCV(FaceClassifier(), {"method": ["template", "svm"], "kind": ["mean", "each"]}, cv=2)
    assert search.fit(people[0], names).best_score_ == 1


def test_pipeline_of_pictures(photos: Path) -> None:
    model = make_pipeline(FaceEmbedder(), FaceClassifier())
    pictures = [str(photos / name) for name in ("obama.jpg", "biden.jpg", "obama2.jpg", "biden.jpg")]
    scores = cross_val_score(model, pictures, ["Obama", "Biden", "Obama", "Biden"], cv=2, n_jobs=2)
    assert scores.tolist() == [1, 1]
