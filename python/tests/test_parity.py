"""The package says what the `facenet` program says of the same pictures: see tests/parity/README.md."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facenet_rs import Detector, Facenet

ROOT = Path(__file__).parents[2]
CASES: dict[str, Any] = json.loads((ROOT / "tests" / "parity" / "cases.json").read_text())
TOLERANCE: float = CASES["tolerance"]


@pytest.fixture(scope="module")
def answer(program: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., Any]:
    """What the program prints as JSON."""

    def ask(*arguments: object) -> Any:
        done = program(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


@pytest.mark.parametrize("size", CASES["min_face_sizes"])
@pytest.mark.parametrize("picture", CASES["pictures"])
def test_detect(answer: Callable[..., Any], photos: Path, picture: str, size: int) -> None:
    path = photos / picture
    expected = answer("detect", "--json", "--min-face-size", size, path)[0]["faces"]
    faces = Detector(min_face_size=size).detect(path)
    boxes = [[face["rect"][side] for side in ("x1", "y1", "x2", "y2")] for face in expected]
    marks = [[[mark["x"], mark["y"]] for mark in face["landmarks"]] for face in expected]
    assert len(faces) == len(expected) > 0
    np.testing.assert_allclose(faces.boxes, boxes, rtol=0, atol=1000 * TOLERANCE)
    np.testing.assert_allclose(faces.landmarks, marks, rtol=0, atol=1000 * TOLERANCE)
    np.testing.assert_allclose(faces.scores, [face["score"] for face in expected], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("picture", CASES["pictures"])
def test_embed(
    program: Callable[..., subprocess.CompletedProcess[str]],
    facenet: Facenet,
    photos: Path,
    tmp_path: Path,
    picture: str,
) -> None:
    done = program("embed", "--output", tmp_path / "x.npy", photos / picture)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(facenet.embed(photos / picture), np.load(tmp_path / "x.npy")[0], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(("a", "b"), CASES["pairs"])
def test_compare(answer: Callable[..., Any], facenet: Facenet, photos: Path, a: str, b: str) -> None:
    expected = answer("compare", "--json", photos / a, photos / b)
    found = facenet.compare(photos / a, photos / b)
    assert found.distance == pytest.approx(expected["pairs"][0]["distance"], abs=TOLERANCE)
    assert found.threshold == pytest.approx(expected["threshold"], abs=TOLERANCE)
    assert found.same == expected["pairs"][0]["same"]
    assert (found.metric, found.model) == (expected["metric"], expected["model"])
