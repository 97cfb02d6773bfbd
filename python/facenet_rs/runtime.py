"""ONNX Runtime, which runs the networks."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from . import _native
from ._arguments import checked


def _library(named: str | os.PathLike[str] | None) -> str | os.PathLike[str] | None:
    """The library to load, if it is not where the native module looks by itself: beside this package."""
    if named is not None or os.environ.get("FACENET_ORT_DYLIB") or os.environ.get("ORT_DYLIB_PATH"):
        return named
    if (Path(_native.__file__).parent.parent / "onnxruntime" / "capi").is_dir():
        return None
    # Found without being imported: that would load a second copy of the library.
    spec = PathFinder.find_spec("onnxruntime")
    folder = Path(spec.origin).parent / "capi" if spec and spec.origin else None
    return folder if folder and folder.is_dir() else None


class Runtime:
    """A loaded ONNX Runtime with the hardware and the threads that the work is done on.

    It is shared by everything made from it, and may be used from many threads. After ``fork``, a child makes its own.

    Parameters
    ----------
    provider : str
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"tensorrt"``, ``"tensorrt:1"``, or ``"auto"`` for the best that runs here.
        A provider that was asked for and does not run is an error, never replaced.
    threads : int, optional
        Threads that work on one call, 1 to 1024; by default the number of cores this process may use.
    library : path, optional
        The ONNX Runtime library (1.24 or newer), or the folder it lies in; by default that of the package ``onnxruntime``.
    models : path, optional
        The folder with the shipped models; by default the one in this package.
    engine_cache : path, optional
        Where TensorRT keeps the engines it builds.

    Raises
    ------
    RuntimeNotFoundError, RuntimeLoadError
        If ONNX Runtime is not found or does not serve.
    ProviderUnavailableError
        If the provider does not run here; the message says why.

    Examples
    --------
    >>> from facenet_rs import Runtime
    >>> Runtime(threads=1).provider
    'cpu'
    """

    def __init__(
        self,
        *,
        provider: str = "cpu",
        threads: int | None = None,
        library: str | os.PathLike[str] | None = None,
        models: str | os.PathLike[str] | None = None,
        engine_cache: str | os.PathLike[str] | None = None,
    ) -> None:
        checked({"threads": threads})
        self._native = _native.Runtime(_library(library), provider, threads, models, engine_cache)

    @property
    def info(self) -> dict[str, Any]:
        """What it runs on: library, version, provider, those passed over and why, threads, folder of models."""
        info: dict[str, Any] = json.loads(self._native.info())
        return info

    @property
    def provider(self) -> str:
        """The provider that runs networks; never ``"auto"``."""
        return str(self.info["provider"])

    def __repr__(self) -> str:
        info = self.info
        return f"Runtime(provider={info['provider']!r}, threads={info['threads']}, version={info['version']!r})"


@dataclass(frozen=True)
class Diagnosis:
    """What there is on this machine, and what to do about what is missing. Its text is for people."""

    #: The same as a dictionary.
    details: dict[str, Any]
    #: Whether faces can be found and compared on the CPU.
    works: bool
    text: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def doctor(
    *,
    provider: str = "cpu",
    library: str | os.PathLike[str] | None = None,
    models: str | os.PathLike[str] | None = None,
) -> Diagnosis:
    """Look at ONNX Runtime, the providers, the graphics cards and the models, and say what works.

    Examples
    --------
    >>> import facenet_rs
    >>> facenet_rs.doctor().works
    True
    """
    details, text, works = _native.doctor(_library(library), provider, models)
    return Diagnosis(json.loads(details), works, text)
