"""The images to train with."""

from __future__ import annotations

import os
import random
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

from .. import _native
from ..errors import DatasetInvalidError
from .settings import Settings, expanded

T = TypeVar("T")

#: Images whose size is checked before a training begins: all would take as long as an epoch.
LOOKED_AT = 32


@dataclass(frozen=True)
class Images:
    """Image files, loose or in tar files (``faces-00000.tar/Name/file``), and whose they are."""

    paths: list[str]
    #: The place of the person of each image in `names`.
    labels: list[int]
    names: list[str]

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> Images:
        """The images in a folder of people, or of shards of one, in the order of their names.

        Warns of folders and links that cannot be read, whose images are left out.
        """
        paths, labels, names, problems = _native.people_of(expanded(folder, "data_dir"))
        for problem in problems:
            warnings.warn(f"{folder}: left out, it cannot be read: {problem}", stacklevel=2)
        return cls(paths, labels, names)

    def of_people(self) -> dict[int, list[int]]:
        """The images of each person."""
        people = defaultdict(list)
        for image, label in enumerate(self.labels):
            people[label].append(image)
        return dict(people)

    def only(self, images: Sequence[int]) -> Images:
        """Only these images, and only the people who have one."""
        kept = sorted({self.labels[image] for image in images})
        number = {label: i for i, label in enumerate(kept)}
        return Images(
            [self.paths[image] for image in images],
            [number[self.labels[image]] for image in images],
            [self.names[label] for label in kept],
        )

    def split(self, ratio: float, minimum: int, seed: int) -> tuple[Images, Images]:
        """A training and a validation set with the same people.

        The share `ratio` of the images of a person, rounded up, is for validation; one at least is for training. People
        with fewer than `minimum` images for training are left out of the validation.
        """
        training, validation = [], []
        for label, images in sorted(self.of_people().items()):
            drawn = random.Random(f"{seed} {self.names[label]}").sample(images, len(images))
            count = min(max(int(len(drawn) * (1 - ratio)), 1), max(len(drawn) - 1, 1))
            if ratio <= 0 or count < minimum:
                count = len(drawn)
            training += sorted(drawn[:count])
            validation += sorted(drawn[count:])
        parts = (
            Images([self.paths[i] for i in part], [self.labels[i] for i in part], self.names)
            for part in (training, validation)
        )
        return next(parts), next(parts)


class Loader:
    """Images as the network takes them, made by threads of the native module.

    Parameters
    ----------
    paths : list of str
    augment : bool
        Crop, flip and rotate at random, as far as the settings say; otherwise the centre is taken.
    """

    def __init__(self, paths: Sequence[str], settings: Settings, device: torch.device, augment: bool) -> None:
        if not paths:
            raise DatasetInvalidError(f"{settings['data_dir']}: no images")
        feed: dict[str, Any] = {
            "paths": list(paths),
            "image_size": settings["image_size"],
            "random_crop": augment and settings["random_crop"],
            "random_flip": augment and settings["random_flip"],
            "random_rotate": augment and settings["random_rotate"],
            "standardization": "fixed" if settings["use_fixed_image_standardization"] else "per-image",
            "seed": settings["seed"],
            "threads": settings["nrof_preprocess_threads"],
        }
        self._feed = _native.Feed(feed)
        self._paths = paths
        self._device = device
        self._format = torch.channels_last if settings["channels_last"] else torch.contiguous_format

    def sizes(self, most: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """Path, and width and height, of at most so many of the images, spread over all."""
        count = min(most, len(self._paths))
        for image in (i * len(self._paths) // count for i in range(count)):
            yield self._paths[image], self._feed.size(image)

    def batches(self, images: Sequence[Sequence[int]], epoch: int) -> Iterator[Tensor]:
        """Batches of the images with these numbers as they look in an epoch, (n, 3, size, size), made ahead of their use."""
        for batch in self._feed.batches([list(part) for part in images], epoch, 4):
            values = torch.from_numpy(batch)
            if self._device.type == "cuda":
                values = values.pin_memory()
            yield values.to(self._device, memory_format=self._format, non_blocking=True)


def parts(whole: Sequence[T], size: int) -> list[Sequence[T]]:
    """Something in pieces of at most `size`, in order."""
    return [whole[begin : begin + size] for begin in range(0, len(whole), size)]
