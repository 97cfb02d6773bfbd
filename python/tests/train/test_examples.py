"""The settings in examples/training, and the program that parts LFW for them."""

import json
import runpy
from pathlib import Path

import pytest
from facenet_rs.train.schedule import Schedule
from facenet_rs.train.settings import completed

EXAMPLES = Path(__file__).parents[3] / "examples" / "training"


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.json")), ids=lambda file: file.name)
def test_settings_are_possible(file):
    settings = completed(json.loads(file.read_text()))
    if settings["learning_rate_schedule_file"]:
        file = EXAMPLES / settings["learning_rate_schedule_file"]
        schedule = Schedule({**settings, "learning_rate_schedule_file": str(file)})
        assert schedule.rate(1) > 0


def test_nobody_is_trained_on_and_tested(tmp_path):
    photos = {"Ada": 12, "Grace": 10, "Mary": 2, "Joan": 2, "Hedy": 1}
    for name, count in photos.items():
        (tmp_path / "lfw" / name).mkdir(parents=True)
        for i in range(count):
            (tmp_path / "lfw" / name / f"{name}_{i + 1:04}.jpg").touch()
    folds = [
        ["Ada\t1\t2", "Mary\t1\t2", "Joan\t1\t2", "Ada\t1\tMary\t1", "Mary\t1\tJoan\t1", "Hedy\t1\tJoan\t2"],
        ["Grace\t1\t2", "Grace\t3\t4", "Mary\t2\t1", "Joan\t1\tHedy\t1", "Mary\t1\tGrace\t1", "Mary\t1\tHedy\t1"],
    ]
    (tmp_path / "pairs.txt").write_text("\n".join(["2\t3", *folds[0], *folds[1], ""]))
    main = runpy.run_path(str(EXAMPLES / "split_lfw.py"))["main"]
    assert main([str(tmp_path / "lfw"), str(tmp_path / "pairs.txt"), str(tmp_path / "split")]) == 0
    assert {person.name for person in (tmp_path / "split" / "people").iterdir()} == {"Ada", "Grace"}
    lines = (tmp_path / "split" / "pairs.txt").read_text().splitlines()
    assert lines == ["2\t1", "Mary\t1\t2", "Mary\t1\tJoan\t1", "Mary\t2\t1", "Joan\t1\tHedy\t1"]
