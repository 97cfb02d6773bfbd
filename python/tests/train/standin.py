"""What the native module gives to the training, in plain Python, where the native module does not have it."""

import json
import os
import random
from collections import defaultdict

import numpy as np
from PIL import Image

from facenet_rs import _native
from facenet_rs.errors import InvalidArgumentError

DEFAULTS = {
    "method": "softmax",
    "logs_base_dir": "~/logs/facenet",
    "models_base_dir": "~/models/facenet",
    "resume": None,
    "pretrained_model": None,
    "data_dir": "",
    "model_def": "inception_resnet_v1",
    "max_nrof_epochs": 500,
    "batch_size": 90,
    "image_size": 160,
    "epoch_size": 1000,
    "embedding_size": 128,
    "random_crop": False,
    "random_flip": False,
    "random_rotate": False,
    "use_fixed_image_standardization": False,
    "keep_probability": 1.0,
    "weight_decay": 0.0,
    "center_loss_factor": 0.0,
    "center_loss_alfa": 0.95,
    "prelogits_norm_loss_factor": 0.0,
    "prelogits_norm_p": 1.0,
    "prelogits_hist_max": 10.0,
    "optimizer": "ADAGRAD",
    "learning_rate": 0.1,
    "learning_rate_decay_epochs": 100,
    "learning_rate_decay_factor": 1.0,
    "learning_rate_schedule_file": "",
    "moving_average_decay": 0.9999,
    "seed": 666,
    "nrof_preprocess_threads": 4,
    "log_histograms": False,
    "filter_filename": "",
    "filter_percentile": 100.0,
    "filter_min_nrof_images_per_class": 0,
    "validate_every_n_epochs": 5,
    "validation_set_split_ratio": 0.0,
    "min_nrof_val_images_per_class": 0,
    "lfw_dir": "",
    "lfw_pairs": "",
    "lfw_batch_size": 100,
    "lfw_nrof_folds": 10,
    "lfw_distance_metric": 0,
    "lfw_use_flipped_images": False,
    "lfw_subtract_mean": False,
    "gpu_memory_fraction": 1.0,
    "alpha": 0.2,
    "people_per_batch": 45,
    "images_per_person": 40,
    "device": "auto",
    "precision": "float32",
    "channels_last": False,
    "compile": False,
    "gradient_accumulation": 1,
    "checkpoint_every": 0,
}


def check_training(settings_json):
    settings = json.loads(settings_json)
    unknown = settings.keys() - DEFAULTS.keys()
    if unknown:
        raise InvalidArgumentError(f"unknown settings: {', '.join(sorted(unknown))}")
    return json.dumps({**DEFAULTS, **settings})


def people_of(folder):
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    people = sorted(person for person in folder.iterdir() if person.is_dir())
    found = [(str(file), i) for i, person in enumerate(people) for file in sorted(person.iterdir())]
    return [file for file, _ in found], [label for _, label in found], [person.name for person in people]


def sample_softmax(labels, epoch, count, seed):
    order, round_ = [], 0
    while len(order) < count:
        images = list(range(len(labels)))
        random.Random(f"{seed} {epoch} {round_}").shuffle(images)
        order += images
        round_ += 1
    return order[:count]


def sample_people(labels, people_per_batch, images_per_person, seed, epoch, batch):
    people = defaultdict(list)
    for image, label in enumerate(labels):
        people[label].append(image)
    drawn = random.Random(f"{seed} {epoch} {batch}")
    found = []
    for person in drawn.sample(sorted(people), min(people_per_batch, len(people))):
        images = people[person]
        found += drawn.sample(images, min(images_per_person, len(images)))
    return found


class Feed:
    def __init__(self, settings):
        self._settings = settings

    def batch(self, indices, epoch):
        return np.stack([self._image(index, epoch) for index in indices])

    def batches(self, index_lists, epoch, ahead):
        return (self.batch(indices, epoch) for indices in index_lists)

    def _image(self, index, epoch):
        settings = self._settings
        size = settings["image_size"]
        drawn = random.Random(f"{settings['seed']} {epoch} {index}")
        image = Image.open(settings["paths"][index]).convert("RGB")
        if settings["random_rotate"]:
            image = image.rotate(drawn.uniform(-10, 10), Image.Resampling.BICUBIC)
        if min(image.size) < size:
            factor = size / min(image.size)
            image = image.resize([max(size, round(side * factor)) for side in image.size])
        room = [side - size for side in image.size]
        left, top = ([drawn.randint(0, r) for r in room]) if settings["random_crop"] else [r // 2 for r in room]
        values = np.asarray(image.crop((left, top, left + size, top + size)), np.float32)
        if settings["random_flip"] and drawn.random() < 0.5:
            values = values[:, ::-1]
        if settings["standardization"] == "fixed":
            values = (values - 127.5) / 128
        elif settings["standardization"] == "per-image":
            values = (values - values.mean()) / max(values.std(), values.size**-0.5)
        return np.ascontiguousarray(values.transpose(2, 0, 1), np.float32)


def install():
    """Give to the native module what it lacks."""
    for member in (check_training, people_of, sample_softmax, sample_people, Feed):
        if not hasattr(_native, member.__name__):
            setattr(_native, member.__name__, member)


def without_model_file(network, folder, name, settings):
    """Instead of ``export.write_model``, where the model file is not what is tested."""
    return folder / "none", 0.0


def in_double_precision():
    """Compute so that what is left of a difference is no rounding, which batch normalisation of few values makes large."""
    import torch

    feed = _native.Feed

    class DoubleFeed:
        def __init__(self, settings):
            self._feed = feed(settings)

        def batches(self, index_lists, epoch, ahead):
            return (batch.astype(np.float64) for batch in self._feed.batches(index_lists, epoch, ahead))

    torch.set_default_dtype(torch.float64)
    torch.Tensor.float = torch.Tensor.double
    _native.Feed = DoubleFeed


def main(arguments):
    """``python -m facenet_rs.train`` on one thread."""
    import torch

    from facenet_rs.train import export
    from facenet_rs.train.__main__ import main

    install()
    torch.set_num_threads(1)
    if os.environ.get("IN_DOUBLE_PRECISION"):
        in_double_precision()
    export.write_model = without_model_file
    return main(arguments)
