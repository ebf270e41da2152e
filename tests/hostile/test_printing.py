"""What a name says reaches no terminal, no CI log and no spreadsheet as a command, in any format of any command."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hpolint.cli.cost_output import costs_of_files, costs_text, trials_of
from hpolint.cli.extract import extracted
from hpolint.cli.write_reports import ReportOptions, _text
from hpolint.config.config_files import given_table
from hpolint.config.explanation import settings_record, settings_text
from hpolint.config.layers import combined, layer_of
from hpolint.config.lookup import CheckOptions, Resolved
from hpolint.io.escaping import printable, visible
from hpolint.model.rule import RuleError
from hpolint.model.rule_page import rule_page, rules_json, rules_table
from hpolint.model.settings import FORMATS, Settings
from hpolint.registry import builtin_rules
from hpolint.report.judged import JudgedFiles
from hpolint.reporters import reporter
from hpolint.run.report_making import report_of_judged
from hpolint.run.rule_tests import RuleTestResult
from tests.conftest import Command
from tests.harness.git import git
from tests.harness.texts import read_texts
from tests.requests import sound

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that move, hide or break: controls, bidirectional marks, separators of lines."""

BLANK = "\u034f\u115f\u17b4\u180b\u2800\u3164\uffa0\ufe00\U000e0100"
"""Characters of other categories that take no room or are blank."""

HOSTILE = f"\x1b[2J\x07\x00\x7f\x9b\u202e\u2066\u200b\u2028\u2029\ufeff\U000e0041{BLANK}|`<x>&\"',%:\n=1"
NAMES = st.text(st.characters(), min_size=1, max_size=12) | st.sampled_from(
    [HOSTILE, "=1+1", "\t=1", "\r@x", "::error::x"]
)


def hidden(text: str) -> list[str]:
    """The characters of a text that are not to be in it; a joiner within an emoji is part of what is seen."""
    return [c for c in text if (unicodedata.category(c) in HIDDEN and c not in "\n\u200d") or c in BLANK]


def judged_of(name: str) -> JudgedFiles:
    """A report whose file, job, parameter, metric and carrier all have one name."""
    request = sound()
    request["HyperParameterTuningJobName"] = name
    ranges = request["HyperParameterTuningJobConfig"].setdefault("ParameterRanges", {})
    ranges["ContinuousParameterRanges"] = [{"Name": name, "MinValue": "0.1", "MaxValue": "0.1"}]
    request["TrainingJobDefinition"].setdefault("StaticHyperParameters", {})[name] = name
    task = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob", "End": True}
    machine = {"StartAt": name, "States": {name: {**task, "Parameters": request}}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [_cell(name)]}
    texts = {f"{name}.json": machine, f"{name}/request.json": request, f"{name}.ipynb": notebook}
    judged = read_texts({file: json.dumps(text) for file, text in texts.items()}, CheckOptions({"select": ["ALL"]}))
    judged.unreadable.append(f"{name}: cannot be read")
    judged.notices.append(f"{name}: skipped")
    judged.skipped_folders.append(f"{name}: ignored by git")
    return judged


def _cell(name: str) -> dict[str, object]:
    source = f"job = {{'HyperParameterTuningJobName': {name!r}}}\nsagemaker.create_hyper_parameter_tuning_job(**job)\n"
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source, "id": "a"}


@settings(max_examples=settings().max_examples // 10)  # each is printed in fourteen formats
@given(NAMES)
@example(HOSTILE)
@example("\ud800")
def test_no_report_has_a_character_that_moves_or_hides(name: str) -> None:
    """JSON escapes them, so that they are the same for a program; XML and CSV stay well-formed."""
    judged = judged_of(name)
    report = report_of_judged(judged)
    assert report.jobs
    assert report.findings
    texts = {format_: reporter(format_).render(report) for format_ in FORMATS if format_ != "text"}
    texts["text"] = _text(report, "file", ReportOptions(undecided=True, everything=True, statistics=True))
    costs = costs_of_files(judged, trials_of(3, None))
    for output in ("text", "json", "csv", "markdown"):
        texts[f"cost {output}"] = costs_text(judged, costs, output)
    texts["extract"] = printable(json.dumps(extracted(judged.jobs), ensure_ascii=False))
    assert {what: hidden(text) for what, text in texts.items() if hidden(text)} == {}
    for format_ in ("junit", "checkstyle"):
        ElementTree.fromstring(texts[format_])
    for what in ("json", "sarif", "gitlab", "cost json", "extract"):
        json.loads(texts[what])
    assert {job["name"] for job in json.loads(texts["extract"])["jobs"]} >= {name}
    rows = list(csv.DictReader(io.StringIO(texts["cost csv"]), strict=True))
    assert len(rows) == len(report.jobs)
    for row in rows:
        assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for value in row.values())
    for what in ("markdown", "cost markdown"):
        assert "@" not in re.sub("`[^`]*`", "", texts[what])  # it would mention a user
    for line in texts["github"].splitlines():
        assert line.startswith(("::error ", "::warning ", "::notice "))


