"""Which images are trained with."""

import h5py
import numpy as np
import pytest
from facenet_rs import FolderEmbeddings
from facenet_rs.errors import DatasetInvalidError
from facenet_rs.train import filtering
from facenet_rs.train.images import Images


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
