"""Several processes, on one machine or many, that train together: started by torchrun.

Each has its part of every batch; together they do what one process would do with the whole.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.distributed.nn import functional as collective
from torch.nn.parallel import DistributedDataParallel

T = TypeVar("T")

#: Of Linux's ``prctl``: the signal that a process gets when its parent dies.
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Ranks:
    """The processes that train together."""

    rank: int = 0
    world: int = 1

    def part(self, whole: Sequence[T]) -> Sequence[T]:
        """This process's part of something, in order; parts differ by one at most."""
        return whole[len(whole) * self.rank // self.world : len(whole) * (self.rank + 1) // self.world]

    def total(self, tensor: Tensor) -> Tensor:
        """The sum over all processes."""
        if self.world > 1:
            tensor = tensor.clone()
            distributed.all_reduce(tensor)
        return tensor

    def wait(self) -> None:
        """Wait for all processes."""
        if self.world > 1:
            distributed.barrier()

    def agreed(self, value: T) -> T:
        """The first process's value."""
        values: list[Any] = [value]
        if self.world > 1:
            distributed.broadcast_object_list(values)
        agreed: T = values[0]
        return agreed


@contextmanager
def joined(device: str) -> Iterator[tuple[Ranks, torch.device]]:
    """The processes that torchrun started, or this one alone, and the device that this one has."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if "TORCHELASTIC_RUN_ID" in os.environ:
        _end_with_parent()
    own = torch.device(device, int(os.environ.get("LOCAL_RANK", "0"))) if device == "cuda" else torch.device(device)
    if own.type == "cuda":
        torch.cuda.set_device(own)
    if world == 1:
        yield Ranks(), own
        return
    # Others wait while the first one computes a report, or writes a checkpoint or the model file to a slow disk.
    distributed.init_process_group("nccl" if own.type == "cuda" else "gloo", timeout=timedelta(hours=2))
    try:
        yield Ranks(distributed.get_rank(), world), own
    finally:
        # Taking gloo down can wait for ever: it holds the interpreter's lock and joins a thread that needs it to free a tensor
        # (torch 2.2). It ends with the process.
        if own.type == "cuda":
            distributed.destroy_process_group()


def _end_with_parent() -> None:
    """Have the system ask this process to end when torchrun dies, which then can no longer do so itself."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    except (OSError, AttributeError):
        # Not Linux.
        return


def synchronised(model: nn.Module, ranks: Ranks, device: torch.device) -> nn.Module:
    """The model with batch normalisation over the images of all processes."""
    if ranks.world == 1:
        return model
    if device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
                setattr(parent, name, _SynchronisedNorm.of(child))
    return model


class _SynchronisedNorm(nn.modules.batchnorm._BatchNorm):
    """What ``nn.SyncBatchNorm`` does, which is for GPUs only, on the CPU."""

    @classmethod
    def of(cls, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> _SynchronisedNorm:
        own = cls(norm.num_features, norm.eps, norm.momentum or 0.0)
        own.load_state_dict(norm.state_dict())
        own.weight.requires_grad_(norm.weight.requires_grad)
        return own

    def _check_input_dim(self, input: Tensor) -> None:
        pass

    def forward(self, values: Tensor) -> Tensor:
        if not self.training:
            normalised: Tensor = super().forward(values)
            return normalised
        assert self.running_mean is not None and self.running_var is not None and self.momentum is not None
        axes = [0, *range(2, values.dim())]
        shape = [1, -1] + [1] * (values.dim() - 2)
        count = collective.all_reduce(torch.full((1,), values.numel() / values.shape[1]))
        mean = collective.all_reduce(values.sum(axes)) / count
        centred = values - mean.reshape(shape)
        variance = collective.all_reduce(centred.square().sum(axes)) / count
        with torch.no_grad():
            if self.num_batches_tracked is not None:
                self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scale = self.weight / (variance + self.eps).sqrt()
        return centred * scale.reshape(shape) + self.bias.reshape(shape)


def shared(model: nn.Module, ranks: Ranks, device: torch.device) -> nn.Module:
    """The model, with gradients that are the mean over all processes."""
    if ranks.world == 1:
        return model
    return DistributedDataParallel(
        model, device_ids=[device.index] if device.type == "cuda" else None, broadcast_buffers=False
    )


def unshared(model: nn.Module) -> AbstractContextManager[None]:
    """Gradients in the block stay in this process, to be added to those that follow."""
    kept: AbstractContextManager[None] = (
        model.no_sync() if isinstance(model, DistributedDataParallel) else nullcontext()
    )
    return kept
