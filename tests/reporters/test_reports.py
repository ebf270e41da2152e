"""One set of findings in every format: snapshots, and what each format promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from hpolint import check
from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import Candidate
from hpolint.io.files import repository_root
from hpolint.model.finding import Finding
from hpolint.model.settings import FORMATS, Settings
from hpolint.model.source import Source, Span
from hpolint.readers.python.notebook import notebook_units
from hpolint.registry import builtin_rules
from hpolint.registry.choosing import chosen_rules
from hpolint.report.outcome import Outcome
from hpolint.report.records import FileRecord
from hpolint.report.report import Report
from hpolint.reporters import layout, reporter, summary, text
from hpolint.reporters.sarif import home_page, plain_text
from hpolint.run.check import check_candidates
from hpolint.run.recording import file_record
from hpolint.run.report_making import report_of_records
from tests.conftest import FIXTURES, ROOT, Command
from tests.harness.fixtures import fixtures_report, report_with_fixes
from tests.harness.git import git
from tests.harness.growth import assert_linear
from tests.harness.systems import posix
from tests.readers.test_origins import CONSTRUCTION, app
from tests.requests import unbounded

SNAPSHOTS = Path(__file__).parent / "snapshots"
MULTITOOL = os.environ.get("HPOLINT_SARIF_MULTITOOL", "")
"""The folder of npm's @microsoft/sarif-multitool-linux; CI installs it."""


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    """What is found in the fixtures, as seen from the repository's root: found once, since no format changes it."""
    monkeypatch.chdir(ROOT)
    return fixtures_report()


SHOWN = ("notebook/vision.ipynb", "script/package", "request/shape-errors.json", "cloudformation/batch.yaml", "broken")
"""Fixtures whose findings have everything that a format prints: a cell, a script, fixes, related places, errors."""


SHOWN_RULES = (
    *("compute/missing-spot", "hygiene/unreadable-definition", "launch/empty-value", "launch/invalid-request"),
    *("launch/log-scale-needs-positive-range", "launch/max-wait-below-runtime", "launch/spot-without-max-wait"),
    *("launch/volume-key-on-local-storage", "launch/yaml-boolean"),
    *("scale/linear-learning-rate", "scale/near-one-without-reverse-log", "script/argument-not-accepted"),
    *("script/channel-not-given", "script/range-type"),
    *("script/required-argument-missing", "strategy/excessive-parallelism", "strategy/no-completion-criteria"),
)
"""Rules with such findings, or undecided for each reason. Formats show these alone: a new rule changes none of them."""


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Report:
    """What ``SHOWN_RULES`` find in a few fixtures, as seen from the repository's root."""
    monkeypatch.chdir(ROOT)
    return report_with_fixes([f"fixtures/{path}" for path in SHOWN], {"select": SHOWN_RULES})


@pytest.mark.parametrize("name", FORMATS)
def test_snapshot(shown: Report, name: str, snapshot: Any) -> None:
    """What users and machines see changes only on purpose: ``pytest --snapshot-update`` writes it anew."""
    rendered = reporter(name).render(shown)
    snapshot.snapshot_dir = SNAPSHOTS
    snapshot.assert_match(_without_pages(rendered) if name == "sarif" else rendered, f"shown.{name}")


def _without_pages(sarif: str) -> str:
    """A report without what its descriptors of rules take from the rules' pages."""
    document = json.loads(sarif)
    for rule in document["runs"][0]["tool"]["driver"]["rules"]:
        del rule["help"], rule["fullDescription"], rule["shortDescription"], rule["properties"]
    return json.dumps(document, indent=1, ensure_ascii=False)


def _in_json(text: str) -> list[tuple[str, int, str]]:
    return [(each["path"], each["line"], each["rule"]) for each in json.loads(text)["findings"]]


def _in_sarif(text: str) -> list[tuple[str, int, str]]:
    places = [
        (each["locations"][0]["physicalLocation"], each["ruleId"]) for each in json.loads(text)["runs"][0]["results"]
    ]
    return [(place["artifactLocation"]["uri"], place["region"]["startLine"], rule) for place, rule in places]


def _in_gitlab(text: str) -> list[tuple[str, int, str]]:
    places = [(each["location"], each["check_name"]) for each in json.loads(text)]
    return [(place["path"], place["lines"]["begin"], rule) for place, rule in places]


