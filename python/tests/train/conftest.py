"""What the tests of the training share: a folder of faces, and settings for a small network on it."""

import sys
from importlib.util import find_spec
from pathlib import Path

import facenet_rs
import numpy as np
import pytest
from PIL import Image, ImageEnhance

#: What the training needs and is not here; only test_extra.py runs then, and says so.
MISSING = [name for name in ("torch", "h5py", "safetensors", "tensorboard") if find_spec(name) is None]
HERE = Path(__file__).parent
collect_ignore = [file.name for file in HERE.glob("*.py") if file.name != "test_extra.py"] if MISSING else []
collect_ignore.append("make_golden.py")


PHOTOS = Path(__file__).parents[3] / "examples" / "photos"
SIZE = 80


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    if not MISSING:
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def faces(tmp_path_factory):
    """Four people with six crops each, around a place of a photo that is theirs, of SIZE + 8 pixels."""
    folder = tmp_path_factory.mktemp("faces")
    random = np.random.default_rng(0)
    for photo in ("astronaut.png", "biden.jpg", "obama.jpg", "obama3.jpg"):
        image = Image.open(PHOTOS / photo).convert("RGB").resize((160, 160))
        person = folder / Path(photo).stem
        person.mkdir()
        for i in range(6):
            left, top = random.integers(0, 72, 2).tolist()
            crop = image.crop((left, top, left + SIZE + 8, top + SIZE + 8))
            light = ImageEnhance.Brightness(crop).enhance(random.uniform(0.8, 1.2))
            light.save(person / f"{person.name}_{i + 1:04}.png")
    return folder


@pytest.fixture(scope="session")
def shards(faces, tmp_path_factory):
    """The same in tar files of ten images."""
    folder = tmp_path_factory.mktemp("packed") / "shards"
    facenet_rs.pack_folder(faces, folder, shard_size=10)
    return folder


@pytest.fixture
def settings(tmp_path, faces):
    """A few steps of a small network."""
    return {
        "data_dir": str(faces),
        "models_base_dir": str(tmp_path / "models"),
        "logs_base_dir": str(tmp_path / "logs"),
        "model_def": "squeezenet",
        "image_size": SIZE,
        "embedding_size": 16,
        "batch_size": 6,
        "epoch_size": 3,
        "max_nrof_epochs": 2,
        "device": "cpu",
        "nrof_preprocess_threads": 1,
        "learning_rate": 0.01,
        "optimizer": "ADAM",
        "weight_decay": 1e-4,
    }


@pytest.fixture
def script():
    """The command that runs a training in a process of its own."""
    return [sys.executable, str(Path(__file__).with_name("program.py"))]
