"""Arguments for the native module."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import InvalidArgumentError

#: The largest whole number of an argument, and of those that take larger ones.
_LARGEST = 2**32 - 1
_LARGEST_OF = {"seed": 2**64 - 1, "memory_limit": 2**64 - 1}


def checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, once their whole numbers are known to be such that the native module can hold."""
    for name, value in arguments.items():
        largest = _LARGEST_OF.get(name, _LARGEST)
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, (int, np.integer)) and not 0 <= number <= largest:
                raise InvalidArgumentError(f"{name} is {number}: it must lie between 0 and {largest}")
    return arguments


def part(shard: tuple[int, int]) -> str:
    """The i-th of n parts of some work, in the text form of the native module."""
    index, count = shard
    return f"{index}/{count}"
