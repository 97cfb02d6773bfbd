"""What cannot work is refused before the first step."""

import json

import pytest
from facenet_rs import _native
from facenet_rs.errors import (
    DatasetInvalidError,
    FacenetError,
    InvalidArgumentError,
    ModelInvalidError,
    NotFoundError,
)
from facenet_rs.train import train
from facenet_rs.train.__main__ import main
from facenet_rs.train.schedule import Schedule
from facenet_rs.train.settings import completed
from facenet_rs.train.trainer import Trainer
from PIL import Image
from test_run import history, pairs_file


@pytest.fixture(autouse=True)
def nothing_is_trained(monkeypatch):
    """Fail at the first step."""
    monkeypatch.setattr(Trainer, "step", lambda *_: pytest.fail("it was trained"))


def refused(settings, error, *words):
    with pytest.raises(error) as told:
        train(**settings)
    for word in words:
        assert word in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"5: 0.1\n", ["line 1", "begins with epoch 5"]),
        (b"# none\n2: 0.1\n", ["line 2", "begins with epoch 2"]),
        (b"0: nan\n", ["line 1", "nan is no learning rate"]),
        (b"0: 0.1\n3: inf\n", ["line 2", "inf is no learning rate"]),
        (b"0: 0.1\n3: 0\n", ["line 2", "0 is no learning rate"]),
        (b"0: 0.1\n3: -0.1\n", ["line 2", "-0.1 is no learning rate"]),
        (b"-2: 0.1\n", ["line 1", "epoch -2"]),
        (b"0: 0.1\n1: -1\n", ["before epoch 1"]),
        (b"0: 0.1\n# langsamer f\xfcr sp\xe4ter\n9: 0.01\n", ["line 2", "0xfc is not UTF-8"]),
        ("0: 0.1\n".encode("utf-16"), ["line 1", "UTF-16"]),
        (b"", ["no line"]),
    ],
)
def test_schedules_that_cannot_work(text, words, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(_native, "people_of", lambda _: pytest.fail("the images were listed"))
    file = tmp_path / "schedule.txt"
    file.write_bytes(text)
    settings |= {"learning_rate": -1.0, "learning_rate_schedule_file": str(file)}
    refused(settings, DatasetInvalidError, str(file), "learning_rate_schedule_file", *words)


def test_schedules_that_are_read(settings, tmp_path):
    file = tmp_path / "schedule.txt"
    file.write_bytes(b"\xef\xbb\xbf1: 0.1\r\n65: 0.01\r\n80: -1\r\n")
    settings |= {"learning_rate": -1.0, "learning_rate_schedule_file": str(file), "max_nrof_epochs": 70}
    schedule = Schedule(completed(settings))
    assert [schedule.rate(epoch) for epoch in (1, 64, 65, 79, 80)] == [0.1, 0.1, 0.01, 0.01, -1.0]
    assert list(schedule.remarks()) == []
    [late] = Schedule(completed({**settings, "max_nrof_epochs": 50})).remarks()
    assert "epoch 65" in late and "max_nrof_epochs is 50" in late
    [ignored] = Schedule(completed({**settings, "learning_rate": 0.1})).remarks()
    assert "is not read" in ignored


def test_pairs_that_cannot_be_evaluated(settings, faces, tmp_path):
    path = pairs_file(tmp_path, faces)
    settings |= {"lfw_dir": str(faces), "lfw_pairs": str(path), "lfw_nrof_folds": 2}
    lines = path.read_text().splitlines()[1:]
    path.write_text("\n".join(sorted(lines, key=lambda line: line.count("\t"))) + "\n")
    refused(settings, DatasetInvalidError, str(path), "lfw_pairs", "fold 2 of 2 has 0 pairs of the same and 8")
    path.write_text("\n".join(lines) + "\n")
    refused({**settings, "lfw_nrof_folds": 40}, DatasetInvalidError, str(path), "lfw_nrof_folds", "40 folds of 17")


def of_size(folder, faces, size):
    """The faces, each of this size."""
    for person in faces.iterdir():
        (folder / person.name).mkdir(parents=True)
        for file in person.iterdir():
            Image.open(file).resize(size).save(folder / person.name / file.name)
    return str(folder)


@pytest.mark.parametrize("crop", [True, False])
def test_images_smaller_than_the_network_sees(crop, settings, faces):
    settings |= {"image_size": 100, "random_crop": crop}
    refused(settings, DatasetInvalidError, "data_dir", "88x88", "image_size, 100", "24 of 24", str(faces))


@pytest.mark.parametrize("size", [(160, 160), (80, 60), (96, 88), (79, 79)])
def test_lfw_that_is_not_aligned_for_this_size(size, settings, faces, tmp_path):
    settings |= {"lfw_dir": of_size(tmp_path / "lfw", faces, size), "lfw_nrof_folds": 2}
    settings |= {"lfw_pairs": str(pairs_file(tmp_path, faces))}
    refused(settings, DatasetInvalidError, "lfw_dir", f"{size[0]}x{size[1]}", "image_size 80 ")


def test_more_people_than_there_are(settings, faces, tmp_path):
    settings |= {"method": "triplet", "people_per_batch": 4, "images_per_person": 3}
    refused({**settings, "people_per_batch": 5}, InvalidArgumentError, "people_per_batch is 5", "only 4 people")
    refused({**settings, "images_per_person": 7}, InvalidArgumentError, "ask for 28 images", "only 24")
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "one").symlink_to(faces / "biden")
    alone = {**settings, "method": "softmax", "data_dir": str(tmp_path / "alone")}
    refused(alone, DatasetInvalidError, "has 1 people")
    settings |= {"method": "softmax", "validation_set_split_ratio": 0.1, "min_nrof_val_images_per_class": 10}
    refused(settings, DatasetInvalidError, "validation_set_split_ratio")


