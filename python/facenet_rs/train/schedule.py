"""The learning rate of each epoch."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import DatasetInvalidError, NotFoundError


class Schedule:
    """A learning rate for each epoch, as in facenet: a number, or a file with lines ``epoch: rate``.

    A line holds from its epoch on; ``-`` and negative rates end the training; ``#`` begins a comment.

    Raises
    ------
    NotFoundError, DatasetInvalidError
        If the file is missing, a line of it is something else, or the epochs do not increase.
    """

    def __init__(self, learning_rate: float, file: str | os.PathLike[str]) -> None:
        self._lines = [(0, learning_rate)] if learning_rate > 0 else _read(Path(file).expanduser())

    def rate(self, epoch: int) -> float:
        """The rate in an epoch, counted from 1; not above 0 if training is to end before it."""
        return max((line for line in self._lines if line[0] <= epoch), default=(0, 0.0))[1]


def _read(path: Path) -> list[tuple[int, float]]:
    lines: list[tuple[int, float]] = []
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise NotFoundError(f"{path}: no such file (learning_rate_schedule_file)") from error
    for number, text in enumerate(texts, 1):
        text = text.split("#", 1)[0].strip()
        if not text:
            continue
        epoch, _, rate = (part.strip() for part in text.partition(":"))
        try:
            line = int(epoch), -1.0 if rate == "-" else float(rate)
        except ValueError:
            raise DatasetInvalidError(f"{path}, line {number}: {text!r} is not `epoch: learning rate`") from None
        if lines and line[0] <= lines[-1][0]:
            raise DatasetInvalidError(f"{path}, line {number}: epoch {line[0]} does not follow {lines[-1][0]}")
        lines.append(line)
    if not lines:
        raise DatasetInvalidError(f"{path}: no line with an epoch and a learning rate")
    return lines
