"""`python -m facenet_rs` is the `facenet` program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Script = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def module() -> Script:
    environment = {**os.environ, "FACENET_MODELS": str(ROOT / "models")}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "facenet_rs", *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run


PHOTOS = "examples/photos"
COMMANDS: list[tuple[str, ...]] = [
    ("detect", "--json", f"{PHOTOS}/obama.jpg", f"{PHOTOS}/astronaut.png"),
    ("compare", f"{PHOTOS}/obama.jpg", f"{PHOTOS}/obama2.jpg", f"{PHOTOS}/biden.jpg"),
    ("model", "info", "models/mtcnn-pnet.onnx"),
    ("detect", "nobody.jpg"),
    ("detect",),
    ("detect", "--min-face-size", "none", f"{PHOTOS}/obama.jpg"),
    ("abracadabra",),
    ("--help",),
    ("align", "--help"),
    ("--version",),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_it_says_and_ends_as_the_program(program: Script, module: Script, arguments: tuple[str, ...]) -> None:
    ours, theirs = module(*arguments), program(*arguments)
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


def test_codes(module: Script) -> None:
    assert module("--help").returncode == 0
    assert module("detect", "nobody.jpg").returncode == 1
    assert module("detect").returncode == 2
