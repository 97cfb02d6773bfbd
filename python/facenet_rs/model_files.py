"""Model files."""

from __future__ import annotations

import json
import os
from typing import Any

from . import _native
from ._arguments import checked


def model_info(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a model file says of itself: name, task, checksum of the weights, licence, and how it is to be used.

    Examples
    --------
    >>> import facenet_rs
    >>> facenet_rs.model_info(facenet_rs.Embedder().path)["task"]
    'embedding'
    """
    info: dict[str, Any] = json.loads(_native.model_info(path))
    return info


def verify_model(path: str | os.PathLike[str]) -> str:
    """Check the weights of a model file against the checksum in it. Returns the SHA-256 of the file.

    Raises
    ------
    ModelInvalidError, ModelMismatchError
        If they are not what they say.
    """
    return _native.verify_model(path)


def import_model(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    architecture: str | None = None,
    name: str | None = None,
    origin: str | None = None,
    standardization: str | None = None,
    input_size: int | None = None,
) -> dict[str, Any]:
    """Make a model file of a frozen TensorFlow graph of facenet (``.pb``) or of safetensors with facenet-pytorch's names.

    Weights do not say how faces were standardised in training, and a wrong guess costs accuracy: give `standardization`,
    ``"fixed"`` for facenet's models of 2018 and facenet-pytorch's, ``"per-image"`` for those of 2017. `origin` says for readers where the weights come from, `input_size` the pixels of a
    side if they are not 160.

    Returns what the file says of itself; give `output` as ``model=`` to :class:`Embedder` or :class:`Facenet`.

    Raises
    ------
    ModelInvalidError, ModelUnsupportedError
        If the file is no such graph.
    InvalidArgumentError
        If the file does not say something that must be known.
    """
    settings = checked(
        {
            "architecture": architecture,
            "name": name,
            "origin": origin,
            "standardization": standardization,
            "input_size": input_size,
        }
    )
    info: dict[str, Any] = json.loads(_native.import_model(source, output, settings))
    return info
