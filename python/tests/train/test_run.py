"""Whole trainings of a small network."""

import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from facenet_rs.errors import (
    DatasetInvalidError,
    InvalidArgumentError,
    ModelInvalidError,
    ModelMismatchError,
    NotFoundError,
)
from facenet_rs.train import checkpoint, evaluation, train
from facenet_rs.train.distributed import Ranks
from facenet_rs.train.run import run
from facenet_rs.train.settings import completed
from facenet_rs.train.trainer import Model
from facenet_rs.train.work import Work
from safetensors.torch import load_file


def history(folder):
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def losses(folder):
    return [(line["step"], line["loss"], line["accuracy"]) for line in history(folder) if "step" in line]


def pairs_file(folder, faces):
    """Pairs of two images of a person, one of which lacks an image, and as many of two people."""
    names = sorted(person.name for person in faces.iterdir())
    lines = ["1\t9"]
    for i in range(8):
        name, other = names[i % 4], names[(i + 1) % 4]
        lines += [f"{name}\t{i // 4 + 1}\t{i // 4 + 3}", f"{name}\t{i // 4 + 1}\t{other}\t{i // 4 + 2}"]
    path = folder / "pairs.txt"
    path.write_text("\n".join([*lines, f"{names[0]}\t1\t99", f"{names[0]}\t2\t{names[1]}\t4", ""]))
    return path


def test_everything_is_written(settings, faces, tmp_path, capsys):
    settings |= {
        "lfw_dir": str(faces),
        "lfw_pairs": str(pairs_file(tmp_path, faces)),
        "lfw_nrof_folds": 2,
        "lfw_use_flipped_images": True,
        "validation_set_split_ratio": 0.2,
        "validate_every_n_epochs": 1,
        "center_loss_factor": 0.01,
        "prelogits_norm_loss_factor": 1e-4,
        "random_crop": True,
        "random_flip": True,
        "random_rotate": True,
        "keep_probability": 0.8,
        "log_histograms": True,
        "max_nrof_epochs": 4,
    }
    trained = train(**settings)
    assert trained.steps == 12
    said = capsys.readouterr().out
    assert "Epoch: [1][1/3]\tTime " in said and "images/s\t0 min 00 s left" in said
    assert "1 pairs lack an image" in said
    assert trained.model is not None
    assert {file.name for file in trained.models.iterdir()} == {
        trained.model.name,
        "best.pt",
        "checkpoint-00000006.pt",
        "checkpoint-00000009.pt",
        "checkpoint-00000012.pt",
        "model.safetensors",
    }
    logs = trained.logs
    assert {"arguments.txt", "revision_info.txt", "stat.h5", "lfw_result.txt", "history.jsonl"} < {
        file.name for file in logs.iterdir()
    }
    assert any(file.name.startswith("events.out.tfevents") for file in logs.iterdir())
    assert "batch_size: 6\n" in (logs / "arguments.txt").read_text()
    lines = history(logs)
    steps = [line for line in lines if "step" in line]
    assert [line["step"] for line in steps] == list(range(1, 13))
    assert {"step", "epoch", "loss", "xent", "reg_loss", "accuracy", "lr", "cl", "time"} <= set(steps[0])
    assert all(math.isclose(line["loss"], line["xent"] + line["reg_loss"], rel_tol=1e-5) for line in steps)
    validations = [line for line in lines if "val_loss" in line]
    measured = [line for line in lines if "lfw_accuracy" in line]
    assert [line["epoch"] for line in validations] == [line["epoch"] for line in measured] == [1, 2, 3, 4]
    with h5py.File(logs / "stat.h5") as stat:
        stored = {name: values[:] for name, values in stat.items()}
    np.testing.assert_allclose(stored["loss"], [line["loss"] for line in steps], rtol=1e-6)
    np.testing.assert_allclose(stored["center_loss"], [line["cl"] for line in steps], rtol=1e-6)
    np.testing.assert_allclose(stored["val_accuracy"], [line["val_accuracy"] for line in validations], rtol=1e-6)
    np.testing.assert_allclose(stored["lfw_accuracy"], [line["lfw_accuracy"] for line in measured], rtol=1e-6)
    assert stored["prelogits_hist"].shape == (4, 1000)
    assert stored["prelogits_hist"].sum() == 12 * 6 * 16
    results = [line.split("\t") for line in (logs / "lfw_result.txt").read_text().splitlines()]
    assert [int(line[0]) for line in results] == [3, 6, 9, 12]
    assert set(stored) == {
        *("loss", "center_loss", "reg_loss", "xent_loss", "prelogits_norm", "accuracy", "val_loss", "val_xent_loss"),
        *("val_accuracy", "lfw_accuracy", "lfw_valrate", "learning_rate", "time_train", "time_validate"),
        *("time_evaluate", "prelogits_hist"),
    }


