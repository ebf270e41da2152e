"""A fix that breaks its promise, which is a mistake of ours: it is not written, and its case is kept."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from hpolint.config.lookup import CheckOptions
from hpolint.fixes.document_edits import Document
from hpolint.fixes.edits import Edit, PlacedEdit
from hpolint.report.report import Report
from hpolint.run.check import check_paths
from tests.requests import unbounded

BOTH = frozenset({"safe", "unsafe"})
Wrong = Callable[[Edit], Edit]


def too_much(edit: Edit) -> Edit:
    """Another value than was promised."""
    return replace(edit, text=f"{edit.text}1")


def no_json(edit: Edit) -> Edit:
    """Text that does not parse."""
    return replace(edit, text="}")


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Wrong], Report]:
    """Fix a request with too many parallel trials by wrong edits."""
    request = unbounded(MaxNumberOfTrainingJobs=20, MaxParallelTrainingJobs=20)
    (tmp_path / "r.json").write_text(json.dumps(request, indent=1))
    (tmp_path / "cases").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "cases"))
    right = Document.edits

    def run(wrong: Wrong) -> Report:
        def edits(self: Document, *given: object) -> list[PlacedEdit]:
            return [PlacedEdit(each.cell, wrong(each.edit)) for each in right(self, *given)]  # type: ignore[arg-type]

        monkeypatch.setattr(Document, "edits", edits)
        return check_paths([str(tmp_path)], CheckOptions({"select": ["excessive-parallelism"]}, fixes=BOTH))

    return run


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [(too_much, "would change in another way than intended"), (no_json, "the fixed text could not be read")],
)
def test_nothing_is_written_and_the_case_is_kept(
    broken: Callable[[Wrong], Report], tmp_path: Path, wrong: Wrong, reason: str
) -> None:
    """An internal error names the file that contains everything for a bug report; the exit code is 2."""
    before = (tmp_path / "r.json").read_bytes()
    report = broken(wrong)
    (line,) = [each for each in report.unreadable if "excessive-parallelism" in each]
    assert "r.json: not fixed: internal error in the fix of strategy/excessive-parallelism: " in line
    assert reason in line
    found = re.search(r"the case is saved in (\S+)$", line)
    assert found is not None
    case = json.loads(Path(found[1]).read_text())
    assert case["text"].encode() == before
    assert case["rule"] == "strategy/excessive-parallelism"
    (edit,) = case["edits"]
    assert case["text"][edit["start"] : edit["end"]] == "20"
    assert (tmp_path / "r.json").read_bytes() == before
    assert any(each.rule.id == "strategy/excessive-parallelism" for each in report.findings)


def test_what_jobs_share_is_no_mistake(tmp_path: Path) -> None:
    """A value that two jobs read and only one wants changed is left, with the reason, and the run is clean."""
    request = unbounded()
    limits = request["HyperParameterTuningJobConfig"]["ResourceLimits"]
    states = {}
    for name, trials in (("One", 20), ("Other", 30)):
        limits |= {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": "@"}
        text = json.dumps(request).replace('"@"', "${AtOnce}")
        states[name] = text
    (tmp_path / "t.yaml").write_text(
        "Mappings: {Of: {all: {AtOnce: 20}}}\nResources:\n"
        + "".join(
            f"  {name}:\n"
            "    Type: AWS::Scheduler::Schedule\n"
            "    Properties:\n"
            "      Target:\n"
            "        Arn: arn:aws:scheduler:::aws-sdk:sagemaker:createHyperParameterTuningJob\n"
            "        Input: !Sub\n"
            f"          - '{text}'\n"
            "          - {AtOnce: !FindInMap [Of, all, AtOnce]}\n"
            for name, text in states.items()
        )
    )
    before = (tmp_path / "t.yaml").read_bytes()
    report = check_paths([str(tmp_path)], CheckOptions(fixes=BOTH))
    assert [each.span.line for each in report.findings if "parallelism" in each.rule.id] == [1, 1]
    assert (tmp_path / "t.yaml").read_bytes() == before
    assert report.unreadable == []


def test_what_stands_at_an_objects_place_by_itself_is_no_other_reader(tmp_path: Path) -> None:
    """The channel of ``fit("s3://…")`` is shown where the estimator stands, whose fix is written all the same."""
    (tmp_path / "t.py").write_text(
        "from sagemaker.pytorch import PyTorch\n"
        "from sagemaker.tuner import ContinuousParameter, HyperparameterTuner\n"
        'est = PyTorch("a.py", role="r", instance_count=1, instance_type="ml.p3.2xlarge", max_run=1200,\n'
        '              framework_version="2.1", py_version="py310")\n'
        'tuner = HyperparameterTuner(est, "m", {"x": ContinuousParameter(0.1, 0.2)}, max_jobs=40)\n'
        'tuner.fit("s3://bucket/data")\n'
    )
    check_paths([str(tmp_path)], CheckOptions(fixes=BOTH))
    assert "use_spot_instances=True" in (tmp_path / "t.py").read_text()
