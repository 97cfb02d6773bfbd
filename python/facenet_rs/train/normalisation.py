"""The statistics of batch normalisations that belong to averaged weights."""

from __future__ import annotations

import torch
from torch import nn

from .. import _native
from .trainer import Context, autocast

#: They are measured from as many images as this number of steps sees, or all if there are fewer.
STEPS = 20


@torch.no_grad()
def measure_statistics(context: Context) -> None:
    """Give to each batch normalisation the mean, over batches of training images, of what the training would divide by.

    What the steps averaged is of weights as they were then. It is far from what the averaged weights need for as long as the
    weights still change (Izmailov et al., 2018, Averaging Weights Leads to Wider Optima; Wu and Johnson, 2021, Rethinking
    "Batch" in BatchNorm).
    """
    network = context.model.network
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    before = [(norm.momentum, norm.num_batches_tracked.clone()) for norm in norms]
    network.train()
    # As the network is used afterwards.
    network.dropout.eval()
    lists = _some(context)
    batches = context.work.batches("Statistics of batch normalisations", context.loader, lists, len(lists))
    for number, batch in enumerate(batches, 1):
        for norm in norms:
            norm.momentum = 1 / number
        with autocast(context.settings, context.device):
            network(batch)
    for norm, (momentum, steps) in zip(norms, before, strict=True):
        norm.momentum = momentum
        norm.num_batches_tracked.copy_(steps)


def _some(context: Context) -> list[list[int]]:
    """This process's part of whole batches in random order, the same each time: those of an epoch that there is not.

    They are as large as those of an evaluation, and no smaller than a step's: the larger, the less an image is moved by the
    others of its batch.
    """
    images, settings, world = len(context.images.paths), context.settings, context.ranks.world
    size = max(settings["lfw_batch_size"], settings["batch_size"]) * world
    count = -(-min(images, STEPS * settings["batch_size"] * world) // size)
    order = _native.sample_softmax(images, 0, count * size, settings["seed"])
    return [list(context.ranks.part(order[i * size : (i + 1) * size])) for i in range(count)]
