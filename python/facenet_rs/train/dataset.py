"""The images that settings ask to train with, and to validate with."""

from __future__ import annotations

from ..errors import DatasetInvalidError
from . import filtering
from .images import LOOKED_AT, Images, Loader
from .settings import Settings


def training_images(settings: Settings) -> tuple[Images, Images]:
    """The training set and the validation set."""
    images = Images.read(settings["data_dir"])
    if settings["filter_filename"]:
        images = filtering.filtered(
            images,
            settings["filter_filename"],
            settings["filter_percentile"],
            settings["filter_min_nrof_images_per_class"],
        )
    if settings["method"] == "softmax" and len(images.names) < 2:
        raise DatasetInvalidError(
            f"{settings['data_dir']} (data_dir) has {len(images.names)} people: a classifier needs two"
        )
    training, validation = images.split(
        settings["validation_set_split_ratio"], settings["min_nrof_val_images_per_class"], settings["seed"]
    )
    if settings["validation_set_split_ratio"] > 0 and not validation.paths:
        raise DatasetInvalidError(
            f"{settings['data_dir']} (data_dir): nobody has enough images for a validation (validation_set_split_ratio, "
            "min_nrof_val_images_per_class)"
        )
    return training, validation


def check_sizes(loader: Loader, settings: Settings) -> None:
    """Fail if images are smaller than what the network sees: they would be enlarged, and nothing said of it."""
    found = list(loader.sizes(LOOKED_AT))
    small = [(path, size) for path, size in found if min(size) < settings["image_size"]]
    if small:
        path, (width, height) = small[0]
        raise DatasetInvalidError(
            f"{path} (data_dir) has {width}x{height} pixels, fewer than image_size, {settings['image_size']}; so have "
            f"{len(small)} of {len(found)} images that were looked at. Choose a smaller image_size, or align larger faces"
        )
