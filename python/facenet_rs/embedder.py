"""Aligned faces as vectors."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from . import _native, _pictures
from ._arguments import checked
from ._pictures import P, Picture, Pictures
from .faces import Floats
from .runtime import Runtime


class Embedder:
    """Turns aligned faces into embeddings (Schroff, Kalenichenko and Philbin, 2015). Many threads may use it at once.

    Parameters
    ----------
    runtime : Runtime, optional
        What runs the network; by default one with default settings.
    model : path, optional
        A model file; by default the FaceNet model that ships with the package.
    standardization : str, optional
        ``"per-image"`` or ``"fixed"``, if it is not to be the model's.
    alignment : str, optional
        ``"margin:32"`` or ``"arcface"``: how the faces were cut out, if not as the model says.
    mirror : str
        What is made of a face and its mirror image: ``"off"``, ``"average"`` or ``"concatenate"``; the latter two take twice
        the time.
    batch_size : int
        Most images in one run of the network.

    Examples
    --------
    >>> import numpy as np
    >>> from facenet_rs import Embedder
    >>> embedder = Embedder()
    >>> embedder.input_size, embedder.dimension
    (160, 512)
    >>> embedder.embed(np.zeros((3, 160, 160, 3), np.uint8)).shape
    (3, 512)
    """

    def __init__(
        self,
        runtime: Runtime | None = None,
        *,
        model: str | os.PathLike[str] | None = None,
        standardization: str | None = None,
        alignment: str | None = None,
        mirror: str = "off",
        batch_size: int = 16,
    ) -> None:
        runtime = runtime or Runtime()
        options = {
            "model": model,
            "standardization": standardization,
            "alignment": alignment,
            "mirror": mirror,
            "batch_size": batch_size,
        }
        self._native = _native.Embedder(runtime._native, checked(options))

    @classmethod
    def _of(cls, native: _native.Embedder) -> Embedder:
        embedder = cls.__new__(cls)
        embedder._native = native
        return embedder

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._native.name

    @property
    def path(self) -> Path:
        """File of the model."""
        return Path(self._native.path)

    @property
    def fingerprint(self) -> str:
        """What made the vectors, 32 hexadecimal digits. Vectors with different fingerprints cannot be compared."""
        return self._native.fingerprint

    @property
    def dimension(self) -> int:
        """Length of the embeddings."""
        return self._native.dimension

    @property
    def mirror(self) -> str:
        """What is made of a face and its mirror image."""
        return self._native.mirror

    @property
    def spec(self) -> dict[str, Any]:
        """What the model needs and knows: input size, standardization, alignment, metric, thresholds."""
        spec: dict[str, Any] = json.loads(self._native.spec())
        return spec

    @property
    def input_size(self) -> int:
        """Width and height of an aligned face in pixels."""
        return int(self.spec["input_size"])

    @property
    def metric(self) -> str:
        """The metric of the model's thresholds."""
        return str(self.spec["metric"])

    @property
    def threshold(self) -> float | None:
        """The distance at which to decide, in :attr:`metric`; ``None`` if none was measured for these settings."""
        thresholds = self.spec["thresholds"]
        return float(thresholds[0]["distance"]) if thresholds else None

    @property
    def description(self) -> dict[str, Any]:
        """Model, fingerprint, dimension and metric: what is stored beside embeddings."""
        description: dict[str, Any] = json.loads(self._native.description())
        return description

    @overload
    def embed(self, faces: Pictures[P] | npt.NDArray[np.uint8], *, color: str = "rgb") -> Floats: ...

    @overload
    def embed(self, faces: Picture, *, color: str = "rgb") -> Floats: ...

    def embed(self, faces: Picture | Pictures[P], *, color: str = "rgb") -> Floats:
        """Embed an aligned face, or each of several.

        Parameters
        ----------
        faces : picture, list of pictures, or array (n, size, size, 3)
            Crops of :attr:`input_size` pixels a side, as :class:`~facenet_rs.Aligner` makes them.
        color : str
            Order of the channels of arrays.

        Returns
        -------
        array of float32
            Of length one; (dimension,) of one face, (n, dimension) of several.

        Raises
        ------
        InvalidArgumentError
            If a face has another size.
        """
        listed = _pictures.many(faces)
        vectors = np.empty((len(listed), self.dimension), np.float32)
        for form, places, group in _pictures.native(listed, color):
            vectors[places] = self._native.embed(group, form)
        return vectors if _pictures.is_many(faces) else vectors[0]

    def __repr__(self) -> str:
        return f"Embedder(model={self.name!r}, dimension={self.dimension})"
