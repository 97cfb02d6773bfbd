"""The ``facenet`` command line: the same program as the one that ``cargo install`` builds."""

from __future__ import annotations

import os
import sys

from . import _native
from .runtime import _library


def main() -> int:
    """Do what the arguments ask for, and give the exit code."""
    library = _library(None)
    if library is not None:
        os.environ["FACENET_ORT_DYLIB"] = os.fspath(library)
    os.environ.setdefault("FACENET_PYTHON", sys.executable)
    return _native.run_command(["facenet", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
