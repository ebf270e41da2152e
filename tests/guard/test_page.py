"""The page "Enforcing a policy": its programs do what it says, with the output that it shows."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import boto3
import pytest

import hpolint.guard
from tests.conftest import FIXTURES, ROOT
from tests.requests import sound

PAGE = (ROOT / "docs/enforcement.md").read_text("utf-8")
POLICY = """
extend-select = ["policy/max-trials"]
[rules."policy/max-trials"]
trials = {trials}
locked = true
"""


def block(name: str) -> str:
    """The code block of the page after a comment with a name."""
    found = re.search(rf"<!-- guard: {re.escape(name)} -->\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_program_is_refused_with_the_output_that_is_shown(sent: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of the traceback is the report."""
    Path("launch.py").write_text(block("launch.py"), "utf-8")
    monkeypatch.setitem(sys.modules, "definitions", ModuleType("definitions"))
    vars(sys.modules["definitions"])["training"] = sound()["TrainingJobDefinition"]
    code = compile(block("launch.py"), str(Path("launch.py").absolute()), "exec")
    with pytest.raises(hpolint.guard.Refused) as caught:
        exec(code, {"__name__": "__main__"})
    assert f"hpolint.guard.Refused: {caught.value}\n" == block("output")
    assert sent == []


def events() -> list[dict[str, Any]]:
    """The recorded events, as EventBridge delivers them."""
    records = json.loads((FIXTURES / "cloudtrail/log.json").read_text("utf-8"))["Records"]
    kind = "AWS API Call via CloudTrail"
    return [
        {"version": "0", "detail-type": kind, "source": "aws.sagemaker", "detail": record}
        for record in records
        if record["eventName"] == "CreateHyperParameterTuningJob" and "errorCode" not in record
    ]


@pytest.mark.parametrize(("trials", "answer"), [(1, "stopped"), (100_000, "met")])
def test_the_handler_stops_the_jobs_that_break_the_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trials: int, answer: str
) -> None:
    """On recorded events, with clients that note what they are asked. It has thirty lines."""
    (tmp_path / "policy.toml").write_text(POLICY.format(trials=trials), "utf-8")
    monkeypatch.setenv("POLICY", str(tmp_path / "policy.toml"))
    monkeypatch.setenv("TOPIC", "arn:aws:sns:us-east-1:123456789012:jobs")
    clients = {"sagemaker": mock.Mock(), "sns": mock.Mock()}
    with mock.patch.object(boto3, "client", clients.__getitem__):
        names: dict[str, Any] = {}
        exec(compile(block("handler"), "handler.py", "exec"), names)
    assert len(events()) > 0
    for event in events():
        assert names["handler"](event, None) == answer
    stopped = [call.kwargs for call in clients["sagemaker"].stop_hyper_parameter_tuning_job.call_args_list]
    expected = [each["detail"]["requestParameters"]["hyperParameterTuningJobName"] for each in events()]
    assert stopped == [{"HyperParameterTuningJobName": name} for name in expected if answer == "stopped"]
    assert clients["sns"].publish.call_count == len(stopped)
    assert len(block("handler").splitlines()) <= 32
