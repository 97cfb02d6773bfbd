"""What a training tells: on the terminal, and in the files of its folder."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import torch
from torch import Tensor
from torch.utils.tensorboard.writer import SummaryWriter

from .. import __version__
from ..evaluator import Report
from .evaluation import Validation
from .settings import Settings
from .trainer import Measured, Model

#: Bins of ``prelogits_hist``, and steps between histograms of the weights.
_BINS = 1000
_HISTOGRAMS = 100

_OF_STEPS = ("loss", "center_loss", "reg_loss", "xent_loss", "prelogits_norm", "accuracy")
_OF_VALIDATIONS = ("val_loss", "val_xent_loss", "val_accuracy")
_OF_EPOCHS = ("lfw_accuracy", "lfw_valrate", "learning_rate", "time_train", "time_validate", "time_evaluate")


class Statistics:
    """The numbers of facenet's ``stat.h5``, each at the place of its step, validation or epoch."""

    def __init__(self, settings: Settings) -> None:
        epochs = settings["max_nrof_epochs"]
        steps, validations = epochs * settings["epoch_size"], math.ceil(epochs / settings["validate_every_n_epochs"])
        self.values = {
            **{name: torch.zeros(steps) for name in _OF_STEPS},
            **{name: torch.zeros(validations) for name in _OF_VALIDATIONS},
            **{name: torch.zeros(epochs) for name in _OF_EPOCHS},
            "prelogits_hist": torch.zeros(epochs, _BINS),
        }

    def set(self, place: int, **values: float) -> None:
        """Write numbers at a place, which counts from 0."""
        for name, value in values.items():
            self.values[name][place] = value

    def load(self, values: dict[str, Tensor]) -> None:
        """Take over what was written before, if the number of epochs has changed as far as there is place."""
        for name, own in self.values.items():
            shared = min(len(own), len(values[name]))
            own[:shared] = values[name][:shared]

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        beside = path.with_name(f".{path.name}")
        with h5py.File(beside, "w") as file:
            for name, values in self.values.items():
                file.create_dataset(name, data=values.numpy())
        beside.replace(path)


