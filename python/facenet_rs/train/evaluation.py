"""How good the weights are that a training has reached."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .. import _native
from ..errors import DatasetInvalidError
from ..evaluator import Evaluator, Report, _list_of
from .images import Images, Loader, parts
from .losses import normalized
from .settings import Settings
from .trainer import Context, Method, Model, autocast


@dataclass(frozen=True)
class Validation:
    """Means over a validation set."""

    loss: float
    main: float
    accuracy: float


@torch.no_grad()
def validate(context: Context, method: Method, images: Images, loader: Loader) -> Validation:
    """What the images of a validation set cost, as the network is used after training."""
    context.model.eval()
    sums = torch.zeros(3)
    batches = parts(len(images.paths), context.settings["lfw_batch_size"])
    for part, batch in zip(batches, loader.batches(batches, 0), strict=True):
        with autocast(context.settings, context.device):
            prelogits, logits = context.model(batch)
        labels = torch.tensor([images.labels[i] for i in part], device=context.device)
        found = method.losses(prelogits.float(), None if logits is None else logits.float(), labels)
        sums += torch.stack([found.main + found.reg, found.main, found.accuracy]).cpu() * len(part)
    return Validation(*(sums / len(images.paths)).tolist())


class Lfw:
    """The pairs of LFW, or of a list like it, over a folder of aligned faces.

    Raises
    ------
    NotFoundError, DatasetInvalidError
        If the list is missing or damaged, or no pair has both images.
    """

    def __init__(self, settings: Settings, device: torch.device) -> None:
        folder = Path(settings["lfw_dir"]).expanduser()
        listed = Path(settings["lfw_pairs"]).expanduser() if settings["lfw_pairs"] else _list_of(folder)
        found = _native.pairs_of(folder, listed)
        pairs = [(a, b, same) for a, b, same in found if a and b]
        if not pairs:
            raise DatasetInvalidError(f"{listed}: no pair has both its images in {folder}")
        #: Pairs that lack an image.
        self.missing = len(found) - len(pairs)
        self._paths = sorted({path for a, b, _ in pairs for path in (a, b)})
        number = {path: i for i, path in enumerate(self._paths)}
        self._first = [number[a] for a, _, _ in pairs]
        self._second = [number[b] for _, b, _ in pairs]
        self._same = [same for _, _, same in pairs]
        self._settings = settings
        self._loader = Loader(self._paths, settings, device, augment=False)

    def evaluate(self, model: Model) -> Report:
        """Accuracy and validation rate of the weights as they are."""
        settings = self._settings
        embeddings = self._embeddings(model)
        evaluator = Evaluator(
            folds=settings["lfw_nrof_folds"],
            metric=("squared-euclidean", "angular")[settings["lfw_distance_metric"]],
            subtract_mean=settings["lfw_subtract_mean"],
        )
        evaluator.add_pairs(embeddings[self._first], embeddings[self._second], self._same)
        return evaluator.report()

    @torch.no_grad()
    def _embeddings(self, model: Model) -> npt.NDArray[np.float32]:
        model.eval()
        rows: list[Tensor] = []
        for batch in self._loader.batches(parts(len(self._paths), self._settings["lfw_batch_size"]), 0):
            views = [batch, batch.flip(3)] if self._settings["lfw_use_flipped_images"] else [batch]
            with autocast(self._settings, batch.device):
                found = [model.network(view) for view in views]
            rows.append(torch.cat([normalized(prelogits.float()) for prelogits in found], 1).cpu())
        embeddings: npt.NDArray[np.float32] = torch.cat(rows).numpy()
        return embeddings
