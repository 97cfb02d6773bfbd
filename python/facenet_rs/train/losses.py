"""What is made small in training."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


def normalized(prelogits: Tensor) -> Tensor:
    """Embeddings of length one, (n, width)."""
    return prelogits / prelogits.square().sum(1, keepdim=True).clamp_min(1e-10).sqrt()


def weight_penalty(module: nn.Module) -> Tensor:
    """Half the sum of the squares of all weights of convolutions and dense layers; biases are free."""
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    return torch.stack([layer.weight.square().sum() for layer in layers]).sum() / 2


def prelogits_norm(prelogits: Tensor, p: float) -> Tensor:
    """The mean length of the rows, in the norm `p`, with 1e-4 added to every magnitude."""
    return torch.linalg.vector_norm(prelogits.abs() + 1e-4, p, dim=1).mean()


class CenterLoss(nn.Module):
    """The mean square distance of embeddings to the centres of their classes (Wen, Zhang, Li and Qiao, 2016).

    Centres are moved towards the embeddings by :meth:`update`, not by the optimizer: by ``1 - alfa`` of the distance for
    each image of the batch.

    Parameters
    ----------
    classes, width : int
        Shape of the centres, which begin as zeros.
    alfa : float
        How much of a centre stays, 0 to 1.
    """

    centers: Tensor

    def __init__(self, classes: int, width: int, alfa: float) -> None:
        super().__init__()
        self.register_buffer("centers", torch.zeros(classes, width))
        self._alfa = alfa

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The loss of embeddings (n, width) with class numbers (n,), for the centres as they are now."""
        return (embeddings - self.centers[labels]).square().mean()

    @torch.no_grad()
    def update(self, embeddings: Tensor, labels: Tensor, total: Callable[[Tensor], Tensor] = lambda part: part) -> None:
        """Move the centres; `total` adds up what the processes of a distributed training found."""
        moved = torch.zeros_like(self.centers)
        moved.index_add_(0, labels, (1 - self._alfa) * (self.centers[labels] - embeddings.to(moved.dtype)))
        self.centers -= total(moved)


def triplet_loss(embeddings: Tensor, alpha: float) -> Tensor:
    """The loss of each triplet (Schroff, Kalenichenko and Philbin, 2015).

    `embeddings` are (3 n, width), of length one, in the order anchor, positive, negative; the result is (n,).
    """
    anchors, positives, negatives = embeddings.reshape(-1, 3, embeddings.shape[1]).unbind(1)
    near, far = (anchors - positives).square().sum(1), (anchors - negatives).square().sum(1)
    return functional.relu(near - far + alpha)


@torch.no_grad()
def select_triplets(embeddings: Tensor, labels: Tensor, alpha: float, generator: torch.Generator) -> Tensor:
    """For every two images of a person one of another that violates the margin, in random order.

    The negative is drawn from all of which the squared distance to the anchor is less than ``alpha`` more than the
    positive's, as in facenet (the choice of Parkhi, Vedaldi and Zisserman, 2015); pairs without such get no triplet.

    Parameters
    ----------
    embeddings : (n, width)
        Of length one, on the CPU.
    labels : (n,)
        The person of each.

    Returns
    -------
    (m, 3) of int64
        Rows of `embeddings`: anchor, positive, negative.
    """
    distances = torch.cdist(embeddings, embeddings, compute_mode="donot_use_mm_for_euclid_dist").square()
    found = [torch.empty((0, 3), dtype=torch.int64)]
    for anchor in range(len(labels)):
        same = labels == labels[anchor]
        positives = same.nonzero()[:, 0]
        positives = positives[positives > anchor]
        violating = (distances[anchor] - distances[anchor, positives, None] < alpha) & ~same
        positives, violating = positives[violating.any(1)], violating[violating.any(1)]
        if len(positives):
            negatives = torch.multinomial(violating.float(), 1, generator=generator)[:, 0]
            found.append(torch.stack([torch.full_like(positives, anchor), positives, negatives], 1))
    triplets = torch.cat(found)
    return triplets[torch.randperm(len(triplets), generator=generator)]
