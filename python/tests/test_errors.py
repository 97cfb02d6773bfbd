"""Errors have their classes, numbers and words."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import facenet_rs
import numpy as np
import pytest
from facenet_rs import Aligner, Detector, Embedder, Facenet, FacenetError, Runtime, _native, errors

Image = pytest.importorskip("PIL.Image")

PHOTO = Path(__file__).parents[2] / "examples" / "photos" / "obama.jpg"


@pytest.mark.parametrize(("kind", "number"), _native.error_kinds())
def test_every_kind_has_its_class(kind: str, number: int) -> None:
    error = errors.of_kind(kind)
    assert (error.__name__, error.kind, error.number) == (f"{kind}Error", kind, number)
    assert issubclass(error, FacenetError) and error.__doc__


def test_there_is_no_class_without_a_kind() -> None:
    classes = {error.kind for error in FacenetError.__subclasses__()}
    assert classes == {kind for kind, _ in _native.error_kinds()}
    assert errors.of_kind("of a later version") is FacenetError


def test_numbers_are_those_of_the_c_interface() -> None:
    header = (Path(__file__).parents[2] / "include" / "facenet.h").read_text()
    for kind, number in _native.error_kinds():
        words = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in kind)
        assert f"#define FACENET_ERROR{words} {number}\n" in header, kind


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.NotFoundError, FileNotFoundError),
        (errors.IoError, OSError),
        (errors.InvalidArgumentError, ValueError),
        (errors.FrameInvalidError, ValueError),
        (errors.ImageDecodeError, ValueError),
        (errors.ImageTooLargeError, ValueError),
        (errors.DimensionMismatchError, ValueError),
        (errors.FingerprintMismatchError, ValueError),
        (errors.ModelInvalidError, ValueError),
        (errors.NoFaceError, LookupError),
        (errors.InferenceError, RuntimeError),
        (errors.UnsupportedError, RuntimeError),
        (errors.ProviderUnavailableError, RuntimeError),
    ],
)
def test_errors_are_those_of_python(error: type[FacenetError], builtin: type[Exception]) -> None:
    assert issubclass(error, builtin)


NAN = float("nan")
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "min_face_size": (lambda: Detector(min_face_size=3), "min_face_size"),
    "min_face_size nan": (lambda: Detector(min_face_size=NAN), "min_face_size"),
    "thresholds": (lambda: Detector(thresholds=(0.5, 0.5)), "three numbers"),
    "threshold": (lambda: Detector(thresholds=(0.5, 0.5, NAN)), "threshold"),
    "factor": (lambda: Detector(factor=1), "factor"),
    "select": (lambda: Detector(select="smallest"), "smallest"),
    "max_faces": (lambda: Detector(max_faces=-1), "max_faces is -1"),
    "no faces": (lambda: Detector(max_faces=0), "max_faces is 0"),
    "region of three": (lambda: Detector().detect(PHOTO, region=(0, 0, 9)), "region of 3"),
    "region nan": (lambda: Detector().detect(PHOTO, region=(0, 0, NAN, 9)), "region"),
    "region outside": (lambda: Detector().detect(PHOTO, region=(1e6, 1e6, 2e6, 2e6)), "region"),
    "batch_size": (lambda: Embedder(batch_size=-1), "batch_size is -1"),
    "no batch": (lambda: Embedder(batch_size=0), "batch_size"),
    "mirror": (lambda: Embedder(mirror="sometimes"), "mirror"),
    "standardization": (lambda: Embedder(standardization="none"), "standardization"),
    "threads": (lambda: Runtime(threads=-1), "threads is -1"),
    "no threads": (lambda: Runtime(threads=0), "threads"),
    "many threads": (lambda: Runtime(threads=10**30), "threads"),
    "provider": (lambda: Runtime(provider="abacus"), "abacus"),
    "size": (lambda: Aligner(-1), "size is -1"),
    "size 0": (lambda: Aligner(0), "1 to 4096"),
    "margin": (lambda: Aligner(160, -1), "margin is -1"),
    "metric": (lambda: facenet_rs.distance([1], [1], "manhattan"), "manhattan"),
    "algorithm": (lambda: facenet_rs.cluster([[1, 0]], algorithm="k-means", threshold=1), "k-means"),
    "seed": (lambda: facenet_rs.cluster([[1, 0]], threshold=1, seed=-1), "seed is -1"),
    "fingerprint": (lambda: facenet_rs.cluster([[1, 0]], fingerprint="0"), "fingerprint"),
    "not finite": (lambda: facenet_rs.cluster([[NAN, 1]], threshold=1), "vector 0"),
    "threshold of a comparison": (lambda: facenet_rs.compare(PHOTO, PHOTO, threshold=NAN), "threshold is nan"),
    "shard": (lambda: facenet_rs.align_folder("a", "b", shard=(-1, 2)), "shard is -1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_arguments_that_are_refused(what: str) -> None:
    call, word = REFUSED[what]
    with pytest.raises(errors.InvalidArgumentError) as raised:
        call()
    assert word in str(raised.value)


@pytest.mark.parametrize(
    ("a", "b"), [([1, 2], [1, 2, 3]), ([], []), (np.zeros((2, 2, 2)), [1, 2]), (1, 2), ([[1, 2]], [[1]])]
)
def test_vectors_that_cannot_be_compared(a: object, b: object) -> None:
    with pytest.raises(errors.DimensionMismatchError):
        facenet_rs.distance(a, b)  # type: ignore[arg-type]


def test_no_face(facenet: Facenet) -> None:
    blank = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(errors.NoFaceError, match="no face"):
        facenet.embed(blank)
    with pytest.raises(errors.NoFaceError, match="picture 1"):
        facenet.embed([np.asarray(Image.open(PHOTO)), blank])
    with pytest.raises(errors.NoFaceError, match="picture 0"):
        facenet.compare(blank, PHOTO)


def test_a_face_of_another_size(facenet: Facenet) -> None:
    with pytest.raises(errors.InvalidArgumentError, match="160x160"):
        facenet.embedder.embed(np.zeros((100, 100, 3), np.uint8))


def test_a_hint_names_what_python_calls(tmp_path: Path) -> None:
    graph = Path(__file__).parents[2] / "tests" / "data" / "model" / "unfused.pb.gz"
    (tmp_path / "net.pb").write_bytes(gzip.decompress(graph.read_bytes()))
    with pytest.raises(errors.ModelInvalidError, match=r"net\.pb.*facenet_rs\.import_model\(\)"):
        facenet_rs.model_info(tmp_path / "net.pb")


def test_modules_are_there_after_the_import_of_the_package() -> None:
    code = "import facenet_rs; facenet_rs.errors.NoFaceError; assert not hasattr(facenet_rs, 'nothing')"
    subprocess.run([sys.executable, "-c", code], check=True)