@pytest.fixture
def eight(faces, tmp_path):
    """Two images of each person."""
    for person in sorted(faces.iterdir()):
        (tmp_path / "eight" / person.name).mkdir(parents=True)
        for file in sorted(person.iterdir())[:2]:
            (tmp_path / "eight" / person.name / file.name).hardlink_to(file)
    return str(tmp_path / "eight")


def test_eight_images_are_learned_by_heart(settings, eight):
    settings |= {"data_dir": eight, "batch_size": 8, "epoch_size": 60, "max_nrof_epochs": 1, "learning_rate": 0.05}
    lines = history(train(**{**settings, "weight_decay": 0.0}).logs)
    assert lines[0]["loss"] > 1
    assert np.mean([line["loss"] for line in lines[-5:]]) < 0.03


def test_triplets_of_eight_images_all_keep_the_margin_in_the_end(settings, eight, capsys):
    settings |= {
        "data_dir": eight,
        "batch_size": 24,
        "people_per_batch": 4,
        "images_per_person": 2,
        "method": "triplet",
    }
    trained = train(**{**settings, "learning_rate": 0.05, "epoch_size": 60, "alpha": 0.05})
    assert 0 < trained.steps < 120
    assert "Nothing is left to learn" in capsys.readouterr().out


@pytest.mark.parametrize("method", ["softmax", "triplet"])
def test_a_killed_run_goes_on_with_the_same_losses(method, settings, script, tmp_path):
    settings |= {
        "method": method,
        "epoch_size": 8,
        "checkpoint_every": 3,
        "people_per_batch": 4,
        "images_per_person": 3,
        "keep_probability": 0.7,
        "random_crop": True,
        "random_flip": True,
        "center_loss_factor": 0.1 if method == "softmax" else 0.0,
    }
    whole = losses(train(**settings).logs)
    assert len(whole) == 16
    settings |= {name: str(tmp_path / f"killed_{name}") for name in ("models_base_dir", "logs_base_dir")}
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(settings))
    process = subprocess.Popen([*script, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Epoch: [2][3/8]"):
            process.kill()
            break
    process.wait()
    process.stdout.close()
    [logs], [models] = (list(Path(settings[name]).iterdir()) for name in ("logs_base_dir", "models_base_dir"))
    assert checkpoint.newest(models).name == "checkpoint-00000009.pt"
    with (logs / "history.jsonl").open("a") as file:
        file.write('{"step": 11, "epo')
    trained = train(resume=str(models))
    assert (trained.logs, trained.models) == (logs, models)
    assert losses(logs) == whole


def test_a_run_that_ends_within_an_epoch_measures_its_statistics(settings):
    first = train(**{**settings, "epoch_size": 4, "checkpoint_every": 3})
    (first.models / "checkpoint-00000008.pt").unlink()
    ended = train(resume=str(first.models), max_nrof_epochs=1)
    assert ended.steps == 6
    stopped = torch.load(first.models / "checkpoint-00000006.pt", weights_only=True)
    averaged = {**stopped["model"], **stopped["average"]}
    written = load_file(first.models / "model.safetensors")
    assert written["conv1.conv.weight"].equal(averaged["network.conv1.conv.weight"])
    assert not written["conv1.bn.running_mean"].equal(averaged["network.conv1.bn.running_mean"])


@pytest.mark.parametrize("method", ["softmax", "triplet"])
def test_shards_give_the_losses_of_the_folder(method, settings, shards):
    settings |= {
        "method": method,
        "people_per_batch": 4,
        "images_per_person": 3,
        "random_crop": True,
        "random_flip": True,
    }
    settings |= {"validation_set_split_ratio": 0.2, "validate_every_n_epochs": 1}
    loose, packed = (train(**{**settings, **data}) for data in ({}, {"data_dir": str(shards)}))
    assert losses(packed.logs) == losses(loose.logs)
    # And goes on from one with the other, which holds the same images.
    more = train(resume=str(packed.models), data_dir=settings["data_dir"], max_nrof_epochs=3)
    assert more.steps == 9


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM, signal.SIGTERM], [signal.SIGHUP]])
def test_a_request_to_end_saves_and_exits_with_130(signals, settings, script, tmp_path):
    settings |= {"epoch_size": 1000, "checkpoint_every": 0}
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(settings))
    process = subprocess.Popen([*script, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    for line in process.stdout:
        if line.startswith("Epoch: [1][2/1000]"):
            # As from `timeout` or systemd, which reach a process themselves and through its parent.
            for number in signals:
                os.kill(process.pid, number)
            break
    process.stdout.read()
    assert process.wait() == 130, process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    [models], [logs] = (list(Path(settings[name]).iterdir()) for name in ("models_base_dir", "logs_base_dir"))
    assert checkpoint.read(checkpoint.newest(models))["step"] == history(logs)[-1]["step"] >= 2


def test_a_process_of_torchrun_ends_with_it(settings, script, tmp_path):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({**settings, "epoch_size": 1000}))
    environment = {**os.environ, "TORCHELASTIC_RUN_ID": "none"}
    # A shell stands in for torchrun.
    command = ["sh", "-c", '"$@" & wait', "sh", *script, str(file)]
    parent = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    for line in parent.stdout:
        if line.startswith("Epoch: [1][2/1000]"):
            parent.kill()
            break
    # Its end closes the pipe.
    parent.stdout.read()
    parent.stdout.close()
    parent.wait()
    [models] = Path(settings["models_base_dir"]).iterdir()
    assert 2 <= checkpoint.read(checkpoint.newest(models))["step"] < 1000


@pytest.mark.parametrize("method", ["softmax", "triplet"])
def test_two_processes_are_one_with_twice_the_batch(method, settings, faces, script, tmp_path):
    settings |= {"method": method, "people_per_batch": 4, "images_per_person": 3}
    settings["center_loss_factor"] = 0.1 if method == "softmax" else 0.0
    # With so large a margin each two images of a person give a triplet, so that their number can be divided.
    settings |= {"epoch_size": 2, "max_nrof_epochs": 2, "alpha": 5.0}
    # Five images to validate with, and eight of pairs: neither can be divided by two and the batches.
    settings |= {"validation_set_split_ratio": 0.2, "validate_every_n_epochs": 1}
    settings |= {"lfw_dir": str(faces), "lfw_pairs": str(pairs_file(tmp_path, faces)), "lfw_nrof_folds": 2}
    checkpoints, told, measured = [], [], []
    for world in (1, 2):
        folders = {name: str(tmp_path / f"{name}_{world}") for name in ("models_base_dir", "logs_base_dir")}
        file = tmp_path / f"{world}.json"
        file.write_text(json.dumps({**settings, **folders, "batch_size": 12 // world, "lfw_batch_size": 12 // world}))
        address = {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
        ranks = [{"RANK": str(rank), "LOCAL_RANK": str(rank), "IN_DOUBLE_PRECISION": "1"} for rank in range(world)]
        processes = [subprocess.Popen([*script, str(file)], env={**os.environ, **address, **rank}) for rank in ranks]
        try:
            assert [process.wait(timeout=120) for process in processes] == [0] * world
        finally:
            for process in processes:
                process.kill()
                process.wait()
        [models], [logs] = (list(Path(folder).iterdir()) for folder in folders.values())
        checkpoints.append(checkpoint.read(checkpoint.newest(models)))
        told.append([loss for _, loss, _ in losses(logs)])
        measured.append([line for line in history(logs) if "step" not in line])
    one, two = checkpoints
    assert one["step"] == two["step"] == 4
    for part in ("model", "average"):
        for name, value in one[part].items():
            torch.testing.assert_close(two[part][name], value, rtol=1e-7, atol=1e-9, msg=lambda m, n=name: f"{n}: {m}")
    if method == "softmax":
        torch.testing.assert_close(two["method"]["centers"], one["method"]["centers"], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(told[1], told[0], rtol=1e-7)
    assert len(measured[0]) == (4 if method == "softmax" else 2)
    for alone, together in zip(*measured, strict=True):
        assert together == pytest.approx(alone, rel=1e-6)


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_pretrained_weights(settings, faces, tmp_path):
    first = train(**settings)
    lfw = {"lfw_dir": str(faces), "lfw_pairs": str(pairs_file(tmp_path, faces)), "lfw_nrof_folds": 2}
    again = train(
        **{**settings, **lfw, "models_base_dir": str(tmp_path / "again"), "pretrained_model": str(first.models)}
    )
    assert losses(again.logs)[0][1] < losses(first.logs)[0][1]
    # How good the weights are that a training begins with is known before it changes them.
    assert [line["epoch"] for line in history(again.logs) if "lfw_accuracy" in line] == [0, 1, 2]
    assert [line.split("\t")[0] for line in (again.logs / "lfw_result.txt").read_text().splitlines()] == ["0", "3", "6"]
    best = checkpoint.read(first.models / "best.pt")
    # Fewer people: a new classifier on the same network.
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    for person in sorted(faces.iterdir())[:3]:
        (fewer / person.name).symlink_to(person)
    changed = {
        **settings,
        "models_base_dir": str(tmp_path / "fewer_models"),
        "data_dir": str(fewer),
        "learning_rate": 1e-9,
        "moving_average_decay": 0.9999,
        "pretrained_model": str(first.models / "best.pt"),
    }
    state = checkpoint.read(checkpoint.newest(train(**changed).models))
    assert state["model"]["logits.weight"].shape == (3, 16)
    assert torch.allclose(state["model"]["network.conv10.weight"], best["average"]["network.conv10.weight"], atol=1e-6)
    with pytest.raises(ModelMismatchError, match="embedding_size"):
        train(**{**settings, "embedding_size": 8, "pretrained_model": str(first.models)})


def test_lists_of_pairs_with_and_without_their_first_line(settings, faces, tmp_path):
    path = pairs_file(tmp_path, faces)
    complete = completed({**settings, "lfw_dir": str(faces), "lfw_pairs": str(path), "lfw_nrof_folds": 2})
    device = torch.device("cpu")
    model = Model(complete, 0)
    whole = evaluation.Lfw(complete, Ranks(), device)
    path.write_text("\n".join(path.read_text().splitlines()[1:]))
    assert evaluation.Lfw(complete, Ranks(), device).missing == whole.missing == 1
    each = (whole, evaluation.Lfw(complete, Ranks(), device))
    reports = [lfw.report(lfw.embeddings(model, Work(Ranks(), device))) for lfw in each]
    assert str(reports[0]) == str(reports[1])


def test_learning_rate_schedule_ends_the_training(settings, tmp_path):
    file = tmp_path / "schedule.txt"
    file.write_text("# epoch: rate\n0: 0.05\n2: 0.005 # less\n\n3: -\n")
    trained = train(
        **{**settings, "learning_rate": -1.0, "learning_rate_schedule_file": str(file), "max_nrof_epochs": 9}
    )
    assert [line["lr"] for line in history(trained.logs)] == [0.05] * 3 + [0.005] * 3


def test_learning_rate_decays(settings):
    decay = {"learning_rate": 0.01, "learning_rate_decay_epochs": 1, "learning_rate_decay_factor": 0.5}
    trained = train(**{**settings, **decay})
    assert [line["lr"] for line in history(trained.logs)] == [0.01] * 3 + [0.005] * 3


@pytest.mark.skipif(
    shutil.which("g++") is None and shutil.which("clang++") is None, reason="torch.compile needs a C++ compiler"
)
@pytest.mark.skipif(
    sys.version_info >= (3, 12) and torch.__version__ < "2.4", reason="torch.compile needs a newer torch"
)
# The compiler of torch 2.13 is still written with it.
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")
def test_a_compiled_network_trains_as_the_network_does(settings, tmp_path):
    # After a step, rounding is made larger by batch normalisation over few images.
    settings |= {"epoch_size": 1, "max_nrof_epochs": 1}
    plain, compiled = train(**settings), train(**{**settings, "compile": True, "models_base_dir": str(tmp_path / "c")})
    np.testing.assert_allclose(losses(compiled.logs), losses(plain.logs), rtol=1e-4)
    names = [set(checkpoint.read(checkpoint.newest(trained.models))["model"]) for trained in (plain, compiled)]
    assert names[0] == names[1]


@pytest.mark.parametrize("change", [{"precision": "bfloat16"}, {"channels_last": True}, {"gradient_accumulation": 2}])
def test_other_ways_to_compute_the_same(change, settings):
    settings |= {"batch_size": 24, "epoch_size": 1, "max_nrof_epochs": 1}
    # In two parts each batch normalisation sees half of the images.
    tolerance = 0.5 if "gradient_accumulation" in change else 0.1
    plain, other = (losses(train(**settings, **extra).logs)[0][1] for extra in ({}, change))
    assert abs(plain - other) < tolerance


def bad_settings(tmp_path):
    empty, broken = tmp_path / "empty", tmp_path / "broken"
    for folder in (empty, broken):
        folder.mkdir()
    (broken / "checkpoint-00000001.pt").write_bytes(b"nonsense")
    schedule = tmp_path / "schedule.txt"
    schedule.write_text("0: fast\n")
    backwards = tmp_path / "backwards.txt"
    backwards.write_text("5: 0.1\n5: 0.2\n")
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("1 1\none two three four five\n")
    nobody = tmp_path / "nobody.txt"
    nobody.write_text("1\t1\nNobody\t1\t2\n")
    lfw = {"lfw_dir": str(tmp_path)}
    return {
        "unknown": ({"batchsize": 3}, InvalidArgumentError),
        "model_def": ({"model_def": "nn4"}, InvalidArgumentError),
        "optimizer": ({"optimizer": "SGD"}, InvalidArgumentError),
        "image_size": ({"image_size": 10}, InvalidArgumentError),
        "empty": ({"data_dir": str(empty)}, DatasetInvalidError),
        "no schedule": ({"learning_rate": -1.0, "learning_rate_schedule_file": "missing"}, NotFoundError),
        "bad schedule": ({"learning_rate": -1.0, "learning_rate_schedule_file": str(schedule)}, DatasetInvalidError),
        "backwards": ({"learning_rate": -1.0, "learning_rate_schedule_file": str(backwards)}, DatasetInvalidError),
        "pretrained": ({"pretrained_model": "missing.pt"}, NotFoundError),
        "no checkpoint": ({"pretrained_model": str(empty)}, NotFoundError),
        "bad checkpoint": ({"pretrained_model": str(broken)}, ModelInvalidError),
        "resume": ({"resume": str(empty)}, NotFoundError),
        "no pairs": ({**lfw, "lfw_pairs": "missing"}, NotFoundError),
        "bad pairs": ({**lfw, "lfw_pairs": str(pairs)}, DatasetInvalidError),
        "nobody": ({**lfw, "lfw_pairs": str(nobody)}, DatasetInvalidError),
        "no filter": ({"filter_filename": "missing.h5"}, NotFoundError),
        "bad filter": ({"filter_filename": str(pairs)}, DatasetInvalidError),
    }


def test_wrong_settings(settings, tmp_path):
    for what, (change, error) in bad_settings(tmp_path).items():
        with pytest.raises(error):
            train(**{**settings, **change})
            pytest.fail(what)
    assert not (tmp_path / "models").exists()


def test_one_person_has_no_triplets(settings, faces, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "one").symlink_to(faces / "biden")
    with pytest.raises(DatasetInvalidError, match="two people"):
        train(**{**settings, "method": "triplet", "data_dir": str(alone)})


def test_another_run_cannot_be_resumed(settings):
    trained = train(**settings)
    with pytest.raises(InvalidArgumentError, match="batch_size .6, now 5., optimizer .ADAM, now MOM"):
        run({"resume": str(trained.models), "batch_size": 5, "optimizer": "MOM"})
    # More epochs are possible.
    assert train(resume=str(trained.models), max_nrof_epochs=3).steps == 9
