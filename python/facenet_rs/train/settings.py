"""What is to be trained, and how."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal, TypedDict

from .. import _native
from ..errors import InvalidArgumentError


class Settings(TypedDict, total=False):
    """Settings of a training; names and meanings are those of facenet's ``train_softmax.py`` and ``train_tripletloss.py``.

    What is left out has a default, and what makes no sense is refused, by the native module.
    """

    #: What to train with: the softmax of a classifier, or triplets.
    method: Literal["softmax", "triplet"]
    #: Folders below which a folder, named after the time, gets the logs, and the checkpoints and the model.
    logs_base_dir: str
    models_base_dir: str
    #: Go on in this folder with the newest checkpoint there; its settings hold where none are given.
    resume: str | None
    #: Begin with these weights: a checkpoint or a folder of some, safetensors with facenet-pytorch's names, or a model file
    #: that this library wrote. Another number of people gets a new classifier.
    pretrained_model: str | None
    #: A folder of aligned faces for each person.
    data_dir: str
    #: ``inception_resnet_v1``, ``inception_resnet_v2`` or ``squeezenet``; ``models.`` may precede it.
    model_def: str
    max_nrof_epochs: int
    #: Images in a step of one process; of triplets a multiple of three.
    batch_size: int
    image_size: int
    #: Steps in an epoch.
    epoch_size: int
    embedding_size: int
    random_crop: bool
    random_flip: bool
    random_rotate: bool
    #: ``(x - 127.5) / 128`` instead of mean 0 and deviation 1 for each image.
    use_fixed_image_standardization: bool
    keep_probability: float
    weight_decay: float
    center_loss_factor: float
    center_loss_alfa: float
    prelogits_norm_loss_factor: float
    prelogits_norm_p: float
    prelogits_hist_max: float
    optimizer: Literal["ADAGRAD", "ADADELTA", "ADAM", "RMSPROP", "MOM"]
    #: Not above 0: as `learning_rate_schedule_file` says.
    learning_rate: float
    learning_rate_decay_epochs: int
    learning_rate_decay_factor: float
    learning_rate_schedule_file: str
    moving_average_decay: float
    seed: int
    nrof_preprocess_threads: int
    log_histograms: bool
    #: What :func:`~facenet_rs.train.filtering.calculate_filtering_metrics` wrote.
    filter_filename: str
    filter_percentile: float
    filter_min_nrof_images_per_class: int
    validate_every_n_epochs: int
    validation_set_split_ratio: float
    min_nrof_val_images_per_class: int
    lfw_dir: str
    lfw_pairs: str
    lfw_batch_size: int
    lfw_nrof_folds: int
    #: 0: squared Euclidean distance, 1: angle.
    lfw_distance_metric: int
    lfw_use_flipped_images: bool
    lfw_subtract_mean: bool
    #: Share of the GPU's memory that may be taken.
    gpu_memory_fraction: float
    #: Triplets only: the margin, and what they are chosen from.
    alpha: float
    people_per_batch: int
    images_per_person: int
    #: Not in facenet. ``auto``: the GPU if there is one.
    device: Literal["auto", "cpu", "cuda", "mps"]
    precision: Literal["float32", "bfloat16"]
    channels_last: bool
    compile: bool
    #: Parts that the images of a step go through the network in, one after the other.
    gradient_accumulation: int
    #: Steps between checkpoints, beside the one after each epoch; 0 for none.
    checkpoint_every: int


#: What a run that goes on must have in common with the run that it goes on with.
FIXED = (
    "method",
    "model_def",
    "batch_size",
    "image_size",
    "epoch_size",
    "embedding_size",
    "optimizer",
    "seed",
    "validation_set_split_ratio",
    "people_per_batch",
    "images_per_person",
)


def path_of(settings: Settings, name: str) -> Path:
    """The path that is the setting `name`, with the home folder in place of ``~``.

    Raises
    ------
    InvalidArgumentError
        If there is no home folder.
    """
    return expanded(settings[name], name)  # type: ignore[literal-required]


def expanded(path: str | os.PathLike[str], name: str) -> Path:
    """A path, which is the setting `name`, with the home folder in place of ``~``.

    Raises
    ------
    InvalidArgumentError
        If there is no home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise InvalidArgumentError(
            f"{name} is {os.fspath(path)!r}, and the home folder is not known: give a path without ~, or set HOME"
        ) from error


def completed(settings: Settings) -> Settings:
    """The settings with defaults for what is not there.

    Raises
    ------
    InvalidArgumentError
        If one is unknown, or its value is not possible.
    """
    complete: Settings = json.loads(_native.check_training(json.dumps(settings)))
    return complete
