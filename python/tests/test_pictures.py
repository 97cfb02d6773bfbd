"""Every form of a picture gives the same vector, or says what is wrong with it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from facenet_rs import Facenet, FacenetError
from facenet_rs.errors import (
    FrameInvalidError,
    ImageDecodeError,
    ImageTooLargeError,
    InvalidArgumentError,
    IoError,
    NotFoundError,
)

Image = pytest.importorskip("PIL.Image")
cv2 = pytest.importorskip("cv2")

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def expected(facenet: Facenet, photos: Path) -> npt.NDArray[np.float32]:
    return facenet.embed(photos / "obama.jpg")


def encoded(picture: Any, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


class Wrapped:
    """What gives an array when asked, as tensors do."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Pixels:
        return self._pixels


FILES: dict[str, Callable[[Path], Any]] = {
    "str": str,
    "path": lambda path: path,
    "bytes": Path.read_bytes,
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "bytesio": lambda path: io.BytesIO(path.read_bytes()),
    "pillow": Image.open,
    "pillow rgba": lambda path: Image.open(path).convert("RGBA"),
}


@pytest.mark.parametrize("form", FILES)
def test_forms_of_a_file(facenet: Facenet, photos: Path, expected: Any, form: str) -> None:
    assert np.array_equal(facenet.embed(FILES[form](photos / "obama.jpg")), expected)


def test_open_file(facenet: Facenet, photos: Path, expected: Any) -> None:
    with open(photos / "obama.jpg", "rb") as file:
        assert np.array_equal(facenet.embed(file), expected)


def padded(pixels: Pixels) -> Pixels:
    wide = np.zeros((pixels.shape[0], pixels.shape[1] + 7, *pixels.shape[2:]), np.uint8)
    wide[:, 3:-4] = pixels
    return wide[:, 3:-4]


def locked(pixels: Pixels) -> Pixels:
    pixels = pixels.copy()
    pixels.flags.writeable = False
    return pixels


def spread(pixels: Pixels) -> Pixels:
    return np.repeat(np.repeat(pixels, 2, 0), 3, 1)[::2, ::3]


ARRAYS: dict[str, Callable[[Pixels], Any]] = {
    "packed": np.ascontiguousarray,
    "read-only": locked,
    "columns of a wider one": padded,
    "every other row and third column": spread,
    "upside down in memory": lambda pixels: np.ascontiguousarray(pixels[::-1])[::-1],
    "mirrored in memory": lambda pixels: np.ascontiguousarray(pixels[:, ::-1])[:, ::-1],
    "fortran order": np.asfortranarray,
    "channels first in memory": lambda pixels: np.ascontiguousarray(pixels.transpose(2, 0, 1)).transpose(1, 2, 0),
    "byte order written": lambda pixels: pixels.view(">u1"),
    "masked array": np.ma.array,
    "gives an array": Wrapped,
    "rgba": lambda pixels: np.dstack([pixels, np.full(pixels.shape[:2], 9, np.uint8)]),
    "unaligned": lambda pixels: np.frombuffer(b"x" + pixels.tobytes(), np.uint8, offset=1).reshape(pixels.shape),
}


@pytest.mark.parametrize("form", ARRAYS)
def test_forms_of_an_array(facenet: Facenet, pixels: Pixels, expected: Any, form: str) -> None:
    assert np.array_equal(facenet.embed(ARRAYS[form](pixels)), expected)


@pytest.mark.parametrize("form", ARRAYS)
def test_the_same_of_other_orders(facenet: Facenet, pixels: Pixels, expected: Any, form: str) -> None:
    taken = ARRAYS[form](cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    assert np.array_equal(facenet.embed(taken, color="bgr"), expected)


def test_a_channel_reversed_is_not_read_past_its_end(facenet: Facenet, pixels: Pixels, expected: Any) -> None:
    assert np.array_equal(facenet.embed(pixels[:, :, ::-1], color="bgr"), expected)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1", "YCbCr", "HSV", "CMYK", "RGBX"])
def test_modes_of_pillow_are_what_pillow_makes_rgb_of_them(facenet: Facenet, pixels: Pixels, mode: str) -> None:
    picture = Image.fromarray(pixels).convert(mode)
    assert np.array_equal(facenet.embed(picture), facenet.embed(np.asarray(picture.convert("RGB"))))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA"])
def test_files_are_decoded_as_pillow_does(facenet: Facenet, pixels: Pixels, mode: str) -> None:
    picture = Image.fromarray(pixels).convert(mode)
    if mode in ("RGBA", "LA"):
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    assert np.array_equal(facenet.embed(encoded(picture, "PNG")), facenet.embed(picture))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpegs_are_decoded_as_pillow_does(facenet: Facenet, pixels: Pixels, mode: str) -> None:
    file = encoded(Image.fromarray(pixels).convert(mode), "JPEG", quality=88)
    ours, theirs = facenet.embed(file), facenet.embed(Image.open(io.BytesIO(file)))
    # Inks are made colours by rounding, which each library does in its way.
    np.testing.assert_allclose(ours, theirs, atol=2e-3 if mode == "CMYK" else 0)


def test_gray(facenet: Facenet, pixels: Pixels) -> None:
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    expected = facenet.embed(cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB))
    for form in (gray, gray[:, :, None], padded(gray), np.asfortranarray(gray), np.dstack([gray, gray])[:, :, :1]):
        assert np.array_equal(facenet.embed(form), expected)
    assert np.array_equal(facenet.embed(gray, color="bgr"), expected)
    assert np.array_equal(facenet.embed(gray, color="gray8"), expected)


