"""Pictures in all the forms that Python has them in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

from .errors import FrameInvalidError, InvalidArgumentError


class Readable(Protocol):
    """A file that is open for reading bytes."""

    def read(self) -> bytes: ...


class PillowImage(Protocol):
    """A picture of Pillow."""

    mode: str
    format: str | None

    def convert(self, mode: str) -> Any: ...


#: A picture: a path, the bytes of an image file, an open file, an array of bytes or a picture of Pillow.
Picture: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | npt.NDArray[np.uint8] | PillowImage"
)

#: What the native module takes.
Native: TypeAlias = "str | os.PathLike[str] | bytes | npt.NDArray[np.uint8]"

#: Formats of arrays whose last axis has the channels.
_CHANNELS = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "rgbx": 4, "bgrx": 4}

T = TypeVar("T")
P = TypeVar("P", bound=Picture)

#: A batch of pictures.
Pictures: TypeAlias = "list[P] | tuple[P, ...]"


def is_many(pictures: object) -> bool:
    """Whether it is a batch: a list or tuple, or an array with an axis for its pictures."""
    return isinstance(pictures, (list, tuple)) or (isinstance(pictures, np.ndarray) and pictures.ndim == 4)


def many(pictures: object) -> list[Picture]:
    """The pictures of a batch, or the one in a list."""
    return cast("list[Picture]", list(cast("Sequence[Picture]", pictures)) if is_many(pictures) else [pictures])


def native(pictures: Sequence[Picture], color: str) -> list[tuple[str, list[int], list[Native]]]:
    """Pictures as the native module takes them, those of one format together, with their places in the batch."""
    groups: dict[str, tuple[list[int], list[Native]]] = {}
    for index, picture in enumerate(pictures):
        form, taken = one(picture, color)
        places, group = groups.setdefault(form, ([], []))
        places.append(index)
        group.append(taken)
    return [(form, places, group) for form, (places, group) in groups.items()]


def one(picture: Any, color: str) -> tuple[str, Native]:
    """A picture as the native module takes it, with its format."""
    if isinstance(picture, np.ndarray):
        return _array(picture, color)
    if isinstance(picture, (str, os.PathLike, bytes)):
        return color, picture
    if isinstance(picture, (bytearray, memoryview)):
        return color, bytes(picture)
    if hasattr(picture, "convert") and hasattr(picture, "mode"):
        return "rgb", _pillow(picture)
    if hasattr(picture, "read"):
        read = picture.read()
        if not isinstance(read, bytes):
            raise InvalidArgumentError("the file is open for text: open it with mode 'rb'")
        return color, read
    if hasattr(picture, "__array__"):
        return _array(np.asarray(picture), color)
    raise InvalidArgumentError(
        f"a {type(picture).__name__} is no picture: give a path, bytes, an open file, an array or a picture of Pillow"
    )


def _array(picture: npt.NDArray[Any], color: str) -> tuple[str, npt.NDArray[np.uint8]]:
    if picture.dtype != np.uint8:
        raise FrameInvalidError(
            f"an array of {picture.dtype} is no picture: its values must be of uint8, from 0 to 255. "
            "For values from 0 to 1, give (255 * array).round().astype('uint8')"
        )
    form = color
    channels = _CHANNELS.get(color)
    if channels is not None:
        if picture.ndim == 3 and picture.shape[2] == 1:
            picture = picture[:, :, 0]
        if picture.ndim == 2:
            form = "gray8"
        elif picture.ndim == 3 and channels == 3 and picture.shape[2] == 4:
            form = f"{color}a"
    return form, picture


def _pillow(picture: Any) -> npt.NDArray[np.uint8]:
    if picture.mode[0] in "IF":
        raise FrameInvalidError(
            f"a picture of Pillow of mode {picture.mode} may have values past 255: scale them, and make it one of mode L"
        )
    # Only what Pillow has opened has a format: it is as it lies in the file, and may have to be turned.
    if picture.format is not None:
        from PIL import ImageOps

        picture = ImageOps.exif_transpose(picture)
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def in_order(count: int, groups: list[tuple[list[int], list[T]]]) -> list[T]:
    """Results of groups, in the order of the batch."""
    ordered: dict[int, T] = {}
    for places, results in groups:
        ordered.update(zip(places, results, strict=True))
    return [ordered[index] for index in range(count)]
