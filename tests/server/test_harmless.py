"""No action of an editor damages a document: it is still read, with the same jobs, and one finding fewer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from hpolint import check
from hpolint.model.source import Source
from tests.conftest import FIXTURES
from tests.differential.tree import LONE, PLAIN
from tests.harness.notebooks import notebook
from tests.requests import unbounded
from tests.server.editor import Editor, changes_of, offset_of, position_of
from tests.server.harmless import WHOLE, Opened, harm, harm_of_files, language


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
    assert [*harm(folder, Opened.file(path, text), actions)] == []
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


SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""Characters at which Python's ``splitlines`` ends a line, and neither editors nor the languages that hpolint reads."""

TUNER = PLAIN.strip() + "\n"
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


REQUEST = json.dumps(unbounded(MaxParallelTrainingJobs=12))
TEXTS = {
    "comment.py": f"# {SEPARATORS}é🙂\n{TUNER}",
    "string.py": TUNER.replace("tuner = ", f"x = '{SEPARATORS}é🙂'; tuner = "),
    "return.py": f"x = 1\r{TUNER}",
    "returns.py": f"# é🙂\r\r\n{TUNER}",
    "only_returns.py": TUNER.replace("\n", "\r"),
    "windows.py": TUNER.replace("\n", "\r\n"),
    "marked.json": f"\ufeff{REQUEST}",
    "returns.json": REQUEST.replace('"validation', '"é🙂\u2028').replace(', "', ',\r"'),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_edited_text_is_that_of_the_editor(tmp_path: Path, encoding: str) -> None:
    """Its lines are those of the protocol, so that each diagnostic and edit is where the editor takes it to be."""
    bytes_ = ENCODINGS[encoding]
    (tmp_path / "lone.py").write_text(LONE, "utf-8")
    for name, text in TEXTS.items():
        (tmp_path / name).write_bytes(text.encode())

    async def session() -> None:
        editor = Editor(types.PositionEncodingKind(encoding), pulls=True)
        await editor.start(tmp_path)
        try:
            for name, text in TEXTS.items():
                uri = type_into(editor, tmp_path / name, text, bytes_)
                editor.diagnostics[uri] = await editor.pulled(uri)
                assert_true(editor.diagnostics[uri], tmp_path / name, text, bytes_)
                actions = await editor.edits(uri, WHOLE)
                assert actions
                assert [*harm(tmp_path, Opened.file(tmp_path / name, text), actions, bytes_)] == []
        finally:
            await editor.stop()

    asyncio.run(session())


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_edited_cell_is_that_of_the_editor(tmp_path: Path, encoding: str) -> None:
    """As a document's text, cell by cell."""
    bytes_ = ENCODINGS[encoding]
    path = tmp_path / "tune.ipynb"
    (tmp_path / "lone.py").write_text(LONE, "utf-8")
    names = ("comment.py", "string.py", "windows.py", "return.py")
    path.write_text(notebook(*(TEXTS[name] for name in names)), "utf-8")
    opened = Opened.notebook(path, path.read_text("utf-8"))

    async def session() -> list[types.CodeAction]:
        editor = Editor(types.PositionEncodingKind(encoding))
        await editor.start(tmp_path)
        try:
            cells = [(uri, text.replace("20,", "🙂,", 1)) for uri, text in opened.texts.items()]
            editor.open_notebook(path, cells, opened.kinds)
            for uri, text in cells:
                place = position_of(text, text.index("🙂,"), bytes_)
                editor.edit_cell(path.as_uri(), uri, place.line, place.character, "20", units("🙂", bytes_))
            await editor.until(lambda: all(editor.versions.get(uri) == 2 for uri in opened.texts))
            for uri, text in opened.texts.items():
                shown = [covered(text, each.range, bytes_) for each in editor.diagnostics[uri]]
                assert {"20", '"ml.p3.2xlarge"'} <= set(shown)
            return [action for uri in opened.texts for action in await editor.edits(uri, WHOLE)]
        finally:
            await editor.stop()

    actions = asyncio.run(session())
    assert actions
    assert [*harm(tmp_path, opened, actions, bytes_)] == []


def type_into(editor: Editor, path: Path, text: str, encoding: str) -> str:
    """Open a document in which a number is missing, type it, and type and remove something else."""
    first, last = text.index("0.5"), text.index("20," if path.suffix == ".py" else "12}")
    unfinished = f"{text[:last]}🙂{text[last + 2 :]}"
    uri = editor.open(path, unfinished, language(path))
    place = position_of(unfinished, last, encoding)
    editor.edit(uri, place.line, place.character, text[last : last + 2], removed=units("🙂", encoding))
    place = position_of(text, first, encoding)
    editor.edit(uri, place.line, place.character, "é🙂")
    editor.edit(uri, place.line, place.character, "", removed=units("é🙂", encoding))
    return uri


def assert_true(shown: list[types.Diagnostic], path: Path, text: str, encoding: str) -> None:
    """The diagnostics are those of a check, at the same characters of a text."""
    source = Source(path.name, text.removeprefix("\ufeff"))
    expected = {(finding.rule.id, source.read(finding.span)) for finding in check([str(path)]).findings}
    assert expected
    assert {(each.code, covered(text, each.range, encoding)) for each in shown} == expected, path.name


def units(text: str, encoding: str) -> int:
    """The length of a text as the editor counts it."""
    return len(text.encode(encoding)) // len("x".encode(encoding))


def covered(text: str, place: types.Range, encoding: str) -> str:
    """What a range of the protocol covers."""
    return text[offset_of(text, place.start, encoding) : offset_of(text, place.end, encoding)]


def test_no_action_is_about_a_text_that_the_editor_no_longer_has(tmp_path: Path) -> None:
    """An answer that is overtaken by a change has no edits, which the editor would apply to the newer text."""
    path = tmp_path / "tune.py"
    path.write_text(TUNER, "utf-8")

    async def session() -> None:
        editor = Editor()
        await editor.start(tmp_path)
        try:
            uri = editor.open(path)
            await editor.found(uri)
            editor.edit(uri, 0, 0, "\n")
            asked = asyncio.ensure_future(editor.edits(uri, WHOLE))
            await asyncio.sleep(0)
            editor.edit(uri, 0, 0, "\n\n\n")
            versions = {change.text_document.version for action in await asked for change in changes_of(action)}
            assert versions <= {2}
        finally:
            await editor.stop()

    asyncio.run(session())


SAMPLE = (
    "cloudformation/batch.yaml",
    "notebook/vision.ipynb",
    "python/tune_churn.py",
    "terraform/tuning.tf",
)


def test_no_action_harms_a_document() -> None:
    """After an edit each leaves a text that is read as before, with one finding fewer and no new one of its level."""
    count, broken = asyncio.run(harm_of_files(FIXTURES, [FIXTURES / name for name in SAMPLE], step=3))
    assert broken == []
    assert count > 12


@pytest.mark.nightly("opens each fixture in an editor and applies each of its actions")
def test_no_action_harms_any_fixture() -> None:
    """The same for all files."""
    count, broken = asyncio.run(harm_of_files(FIXTURES, [path for path in FIXTURES.rglob("*") if path.is_file()]))
    assert broken == []
    assert count > 150
