"""Stops between the last step of an epoch and the end of its evaluation."""

import importlib

import pytest
import torch
from facenet_rs.train import checkpoint, evaluation, train, work
from facenet_rs.train.distributed import Ranks
from facenet_rs.train.images import Images, Loader
from facenet_rs.train.settings import completed
from facenet_rs.train.work import Work
from test_run import history, pairs_file


def without_time(folder):
    return [{name: value for name, value in line.items() if name != "time"} for line in history(folder)]


@pytest.mark.parametrize("stopped_at", ["statistics", "lfw"])
def test_an_epoch_is_not_trained_again_but_evaluated(stopped_at, settings, faces, tmp_path, monkeypatch):
    settings |= {"lfw_dir": str(faces), "lfw_pairs": str(pairs_file(tmp_path, faces)), "lfw_nrof_folds": 2}
    settings |= {"validation_set_split_ratio": 0.2, "validate_every_n_epochs": 1}
    whole = train(**settings)
    settings |= {name: str(tmp_path / f"stopped_{name}") for name in ("models_base_dir", "logs_base_dir")}

    def stop(*_):
        raise KeyboardInterrupt

    where = {
        "statistics": (importlib.import_module("facenet_rs.train.run"), "measure_statistics"),
        "lfw": (evaluation.Lfw, "report"),
    }[stopped_at]
    with monkeypatch.context() as patched:
        if stopped_at == "lfw":
            # The first report is that of the check before the first step.
            reports = [evaluation.Lfw.report]
            patched.setattr(*where, lambda *given: reports.pop()(*given) if reports else stop())
        else:
            patched.setattr(*where, stop)
        with pytest.raises(KeyboardInterrupt):
            train(**settings)
    [models] = (tmp_path / "stopped_models_base_dir").iterdir()
    [logs] = (tmp_path / "stopped_logs_base_dir").iterdir()
    assert checkpoint.read(checkpoint.newest(models))["step"] == 3
    trained = train(resume=str(models))
    assert trained.logs == logs
    assert without_time(logs) == without_time(whole.logs)
    assert (logs / "lfw_result.txt").read_text() == (whole.logs / "lfw_result.txt").read_text()
    weights = [(run.models / "model.safetensors").read_bytes() for run in (trained, whole)]
    assert weights[0] == weights[1]


def test_work_tells_how_far_it_is_and_ends_when_asked(settings, faces, monkeypatch):
    monkeypatch.setattr(work, "SECONDS", 0.0)
    complete, cpu = completed(settings), torch.device("cpu")
    loader = Loader(Images.read(faces).paths, complete, cpu, augment=False)
    lines = []
    task = Work(Ranks(), cpu)
    task.say = lines.append
    lists = [list(range(8 * i, 8 * i + 8)) for i in range(3)]
    batches = task.batches("LFW", loader, lists, 3)
    assert next(batches).shape == next(batches).shape == (8, 3, 80, 80)
    assert lines == ["LFW: 8 of 24 images"]
    task.stop.set()
    with pytest.raises(KeyboardInterrupt):
        next(batches)
