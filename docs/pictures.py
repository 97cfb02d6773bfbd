"""Makes the pictures of folders.md: five photos in ten distortions each, told apart and clustered.

Needs Pillow and NumPy, the built program and, for the picture of the page, Chromium:

    python3 docs/pictures.py target/release/facenet chromium
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

DOCS = Path(__file__).resolve().parent
PHOTOS = DOCS.parent / "examples" / "photos"
PEOPLE = {
    "Barack_Obama": ["obama.jpg", "obama2.jpg", "obama3.jpg"],
    "Joe_Biden": ["biden.jpg"],
    "Eileen_Collins": ["astronaut.png"],
}
VARIANTS = 10


def distorted(crop: Image.Image, strength: float, random: np.random.Generator) -> Image.Image:
    """The aligned face, seen from farther away, in worse light: the more so the greater the strength, 0 to 1."""
    side = round(160 * (1 - strength) + 12 * strength)
    far = crop.resize((side, side), Image.Resampling.BOX)
    if random.random() < 0.5:
        far = far.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pixels = np.asarray(far, np.float64) * random.uniform(1 - 0.7 * strength, 1 + 0.7 * strength)
    pixels += random.normal(0, 40 * strength, pixels.shape)
    near = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return near.resize((160, 160), Image.Resampling.BILINEAR)


def main(program: str, browser: str) -> None:
    random = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for person, photos in PEOPLE.items():
            (work / "photos" / person).mkdir(parents=True)
            for name in photos:
                (work / "photos" / person / name).write_bytes((PHOTOS / name).read_bytes())
        subprocess.run([program, "align", work / "photos", work / "crops", "--quiet"], check=True)
        images: list[tuple[str, int]] = []
        for person, photos in PEOPLE.items():
            (work / "faces" / person).mkdir(parents=True)
            variants = itertools.product(photos, range(VARIANTS))
            for number, (name, variant) in enumerate(variants, start=1):
                crop = Image.open(work / "crops" / person / f"{Path(name).stem}.png").convert("RGB")
                face = distorted(crop, 0.8 * variant / (VARIANTS - 1), random)
                face.save(work / "faces" / person / f"{person}_{number:04}.png")
                images.append((person, number))
        pairs = list(itertools.combinations(images, 2))
        random.shuffle(pairs)
        lines = [f"{a}\t{m}\t{n}\n" if a == b else f"{a}\t{m}\t{b}\t{n}\n" for (a, m), (b, n) in pairs]
        (work / "pairs.txt").write_text("".join(lines))
        validate: list[str | Path] = [program, "validate", work / "faces", "--lfw-pairs", work / "pairs.txt"]
        subprocess.run([*validate, "--roc", DOCS / "roc.png"], check=True)
        page = work / "clusters.html"
        # The page has the name of the folder for a title.
        cluster: list[str | Path] = [Path(program).resolve(), "cluster", "faces", "--score", "--html", page]
        subprocess.run(cluster, check=True, cwd=work)
        quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        size, profile = "--window-size=900,760", f"--user-data-dir={work / 'profile'}"
        picture = f"--screenshot={DOCS / 'clusters.png'}"
        subprocess.run([browser, *quiet, size, profile, picture, page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
