"""A finding of a generated file is annotated in the program of the CDK app, and keeps its own place in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.readers.test_origins import CONSTRUCTION, app

TEMPLATE = "cdk.out/Training.template.json"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """A CDK app whose state stands in the second line of its program."""
    return Command(app(tmp_path / "app", {"lib/a.ts": f"\n{CONSTRUCTION}"}))


def output(command: Command, format_: str) -> str:
    """The report of the app in a format."""
    return command("check", "--output", format_).stdout.decode("utf-8")


def findings(command: Command) -> list[dict[str, Any]]:
    """The findings of the app in JSON."""
    found: list[dict[str, Any]] = json.loads(output(command, "json"))["findings"]
    return found


def test_text_names_the_place_beside_the_state(command: Command) -> None:
    """In the line that says in which state the finding is."""
    text = output(command, "text")
    assert " = lib/a.ts:2, in `example` of the state `Tune` of the construct `Beta/Training/Machine`\n" in text


def test_text_says_the_construct_apart_from_the_state(tmp_path: Path) -> None:
    """The place of a construct is none of the state within it."""
    command = Command(app(tmp_path, {"a.ts": "new sfn.StateMachine(this, 'Machine')"}))
    lines = [line.strip() for line in output(command, "text").splitlines()]
    at = lines.index("= a.ts:1, in the construct `Machine`")
    assert lines[at + 1] == "= in `example` of the state `Tune` of the construct `Beta/Training/Machine`"


def test_json_keeps_the_template_and_adds_the_origin(command: Command) -> None:
    """``path`` and ``line`` mean the same as for any other finding; without a certain place, ``origin`` is null."""
    found = findings(command)
    assert {(finding["path"], finding["line"]) for finding in found} == {(TEMPLATE, 1)}
    assert [finding["origin"] for finding in found] == [{"path": "lib/a.ts", "line": 2}] * len(found)
    (command.folder / "cdk.json").unlink()
    assert [finding["origin"] for finding in findings(command)] == [None] * len(found)


def test_sarif_has_the_program_first_and_the_template_as_a_related_place(command: Command) -> None:
    """And the fingerprint, by which code scanning knows an alert again, does not depend on the place."""
    with_origin = json.loads(output(command, "sarif"))["runs"][0]["results"]
    for result in with_origin:
        assert _place(result["locations"][0]) == ("lib/a.ts", 2)
        assert _place(result["relatedLocations"][-1]) == (TEMPLATE, 1)
        assert "`Metadata`" in result["message"]["text"]
    (command.folder / "cdk.json").unlink()
    without = json.loads(output(command, "sarif"))["runs"][0]["results"]
    assert {_place(result["locations"][0]) for result in without} == {(TEMPLATE, 1)}
    prints = [[result["partialFingerprints"] for result in results] for results in (with_origin, without)]
    assert prints[0] == prints[1]


def _place(location: dict[str, Any]) -> tuple[str, int]:
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


@pytest.mark.parametrize(
    ("format_", "place"),
    [
        ("github", "file=lib/a.ts,line=2,endLine=2,col=27,endColumn=33"),
        ("gitlab", '"path": "lib/a.ts"'),
        ("checkstyle", '<file name="lib/a.ts">\n    <error line="2" column="27"'),
    ],
)
def test_other_annotations_stand_in_the_program(format_: str, place: str, command: Command) -> None:
    """Each says where the generated value is, and that `Metadata` suppresses it: a comment beside it does not."""
    text = output(command, format_)
    assert place in text
    assert f"It is in {TEMPLATE}:1:" in text
    assert "The `Metadata` of its resource (`addMetadata`, `add_metadata`) suppresses it, not a comment." in text


def test_the_metadata_that_the_message_names_suppresses(command: Command) -> None:
    """As the CDK writes it for ``add_metadata("hpolint", {"ignore": [...]})``."""
    rules = sorted({finding["rule"] for finding in findings(command)})
    template = json.loads((command.folder / TEMPLATE).read_text("utf-8"))
    template["Resources"]["Machine123"]["Metadata"]["hpolint"] = {"ignore": rules, "reason": "a test"}
    command.write(TEMPLATE, json.dumps(template))
    assert findings(command) == []


def test_a_locked_rule_is_not_said_to_be_suppressible(command: Command) -> None:
    """No metadata suppresses it."""
    rule = findings(command)[0]["rule"]
    command.write("hpolint.toml", f'[rules."{rule}"]\nlocked = true\n')
    locked = [line for line in output(command, "github").splitlines() if f"title={rule}::" in line]
    assert locked
    assert not any("`Metadata`" in line for line in locked)


def test_a_baseline_knows_the_finding_by_the_template(command: Command) -> None:
    """A change of the program above the construction makes no finding new."""
    command("check", "--write-baseline")
    written = (command.folder / "hpolint-baseline.json").read_text("utf-8")
    assert TEMPLATE in written
    assert "lib/a.ts" not in written
    command.write("lib/a.ts", f"\n\n\n{CONSTRUCTION}")
    assert findings(command) == []