@given(NAMES)
@example(HOSTILE)
@example("\ud800")
def test_no_page_or_setting_has_one_either(name: str) -> None:
    """What a policy, a configuration or a rule's test says."""
    rule = replace(builtin_rules()[0], summary=name, body=f"## Why\n\n{name}\n", sources=[name])
    texts = [rule_page(rule), rules_table([rule]), rules_json([rule])]
    texts.append(
        RuleTestResult(errors=[RuleError(name, 1, 1, name)], hints=[RuleError(name, 1, 1, name)]).text(quiet=False)
    )
    said = given_table({"exclude": [name], "per-file-ignores": {name: ["scale"]}, "baseline": name})
    resolved = Resolved(Settings(), combined([layer_of(said)]), (said,))
    texts += [settings_text(name, resolved), printable(json.dumps(settings_record(name, resolved), ensure_ascii=False))]
    assert [found for text in texts if (found := hidden(text))] == []
    assert texts[3].count("\n") == 3
    assert visible(name) not in ("", "\n")


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
def test_no_comparison_has_one(hpolint: Command, output: str) -> None:
    """Nor what a comparison says on standard error."""
    request = sound()
    hpolint.write("job.json", "{}")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "a"]):
        git(hpolint.folder, *command)
    request["HyperParameterTuningJobName"] = HOSTILE
    hpolint.write("job\u202e.json", json.dumps(request))
    run = hpolint("diff", "HEAD", "--output", output)
    assert run.returncode == 0
    assert b"tuning jobs: 1 new" in run.stdout or b'"added"' in run.stdout
    assert hidden(run.stdout.decode()) == hidden(run.stderr.decode()) == []


COMMANDS = {
    "check text": ("check", "--all", "--output", "text"),
    "check json": ("check", "--output", "json"),
    "check junit": ("check", "--output", "junit"),
    "check markdown": ("check", "--output", "markdown"),
    "check --diff": ("check", "--diff", "--unsafe-fixes"),
    "cost text": ("cost",),
    "cost csv": ("cost", "--output", "csv"),
    "cost markdown": ("cost", "--output", "markdown"),
    "cost json": ("cost", "--output", "json"),
    "extract": ("extract",),
    "config": ("config",),
    "unreadable": ("check", "::error::missing.json", "##[error]missing.json"),
}
TUNER = """\
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("image", "role", 1, "ml.m5.large", max_run=3600)
note = \'\'\'
 ::add-mask::x
##[endgroup]
::stop-commands::x\'\'\'
tuner = HyperparameterTuner(estimator, note, {"lr": ContinuousParameter(0.1, 0.2)}, max_jobs=20, max_parallel_jobs=20)
"""


@pytest.mark.parametrize("what", COMMANDS)
def test_no_text_of_a_file_is_a_command_to_github_actions(hpolint: Command, what: str) -> None:
    """Neither a file's name nor its values, its lines in an excerpt, or a notice. A document keeps its values."""
    name = "##[group]a] ::set-output name=x::y"
    request = sound()
    request["HyperParameterTuningJobName"] = name
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = 0
    hpolint.write("::warning ::x/##[error]y.json", json.dumps(request, indent=1))
    hpolint.write("::debug::z.json", "{'HyperParameterTuningJobConfig'")
    hpolint.write("tune.py", TUNER)
    hpolint.write("hpolint.toml", "exclude = ['::error::x', '##[error]']\n")
    run = hpolint(*COMMANDS[what], GITHUB_ACTIONS="true")
    printed = (run.stdout + run.stderr).decode()
    found = [line for line in printed.splitlines() if re.search(r"^\s*::|##\[.*\]", line)]
    if what == "check --diff":
        token = run.stdout.decode().splitlines()[0].removeprefix("::stop-commands::")
        assert re.fullmatch("[0-9a-f]{32}", token)
        assert run.stdout.decode().splitlines()[-1] == f"::{token}::"
    else:
        assert found == []
    if what == "extract":
        assert name in {job["name"] for job in json.loads(run.stdout)["jobs"]}