def _in_checkstyle(text: str) -> list[tuple[str, int, str]]:
    return [
        (
            file.attrib["name"],
            int(error.attrib["line"]),
            error.attrib["source"].removeprefix("hpolint.").replace(".", "/"),
        )
        for file in ElementTree.fromstring(text)
        for error in file
    ]


@pytest.mark.parametrize(
    ("name", "read"), [("json", _in_json), ("sarif", _in_sarif), ("gitlab", _in_gitlab), ("checkstyle", _in_checkstyle)]
)
def test_a_format_has_every_finding(report: Report, name: str, read: Callable[[str], list[Any]]) -> None:
    """Of all fixtures each finding once, with its path, line and rule."""
    expected = sorted((each.source, each.span.line, each.rule.id) for each in report.findings)
    assert sorted(read(reporter(name).render(report))) == expected


def test_undecided_snapshot(shown: Report, snapshot: Any) -> None:
    """Each unknown value with its place, its reason and the rules that it blocks."""
    snapshot.snapshot_dir = SNAPSHOTS
    blocks = [block for block in text.render(shown, undecided=True).split("\n\n") if ": unknown: " in block]
    assert blocks
    assert ": unknown: " not in text.render(shown)
    snapshot.assert_match("\n\n".join(blocks), "shown.undecided")


def log(report: Report) -> dict[str, Any]:
    """The SARIF log as Python."""
    found: dict[str, Any] = json.loads(reporter("sarif").render(report))
    return found


def test_sarif_is_what_code_scanning_takes(report: Report) -> None:
    """Required fields, limits, full regions, relative addresses, and rules in a fixed order."""
    (run,) = log(report)["runs"]
    driver = run["tool"]["driver"]
    assert driver["informationUri"] == home_page() == "https://github.com/hpolint/hpolint"
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == sorted(rule.id for rule in chosen_rules(Settings()))
    for rule in driver["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["helpUri"] == f"https://hpolint.github.io/hpolint/rules/{rule['id']}/"
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert len(rule["properties"]["tags"]) <= 10
    assert len(run["results"]) == len(report.findings)
    fingerprints = [result["partialFingerprints"]["hpolint/v1"] for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].startswith("fixtures/")
        region = place["region"]
        assert (region["startLine"], region["startColumn"]) < (region["endLine"], region["endColumn"])
        for number, related in enumerate(result.get("relatedLocations", []), 1):
            assert f"]({related['id']})" in result["message"]["text"]
            assert related["id"] == number


def test_sarif_is_the_same_for_the_same_input() -> None:
    """Byte for byte in every process, whatever its seed of hashes, so that a rerun changes no alert."""
    run = Command(ROOT)
    first, second = (run("check", "fixtures", "--output", "sarif", PYTHONHASHSEED=seed).stdout for seed in "12")
    assert first == second
    assert first


def test_undecided_judgements_are_notifications(report: Report) -> None:
    """They are in the log's tool execution notifications."""
    notes = log(report)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert len(notes) == len(report.undecided) + len(report.skipped)
    assert any("${PARALLEL}" in note["message"]["text"] for note in notes)


def test_a_clean_run_still_closes_old_alerts(hpolint: Command) -> None:
    """``results`` is there and empty, with all rules, even where there is no job at all."""
    run = hpolint("check", "--output", "sarif")
    (found,) = json.loads(run.stdout)["runs"]
    assert found["results"] == []
    assert len(found["tool"]["driver"]["rules"]) == len(chosen_rules(Settings()))
    assert found["invocations"][0]["executionSuccessful"] is True


@posix
def test_addresses_start_at_the_repositorys_root(hpolint: Command) -> None:
    """From a sub-folder too, percent-encoded, links resolved."""
    git(hpolint.folder, "init", "-q", ".")
    hpolint.write("jobs/train a#1/tuning é.json", (FIXTURES / "request/churn-xgboost.json").read_text())
    os.symlink("train a#1", hpolint.folder / "jobs/link")
    inside = Command(hpolint.folder / "jobs")
    for path in ("train a#1", "link"):
        (found,) = json.loads(inside("check", path, "--output", "sarif").stdout)["runs"]
        uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in found["results"]}
        assert uris == {"jobs/train%20a%231/tuning%20%C3%A9.json"}
    assert repository_root(str(inside.folder)) == os.path.realpath(hpolint.folder)


