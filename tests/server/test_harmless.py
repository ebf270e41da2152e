"""No action of an editor damages a document: it is still read, with the same jobs, and one finding fewer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.requests import unbounded
from tests.server.editor import Editor
from tests.server.harmless import WHOLE, harm, language


def offered(folder: Path, name: str, text: str) -> list[types.CodeAction]:
    """The actions that change a text, each tried: none of them does harm."""
    path = folder / name
    path.write_text(text, "utf-8")

    async def session() -> list[types.CodeAction]:
        editor = Editor()
        await editor.start(folder)
        try:
            uri = editor.open(path, text, language(path))
            await editor.found(uri)
            actions = await editor.edits(uri, WHOLE)
        finally:
            await editor.stop()
        assert editor.log == []
        return actions

    actions = asyncio.run(session())
    assert [*harm(folder, {path: text}, path, actions)] == []
    return actions


def ignored(actions: Iterable[types.CodeAction]) -> set[str]:
    """The titles of the actions that write a comment."""
    return {action.title for action in actions if action.title.startswith("Ignore")}


RESOURCE = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"


def machine() -> str:
    """A state machine in JSON that launches a job."""
    request: dict[str, Any] = unbounded(MaxParallelTrainingJobs=12)
    task = {"Type": "Task", "Resource": RESOURCE, "Parameters": request, "End": True}
    return json.dumps({"StartAt": "Tune", "States": {"Tune": task}}, indent=2)


def indented(text: str, by: int) -> str:
    """A text with white space before each line."""
    return "".join(f"{' ' * by}{line}\n" for line in text.split("\n"))


YAML = """\
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString:{key} !Sub |
{machine}
      RoleArn: role
"""
TERRAFORM = """\
resource "aws_sfn_state_machine" "search" {{
  name       = "search"
  definition = <<{mark}
{machine}
EOF
}}
"""
PYTHON = """\
import json
import boto3

request = json.loads(
    '''{request}'''
)
name = "a" \\
    "b"
boto3.client("sagemaker").create_hyper_parameter_tuning_job(**request)
"""
EMBEDDED = {
    "block.yaml": YAML.format(key="", machine=indented(machine(), 8)),
    "below.yaml": YAML.format(key="\n       ", machine=indented(machine(), 8)),
    "heredoc.tf": TERRAFORM.format(mark="EOF", machine=machine()),
    "indented.tf": TERRAFORM.format(mark="-EOF", machine=indented(machine(), 4)),
    "string.py": PYTHON.format(request=json.dumps(unbounded(MaxParallelTrainingJobs=12), indent=2)),
}


@pytest.mark.parametrize("name", EMBEDDED)
def test_a_definition_inside_a_text_is_ignored_outside_of_that_text(tmp_path: Path, name: str) -> None:
    """JSON has no comments: one within a string of a template or a program would be a part of the JSON."""
    assert ignored(offered(tmp_path, name, EMBEDDED[name]))


@pytest.mark.parametrize("name", ["job.json", "job.template", "machine.asl"])
def test_json_of_any_name_is_offered_no_comment(tmp_path: Path, name: str) -> None:
    """It has none, whatever its file is called."""
    text = machine() if name.endswith(".asl") else json.dumps(unbounded(MaxParallelTrainingJobs=12), indent=2)
    assert ignored(offered(tmp_path, name, text)) == set()
