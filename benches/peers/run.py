"""Time facenet and other libraries on the same images, in turns, and print the ratios.

Every round runs each library once, so that a busy moment of the machine meets all of them; the medians of
the rounds are compared. facenet's side is the process `worker.rs`, its peers run in this one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from facenet_pytorch import MTCNN, InceptionResnetV1
from PIL import Image
from turns import ROOT, Run, Worker, compare, timed

MODEL = ROOT / "models/facenet-20180408-102900.onnx"
PHOTOS = ROOT / "examples/photos"
FACENET = ROOT / "target/release/facenet"
WORKER = ROOT / "target/release/worker"


def lfw_sample(folder: Path, count: int) -> list[Path]:
    """Every n-th image of LFW, unpacked into a folder of people; empty if the reference data is absent."""
    archive = Path(os.environ.get("FACENET_SHARED", ROOT / "../shared")) / "lfw/lfw-deepfunneled.tar"
    if not archive.exists():
        return []
    with tarfile.open(archive) as tar:
        members = [member for member in tar.getmembers() if member.name.endswith(".jpg")]
        chosen = members[:: len(members) // count][:count]
        tar.extractall(folder, members=chosen, filter="data")
    return [folder / member.name for member in chosen]


def detection(worker: Worker, keras: Worker, title: str, paths: list[Path], rounds: int) -> None:
    """Detection with the original's settings, image after image and as one batch."""
    images = [Image.open(path).convert("RGB") for path in paths]
    mtcnn = MTCNN(keep_all=True, post_process=False)
    runs: dict[str, Run] = {
        "facenet": worker.detection(paths),
        "facenet, image by image": lambda: worker.run("detect-each"),
        "facenet-pytorch": lambda: timed(lambda: [mtcnn.detect(image, landmarks=True) for image in images]),
        "mtcnn (TensorFlow)": keras.detection(paths),
    }
    compare(title, runs, rounds, len(paths), "an image")


def embedding(worker: Worker, count: int, rounds: int) -> None:
    """Embedding of `count` aligned faces."""
    network = InceptionResnetV1(pretrained=None).eval()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
    faces = np.random.default_rng(0).standard_normal((count, 3, 160, 160), dtype=np.float32)
    tensor = torch.from_numpy(faces)

    def torch_run() -> None:
        with torch.inference_mode():
            network(tensor)

    runs: dict[str, Run] = {
        "facenet": lambda: worker.run("embed", str(count)),
        "bare ONNX Runtime loop": lambda: timed(lambda: session.run(None, {session.get_inputs()[0].name: faces})),
        "facenet-pytorch": lambda: timed(torch_run),
    }
    compare(f"embedding, batch {count}", runs, rounds, count, "a face")


def folder(paths: list[Path], source: Path, rounds: int) -> None:
    """Aligning a folder: read, detect, crop, write."""
    mtcnn = MTCNN(image_size=160, margin=32, post_process=False)

    def ours() -> float:
        with tempfile.TemporaryDirectory() as target:
            command = [str(FACENET), "align", "--quiet", str(source), target]
            return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))

    def peer() -> float:
        with tempfile.TemporaryDirectory() as target:
            return timed(
                lambda: [mtcnn(Image.open(p), save_path=f"{target}/{p.parent.name}/{p.stem}.png") for p in paths]
            )

    compare("aligning a folder", {"facenet": ours, "facenet-pytorch": peer}, rounds, len(paths), "an image")


COLD = """
import sys
from PIL import Image
from facenet_pytorch import MTCNN, InceptionResnetV1
mtcnn, network = MTCNN(image_size=160, margin=32), InceptionResnetV1(pretrained=None).eval()
a, b = (network(mtcnn(Image.open(path).convert("RGB")).unsqueeze(0)) for path in sys.argv[1:])
print((a - b).norm().item())
"""


def cold_start(rounds: int) -> None:
    """Comparing two photos from a cold process."""
    photos = [str(PHOTOS / "obama.jpg"), str(PHOTOS / "obama2.jpg")]

    def process(command: list[str]) -> float:
        return timed(lambda: subprocess.run(command + photos, check=True, stdout=subprocess.DEVNULL))

    runs: dict[str, Run] = {
        "facenet compare": lambda: process([str(FACENET), "compare"]),
        "facenet-pytorch": lambda: process([sys.executable, "-c", COLD]),
    }
    compare("comparing two photos, cold", runs, rounds, 1, "")


def main() -> None:
    """Run every comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=100, help="images of LFW")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, torch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}\n")
    print("| work | library | median | range | ratio |\n|---|---|---|---|---|")
    worker = Worker(str(WORKER))
    keras = Worker(sys.executable, "benches/peers/mtcnn_worker.py")
    temporary = Path(tempfile.mkdtemp())
    try:
        lfw = lfw_sample(temporary, arguments.images)
        if lfw:
            detection(worker, keras, "detection, LFW 250x250", lfw, arguments.rounds)
        detection(worker, keras, "detection, photo 1434x2333", [PHOTOS / "obama3.jpg"], arguments.rounds)
        for count in (1, 32):
            embedding(worker, count, arguments.rounds)
        if lfw:
            folder(lfw, lfw[0].parents[1], arguments.rounds)
        cold_start(arguments.rounds)
    finally:
        shutil.rmtree(temporary)


if __name__ == "__main__":
    main()