def test_fingerprints_survive_moved_lines(hpolint: Command) -> None:
    """An alert keeps its identity when something is written above it."""

    def fingerprints() -> list[str]:
        (run,) = json.loads(hpolint("check", "--output", "sarif").stdout)["runs"]
        return [result["partialFingerprints"]["hpolint/v1"] for result in run["results"]]

    request = (FIXTURES / "request/vision-two-jobs.yaml").read_text()
    hpolint.write("x.yaml", request)
    before = fingerprints()
    hpolint.write("x.yaml", "# a comment\n\n" + request)
    assert fingerprints() == before


@pytest.mark.skipif(
    not MULTITOOL, reason="HPOLINT_SARIF_MULTITOOL names no folder: the SARIF SDK's validator is not here"
)
@pytest.mark.slow("the validator reads and judges all reports of all fixtures")
def test_sarif_passes_schema_and_microsofts_validator(tmp_path: Path) -> None:
    """No error and no warning, with the rules that GitHub asks for."""
    inside = Command(ROOT)
    file = tmp_path / "out.sarif"
    paths = ("fixtures", "fixtures/unrelated", "fixtures/broken", "fixtures/nested")
    inside("check", *paths, "--output", f"sarif:{file}")
    assert complaints(file) == []


@pytest.mark.nightly("the validator starts for half a minute, and has judged the log of all fixtures")
@pytest.mark.skipif(
    not MULTITOOL, reason="HPOLINT_SARIF_MULTITOOL names no folder: the SARIF SDK's validator is not here"
)
def test_sarif_of_a_cdk_app_passes_them_too(tmp_path: Path) -> None:
    """Its results are in the app's program, and the generated file is a related place."""
    command = Command(app(tmp_path / "app", {"lib/a.ts": CONSTRUCTION}))
    file = tmp_path / "out.sarif"
    command("check", "--output", f"sarif:{file}")
    assert "lib/a.ts" in file.read_text("utf-8")
    assert complaints(file) == []


def complaints(file: Path) -> list[tuple[object, ...]]:
    """The errors and warnings of Microsoft's validator about a log that the schema accepts."""
    jsonschema.validate(json.loads(file.read_text()), json.loads((Path(MULTITOOL) / "sarif-2.1.0.json").read_text()))
    verdict = file.with_name("verdict.sarif")
    run = subprocess.run(
        [
            *(str(Path(MULTITOOL) / "Sarif.Multitool"), "validate", str(file), "--output", str(verdict)),
            *("--rule-kind", "Sarif;Ghas", "--log", "ForceOverwrite", "--level", "Error;Warning;Note"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        check=False,
    )
    assert verdict.exists(), run.stdout + run.stderr
    results = json.loads(verdict.read_text("utf-8-sig"))["runs"][0].get("results", [])
    judged = [(result["ruleId"], result.get("level", "warning"), result["message"]) for result in results]
    return [each for each in judged if each[1] in ("error", "warning")]


def finding(source: Source, span: Span, message: str = "said") -> str:
    """The block of a finding at a place of a source."""
    rule = builtin_rules()[0]
    found = Finding(rule, rule.levels[0], source.name, span, ((message,),))
    record = file_record(Outcome(source.name, source, findings=[found]), lambda _name: None)
    return text.render(report_of_records([record], {"settings": Settings()}, []), width=60)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('{"a": "value"}', '"value"'),
        ('\t{"a": "value"}', '"value"'),
        ('{"日本語": "値"}', '"値"'),
        ('{"e\u0301": "value"}', '"value"'),
        ("x" * 200 + '"value"' + "y" * 200, '"value"'),
        ("日" * 200 + '"value"' + "本" * 200, '"value"'),
        ('"value"' + "y" * 500, '"value"'),
    ],
)
def test_the_marks_stand_below_the_value(line: str, value: str) -> None:
    """Whatever the width of the characters and the length of the line."""
    start = line.index(value) + 1
    _, _, shown, marks, *_ = finding(Source("x", line), Span(1, start, 1, start + len(value))).splitlines()
    cells = layout.cells
    left = cells(marks.partition("^")[0])
    position = next(i for i in range(len(shown) + 1) if cells(shown[:i]) == left)
    assert shown[position:].startswith(value)
    assert cells(shown) <= 60


def test_a_long_span_shows_its_first_lines() -> None:
    """A value of a hundred lines does not fill the screen."""
    source = Source("x", "a: |\n" + "  line\n" * 100)
    block = finding(source, Span(1, 4, 101, 1))
    assert block.count("\n") < 12
    assert "… to line 101" in block


