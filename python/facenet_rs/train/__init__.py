"""Training of FaceNet networks on PyTorch: ``pip install facenet-rs[train]``.

Softmax with center loss, and triplets, as facenet's ``train_softmax.py`` and ``train_tripletloss.py``. The result is a model
file for :class:`facenet_rs.Facenet`. Several GPUs train together when torchrun starts the program.

>>> from facenet_rs.train import train
>>> trained = train(  # doctest: +SKIP
...     data_dir="casia_182",
...     random_crop=True,
...     random_flip=True,
...     optimizer="ADAM",
...     lfw_dir="lfw_160",
... )
>>> facenet_rs.Embedder(model=trained.model)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    from .exporting import export
    from .run import Trained, run
except ModuleNotFoundError as error:
    if error.name not in ("torch", "h5py", "safetensors", "tensorboard"):
        raise
    raise ModuleNotFoundError(f"{error}: training needs `pip install facenet-rs[train]`", name=error.name) from error
from .settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Settings", "Trained", "export", "train"]


def train(**settings: Unpack[Settings]) -> Trained:
    """Train a network on a folder of aligned faces, a folder for each person, or of shards of one, and write a model file.

    Parameters
    ----------
    **settings
        See :class:`Settings` and the guide; `data_dir` must be given, or `resume`.

    Returns
    -------
    Trained
        Folders, model file, and how near it is to the network that was trained.

    Raises
    ------
    InvalidArgumentError
        If a setting is unknown or not possible, or a run is to go on with others.
    DatasetInvalidError, NotFoundError
        If there are no images, or a file is missing.
    KeyboardInterrupt
        On Ctrl-C, after a checkpoint: ``train(resume=folder)`` goes on with the next step.

    Examples
    --------
    >>> from facenet_rs.train import train
    >>> trained = train(data_dir="casia_182", max_nrof_epochs=80)  # doctest: +SKIP
    """
    return run(settings)