class Logs:
    """The log folder of a run, and its lines on the terminal.

    Parameters
    ----------
    folder : path
        Made if it is not there. What an earlier run wrote after step `done` is removed.
    done : int
        Steps that were done before.
    pending : int or None
        The epoch that is to be evaluated again.
    images : int
        Images in a step, for the rate.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        done: int,
        pending: int | None,
        images: int,
        say: Callable[[str], object] = print,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.say = say
        self.statistics = Statistics(settings)
        self._folder, self._settings, self._images = folder, settings, images
        self._steps = settings["max_nrof_epochs"] * settings["epoch_size"]
        self._began: float | None = None
        self._done_before = done
        _keep_until(folder, done, pending, settings["epoch_size"])
        self._history = (folder / "history.jsonl").open("a", encoding="utf-8", buffering=1)
        self._board = SummaryWriter(str(folder), purge_step=done + 1 if done else None)

    def describe(self, device: torch.device, world: int) -> None:
        """Write ``arguments.txt`` and ``revision_info.txt``."""
        arguments = "".join(f"{name}: {value}\n" for name, value in self._settings.items())
        (self._folder / "arguments.txt").write_text(arguments, encoding="utf-8")
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
        parts = [
            f"arguments: {os.environ.get('FACENET_COMMAND', ' '.join(sys.argv))}",
            f"facenet_rs {__version__}, torch {torch.__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"device: {name}, processes: {world}",
            f"git hash: {_git('rev-parse', 'HEAD')}",
            _git("diff", "HEAD"),
        ]
        (self._folder / "revision_info.txt").write_text("\n--------------------\n".join(parts), encoding="utf-8")

    def step(self, number: int, lr: float, seconds: float, found: Measured, model: Model) -> None:
        """Tell of step `number`, which counts from 1."""
        epoch, batch = divmod(number - 1, self._settings["epoch_size"])
        if self._began is None:
            self._began = time.perf_counter() - seconds
        passed = time.perf_counter() - self._began
        rate = (number - self._done_before) / passed
        self.say(
            f"Epoch: [{epoch + 1}][{batch + 1}/{self._settings['epoch_size']}]\tTime {seconds:.3f}\tLoss {found.loss:2.3f}\t"
            f"Xent {found.main:2.3f}\tRegLoss {found.reg:2.3f}\tAccuracy {found.accuracy:2.3f}\tLr {lr:2.5f}\t"
            f"Cl {found.center:2.3f}\t{rate * self._images:.1f} images/s\t{_span((self._steps - number) / rate)} left"
        )
        values = {
            "loss": found.loss,
            "xent": found.main,
            "reg_loss": found.reg,
            "accuracy": found.accuracy,
            "lr": lr,
            "cl": found.center,
            "prelogits_norm": found.prelogits_norm,
            "time": seconds,
        }
        self._write({"step": number, "epoch": epoch + 1, **values})
        for name, value in values.items():
            self._board.add_scalar(f"train/{name}", value, number)
        self.statistics.set(
            number - 1,
            loss=found.loss,
            center_loss=found.center,
            reg_loss=found.reg,
            xent_loss=found.main,
            prelogits_norm=found.prelogits_norm,
            accuracy=found.accuracy,
        )
        self.statistics.set(epoch, learning_rate=lr)
        largest = self._settings["prelogits_hist_max"]
        magnitudes = found.prelogits.abs().clamp_max(largest).float().cpu()
        self.statistics.values["prelogits_hist"][epoch] += torch.histc(magnitudes, _BINS, 0, largest)
        if self._settings["log_histograms"] and batch % _HISTOGRAMS == 0:
            for name, parameter in model.named_parameters():
                self._board.add_histogram(name, parameter, number)
                if parameter.grad is not None:
                    self._board.add_histogram(f"{name}/gradients", parameter.grad, number)

    def validation(self, epoch: int, seconds: float, found: Validation) -> None:
        """Tell of a validation after an epoch."""
        self.say(
            f"Validation Epoch: {epoch}\tTime {seconds:.3f}\tLoss {found.loss:2.3f}\tXent {found.main:2.3f}\t"
            f"Accuracy {found.accuracy:2.3f}"
        )
        self._write({"epoch": epoch, "val_loss": found.loss, "val_xent": found.main, "val_accuracy": found.accuracy})
        for name, value in (("loss", found.loss), ("xent", found.main), ("accuracy", found.accuracy)):
            self._board.add_scalar(f"val/{name}", value, self._step(epoch))
        place = (epoch - 1) // self._settings["validate_every_n_epochs"]
        self.statistics.set(place, val_loss=found.loss, val_xent_loss=found.main, val_accuracy=found.accuracy)
        self.statistics.set(epoch - 1, time_validate=seconds)

    def lfw(self, epoch: int, seconds: float, report: Report) -> None:
        """Tell of an evaluation on LFW after an epoch, or as epoch 0 before the first."""
        self.say("\n".join(str(report).splitlines()[:2]))
        accuracy, rate = report.accuracy, report.validation_rate
        self._write({"epoch": epoch, "lfw_accuracy": accuracy, "lfw_val": rate})
        with (self._folder / "lfw_result.txt").open("a", encoding="utf-8") as file:
            file.write(f"{self._step(epoch)}\t{accuracy:.5f}\t{rate:.5f}\n")
        for name, value in (("lfw/accuracy", accuracy), ("lfw/val_rate", rate), ("time/lfw", seconds)):
            self._board.add_scalar(name, value, self._step(epoch))
        if epoch > 0:
            self.statistics.set(epoch - 1, lfw_accuracy=accuracy, lfw_valrate=rate, time_evaluate=seconds)

    def trained(self, epoch: int, seconds: float) -> None:
        """Tell how long the steps of an epoch took, as far as this run did them."""
        self.statistics.set(epoch - 1, time_train=seconds)
        self._board.add_scalar("time/total", seconds, self._step(epoch))

    def save(self) -> None:
        """Write ``stat.h5``, and what TensorBoard is to show."""
        self.statistics.write(self._folder / "stat.h5")
        self._board.flush()

    def close(self) -> None:
        """Close the files."""
        self._history.close()
        self._board.close()

    def _step(self, epoch: int) -> int:
        return epoch * self._settings["epoch_size"]

    def _write(self, line: dict[str, Any]) -> None:
        self._history.write(json.dumps(line) + "\n")


def _keep_until(folder: Path, done: int, pending: int | None, epoch_size: int) -> None:
    """Remove what was written after step `done`, and of the evaluation of an epoch: both are done again."""

    def of_history(line: str) -> bool:
        try:
            entry = json.loads(line)
        except ValueError:
            return False
        if "step" in entry:
            return bool(entry["step"] <= done)
        return entry["epoch"] != pending and bool(entry["epoch"] * epoch_size <= done)

    def of_result(line: str) -> bool:
        step = int(line.split("\t")[0])
        return step <= done and (pending is None or step != pending * epoch_size)

    keeps: dict[str, Callable[[str], bool]] = {"history.jsonl": of_history, "lfw_result.txt": of_result}
    for name, keep in keeps.items():
        path = folder / name
        if path.exists():
            beside = path.with_name(f".{name}")
            kept = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if keep(line)]
            beside.write_text("".join(kept), encoding="utf-8")
            beside.replace(path)


def _span(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"


def _git(*arguments: str) -> str:
    """What git says of the folder of this package."""
    try:
        found = subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=True, errors="replace"
        )
    except (OSError, subprocess.CalledProcessError):
        return "not a git repository"
    return found.stdout.strip()
