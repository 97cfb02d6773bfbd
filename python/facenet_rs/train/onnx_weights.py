"""The weights in a model file of this library, read without the ``onnx`` package.

Only what the files of this library hold is read: initializers of 16 and 32-bit floats (``TensorProto`` of onnx.proto).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..errors import ModelInvalidError, ModelMismatchError
from .networks import EPSILON, Convolution, FaceNetwork, Residual

#: Field numbers of onnx.proto, and the number types.
_GRAPH, _INITIALIZER, _DIMS, _TYPE, _NAME, _DATA = 7, 5, 1, 2, 8, 9
_TYPES = {1: "<f4", 10: "<f2"}


def read(path: Path) -> dict[str, Tensor]:
    """The initializers of the graph, by name.

    Raises
    ------
    ModelInvalidError
        If the file is no ONNX model, or one that breaks off.
    """
    try:
        graph = _Message(memoryview(path.read_bytes())).parts[_GRAPH][0]
        return dict(_tensor(_Message(tensor)) for tensor in _Message(graph).parts[_INITIALIZER])
    except (IndexError, ValueError, KeyError, OverflowError) as error:
        raise ModelInvalidError(
            f"{path}: not an ONNX model of this library, or one that breaks off: {error}"
        ) from error


class _Message:
    """The fields of a message in protobuf's wire format, by number."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._at = data, 0
        self.numbers: defaultdict[int, list[int]] = defaultdict(list)
        self.parts: defaultdict[int, list[memoryview]] = defaultdict(list)
        while self._at < len(data):
            key = self._number()
            match key & 7:
                case 0:
                    self.numbers[key >> 3].append(self._number())
                case 1:
                    self._skip(8)
                case 2:
                    self.parts[key >> 3].append(self._skip(self._number()))
                case 5:
                    self._skip(4)
                case kind:
                    raise ValueError(f"wire type {kind}")

    def _number(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self._at]
            value |= (byte & 127) << shift
            self._at, shift = self._at + 1, shift + 7
            if byte < 128:
                return value

    def _skip(self, size: int) -> memoryview:
        begin, self._at = self._at, self._at + size
        if self._at > len(self._data):
            raise ValueError("it breaks off")
        return self._data[begin : self._at]


def _tensor(message: _Message) -> tuple[str, Tensor]:
    name = bytes(message.parts[_NAME][0]).decode()
    array = np.frombuffer(message.parts[_DATA][0], _TYPES[message.numbers[_TYPE][0]]).astype(np.float32)
    return name, torch.from_numpy(array.reshape(message.numbers[_DIMS]))


@torch.no_grad()
def load(network: FaceNetwork, path: Path) -> None:
    """Give the weights of a model file to a network.

    In the file each batch normalisation is part of the convolution before it, and each scale part of its residual; here
    the normalisations do nothing but add the bias, until :func:`restore_statistics` has seen images.

    Raises
    ------
    ModelInvalidError, ModelMismatchError
        If the file is damaged, or of another network or width.
    """
    weights = {name.removesuffix(".float16"): value for name, value in read(path).items()}

    def take(target: Tensor, name: str, divisor: float = 1.0) -> None:
        if name not in weights or weights[name].shape != target.shape:
            found = list(weights[name].shape) if name in weights else "missing"
            raise ModelMismatchError(
                f"{path}: `{name}` is {found}, the network to train needs {list(target.shape)}: "
                "another network, or another embedding_size"
            )
        target.copy_(weights[name] / divisor)

    for name, module in network.named_modules():
        if isinstance(module, Convolution):
            take(module.conv.weight, f"{name}.weight")
            take(module.bn.bias, f"{name}.bias")
            _do_nothing(module.bn)
        elif isinstance(module, Residual):
            take(module.conv2d.weight, f"{name}.conv2d.weight", module.scale)
            assert module.conv2d.bias is not None
            take(module.conv2d.bias, f"{name}.conv2d.bias", module.scale)
    take(network.last_linear.weight, "last_linear.weight")
    take(network.last_bn.bias, "last_linear.bias")
    _do_nothing(network.last_bn)


def _do_nothing(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - EPSILON)
    norm.weight.fill_(1)


@torch.no_grad()
def restore_statistics(network: FaceNetwork, batches: Iterator[Tensor]) -> None:
    """Measure mean and variance before each batch normalisation, and write the same function with these.

    Afterwards the network gives what it gave before, and gives about the same in training, where batches are normalised by
    their own mean and variance; without this the first steps would destroy weights that :func:`load` read.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
    sums = {norm: torch.zeros(2, norm.num_features, dtype=torch.float64) for norm in norms}
    counts = dict.fromkeys(norms, 0)

    def see(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
        values = inputs[0].transpose(0, 1).flatten(1)
        variance, mean = (found.cpu().double() for found in torch.var_mean(values, 1, correction=0))
        sums[norm] += torch.stack([mean, variance + mean.square()]) * values.shape[1]
        counts[norm] += values.shape[1]

    hooks = [norm.register_forward_pre_hook(see) for norm in norms]
    network.eval()
    for batch in batches:
        network(batch)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        assert norm.running_mean is not None and norm.running_var is not None
        mean, square = sums[norm] / counts[norm]
        variance = (square - mean.square()).clamp_min(0).to(norm.running_var)
        mean = mean.to(norm.running_mean)
        factor = norm.weight / (norm.running_var + norm.eps).sqrt()
        norm.bias.add_((mean - norm.running_mean) * factor)
        norm.weight.copy_(factor * (variance + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
