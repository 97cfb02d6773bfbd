"""Results as values: copied, kept, told, decided by."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import facenet_rs
import numpy as np
import pytest
from facenet_rs import Comparison, Embedder, Face, Facenet, Faces


@pytest.fixture(scope="module")
def faces(facenet: Facenet, photos: Path) -> Faces:
    return facenet.detect(photos / "obama2.jpg")


@pytest.fixture(scope="module")
def comparison(facenet: Facenet, photos: Path) -> Comparison:
    return facenet.compare(photos / "obama.jpg", photos / "obama2.jpg")


def equal(a: Any, b: Any) -> bool:
    """Whether results have the same values, arrays in them or not."""
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if dataclasses.is_dataclass(a):
        return type(a) is type(b) and all(
            equal(getattr(a, field.name), getattr(b, field.name)) for field in dataclasses.fields(a)
        )
    if isinstance(a, list):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)


def test_copies_and_pickles(faces: Faces, comparison: Comparison, people: Any) -> None:
    clusters = facenet_rs.cluster(people[0], threshold=1)
    for result in (faces, faces[0], comparison, comparison.a, clusters, facenet_rs.doctor()):
        assert equal(copy.copy(result), result)
        assert equal(copy.deepcopy(result), result)
        assert equal(pickle.loads(pickle.dumps(result)), result)
    error = pickle.loads(pickle.dumps(facenet_rs.errors.NoFaceError("no face")))
    assert isinstance(error, LookupError) and str(error) == "no face"


def test_json(faces: Faces, comparison: Comparison) -> None:
    told = json.loads(json.dumps(faces.to_dicts()))
    assert np.array_equal(np.array([face["box"] for face in told], np.float32), faces.boxes)
    told = json.loads(json.dumps(comparison.to_dict()))
    assert told["same"] is True and told["distance"] == comparison.distance
    assert set(told) == {field.name for field in dataclasses.fields(Comparison)}
    assert set(told["a"]) == {"box", "score", "landmarks"}


def test_pandas(faces: Faces) -> None:
    pytest.importorskip("pandas")
    frame = faces.to_pandas()
    assert frame.shape == (len(faces), 15)
    assert np.array_equal(frame[["x1", "y1", "x2", "y2"]].to_numpy(np.float32), faces.boxes)
    assert np.array_equal(frame[["nose_x", "nose_y"]].to_numpy(np.float32), faces.landmarks[:, 2])
    assert Faces().to_pandas().shape == (0, 15)


def test_faces_are_a_list_and_arrays(faces: Faces) -> None:
    assert isinstance(faces, list) and isinstance(faces[0], Face)
    assert faces.boxes.shape == (len(faces), 4) and faces.boxes.dtype == np.float32
    assert faces[0].width == faces.boxes[0, 2] - faces.boxes[0, 0]
    assert faces[0].height == faces.boxes[0, 3] - faces.boxes[0, 1]
    assert list(faces.scores) == sorted(faces.scores, reverse=True)
    none = Faces()
    assert (none.boxes.shape, none.scores.shape, none.landmarks.shape) == ((0, 4), (0,), (0, 5, 2))


def test_reprs(faces: Faces, comparison: Comparison, facenet: Facenet) -> None:
    assert repr(faces[0]).startswith("Face(box=(") and "array" not in repr(faces)
    assert repr(comparison.a).startswith("EmbeddedFace(box=(")
    assert repr(comparison).startswith("Comparison(same=True, distance=0.67")
    assert "facenet-20180408" in repr(facenet) and "512" in repr(facenet.embedder)


def test_results_cannot_be_changed(faces: Faces) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        faces[0].score = 1.0  # type: ignore[misc]


def test_decisions(facenet: Facenet, comparison: Comparison, photos: Path) -> None:
    other = facenet.compare(photos / "obama.jpg", photos / "biden.jpg")
    assert comparison and not other
    assert not facenet.compare(photos / "obama.jpg", photos / "obama2.jpg", threshold=0.1)
    undecided = dataclasses.replace(comparison, same=None, threshold=None)
    with pytest.raises(ValueError, match="threshold"):
        bool(undecided)
    assert "threshold=None" in repr(undecided)


def test_models_that_were_not_measured_do_not_decide(facenet: Facenet, photos: Path) -> None:
    other = Facenet(runtime=facenet.runtime, standardization="per-image")
    found = other.compare(photos / "obama.jpg", photos / "obama2.jpg")
    assert (found.same, found.threshold) == (None, None)
    with pytest.raises(ValueError, match="threshold"):
        assert found


def test_stages_agree(facenet: Facenet, photos: Path) -> None:
    photo = photos / "obama.jpg"
    [face] = facenet.process(photo, select="largest")
    crop = facenet.align(photo)
    assert np.array_equal(crop, face.crop)
    assert np.array_equal(facenet.aligner.align(photo, face), crop)
    np.testing.assert_allclose(facenet.embedder.embed(crop), face.embedding, atol=1e-6)
    assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-6)
    everybody = facenet.process(photo)
    assert len(everybody) == len(facenet.detect(photo)) and len(facenet.process(photo, max_faces=1)) == 1


@pytest.mark.parametrize("metric", ["euclidean", "squared-euclidean", "cosine", "angular"])
def test_distances(people: Any, metric: str) -> None:
    spatial = pytest.importorskip("scipy.spatial.distance")
    a, b = people[0][:30], people[0][30:]
    if metric == "angular":
        expected = np.arccos(1 - spatial.cdist(a.astype(float), b.astype(float), "cosine")) / np.pi
    elif metric == "cosine":
        expected = 1 - spatial.cdist(a.astype(float), b.astype(float), "cosine")
    else:
        expected = spatial.cdist(a.astype(float), b.astype(float), metric.replace("squared-", "sq"))
    np.testing.assert_allclose(facenet_rs.distance(a, b, metric), expected, atol=2e-6)
    np.testing.assert_allclose(facenet_rs.distance(a[0], b, metric), expected[0], atol=2e-6)
    np.testing.assert_allclose(facenet_rs.distance(a, b[0], metric), expected[:, 0], atol=2e-6)
    assert facenet_rs.distance(a[0], b[0], metric) == pytest.approx(expected[0, 0], abs=2e-6)
    np.testing.assert_allclose(facenet_rs.distance(a[::-2], np.asfortranarray(b), metric), expected[::-2], atol=2e-6)


def test_embeddings_are_those_of_onnxruntime_itself(facenet: Facenet, photos: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    if facenet.runtime.info["version"] != onnxruntime.__version__:
        pytest.skip("another version of ONNX Runtime")
    session = onnxruntime.InferenceSession(str(facenet.embedder.path), providers=["CPUExecutionProvider"])
    crop = facenet.align(photos / "biden.jpg").astype(np.float32)
    # Fixed standardisation, channels first, and length one.
    taken = ((crop - 127.5) / 128).transpose(2, 0, 1)[None]
    [given] = session.run(None, {session.get_inputs()[0].name: taken})
    vector = given[0] / np.linalg.norm(given[0])
    np.testing.assert_allclose(facenet.embed(photos / "biden.jpg"), vector, atol=1e-5)


@pytest.mark.parametrize(("standardization", "stored"), [("fixed", "fixed"), ("per-image", "perimage")])
def test_embeddings_are_those_of_the_original(
    facenet: Facenet, golden: Path, standardization: str, stored: str
) -> None:
    expected = np.load(golden / "crops_embeddings.npz")
    crops = [golden / "crops" / f"{name}.png" for name in expected["names"]]
    embedder = Embedder(facenet.runtime, standardization=standardization)
    # The weights are kept in half precision.
    np.testing.assert_allclose(embedder.embed(crops), expected[stored], atol=5e-4)
