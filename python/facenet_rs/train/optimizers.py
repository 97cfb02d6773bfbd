"""facenet's five optimizers, with the meaning that TensorFlow gives to their numbers.

PyTorch's classes of the same names add epsilon elsewhere and begin with other accumulators, which matters for the large
epsilons of facenet. The rules are those of ``tf.compat.v1.train``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Literal, overload

import torch
from torch import Tensor

from ..errors import InvalidArgumentError

_Slots = dict[str, list[Tensor]]


class TensorFlowOptimizer(torch.optim.Optimizer):
    """What the optimizers share: slots for every parameter, and a step over all parameters at once."""

    #: The slots of a parameter and what they begin with.
    slots: ClassVar[dict[str, float]]

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        super().__init__(parameters, {"lr": lr, "steps": 0})

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Move the parameters that have a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            group["steps"] += 1
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            if parameters:
                gradients = [parameter.grad for parameter in parameters]
                slots = {name: [self._slot(p, name, begin) for p in parameters] for name, begin in self.slots.items()}
                torch._foreach_sub_(parameters, self._change(gradients, slots, group["lr"], group["steps"]))
        return loss

    def _slot(self, parameter: Tensor, name: str, begin: float) -> Tensor:
        state: dict[str, Tensor] = self.state[parameter]
        if name not in state:
            state[name] = torch.full_like(parameter, begin)
        return state[name]

    def _change(self, gradients: list[Tensor], slots: _Slots, lr: float, steps: int) -> Any:
        """What is subtracted from the parameters; brings the slots up to date."""
        raise NotImplementedError


def _mix(slot: list[Tensor], values: Any, decay: float) -> None:
    """Make a slot ``decay`` of itself and the rest of `values`."""
    torch._foreach_mul_(slot, decay)
    torch._foreach_add_(slot, values, alpha=1 - decay)


def _root(values: Any, epsilon: float) -> Any:
    return torch._foreach_sqrt(torch._foreach_add(values, epsilon))


class Adagrad(TensorFlowOptimizer):
    """Duchi, Hazan and Singer (2011); the accumulator begins with 0.1."""

    slots: ClassVar = {"accumulator": 0.1}

    def _change(self, gradients: list[Tensor], slots: _Slots, lr: float, steps: int) -> Any:
        accumulator = slots["accumulator"]
        torch._foreach_addcmul_(accumulator, gradients, gradients)
        return torch._foreach_div(torch._foreach_mul(gradients, lr), torch._foreach_sqrt(accumulator))


class Adadelta(TensorFlowOptimizer):
    """Zeiler (2012), rho 0.9, epsilon 1e-6."""

    slots: ClassVar = {"accumulator": 0.0, "updates": 0.0}

    def _change(self, gradients: list[Tensor], slots: _Slots, lr: float, steps: int) -> Any:
        _mix(slots["accumulator"], torch._foreach_mul(gradients, gradients), 0.9)
        factor = torch._foreach_div(_root(slots["updates"], 1e-6), _root(slots["accumulator"], 1e-6))
        update = torch._foreach_mul(factor, gradients)
        _mix(slots["updates"], torch._foreach_mul(update, update), 0.9)
        return torch._foreach_mul(update, lr)


class Adam(TensorFlowOptimizer):
    """Kingma and Ba (2015), betas 0.9 and 0.999, epsilon 0.1 beside the uncorrected root of the second moment."""

    slots: ClassVar = {"first": 0.0, "second": 0.0}

    def _change(self, gradients: list[Tensor], slots: _Slots, lr: float, steps: int) -> Any:
        _mix(slots["first"], gradients, 0.9)
        _mix(slots["second"], torch._foreach_mul(gradients, gradients), 0.999)
        rate = lr * (1 - 0.999**steps) ** 0.5 / (1 - 0.9**steps)
        divisor = torch._foreach_add(torch._foreach_sqrt(slots["second"]), 0.1)
        return torch._foreach_div(torch._foreach_mul(slots["first"], rate), divisor)


class RMSProp(TensorFlowOptimizer):
    """Tieleman and Hinton (2012), decay and momentum 0.9, epsilon 1 under the root; the mean square begins with 1."""

    slots: ClassVar = {"mean_square": 1.0, "momentum": 0.0}

    def _change(self, gradients: list[Tensor], slots: _Slots, lr: float, steps: int) -> Any:
        _mix(slots["mean_square"], torch._foreach_mul(gradients, gradients), 0.9)
        torch._foreach_mul_(slots["momentum"], 0.9)
        scaled = torch._foreach_div(torch._foreach_mul(gradients, lr), _root(slots["mean_square"], 1.0))
        torch._foreach_add_(slots["momentum"], scaled)
        return slots["momentum"]


class Momentum(TensorFlowOptimizer):
    """Momentum 0.9 with Nesterov's look ahead (Sutskever et al., 2013)."""

    slots: ClassVar = {"momentum": 0.0}

    def _change(self, gradients: list[Tensor], slots: _Slots, lr: float, steps: int) -> Any:
        torch._foreach_mul_(slots["momentum"], 0.9)
        torch._foreach_add_(slots["momentum"], gradients)
        return torch._foreach_mul(torch._foreach_add(gradients, slots["momentum"], alpha=0.9), lr)


Name = Literal["ADAGRAD", "ADADELTA", "ADAM", "RMSPROP", "MOM"]
OPTIMIZERS: dict[str, type[TensorFlowOptimizer]] = {
    "ADAGRAD": Adagrad,
    "ADADELTA": Adadelta,
    "ADAM": Adam,
    "RMSPROP": RMSProp,
    "MOM": Momentum,
}


def create(name: str, parameters: Iterable[Tensor], lr: float) -> TensorFlowOptimizer:
    """The optimizer that facenet calls `name`.

    Raises
    ------
    InvalidArgumentError
        If there is none.
    """
    if name not in OPTIMIZERS:
        raise InvalidArgumentError(f"optimizer is {name!r}: it must be one of {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[name](parameters, lr)
