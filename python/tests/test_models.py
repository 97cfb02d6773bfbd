"""Model files, the runtime, and what a machine has."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import facenet_rs
import pytest
from facenet_rs import Embedder, Facenet, Runtime, errors


def test_info_and_verify(facenet: Facenet) -> None:
    path = facenet.embedder.path
    info = facenet_rs.model_info(path)
    assert info["name"] == facenet.embedder.name and json.dumps(info)
    assert facenet_rs.verify_model(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_damaged_weights(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "models" / "mtcnn-onet.onnx"
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(content)
    with pytest.raises(errors.ModelMismatchError, match="damaged"):
        facenet_rs.verify_model(damaged)
    damaged.write_bytes(content[:1000])
    with pytest.raises(errors.ModelInvalidError):
        facenet_rs.model_info(damaged)


@pytest.mark.parametrize("content", [b"", b"# text", b"\0" * 1000])
def test_wrong_files(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong.pb"
    wrong.write_bytes(content)
    for call in (facenet_rs.model_info, facenet_rs.verify_model, lambda path: Embedder(model=path)):
        with pytest.raises((errors.ModelInvalidError, errors.ModelUnsupportedError), match="wrong.pb"):
            call(wrong)
    with pytest.raises((errors.ModelInvalidError, errors.ModelUnsupportedError), match="wrong.pb"):
        facenet_rs.import_model(wrong, tmp_path / "made.onnx")
    assert not (tmp_path / "made.onnx").exists()
    with pytest.raises(errors.NotFoundError, match="nobody"):
        facenet_rs.import_model(tmp_path / "nobody.pb", tmp_path / "made.onnx")


def test_a_detector_is_no_embedder() -> None:
    with pytest.raises((errors.ModelMismatchError, errors.ModelUnsupportedError, errors.ModelInvalidError)):
        Embedder(model=Path(__file__).parents[2] / "models" / "mtcnn-onet.onnx")


def test_embedder_says_what_the_file_says(facenet: Facenet) -> None:
    embedder, info = facenet.embedder, facenet_rs.model_info(facenet.embedder.path)
    assert embedder.description["fingerprint"] == embedder.fingerprint
    assert (embedder.input_size, embedder.dimension, embedder.metric) == (160, 512, "euclidean")
    assert info["embedding"] == embedder.spec
    mirrored = Embedder(facenet.runtime, mirror="concatenate")
    assert mirrored.dimension == 1024 and mirrored.fingerprint != embedder.fingerprint


def test_runtime() -> None:
    runtime = Runtime(threads=2)
    assert runtime.info["threads"] == 2 and runtime.provider == "cpu"
    assert Path(runtime.info["library"]).is_file()
    assert "threads=2" in repr(runtime)


def test_wanted_providers_are_never_replaced() -> None:
    if "CUDAExecutionProvider" in Runtime().info["built_with"]:
        pytest.skip("this ONNX Runtime has CUDA")
    with pytest.raises(errors.ProviderUnavailableError, match="cuda"):
        Runtime(provider="cuda")
    assert Runtime(provider="auto").provider == "cpu"


def test_folder_of_models(tmp_path: Path) -> None:
    with pytest.raises(errors.FacenetError):
        Facenet(models=tmp_path)


def test_doctor() -> None:
    found = facenet_rs.doctor()
    assert found.works and json.dumps(found.details) and os.fspath(Runtime().info["library"]) in str(found)


def test_a_model_may_have_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "models" / "facenet-20180408-102900.onnx"
    model = os.fsencode(tmp_path) + b"/m\xff.onnx"
    os.symlink(os.fsencode(shipped), model)
    assert Embedder(model=os.fsdecode(model)).fingerprint == Embedder().fingerprint
