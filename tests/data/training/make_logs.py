"""Writes the log folder of a training as facenet's `train_softmax.py` does: `stat.h5` with h5py, `arguments.txt`."""

import sys
from pathlib import Path

import h5py
import numpy as np

EPOCHS, EPOCH_SIZE, EVERY, DONE = 4, 3, 3, 10
validations = -(-EPOCHS // EVERY)
sizes = {
    **dict.fromkeys(
        ("loss", "center_loss", "reg_loss", "xent_loss", "prelogits_norm", "accuracy"), EPOCHS * EPOCH_SIZE
    ),
    **dict.fromkeys(("val_loss", "val_xent_loss", "val_accuracy"), validations),
    **dict.fromkeys(
        ("lfw_accuracy", "lfw_valrate", "learning_rate", "time_train", "time_validate", "time_evaluate"), EPOCHS
    ),
}
stat = {name: np.zeros(size, np.float32) for name, size in sizes.items()}
stat["loss"][:DONE] = np.arange(DONE, 0, -1) / 2
stat["xent_loss"][:DONE] = np.arange(DONE, 0, -1) / 4
stat["accuracy"][:DONE] = np.arange(DONE) / 16
stat["learning_rate"][:] = [0.5, 0.5, 0.25, 0.25]
stat["val_loss"][0], stat["val_accuracy"][0] = 1.5, 0.0
stat["lfw_accuracy"][:3], stat["lfw_valrate"][:3] = [0.5, 0.625, 0.75], [0.0, 0.125, 0.25]
stat["prelogits_hist"] = np.zeros((EPOCHS, 10), np.float32)

folder = Path(sys.argv[1])
with h5py.File(folder / "stat.h5", "w") as file:
    for name, values in stat.items():
        file.create_dataset(name, data=values)
(folder / "arguments.txt").write_text(
    f"max_nrof_epochs: {EPOCHS}\nvalidate_every_n_epochs: {EVERY}\nepoch_size: {EPOCH_SIZE}\n"
)
