"""Evaluation: against scikit-learn, the original's figures, and itself by other ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import facenet_rs
import numpy as np
import numpy.typing as npt
import pytest
from facenet_rs import Embedder, Evaluator, Facenet, Profile, errors

People = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


def pairs_of(people: People, count: int = 400) -> tuple[Any, Any, Any]:
    """As many pairs of one person as of two, in turn."""
    vectors, numbers = people
    generator = np.random.default_rng(3)
    a, b = generator.integers(0, len(vectors), (2, 60 * count))
    same = numbers[a] == numbers[b]
    genuine, impostor = np.flatnonzero(same & (a != b))[:count], np.flatnonzero(~same)[:count]
    order = np.stack([genuine, impostor], 1).reshape(-1)
    return vectors[a[order]], vectors[b[order]], same[order]


def noisy(people: People) -> People:
    vectors = people[0] + np.random.default_rng(5).normal(0, 0.12, people[0].shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), people[1]


def test_curve_is_that_of_scikit_learn(people: People) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    a, b, same = pairs_of(noisy(people))
    evaluator = Evaluator(replicates=0)
    evaluator.add_pairs(a, b, same)
    report = evaluator.report()
    distances = ((a - b) ** 2).sum(1)
    np.testing.assert_allclose(report.distances, distances, rtol=1e-5)
    _, false_match, false_non_match = report.roc()
    # Ours has the corners only, which are all that the area needs.
    matched, genuine, _ = metrics.roc_curve(same, -report.distances, drop_intermediate=False)
    ours = {(round(x, 9), round(y, 9)) for x, y in zip(false_match, 1 - false_non_match, strict=True)}
    assert ours <= {(round(x, 9), round(y, 9)) for x, y in zip(matched, genuine, strict=True)}
    area = float(np.sum(np.diff(false_match) * (2 - false_non_match[1:] - false_non_match[:-1]) / 2))
    assert metrics.roc_auc_score(same, -report.distances) == pytest.approx(area, abs=1e-9)


def test_pairs_one_by_one_or_together(people: People) -> None:
    a, b, same = pairs_of(noisy(people), 40)
    together, alone = Evaluator(folds=4), Evaluator(folds=4)
    together.add_pairs(a, b, same)
    for first, second, answer in zip(a, b, same, strict=True):
        alone.add_pair(first, second, answer)
    assert len(together) == len(alone) == 80
    assert str(together.report()) == str(alone.report())


def test_lfw_gives_the_figures_of_the_original(golden: Path) -> None:
    vectors = np.load(golden / "lfw_embeddings_fixed.npy")
    names = (golden / "lfw_names.txt").read_text().split()
    row = {name: index for index, name in enumerate(names)}
    evaluator = Evaluator(replicates=0)
    for line in (golden.parent / "lfw" / "pairs.txt").read_text().splitlines()[1:]:
        words = line.split()
        first, second = (words[0], words[1]), (words[-2] if len(words) == 4 else words[0], words[-1])
        a, b = (row[f"{person}_{int(number):04}"] for person, number in (first, second))
        evaluator.add_pair(vectors[a], vectors[b], same=len(words) == 3)
    assert len(evaluator) == 6000
    report = evaluator.report()
    # shared/README.md: what the original says of the same embeddings.
    assert report.accuracy == pytest.approx(0.98550, abs=1e-5)
    assert report.accuracy_deviation == pytest.approx(0.00489, abs=1e-5)
    assert report.validation_rate == pytest.approx(0.93967, abs=1e-5)
    assert report.area_under_curve == pytest.approx(0.9982, abs=1e-4)
    assert report.equal_error_rate == pytest.approx(0.0130, abs=1e-3)
    assert str(report).startswith("Accuracy: 0.98550+-0.00489\nValidation rate: 0.93967+-")


def test_reports_are_told(people: People, tmp_path: Path) -> None:
    evaluator = Evaluator(folds=4, replicates=20)
    a, b, same = pairs_of(noisy(people), 40)
    evaluator.add_pairs(a, b, same, [(index, index if answer else index + 1000) for index, answer in enumerate(same)])
    told: list[tuple[int, int]] = []
    report = evaluator.report(progress=lambda done, total: told.append((done, total)))
    assert json.loads(json.dumps(report.to_dict())) == report.details
    report.write_html(tmp_path / "report.html", model="m", data="d")
    report.draw(tmp_path / "roc.svg")
    report.draw(tmp_path / "det.png", "det")
    assert (tmp_path / "report.html").read_text().lower().startswith("<!doctype html>")
    assert "<svg" in (tmp_path / "roc.svg").read_text()
    assert (tmp_path / "det.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(errors.InvalidArgumentError, match="roc or det"):
        report.draw(tmp_path / "x.svg", "loss")


def test_pairs_that_do_not_fit() -> None:
    evaluator = Evaluator(folds=2)
    a = np.eye(4, dtype=np.float32)
    wrong: list[Any] = [
        (a, a[:3], [True] * 4),
        (a, a, [True]),
        (a, a[:, :3], [True] * 4),
        (a, a, [True] * 4, [(0, 0)]),
        (a[0], a[0], [True]),
    ]
    for arguments in wrong:
        with pytest.raises(errors.DimensionMismatchError):
            evaluator.add_pairs(*arguments)
    assert len(evaluator) == 0
    with pytest.raises(errors.FacenetError):
        evaluator.report()
    evaluator.add_pairs(a, a, [True] * 4)
    with pytest.raises(errors.DimensionMismatchError, match="some"):
        evaluator.add_pairs(a, a, [True] * 4, [(0, 0)] * 4)
    with pytest.raises(errors.FacenetError):
        evaluator.report()


@pytest.fixture
def photographed(tmp_path: Path, photos: Path) -> Path:
    """Two people in LFW's form, with a list of pairs."""
    for person, pictures in {"Barack": ["obama.jpg", "obama2.jpg", "obama3.jpg"], "Joe": ["biden.jpg"]}.items():
        (tmp_path / "people" / person).mkdir(parents=True)
        for number, picture in enumerate(pictures, 1):
            (tmp_path / "people" / person / f"{person}_{number:04}.jpg").symlink_to(photos / picture)
    same = ["Barack\t1\t2", "Barack\t1\t3"]
    different = ["Barack\t1\tJoe\t1", "Barack\t2\tJoe\t1"]
    (tmp_path / "people" / "pairs.txt").write_text(
        "\n".join(["2\t1", same[0], different[0], same[1], different[1]]) + "\n"
    )
    return tmp_path / "people"


