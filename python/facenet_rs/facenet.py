"""Everything in one object: find, align, embed, compare."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt

from . import _native, _pictures, detector
from ._arguments import checked
from ._pictures import P, Picture, Pictures
from .aligner import Aligner
from .distances import distance
from .embedder import Embedder
from .errors import InvalidArgumentError, NoFaceError
from .faces import EmbeddedFace, Faces, Floats
from .profile import Profile
from .runtime import Runtime


@dataclass(frozen=True, eq=False)
class Comparison:
    """Whether two faces are of the same person. It is true in an ``if`` when they are.

    Raises
    ------
    ValueError
        In an ``if``, when there is no threshold to decide by.
    """

    #: Distance of the embeddings in :attr:`metric`.
    distance: float
    #: Cosine of the angle between the embeddings, -1 to 1.
    similarity: float
    #: At which distance was decided; ``None`` if none was measured for the model used like this.
    threshold: float | None
    #: The metric of distance and threshold.
    metric: str
    #: Whether both are the same person; ``None`` without a threshold.
    same: bool | None
    #: The face of the first picture.
    a: EmbeddedFace
    #: The face of the second picture.
    b: EmbeddedFace
    #: Name of the model.
    model: str

    def __bool__(self) -> bool:
        if self.same is None:
            raise ValueError(f"no threshold was measured for {self.model} used like this: give threshold=")
        return self.same

    def to_dict(self) -> dict[str, Any]:
        """The figures and the faces as plain Python values."""
        plain = {"distance", "similarity", "threshold", "metric", "same", "model"}
        return {
            **{name: value for name, value in vars(self).items() if name in plain},
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
        }

    def __repr__(self) -> str:
        threshold = "None" if self.threshold is None else f"{self.threshold:.4f}"
        return (
            f"Comparison(same={self.same}, distance={self.distance:.4f}, threshold={threshold}, "
            f"similarity={self.similarity:.4f}, metric={self.metric!r}, model={self.model!r})"
        )


class Facenet:
    """Finds, aligns, embeds and compares faces. Many threads may use it at once; one for all of them is best.

    Parameters
    ----------
    model : path, optional
        A model file; by default the FaceNet model that ships with the package.
    mirror, standardization, alignment, batch_size
        See :class:`~facenet_rs.Embedder`.
    min_face_size, thresholds, factor, rotations, networks
        See :class:`~facenet_rs.Detector`.
    provider, threads, library, models
        See :class:`~facenet_rs.Runtime`.
    runtime : Runtime, optional
        In place of the four above.

    Examples
    --------
    >>> from facenet_rs import Facenet
    >>> facenet = Facenet(provider="cpu")
    >>> facenet.compare("examples/photos/obama.jpg", "examples/photos/biden.jpg").same
    False
    >>> facenet.embed(["examples/photos/obama.jpg", "examples/photos/obama2.jpg"]).shape
    (2, 512)
    """

    def __init__(
        self,
        *,
        model: str | os.PathLike[str] | None = None,
        mirror: str = "off",
        standardization: str | None = None,
        alignment: str | None = None,
        batch_size: int = 16,
        min_face_size: float = 20,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        factor: float = 0.709,
        rotations: str = "none",
        networks: Sequence[str | os.PathLike[str]] | None = None,
        provider: str = "cpu",
        threads: int | None = None,
        library: str | os.PathLike[str] | None = None,
        models: str | os.PathLike[str] | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        self.runtime = runtime or Runtime(provider=provider, threads=threads, library=library, models=models)
        self._search = {
            "min_face_size": min_face_size,
            "thresholds": thresholds,
            "factor": factor,
            "rotations": rotations,
            "networks": networks,
        }
        embedding = {
            "model": model,
            "standardization": standardization,
            "alignment": alignment,
            "mirror": mirror,
            "batch_size": batch_size,
        }
        self._native = _native.Pipeline(self.runtime._native, checked(self._search), checked(embedding))
        #: The embedder, which shares the network.
        self.embedder = Embedder._of(self._native.embedder())

    @property
    def aligner(self) -> Aligner:
        """The aligner that the model needs."""
        aligner = Aligner.__new__(Aligner)
        aligner._native, aligner._runtime = self._native.aligner(), self.runtime
        return aligner

    def _selecting(self, select: str, max_faces: int | None = None) -> _native.Pipeline:
        if select == "all" and max_faces is None:
            return self._native
        return self._native.with_detector_settings(
            checked({**self._search, "selection": select, "max_faces": max_faces})
        )

    @overload
    def process(
        self, pictures: Pictures[P], *, color: str = "rgb", select: str = "all", max_faces: int | None = None
    ) -> list[list[EmbeddedFace]]: ...

    @overload
    def process(
        self, pictures: Picture, *, color: str = "rgb", select: str = "all", max_faces: int | None = None
    ) -> list[EmbeddedFace]: ...

    def process(
        self,
        pictures: Picture | Pictures[P],
        *,
        color: str = "rgb",
        select: str = "all",
        max_faces: int | None = None,
    ) -> list[EmbeddedFace] | list[list[EmbeddedFace]]:
        """Find, align and embed the faces of a picture, or of each picture in a list.

        Parameters
        ----------
        pictures, color
            See :meth:`facenet_rs.Detector.detect`.
        select : str
            ``"all"``, ``"largest"``, ``"central"`` or ``"most_probable"``.
        max_faces : int, optional
            Embed no more than this many of a picture.

        Returns
        -------
        list of EmbeddedFace
            The most probable first; a list of lists for a list of pictures. A face whose box lies outside of the picture
            is left out.
        """
        listed = _pictures.many(pictures)
        pipeline = self._selecting(select, max_faces)
        found = [
            (places, [_embedded(arrays) for arrays in pipeline.process(group, form)])
            for form, places, group in _pictures.native(listed, color)
        ]
        faces = _pictures.in_order(len(listed), found)
        return faces if _pictures.is_many(pictures) else faces[0]

    @overload
    def detect(self, pictures: Pictures[P], *, color: str = "rgb", select: str = "all") -> list[Faces]: ...

    @overload
    def detect(self, pictures: Picture, *, color: str = "rgb", select: str = "all") -> Faces: ...

    def detect(
        self, pictures: Picture | Pictures[P], *, color: str = "rgb", select: str = "all"
    ) -> Faces | list[Faces]:
        """Find the faces of a picture, or of each picture in a list: see :meth:`facenet_rs.Detector.detect`."""
        finder = detector.Detector.__new__(detector.Detector)
        finder._native = self._native.detector({**self._search, "selection": select})
        return finder.detect(cast("Picture", pictures), color=color)

    def align(
        self, pictures: Picture | Pictures[P], *, color: str = "rgb", select: str = "largest"
    ) -> npt.NDArray[np.uint8]:
        """The aligned face of a picture (size, size, 3), or those of a list of pictures (n, size, size, 3), RGB.

        Raises
        ------
        NoFaceError
            If a picture has no face; the message says which.
        """
        listed = _pictures.many(pictures)
        found = self.detect(listed, color=color, select=select)
        aligner = self.aligner
        crops = [
            aligner.align(picture, _first(faces, index, len(listed)), color=color)
            for index, (picture, faces) in enumerate(zip(listed, found, strict=True))
        ]
        if not _pictures.is_many(pictures):
            return crops[0]
        return np.array(crops, np.uint8).reshape(len(crops), aligner.size, aligner.size, 3)

    def embed(self, pictures: Picture | Pictures[P], *, color: str = "rgb", select: str = "largest") -> Floats:
        """The embedding of the face of a picture (dimension,), or of each picture in a list (n, dimension).

        For aligned faces, see :attr:`embedder`; for all faces of a picture, :meth:`process`.

        Raises
        ------
        NoFaceError
            If a picture has no face; the message says which.
        """
        listed = _pictures.many(pictures)
        found = self.process(listed, color=color, select=select)
        faces = [_first(faces, index, len(listed)) for index, faces in enumerate(found)]
        vectors = np.array([face.embedding for face in faces], np.float32).reshape(len(faces), self.embedder.dimension)
        return vectors if _pictures.is_many(pictures) else vectors[0]

    def compare(
        self,
        a: Picture,
        b: Picture,
        *,
        color: str = "rgb",
        select: str = "largest",
        threshold: float | None = None,
        profile: Profile | None = None,
    ) -> Comparison:
        """Whether two pictures show the same person.

        Parameters
        ----------
        a, b, color
            Pictures: see :meth:`facenet_rs.Detector.detect`.
        select : str
            Which face of a picture is taken.
        threshold : float, optional
            The distance at which to decide, in the model's metric; by default the one that was measured for the model.
        profile : Profile, optional
            Metric and threshold that were measured on your own pictures: see :func:`facenet_rs.calibrate`.

        Raises
        ------
        NoFaceError
            If a picture has no face.
        FingerprintMismatchError
            If the profile is for another model or other settings.
        """
        faces = [
            _first(found, index, 2) for index, found in enumerate(self.process([a, b], color=color, select=select))
        ]
        metric, measured = self.embedder.metric, self.embedder.threshold
        if profile is not None:
            profile.check(self.embedder.fingerprint)
            metric, measured = profile.metric, profile.threshold
        if threshold is not None and not math.isfinite(threshold):
            raise InvalidArgumentError(f"threshold is {threshold}: a finite number is needed")
        return _compare(faces[0], faces[1], metric, measured if threshold is None else threshold, self.embedder.name)

    def __repr__(self) -> str:
        return f"Facenet(model={self.embedder.name!r}, provider={self.runtime.provider!r})"


def _embedded(arrays: _native._EmbeddedArrays) -> list[EmbeddedFace]:
    (boxes, scores, landmarks), crops, vectors = arrays
    return list(map(EmbeddedFace, boxes, scores.tolist(), landmarks, crops, vectors))


def _first(faces: Sequence[Any], index: int, count: int) -> Any:
    if not faces:
        raise NoFaceError("no face was found" if count == 1 else f"no face was found in picture {index}")
    return faces[0]


def _compare(a: EmbeddedFace, b: EmbeddedFace, metric: str, threshold: float | None, model: str) -> Comparison:
    found = distance(a.embedding, b.embedding, metric)
    same = None if threshold is None else _native.within(found, threshold, metric)
    return Comparison(found, distance(a.embedding, b.embedding, "cosine"), threshold, metric, same, a, b, model)


_lock = threading.Lock()
_shared: dict[int, Facenet] = {}


def shared() -> Facenet:
    """The :class:`Facenet` with default settings that the functions of the package use, made when it is first needed.

    A child of the process makes its own.

    Examples
    --------
    >>> import facenet_rs
    >>> facenet_rs.shared() is facenet_rs.shared()
    True
    """
    process = os.getpid()
    with _lock:
        if process not in _shared:
            _shared[process] = Facenet()
        return _shared[process]


os.register_at_fork(after_in_child=lambda: globals().update(_lock=threading.Lock()))


def compare(
    a: Picture,
    b: Picture,
    *,
    color: str = "rgb",
    select: str = "largest",
    threshold: float | None = None,
    profile: Profile | None = None,
) -> Comparison:
    """Whether two pictures show the same person: see :meth:`Facenet.compare`.

    Parameters
    ----------
    a, b : path, bytes, file, Pillow picture or uint8 array
        The two pictures. A file is decoded and turned upright; an array is (height, width, 3), RGB unless `color` says otherwise.
    color : str
        Order of the channels of arrays, such as ``"bgr"`` of OpenCV: see :meth:`Detector.detect`.
    select : str
        Which face of a picture is taken: ``"largest"``, ``"central"`` (large and near the centre) or ``"most_probable"``.
    threshold : float, optional
        The distance at which to decide, in the model's metric; by default the one that was measured for the model.
    profile : Profile, optional
        Metric and threshold that were measured on your own pictures: see :func:`facenet_rs.calibrate`.

    Examples
    --------
    >>> import facenet_rs
    >>> result = facenet_rs.compare("examples/photos/obama.jpg", "examples/photos/obama2.jpg")
    >>> result.same, round(result.distance, 2), round(result.threshold, 2)
    (True, 0.68, 1.12)
    """
    return shared().compare(a, b, color=color, select=select, threshold=threshold, profile=profile)


@overload
def detect(pictures: Pictures[P], *, color: str = "rgb", select: str = "all") -> list[Faces]: ...


@overload
def detect(pictures: Picture, *, color: str = "rgb", select: str = "all") -> Faces: ...


def detect(pictures: Picture | Pictures[P], *, color: str = "rgb", select: str = "all") -> Faces | list[Faces]:
    """Find the faces of a picture, or of each picture in a list: see :meth:`Detector.detect`.

    Parameters
    ----------
    pictures : path, bytes, file, Pillow picture or uint8 array, or a list of them
        What is looked at. A file is decoded and turned upright; an array is (height, width, 3), RGB unless `color` says otherwise.
    color : str
        Order of the channels of arrays, such as ``"bgr"`` of OpenCV: see :meth:`Detector.detect`.
    select : str
        Which faces are given: ``"largest"``, ``"central"`` (large and near the centre), ``"most_probable"`` or ``"all"``, the default.

    Examples
    --------
    >>> import facenet_rs
    >>> [face.score > 0.99 for face in facenet_rs.detect("examples/photos/biden.jpg")]
    [True]
    """
    return shared().detect(cast("Picture", pictures), color=color, select=select)


def align(pictures: Picture | Pictures[P], *, color: str = "rgb", select: str = "largest") -> npt.NDArray[np.uint8]:
    """The aligned face of a picture, or of each picture in a list: see :meth:`Facenet.align`.

    Parameters
    ----------
    pictures : path, bytes, file, Pillow picture or uint8 array, or a list of them
        What is looked at. A file is decoded and turned upright; an array is (height, width, 3), RGB unless `color` says otherwise.
    color : str
        Order of the channels of arrays, such as ``"bgr"`` of OpenCV: see :meth:`Detector.detect`.
    select : str
        Which face of a picture is taken: ``"largest"``, ``"central"`` (large and near the centre) or ``"most_probable"``.

    Examples
    --------
    >>> import facenet_rs
    >>> facenet_rs.align("examples/photos/obama.jpg").shape
    (160, 160, 3)
    """
    return shared().align(pictures, color=color, select=select)


def embed(pictures: Picture | Pictures[P], *, color: str = "rgb", select: str = "largest") -> Floats:
    """The embedding of the face of a picture, or of each picture in a list: see :meth:`Facenet.embed`.

    Parameters
    ----------
    pictures : path, bytes, file, Pillow picture or uint8 array, or a list of them
        What is looked at. A file is decoded and turned upright; an array is (height, width, 3), RGB unless `color` says otherwise.
    color : str
        Order of the channels of arrays, such as ``"bgr"`` of OpenCV: see :meth:`Detector.detect`.
    select : str
        Which face of a picture is taken: ``"largest"``, ``"central"`` (large and near the centre) or ``"most_probable"``.

    Examples
    --------
    >>> import facenet_rs
    >>> facenet_rs.embed("examples/photos/obama.jpg").shape
    (512,)
    """
    return shared().embed(pictures, color=color, select=select)
