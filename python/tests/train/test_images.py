"""Which images are trained with."""

import io
import shutil
import tarfile
from pathlib import Path

import facenet_rs
import h5py
import numpy as np
import pytest
import torch
import webdataset
from facenet_rs import FolderEmbeddings
from facenet_rs.errors import DatasetInvalidError, InvalidArgumentError
from facenet_rs.train import filtering
from facenet_rs.train.images import Images, Loader
from PIL import Image


def images(*counts):
    names = [f"P{i}" for i in range(len(counts))]
    paths = [f"/data/P{i}/{k}.png" for i, count in enumerate(counts) for k in range(count)]
    return Images(paths, [i for i, count in enumerate(counts) for _ in range(count)], names)


@pytest.mark.parametrize("ratio", [0.05, 0.2, 0.5, 0.9])
def test_split_keeps_every_image_once(ratio):
    whole = images(1, 2, 7, 20)
    training, validation = whole.split(ratio, 0, 1)
    assert sorted(training.paths + validation.paths) == sorted(whole.paths)
    assert training.names == validation.names == whole.names
    assert set(training.labels) == {0, 1, 2, 3}
    for part in (training, validation):
        assert all(f"/{part.names[label]}/" in path for path, label in zip(part.paths, part.labels, strict=True))
    counts = np.bincount(training.labels)
    # As facenet: floor(n (1 - ratio)), and one image of two or more for validation.
    assert counts.tolist() == [max(min(int(n * (1 - ratio)), n - 1), 1) for n in (1, 2, 7, 20)]


def test_split_depends_on_the_seed_alone():
    whole = images(9, 9)
    assert whole.split(0.3, 0, 1) == whole.split(0.3, 0, 1) != whole.split(0.3, 0, 2)
    assert whole.split(0.0, 0, 1)[1].paths == []
    # People with few images are not validated with.
    training, validation = images(3, 10).split(0.2, 5, 1)
    assert np.bincount(training.labels).tolist() == [3, 8] and set(validation.labels) == {1}


def metrics(path, names, distances):
    with h5py.File(path, "w") as file:
        file.create_dataset("image_list", data=[f"elsewhere/{name}" for name in names], dtype=h5py.string_dtype())
        file.create_dataset("distance_to_center", data=np.array(distances, np.float32))


def test_filter_leaves_out_what_is_far_and_people_with_few_images(tmp_path):
    whole = images(10, 10)
    distances = [*np.linspace(0, 0.5, 10), *np.linspace(0.5, 1, 10)]
    metrics(tmp_path / "m.h5", ["/".join(path.split("/")[-2:]) for path in whole.paths], distances)
    kept = filtering.filtered(whole, tmp_path / "m.h5", 75, 0)
    limit = filtering.threshold(np.array(distances, np.float32), 75)
    assert kept.paths == [path for path, distance in zip(whole.paths, distances, strict=True) if distance < limit]
    assert len(kept.paths) == 15
    assert filtering.filtered(whole, tmp_path / "m.h5", 75, 6).names == ["P0"]
    assert filtering.filtered(whole, tmp_path / "m.h5", 100, 0) == whole
    with pytest.raises(DatasetInvalidError, match="no image is left"):
        filtering.filtered(whole, tmp_path / "m.h5", 75, 11)


@pytest.mark.parametrize("distances", [[], [1.0], [float("nan")] * 20])
def test_damaged_metrics(distances, tmp_path):
    metrics(tmp_path / "m.h5", [f"P0/{i}.png" for i in range(20)], distances)
    with pytest.raises(DatasetInvalidError):
        filtering.filtered(images(20), tmp_path / "m.h5", 75, 0)


def test_metrics_are_the_distances_to_the_mean(faces, tmp_path, monkeypatch):
    embeddings = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)

    files = [file for person in sorted(faces.iterdir()) for file in sorted(person.iterdir())]
    names, people = [f"{file.parent.name}/{file.name}" for file in files], [file.parent.name for file in files]
    found = FolderEmbeddings(embeddings, names, people, [], {})
    monkeypatch.setattr(filtering, "embed_folder", lambda *arguments, **settings: found)
    assert filtering.calculate_filtering_metrics(faces, tmp_path / "m.h5") == 24
    with h5py.File(tmp_path / "m.h5") as file:
        assert set(file) == {"class_names", "image_list", "label_list", "distance_to_center"}
        for row in range(24):
            label = file["label_list"][row]
            own = embeddings[6 * label : 6 * label + 6]
            wanted = np.sqrt(((embeddings[row] - own.mean(0)) ** 2).sum())
            assert abs(file["distance_to_center"][row] - wanted) < 1e-6
    assert len(filtering.filtered(Images.read(faces), tmp_path / "m.h5", 50, 0).paths) < 24


