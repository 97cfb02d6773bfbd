"""``python -m facenet_rs.train SETTINGS.json``, alone or under torchrun, and ``export RUN``: what ``facenet train`` runs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..errors import FacenetError
from .exporting import export
from .run import run


def main(arguments: list[str]) -> int:
    """Train, and give the exit code: 0, 1 after an error, 2 if there is no file of settings, 130 after Ctrl-C."""
    work: Callable[[], object]
    if arguments[:1] == ["export"]:
        work = _export(arguments[1:])
    elif len(arguments) != 1:
        print("usage: python -m facenet_rs.train SETTINGS.json", file=sys.stderr)
        return 2
    else:
        try:
            settings = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            print(f"error: {arguments[0]}: {error}", file=sys.stderr)
            return 2
        work = partial(run, settings)
    try:
        work()
    except (FacenetError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; resume goes on after the last step", file=sys.stderr)
        return 130
    return 0


def _export(arguments: list[str]) -> Callable[[], None]:
    """What ``export`` and these arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m facenet_rs.train export", description=export.__doc__)
    parser.add_argument("run", help="folder with the checkpoints of a training, or one of them")
    parser.add_argument("--best", action="store_true", help="the best weights, not the last")
    given = parser.parse_args(arguments)
    return lambda: print(f"Model: {export(given.run, best=given.best)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