def camera(small: Pixels, form: str) -> tuple[Pixels, Pixels]:
    """A picture as cameras give it, made by OpenCV or by hand of what it made, and OpenCV's RGB of it."""
    height, width = small.shape[:2]
    i420 = cv2.cvtColor(small, cv2.COLOR_RGB2YUV_I420)
    luma, chroma = i420[:height], i420[height:].reshape(2, height // 2, width // 2)
    if form == "i420":
        return i420, cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420)
    if form == "yuy2":
        pairs = np.repeat(chroma, 2, 1)
        yuy2 = np.dstack([luma, np.stack([pairs[0], pairs[1]], 2).reshape(height, width)])
        return yuy2, cv2.cvtColor(yuy2, cv2.COLOR_YUV2RGB_YUY2)
    order = [0, 1] if form == "nv12" else [1, 0]
    interleaved = np.stack([chroma[number] for number in order], 2).reshape(height // 2, width)
    code = cv2.COLOR_YUV2RGB_NV12 if form == "nv12" else cv2.COLOR_YUV2RGB_NV21
    whole = np.vstack([luma, interleaved])
    return whole, cv2.cvtColor(whole, code)


@pytest.mark.parametrize("form", ["nv12", "nv21", "i420", "yuy2"])
def test_formats_of_cameras(facenet: Facenet, small: Pixels, form: str) -> None:
    taken, rgb = camera(small, form)
    ours, theirs = facenet.embed(taken, color=form), facenet.embed(rgb)
    # The same matrix; chroma may be interpolated, and is rounded.
    assert ours @ theirs > 0.99
    np.testing.assert_allclose(facenet.detect(taken, color=form).boxes, facenet.detect(rgb).boxes, atol=1)
    for strided in (padded, np.asfortranarray, lambda array: np.ascontiguousarray(array[::-1])[::-1]):
        assert np.array_equal(facenet.embed(strided(taken), color=form), ours)


def test_swapped_chroma_is_another_picture(facenet: Facenet, small: Pixels) -> None:
    nv12, _ = camera(small, "nv12")
    nv21, _ = camera(small, "nv21")
    assert np.array_equal(facenet.embed(nv12, color="nv12"), facenet.embed(nv21, color="nv21"))
    assert not np.array_equal(facenet.embed(nv12, color="nv21"), facenet.embed(nv21, color="nv21"))


def test_exif_turns_files_and_what_pillow_opened(facenet: Facenet, pixels: Pixels, expected: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = encoded(Image.fromarray(pixels).rotate(90, expand=True), "PNG", exif=exif)
    assert np.array_equal(facenet.embed(file), expected)
    opened = Image.open(io.BytesIO(file))
    assert np.array_equal(facenet.embed(opened), expected)
    # A picture made of it has the pixels it has.
    assert np.array_equal(facenet.embed(opened.rotate(-90, expand=True)), expected)


def test_batches_keep_their_order(facenet: Facenet, photos: Path, pixels: Pixels) -> None:
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    mixed: list[Any] = [
        photos / "biden.jpg",
        pixels,
        gray,
        (photos / "obama2.jpg").read_bytes(),
        np.dstack([pixels, gray]),
        Image.open(photos / "astronaut.png"),
        io.BytesIO((photos / "biden.jpg").read_bytes()),
    ]
    alone = [facenet.embed(picture) for picture in mixed[:-1]]
    together = facenet.embed(mixed)
    np.testing.assert_allclose(together, [*alone, alone[0]], atol=1e-6)
    tops = [faces[0].box for faces in facenet.detect(tuple(mixed[:-1]))]
    assert np.array_equal(tops, [facenet.detect(picture)[0].box for picture in mixed[:-1]])


def test_arrays_of_pictures(facenet: Facenet, small: Pixels) -> None:
    both = np.stack([small, small[:, ::-1]])
    np.testing.assert_allclose(facenet.embed(both), [facenet.embed(picture) for picture in both], atol=1e-6)
    assert facenet.detect(both[:0]) == []


def test_no_pictures(facenet: Facenet) -> None:
    assert facenet.detect([]) == [] and facenet.process([]) == []
    assert facenet.embed([]).shape == (0, 512) and facenet.align([]).shape == (0, 160, 160, 3)
    assert facenet.embedder.embed([]).shape == (0, 512)


BLANK = np.zeros((40, 40, 3), np.uint8)
WRONG: dict[str, tuple[Any, type[FacenetError], str]] = {
    "float": (BLANK / 255, FrameInvalidError, "uint8"),
    "nan": (np.full((40, 40, 3), np.nan, np.float32), FrameInvalidError, "float32"),
    "int64": (BLANK.astype(np.int64), FrameInvalidError, "int64"),
    "bool": (BLANK > 1, FrameInvalidError, "bool"),
    "objects": (np.array(["a.jpg", "b.jpg"], object), FrameInvalidError, "object"),
    "five channels": (np.zeros((9, 9, 5), np.uint8), FrameInvalidError, "[9, 9, 5]"),
    "one axis": (np.zeros(9, np.uint8), FrameInvalidError, "[9]"),
    "no axis": (np.zeros((), np.uint8), FrameInvalidError, "[]"),
    "no rows": (BLANK[:0], FrameInvalidError, "no pixels"),
    "no columns": (BLANK[:, :0], FrameInvalidError, "no pixels"),
    "no channels": (BLANK[:, :, :0], FrameInvalidError, "[40, 40, 0]"),
    "too high": (np.broadcast_to(BLANK[:1, :1], (70_000, 2, 3)), ImageTooLargeError, "70000"),
    "too wide": (np.broadcast_to(BLANK[:1, :1], (2, 70_000, 3)), ImageTooLargeError, "70000"),
    "too many": (np.broadcast_to(BLANK[:1, :1], (60_000, 60_000, 3)), ImageTooLargeError, "60000"),
    "past all memory": (np.broadcast_to(BLANK[:1, :1], (2**20, 2**30, 3)), ImageTooLargeError, "limits"),
    "none": (None, InvalidArgumentError, "NoneType"),
    "number": (3, InvalidArgumentError, "int"),
    "generator": ((path for path in ["a.jpg"]), InvalidArgumentError, "generator"),
    "text": (io.StringIO("a"), InvalidArgumentError, "'rb'"),
    "missing": ("nobody.jpg", NotFoundError, "nobody.jpg"),
    "folder": (Path(__file__).parent, IoError, "irectory"),
    "nul in the name": ("a\0b", IoError, "NUL"),
    "no bytes": (b"", ImageDecodeError, "empty"),
    "other bytes": (b"hello" * 99, ImageDecodeError, "not an image"),
    "16 bits": (Image.fromarray(np.zeros((9, 9), np.uint16)), FrameInvalidError, "I;16"),
    "32 bits": (Image.new("I", (9, 9)), FrameInvalidError, "mode I "),
    "floats of Pillow": (Image.new("F", (9, 9)), FrameInvalidError, "mode F"),
}


@pytest.mark.parametrize("what", WRONG)
def test_no_picture(facenet: Facenet, what: str) -> None:
    given, error, word = WRONG[what]
    with pytest.raises(error) as raised:
        facenet.detect(given)
    assert word in str(raised.value)


def test_broken_jpeg(facenet: Facenet, photos: Path) -> None:
    file = (photos / "obama.jpg").read_bytes()
    for length in (3, 10, 1000, len(file) // 2, len(file) - 9):
        with pytest.raises(ImageDecodeError, match="breaks off|damaged|not an image"):
            facenet.detect(file[:length])


def test_errors_tell_which_of_many(facenet: Facenet, photos: Path) -> None:
    with pytest.raises(NotFoundError, match="picture 1: .*nobody.jpg"):
        facenet.detect([str(photos / "obama.jpg"), "nobody.jpg"])


@pytest.mark.parametrize(
    ("color", "shape"),
    [("nv12", (40, 40)), ("i420", (60, 41)), ("nv21", (60, 40, 2)), ("yuy2", (40, 40)), ("rgba", (40, 40, 3))],
)
def test_shapes_of_formats(facenet: Facenet, color: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(FrameInvalidError, match=color.upper()):
        facenet.detect(np.zeros(shape, np.uint8), color=color)


def test_unknown_format(facenet: Facenet) -> None:
    with pytest.raises(InvalidArgumentError, match="bgr"):
        facenet.detect(BLANK, color="grb")


def test_zero_strides(facenet: Facenet) -> None:
    for shape, of in (((90, 90, 3), (1, 90, 3)), ((90, 90, 3), (1, 1, 3)), ((90, 90), (90, 1))):
        assert facenet.detect(np.broadcast_to(np.full(of, 90, np.uint8), shape)) == []
    assert facenet.detect(np.zeros((90, 30, 3), np.uint8)[:, ::30]) == []
