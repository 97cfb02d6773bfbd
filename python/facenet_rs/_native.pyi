"""The native module, private to the package."""

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, final

import numpy as np
import numpy.typing as npt

_Path: TypeAlias = str | os.PathLike[str]
_Picture: TypeAlias = _Path | bytes | npt.NDArray[np.uint8]
_Floats: TypeAlias = npt.NDArray[np.float32]
_Bytes: TypeAlias = npt.NDArray[np.uint8]
_Tell: TypeAlias = Callable[[int, int], object] | None
_FaceArrays: TypeAlias = tuple[_Floats, _Floats, _Floats]
_EmbeddedArrays: TypeAlias = tuple[_FaceArrays, _Bytes, _Floats]

__all__ = [
    "Aligner",
    "Classifier",
    "Detector",
    "Embedder",
    "Pipeline",
    "Profile",
    "Report",
    "Runtime",
    "__version__",
    "align_folder",
    "blufr",
    "calibrate",
    "cluster",
    "cluster_page",
    "cluster_scores",
    "cluster_threshold",
    "distances",
    "doctor",
    "error_kinds",
    "export_embeddings",
    "extract",
    "import_model",
    "model_info",
    "read_embeddings",
    "run_command",
    "validate_lfw",
    "validate_pairs",
    "verify_model",
    "within",
    "write_embeddings",
]
__version__: str

@final
class Runtime:
    def __new__(
        cls,
        library: _Path | None,
        provider: str,
        threads: int | None,
        models: _Path | None,
        engine_cache: _Path | None,
    ) -> Runtime: ...
    def info(self) -> str: ...

@final
class Detector:
    def __new__(cls, runtime: Runtime, settings: dict[str, Any]) -> Detector: ...
    def detect(
        self, pictures: Sequence[_Picture], color: str, region: Sequence[float] | None = None
    ) -> list[_FaceArrays]: ...

@final
class Aligner:
    def __new__(cls, size: int, margin: int | None) -> Aligner: ...
    @property
    def size(self) -> int: ...
    def align(self, runtime: Runtime, picture: _Picture, color: str, boxes: _Floats, landmarks: _Floats) -> _Bytes: ...

@final
class Embedder:
    def __new__(cls, runtime: Runtime, settings: dict[str, Any]) -> Embedder: ...
    @property
    def name(self) -> str: ...
    @property
    def path(self) -> os.PathLike[str]: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def mirror(self) -> str: ...
    def spec(self) -> str: ...
    def description(self) -> str: ...
    def embed(self, crops: Sequence[_Picture], color: str) -> _Floats: ...

@final
class Pipeline:
    def __new__(cls, runtime: Runtime, detector: dict[str, Any], embedder: dict[str, Any]) -> Pipeline: ...
    def with_detector_settings(self, settings: dict[str, Any]) -> Pipeline: ...
    def detector(self, settings: dict[str, Any]) -> Detector: ...
    def aligner(self) -> Aligner: ...
    def embedder(self) -> Embedder: ...
    def process(self, pictures: Sequence[_Picture], color: str) -> list[_EmbeddedArrays]: ...

@final
class Report:
    def json(self) -> str: ...
    def distances(self) -> _Floats: ...
    def roc(self) -> tuple[_Floats, npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
    def write_html(self, path: _Path, model: str, data: str) -> None: ...
    def draw(self, path: _Path, kind: str, name: str) -> None: ...

@final
class Profile:
    def __new__(cls, model: str, fingerprint: str, metric: str, thresholds: str) -> Profile: ...
    @staticmethod
    def read(path: _Path) -> Profile: ...
    def write(self, path: _Path) -> None: ...
    def check(self, fingerprint: str) -> None: ...
    def json(self) -> str: ...

@final
class Classifier:
    @staticmethod
    def train(
        vectors: _Floats,
        labels: Sequence[int],
        names: Sequence[str],
        description: str,
        settings: dict[str, Any],
        progress: _Tell = None,
    ) -> Classifier: ...
    @staticmethod
    def load(path: _Path) -> Classifier: ...
    def save(self, path: _Path) -> None: ...
    def predict(
        self, vectors: _Floats, fingerprint: str
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], _Floats]: ...
    def classes(self) -> str: ...
    def description(self) -> str: ...
    def operating_point(self) -> str | None: ...

def doctor(library: _Path | None, provider: str, models: _Path | None) -> tuple[str, str, bool]: ...
def error_kinds() -> list[tuple[str, int]]: ...
def run_command(arguments: Sequence[str]) -> int: ...
def distances(a: _Floats, b: _Floats, metric: str) -> _Floats: ...
def within(distance: float, threshold: float, metric: str) -> bool: ...
def extract(
    source: Pipeline | Embedder, folder: _Path, progress: _Tell = None
) -> tuple[_Floats, list[str], list[str | None], list[tuple[str, str]]]: ...
def read_embeddings(path: _Path) -> tuple[_Floats, list[str], str | None, list[str | None]]: ...
def write_embeddings(
    path: _Path, description: str, folder: str | None, names: Sequence[str], values: _Floats
) -> None: ...
def validate_pairs(
    a: _Floats,
    b: _Floats,
    same: Sequence[bool],
    subjects: Sequence[int] | None,
    settings: dict[str, Any],
    progress: _Tell = None,
) -> Report: ...
def validate_lfw(
    source: Pipeline | Embedder,
    data: _Path,
    pairs: _Path | None,
    settings: dict[str, Any],
    progress: _Tell = None,
) -> Report: ...
def blufr(vectors: _Floats, subjects: Sequence[int], settings: dict[str, Any], progress: _Tell = None) -> str: ...
def calibrate(
    vectors: _Floats,
    subjects: Sequence[int],
    settings: dict[str, Any],
    mirror: str,
    measured_on: str,
    progress: _Tell = None,
) -> tuple[str, str]: ...
def cluster(vectors: _Floats, settings: dict[str, Any], progress: _Tell = None) -> npt.NDArray[np.int64]: ...
def cluster_scores(labels: Sequence[int], people: Sequence[str]) -> str: ...
def cluster_threshold(algorithm: str | None, fingerprint: str) -> tuple[str, float | None]: ...
def cluster_page(path: _Path, labels: Sequence[int], images: Sequence[_Path], title: str) -> None: ...
def align_folder(
    runtime: Runtime,
    input: _Path,
    output: _Path,
    detector: dict[str, Any],
    settings: dict[str, Any],
    progress: _Tell = None,
) -> tuple[str, list[str]]: ...
def export_embeddings(
    source: Pipeline | Embedder,
    input: _Path,
    output: _Path,
    part_size: int,
    shard: tuple[int, int],
    progress: _Tell = None,
) -> str: ...
def model_info(path: _Path) -> str: ...
def verify_model(path: _Path) -> str: ...
def import_model(source: _Path, output: _Path, architecture: str | None = None, name: str | None = None) -> str: ...
