"""The learning rate of each epoch."""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator
from pathlib import Path

from ..errors import DatasetInvalidError, IoError, NotFoundError
from .settings import Settings, path_of

_OPTION = "learning_rate_schedule_file"


class Schedule:
    """A learning rate for each epoch, as in facenet: a number, or a file with lines ``epoch: rate``.

    A line holds from its epoch on; ``-`` and ``-1`` end the training; ``#`` begins a comment.

    Raises
    ------
    NotFoundError, IoError, DatasetInvalidError
        If the file is missing, a line of it is something else, the epochs do not increase, or none is for the first epoch.
    """

    def __init__(self, settings: Settings) -> None:
        rate = settings["learning_rate"]
        self._epochs = settings["max_nrof_epochs"]
        self._is_ignored = rate > 0 and bool(settings["learning_rate_schedule_file"])
        self._lines = [(0, rate)] if rate > 0 else _read(path_of(settings, _OPTION))

    def rate(self, epoch: int) -> float:
        """The rate in an epoch, counted from 1; not above 0 if training is to end before it."""
        return max((line for line in self._lines if line[0] <= epoch), default=(0, 0.0))[1]

    def remarks(self) -> Iterator[str]:
        """What is possible, and perhaps not what was meant."""
        if self._is_ignored:
            yield f"{_OPTION} is not read: learning_rate is above 0"
        late = [epoch for epoch, rate in self._lines if epoch > self._epochs and rate > 0]
        if late:
            yield f"{_OPTION}: the line for epoch {late[0]} is never reached, max_nrof_epochs is {self._epochs}"


def _read(path: Path) -> list[tuple[int, float]]:
    lines: list[tuple[int, float]] = []
    for number, text in enumerate(_text(path).splitlines(), 1):
        text = text.split("#", 1)[0].strip()
        if not text:
            continue
        where = f"{path}, line {number} ({_OPTION})"
        line = _line(where, text)
        if lines and line[0] <= lines[-1][0]:
            raise DatasetInvalidError(f"{where}: epoch {line[0]} does not follow {lines[-1][0]}")
        if not lines and line[0] > 1:
            raise DatasetInvalidError(
                f"{where}: the schedule begins with epoch {line[0]}, and the training with epoch 1: begin it with `1: RATE`"
            )
        lines.append(line)
    if not lines:
        raise DatasetInvalidError(f"{path} ({_OPTION}): no line with an epoch and a learning rate")
    if max(line for line in lines if line[0] <= 1)[1] <= 0:
        raise DatasetInvalidError(f"{path} ({_OPTION}): it ends the training before epoch 1: nothing would be trained")
    return lines


def _line(where: str, text: str) -> tuple[int, float]:
    epoch, _, rate = (part.strip() for part in text.partition(":"))
    try:
        line = int(epoch), -1.0 if rate == "-" else float(rate)
    except ValueError:
        raise DatasetInvalidError(f"{where}: {text!r} is not `epoch: learning rate`") from None
    if line[0] < 0:
        raise DatasetInvalidError(f"{where}: epoch {line[0]} is below 0")
    if not (line[1] == -1 or (line[1] > 0 and math.isfinite(line[1]))):
        raise DatasetInvalidError(
            f"{where}: {rate} is no learning rate: it must be a number above 0, or `-`, which ends the training"
        )
    return line


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"{path}: no such file ({_OPTION})") from error
    except OSError as error:
        raise IoError(f"{path}: cannot be read ({_OPTION}): {error.strerror}") from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DatasetInvalidError(f"{path}, line 1 ({_OPTION}): it is UTF-16: save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DatasetInvalidError(
            f"{path}, line {line} ({_OPTION}): the byte {data[error.start]:#04x} is not UTF-8: save the file as UTF-8"
        ) from error
