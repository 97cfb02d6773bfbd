"""Time the Python package beside the Rust library that it wraps, and beside other Python packages.

The Rust side is the process `worker.rs`. It and the package do the same work in turns: what Python adds is the ratio of both.
Cold starts, peak memory and installed sizes are those of processes of their own. Packages that are not installed, or whose
weights are not here, are named and left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from facenet_pytorch import MTCNN, InceptionResnetV1
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image
from run import PHOTOS, WORKER, lfw_sample
from turns import ROOT, Run, Worker, compare, timed

# Not in PYTHONPATH, which the peers' processes would inherit.
sys.path.insert(0, str(ROOT / "python"))
import facenet_rs

#: What is left out here, and why.
LEFT_OUT: list[str] = []


def detection(worker: Worker, keras: Worker, paths: list[Path], rounds: int) -> None:
    """Detection of images that are in memory, with the original's settings."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    arrays = [np.asarray(picture) for picture in pictures]
    detector, mtcnn = facenet_rs.Detector(), MTCNN(keep_all=True, post_process=False)
    worker.run("load", *map(str, paths))
    runs: dict[str, Run] = {
        "Rust": lambda: worker.run("detect-each"),
        "facenet-rs": lambda: timed(lambda: [detector.detect(array) for array in arrays]),
        "facenet-rs, as a list": lambda: timed(lambda: detector.detect(arrays)),
        "facenet-pytorch": lambda: timed(lambda: [mtcnn.detect(picture, landmarks=True) for picture in pictures]),
        "mtcnn (TensorFlow)": keras.detection(paths),
    }
    if importlib.util.find_spec("face_recognition"):
        import face_recognition

        locate = face_recognition.face_locations
        runs["face_recognition, HOG"] = lambda: timed(lambda: [locate(array) for array in arrays])
    else:
        LEFT_OUT.append("face_recognition: not installed")
    compare("detection, image by image", runs, rounds, len(paths), "an image")


def embedding(worker: Worker, count: int, rounds: int) -> None:
    """Embedding of `count` aligned faces. Weights do not change the time: the network of facenet-pytorch has random ones."""
    crops = np.random.default_rng(0).integers(0, 256, (count, 160, 160, 3), np.uint8)
    embedder, network = facenet_rs.Embedder(), InceptionResnetV1(pretrained=None).eval()

    def peer() -> None:
        with torch.inference_mode():
            network((torch.from_numpy(crops).permute(0, 3, 1, 2).float() - 127.5) / 128)

    runs: dict[str, Run] = {
        "Rust": lambda: worker.run("embed", str(count)),
        "facenet-rs": lambda: timed(lambda: embedder.embed(crops)),
        "facenet-pytorch": lambda: timed(peer),
    }
    compare(f"embedding, batch {count}", runs, rounds, count, "a face")


#: Comparing two photos, by package; the names of the packages are those of their distributions.
COLD = {
    "facenet-rs": """
        import sys
        sys.path.insert(0, "python")
        import facenet_rs
        print(facenet_rs.compare(*photos).same)""",
    "facenet-pytorch": """
        from PIL import Image
        from facenet_pytorch import MTCNN, InceptionResnetV1
        mtcnn, network = MTCNN(image_size=160, margin=32), InceptionResnetV1(pretrained=None).eval()
        a, b = (network(mtcnn(Image.open(photo).convert("RGB")).unsqueeze(0)) for photo in photos)
        print((a - b).norm().item())""",
    "face_recognition": """
        import face_recognition
        a, b = (face_recognition.face_encodings(face_recognition.load_image_file(photo))[0] for photo in photos)
        print(face_recognition.compare_faces([a], b))""",
    "deepface": """
        from deepface import DeepFace
        print(DeepFace.verify(*photos, model_name="Facenet512", detector_backend="mtcnn")["verified"])""",
}


#: The end of a cold start: its peak memory. That which the system counts for a child begins with its parent's.
PEAK = """
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(line.split()[1])
"""


def cold(code: str) -> tuple[float, int, str]:
    """Seconds and peak memory in MiB of a process that runs `code`, and the end of what it said if it failed."""
    photos = [str(PHOTOS / name) for name in ("obama.jpg", "obama2.jpg")]
    command = [sys.executable, "-c", f"photos = {photos!r}\n{textwrap.dedent(code)}\n{PEAK}"]
    start = time.perf_counter()
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        return seconds, 0, done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
    return seconds, int(done.stdout.split()[-1]) // 1024, ""


def installed(name: str, seen: set[str]) -> int:
    """Bytes of the files of a distribution and of all that it requires, each once."""
    if canonicalize_name(name) in seen:
        return 0
    seen.add(canonicalize_name(name))
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return 0
    files = (Path(str(file.locate())) for file in found.files or ())
    needed = map(Requirement, found.requires or ())
    return sum(file.stat().st_size for file in files if file.suffix != ".pyc" and file.is_file()) + sum(
        installed(one.name, seen) for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})
    )


def size_of(name: str) -> int:
    """Bytes of a package with all that it requires. This one is a folder of the tree, with links to the models."""
    if name != "facenet-rs":
        return installed(name, set())
    files = (file for file in Path(facenet_rs.__file__).parent.rglob("*") if file.is_file() and file.suffix != ".pyc")
    seen: set[str] = set()
    return sum(file.stat().st_size for file in files) + installed("numpy", seen) + installed("onnxruntime", seen)


def cold_start(rounds: int) -> None:
    """Comparing two photos from a cold process: time, memory, and what was installed for it."""
    runs: dict[str, list[tuple[float, int, str]]] = {}
    for name, code in COLD.items():
        problem = cold(code)[2]
        if problem:
            LEFT_OUT.append(f"{name}, cold: {problem}")
        else:
            runs[name] = []
    for _ in range(rounds):
        for name, found in runs.items():
            found.append(cold(COLD[name]))
    print("\n| comparing two photos, cold | median | range | peak memory | installed |\n|---|---|---|---|---|")
    for name, found in runs.items():
        seconds = [one[0] for one in found]
        memory = statistics.median(one[1] for one in found)
        print(
            f"| {name} | {statistics.median(seconds):.2f} s | {min(seconds):.2f}-{max(seconds):.2f} | {memory:.0f} MiB "
            f"| {size_of(name) / 2**20:.0f} MiB |"
        )


def main() -> None:
    """Run every comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--images", type=int, default=20, help="images of LFW")
    parser.add_argument("--worker", default=str(WORKER), help="what speaks worker.rs's language")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, torch {torch.__version__}, NumPy {np.__version__}\n")
    print("| work | library | median | range | ratio |\n|---|---|---|---|---|")
    worker = Worker(*shlex.split(arguments.worker))
    keras = Worker(sys.executable, "benches/peers/mtcnn_worker.py")
    with tempfile.TemporaryDirectory() as temporary:
        # Without the reference data, a photo of the repository has to do.
        paths = lfw_sample(Path(temporary), arguments.images) or [PHOTOS / "obama2.jpg"]
        detection(worker, keras, paths, arguments.rounds)
        for count in (1, 32):
            embedding(worker, count, arguments.rounds)
    cold_start(max(3, arguments.rounds // 3))
    for line in LEFT_OUT:
        print(f"\nleft out: {line}")


if __name__ == "__main__":
    main()
