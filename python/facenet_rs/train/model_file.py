"""Making a model file of the weights that a training has reached."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from ..embedder import Embedder
from ..errors import ModelMismatchError
from ..model_files import import_model
from .losses import normalized
from .networks import FaceNetwork
from .settings import Settings

#: The largest difference of a number of an embedding that weights of 16 bits explain, as a share of ``width ** -0.5``, which
#: is how large these numbers are. Networks that have hardly been trained come near to it.
TOLERANCE = 0.1


def write_weights(network: FaceNetwork, path: Path, settings: Settings) -> None:
    """Write the weights with facenet-pytorch's names, and what images they are for, whole or not at all."""
    beside = path.with_name(f".{path.name}")
    weights = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    prepared = {
        "facenet.input_size": str(settings["image_size"]),
        "facenet.standardization": _standardization(settings),
    }
    # Not `save_file`, whose files only their owner may read.
    beside.write_bytes(_sorted(save(weights, prepared)))
    beside.replace(path)


def _sorted(file: bytes) -> bytes:
    """Safetensors whose metadata have an order, so that the same weights give the same file."""
    end = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    return file[:8] + json.dumps(header, separators=(",", ":")).encode().ljust(end - 8) + file[end:]


def _standardization(settings: Settings) -> str:
    return "fixed" if settings["use_fixed_image_standardization"] else "per-image"


def write_model(
    network: FaceNetwork, folder: Path, name: str, settings: Settings, best: bool = False
) -> tuple[Path, float]:
    """Write weights and a model file, and compare what the file gives with what the network gives.

    They are ``model.safetensors`` and ``<name>.onnx``, of the best weights ``best.safetensors`` and ``<name>-best.onnx``. Returns the file, and the largest difference of a number of an embedding.

    Raises
    ------
    FacenetError
        If the library makes no model file of such a network; the weights are there nonetheless.
    ModelMismatchError
        If the model file gives something else.
    """
    name = f"{name}-best" if best else name
    weights, path = folder / ("best.safetensors" if best else "model.safetensors"), folder / f"{name}.onnx"
    write_weights(network, weights, settings)
    standardization = _standardization(settings)
    import_model(
        weights,
        path,
        architecture=settings["model_def"].removeprefix("models.").replace("_", "-"),
        name=name,
        origin="facenet_rs.train",
        standardization=standardization,
        input_size=settings["image_size"],
    )
    difference = compare(network, path, settings["image_size"], standardization)
    if difference > TOLERANCE * network.last_linear.out_features**-0.5:
        raise ModelMismatchError(f"{path} differs from the network by up to {difference:.2g} in an embedding")
    return path, difference


@torch.no_grad()
def compare(network: FaceNetwork, path: Path, size: int, standardization: str) -> float:
    """The largest difference of a number of an embedding between a model file and a network, over random images."""
    images = np.random.default_rng(0).integers(0, 256, (4, size, size, 3), np.uint8)
    values = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    if standardization == "fixed":
        values = (values - 127.5) / 128
    else:
        deviation, mean = torch.std_mean(values, (1, 2, 3), correction=0, keepdim=True)
        values = (values - mean) / deviation.clamp_min((3 * size * size) ** -0.5)
    network = copy.deepcopy(network).cpu().float().eval()
    wanted = normalized(network(values)).numpy()
    return float(np.abs(Embedder(model=path).embed(images) - wanted).max())
