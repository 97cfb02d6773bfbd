"""Writes the JPEG files in `sampling/`, of sampling factors that encoders seldom write, and what Pillow reads from each.

The coefficients are random; the Huffman tables are those of the standard, as Pillow writes them.
"""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 19, 21

Factors = list[tuple[int, int]]

#: Sampling factors of three components or one.
SAMPLINGS: list[Factors] = [
    [(1, 1), (2, 1), (2, 1)],
    [(1, 1), (1, 2), (1, 2)],
    [(1, 1), (2, 2), (1, 1)],
    [(2, 1), (1, 2), (1, 1)],
    [(1, 1), (4, 1), (2, 1)],
    [(2, 2), (1, 2), (1, 2)],
    [(2, 2), (2, 1), (1, 2)],
    [(2, 1), (2, 1), (2, 1)],
    [(1, 2), (1, 1), (1, 1)],
    [(4, 1), (1, 1), (1, 1)],
    [(4, 2), (1, 1), (1, 1)],
    [(3, 1), (1, 1), (1, 1)],
    [(2, 2)],
    [(3, 3)],
]

#: The same of inks, with the transform that Adobe's marker names.
INKS: list[tuple[int, Factors]] = [
    (0, [(1, 1), (1, 1), (1, 1), (1, 1)]),
    (2, [(1, 1), (1, 1), (1, 1), (1, 1)]),
    (2, [(2, 2), (1, 1), (1, 1), (2, 2)]),
    (0, [(1, 1), (2, 1), (1, 1), (2, 1)]),
]


def standard_tables() -> dict[int, bytes]:
    """The first DC and the first AC table, by class and number."""
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "JPEG")
    data, place, tables = file.getvalue(), 2, {}
    while data[place + 1] != 0xDA:
        length = struct.unpack_from(">H", data, place + 2)[0]
        if data[place + 1] == 0xC4:
            tables[data[place + 4]] = data[place + 4 : place + 2 + length]
        place += 2 + length
    return tables


TABLES = standard_tables()


def codes(table: bytes) -> dict[int, str]:
    symbols, found, code = iter(table[17:]), {}, 0
    for length, count in enumerate(table[1:17], 1):
        for _ in range(count):
            found[next(symbols)] = format(code, f"0{length}b")
            code += 1
        code <<= 1
    return found


DC, AC = codes(TABLES[0x00]), codes(TABLES[0x10])


def number(value: int) -> str:
    width = abs(value).bit_length()
    return format(value if value > 0 else value + (1 << width) - 1, f"0{width}b") if width else ""


def block(noise: random.Random, before: int) -> tuple[str, int]:
    dc = max(-60, min(60, before + noise.randint(-20, 20)))
    bits = DC[abs(dc - before).bit_length()] + number(dc - before)
    for _ in range(4):
        value = noise.choice([-5, -3, -1, 1, 2, 4])
        bits += AC[abs(value).bit_length()] + number(value)
    return bits + AC[0], dc


def jpeg(factors: Factors, transform: int | None = None) -> bytes:
    noise = random.Random(str(factors))
    out = b"\xff\xd8"
    if transform is not None:
        out += b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + bytes([transform])
    out += b"\xff\xdb\0\x43\0" + bytes([8] * 64)
    out += b"\xff\xc0" + struct.pack(">HBHHB", 8 + 3 * len(factors), 8, HEIGHT, WIDTH, len(factors))
    out += b"".join(bytes([index, h << 4 | v, 0]) for index, (h, v) in enumerate(factors, 1))
    out += b"".join(b"\xff\xc4" + struct.pack(">H", 2 + len(table)) + table for table in TABLES.values())
    out += b"\xff\xda" + struct.pack(">HB", 6 + 2 * len(factors), len(factors))
    out += b"".join(bytes([index, 0]) for index in range(1, len(factors) + 1)) + b"\0\x3f\0"
    # A single component is stored block by block, whatever its factors.
    each = [1] if len(factors) == 1 else [h * v for h, v in factors]
    across, down = (1, 1) if len(factors) == 1 else (max(h for h, _ in factors), max(v for _, v in factors))
    bits, before = "", [0] * len(factors)
    for _ in range(-(-WIDTH // (8 * across)) * -(-HEIGHT // (8 * down))):
        for component, count in enumerate(each):
            for _ in range(count):
                more, before[component] = block(noise, before[component])
                bits += more
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return out + scan.replace(b"\xff", b"\xff\0") + b"\xff\xd9"


def main() -> None:
    folder = Path(__file__).parent / "sampling"
    folder.mkdir(exist_ok=True)
    for transform, factors in [(None, factors) for factors in SAMPLINGS] + INKS:
        name = "_".join(f"{h}x{v}" for h, v in factors) + ("" if transform is None else f"_adobe{transform}")
        data = jpeg(factors, transform)
        (folder / f"{name}.jpg").write_bytes(data)
        Image.open(io.BytesIO(data)).convert("RGB").save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
