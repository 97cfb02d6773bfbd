"""Finding faces."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import overload

from . import _native, _pictures
from ._arguments import checked
from ._pictures import P, Picture, Pictures
from .errors import InvalidArgumentError
from .faces import Faces
from .runtime import Runtime


class Detector:
    """Finds faces with MTCNN (Zhang, Zhang, Li and Qiao, 2016), with the results of the facenet toolkit.

    It may be used from many threads at once.

    Parameters
    ----------
    runtime : Runtime, optional
        What runs the networks; by default one with default settings.
    min_face_size : float
        Height of the smallest face that is looked for: in pixels (4 or more), or, up to 1, as a share of the shorter side
        of the picture. The time grows with the inverse square.
    thresholds : three floats
        Probabilities that a face must reach in each of the three networks, between 0 and 1.
    factor : float
        Ratio of neighbouring sizes in the image pyramid, 0.1 to 0.95.
    select : str
        ``"all"`` faces, or only the ``"largest"``, ``"central"`` (large and near the centre) or ``"most_probable"``.
    max_faces : int, optional
        Give back no more than this many faces.
    rotations : str
        ``"quarter-turns"`` also searches a picture turned by 90, 180 and 270 degrees, of which the one counts whose faces have
        the highest sum of scores; takes four times the time.
    networks : three paths, optional
        Model files of P-Net, R-Net and O-Net; by default those that ship with the package.

    Raises
    ------
    InvalidArgumentError
        If a setting is out of range.

    Examples
    --------
    >>> from facenet_rs import Detector
    >>> faces = Detector(min_face_size=0.1).detect("examples/photos/obama.jpg")
    >>> len(faces), faces[0].score > 0.99, faces.boxes.shape
    (1, True, (1, 4))
    """

    def __init__(
        self,
        runtime: Runtime | None = None,
        *,
        min_face_size: float = 20,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        factor: float = 0.709,
        select: str = "all",
        max_faces: int | None = None,
        rotations: str = "none",
        networks: Sequence[str | os.PathLike[str]] | None = None,
    ) -> None:
        runtime = runtime or Runtime()
        options = {
            "min_face_size": min_face_size,
            "thresholds": thresholds,
            "factor": factor,
            "selection": select,
            "max_faces": max_faces,
            "rotations": rotations,
            "networks": networks,
        }
        self._native = _native.Detector(runtime._native, checked(options))

    @overload
    def detect(
        self, pictures: Pictures[P], *, color: str = "rgb", region: Sequence[float] | None = None
    ) -> list[Faces]: ...

    @overload
    def detect(self, pictures: Picture, *, color: str = "rgb", region: Sequence[float] | None = None) -> Faces: ...

    def detect(
        self,
        pictures: Picture | Pictures[P],
        *,
        color: str = "rgb",
        region: Sequence[float] | None = None,
    ) -> Faces | list[Faces]:
        """Find the faces of a picture, or of each picture in a list.

        Parameters
        ----------
        pictures : picture, or list of pictures
            A picture is a path, the bytes of an image file, an open file, a picture of Pillow, or an array of uint8:
            (height, width, 3), (height, width, 4) or, gray, (height, width). Any strides, though only rows whose pixels lie
            side by side are not copied; it is not written to, and nobody else may write to it during the call. A picture
            that Pillow has opened is turned as its EXIF data say, as a file is; one made from it is taken as it is. Many
            pictures at once keep the networks busier than one.
        color : str
            Order of the channels of arrays: ``"rgb"``, ``"bgr"`` (OpenCV), or a format of cameras: ``"nv12"``, ``"nv21"``,
            ``"i420"`` (planes one below the other, as OpenCV has them), ``"yuy2"`` or ``"uyvy"`` (height, width, 2). Those
            are of limited range, by BT.601 up to 576 rows and by BT.709 above.
        region : left, top, right, bottom, optional
            Look only there; faces are given in the coordinates of the whole picture.

        Raises
        ------
        FileNotFoundError, ImageDecodeError, FrameInvalidError
            If a picture cannot be read, or an array is none.
        """
        if region is not None and len(region) != 4:
            raise InvalidArgumentError(f"a region of {len(region)} numbers: left, top, right and bottom are needed")
        listed = _pictures.many(pictures)
        inside = None if region is None else list(region)
        found = [
            (places, [Faces._of(arrays) for arrays in self._native.detect(group, form, inside)])
            for form, places, group in _pictures.native(listed, color)
        ]
        faces = _pictures.in_order(len(listed), found)
        return faces if _pictures.is_many(pictures) else faces[0]
