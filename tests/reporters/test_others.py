"""The reports for other systems, compared with what those systems read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from junitparser import Failure, JUnitXml

from tests.conftest import Command
from tests.harness.git import git
from tests.suppressions.test_comments import python

HOSTILE = '"validation: a|b <c> & `d` %25\\x1b[0m\\u202e\\ud800 ]]> \'\\""'


@pytest.fixture
def mixed(hpolint: Command) -> Command:
    """A repository with errors, warnings and notes, a notebook, and names that no format likes."""
    git(hpolint.folder, "init", "-q", ".")
    source = python().replace('"auc"', HOSTILE).replace("max_jobs=100", "max_jobs=100, early_stopping_type='Off'")
    hpolint.write("sub/a b,c%&<é>.py", source)
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    ]
    hpolint.write("n.ipynb", json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    hpolint.write("bad.json", '{"HyperParameterTuningJobConfig": {')
    return hpolint


def found(hpolint: Command) -> list[dict[str, Any]]:
    """The findings of the JSON report."""
    findings: list[dict[str, Any]] = json.loads(hpolint("check", "--output", "json").stdout)["findings"]
    return findings


def test_junit_is_what_its_readers_take(mixed: Command, tmp_path: Path) -> None:
    """A suite for each file, a failed case for each error and warning, a passed one for each note and clean file."""
    mixed.write("clean.py", "from sagemaker.tuner import HyperparameterTuner\nHyperparameterTuner(e, 'm', r).fit()\n")
    mixed("check", "--output", "junit:report.xml", "--select", "ALL", "--ignore", "hygiene/unreadable-definition")
    report = JUnitXml.fromfile(str(mixed.folder / "report.xml"))
    findings = json.loads(
        mixed("check", "--output", "json", "--select", "ALL", "--ignore", "hygiene/unreadable-definition").stdout
    )["findings"]
    cases = [case for suite in report for case in suite]
    failed = [case for case in cases if any(isinstance(each, Failure) for each in case.result)]
    assert len(failed) == sum(each["level"] != "note" for each in findings)
    assert report.failures == len(failed)
    assert report.tests == len(cases)
    assert {suite.name for suite in report} >= {each["path"] for each in findings}


def test_checkstyle_is_what_reviewdog_takes(mixed: Command) -> None:
    """Files with errors, each with line, column, severity, message and source (reviewdog, parser/checkstyle.go)."""
    root = ElementTree.fromstring(mixed("check", "--output", "checkstyle").stdout)
    assert root.tag == "checkstyle"
    errors = [(file.attrib["name"], error.attrib) for file in root for error in file]
    assert len(errors) == len(found(mixed))
    for (name, error), finding in zip(errors, sorted(found(mixed), key=lambda f: (f["path"], f["line"])), strict=True):
        assert name == finding["path"]
        assert (int(error["line"]), error["severity"]) == (
            finding["line"],
            {"error": "error", "warning": "warning", "note": "info"}[finding["level"]],
        )
        assert error["source"] == "hpolint." + finding["rule"].replace("/", ".")
        assert error["message"]
        assert int(error["column"]) >= 1


def test_gitlab_takes_the_code_quality_report(mixed: Command) -> None:
    """Required members, known severities, fingerprints that differ and stay when lines move (GitLab Docs)."""
    issues = json.loads(mixed("check", "--output", "gitlab").stdout)
    assert len(issues) == len(found(mixed))
    for issue in issues:
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["description"]
        assert issue["check_name"]
        assert not issue["location"]["path"].startswith(("./", "/"))
        assert 1 <= issue["location"]["lines"]["begin"] <= issue["location"]["lines"]["end"]
    prints = [issue["fingerprint"] for issue in issues]
    assert len(set(prints)) == len(prints)
    path = mixed.folder / "sub" / "a b,c%&<é>.py"
    path.write_text("\n\n" + path.read_text())
    assert [issue["fingerprint"] for issue in json.loads(mixed("check", "--output", "gitlab").stdout)] == prints


COMMAND = re.compile(r"::(error|warning|notice) (?P<properties>[^\n]*?)::(?P<data>[^\n]*)\Z")
"""As the runner reads a line (actions/runner, ActionCommand.cs): properties to the first ``::``."""


def unescaped(text: str) -> str:
    """A text as the runner shows it."""
    for mark, sign in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(mark, sign)
    return text


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The workflow commands of a text, unescaped as the runner does."""
    lines = []
    for line in text.splitlines():
        match = COMMAND.match(line)
        assert match is not None, line
        pairs = (pair.partition("=") for pair in match["properties"].split(","))
        named = {
            key: value.replace("%2C", ",")
            .replace("%3A", ":")
            .replace("%0A", "\n")
            .replace("%0D", "\r")
            .replace("%25", "%")
            for key, _, value in pairs
        }
        lines.append((match[1], named, match["data"].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")))
    return lines


def test_github_annotates_the_lines(mixed: Command) -> None:
    """Paths from the repository's root wherever it runs, the most severe first, columns only within one line."""
    inside = Command(mixed.folder / "sub")
    said = commands(inside("check", "--output", "github").stdout.decode())
    assert [level for level, _, _ in said] == sorted(
        (level for level, _, _ in said), key=["error", "warning", "notice"].index
    )
    assert {named["file"] for _, named, _ in said} == {"sub/a b,c%&<é>.py"}
    for _, named, data in said:
        assert named["title"] in {each["rule"] for each in found(inside)}
        assert int(named["line"]) <= int(named["endLine"])
        assert ("col" in named) == (named["line"] == named["endLine"])
        assert data
    notebook = commands(mixed("check", "n.ipynb", "--output", "github").stdout.decode())
    assert all(data.startswith("Cell 1: ") for _, _, data in notebook)


def test_github_shows_ten_of_a_level_and_counts_the_others(hpolint: Command) -> None:
    """The runner drops what is above its limit: nothing vanishes in silence."""
    for number in range(15):
        hpolint.write(f"t{number:02}.py", python())
    said = commands(hpolint("check", "--output", "github", "--select", "missing-spot").stdout.decode())
    assert [level for level, _, _ in said] == ["warning"] * 9 + ["notice"]
    assert said[-1][2] == "6 more findings: see the summary of this step, or its log"


def test_in_github_actions_annotations_come_by_themselves(mixed: Command) -> None:
    """Beside the text, with the step's summary, to which other steps have added; not where a report is asked for."""
    mixed.write("summary.md", "before\n")
    plain = mixed("check").stdout.decode()
    actions: dict[str, Any] = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(mixed.folder / "summary.md")}
    run = mixed("check", **actions)
    assert run.returncode == 1
    assert run.stdout.decode().startswith(plain)
    assert commands(run.stdout.decode()[len(plain) :])
    summary = (mixed.folder / "summary.md").read_text()
    assert summary.startswith("before\n## hpolint\n")
    assert "| ❌ | 1 | [hygiene/unreadable-definition]" in summary
    assert mixed("check", "--output", "json", **actions).stdout == mixed("check", "--output", "json").stdout
    assert (mixed.folder / "summary.md").read_text() == summary


def test_markdown_shows_what_was_written(mixed: Command) -> None:
    """No mark of a message is taken for Markdown, HTML or a link, and no table breaks."""
    text = mixed("check", "--output", "markdown", "--select", "ALL").stdout.decode()
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    outside = re.sub(r"(`+).+?\1", "", text, flags=re.DOTALL)
    assert not re.search(r"<(?!/?(details|summary|br)\b)", outside.replace("\\<", ""))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_clean_run_gives_whole_reports(hpolint: Command) -> None:
    """Empty lists and documents, not nothing, so that a merge request shows all findings as resolved."""
    assert json.loads(hpolint("check", "--output", "gitlab").stdout) == []
    assert list(ElementTree.fromstring(hpolint("check", "--output", "checkstyle").stdout)) == []
    assert ElementTree.fromstring(hpolint("check", "--output", "junit").stdout).attrib["tests"] == "0"
    assert hpolint("check", "--output", "github").stdout == b""
    assert hpolint("check", "--output", "markdown").stdout.startswith(b"## hpolint\n\nno tuning jobs found in 0 files")
