"""Face detection, alignment, embedding and comparison: MTCNN and FaceNet on ONNX Runtime.

>>> import facenet_rs
>>> facenet_rs.compare("examples/photos/obama.jpg", "examples/photos/obama2.jpg").same
True

Importing the package starts nothing: what a name needs is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._native import __version__

if TYPE_CHECKING:
    from . import errors as errors
    from .aligner import Aligner
    from .classifier import Classifier, Prediction
    from .clusters import Clusters, cluster
    from .detector import Detector
    from .distances import distance
    from .embedder import Embedder
    from .errors import FacenetError
    from .evaluator import Evaluator, Report, blufr, calibrate, validate_lfw
    from .facenet import Comparison, Facenet, align, compare, detect, embed, shared
    from .faces import EmbeddedFace, Face, Faces
    from .folders import FolderEmbeddings, align_folder, embed_folder, export_embeddings, pack_folder
    from .model_files import import_model, model_info, verify_model
    from .profile import Profile
    from .runtime import Diagnosis, Runtime, doctor

_MODULES = {
    "aligner": ("Aligner",),
    "classifier": ("Classifier", "Prediction"),
    "clusters": ("Clusters", "cluster"),
    "detector": ("Detector",),
    "distances": ("distance",),
    "embedder": ("Embedder",),
    "errors": ("FacenetError",),
    "evaluator": ("Evaluator", "Report", "blufr", "calibrate", "validate_lfw"),
    "facenet": ("Comparison", "Facenet", "align", "compare", "detect", "embed", "shared"),
    "faces": ("EmbeddedFace", "Face", "Faces"),
    "folders": ("FolderEmbeddings", "align_folder", "embed_folder", "export_embeddings", "pack_folder"),
    "model_files": ("import_model", "model_info", "verify_model"),
    "profile": ("Profile",),
    "runtime": ("Diagnosis", "Runtime", "doctor"),
}
#: Modules that are there by their own names.
_NAMED = ("errors", "sklearn", "train")
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Aligner",
    "Classifier",
    "Clusters",
    "Comparison",
    "Detector",
    "Diagnosis",
    "EmbeddedFace",
    "Embedder",
    "Evaluator",
    "Face",
    "Facenet",
    "FacenetError",
    "Faces",
    "FolderEmbeddings",
    "Prediction",
    "Profile",
    "Report",
    "Runtime",
    "__version__",
    "align",
    "align_folder",
    "blufr",
    "calibrate",
    "cluster",
    "compare",
    "detect",
    "distance",
    "doctor",
    "embed",
    "embed_folder",
    "export_embeddings",
    "import_model",
    "model_info",
    "pack_folder",
    "shared",
    "validate_lfw",
    "verify_model",
]


def __getattr__(name: str) -> object:
    if name in _NAMED:
        return import_module(f".{name}", __name__)
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
