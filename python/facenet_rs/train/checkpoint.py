"""Everything a training needs to go on, in a file."""

from __future__ import annotations

import os
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
_NAME = re.compile(r"checkpoint-(\d+)\.pt")


def write(folder: Path, step: int, state: dict[str, Any]) -> Path:
    """Write the state after a step, whole or not at all, and remove old ones."""
    path = folder / f"checkpoint-{step:08}.pt"
    _write_whole(path, {"format": FORMAT, **state})
    for old in _all(folder)[:-KEPT]:
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
    found = _all(folder)
    if not found:
        raise NotFoundError(f"{folder}: no checkpoint (checkpoint-<step>.pt)")
    return found[-1]


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
    except Exception as error:
        raise ModelInvalidError(f"{path}: not a checkpoint, or one that breaks off: {error}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ModelInvalidError(f"{path}: not a checkpoint of this version of facenet_rs")
    return state


def _all(folder: Path) -> list[Path]:
    """From the oldest to the newest."""
    found = [path for path in folder.glob("checkpoint-*.pt") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(path.stem.rpartition("-")[2]))


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
