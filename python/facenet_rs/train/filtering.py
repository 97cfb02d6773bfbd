"""Leaving images out that are far from the others of their person, which are often of somebody else.

``python -m facenet_rs.train.filtering DATA_DIR FILE.h5`` measures, as facenet's ``calculate_filtering_metrics.py``;
`filter_filename` and `filter_percentile` of a training leave out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from .._progress import Progress
from ..embedder import Embedder
from ..errors import DatasetInvalidError, NotFoundError
from ..folders import embed_folder
from .images import Images
from .settings import expanded

_BINS = 100


def calculate_filtering_metrics(
    data_dir: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    embedder: Embedder | None = None,
    progress: Progress = None,
) -> int:
    """Measure how far each face of a folder of people is from the mean of its person, and write that to an HDF5 file.

    The file has ``class_names``, ``image_list`` (``Name/file``), ``label_list`` and ``distance_to_center``.

    Parameters
    ----------
    data_dir : path
        A folder of aligned faces for each person.
    embedder : Embedder, optional
        By default the model that ships with the package.

    Returns
    -------
    int
        How many images could be read; those that cannot are not in the file.
    """
    found = embed_folder(data_dir, embedder=embedder, progress=progress)
    rows = [i for i, person in enumerate(found.people) if person is not None]
    people = [str(found.people[i]) for i in rows]
    names = sorted(set(people))
    labels = np.array([names.index(person) for person in people], np.int64)
    embeddings = found.embeddings[rows]
    distances = np.zeros(len(rows), np.float32)
    for label in range(len(names)):
        own = labels == label
        distances[own] = np.linalg.norm(embeddings[own] - embeddings[own].mean(0), axis=1)
    path = Path(output)
    beside = path.with_name(f".{path.name}")
    text = h5py.string_dtype()
    with h5py.File(beside, "w") as file:
        file.create_dataset("class_names", data=names, dtype=text)
        file.create_dataset("image_list", data=[found.names[i] for i in rows], dtype=text)
        file.create_dataset("label_list", data=labels)
        file.create_dataset("distance_to_center", data=distances)
    beside.replace(path)
    return len(rows)


def threshold(distances: npt.NDArray[np.float32], percentile: float) -> float:
    """The distance below which a share of the images lies, by a histogram of 100 bins as in facenet."""
    counts, edges = np.histogram(distances, _BINS)
    return float(np.interp(percentile / 100, np.cumsum(counts) / counts.sum(), (edges[:-1] + edges[1:]) / 2))


def filtered(images: Images, file: str | os.PathLike[str], percentile: float, minimum: int) -> Images:
    """The images that are near enough to the mean of their person, of people who then have `minimum` images or more.

    Images are known by ``Name/file``; those that the file does not list stay.

    Raises
    ------
    NotFoundError, DatasetInvalidError
        If the file is missing, not made by :func:`calculate_filtering_metrics`, lists none of the images, or leaves nothing.
    """
    path = expanded(file, "filter_filename")
    if not path.exists():
        raise NotFoundError(f"{path}: no such file (filter_filename)")
    try:
        with h5py.File(path) as stored:
            distances = np.asarray(stored["distance_to_center"], np.float32)
            listed = [_name(bytes(name).decode()) for name in stored["image_list"]]
    except (OSError, KeyError) as error:
        raise DatasetInvalidError(f"{path}: not a file of calculate_filtering_metrics: {error}") from error
    if not listed or len(listed) != len(distances) or not np.isfinite(distances).all():
        raise DatasetInvalidError(
            f"{path}: {len(listed)} images and {len(distances)} distances, all finite, are needed"
        )
    if set(listed).isdisjoint(_name(image) for image in images.paths):
        raise DatasetInvalidError(
            f"{path}: none of the images is in it. It knows them by Name/file, such as {listed[0]}; "
            f"here they are called such as {_name(images.paths[0])}"
        )
    limit = threshold(distances, percentile)
    far = {name for name, distance in zip(listed, distances, strict=True) if distance >= limit}
    near = [i for i, image in enumerate(images.paths) if percentile >= 100 or _name(image) not in far]
    counts = np.bincount([images.labels[i] for i in near], minlength=len(images.names))
    kept = [i for i in near if counts[images.labels[i]] >= minimum]
    if not kept:
        raise DatasetInvalidError(f"{path}: no image is left (filter_percentile, filter_min_nrof_images_per_class)")
    return images.only(kept)


def _name(path: str) -> str:
    """``Name/file``, however the folder of all people is called."""
    return "/".join(Path(path).parts[-2:])


def main(arguments: list[str] | None = None) -> int:
    """The command, with the names of facenet's options."""
    parser = argparse.ArgumentParser(prog="python -m facenet_rs.train.filtering", description=__doc__)
    parser.add_argument("data_dir", help="folder of aligned faces for each person")
    parser.add_argument("output", help="HDF5 file to write")
    parser.add_argument("--model", help="model file [default: the one that ships with the package]")
    parser.add_argument(
        "--batch_size", "--batch-size", type=int, default=16, help="most images in a run of the network"
    )
    given = parser.parse_args(arguments)
    embedder = Embedder(model=given.model, batch_size=given.batch_size)
    count = calculate_filtering_metrics(given.data_dir, given.output, embedder=embedder, progress=True)
    print(f"{given.output}: {count} images")
    return 0


if __name__ == "__main__":
    sys.exit(main())
