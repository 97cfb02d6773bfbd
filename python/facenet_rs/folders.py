"""Whole folders of pictures."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _native
from ._arguments import checked, part
from ._progress import Progress, shown
from .embedder import Embedder
from .evaluator import _photos_or_crops
from .facenet import Facenet
from .runtime import Runtime


def align_folder(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    runtime: Runtime | None = None,
    image_size: int = 160,
    margin: int = 32,
    detect_multiple_faces: bool = False,
    retry_failed: bool = False,
    shard: tuple[int, int] = (1, 1),
    order_seed: int | None = None,
    min_face_size: float = 20,
    thresholds: tuple[float, float, float] = (0.6, 0.7, 0.7),
    factor: float = 0.709,
    rotations: str = "none",
    progress: Progress = None,
) -> dict[str, Any]:
    """Make a folder of photos into a folder of aligned faces, as facenet's ``align_dataset_mtcnn.py``.

    ``source/Name/photo.jpg`` becomes ``output/Name/photo.png``. A face appears when it is complete; what is there is not
    done again, so that a call that was stopped goes on where it was. Pictures without a face, and broken ones, are listed
    in a report in the output folder.

    Parameters
    ----------
    image_size, margin
        Size of a face, and pixels by which its box is made wider and higher before.
    detect_multiple_faces : bool
        Write every face of a photo, not only the one that is large and near the centre.
    retry_failed : bool
        Try photos again in which an earlier run found no face.
    shard : (i, n)
        Do only the i-th of n parts, for several machines.
    order_seed : int, optional
        Work in a random order.

    Returns
    -------
    dict
        Counts: images, done_before, aligned, faces, no_face, broken, seconds, and the files with boxes and failures.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; nothing is lost.

    Examples
    --------
    >>> import facenet_rs, tempfile
    >>> output = tempfile.mkdtemp()
    >>> counts = facenet_rs.align_folder("examples/photos", output)
    >>> counts["images"], counts["no_face"], counts["broken"]
    (5, 0, 0)
    """
    settings = checked(
        {
            "image_size": image_size,
            "margin": margin,
            "multiple_faces": detect_multiple_faces,
            "retry_failed": retry_failed,
            "order": None if order_seed is None else f"random:{order_seed}",
            "shard": part(shard),
        }
    )
    search = checked(
        {"min_face_size": min_face_size, "thresholds": thresholds, "factor": factor, "rotations": rotations}
    )
    runtime = runtime or Runtime()
    with shown(progress, "images") as tell:
        summary, left_out = _native.align_folder(runtime._native, Path(source), Path(output), search, settings, tell)
    counts: dict[str, Any] = json.loads(summary)
    return {**counts, "left_out": left_out}


def export_embeddings(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    embedder: Embedder | Facenet | None = None,
    part_size: int = 512,
    shard: tuple[int, int] = (1, 1),
    progress: Progress = None,
) -> dict[str, Any]:
    """Write the embeddings of a folder of people as NumPy arrays and Parquet, as facenet's ``export_embeddings.py``.

    The output folder gets ``embeddings.npy``, ``labels.npy``, ``label_strings.npy`` and Parquet files that appear whole; a call
    that was stopped goes on after the last of them.

    Parameters
    ----------
    embedder : Embedder or Facenet, optional
        An :class:`Embedder` if the folder holds aligned faces (the default), a :class:`Facenet` if it holds photos.
    part_size : int
        About how many images go into one Parquet file.
    shard : (i, n)
        Make only the i-th of n parts of the files.

    Returns
    -------
    dict
        Counts: images, processed, faces, failed, complete, rows.

    Examples
    --------
    >>> import facenet_rs, tempfile
    >>> output = tempfile.mkdtemp()
    >>> counts = facenet_rs.export_embeddings("examples/photos", output, embedder=facenet_rs.shared())
    >>> counts["faces"], counts["complete"]
    (5, True)
    """
    settings = checked({"part_size": part_size, "shard": part(shard)})
    with shown(progress, "images") as tell:
        summary: dict[str, Any] = json.loads(
            _native.export_embeddings(
                _photos_or_crops(embedder or Embedder()), Path(source), Path(output), settings, tell
            )
        )
    return summary


def pack_folder(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    shard_size: int = 10_000,
    progress: Progress = None,
) -> dict[str, Any]:
    """Pack a folder of people into tar files as WebDataset has them, which a training reads faster than millions of images.

    `output` gets ``faces-00000.tar`` and so on, with the bytes of the image files and the number of the person of each, and can be the
    `data_dir` of ``facenet_rs.train``. A tar file appears when it is complete; a call that was stopped goes on after the last.

    Parameters
    ----------
    shard_size : int
        Images in a tar file.

    Returns
    -------
    dict
        Counts: images, shards, done_before, processed, failed, unreadable, packed. Images that cannot be decoded are left out
        (`failed`), as are folders and links that cannot be read (`unreadable`); ``failures.jsonl`` lists both. A file that cannot
        be read ends the call.

    Raises
    ------
    DatasetInvalidError
        If an image is in no person's folder, or has a name that WebDataset would misunderstand, such as one with two dots; if
        `output` holds folders, images, compressed tar files or a damaged one.
    InvalidArgumentError
        If `output` has tar files of something else, or is `source` or a folder around it.
    IoError, NotFoundError
        If something cannot be read or written. The tar files that were made are kept; call it again.

    Examples
    --------
    >>> import facenet_rs, pathlib, shutil, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> (folder / "faces/Obama").mkdir(parents=True)
    >>> _ = shutil.copy("examples/photos/obama.jpg", folder / "faces/Obama")
    >>> counts = facenet_rs.pack_folder(folder / "faces", folder / "shards")
    >>> counts["shards"], counts["packed"]
    (1, 1)
    """
    checked({"shard_size": shard_size})
    with shown(progress, "images") as tell:
        summary: dict[str, Any] = json.loads(_native.pack_folder(Path(source), Path(output), shard_size, tell))
    return summary


@dataclass(frozen=True, eq=False)
class FolderEmbeddings:
    """Embeddings of the images of a folder."""

    #: float32, shape (n, dimension).
    embeddings: npt.NDArray[np.float32]
    #: The image of each row, relative to the folder; ``image.jpg#2`` for the second face of one.
    names: list[str]
    #: The folder of the person that it lies in, or ``None``.
    people: list[str | None]
    #: Images that gave no face or cannot be read, and why.
    failures: list[tuple[str, str]]
    #: What made the embeddings: model, fingerprint, dimension, metric.
    description: dict[str, Any]

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a matrix (``.npy``) with the names of its rows and what made it beside it, as ``facenet embed`` does."""
        _native.write_embeddings(path, json.dumps(self.description), "", self.names, self.embeddings)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> FolderEmbeddings:
        """Read what :meth:`write` or ``facenet embed`` wrote."""
        values, names, description, people = _native.read_embeddings(path)
        return cls(values, names, people, [], json.loads(description) if description else {})


def embed_folder(
    folder: str | os.PathLike[str],
    *,
    embedder: Embedder | Facenet | None = None,
    select: str = "largest",
    progress: Progress = None,
) -> FolderEmbeddings:
    """Embed the images of a folder of people, in memory.

    Parameters
    ----------
    embedder : Embedder or Facenet, optional
        An :class:`Embedder` if the folder holds aligned faces (the default), a :class:`Facenet` if it holds photos.
    select : str
        Which faces of a photo are taken.

    Examples
    --------
    >>> import facenet_rs
    >>> found = facenet_rs.embed_folder("examples/photos", embedder=facenet_rs.shared())
    >>> found.embeddings.shape, found.names[0], found.failures
    ((5, 512), 'astronaut.png', [])
    """
    source = embedder or Embedder()
    with shown(progress, "images") as tell:
        values, names, people, failures = _native.extract(_photos_or_crops(source, select), Path(folder), tell)
    made = source if isinstance(source, Embedder) else source.embedder
    return FolderEmbeddings(values, names, people, failures, made.description)
