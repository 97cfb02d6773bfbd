"""Model files of runs that have not come to their end, and of their best weights."""

import os
import stat

import numpy as np
import pytest
from facenet_rs import Embedder, import_model, model_info
from facenet_rs.errors import InvalidArgumentError, NotFoundError
from facenet_rs.train import checkpoint, export, train
from facenet_rs.train.__main__ import main
from safetensors import safe_open
from safetensors.torch import load_file


def test_the_last_and_the_best_weights(settings, capsys):
    trained = train(**{**settings, "use_fixed_image_standardization": True})
    first = trained.model.read_bytes()
    trained.model.unlink()
    (trained.models / "model.safetensors").unlink()
    assert export(trained.models) == trained.model
    assert trained.model.read_bytes() == first
    assert main(["export", "--best", "--", str(trained.models)]) == 0
    best = trained.models / f"{trained.models.name}-best.onnx"
    assert str(best) in capsys.readouterr().out
    state = checkpoint.read(trained.models / "best.pt")
    written = load_file(trained.models / "best.safetensors")
    assert written["conv10.weight"].equal(state["average"]["network.conv10.weight"])
    assert model_info(best)["embedding"]["input_size"] == 80
    # A checkpoint by its name.
    assert export(trained.models / "best.pt") == best
    assert export(trained.models / "checkpoint-00000003.pt") == trained.model
    with pytest.raises(NotFoundError, match="best.pt"):
        (trained.models / "best.pt").unlink()
        export(trained.models, best=True)
    assert main(["export", str(trained.models / "none")]) == 1


def test_statistics_are_measured_where_a_run_was_stopped(settings):
    trained = train(**{**settings, "epoch_size": 4, "max_nrof_epochs": 1, "checkpoint_every": 3})
    within = trained.models / "checkpoint-00000003.pt"
    export(within)
    written, state = load_file(trained.models / "model.safetensors"), checkpoint.read(within)
    assert written["conv1.conv.weight"].equal(state["average"]["network.conv1.conv.weight"])
    assert not written["conv1.bn.running_mean"].equal(state["average"]["network.conv1.bn.running_mean"])


def test_weights_say_what_images_they_are_for(settings, tmp_path):
    before = os.umask(0o022)
    try:
        trained = train(**{**settings, "max_nrof_epochs": 1})
    finally:
        os.umask(before)
    weights = trained.models / "model.safetensors"
    assert {stat.S_IMODE(path.stat().st_mode) for path in trained.models.iterdir()} == {0o644}
    with safe_open(weights, "pt") as file:
        assert file.metadata() == {"facenet.input_size": "80", "facenet.standardization": "per-image"}
    made = import_model(weights, tmp_path / "made.onnx")
    assert (made["embedding"]["input_size"], made["embedding"]["standardization"]) == (80, "per-image")
    images = np.random.default_rng(1).integers(0, 256, (2, 80, 80, 3), np.uint8)
    wanted, given = (Embedder(model=path).embed(images) for path in (trained.model, tmp_path / "made.onnx"))
    assert np.array_equal(wanted, given)
    with pytest.raises(InvalidArgumentError, match="input size of 80, not 160"):
        import_model(weights, tmp_path / "other.onnx", input_size=160)
    with pytest.raises(InvalidArgumentError, match="standardisation per-image, not fixed"):
        import_model(weights, tmp_path / "other.onnx", standardization="fixed")
