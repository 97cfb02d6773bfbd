"""A step of training, whatever is trained with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from . import distributed, losses, networks, optimizers
from .average import MovingAverage
from .distributed import Ranks
from .images import Images, Loader
from .settings import Settings
from .work import Work


class Model(nn.Module):
    """A network, and a classifier of its embeddings if there are classes."""

    def __init__(self, settings: Settings, classes: int) -> None:
        super().__init__()
        self.network = networks.create(
            settings["model_def"], settings["embedding_size"], settings["keep_probability"], settings["image_size"]
        )
        self.logits = nn.Linear(settings["embedding_size"], classes) if classes else None
        if self.logits is not None:
            nn.init.xavier_uniform_(self.logits.weight)
            nn.init.zeros_(self.logits.bias)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Embeddings before they are brought to length one, and for each class a logit."""
        prelogits = self.network(images)
        return prelogits, None if self.logits is None else self.logits(prelogits)


@dataclass
class Losses:
    """What the images of a batch cost, each a number."""

    #: What is made small but for the penalties: cross-entropy or triplet loss.
    main: Tensor
    #: All that is added to it.
    reg: Tensor
    center: Tensor
    prelogits_norm: Tensor
    accuracy: Tensor


class Method(Protocol):
    """What is trained with."""

    def batches(self, epoch: int, done: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from the one after `done` on: images and labels, this process's part of them.

        Fewer than an epoch has if there is nothing left to learn.
        """

    def losses(self, prelogits: Tensor, logits: Tensor | None, labels: Tensor) -> Losses:
        """What a batch costs."""

    def after(self, prelogits: Tensor, labels: Tensor) -> None:
        """Called after a step with its embeddings."""

    def state_dict(self) -> dict[str, Any]:
        """What :meth:`load_state_dict` needs to go on after the last step."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another left off."""


@dataclass
class Context:
    """What a method is made of."""

    settings: Settings
    images: Images
    loader: Loader
    model: Model
    ranks: Ranks
    device: torch.device
    work: Work


@dataclass
class Measured:
    """What a step cost, over all processes."""

    loss: float
    main: float
    reg: float
    center: float
    prelogits_norm: float
    accuracy: float
    #: Whether a process was asked to stop.
    stop: bool
    #: This process's embeddings before they are brought to length one.
    prelogits: Tensor


class Trainer:
    """Model, optimizer and moving average, which move together."""

    def __init__(self, context: Context, method: Method) -> None:
        settings = context.settings
        self.model = context.model
        self.method = method
        self.average = MovingAverage(self.model, settings["moving_average_decay"])
        parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimizer = optimizers.create(settings["optimizer"], parameters, 0.0)
        self._settings, self._ranks, self._device = settings, context.ranks, context.device
        running: nn.Module = torch.compile(self.model) if settings["compile"] else self.model  # type: ignore[assignment]
        self._running = distributed.shared(running, context.ranks, context.device)

    def step(self, images: Tensor, labels: Tensor, lr: float, number: int, stop: bool) -> Measured:
        """Step `number`, which counts from 1, with this process's part of a batch."""
        seed_everything(self._settings["seed"], number, self._ranks.rank)
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        size = -(-self._settings["batch_size"] // self._settings["gradient_accumulation"])
        costs: list[Tensor] = []
        embeddings: list[Tensor] = []
        pieces = list(zip(images.split(size), labels.split(size), strict=True))
        for i, (piece, of) in enumerate(pieces):
            if i + 1 < len(pieces):
                with distributed.unshared(self._running):
                    cost, prelogits = self._backward(piece, of, len(piece) / len(images))
            else:
                cost, prelogits = self._backward(piece, of, len(piece) / len(images))
            costs.append(cost)
            embeddings.append(prelogits)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.optimizer.step()
        self.average.update(number)
        prelogits = torch.cat(embeddings)
        self.method.after(prelogits, labels)
        told = torch.stack(costs).sum(0)
        told = torch.cat([told, told.new_tensor([float(stop)])])
        loss, main, reg, center, norm, accuracy, stopped = (self._ranks.total(told) / self._ranks.world).tolist()
        return Measured(loss, main, reg, center, norm, accuracy, stopped > 0, prelogits)

    def _backward(self, images: Tensor, labels: Tensor, weight: float) -> tuple[Tensor, Tensor]:
        """Add gradients; gives the costs in the order of :class:`Measured`, times `weight`, and the embeddings."""
        with autocast(self._settings, self._device):
            prelogits, logits = self._running(images)
        prelogits = prelogits.float()
        found = self.method.losses(prelogits, None if logits is None else logits.float(), labels)
        loss = found.main + found.reg
        (loss * weight).backward()
        costs = [loss, found.main, found.reg, found.center, found.prelogits_norm, found.accuracy]
        return torch.stack([cost.detach() for cost in costs]) * weight, prelogits.detach()


def autocast(settings: Settings, device: torch.device) -> AbstractContextManager[object]:
    """Computation in the precision of the settings; weights stay 32-bit floats."""
    return torch.autocast(device.type, torch.bfloat16) if settings["precision"] == "bfloat16" else nullcontext()


def seed_everything(seed: int, number: int, rank: int) -> None:
    """Make what is drawn next a function of these numbers alone, so that no state has to be kept."""
    torch.manual_seed(((seed * 1_000_003 + number) * 4099 + rank) % 2**63)


def penalties(settings: Settings, model: Model, prelogits: Tensor) -> tuple[Tensor, Tensor]:
    """The penalty on the weights, and the mean length of the embeddings."""
    weights = (
        settings["weight_decay"] * losses.weight_penalty(model) if settings["weight_decay"] else prelogits.new_zeros(())
    )
    return weights, losses.prelogits_norm(prelogits, settings["prelogits_norm_p"])
