"""Making a model file of a training that has not come to its end, or of its best weights."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from ..errors import NotFoundError
from . import checkpoint, model_file
from .dataset import training_images
from .distributed import Ranks
from .images import Loader
from .normalisation import measure_statistics
from .settings import Settings, completed, expanded
from .trainer import Context, Model
from .work import Work


def export(run: str | os.PathLike[str], *, best: bool = False) -> Path:
    """Make a model file of the weights that a training has reached, as the end of the training does.

    Parameters
    ----------
    run : path
        The folder with the checkpoints of a training, or one of them.
    best : bool
        Take ``best.pt``, the weights that were best on LFW (without LFW, those with the lowest loss), and not the newest checkpoint.

    Returns
    -------
    path
        The model file, beside the checkpoints: ``<name>.onnx``, of the best weights ``<name>-best.onnx``. The weights are
        written too, to ``model.safetensors`` or ``best.safetensors``.

    Raises
    ------
    NotFoundError, ModelInvalidError
        If there is no such checkpoint.
    DatasetInvalidError
        If the training images are gone, and the checkpoint was written within an epoch: the statistics of the batch
        normalisations are then still to be measured.

    Examples
    --------
    >>> from facenet_rs.train import export
    >>> facenet_rs.Embedder(model=export("models/20260102-030405", best=True))  # doctest: +SKIP
    """
    path = expanded(run, "run")
    if path.is_dir():
        path = checkpoint.best(path) if best else checkpoint.newest(path)
    elif best and path.name != checkpoint.BEST:
        raise NotFoundError(f"{path}: the best weights are looked for in a folder")
    state = checkpoint.read(path)
    settings = completed(state["settings"])
    device = torch.device("cpu")
    model = Model(settings, len(state["names"]) if settings["method"] == "softmax" else 0)
    model.load_state_dict({**state["model"], **state["average"]})
    if state.get("pending") is not None or state["step"] % settings["epoch_size"]:
        _measure(model, settings, device)
    folder = path.parent.resolve()
    file, _ = model_file.write_model(model.network, folder, folder.name, settings, path.name == checkpoint.BEST)
    return file


def _measure(model: Model, settings: Settings, device: torch.device) -> None:
    """Measure the statistics, as after an epoch."""
    images, _ = training_images(settings)
    ranks = Ranks()
    loader = Loader(images.paths, settings, device, augment=True)
    measure_statistics(Context(settings, images, loader, model, ranks, device, Work(ranks, device)))
