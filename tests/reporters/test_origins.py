"""A finding of a generated file is annotated in the program of the CDK app, and keeps its own place in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.readers.test_origins import CONSTRUCTION, app, template

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
    text = command("check", "--all").stdout.decode("utf-8")
    assert " = lib/a.ts:2, in `example` of the state `Tune` of the construct `Beta/Training/Machine`\n" in text


def test_text_says_the_construct_apart_from_the_state(tmp_path: Path) -> None:
    """The place of a construct is none of the state within it."""
    command = Command(app(tmp_path, {"a.ts": "new sfn.StateMachine(this, 'Machine')"}))
    lines = [line.strip() for line in command("check", "--all").stdout.decode("utf-8").splitlines()]
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


def stages(folder: Path, rest: dict[str, dict[str, Any]] | None = None) -> Command:
    """An app with two stages, and the metadata of the machine in some of them."""
    files = {"lib/a.ts": CONSTRUCTION}
    for name in ("Beta", "Prod"):
        document = json.loads(template(path=f"{name}/Training/Machine"))
        document["Resources"]["Machine123"]["Metadata"] |= (rest or {}).get(name, {})
        files[f"cdk.out/assembly-{name}/Training.template.json"] = json.dumps(document)
    command = Command(app(folder, files))
    (command.folder / TEMPLATE).unlink()
    return command


@pytest.mark.parametrize("option", ["--all", "--quiet"])
def test_text_prints_a_finding_of_several_stages_once(option: str, tmp_path: Path) -> None:
    """With the stages; JSON has it for each of them."""
    command = stages(tmp_path)
    text = command("check", option).stdout.decode("utf-8")
    found = findings(command)
    rules = {finding["rule"] for finding in found}
    assert len(found) == 2 * len(rules)
    for rule in rules:
        assert text.count(f"[{rule}]") == 1
    assert text.count("in the stages `Beta` and `Prod`") == len(rules)


def test_stages_are_also_known_without_a_place_in_the_program(tmp_path: Path) -> None:
    """The same construct within each stage is the same construct."""
    command = stages(tmp_path)
    command.write("lib/a.ts", "")
    assert "in the stages `Beta` and `Prod`" in output(command, "text")


def test_a_stage_that_suppresses_a_finding_is_not_among_its_stages(tmp_path: Path) -> None:
    """Suppressions, waivers and the baseline count for each stage before the rest is joined."""
    rules = sorted({finding["rule"] for finding in findings(stages(tmp_path / "all"))})
    command = stages(tmp_path / "one", {"Beta": {"hpolint": {"ignore": rules, "reason": "a test"}}})
    text = output(command, "text")
    assert "assembly-Prod/Training.template.json" in text
    assert "in the stages" not in text


def test_a_stage_with_another_level_stays_apart(tmp_path: Path) -> None:
    """It may be the one that fails the check."""
    command = stages(tmp_path)
    rule = findings(command)[0]["rule"]
    command.write("cdk.out/assembly-Beta/hpolint.toml", f'[levels]\n"{rule}" = "error"\n')
    text = output(command, "text")
    assert text.count(f"[{rule}]") == 2
    assert f"assembly-Beta/Training.template.json:1:{_column(text, 'Beta')}: error[{rule}]" in text


def _column(text: str, stage: str) -> str:
    """The column of the first finding of a stage."""
    return text.partition(f"assembly-{stage}/Training.template.json:1:")[2].partition(":")[0]


def test_copies_of_a_stack_are_joined_if_one_place_constructs_them(tmp_path: Path) -> None:
    """Other stacks may have constructs of the same names by chance."""
    files = {"lib/a.ts": CONSTRUCTION}
    for name in ("Dev", "Prod"):
        files[f"cdk.out/{name}.template.json"] = template(path=f"{name}/Machine")
    command = Command(app(tmp_path, files))
    (command.folder / TEMPLATE).unlink()
    assert "in the stacks `Dev` and `Prod`" in output(command, "text")
    command.write("lib/a.ts", "")
    assert "in the stacks" not in output(command, "text")


def test_a_fix_of_a_generated_file_is_not_counted(tmp_path: Path) -> None:
    """The last line names what suppresses its findings instead."""
    command = stages(tmp_path)
    assert any(finding["fix"] is not None for finding in findings(command))
    text = output(command, "text")
    assert "fixable" not in text
    assert (
        "; `Metadata` of a resource (`addMetadata`, `add_metadata`) suppresses findings in the CDK's output\n" in text
    )