def test_photos(photographed: Path, facenet: Facenet, photos: Path) -> None:
    told: list[tuple[int, int]] = []
    report = facenet_rs.validate_lfw(
        photographed, source=facenet, replicates=0, pictures=True, progress=lambda *step: told.append(step)
    )
    assert report.accuracy == 1 and told[-1] == (4, 4)
    # The face near the centre stands for a photo.
    vectors = [
        facenet.embed(photos / f"{name}.jpg", select="central") for name in ("obama", "obama2", "obama3", "biden")
    ]
    expected = [((vectors[a] - vectors[b]) ** 2).sum() for a, b in ((0, 1), (0, 3), (0, 2), (1, 3))]
    np.testing.assert_allclose(report.distances, expected, atol=1e-5)
    again = Evaluator(folds=2, replicates=0).run_lfw(facenet, photographed)
    assert str(again) == str(report)


def test_missing_photos_are_told(photographed: Path, facenet: Facenet) -> None:
    (photographed / "Joe" / "Joe_0001.jpg").unlink()
    with pytest.raises(errors.FacenetError):
        facenet_rs.validate_lfw(photographed, source=facenet)
    with pytest.raises(errors.NotFoundError, match="pairs.txt"):
        facenet_rs.validate_lfw(photographed / "Joe", photographed / "Joe" / "pairs.txt", source=facenet)


def test_calibration(people: People, facenet: Facenet, tmp_path: Path, photos: Path) -> None:
    vectors, numbers = noisy(people)
    profile = facenet_rs.calibrate(
        vectors, numbers.tolist(), embedder=facenet.embedder, false_match_rates=[0.1, 0.05], replicates=50
    )
    # What the threshold promises, counted anew.
    distances = np.linalg.norm(vectors[:, None].astype(float) - vectors[None], axis=2)
    different = numbers[:, None] != numbers[None]
    rate = (distances[different] <= profile.threshold).mean()
    assert 0.08 < rate <= 0.1
    profile.write(tmp_path / "profile.toml")
    read = Profile.read(tmp_path / "profile.toml")
    assert (read.thresholds, read.metric) == (profile.thresholds, "euclidean")
    compared = facenet.compare(photos / "obama.jpg", photos / "obama2.jpg", profile=read)
    assert compared.threshold == pytest.approx(profile.threshold)
    with pytest.raises(errors.FingerprintMismatchError):
        Facenet(runtime=facenet.runtime, mirror="average").compare(
            photos / "obama.jpg", photos / "obama2.jpg", profile=read
        )
    assert "threshold=" in repr(read)


def test_a_rate_that_is_not_supported_is_not_replaced(people: People) -> None:
    with pytest.raises(errors.DatasetInvalidError, match="1e-09"):
        facenet_rs.calibrate(*people, false_match_rates=[1e-9, 0.1], replicates=0)


def test_blufr_of_people_who_are_told_apart(people: People) -> None:
    names = [f"person {number}" for number in people[1]]
    found = facenet_rs.blufr(people[0], names, trials=3, training_people=4, gallery_people=4)
    assert json.loads(json.dumps(found)) == found
    again = facenet_rs.blufr(*people, trials=3, training_people=4, gallery_people=4)
    assert found == again
    with pytest.raises(errors.FacenetError):
        facenet_rs.blufr(*people, training_people=4000)


def test_embedders_are_the_default(photographed: Path, facenet: Facenet, tmp_path: Path) -> None:
    facenet_rs.align_folder(photographed, tmp_path / "aligned")
    report = facenet_rs.validate_lfw(tmp_path / "aligned", photographed / "pairs.txt", replicates=0)
    photos = facenet_rs.validate_lfw(photographed, source=facenet, replicates=0)
    np.testing.assert_allclose(report.distances, photos.distances, atol=1e-5)
    assert isinstance(Embedder().fingerprint, str)
