"""What the tests have in common."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import facenet_rs
import numpy as np
import numpy.typing as npt
import pytest
from facenet_rs import Facenet

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "examples" / "photos"

Script = Callable[..., "subprocess.CompletedProcess[str]"]


def skip(why: str) -> NoReturn:
    """Says that something is not tested, and why. CI sets FACENET_TEST_REQUIRE_ALL: there, that is a failure."""
    if "FACENET_TEST_REQUIRE_ALL" in os.environ:
        pytest.fail(f"FACENET_TEST_REQUIRE_ALL is set, but {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def facenet() -> Facenet:
    return facenet_rs.shared()


@pytest.fixture(scope="session")
def photos() -> Path:
    return PHOTOS


@pytest.fixture(scope="session")
def pixels() -> npt.NDArray[np.uint8]:
    """A photo as Pillow decodes it; RGB."""
    image = pytest.importorskip("PIL.Image")
    return np.asarray(image.open(PHOTOS / "obama.jpg"))


@pytest.fixture(scope="session")
def small(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The same, small, with even sides."""
    image = pytest.importorskip("PIL.Image")
    return np.asarray(image.fromarray(pixels).resize((240, 300)))


@pytest.fixture(scope="session")
def people() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Vectors of length one around those of twelve people, ten of each, and who they are."""
    generator = np.random.default_rng(7)
    centres = generator.normal(size=(12, 512))
    numbers = np.repeat(np.arange(12), 10)
    vectors = centres[numbers] + 0.5 * generator.normal(size=(120, 512))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), numbers


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of results of the original, which is not part of the repository."""
    folder = Path(os.environ.get("FACENET_SHARED", ROOT.parent / "shared")) / "golden"
    if not folder.is_dir():
        skip(f"there is no reference data at {folder.parent} (FACENET_SHARED names its folder)")
    return folder


@pytest.fixture(scope="session")
def program() -> Script:
    """Runs the program that `cargo build` makes."""
    path = Path(os.environ.get("FACENET_PROGRAM", ROOT / "target" / "release" / "facenet"))
    if not path.is_file():
        skip(f"there is no {path}")
    environment = {**os.environ, "FACENET_MODELS": str(ROOT / "models")}
    if not environment.get("FACENET_ORT_DYLIB"):
        environment["FACENET_ORT_DYLIB"] = facenet_rs.shared().runtime.info["library"]

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [os.fspath(path), *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.fixture(scope="session")
def script() -> Script:
    """Runs Python code in a process of its own."""

    def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *arguments]
        variables = {**os.environ, **environment}
        return subprocess.run(
            command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120, check=False
        )

    return run
