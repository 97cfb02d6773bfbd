"""How good the weights are that a training has reached."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from .. import _native
from ..errors import DatasetInvalidError, InvalidArgumentError
from ..evaluator import Evaluator, Report, _list_of
from .distributed import Ranks
from .images import LOOKED_AT, Images, Loader, parts
from .losses import normalized
from .settings import Settings, path_of
from .trainer import Context, Method, Model, autocast
from .work import Work

#: How much larger than what the network sees an aligned face is, where it has room for random crops. Photos have more.
_LARGEST = 1.25


@dataclass(frozen=True)
class Validation:
    """Means over a validation set."""

    loss: float
    main: float
    accuracy: float


@torch.no_grad()
def validate(context: Context, method: Method, images: Images, loader: Loader) -> Validation:
    """What the images of a validation set cost, as the network is used after training; each process takes its part of them."""
    context.model.eval()
    sums = torch.zeros(3, device=context.device)
    size = context.settings["lfw_batch_size"]
    lists = parts(context.ranks.part(range(len(images.paths))), size)
    shared = -(-(len(images.paths) // context.ranks.world) // size)
    for part, batch in zip(lists, context.work.batches("Validation", loader, lists, shared), strict=True):
        with autocast(context.settings, context.device):
            prelogits, logits = context.model(batch)
        labels = torch.tensor([images.labels[i] for i in part], device=context.device)
        found = method.losses(prelogits.float(), None if logits is None else logits.float(), labels)
        sums += torch.stack([found.main + found.reg, found.main, found.accuracy]) * len(part)
    return Validation(*(context.ranks.total(sums) / len(images.paths)).tolist())


class Lfw:
    """The pairs of LFW, or of a list like it, over a folder of aligned faces.

    Raises
    ------
    NotFoundError, DatasetInvalidError
        If the list is missing or damaged, no pair has both images, the folds cannot be evaluated, or the images have another
        size than aligned faces would have.
    """

    def __init__(self, settings: Settings, ranks: Ranks, device: torch.device) -> None:
        folder = path_of(settings, "lfw_dir")
        listed = path_of(settings, "lfw_pairs") if settings["lfw_pairs"] else _list_of(folder)
        found = _native.pairs_of(folder, listed)
        pairs = [(a, b, same) for a, b, same in found if a and b]
        if not pairs:
            raise DatasetInvalidError(f"{listed} (lfw_pairs): no pair has both its images in {folder} (lfw_dir)")
        #: Pairs that lack an image.
        self.missing = len(found) - len(pairs)
        self._paths = sorted({path for a, b, _ in pairs for path in (a, b)})
        number = {path: i for i, path in enumerate(self._paths)}
        self._first = [number[a] for a, _, _ in pairs]
        self._second = [number[b] for _, b, _ in pairs]
        self._same = [same for _, _, same in pairs]
        self._settings, self._ranks, self._device = settings, ranks, device
        self._loader = Loader(self._paths, settings, device, augment=False)
        self._check_folds(listed)
        self._check_sizes()

    def _check_folds(self, listed: Path) -> None:
        """Evaluate what stands in for embeddings: what is wrong with the list of pairs is found before anything is trained."""
        try:
            self.report(np.random.default_rng(0).standard_normal((len(self._paths), 2), np.float32))
        except InvalidArgumentError as error:
            raise DatasetInvalidError(f"{listed} (lfw_pairs, lfw_nrof_folds): {error}") from error

    def _check_sizes(self) -> None:
        size = self._settings["image_size"]
        for path, (width, height) in self._loader.sizes(LOOKED_AT):
            if width != height or not size <= width <= _LARGEST * size:
                raise DatasetInvalidError(
                    f"{path} (lfw_dir) has {width}x{height} pixels: image_size {size} needs aligned faces of {size}x{size}, "
                    "or slightly more, of which the middle is taken. Align the photos for this size"
                )

    @torch.no_grad()
    def embeddings(self, model: Model, work: Work) -> npt.NDArray[np.float32]:
        """Of all images, by the weights as they are; each process embeds its part of them."""
        model.eval()
        settings, count = self._settings, len(self._paths)
        own = self._ranks.part(range(count))
        views = 2 if settings["lfw_use_flipped_images"] else 1
        rows = torch.zeros(count, views * settings["embedding_size"], device=self._device)
        size = settings["lfw_batch_size"]
        lists = parts(own, size)
        shared = -(-(count // self._ranks.world) // size)
        for part, batch in zip(lists, work.batches("LFW", self._loader, lists, shared), strict=True):
            with autocast(settings, batch.device):
                found = [model.network(view) for view in [batch, batch.flip(3)][:views]]
            rows[part[0] : part[-1] + 1] = torch.cat([normalized(prelogits.float()) for prelogits in found], 1)
        embeddings: npt.NDArray[np.float32] = self._ranks.total(rows).cpu().numpy()
        return embeddings

    def report(self, embeddings: npt.NDArray[np.float32]) -> Report:
        """Accuracy and validation rate of these embeddings."""
        settings = self._settings
        evaluator = Evaluator(
            folds=settings["lfw_nrof_folds"],
            metric=("squared-euclidean", "angular")[settings["lfw_distance_metric"]],
            subtract_mean=settings["lfw_subtract_mean"],
        )
        evaluator.add_pairs(embeddings[self._first], embeddings[self._second], self._same)
        return evaluator.report()
