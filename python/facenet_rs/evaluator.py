"""How well faces are told apart."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _native
from ._arguments import checked
from ._progress import Progress, shown
from .distances import matrix
from .embedder import Embedder
from .errors import DatasetInvalidError, DimensionMismatchError
from .profile import Profile

if TYPE_CHECKING:
    from .facenet import Facenet


def _settings(
    folds: int | None,
    metric: str,
    subtract_mean: bool,
    wanted_far: float,
    false_match_rates: Sequence[float],
    confidence: float,
    replicates: int,
    seed: int,
    pictures: bool = False,
) -> dict[str, Any]:
    return checked(
        {
            "folds": folds,
            "metric": metric,
            "subtract_mean": subtract_mean,
            "wanted_far": wanted_far,
            "false_match_rates": list(false_match_rates),
            "confidence": confidence,
            "replicates": replicates,
            "seed": seed,
            "pictures": pictures,
        }
    )


class Report:
    """What an evaluation found. Its text has the lines of facenet's ``validate_on_lfw.py``."""

    def __init__(self, native: _native.Report) -> None:
        self._native = native
        #: Everything as a dictionary: folds, error rates with counts and confidence intervals, images left out, the hardest
        #: pairs.
        self.details: dict[str, Any] = json.loads(native.json())

    @property
    def _folds(self) -> dict[str, Any]:
        folds: dict[str, Any] = self.details["cross_validation"]
        return folds

    @property
    def accuracy(self) -> float:
        """Share of right decisions, mean over folds."""
        return float(self._folds["accuracy"]["mean"])

    @property
    def accuracy_deviation(self) -> float:
        """Its standard deviation over folds."""
        return float(self._folds["accuracy"]["deviation"])

    @property
    def validation_rate(self) -> float:
        """Share of the pairs of one person that are accepted at the wanted false accept rate, mean over folds."""
        return float(self._folds["validation_rate"]["mean"])

    @property
    def validation_rate_deviation(self) -> float:
        """Its standard deviation over folds."""
        return float(self._folds["validation_rate"]["deviation"])

    @property
    def far(self) -> float:
        """The false accept rate there, mean over folds."""
        return float(self._folds["far"])

    @property
    def area_under_curve(self) -> float:
        """Area under the mean ROC curve."""
        return float(self._folds["area_under_curve"])

    @property
    def equal_error_rate(self) -> float:
        """Equal error rate of the mean ROC curve."""
        return float(self._folds["equal_error_rate"])

    @property
    def distances(self) -> npt.NDArray[np.float32]:
        """The distance of each pair, in their order."""
        return self._native.distances()

    def roc(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The exact curve over all pairs: thresholds, false match rates, false non-match rates.

        The threshold that rejects everything is not a number.
        """
        return self._native.roc()

    def write_html(self, path: str | os.PathLike[str], *, model: str = "", data: str = "") -> None:
        """Write a page for a browser, whole in one file, with curves and, if there are, the hardest pairs in pictures."""
        self._native.write_html(path, model, data)

    def draw(self, path: str | os.PathLike[str], curve: str = "roc", *, name: str = "") -> None:
        """Draw the ``"roc"`` or ``"det"`` curve to a file, .svg or .png."""
        self._native.draw(path, curve, name)

    def to_dict(self) -> dict[str, Any]:
        """:attr:`details`."""
        return self.details

    def __str__(self) -> str:
        return (
            f"Accuracy: {self.accuracy:.5f}+-{self.accuracy_deviation:.5f}\n"
            f"Validation rate: {self.validation_rate:.5f}+-{self.validation_rate_deviation:.5f} @ FAR={self.far:.5f}\n"
            f"Area Under Curve (AUC): {self.area_under_curve:.3f}\n"
            f"Equal Error Rate (EER): {self.equal_error_rate:.3f}"
        )

    def __repr__(self) -> str:
        return f"Report(accuracy={self.accuracy:.5f}, validation_rate={self.validation_rate:.5f}, far={self.far:.5f})"


_RATES = (1e-2, 1e-3, 1e-4)


class Evaluator:
    """Collects pairs of embeddings and measures how well they are told apart, by the protocol of LFW.

    One thread at a time may add pairs.

    Parameters
    ----------
    folds : int
        Parts that the pairs are cut into, in their order, for cross-validation; 2 or more.
    metric : str
        See :func:`facenet_rs.distance`.
    subtract_mean : bool
        Subtract the mean of the embeddings trained on.
    wanted_far : float
        The false accept rate at which the validation rate is taken.
    false_match_rates : floats
        Rates for which thresholds over all pairs are told.
    confidence, replicates, seed
        Confidence intervals come from drawing people anew so many times; they need the people of the pairs.

    Examples
    --------
    >>> import numpy as np
    >>> from facenet_rs import Evaluator
    >>> evaluator = Evaluator(folds=2)
    >>> ada, grace = np.eye(2, dtype=np.float32)
    >>> for _ in range(4):
    ...     evaluator.add_pair(ada, ada, same=True)
    ...     evaluator.add_pair(ada, grace, same=False)
    >>> len(evaluator), evaluator.report().accuracy
    (8, 1.0)
    """

    def __init__(
        self,
        *,
        folds: int = 10,
        metric: str = "squared-euclidean",
        subtract_mean: bool = False,
        wanted_far: float = 1e-3,
        false_match_rates: Sequence[float] = _RATES,
        confidence: float = 0.95,
        replicates: int = 1000,
        seed: int = 0,
    ) -> None:
        self._settings = _settings(
            folds, metric, subtract_mean, wanted_far, false_match_rates, confidence, replicates, seed
        )
        self._a: list[npt.NDArray[np.float32]] = []
        self._b: list[npt.NDArray[np.float32]] = []
        self._same: list[bool] = []
        self._people: list[tuple[int, int]] | None = None

    def add_pair(self, a: npt.ArrayLike, b: npt.ArrayLike, same: bool) -> None:
        """Add a pair of embeddings, and whether both are of the same person."""
        self.add_pairs(np.atleast_2d(np.asarray(a, np.float32)), np.atleast_2d(np.asarray(b, np.float32)), [same])

    def add_pairs(
        self,
        a: npt.ArrayLike,
        b: npt.ArrayLike,
        same: npt.ArrayLike,
        people: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """Add pairs of embeddings, the rows of `a` and `b`.

        `people` has the number of the person of each, for all pairs or for none.
        """
        first, second = matrix(a, "a"), matrix(b, "b")
        answers = np.asarray(same, bool).tolist()
        counts = {len(first), len(second), len(answers)} | (set() if people is None else {len(people)})
        if len(counts) != 1 or first.shape != second.shape:
            raise DimensionMismatchError(
                f"pairs of {first.shape} and {second.shape}, {len(answers)} answers: as many of each"
            )
        if self._same and (people is None) != (self._people is None):
            raise DimensionMismatchError("people are given for some pairs: give them for all, or for none")
        if people is not None:
            self._people = [*(self._people or []), *people]
        self._a.append(first)
        self._b.append(second)
        self._same.extend(answers)

    def __len__(self) -> int:
        return len(self._same)

    def report(self, *, progress: Progress = None) -> Report:
        """Evaluate the pairs that were added.

        Raises
        ------
        InvalidArgumentError
            If there are too few pairs for the folds, or none of a kind.
        """
        empty = np.empty((0, 0), np.float32)
        a, b = (np.concatenate(rows) if rows else empty for rows in (self._a, self._b))
        people = self._people
        subjects = None if people is None else [pair[side] for side in (0, 1) for pair in people]
        with shown(progress, "replicates") as tell:
            return Report(_native.validate_pairs(a, b, self._same, subjects, self._settings, tell))

    def run_lfw(
        self,
        embedder: Facenet | Embedder,
        folder: str | os.PathLike[str],
        pairs: str | os.PathLike[str] | None = None,
        *,
        pictures: bool = False,
        progress: Progress = None,
    ) -> Report:
        """Evaluate a model on a folder of people and a list of pairs: see :func:`validate_lfw`."""
        data = Path(folder)
        listed = pairs if data.is_file() else pairs or _list_of(data)
        with shown(progress, "images") as tell:
            settings = {**self._settings, "pictures": pictures}
            return Report(_native.validate_lfw(_photos_or_crops(embedder), data, listed, settings, tell))


def _list_of(folder: Path) -> Path:
    """The list of pairs in a folder, or beside it."""
    inside = folder / "pairs.txt"
    return inside if inside.exists() else folder.parent / "pairs.txt"


def _photos_or_crops(source: Facenet | Embedder, select: str = "central") -> _native.Pipeline | _native.Embedder:
    """What embeds the images of a folder: one face of a photo, or aligned faces."""
    return source._native if isinstance(source, Embedder) else source._selecting(select)


def validate_lfw(
    folder: str | os.PathLike[str],
    pairs: str | os.PathLike[str] | None = None,
    *,
    embedder: Embedder | Facenet | None = None,
    folds: int | None = None,
    metric: str = "squared-euclidean",
    subtract_mean: bool = False,
    wanted_far: float = 1e-3,
    false_match_rates: Sequence[float] = _RATES,
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    pictures: bool = False,
    progress: Progress = None,
) -> Report:
    """Measure how well a model tells people apart, as facenet's ``validate_on_lfw.py``.

    Parameters
    ----------
    folder : path
        A folder with a folder of images for each person, or a ``.bin`` file of InsightFace, which has its own pairs.
    pairs : path, optional
        The list of pairs; by default ``pairs.txt`` in the folder or beside it.
    embedder : Embedder or Facenet, optional
        An :class:`Embedder` if the folder holds aligned faces (the default), a :class:`Facenet` if it holds photos.
    pictures : bool
        Keep pictures of the hardest pairs for :meth:`Report.write_html`.
    progress : bool or function
        ``True`` shows a bar; a function is told how many images are done, of how many.

    Returns
    -------
    Report
        Images that are missing or give no face are counted there.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, soon.

    Examples
    --------
    >>> import facenet_rs
    >>> report = facenet_rs.validate_lfw("lfw_160", progress=True)  # doctest: +SKIP
    >>> print(report)  # doctest: +SKIP
    Accuracy: 0.98733+-0.00484
    """
    evaluator = Evaluator(
        metric=metric,
        subtract_mean=subtract_mean,
        wanted_far=wanted_far,
        false_match_rates=false_match_rates,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
    )
    evaluator._settings["folds"] = folds
    return evaluator.run_lfw(embedder or Embedder(), folder, pairs, pictures=pictures, progress=progress)


def calibrate(
    embeddings: npt.ArrayLike,
    people: Iterable[object],
    *,
    embedder: Embedder | None = None,
    metric: str | None = None,
    false_match_rates: Sequence[float] = _RATES,
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    measured_on: str = "",
    progress: Progress = None,
) -> Profile:
    """Find thresholds for wanted false match rates on your own pictures.

    Parameters
    ----------
    embeddings : array (n, dimension)
        Embeddings of people's pictures.
    people : sequence
        Who each of them shows: names or numbers.
    embedder : Embedder, optional
        What made them; by default one with default settings. The profile holds for it only.
    metric : str, optional
        By default that of the model.
    false_match_rates : floats
        The wanted rates, that of the default threshold first. Rates that the number of pairs of people does not support get
        none.
    measured_on : str
        For the reader: on what the thresholds were measured.

    Raises
    ------
    DatasetInvalidError
        If the first rate, that of the default threshold, is not supported: another must not take its place unseen.

    Examples
    --------
    >>> import facenet_rs
    >>> profile = facenet_rs.calibrate(embeddings, names, false_match_rates=[1e-3])  # doctest: +SKIP
    >>> facenet_rs.compare("a.jpg", "b.jpg", profile=profile)  # doctest: +SKIP
    """
    embedder = embedder or Embedder()
    metric = metric or embedder.metric
    settings = _settings(None, metric, False, 1e-3, false_match_rates, confidence, replicates, seed)
    with shown(progress, "steps") as tell:
        details, thresholds = _native.calibrate(
            matrix(embeddings, "embeddings"), numbers(people), settings, embedder.mirror, measured_on, tell
        )
    found: dict[str, Any] = json.loads(details)
    points = found["points"]
    if not points or points[0]["wanted"] != false_match_rates[0]:
        raise DatasetInvalidError(
            f"a false match rate of {false_match_rates[0]} has no threshold: add people, or begin with a higher rate"
        )
    return Profile(_native.Profile(embedder.name, embedder.fingerprint, metric, thresholds), found)


def numbers(people: Iterable[object]) -> list[int]:
    """A number for each person, in the order of their first mention."""
    seen: dict[object, int] = {}
    return [seen.setdefault(person, len(seen)) for person in people]


def blufr(
    embeddings: npt.ArrayLike,
    people: Iterable[object],
    *,
    trials: int = 10,
    training_people: int = 1500,
    gallery_people: int = 1000,
    verification_far: float = 1e-3,
    identification_far: float = 1e-2,
    seed: int = 0,
    progress: Progress = None,
) -> dict[str, Any]:
    """Compare everybody with everybody, and search for people among strangers, on random splits (Liao et al., 2014).

    Returns the rates of verification and open-set identification, with their spread over the trials.
    """
    settings = checked(
        {
            "trials": trials,
            "training_people": training_people,
            "gallery_people": gallery_people,
            "verification_far": verification_far,
            "identification_far": identification_far,
            "seed": seed,
        }
    )
    with shown(progress, "trials") as tell:
        result: dict[str, Any] = json.loads(_native.blufr(matrix(embeddings), numbers(people), settings, tell))
    return result