def test_weights_of_others_are_refused_with_advice(settings, tmp_path):
    import torch

    def file(name, write):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name)
        return str(tmp_path / name)

    def text(path):
        path.write_bytes(b"text")

    plain = file("plain.pt", lambda path: torch.save({"conv1.weight": torch.zeros(3)}, path))
    whole = file("whole.pt", lambda path: torch.save(torch.nn.Linear(2, 2), path))
    legacy = file(
        "legacy.pt",
        lambda path: torch.save(torch.nn.Linear(2, 2), path, _use_new_zipfile_serialization=False),
    )
    for path in (plain, whole, legacy):
        refused({**settings, "pretrained_model": path}, ModelInvalidError, path, "safetensors.torch.save_file")
    file("tf/model-1.ckpt-275.index", text)
    file("tf/model-1.meta", text)
    graph = file("graph.pb", text)
    for path in (str(tmp_path / "tf"), str(tmp_path / "tf" / "model-1.ckpt-275"), graph):
        refused({**settings, "pretrained_model": path}, ModelInvalidError, path, "pretrained_model", "import_model")
    nonsense = file("nonsense.pt", text)
    with pytest.raises(ModelInvalidError) as told:
        train(**{**settings, "pretrained_model": nonsense})
    assert "weights_only" not in str(told.value) and "\n" not in str(told.value)
    refused({**settings, "pretrained_model": str(tmp_path / "missing.pt")}, NotFoundError, "missing.pt")


def test_no_home_folder(settings, monkeypatch, tmp_path, capsys):
    def unknown(path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.expanduser", unknown)
    for name in ("models_base_dir", "data_dir", "lfw_dir", "pretrained_model"):
        given = {**settings, name: "~/faces"}
        file = tmp_path / "settings.json"
        file.write_text(json.dumps(given))
        assert main([str(file)]) == 1
        assert "HOME" in capsys.readouterr().err
        with pytest.raises(FacenetError):
            train(**given)


def test_what_is_just_possible_is_trained(settings, faces, tmp_path, monkeypatch):
    monkeypatch.undo()
    settings |= {"lfw_dir": of_size(tmp_path / "lfw", faces, (100, 100)), "lfw_nrof_folds": 2, "max_nrof_epochs": 1}
    trained = train(**{**settings, "lfw_pairs": str(pairs_file(tmp_path, faces)), "image_size": 88})
    assert len(history(trained.logs)) == 4


def test_settings_of_the_native_module_that_nobody_reads(faces):
    known = {
        "paths": [str(next(faces.rglob("*.png")))],
        "image_size": 8,
        "random_crop": False,
        "random_flip": False,
        "random_rotate": False,
        "standardization": "fixed",
        "seed": 1,
        "threads": 1,
    }
    assert _native.Feed(known).size(0) == (88, 88)
    with pytest.raises(InvalidArgumentError, match="labels"):
        _native.Feed({**known, "labels": [0]})
    del known["seed"]
    with pytest.raises(InvalidArgumentError, match="seed"):
        _native.Feed(known)
