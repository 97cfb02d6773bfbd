"""Folders of pictures: as the program, and going on where a call stopped."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import facenet_rs
import numpy as np
import pytest
from facenet_rs import Facenet, FolderEmbeddings, errors

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def album(tmp_path: Path, photos: Path) -> Path:
    """Photos of three people, one that is broken, and one of nobody."""
    image = pytest.importorskip("PIL.Image")
    for person, names in {"Ann": ["astronaut.png"], "Bob": ["biden.jpg"], "Cem": ["obama.jpg", "obama2.jpg"]}.items():
        (tmp_path / "album" / person).mkdir(parents=True)
        for name in names:
            (tmp_path / "album" / person / name).symlink_to(photos / name)
    (tmp_path / "album" / "Bob" / "broken.jpg").write_bytes((photos / "biden.jpg").read_bytes()[:5000])
    image.new("RGB", (120, 120)).save(tmp_path / "album" / "Ann" / "nobody.png")
    return tmp_path / "album"


def test_align_folder_gives_the_pixels_of_the_program(album: Path, tmp_path: Path, program: Program) -> None:
    image = pytest.importorskip("PIL.Image")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    counts = facenet_rs.align_folder(album, ours)
    program("align", album, theirs)
    names = sorted(path.relative_to(ours) for path in ours.rglob("*.png"))
    assert len(names) == 4 and names == sorted(path.relative_to(theirs) for path in theirs.rglob("*.png"))
    for name in names:
        a, b = (np.asarray(image.open(folder / name)) for folder in (ours, theirs))
        assert a.shape == (160, 160, 3) and np.array_equal(a, b)
    assert (counts["images"], counts["aligned"], counts["no_face"], counts["broken"]) == (6, 4, 1, 1)


def test_align_folder_goes_on(album: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    output = tmp_path / "out"
    first = facenet_rs.align_folder(album, output, shard=(1, 2))
    second = facenet_rs.align_folder(album, output, progress=lambda *step: told.append(step))
    assert first["aligned"] + second["aligned"] == 4
    assert first["aligned"] == second["done_before"] > 0
    left = 6 - second["done_before"] - second["failed_before"] - second["duplicates"]
    assert told[-1] == (left, left)
    third = facenet_rs.align_folder(album, output, order_seed=3)
    assert third["aligned"] == 0 and json.dumps(third)
    with pytest.raises(errors.NotFoundError, match="nowhere"):
        facenet_rs.align_folder(tmp_path / "nowhere", output)


def test_embed_folder(album: Path, tmp_path: Path, facenet: Facenet, program: Program) -> None:
    found = facenet_rs.embed_folder(album, embedder=facenet)
    assert found.names == ["Ann/astronaut.png", "Bob/biden.jpg", "Cem/obama.jpg", "Cem/obama2.jpg"]
    assert found.people == ["Ann", "Bob", "Cem", "Cem"]
    assert {name for name, _ in found.failures} == {"Ann/nobody.png", "Bob/broken.jpg"}
    for name, vector in zip(found.names, found.embeddings, strict=True):
        np.testing.assert_allclose(vector, facenet.embed(album / name), atol=1e-6)
    found.write(tmp_path / "faces.npy")
    assert np.array_equal(np.load(tmp_path / "faces.npy"), found.embeddings)
    read = FolderEmbeddings.read(tmp_path / "faces.npy")
    assert np.array_equal(read.embeddings, found.embeddings)
    assert (read.names, read.people, read.description) == (found.names, found.people, found.description)
    clustered = program("cluster", "--json", tmp_path / "faces.npy")
    assert clustered.returncode == 0, clustered.stderr
    labels = facenet_rs.cluster(found.embeddings).labels
    assert labels[2] == labels[3] and len(set(labels)) == 3


def test_read_what_the_program_wrote(photos: Path, tmp_path: Path, facenet: Facenet, program: Program) -> None:
    done = program("embed", "--output", tmp_path / "x.npy", photos / "obama.jpg", photos / "biden.jpg")
    assert done.returncode == 0, done.stderr
    read = FolderEmbeddings.read(tmp_path / "x.npy")
    assert read.embeddings.shape == (2, 512)
    assert read.description["fingerprint"] == facenet.embedder.fingerprint


def test_read_and_write_refuse(tmp_path: Path) -> None:
    with pytest.raises(errors.NotFoundError):
        FolderEmbeddings.read(tmp_path / "nobody.npy")
    (tmp_path / "wrong.npy").write_bytes(b"no array")
    with pytest.raises(errors.FacenetError):
        FolderEmbeddings.read(tmp_path / "wrong.npy")
    with pytest.raises(errors.FacenetError):
        FolderEmbeddings(np.zeros((2, 3), np.float32), ["one"], [None], [], {}).write(tmp_path / "x.npy")
    assert not (tmp_path / "x.npy").exists()


def test_export(album: Path, tmp_path: Path, facenet: Facenet) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    output = tmp_path / "export"
    counts = facenet_rs.export_embeddings(album, output, embedder=facenet, part_size=2)
    assert counts["complete"] and counts["faces"] == 4 and counts["failed"] == 2
    vectors = np.load(output / "embeddings.npy")
    assert np.load(output / "label_strings.npy").tolist() == ["Ann", "Bob", "Cem", "Cem"]
    assert len(set(np.load(output / "labels.npy").tolist())) == 3
    np.testing.assert_allclose(vectors, facenet_rs.embed_folder(album, embedder=facenet).embeddings, atol=1e-6)
    rows = sum(parquet.read_table(file).num_rows for file in output.rglob("*.parquet"))
    assert rows == 4
    again = facenet_rs.export_embeddings(album, output, embedder=facenet, part_size=2)
    assert again["processed"] == 0


def test_aligned_faces_are_the_default(album: Path, tmp_path: Path, facenet: Facenet) -> None:
    facenet_rs.align_folder(album, tmp_path / "aligned")
    found = facenet_rs.embed_folder(tmp_path / "aligned")
    assert [name.removesuffix(".png") for name in found.names] == [
        "Ann/astronaut",
        "Bob/biden",
        "Cem/obama",
        "Cem/obama2",
    ]
    # The program takes the face that is large and near the centre.
    expected = facenet_rs.embed_folder(album, embedder=facenet, select="central").embeddings
    np.testing.assert_allclose(found.embeddings, expected, atol=1e-5)