def test_metrics_of_other_images_are_refused(tmp_path):
    metrics(tmp_path / "m.h5", [f"P0/{i}.png" for i in range(5)], np.linspace(0, 1, 5))
    unnamed = Images([f"shards/faces.tar/{i}.png" for i in range(5)], [0] * 5, ["7"])
    with pytest.raises(DatasetInvalidError, match=r"none of the images .* P0/0.png.* faces.tar/0.png"):
        filtering.filtered(unnamed, tmp_path / "m.h5", 75, 0)


def test_what_cannot_be_read_is_told(faces, tmp_path):
    shutil.copytree(faces, tmp_path / "faces")
    (tmp_path / "faces/Zed").symlink_to("nowhere")
    with pytest.warns(UserWarning, match="Zed"):
        assert len(Images.read(tmp_path / "faces").paths) == 24
    counts = facenet_rs.pack_folder(tmp_path / "faces", tmp_path / "shards")
    assert (counts["unreadable"], counts["packed"]) == (1, 24)


def names(paths):
    return ["/".join(path.split("/")[-2:]) for path in paths]


def test_shards_hold_the_images_of_the_folder(faces, shards, tmp_path):
    loose, packed = Images.read(faces), Images.read(shards)
    assert (packed.labels, packed.names, names(packed.paths)) == (loose.labels, loose.names, names(loose.paths))
    for ours, theirs in zip(packed.split(0.3, 0, 1), loose.split(0.3, 0, 1), strict=True):
        assert (ours.labels, names(ours.paths)) == (theirs.labels, names(theirs.paths))
    metrics(tmp_path / "m.h5", names(loose.paths), np.linspace(0, 1, 24))
    ours, theirs = (filtering.filtered(images, tmp_path / "m.h5", 50, 0) for images in (packed, loose))
    assert names(ours.paths) == names(theirs.paths) and 0 < len(ours.paths) < 24


# It does not close the files it has read.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_webdataset_reads_the_shards(faces, shards):
    found = {}
    for shard in sorted(shards.glob("*.tar")):
        for sample in webdataset.WebDataset(str(shard), shardshuffle=False).decode("rgb8"):
            found[sample["__key__"]] = sample["cls"], sample["png"]
    loose = Images.read(faces)
    assert sorted(found) == [name.removesuffix(".png") for name in names(loose.paths)]
    for path, name, label in zip(loose.paths, names(loose.paths), loose.labels, strict=True):
        assert found[name.removesuffix(".png")][0] == label
        np.testing.assert_array_equal(found[name.removesuffix(".png")][1], np.asarray(Image.open(path)))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, "webdataset"])
def test_shards_of_others(form, faces, tmp_path):
    loose = Images.read(faces)
    (tmp_path / "shards").mkdir()
    contents = {name: Path(path).read_bytes() for name, path in zip(names(loose.paths), loose.paths, strict=True)}
    if form == "webdataset":
        with webdataset.TarWriter(str(tmp_path / "shards/a.tar")) as writer:
            for name, content in contents.items():
                writer.write({"__key__": name.removesuffix(".png"), "png": content, "json": {"no": "matter"}})
    else:
        with tarfile.open(tmp_path / "shards/a.tar", "w", format=form) as tar:
            for name, content in contents.items():
                member = tarfile.TarInfo(name)
                # A time that is no whole number, and an owner with a long number, are in a header of their own.
                member.size, member.mtime, member.uid = (
                    len(content),
                    1.5,
                    3_000_000 if form == tarfile.PAX_FORMAT else 0,
                )
                tar.addfile(member, io.BytesIO(content))
    packed = Images.read(tmp_path / "shards")
    assert (packed.labels, packed.names, names(packed.paths)) == (loose.labels, loose.names, names(loose.paths))
    feeds = [Loader(images.paths, LOADED, torch.device("cpu"), True) for images in (loose, packed)]
    for ours, theirs in zip(*(feed.batches([range(24)], 1) for feed in feeds), strict=True):
        assert torch.equal(ours, theirs)


LOADED = {
    "data_dir": "",
    "image_size": 64,
    "random_crop": True,
    "random_flip": True,
    "random_rotate": False,
    "use_fixed_image_standardization": True,
    "seed": 1,
    "nrof_preprocess_threads": 2,
    "channels_last": False,
}


def test_packing_goes_on_and_refuses(faces, tmp_path):
    told = []
    counts = facenet_rs.pack_folder(faces, tmp_path, shard_size=10, progress=lambda *step: told.append(step))
    assert (counts["images"], counts["shards"], counts["packed"], told[-1]) == (24, 3, 24, (24, 24))
    assert facenet_rs.pack_folder(faces, tmp_path, shard_size=10)["done_before"] == 24
    for size in (0, 9, -1):
        with pytest.raises(InvalidArgumentError):
            facenet_rs.pack_folder(faces, tmp_path, shard_size=size)
