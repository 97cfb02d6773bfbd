"""Beginning with weights that are there already."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from ..errors import ModelInvalidError, ModelMismatchError, NotFoundError
from . import checkpoint, onnx_weights
from .trainer import Model

#: Endings of TensorFlow's files.
_TENSORFLOW = (".pb", ".meta", ".index", ".ckpt")


def check(path: Path) -> None:
    """Fail if a path is no kind of weights that :func:`load` takes, before anything is read.

    Raises
    ------
    NotFoundError, ModelInvalidError
        With what to do instead.
    """
    if path.is_dir():
        inside = sorted(file for file in path.iterdir() if _is_of_tensorflow(file))
        if inside and not checkpoint.found(path):
            raise ModelInvalidError(f"{path} (pretrained_model): {_of_tensorflow(inside)}")
        checkpoint.newest(path)
    elif not path.exists():
        beside = sorted(path.parent.glob(f"{glob.escape(path.name)}.*")) if path.parent.is_dir() else []
        if any(_is_of_tensorflow(file) for file in beside):
            raise ModelInvalidError(f"{path} (pretrained_model): {_of_tensorflow(beside)}")
        raise NotFoundError(f"{path}: no such file (pretrained_model)")
    elif _is_of_tensorflow(path):
        raise ModelInvalidError(f"{path} (pretrained_model): {_of_tensorflow([path])}")


def _is_of_tensorflow(path: Path) -> bool:
    return path.suffix in _TENSORFLOW or path.name == "checkpoint" or ".ckpt-" in path.name


def _of_tensorflow(files: Sequence[Path]) -> str:
    graphs = [file.name for file in files if file.suffix == ".pb"]
    what = f"{graphs[0]} is a graph" if graphs else f"{files[0].name} is a part of a checkpoint"
    return (
        f"{what} of TensorFlow. Make a model file of the frozen graph (.pb) with facenet_rs.import_model() or "
        "`facenet model import`, and begin with that"
    )


def load(model: Model, path: Path, batches: Iterator[Tensor]) -> str:
    """Give the weights in a file or folder to a model, and say what was done.

    Parameters
    ----------
    path : path
        A checkpoint or a folder of some (of which the newest is taken, with its averaged weights), safetensors with
        facenet-pytorch's names, or a model file of this library.
    batches : iterator of tensor
        Images, from which the statistics are measured that a model file lacks.

    Raises
    ------
    NotFoundError, ModelInvalidError, ModelMismatchError
        If there is nothing, or it belongs to another network.
    """
    if path.is_dir():
        path = checkpoint.newest(path)
    if path.suffix == ".onnx":
        onnx_weights.load(model.network, path)
        onnx_weights.restore_statistics(model.network, batches)
        return f"{path}: the network, with statistics from the training images; the classifier is new"
    return f"{path}: {_take(model, _named(path), path)}"


def _named(path: Path) -> dict[str, Tensor]:
    """Weights by the names that :class:`Model` has for them."""
    if path.suffix == ".safetensors":
        try:
            weights = load_file(path)
        except Exception as error:
            raise ModelInvalidError(f"{path} (pretrained_model): not safetensors, or broken off: {error}") from error
        return {name if name.startswith("logits.") else f"network.{name}": value for name, value in weights.items()}
    state = checkpoint.read(path)
    return {**state["model"], **state["average"]}


@torch.no_grad()
def _take(model: Model, weights: dict[str, Tensor], path: Path) -> str:
    own = model.state_dict()
    for name, value in own.items():
        if name.startswith("logits.") or name.endswith("num_batches_tracked"):
            continue
        if name not in weights or weights[name].shape != value.shape:
            found = list(weights[name].shape) if name in weights else "missing"
            raise ModelMismatchError(
                f"{path}: `{name}` is {found}, the network to train needs {list(value.shape)}: "
                "another model_def, or another embedding_size"
            )
    fits = all(name in weights and weights[name].shape == own[name].shape for name in own if name.startswith("logits."))
    for name, value in own.items():
        if name in weights and (fits or not name.startswith("logits.")):
            value.copy_(weights[name])
    return (
        "the network and the classifier" if model.logits is not None and fits else "the network; the classifier is new"
    )
