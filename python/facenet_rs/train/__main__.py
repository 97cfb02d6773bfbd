"""``python -m facenet_rs.train SETTINGS.json``, alone or under torchrun: what ``facenet train`` runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..errors import FacenetError
from .run import run


def main(arguments: list[str]) -> int:
    """Train, and give the exit code: 0, 1 after an error, 2 if there is no file of settings, 130 after Ctrl-C."""
    if len(arguments) != 1:
        print("usage: python -m facenet_rs.train SETTINGS.json", file=sys.stderr)
        return 2
    try:
        settings = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"error: {arguments[0]}: {error}", file=sys.stderr)
        return 2
    try:
        run(settings)
    except (FacenetError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; resume goes on after the last step", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
