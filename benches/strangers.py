"""How often strangers are taken for one of n people, and known people for nobody: the table of python/docs/how-to/thresholds.md.

Run as ``python benches/strangers.py LFW``, with the wheel installed and LFW a folder of photos with a folder per person.
"""

import random
import sys
from pathlib import Path

import facenet_rs
import numpy as np

COSINES = np.array([0.371, 0.4, 0.482, 0.55, 0.6, 0.65, 0.7])
ENROLLED, STRANGERS, PHOTOS = 400, 800, 3
BATCH = 32


def main() -> None:
    people = {folder: sorted(folder.iterdir()) for folder in sorted(Path(sys.argv[1]).iterdir()) if folder.is_dir()}
    random.seed(1)
    many = [folder for folder, photos in people.items() if len(photos) > PHOTOS]
    few = [folder for folder, photos in people.items() if len(photos) <= PHOTOS]
    random.shuffle(many)
    random.shuffle(few)

    def embedded(photos: list[Path]) -> np.ndarray:
        batches = [photos[begin : begin + BATCH] for begin in range(0, len(photos), BATCH)]
        return np.concatenate([facenet_rs.embed(batch, select="central") for batch in batches])

    def unit(rows: np.ndarray) -> np.ndarray:
        return rows / np.linalg.norm(rows, axis=-1, keepdims=True)

    photos = [photo for folder in many[:ENROLLED] for photo in people[folder][: PHOTOS + 1]]
    enrolled = embedded(photos).reshape(ENROLLED, PHOTOS + 1, -1)
    strangers = embedded([people[folder][0] for folder in few[:STRANGERS]])
    asked = enrolled[:, PHOTOS]
    random_rows = np.random.default_rng(0)
    for name, templates in [("one photo", enrolled[:, 0]), ("three photos", unit(enrolled[:, :PHOTOS].mean(axis=1)))]:
        similarity = strangers @ templates.T
        for count in (1, 10, 50, 150, ENROLLED):
            draws = [random_rows.choice(ENROLLED, count, replace=False) for _ in range(50 if count < ENROLLED else 1)]
            nearest = np.stack([similarity[:, draw].max(axis=1) for draw in draws])
            print(name, count, (nearest[..., None] >= COSINES).mean(axis=(0, 1)).round(4).tolist())
        known = (asked * templates).sum(axis=1)
        print(name, "missed", (known[:, None] < COSINES).mean(axis=0).round(3).tolist())


if __name__ == "__main__":
    main()
