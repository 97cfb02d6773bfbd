"""The moving average of the weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class MovingAverage:
    """An exponential moving average of parameters and running statistics, as ``tf.train.ExponentialMovingAverage``.

    After step `n` it keeps ``min(decay, (1 + n) / (10 + n))`` of itself, so that the first steps are soon forgotten.

    Parameters
    ----------
    module : nn.Module
        The weights to follow: the average begins with them.
    decay : float
        From 0, which follows at once, to 1.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._decay = decay
        self._weights = _weights(module)
        self._average = [weight.clone() for weight in self._weights.values()]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Follow the weights as they are after step `step`, which counts from 1."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self._average, list(self._weights.values()), 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Give the average to the module for as long as the block runs."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for average, weight in zip(self._average, self._weights.values(), strict=True):
            kept = weight.clone()
            weight.copy_(average)
            average.copy_(kept)

    def state_dict(self) -> dict[str, Tensor]:
        """The averages, by the names of the weights."""
        return dict(zip(self._weights, self._average, strict=True))

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from averages that :meth:`state_dict` gave."""
        for name, average in zip(self._weights, self._average, strict=True):
            average.copy_(state[name])


def _weights(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and running statistics, which are numbers that can be averaged."""
    return {name: value for name, value in module.state_dict().items() if value.is_floating_point()}
