"""What goes wrong, an exception for each kind.

Every exception is a :class:`FacenetError`. Those that Python has a name for are that too: a missing file is a
:class:`FileNotFoundError`, an argument out of range is a :class:`ValueError`.

>>> import facenet_rs
>>> try:
...     facenet_rs.compare("nobody.jpg", "nobody.jpg")
... except FileNotFoundError as error:
...     print(type(error).__name__, error.number)
NotFoundError 2
"""

from __future__ import annotations

from typing import ClassVar


class FacenetError(Exception):
    """An error of the library: what was wrong with which input, and what to do about it.

    Attributes
    ----------
    kind : str
        The name of the kind in the Rust library.
    number : int
        The number of the kind; it never changes its meaning, and is the status of the C interface.
    """

    kind: ClassVar[str] = "Internal"
    number: ClassVar[int] = 5


class InvalidArgumentError(FacenetError, ValueError):
    """An argument is outside of what the function accepts."""

    kind, number = "InvalidArgument", 1


class NotFoundError(FacenetError, FileNotFoundError):
    """A file or folder that was named does not exist."""

    kind, number = "NotFound", 2


class IoError(FacenetError, OSError):
    """The operating system refused to read or write."""

    kind, number = "Io", 3


class CancelledError(FacenetError):
    """The work was stopped."""

    kind, number = "Cancelled", 4


class InternalError(FacenetError, RuntimeError):
    """A fault of this library."""

    kind, number = "Internal", 5


class UnsupportedError(FacenetError, RuntimeError):
    """The operation exists, but not for this input or on this machine, or not in a child of the process that made it."""

    kind, number = "Unsupported", 6


class FrameInvalidError(FacenetError, ValueError):
    """An array is no picture of the kind it is said to be."""

    kind, number = "FrameInvalid", 100


class ImageDecodeError(FacenetError, ValueError):
    """The bytes are not an image, or an image that breaks off."""

    kind, number = "ImageDecode", 101


class ImageUnsupportedError(FacenetError, ValueError):
    """The image is of a kind this library does not read."""

    kind, number = "ImageUnsupported", 102


class ImageTooLargeError(FacenetError, ValueError):
    """The image has more pixels than the limit."""

    kind, number = "ImageTooLarge", 103


class NoFaceError(FacenetError, LookupError):
    """No face was found where one is needed."""

    kind, number = "NoFace", 104


class RuntimeNotFoundError(FacenetError, RuntimeError):
    """ONNX Runtime was not found."""

    kind, number = "RuntimeNotFound", 200


class RuntimeLoadError(FacenetError, RuntimeError):
    """ONNX Runtime was found and does not load, or is too old."""

    kind, number = "RuntimeLoad", 201


class ProviderUnavailableError(FacenetError, RuntimeError):
    """The wanted execution provider does not run here."""

    kind, number = "ProviderUnavailable", 202


class InferenceError(FacenetError, RuntimeError):
    """ONNX Runtime failed while running a model."""

    kind, number = "Inference", 203


class ModelInvalidError(FacenetError, ValueError):
    """The file is not a model, or one that breaks off."""

    kind, number = "ModelInvalid", 300


class ModelUnsupportedError(FacenetError, ValueError):
    """The file is a model, but not of a kind this library runs."""

    kind, number = "ModelUnsupported", 301


class ModelMismatchError(FacenetError, ValueError):
    """The model is not the one that was expected."""

    kind, number = "ModelMismatch", 302


class FingerprintMismatchError(FacenetError, ValueError):
    """Two embeddings come from different models or preprocessing."""

    kind, number = "FingerprintMismatch", 400


class DimensionMismatchError(FacenetError, ValueError):
    """Two vectors have different lengths, or a vector has the wrong one."""

    kind, number = "DimensionMismatch", 401


class DatasetInvalidError(FacenetError, ValueError):
    """A folder of images or a list file is not laid out as needed."""

    kind, number = "DatasetInvalid", 500


_CLASSES = {
    error.kind: error
    for error in vars().copy().values()
    if isinstance(error, type) and issubclass(error, FacenetError) and error is not FacenetError
}


def of_kind(kind: str) -> type[FacenetError]:
    """The exception for a kind of error of the Rust library."""
    return _CLASSES.get(kind, FacenetError)
