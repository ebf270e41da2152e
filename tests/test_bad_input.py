"""Hostile and broken files: a finding or a message, the other files still read, never a traceback or a hang."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpolint import check
from hpolint.engine.engine import Engine
from hpolint.model.training_script import Wildcard
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from hpolint.report.report import Report
from tests.conftest import Command, scaled
from tests.harness.growth import assert_bounded, assert_linear
from tests.requests import sound
from tests.script.test_arguments import read as read_script

NEEDLE = "HyperParameterTuningJobConfig"
BOMB = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 14))
FILES: dict[str, str | bytes] = {
    "truncated.json": json.dumps(sound())[:-20],
    "deep.json": f'{{"{NEEDLE}": ' + "[" * 100_000,
    "deep.yaml": f"{NEEDLE}: " + "[" * 100_000,
    "bomb.yaml": BOMB + f"{NEEDLE}: *a13\n",
    "tabs.yaml": f"{NEEDLE}:\n\tStrategy: Grid\n",
    "invalid.yaml": NEEDLE.encode() + b": \xff\xfe",
    "binary.json": bytes(range(256)) * 50 + NEEDLE.encode(),
    "nul.json": b"\0" * 10 + NEEDLE.encode(),
    "big.json": f'{{"{NEEDLE}": "{"x" * 11_000_000}"}}',
}
HARMLESS: dict[str, str | bytes] = {
    "empty.json": "",
    "empty.yaml": "",
    "space.yaml": " \n\n",
    "utf16.json": json.dumps(sound()).encode("utf-16"),
    "bom.json": json.dumps(sound()).encode("utf-8-sig"),
    "crlf.json": json.dumps(sound(), indent=1).replace("\n", "\r\n"),
    "unrelated.json": "[" * 100_000,
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_broken_definition_is_a_finding_and_loses_nothing_else(hpolint: Command, name: str) -> None:
    """One finding with file and line; the file beside it is judged as ever."""
    hpolint.write(name, FILES[name])
    hpolint.write("z-good.json", json.dumps(sound()))
    run = hpolint("check", "--output", "json")
    assert b"Traceback" not in run.stderr
    document = json.loads(run.stdout)
    assert [(f["rule"], f["path"]) for f in document["findings"]] == [("hygiene/unreadable-definition", name)]
    assert document["findings"][0]["line"] >= 1
    assert document["summary"]["jobs"] == 1
    assert run.returncode == 1


GROWING: dict[str, tuple[Callable[[int], str], int]] = {
    "deep.json": (lambda size: f'{{"{NEEDLE}": ' + "[" * size, 250_000),
    "deep.yaml": (lambda size: f"{NEEDLE}: " + "[" * size, 250_000),
    "binary.json": (lambda size: "".join(map(chr, range(256))) * size + NEEDLE, 1_000),
    "nul.json": (lambda size: "\0" * size + NEEDLE, 250_000),
    "big.json": (lambda size: f'{{"{NEEDLE}": "{"x" * size}"}}', 11_000_000),
}
"""Those of the broken files that may be larger, with a size at which their work can be measured."""


@pytest.mark.parametrize("name", GROWING)
def test_a_larger_broken_file_takes_work_as_it_is_large(name: str, tmp_path: Path) -> None:
    """The search, the reading and the report of the error."""
    make, size = GROWING[name]

    def checked(text: str) -> Report:
        (tmp_path / name).write_text(text, "utf-8")
        return check([str(tmp_path)])

    report = assert_linear(make, checked, size)
    assert [finding.rule.id for finding in report.findings] == ["hygiene/unreadable-definition"]


def test_a_bomb_of_aliases_takes_bounded_work() -> None:
    """No alias is followed more often than there are values to be read."""
    text = FILES["bomb.yaml"]
    assert isinstance(text, str)
    _, reading = assert_bounded(lambda: read_source("bomb.yaml", text.encode()), 10_000)
    assert len(reading.problems) == 1


NUMERAL = "9" * 5_000
"""Python makes no integer of so many digits."""

LONG_NUMERALS = {
    "type.yaml": f"TrainingJobDefinition:\n  ResourceConfig: {{InstanceType: ml.m5.{NUMERAL}xlarge}}\n"
    f"{NEEDLE}: {{Strategy: Random}}\n",
    "select.json": json.dumps(
        {
            "Resources": {
                "Machine": {
                    "Type": "AWS::StepFunctions::StateMachine",
                    "Properties": {
                        "Definition": {
                            "StartAt": "Tune",
                            "States": {
                                "Tune": {
                                    "Type": "Task",
                                    "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
                                    "Parameters": sound() | {NEEDLE: {"Strategy": {"Fn::Select": [NUMERAL, ["a"]]}}},
                                    "End": True,
                                }
                            },
                        }
                    },
                }
            }
        }
    ),
    "format.py": "from sagemaker.tuner import HyperparameterTuner\n"
    f"HyperparameterTuner(e, '{{{NUMERAL}}}{{²}}'.format('a'), {{}}, max_jobs=4).fit()\n",
}
"""Where a numeral is read as a size or an index; ``²`` is a digit, and none of a number."""


@pytest.mark.parametrize("name", LONG_NUMERALS)
def test_a_numeral_of_any_length_is_no_error(name: str, tmp_path: Path) -> None:
    """It is read as a text, or its value is unknown; the job is still read."""
    (tmp_path / name).write_text(LONG_NUMERALS[name], "utf-8")
    report = check([str(tmp_path)])
    assert (report.unreadable, report.failures) == ([], [])
    assert len(report.jobs) == 1


def test_a_script_that_formats_by_an_odd_index_is_read() -> None:
    """What is printed in its place may be any text."""
    for name in (NUMERAL, "²"):
        script = read_script(f"print('loss {{{name}}}'.format(1))\n")
        assert [each.line for each in script.output.prints] == [("loss ", Wildcard("text"))]


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_odd_but_sound_files_are_quiet(hpolint: Command, name: str) -> None:
    """Empty files and other encodings are no findings."""
    hpolint.write(name, HARMLESS[name])
    run = hpolint("check")
    assert (run.returncode, run.stderr) == (0, b""), run.stdout


def test_a_truncated_request_is_reported() -> None:
    """Truncated at any byte after the name of its config, a request is one problem and no job."""
    text = json.dumps(sound(), indent=1)
    start = text.index(NEEDLE) + len(NEEDLE)
    for end in range(start, len(text) - 1):
        _, reading = read_source("x.json", text[:end].encode())
        assert len(reading.problems) == 1, text[:end]
        assert reading.jobs == []


def test_a_hostile_name_cannot_drive_the_terminal(hpolint: Command) -> None:
    """Control characters of a value are not printed as such."""
    request = sound()
    request["HyperParameterTuningJobName"] = "\x1b[31mred\x07\r"
    hpolint.write("x.json", json.dumps(request, ensure_ascii=False).replace("\\u001b", "\x7f"))
    run = hpolint("check")
    assert run.returncode == 1
    assert not {0x1B, 0x07, 0x0D, 0x7F} & set(run.stdout)


def test_a_huge_line_is_cut_around_the_value(hpolint: Command) -> None:
    """A minified file of a megabyte prints a screen line, with the mark below the value."""
    request = {"padding": "é" * 500_000, **json.loads(json.dumps(sound()))}
    request["HyperParameterTuningJobConfig"]["Strategy"] = "bayesian"
    hpolint.write("x.json", json.dumps({"a": request}, ensure_ascii=False))
    lines = hpolint("check").stdout.decode().splitlines()
    mark = next(line for line in lines if "^" in line and "|" in line)
    shown = lines[lines.index(mark) - 1]
    assert len(shown) <= 121
    assert shown[mark.index("^") : mark.rindex("^") + 1] in ('"bayesian"', '"padding"')


def _damage(draw: random.Random, value: Any) -> Any:
    """The value with something in it dropped, swapped or made another type."""
    if isinstance(value, dict) and value:
        key = draw.choice(list(value))
        if draw.random() < 0.3:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: _damage(draw, value[key])}
    if isinstance(value, list) and value and draw.random() < 0.8:
        at = draw.randrange(len(value))
        return [*value[:at], _damage(draw, value[at]), *value[at + 1 :]]
    return draw.choice([None, [], {}, "", "x", 0, -1, 2**70, 1e300, True, [[]], {"a": []}, "$X", "${Y}", "\ud800"])


def test_a_thousand_damaged_requests_trip_nothing() -> None:
    """Whatever is where it should not be: verdicts, and no rule that fails by itself."""
    draw = random.Random(20261124)
    engine = Engine(builtin_rules())
    for _ in range(scaled(1000)):
        request: Any = sound()
        for _ in range(draw.randint(1, 4)):
            request = _damage(draw, request)
        for job in read_source("x.json", json.dumps(request).encode())[1].jobs:
            assert engine.judge(job).failures == []
