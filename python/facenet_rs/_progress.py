"""Showing how far a long call is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

#: ``True`` for a bar on the standard error, or a function that is told how much is done, of how much.
Progress: TypeAlias = "bool | Callable[[int, int], object] | None"


@contextmanager
def shown(progress: Progress, what: str) -> Iterator[Callable[[int, int], object] | None]:
    """What a native call is to tell about its progress."""
    if progress is True:
        bar = _tqdm(what) or _Line(what)
        try:
            yield bar.update
        finally:
            bar.close()
    else:
        yield progress or None


class _Bar:
    """A bar of tqdm."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def update(self, done: int, total: int) -> None:
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        self._bar.close()


def _tqdm(what: str) -> _Bar | None:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return _Bar(tqdm(unit=f" {what}"))


class _Line:
    """A line on the standard error, with rate and remaining time."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._begin: tuple[float, int] | None = None
        self._said = 0.0

    def update(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._begin is None:
            self._begin = (now, done)
        if done < total and now - self._said < 0.2:
            return
        self._said = now
        began, before = self._begin
        rate = (done - before) / (now - began) if now > began else 0.0
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        print(f"\r{done}/{total} {self._what}, {rate:.1f}/s{left}   ", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._said:
            print(file=sys.stderr)
