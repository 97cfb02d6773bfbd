"""``python -m facenet_rs.train METHOD OPTIONS`` or ``SETTINGS.json``, alone or under torchrun: what ``facenet train`` runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ..errors import FacenetError, InvalidArgumentError
from .run import run
from .settings import Settings

METHODS = ("softmax", "triplet")


def parser() -> argparse.ArgumentParser:
    """An option for each setting but the method, with dashes or underscores; the native module has the defaults."""
    options = argparse.ArgumentParser(
        prog="facenet train",
        description="Train a network. docs/training.md tells what the options mean; defaults are facenet's.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    options.add_argument("method", choices=METHODS)
    for name, hint in get_type_hints(Settings).items():
        if name == "method":
            continue
        names = dict.fromkeys([f"--{name}", f"--{name.replace('_', '-')}"])
        if hint is bool:
            options.add_argument(*names, dest=name, action="store_true")
        elif get_origin(hint) is Literal:
            options.add_argument(*names, dest=name, choices=get_args(hint))
        else:
            kind = str if get_origin(hint) is not None else hint
            options.add_argument(*names, dest=name, type=kind, metavar=kind.__name__.upper())
    return options


def settings_of(arguments: list[str]) -> Settings:
    """The settings that the arguments give, or those in the file that they name.

    Raises
    ------
    InvalidArgumentError
        If the file cannot be read.
    """
    if len(arguments) == 1 and arguments[0].endswith(".json"):
        try:
            settings: Settings = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidArgumentError(f"{arguments[0]}: {error}") from error
        return settings
    given: Any = vars(parser().parse_args(arguments))
    options: Settings = given
    return options


def main(arguments: list[str]) -> int:
    """Train, and give the exit code: 0, 1 after an error, 2 for wrong options, 130 after Ctrl-C."""
    try:
        run(settings_of(arguments))
    except (FacenetError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; resume goes on after the last step", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
