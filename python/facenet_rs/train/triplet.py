"""Training with triplets of two images of a person and one of another: facenet's ``train_tripletloss.py``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from .. import _native
from ..errors import DatasetInvalidError, InvalidArgumentError
from .losses import normalized, select_triplets, triplet_loss
from .trainer import Context, Losses, autocast, penalties, seed_everything

#: After so many draws of people without a triplet there is nothing left to learn.
_FRUITLESS = 100


class Triplets:
    """Draws people, chooses triplets of their images as the network sees them now, and trains with these until all are used."""

    def __init__(self, context: Context) -> None:
        people = sum(len(images) > 1 for images in context.images.of_people().values())
        if people == 0 or len(context.images.names) < 2:
            raise DatasetInvalidError(
                f"{context.settings['data_dir']}: triplets need two people or more, one of them with two images"
            )
        settings, counts = context.settings, [len(images) for images in context.images.of_people().values()]
        if settings["people_per_batch"] > len(counts):
            raise InvalidArgumentError(
                f"people_per_batch is {settings['people_per_batch']}: {settings['data_dir']} has only {len(counts)} people"
            )
        wanted = settings["people_per_batch"] * settings["images_per_person"]
        there = sum(min(count, settings["images_per_person"]) for count in counts)
        if wanted > there:
            raise InvalidArgumentError(
                f"people_per_batch and images_per_person ask for {wanted} images at a time: {settings['data_dir']} has only "
                f"{there}, with at most {settings['images_per_person']} of a person"
            )
        self._context = context
        self._people = _native.People(context.images.labels)
        #: Draws of people so far, and the triplets of the last of them that no step has had.
        self._draws = 0
        self._left = torch.empty((0, 3), dtype=torch.int64)

    def batches(self, epoch: int, done: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of triplets, until none violates the margin."""
        context, world = self._context, self._context.ranks.world
        size = context.settings["batch_size"] // 3 * world
        while True:
            if len(self._left) < world:
                self._left = self._choose(epoch)
            if len(self._left) < world:
                return
            left = self._left
            # Every process has as many: of a last, smaller batch, fewer than there are processes stay unused.
            ends = [min(begin + size, len(left)) // world * world for begin in range(0, len(left), size)]
            starts = [0, *ends[:-1]]
            spans = [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]
            lists = [context.ranks.part(left[start:end].tolist()) for start, end in spans]
            images = [[image for triplet in part for image in triplet] for part in lists]
            for (_, end), batch in zip(spans, context.loader.batches(images, epoch), strict=True):
                self._left = left[end:]
                yield batch, torch.zeros(len(batch), dtype=torch.int64, device=context.device)

    def _choose(self, epoch: int) -> Tensor:
        context, settings = self._context, self._context.settings
        labels = context.images.labels
        for _ in range(_FRUITLESS):
            self._draws += 1
            drawn = self._people.sample(
                settings["people_per_batch"],
                settings["images_per_person"],
                settings["seed"],
                epoch,
                self._draws,
            )
            embeddings = self._embeddings(drawn, epoch)
            generator = torch.Generator().manual_seed(settings["seed"] * 1_000_003 + self._draws)
            people = torch.tensor([labels[image] for image in drawn])
            chosen = select_triplets(embeddings, people, settings["alpha"], generator)
            if len(chosen) >= context.ranks.world:
                return torch.tensor(drawn)[chosen]
        if self._draws == _FRUITLESS:
            raise DatasetInvalidError(
                f"no triplet violates the margin in {_FRUITLESS} draws of {settings['people_per_batch']} people: "
                "draw more people, or choose a larger alpha"
            )
        return self._left

    @torch.no_grad()
    def _embeddings(self, images: Sequence[int], epoch: int) -> Tensor:
        """Of all processes together, as the training sees them: with dropout, and normalised over a batch."""
        context = self._context
        seed_everything(context.settings["seed"], -self._draws, context.ranks.rank)
        context.model.train()
        batches = -(-len(images) // (context.settings["batch_size"] * context.ranks.world))
        cuts = [len(images) * i // batches for i in range(batches + 1)]
        rows = [range(begin, end) for begin, end in pairwise(cuts)]
        own = [context.ranks.part(part) for part in rows]
        embeddings = torch.zeros(len(images), context.settings["embedding_size"], device=context.device)
        for part, batch in zip(own, context.loader.batches([[images[i] for i in p] for p in own], epoch), strict=True):
            with autocast(context.settings, context.device):
                prelogits = context.model.network(batch)
            embeddings[part[0] : part[-1] + 1] = normalized(prelogits.float())
        return context.ranks.total(embeddings).cpu()

    def losses(self, prelogits: Tensor, logits: Tensor | None, labels: Tensor) -> Losses:
        """What a batch of triplets costs; its accuracy is the share of triplets that keep the margin."""
        settings = self._context.settings
        weights, norm = penalties(settings, self._context.model, prelogits)
        each = triplet_loss(normalized(prelogits), settings["alpha"])
        return Losses(
            main=each.mean(),
            reg=weights + settings["prelogits_norm_loss_factor"] * norm,
            center=prelogits.new_zeros(()),
            prelogits_norm=norm,
            accuracy=(each == 0).float().mean(),
        )

    def after(self, prelogits: Tensor, labels: Tensor) -> None:
        """Nothing moves but the weights."""

    def state_dict(self) -> dict[str, Any]:
        """The triplets that are left, and the number of draws."""
        return {"draws": self._draws, "left": self._left.clone()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with triplets that are left."""
        self._draws, self._left = state["draws"], state["left"].cpu()
