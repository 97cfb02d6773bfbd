"""Training a classifier of all people, whose last layer but one gives the embeddings: facenet's ``train_softmax.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .. import _native
from .losses import CenterLoss
from .trainer import Context, Losses, penalties


class Softmax:
    """Cross-entropy, with center loss and penalties."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        classes, width = len(context.images.names), settings["embedding_size"]
        self.center = CenterLoss(classes, width, settings["center_loss_alfa"]).to(context.device)
        self._labels = torch.tensor(context.images.labels)

    def batches(self, epoch: int, done: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All images in a random order, again and again as needed."""
        context = self._context
        size = context.settings["batch_size"] * context.ranks.world
        count = context.settings["epoch_size"]
        order = _native.sample_softmax(len(context.images.labels), epoch, count * size, context.settings["seed"])
        lists = [context.ranks.part(order[i * size : (i + 1) * size]) for i in range(done, count)]
        for images, batch in zip(lists, context.loader.batches(lists, epoch), strict=True):
            yield batch, self._labels[list(images)].to(context.device)

    def losses(self, prelogits: Tensor, logits: Tensor | None, labels: Tensor) -> Losses:
        """What a batch costs."""
        assert logits is not None
        settings = self._context.settings
        weights, norm = penalties(settings, self._context.model, prelogits)
        center = self.center(prelogits, labels)
        return Losses(
            main=functional.cross_entropy(logits, labels),
            reg=weights + settings["prelogits_norm_loss_factor"] * norm + settings["center_loss_factor"] * center,
            center=center,
            prelogits_norm=norm,
            accuracy=(logits.argmax(1) == labels).float().mean(),
        )

    def after(self, prelogits: Tensor, labels: Tensor) -> None:
        """Move the centres."""
        self.center.update(prelogits, labels, self._context.ranks.total)

    def state_dict(self) -> dict[str, Any]:
        """The centres."""
        return {"centers": self.center.centers}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take centres over."""
        self.center.centers.copy_(state["centers"])
