"""Importing, other processes, ONNX Runtime's own package, memory."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import facenet_rs
import numpy as np
import numpy.typing as npt
import pytest
from facenet_rs import Detector, Facenet

Script = Callable[..., "subprocess.CompletedProcess[str]"]
PHOTO = str(Path(__file__).parents[2] / "examples" / "photos" / "obama.jpg")


def test_importing_brings_nothing_in(script: Script) -> None:
    done = script(
        "import os, sys, facenet_rs\n"
        "large = {'numpy', 'onnxruntime', 'sklearn', 'pandas', 'PIL', 'matplotlib', 'tqdm', 'cv2'} & set(sys.modules)\n"
        "assert not large, large\n"
        "assert len(os.listdir('/proc/self/task')) == 1\n"
        "assert set(facenet_rs.__all__) <= set(dir(facenet_rs))"
    )
    assert done.returncode == 0, done.stderr


def test_names(script: Script) -> None:
    for name in facenet_rs.__all__:
        assert getattr(facenet_rs, name) is not None
    with pytest.raises(AttributeError, match="nobody"):
        _ = facenet_rs.nobody
    done = script("from facenet_rs import *; print(Facenet, compare, __version__)")
    assert done.returncode == 0, done.stderr


ORDERS = {
    "alone": "import facenet_rs",
    "before": "import onnxruntime, facenet_rs",
    "after": "import facenet_rs, onnxruntime",
    "after work": f"import facenet_rs; facenet_rs.detect({PHOTO!r}); import onnxruntime",
}
WORK = f"""
import sys
vector = facenet_rs.embed({PHOTO!r})
if 'onnxruntime' in sys.modules:
    session = onnxruntime.InferenceSession(str(facenet_rs.Embedder().path), providers=['CPUExecutionProvider'])
    assert session.get_inputs()
libraries = {{line.split()[-1] for line in open('/proc/self/maps') if 'libonnxruntime.so' in line}}
print(vector.tobytes().hex(), len(libraries))
"""


@pytest.mark.parametrize("order", ORDERS)
def test_beside_onnxruntime(script: Script, facenet: Facenet, tmp_path: Path, order: str) -> None:
    pytest.importorskip("onnxruntime")
    # Empty is as if not set: the library of the package is used.
    settings = {"FACENET_ORT_DYLIB": "", "ORT_DYLIB_PATH": "", "ORT_DISABLE_TELEMETRY": "", "HOME": str(tmp_path)}
    done = script(ORDERS[order] + WORK, **settings)
    assert done.returncode == 0, done.stderr
    vector, libraries = done.stdout.split()
    assert vector == facenet.embed(PHOTO).tobytes().hex()
    assert libraries == "1"
    # ONNX Runtime keeps events to send them. Its own package lets it, when it begins; this one does not.
    assert order in ("before", "after") or not list(tmp_path.rglob("onnxruntime.db"))


def in_child(work: Callable[[], object]) -> int:
    """The exit code of a forked child that does `work`, or -9 if it hung."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            # Past everything that the parent has to do at its end.
            os._exit(code)
    for _ in range(600):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        # Sleeps as long as the child has not ended, at most.
        subprocess.run(["sleep", "0.05"], check=True)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -9


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_is_told_to_make_its_own(facenet: Facenet) -> None:
    facenet.embed(PHOTO)
    crop = np.zeros((160, 160, 3), np.uint8)

    def work() -> None:
        calls: list[Callable[[], object]] = [
            lambda: facenet.embed(PHOTO),
            lambda: facenet.detect(PHOTO),
            lambda: facenet.embedder.embed(crop),
            lambda: Facenet(runtime=facenet.runtime),
        ]
        for call in calls:
            with pytest.raises(facenet_rs.errors.UnsupportedError, match="before fork"):
                call()

    assert in_child(work) == 0


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_the_functions_of_the_package_work_in_a_child(facenet: Facenet) -> None:
    expected = facenet_rs.embed(PHOTO)
    facenet_rs.cluster(np.eye(200), threshold=0.5)
    facenet_rs.distance(np.eye(200), np.eye(200))

    def work() -> None:
        assert facenet_rs.compare(PHOTO, PHOTO).same
        assert np.array_equal(facenet_rs.embed(PHOTO), expected)
        assert facenet_rs.distance(np.eye(200), np.eye(200)).shape == (200, 200)
        assert len(facenet_rs.cluster(np.eye(200), threshold=0.5)) == 200
        assert in_child(lambda: facenet_rs.distance(np.eye(200), np.eye(200))) == 0

    assert in_child(work) == 0
    assert np.array_equal(facenet_rs.embed(PHOTO), expected)


def embed(path: str) -> npt.NDArray[np.float32]:
    return facenet_rs.embed(path)


def test_processes_that_are_spawned(facenet: Facenet) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as processes:
        for vector in processes.map(embed, [PHOTO] * 3):
            assert np.array_equal(vector, facenet.embed(PHOTO))


def resident() -> int:
    """Bytes of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("what", ["distance", "detect", "refusal"])
def test_memory_does_not_grow(pixels: npt.NDArray[np.uint8], what: str) -> None:
    detector = Detector(min_face_size=60)
    picture = np.ascontiguousarray(pixels[100:180, 300:380])
    wrong: Any = picture.view(np.int8)
    a, b = np.eye(2, 512, dtype=np.float32)

    def refused() -> None:
        with pytest.raises(ValueError):
            detector.detect(wrong)

    calls: dict[str, Callable[[], object]] = {
        "distance": lambda: facenet_rs.distance(a, b),
        "detect": lambda: detector.detect(picture),
        "refusal": refused,
    }
    call, times = calls[what], 10_000 if what == "distance" else 1000
    for _ in range(times // 4):
        call()
    before = resident()
    for _ in range(times):
        call()
    assert resident() - before < 4 << 20
