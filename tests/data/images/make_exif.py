"""Writes `exif.txt`: blocks of Exif data in hexadecimal digits, each with the orientation that Pillow takes from it."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

ORIENTATION = 274

#: Tag, type, count, values.
Entry = tuple[int, int, int, bytes]


def block(order: str, entries: list[Entry], version: bytes | None = None, place: int = 8) -> bytes:
    body, data, end = b"", b"", place + 6 + 12 * len(entries)
    for tag, kind, count, values in entries:
        inside = values.ljust(4, b"\0") if len(values) <= 4 else struct.pack(order + "L", end + len(data))
        data += values if len(values) > 4 else b""
        body += struct.pack(order + "HHL", tag, kind, count) + inside
    head = (
        (b"II" if order == "<" else b"MM") + (version or struct.pack(order + "H", 42)) + struct.pack(order + "L", place)
    )
    return head.ljust(place, b"\0") + struct.pack(order + "H", len(entries)) + body + bytes(4) + data


def values(order: str) -> Iterator[Entry]:
    """An orientation of any type, count and value."""
    kinds = [
        (3, "H", range(10)),
        (3, "H", (262, 65535)),
        (4, "L", (0, 3, 6, 9, 65542)),
        (8, "h", (6, -6)),
        (9, "l", (6, -6)),
    ]
    kinds += [
        (1, "B", (6,)),
        (6, "b", (6,)),
        (7, "B", (6,)),
        (2, "c", (b"6",)),
        (11, "f", (6.0, 6.5)),
        (12, "d", (6.0,)),
    ]
    kinds += [(13, "L", (6,)), (16, "Q", (6,)), (17, "Q", (6,)), (0, "H", (6,)), (99, "H", (6,))]
    for kind, form, numbers in kinds:
        for number in numbers:
            yield ORIENTATION, kind, 1, struct.pack(order + form, number)
    for kind, form, above, below in [
        (5, "LL", 6, 1),
        (5, "LL", 12, 2),
        (5, "LL", 6, 0),
        (5, "LL", 13, 2),
        (10, "ll", -6, -1),
    ]:
        yield ORIENTATION, kind, 1, struct.pack(order + form, above, below)
    for count, numbers in [(2, (6, 3)), (2, (9, 3)), (3, (6, 3, 8)), (0, (6,)), (1 << 30, (6,))]:
        yield ORIENTATION, 3, count, struct.pack(f"{order}{len(numbers)}H", *numbers)


def blocks() -> Iterator[bytes]:
    for order in "<>":
        for entry in values(order):
            yield block(order, [entry])
        make, resolution = (271, 2, 4, b"abc\0"), (282, 5, 1, struct.pack(order + "LL", 72, 1))
        six, three = ((ORIENTATION, 3, 1, struct.pack(order + "H", number)) for number in (6, 3))
        beyond, unknown = (ORIENTATION, 3, 100, struct.pack(order + "L", 9999)), (ORIENTATION, 99, 1, b"\6\0")
        for entries in [
            [make],
            [resolution, make, six],
            [six, resolution, make],
            [six, three],
            [beyond, three],
            [unknown, three],
        ]:
            yield block(order, entries)
        yield block(order, [make, six], place=40)
        yield block(order, [six], version=struct.pack((">" if order == "<" else "<") + "H", 42))
        yield block(order, [make, resolution, six])[:-24]


def orientation(exif: bytes) -> int:
    """Found out by what Pillow does to the pixels: no two of their corners are alike."""
    picture = Image.new("L", (2, 2))
    picture.putdata([0, 60, 120, 180])
    file = io.BytesIO()
    picture.save(file, "PNG", exif=exif)
    turned = list(ImageOps.exif_transpose(Image.open(file)).getdata())
    ways: list[Image.Transpose | None] = [
        None,
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    ]
    return 1 + [list((picture.transpose(way) if way is not None else picture).getdata()) for way in ways].index(turned)


def main() -> None:
    warnings.simplefilter("ignore")
    lines = [f"{orientation(exif)} {exif.hex()}\n" for exif in dict.fromkeys(blocks())]
    (Path(__file__).parent / "exif.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
