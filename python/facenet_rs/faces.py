"""Faces that were found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a picture. Positions are in pixels from the upper left corner of the picture."""

    #: Left, top, right, bottom; float32, shape (4,). It may reach past the picture.
    box: Floats
    #: The detector's certainty, 0 to 1.
    score: float
    #: x and y of the left eye, the right eye, the nose, the left and the right corner of the mouth, as the viewer sees
    #: them; float32, shape (5, 2).
    landmarks: Floats

    @property
    def width(self) -> float:
        """Width of the box."""
        return float(self.box[2] - self.box[0])

    @property
    def height(self) -> float:
        """Height of the box."""
        return float(self.box[3] - self.box[1])

    def to_dict(self) -> dict[str, Any]:
        """Box, score and landmarks as plain Python numbers."""
        return {"box": self.box.tolist(), "score": self.score, "landmarks": self.landmarks.tolist()}

    def __repr__(self) -> str:
        box = ", ".join(f"{value:.1f}" for value in self.box)
        return f"{type(self).__name__}(box=({box}), score={self.score:.4f})"


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddedFace(Face):
    """A face with everything that is made of it."""

    #: The aligned face that was embedded; RGB, uint8, shape (size, size, 3).
    crop: npt.NDArray[np.uint8]
    #: The embedding, of length one; float32, shape (dimension,).
    embedding: Floats


class Faces(list[Face]):
    """The faces of a picture, the most probable first: a list that is also arrays."""

    @property
    def boxes(self) -> Floats:
        """The boxes, shape (n, 4)."""
        return np.array([face.box for face in self], np.float32).reshape(len(self), 4)

    @property
    def scores(self) -> Floats:
        """The scores, shape (n,)."""
        return np.array([face.score for face in self], np.float32)

    @property
    def landmarks(self) -> Floats:
        """The landmarks, shape (n, 5, 2)."""
        return np.array([face.landmarks for face in self], np.float32).reshape(len(self), 5, 2)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dictionary of plain Python numbers for each face."""
        return [face.to_dict() for face in self]

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each face: x1, y1, x2, y2, score, and x and y of the landmarks. Needs pandas."""
        import pandas

        marks = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"]
        names = ["x1", "y1", "x2", "y2", "score", *(f"{mark}_{axis}" for mark in marks for axis in "xy")]
        values = [self.boxes, self.scores[:, None], self.landmarks.reshape(len(self), 10)]
        return pandas.DataFrame(np.hstack(values), columns=names)

    @classmethod
    def _of(cls, arrays: tuple[Floats, Floats, Floats]) -> Faces:
        boxes, scores, landmarks = arrays
        return cls(map(Face, boxes, scores.tolist(), landmarks))


def arrays(faces: Iterable[Face]) -> tuple[Floats, Floats]:
    """Boxes and landmarks of faces."""
    listed = Faces(faces)
    return listed.boxes, listed.landmarks
