"""Everything a training needs to go on, in a file."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path
from typing import Any

import torch

from ..errors import ModelInvalidError, NotFoundError

#: Changes when older files can no longer be read.
FORMAT = 1
#: The newest that are kept, beside the best.
KEPT = 3
BEST = "best.pt"
#: What to do with the weights of others.
_SAVE = (
    "save the weights as safetensors, with `safetensors.torch.save_file(network.state_dict(), 'weights.safetensors')`"
)
_NAME = re.compile(r"checkpoint-(\d+)\.pt")


def write(folder: Path, step: int, state: dict[str, Any]) -> Path:
    """Write the state after a step, whole or not at all, and remove old ones."""
    path = folder / f"checkpoint-{step:08}.pt"
    _write_whole(path, {"format": FORMAT, **state})
    for old in found(folder)[:-KEPT]:
        old.unlink()
    return path


def keep_as_best(checkpoint: Path) -> None:
    """Keep a checkpoint when newer ones take its place."""
    beside = checkpoint.with_suffix(".best")
    beside.unlink(missing_ok=True)
    try:
        os.link(checkpoint, beside)
    except OSError:
        beside.write_bytes(checkpoint.read_bytes())
    os.replace(beside, checkpoint.with_name(BEST))


def newest(folder: Path) -> Path:
    """The newest checkpoint in a folder.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    checkpoints = found(folder)
    if not checkpoints:
        raise NotFoundError(f"{folder}: no checkpoint (checkpoint-<step>.pt)")
    return checkpoints[-1]


def best(folder: Path) -> Path:
    """The checkpoint of the best epoch.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    path = folder / BEST
    if not path.exists():
        raise NotFoundError(f"{path}: no such file; it is written after the first epoch")
    return path


def read(path: Path) -> dict[str, Any]:
    """What :func:`write` wrote, on the CPU. Nothing in the file is run.

    Raises
    ------
    ModelInvalidError
        If it is something else, or breaks off.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise NotFoundError(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise ModelInvalidError(f"{path}: a folder, not a checkpoint") from error
    except Exception as error:
        is_torch = isinstance(error, pickle.UnpicklingError) and _begins_as_torch(path)
        what = (
            f"a PyTorch file of more than weights: {_SAVE}" if is_torch else "not a checkpoint, or one that breaks off"
        )
        raise ModelInvalidError(f"{path}: {what}") from error
    if not isinstance(state, dict) or "format" not in state:
        raise ModelInvalidError(f"{path}: PyTorch weights, not a checkpoint of a training: {_SAVE}")
    if state["format"] != FORMAT:
        raise ModelInvalidError(f"{path}: a checkpoint of another version of facenet_rs")
    return state


def _begins_as_torch(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith((b"PK\x03\x04", b"\x80\x02"))


def found(folder: Path) -> list[Path]:
    """The checkpoints in a folder, from the oldest to the newest."""
    named = [path for path in folder.glob("checkpoint-*.pt") if _NAME.fullmatch(path.name)]
    return sorted(named, key=lambda path: int(path.stem.rpartition("-")[2]))


def _write_whole(path: Path, state: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
