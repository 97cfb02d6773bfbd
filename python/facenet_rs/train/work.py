"""Work between steps, which can take longer than many of them: it tells how far it is, and heeds a request to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from .distributed import Ranks
from .images import Loader

#: Seconds between two lines about a piece of work.
SECONDS = 5.0


class Work:
    """What goes through the network batch by batch without being trained with."""

    def __init__(self, ranks: Ranks, device: torch.device) -> None:
        #: Set when the training is to end.
        self.stop = threading.Event()
        #: Where lines go, of the process that writes.
        self.say: Callable[[str], object] | None = None
        self._ranks, self._device = ranks, device

    def asked_to_stop(self) -> bool:
        """Whether a process was asked to end; all must ask this together."""
        asked = torch.tensor([float(self.stop.is_set())], device=self._device)
        return self._ranks.total(asked).item() > 0

    def batches(self, what: str, loader: Loader, lists: Sequence[Sequence[int]], shared: int) -> Iterator[Tensor]:
        """The batches of images with these numbers.

        Parameters
        ----------
        what : str
            How the work is called in the lines about it.
        shared : int
            Batches that every process has, so that they can agree before each of these.

        Raises
        ------
        KeyboardInterrupt
            If the training is to end.
        """
        total, done, told = sum(map(len, lists)), 0, time.monotonic()
        for number, batch in enumerate(loader.batches(lists, 0)):
            if number < shared and self.asked_to_stop():
                raise KeyboardInterrupt
            yield batch
            done += len(lists[number])
            if self.say is not None and time.monotonic() - told >= SECONDS:
                self.say(f"{what}: {done} of {total} images")
                told = time.monotonic()