def test_summary_says_what_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates and unreadable paths are counted: nothing vanishes."""
    report = Report(settings=Settings(), files=3, records=[FileRecord(name="x", skipped="y")], unreadable=["z"])
    assert summary.summary(report) == "no tuning jobs found in 3 files; 1 template not read; 1 path could not be read"


def test_pages_as_text_have_no_marks() -> None:
    """Viewers that show text get no Markdown."""
    assert plain_text("# A\n\n`b` [c](https://d)\n```json\n{}\n```\n") == "A\n\nb c\n\n{}"


def test_a_place_in_a_notebook_has_the_cell_that_it_is_in(tmp_path: Path) -> None:
    """In every report the same, also where the cell cannot be read and there is no job."""
    notebook = json.loads((FIXTURES / "notebook" / "vision.ipynb").read_text("utf-8"))
    broken: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].append(broken | {"source": ["HyperparameterTuner(estimator, max_jobs=\n"]})
    name = str(tmp_path / "x.ipynb")
    Path(name).write_text(json.dumps(notebook, indent=1), "utf-8")
    found = check([name])
    shown = [re.search(r":cell (\d+):", block) for block in text.render(found).split("\n\n")]
    cells = sorted(int(match[1]) for match in shown if match)
    assert len(cells) == len(found.findings)
    assert cells[-1] == len(notebook["cells"])
    assert [each["cell"] for each in json.loads(reporter("json").render(found))["findings"]] == cells
    (run,) = json.loads(reporter("sarif").render(found))["runs"]
    assert [each["message"]["text"].partition(":")[0] for each in run["results"]] == [f"Cell {cell}" for cell in cells]


def wide(count: int) -> Report:
    """A request with so many ranges that one finding is about, its fix worked out."""
    request = unbounded()
    ranges = request["HyperParameterTuningJobConfig"]["ParameterRanges"]["ContinuousParameterRanges"]
    for number in range(count):  # each with its own bound, so that each has its own sentence
        bounds = {"MinValue": "0.0001", "MaxValue": f"{0.5 + number:.1f}", "ScalingType": "Linear"}
        ranges.append({"Name": f"learning_rate_{number}", **bounds})
    text = json.dumps(request, indent=1).encode()
    checked = check_candidates([Candidate("wide.json", text)], CheckOptions({"select": ["scale"]}))
    return checked.report_with_fixes(checked.report.findings)


def test_a_finding_about_a_thousand_places_does_not_fill_the_screen() -> None:
    """Text shows the first of them and of the fix's lines, and counts the others; JSON has all."""
    report = wide(1000)
    (block,) = [each for each in text.render(report).split("\n\n") if "learning_rate_1`" in each]
    assert block.count("\n") < 2 * text.MAX_RELATED + text.MAX_FIX_LINES + 12
    assert f"and in {1000 - 1 - text.MAX_RELATED:,} more places" in block
    assert f"and {2000 - text.MAX_FIX_LINES:,} more lines" in block
    assert 'more like these\n   = Set `"ScalingType": "Logarithmic"`' in block
    found = json.loads(reporter("json").render(report))["findings"]
    assert max(len(each["related"]) for each in found) == 999
    assert max(len(each["fix"]["edits"]) for each in found if each.get("fix")) == 1000


def test_fixes_of_many_places_are_shown_in_linear_work() -> None:
    """What a person sees of them is little, and so is what it takes."""
    assert_linear(wide, lambda report: text.render(report), 500)
    assert_linear(lambda count: count, wide, 200)


def test_a_place_in_a_notebook_is_found_in_linear_work() -> None:
    """Of as many cells as there are places."""

    def book(count: int) -> Source:
        cells = [{"cell_type": "code", "metadata": {}, "source": [f"x = {at}\n", "y = 1"]} for at in range(count)]
        source = Source("x.ipynb", json.dumps({"cells": cells, "metadata": {}}, indent=1))
        notebook_units(source)
        return source

    def placed(source: Source) -> list[int]:
        lines = [at for at, line in enumerate(source.text.split("\n"), 1) if "y = 1" in line]
        found = [source.in_cell(Span(line, 6, line, 7)) for line in lines]
        return [each[0].number for each in found if each is not None]

    assert len(assert_linear(book, placed, 1000)) == 4000


def test_the_next_step_explains_the_most_severe_finding() -> None:
    """Of a report with more notes than errors, the rule of an error."""
    report = fixtures_report()
    assert report.by_rule()[0][1] != "error"
    named = re.match("`hpolint rule ([a-z-]+)` explains why", summary.next_step(report))
    assert named is not None
    assert "error" in {finding.level for finding in report.findings if finding.rule.name == named[1]}
