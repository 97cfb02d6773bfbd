"""A training from its first step, or from a checkpoint, to its model file."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from ..errors import InvalidArgumentError
from . import checkpoint, distributed, evaluation, model_file, pretrained
from .dataset import check_sizes, training_images
from .distributed import Ranks
from .images import Loader, parts
from .logs import Logs
from .normalisation import STEPS, measure_statistics
from .schedule import Schedule
from .settings import FIXED, Settings, completed, expanded, path_of
from .softmax import Softmax
from .trainer import Context, Method, Model, Trainer, seed_everything
from .triplet import Triplets
from .work import Work


@dataclass(frozen=True)
class Trained:
    """What a training made."""

    #: The folder with checkpoints, weights (``model.safetensors``) and the model file.
    models: Path
    #: The folder with the logs.
    logs: Path
    #: The model file, for ``model=`` of :class:`facenet_rs.Facenet`.
    model: Path
    #: The largest difference of a number of an embedding between the model file and the network that was trained.
    difference: float
    #: Steps done, those before a checkpoint included.
    steps: int


def run(given: Settings) -> Trained:
    """See :func:`facenet_rs.train.train`."""
    state: dict[str, Any] | None = None
    if resumed := given.get("resume"):
        state = checkpoint.read(checkpoint.newest(expanded(resumed, "resume")))
        given = {**state["settings"], **given}
    settings = completed({"method": "softmax", **given})
    with distributed.joined(settings["device"]) as (ranks, device):
        if state is not None:
            _check_same(state, settings, ranks)
        run = _Run(settings, state, ranks, device)
        # Before the first step nothing is lost.
        with _asked_to_stop(run.work.stop):
            return run.go()


class _Run:
    def __init__(self, settings: Settings, state: dict[str, Any] | None, ranks: Ranks, device: torch.device) -> None:
        self._settings, self._ranks = settings, ranks
        self.work = Work(ranks, device)
        if settings["resume"]:
            self._models = path_of(settings, "resume").resolve()
        else:
            began = ranks.agreed(datetime.now().strftime("%Y%m%d-%H%M%S"))
            self._models = path_of(settings, "models_base_dir") / began
        self._name = self._models.name
        self._logs = path_of(settings, "logs_base_dir") / self._name
        if device.type == "cuda" and settings["gpu_memory_fraction"] < 1:
            torch.cuda.set_per_process_memory_fraction(settings["gpu_memory_fraction"], device)
        self._schedule = Schedule(settings)
        if settings["pretrained_model"]:
            pretrained.check(path_of(settings, "pretrained_model"))
        self._lfw = evaluation.Lfw(settings, ranks, device) if settings["lfw_dir"] else None
        training, self._validation = training_images(settings)
        seed_everything(settings["seed"], 0, 0)
        softmax = settings["method"] == "softmax"
        loader = Loader(training.paths, settings, device, augment=True)
        check_sizes(loader, settings)
        model = Model(settings, len(training.names) if softmax else 0).to(device)
        if settings["channels_last"]:
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._begun_with = _begin(model, settings, loader, len(training.paths)) if state is None else ""
        distributed.synchronised(model, ranks, device)
        self._context = Context(settings, training, loader, model, ranks, device, self.work)
        self._method: Method = Softmax(self._context) if softmax else Triplets(self._context)
        self._trainer = Trainer(self._context, self._method)
        self._val_loader = (
            Loader(self._validation.paths, settings, device, augment=False) if self._validation.paths else None
        )
        self._step = 0
        # The epoch whose steps are done, and which is not evaluated yet.
        self._pending: int | None = None
        self._best: float | None = None
        images = settings["batch_size"] * ranks.world
        self._log: Logs | None = None
        if state is not None:
            self._restore(state)
        if ranks.rank == 0:
            self._models.mkdir(parents=True, exist_ok=True)
            self._log = Logs(self._logs, settings, self._step, self._pending, images)
            self.work.say = self._log.say
            if state is not None:
                self._log.statistics.load(state["statistics"])

    def go(self) -> Trained:
        """Train to the end, or until it is asked to stop."""
        settings = self._settings
        self._introduce()
        first = self._step // settings["epoch_size"] + 1
        try:
            if self._begun_with:
                self._evaluate(0)
            if self._pending is not None:
                self._measure(self._pending)
            for epoch in range(first, settings["max_nrof_epochs"] + 1):
                rate = self._schedule.rate(epoch)
                if rate <= 0:
                    break
                self._epoch(epoch, rate)
                if self._step < epoch * settings["epoch_size"]:
                    if self._log is not None:
                        self._log.say("Nothing is left to learn")
                    break
            path, difference = self._finish()
        finally:
            if self._log is not None:
                self._log.close()
        return Trained(self._models, self._logs, path, difference, self._step)

    def _epoch(self, epoch: int, rate: float) -> None:
        settings, size = self._settings, self._settings["epoch_size"]
        done = self._step % size
        began = time.perf_counter()
        batches = self._method.batches(epoch, done)
        before = time.perf_counter()
        for images, labels in islice(batches, size - done):
            decays = self._step // (settings["learning_rate_decay_epochs"] * size)
            lr = rate * settings["learning_rate_decay_factor"] ** decays
            found = self._trainer.step(images, labels, lr, self._step + 1, self.work.stop.is_set())
            self._step += 1
            now = time.perf_counter()
            if self._log is not None:
                self._log.step(self._step, lr, now - before, found, self._context.model)
            before = now
            last = self._step % size == 0
            every = settings["checkpoint_every"]
            if not last and (found.stop or (every > 0 and self._step % every == 0)):
                self._save()
            if found.stop and not last:
                raise KeyboardInterrupt
        if self._log is not None:
            self._log.trained(epoch, time.perf_counter() - began)
        self._pending = epoch
        self._save()
        self._measure(epoch)
        self._ranks.wait()
        if self.work.asked_to_stop():
            raise KeyboardInterrupt

    def _measure(self, epoch: int) -> None:
        """Validate, evaluate and save after an epoch, with the averaged weights."""
        settings, context, log = self._settings, self._context, self._log
        every, last = settings["validate_every_n_epochs"], epoch == settings["max_nrof_epochs"]
        with self._trainer.average.applied():
            # They stay with the average, which is written to the checkpoint and at the end to the model file.
            measure_statistics(context)
            if self._val_loader is not None and settings["method"] == "softmax" and (epoch % every == 0 or last):
                began = time.perf_counter()
                validated = evaluation.validate(context, self._method, self._validation, self._val_loader)
                if log is not None:
                    log.validation(epoch, time.perf_counter() - began, validated)
            accuracy = self._evaluate(epoch)
        self._pending = None
        if log is None:
            return
        size = settings["epoch_size"]
        losses = log.statistics.values["loss"][(epoch - 1) * size : epoch * size]
        score = -losses.mean().item() if accuracy is None else accuracy
        log.save()
        best = self._best is None or score > self._best
        self._best = score if best or self._best is None else self._best
        path = self._save()
        if best and path is not None:
            checkpoint.keep_as_best(path)

    def _evaluate(self, epoch: int) -> float | None:
        """The accuracy on LFW of the weights as they are, if there is LFW, for the process that writes."""
        if self._lfw is None:
            return None
        began = time.perf_counter()
        embeddings = self._lfw.embeddings(self._context.model, self.work)
        if self._log is None:
            return None
        report = self._lfw.report(embeddings)
        self._log.lfw(epoch, time.perf_counter() - began, report)
        return report.accuracy

    def _save(self) -> Path | None:
        if self._log is None:
            return None
        state = {
            "settings": {**self._settings, "resume": None},
            "step": self._step,
            "pending": self._pending,
            "world": self._ranks.world,
            "names": self._context.images.names,
            "images": len(self._context.images.paths),
            "model": self._context.model.state_dict(),
            "optimizer": self._trainer.optimizer.state_dict(),
            "average": self._trainer.average.state_dict(),
            "method": self._method.state_dict(),
            "statistics": self._log.statistics.values,
            "best": self._best,
        }
        return checkpoint.write(self._models, self._step, state)

    def _restore(self, state: dict[str, Any]) -> None:
        images = self._context.images
        if state["names"] != images.names or state["images"] != len(images.paths):
            raise InvalidArgumentError(
                f"{self._settings['data_dir']} has {len(images.paths)} images of {len(images.names)} people, the checkpoint "
                f"was made with {state['images']} of {len(state['names'])}: a run goes on with the images it began with"
            )
        self._step, self._best, self._pending = state["step"], state["best"], state.get("pending")
        self._context.model.load_state_dict(state["model"])
        self._trainer.optimizer.load_state_dict(state["optimizer"])
        self._trainer.average.load_state_dict(state["average"])
        self._method.load_state_dict(state["method"])

    def _introduce(self) -> None:
        if self._log is None:
            return
        self._log.describe(self._context.device, self._ranks.world)
        say = self._log.say
        say(f"Model directory: {self._models}")
        say(f"Log directory: {self._logs}")
        for remark in self._schedule.remarks():
            say(f"Note: {remark}")
        if self._begun_with:
            say(f"Pre-trained model: {self._begun_with}")
        if self._lfw is not None and self._lfw.missing:
            say(f"LFW: {self._lfw.missing} pairs lack an image and are left out")
        for what, images in (("training", self._context.images), ("validation", self._validation)):
            people = len(set(images.labels))
            say(f"Number of classes in {what} set: {people}")
            say(f"Number of examples in {what} set: {len(images.paths)}")
        if self._step:
            first = "" if self._pending is None else f", with the evaluation of epoch {self._pending}"
            say(f"Going on after step {self._step}{first}")

    def _finish(self) -> tuple[Path, float]:
        """Write the model file of the averaged weights."""
        path, difference = self._models / f"{self._name}.onnx", 0.0
        with self._trainer.average.applied():
            if self._step % self._settings["epoch_size"]:
                # It was stopped within an epoch, and goes no further.
                measure_statistics(self._context)
            if self._log is not None:
                path, difference = model_file.write_model(
                    self._context.model.network, self._models, self._name, self._settings
                )
        if self._log is not None:
            self._log.say(f"Model: {path}, embeddings within {difference:.2g} of the network's")
        self._ranks.wait()
        return path, difference


def _begin(model: Model, settings: Settings, loader: Loader, images: int) -> str:
    """Take over weights that are there already, if there are."""
    if not settings["pretrained_model"]:
        return ""
    order = torch.randperm(images, generator=torch.Generator().manual_seed(settings["seed"])).tolist()
    batches = parts(order, settings["batch_size"])[:STEPS]
    return pretrained.load(model, path_of(settings, "pretrained_model"), loader.batches(batches, 0))


def _check_same(state: dict[str, Any], settings: Settings, ranks: Ranks) -> None:
    before: Settings = state["settings"]
    changed = [f"{name} ({before[name]}, now {settings[name]})" for name in FIXED if before[name] != settings[name]]  # type: ignore[literal-required]
    if state["world"] != ranks.world:
        changed.append(f"processes ({state['world']}, now {ranks.world})")
    if changed:
        raise InvalidArgumentError(f"a run cannot go on with another {', '.join(changed)}")


#: What asks for an end within this time asks once: what ends a group of processes reaches one of them on several ways.
_SECONDS_OF_A_REQUEST = 1.0


@contextmanager
def _asked_to_stop(event: threading.Event) -> Iterator[None]:
    """Have the first Ctrl-C, SIGTERM or SIGHUP set an event; a second one ends the program at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {
        number: signal.getsignal(number) or signal.SIG_DFL for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    # What nohup has set to be ignored stays so.
    if handlers[signal.SIGHUP] == signal.SIG_IGN:
        del handlers[signal.SIGHUP]
    asked = 0.0

    def restore() -> None:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if not event.is_set():
            asked = time.monotonic()
            event.set()
        elif time.monotonic() - asked >= _SECONDS_OF_A_REQUEST:
            restore()
            signal.raise_signal(number)

    for number in handlers:
        signal.signal(number, ask)
    try:
        yield
    finally:
        restore()
