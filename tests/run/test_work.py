"""A file that takes more work than its size explains costs itself: it is named, and the others are checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hpolint import check
from hpolint.io import work
from tests.requests import sound

PROGRAM = """\
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
total = 0
for number in range(150):
    total = total + number
estimator = Estimator("image", "role", 1, "ml.m5.large", max_run=3600)
HyperparameterTuner(estimator, "loss", {"lr": ContinuousParameter(0.1, 0.2)}, max_jobs=20, max_parallel_jobs=20)
"""
LOCK = {"rules": {"missing-spot": {"locked": True}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program and a request; only the program needs more steps than there are."""
    (tmp_path / "loop.py").write_text(PROGRAM)
    (tmp_path / "request.json").write_text(json.dumps(sound()))
    monkeypatch.setattr(work, "STEPS_PER_FILE", 500)
    monkeypatch.setattr(work, "STEPS_PER_BYTE", 0)
    return tmp_path


def test_a_file_that_takes_too_much_work_is_named(folder: Path) -> None:
    """It is no finding: nobody knows whether something is wrong with it. The other file is judged."""
    report = check([str(folder)])
    assert report.notices == [f"{folder}/loop.py: not judged: too much work for a file of its size"]
    assert [job.source for job in report.jobs] == [f"{folder}/request.json"]
    assert [each.source for each in report.findings] == []
    assert not report.failures


def test_where_rules_are_locked_it_is_an_error(folder: Path) -> None:
    """A locked rule cannot be escaped by work."""
    report = check([str(folder)], LOCK)
    found = [each for each in report.findings if each.source.endswith("loop.py")]
    assert [(each.rule.id, each.level) for each in found] == [("hygiene/unreadable-definition", "error")]
    assert found[0].text[0] == "This tuning job was not judged: too much work for a file of its size"


def test_a_job_that_takes_too_much_work_is_named_with_its_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file whose reading is cheap, the work of judging is counted."""
    monkeypatch.setattr(work, "STEPS_PER_JOB", 100)
    report = check([str(folder / "request.json")], LOCK)
    assert report.notices == [f"{folder}/request.json: not judged: line 1: too much work for a file of its size"]
    (finding,) = report.findings
    assert (finding.rule.id, finding.level) == ("hygiene/unreadable-definition", "error")
    assert (finding.span.line, len(report.jobs)) == (1, 1)


def test_what_is_linear_is_judged(tmp_path: Path) -> None:
    """A delivery of 200 jobs, and a request with 2,000 ranges, have the steps that they need."""
    requests = [sound() | {"HyperParameterTuningJobName": f"job-{number}"} for number in range(200)]
    (tmp_path / "many.json").write_text(json.dumps(requests))
    large = sound()
    ranges = [{"Name": f"p{number}", "MinValue": "0.1", "MaxValue": "0.5"} for number in range(2_000)]
    large["HyperParameterTuningJobConfig"]["ParameterRanges"] = {"ContinuousParameterRanges": ranges}
    (tmp_path / "large.json").write_text(json.dumps(large))
    report = check([str(tmp_path)], {"select": ["launch"]})
    assert len(report.jobs) == 201
    assert report.notices == []


GROWS = """\
x = (1,)
while True:
    x.extend(x)
    x = (x, *x)
"""


def test_values_that_hold_each_other_take_bounded_work(tmp_path: Path) -> None:
    """Four lines made tuples with a hundred million items in all, and a check of half a minute."""
    (tmp_path / "grows.py").write_text(GROWS + PROGRAM)
    (tmp_path / "text.py").write_text("x = 'ab' * 5\ny = x.expandtabs(10 ** 400)\nz = x.center(1 << 70)\n" + PROGRAM)
    report = check([str(tmp_path)], {"select": ["launch"]})
    assert report.notices == [f"{tmp_path}/grows.py: not judged: too much work for a file of its size"]
    assert [job.source for job in report.jobs] == [f"{tmp_path}/text.py"]
    assert not report.unreadable
