"""Runs the notebooks and stores what they give, for the site shows them as they are.

Run it in the root of the repository, with the packages of requirements.txt:

    PYTHONPATH=python python python/docs/run_notebooks.py
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor

NOTEBOOKS = Path(__file__).resolve().parent / "notebooks"
ROOT = NOTEBOOKS.parents[2]
#: Bytes of a notebook with its pictures.
LIMIT = 300_000


def run(path: Path) -> None:
    """Run a notebook in the root of the repository and write it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    ExecutePreprocessor(timeout=600, kernel_name="python3").preprocess(notebook, {"metadata": {"path": str(ROOT)}})
    for cell in notebook.cells:
        # When a cell ran is of no interest, and would be another change at each run.
        cell.metadata.pop("execution", None)
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    text = nbformat.writes(notebook)
    if len(text) > LIMIT:
        raise SystemExit(f"{path.name} has {len(text)} bytes, more than {LIMIT}: draw smaller pictures")
    path.write_text(text + "\n")
    print(f"{path.name}: {len(text)} bytes")


if __name__ == "__main__":
    for found in sorted(NOTEBOOKS.glob("*.ipynb")):
        run(found)
