"""PyPI's mtcnn, in a process of its own: TensorFlow and PyTorch do not share one.

It speaks the language of `worker.rs`: `load PATH...`, then `detect`; each answered with the seconds.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from mtcnn import MTCNN
from PIL import Image


def main() -> None:
    """Do one task a line."""
    detector = MTCNN(device="CPU:0")
    images: list[np.ndarray[Any, Any]] = []
    for line in sys.stdin:
        task, *paths = line.rstrip("\n").split("\t")
        start = time.perf_counter()
        if task == "load":
            images = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
        elif task == "detect":
            for image in images:
                detector.detect_faces(image)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
