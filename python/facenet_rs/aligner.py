"""Cutting faces out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from . import _native, _pictures
from ._arguments import checked
from ._pictures import Picture
from .faces import Face, arrays
from .runtime import Runtime


class Aligner:
    """Cuts faces out of pictures as an embedding model needs them. It may be used from many threads at once.

    Parameters
    ----------
    size : int
        Width and height of a crop in pixels, 1 to 4096.
    margin : int, optional
        Pixels by which the box of a face is made wider and higher before it is scaled, as facenet's
        ``align_dataset_mtcnn.py`` does; 32 is right for 160 pixels. ``None`` turns and scales the face by its landmarks
        to the template of ArcFace (Deng, Guo, Xue and Zafeiriou, 2019).
    runtime : Runtime, optional
        Whose threads do the work.

    Examples
    --------
    >>> from facenet_rs import Aligner, Detector
    >>> faces = Detector(select="largest").detect("examples/photos/obama.jpg")
    >>> Aligner(160).align("examples/photos/obama.jpg", faces).shape
    (1, 160, 160, 3)
    >>> Aligner(112, margin=None).align("examples/photos/obama.jpg", faces[0]).shape
    (112, 112, 3)
    """

    def __init__(self, size: int = 160, margin: int | None = 32, *, runtime: Runtime | None = None) -> None:
        checked({"size": size, "margin": margin})
        self._native = _native.Aligner(size, margin)
        self._runtime = runtime or Runtime()

    @property
    def size(self) -> int:
        """Width and height of a crop in pixels."""
        return self._native.size

    def align(self, picture: Picture, faces: Face | Sequence[Face], *, color: str = "rgb") -> npt.NDArray[np.uint8]:
        """Cut a face, or each of several, out of a picture.

        Returns
        -------
        array of uint8
            RGB; (size, size, 3) of one face, (n, size, size, 3) of a list.

        Raises
        ------
        InvalidArgumentError
            If a box lies outside of the picture, or landmarks coincide.
        """
        single = isinstance(faces, Face)
        boxes, landmarks = arrays([faces] if isinstance(faces, Face) else faces)
        form, taken = _pictures.one(picture, color)
        crops = self._native.align(self._runtime._native, taken, form, boxes, landmarks)
        return crops[0] if single else crops
