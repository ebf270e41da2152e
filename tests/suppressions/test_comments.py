"""Findings are silenced where a comment says so, by name, for its own line or what begins below it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import hpolint as library
from hpolint.model.ignore_comment import read_suppression
from hpolint.model.source import Source, Span
from hpolint.report.report import Report
from hpolint.suppressions import silencing
from hpolint.suppressions.extents import Extents
from hpolint.suppressions.ignore_comments import comments, lines_for_comments
from tests.conftest import Command
from tests.harness.growth import assert_linear
from tests.requests import unbounded

SPOT, RATE, PARALLEL = "compute/missing-spot", "scale/linear-learning-rate", "strategy/excessive-parallelism"
HYGIENE = ["invalid-suppression", "unused-suppression", "expired-suppression"]
SETTINGS: dict[str, Any] = {"select": [SPOT, RATE, PARALLEL, "hygiene"]}

PYTHON = """\
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

{estimator}
estimator = Estimator(
    image, role, instance_count=2, instance_type="ml.p3.2xlarge", max_run=3600{made}
){closed}
{tuner}
tuner = HyperparameterTuner({constructor}
    estimator,
    "auc",
    {{
        {entry}
        "learning_rate": ContinuousParameter(
            0.0001, 1, "Linear"
        ),{rate}
    }},
    max_jobs=100,
    {argument}
    max_parallel_jobs=50,{parallel}
){end}
tuner.fit(){launch}
"""


def checked(folder: Path, name: str, text: str | bytes, settings: dict[str, Any] = SETTINGS) -> Report:
    """The report on one file."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    report = library.check([folder / name], settings, isolated=True)
    assert (report.unreadable, report.failures) == ([], [])
    return report


def found(report: Report) -> list[str]:
    """The names of the rules that fire, in order."""
    return sorted(finding.rule.name for finding in report.findings)


def silent(report: Report) -> list[str]:
    """The names of those whose findings are suppressed."""
    return sorted(each.finding.rule.name for each in report.suppressed)


def python(**comments: str) -> str:
    """The program with comments in some of its places."""
    places = (
        "estimator",
        "made",
        "closed",
        "tuner",
        "constructor",
        "entry",
        "rate",
        "argument",
        "parallel",
        "end",
        "launch",
    )
    return PYTHON.format(**{place: comments.get(place, "") for place in places})


ALL = ["excessive-parallelism", "linear-learning-rate", "missing-spot"]


@pytest.mark.parametrize(
    ("place", "rule", "reaches"),
    [
        ("estimator", SPOT, True),
        ("made", SPOT, False),
        ("tuner", PARALLEL, True),
        ("tuner", RATE, True),
        ("tuner", SPOT, True),
        ("constructor", RATE, True),
        ("constructor", SPOT, True),
        ("entry", RATE, True),
        ("entry", PARALLEL, False),
        ("rate", RATE, True),
        ("rate", PARALLEL, False),
        ("made", RATE, False),
        ("closed", SPOT, True),
        ("closed", RATE, False),
        ("end", RATE, True),
        ("end", SPOT, True),
        ("argument", PARALLEL, True),
        ("argument", RATE, False),
        ("parallel", PARALLEL, True),
        ("parallel", RATE, False),
        ("launch", RATE, True),
        ("launch", SPOT, True),
    ],
)
def test_a_comment_is_about_its_line_or_what_begins_below_it(
    tmp_path: Path, place: str, rule: str, reaches: bool
) -> None:
    """At the constructor or the launch it is about the whole job; elsewhere about nothing else.

    Where only brackets are closed before it, it is about what they close.
    """
    name = rule.partition("/")[2]
    report = checked(tmp_path, "t.py", python(**{place: f"  # hpolint: ignore[{rule}] why"}))
    others = [each for each in ALL if each != name]
    if reaches:
        assert (found(report), silent(report)) == (others, [name])
        (suppressed,) = report.suppressed
        assert suppressed.suppression is not None
        assert suppressed.suppression.reason == "why"
    else:
        assert (found(report), silent(report)) == (sorted([*ALL, "unused-suppression"]), [])


@pytest.mark.parametrize("place", ["tuner", "constructor", "end", "launch"])
def test_in_a_notebook_a_jobs_own_lines_are_about_all_of_it(tmp_path: Path, place: str) -> None:
    """The finding may be in another cell than the tuner."""
    text = python(**{place: "  # hpolint: ignore[missing-spot] why"})
    at = text.index("estimator = Estimator"), text.index("  # hpolint" if place == "tuner" else "tuner = Hyper")
    parts = (text[: at[0]], text[at[0] : at[1]], text[at[1] :].lstrip(" "))
    cells = [{"cell_type": "code", "source": part, "metadata": {}, "outputs": []} for part in parts]
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    report = checked(tmp_path, "n.ipynb", json.dumps(book, indent=1))
    assert (found(report), silent(report)) == (ALL[:2], ["missing-spot"])


ENTRIES = """\
d = {
    # hpolint: x
    **base(
        1
    ),
    # hpolint: x
    "key":
        value(
            1
        ),
}  # hpolint: x
e = f(
    1) + g(2)  # hpolint: x
e = f(
    1
)  # hpolint: x
e = 1 + \\
2# hpolint: x"""


def test_what_a_comment_is_about_may_be_a_spread_dict_or_a_value_below_its_key() -> None:
    """Behind more than brackets it is about its own line, however far above the statement begins."""
    source = Source("t.py", ENTRIES)
    extents = Extents(source)
    assert [extents.lines(comment) for comment in comments(source)] == [
        (3, 5),
        (7, 10),
        (1, 11),
        (13, 13),
        (14, 16),
        (18, 18),
    ]


def test_in_python_that_does_not_parse_a_comment_is_about_a_line() -> None:
    """As in a cell that somebody has left half written."""
    source = Source("t.py", "x = = 1  # hpolint: x\n# hpolint: x\ny = [\n1]")
    assert [Extents(source).lines(comment) for comment in comments(source)] == [(1, 1), (3, 3)]


@pytest.mark.parametrize("name", ["machine.json", "tuning.json"])
def test_a_comment_says_nothing_of_another_file(tmp_path: Path, name: str) -> None:
    """As of a state machine that the template names, though its lines have the same numbers."""
    request = unbounded(MaxParallelTrainingJobs=12)
    resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
    task = {"Type": "Task", "Resource": resource, "Parameters": request, "End": True}
    (tmp_path / name).write_text("\n" + json.dumps({"StartAt": "Tune", "States": {"Tune": task}}))
    properties = f"    Type: AWS::Serverless::StateMachine\n    Properties: {{DefinitionUri: {name}}}\n"
    text = f"# hpolint: ignore[excessive-parallelism] why\nResources:\n  Machine:\n{properties}"
    report = checked(tmp_path, "template.yaml", text)
    assert (found(report), silent(report)) == (["excessive-parallelism", "unused-suppression"], [])
    (unused,) = [each for each in report.findings if each.rule.name == "unused-suppression"]
    assert unused.text[0] == "Unused suppression of `excessive-parallelism`: no finding to suppress here"


def test_the_constructor_may_stand_further_down_in_its_statement(tmp_path: Path) -> None:
    """What is above the statement is about the whole job all the same."""
    text = python(tuner="# hpolint: ignore[missing-spot] why")
    text = text.replace("tuner = Hyper", "tuner = (\n    Hyper").replace(")\ntuner.fit", "))\ntuner.fit")
    report = checked(tmp_path, "t.py", text)
    assert (found(report), silent(report)) == (ALL[:2], ["missing-spot"])


def test_in_a_notebook_the_cell_counts(tmp_path: Path) -> None:
    """Lines are those of the cell; the same line of another cell is not meant."""
    text = python(parallel="  # hpolint: ignore[excessive-parallelism] why")
    head, tail = text[: text.index("tuner = Hyper")], text[text.index("tuner = Hyper") :]
    cells = [
        {"cell_type": "code", "source": part.splitlines(True), "metadata": {}, "outputs": []} for part in (head, tail)
    ]
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    report = checked(tmp_path, "n.ipynb", json.dumps(book, indent=1))
    assert (found(report), silent(report)) == (ALL[1:], ["excessive-parallelism"])
    line = 1 + text[: text.index("max_parallel")].count("\n") - head.count("\n")
    cells[0]["source"] = ["\n"] * (line - 1) + ["x = 1  # hpolint: ignore[excessive-parallelism]\n", head]
    cells[1]["source"] = [tail.replace("  # hpolint: ignore[excessive-parallelism] why", "")]
    assert found(checked(tmp_path, "n.ipynb", json.dumps(book))) == sorted([*ALL, "unused-suppression"])


def test_an_invalid_comment_in_a_notebook_is_reported_at_its_place(tmp_path: Path) -> None:
    """In the file, from the comment's first character to its last."""
    comment = "# hpolint: ignore[missing-spots] é"
    cell = {"cell_type": "code", "source": [f"x = 1  {comment}\n", python()], "metadata": {}, "outputs": []}
    text = json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}, ensure_ascii=False, indent=1
    )
    report = checked(tmp_path, "n.ipynb", text)
    (finding,) = [each for each in report.findings if each.rule.category == "hygiene"]
    assert finding.span.line == finding.span.end_line
    line = text.splitlines()[finding.span.line - 1]
    assert line[finding.span.column - 1 : finding.span.end_column - 1] == comment


YAML = """\
HyperParameterTuningJobName: churn
HyperParameterTuningJobConfig:
  Strategy: Bayesian
  {block}
  ResourceLimits:
    MaxNumberOfTrainingJobs: 40
    MaxParallelTrainingJobs: 20{line}
  ParameterRanges:
    ContinuousParameterRanges:
      {item}
      - Name: learning_rate
        MinValue: "0.0001"
        MaxValue: "1"
        ScalingType: Linear
      - Name: eta
        MinValue: "0.0001"
        MaxValue: "1"
        ScalingType: Linear
"""


def test_in_yaml_an_entry_ends_where_its_indentation_does(tmp_path: Path) -> None:
    """A list's item, a mapping's entry, or the line alone; of joined findings only the member that is meant goes."""
    mark = "# hpolint: ignore[excessive-parallelism, linear-learning-rate] why"
    for place, left in (("block", ["linear-learning-rate"]), ("line", ["linear-learning-rate"]), ("item", None)):
        places = {"block": "", "line": "", "item": "", place: f" {mark}"}
        report = checked(tmp_path, "r.yaml", YAML.format(**places), SETTINGS | {"ignore": HYGIENE})
        if left is not None:
            assert (found(report), silent(report)) == (left, ["excessive-parallelism"])
        else:
            assert found(report) == ["excessive-parallelism", "linear-learning-rate"]
            (rate,) = [each for each in report.findings if each.rule.id == RATE]
            assert (rate.count, rate.text[0][:5]) == (1, "`eta`")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.py", "# hpolint: x\n\n  # more\n\na = [\n]\n"),
        ("t.yaml", "# hpolint: x\n\n# more\n\na:\n  b: 1\n"),
        ("t.tf", "# hpolint: x\n\n// more\n\na {\n}\n"),
    ],
)
def test_between_a_comment_and_what_it_is_about_may_be_others(name: str, text: str) -> None:
    """And lines that hold nothing."""
    source = Source(name, text)
    assert Extents(source).lines(comments(source)[0]) == (5, 6)


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n# more", "\nc: 2"])
def test_an_entry_may_be_the_last(end: str) -> None:
    """It ends with the file, or before what follows it."""
    source = Source("t.yaml", f"# hpolint: x\na:\n  b: 1\n\n  c: 1{end}")
    assert Extents(source).lines(comments(source)[0]) == (2, 5)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("a = {\n  b = 1 # {\n}\nc = 1", 5),
        ("a = {\n  b = <<E\n{\nE\n}\nc = 1", 6),
        ("a = <<-E\n  {\n    b = [\n  E\nc = <<E\nE\n", 5),
        ("a = f(<<E\n)\nE\n)\nc = 1", 5),
        ("}\nc = 1", 2),
    ],
)
def test_a_block_ends_where_its_brackets_and_heredocs_do(text: str, last: int) -> None:
    """The brackets of a heredoc are its own; where a comment has some, the end is not seen and the block goes on."""
    source = Source("t.tf", f"# hpolint: x\n{text}")
    assert Extents(source).lines(comments(source)[0]) == (2, last)


MACHINE = json.dumps(
    {
        "StartAt": "Tune",
        "States": {
            "Tune": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
                "Parameters": unbounded(MaxParallelTrainingJobs=12),
                "End": True,
            }
        },
    },
    indent=2,
)
HEREDOC = f"""\
resource "aws_sfn_state_machine" "search" {{
  # hpolint: ignore[excessive-parallelism] why
  definition = <<EOF
{MACHINE}
EOF
}}
"""
BLOCK = f"""\
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      # hpolint: ignore[excessive-parallelism] why
      DefinitionString: !Sub |
        {MACHINE.replace(chr(10), chr(10) + " " * 8)}
"""


@pytest.mark.parametrize(("name", "text"), [("main.tf", HEREDOC), ("template.yaml", BLOCK)])
def test_a_comment_above_a_text_is_about_the_definition_in_it(tmp_path: Path, name: str, text: str) -> None:
    """The JSON of a heredoc or block scalar has no comments of its own."""
    report = checked(tmp_path, name, text, {"select": [PARALLEL, "hygiene"]})
    assert (found(report), silent(report)) == ([], ["excessive-parallelism"])


TERRAFORM = """\
{resource}
resource "aws_sagemaker_hyper_parameter_tuning_job" "job" {{
  hyper_parameter_tuning_job_name = "churn"
  hyper_parameter_tuning_job_config {{
    strategy = "Bayesian"
    {block}
    resource_limits {{
      max_number_of_training_jobs = 40
      max_parallel_training_jobs  = 20 {line}
    }}
  }}
}}
"""


def test_a_comment_between_marks_ends_before_its_mark() -> None:
    """Neither the reason nor the day has it."""
    for mark, reason in (("why until=2999-05-05*/", "why"), ("why */", "why"), ("until=2999-05-05 why*/", "why")):
        said = read_suppression(f"/* hpolint: ignore[missing-spot] {mark}", Span(1, 1, 1, 2))
        assert said is not None
        assert (said.reason, said.problem) == (reason, None)


@pytest.mark.parametrize("place", ["resource", "block", "line"])
@pytest.mark.parametrize("mark", ["# {}", "// {}", "/* {} */"])
def test_terraforms_three_comments_count(tmp_path: Path, place: str, mark: str) -> None:
    """Behind an attribute, above a block, above the resource."""
    said = mark.format("hpolint: ignore[excessive-parallelism] why")
    places = {"resource": "", "block": "", "line": "", place: said}
    report = checked(tmp_path, "main.tf", TERRAFORM.format(**places), {"select": [PARALLEL, "hygiene"]})
    assert (found(report), silent(report)) == ([], ["excessive-parallelism"])


def test_a_comment_above_a_block_is_about_that_block_alone(tmp_path: Path) -> None:
    """A block below it in the same file is reported."""
    said = "# hpolint: ignore[excessive-parallelism] why"
    first = TERRAFORM.format(resource=said, block="", line="")
    second = TERRAFORM.format(resource="", block="", line="").replace('"job"', '"other"').replace("churn", "other")
    for text, line in ((first + second, 21), (second + first, 9)):
        report = checked(tmp_path, "main.tf", text, {"select": [PARALLEL, "hygiene"]})
        assert [each.span.line for each in report.findings] == [line]
        assert silent(report) == ["excessive-parallelism"]


@pytest.mark.parametrize("name", ["t.py", "t.yaml", "t.tf"])
def test_a_comment_that_ends_the_file_is_whole(name: str) -> None:
    """Though no line ends there; it is about its own line."""
    for text in ('a = "x # y" # hpolint: x', "# hpolint: x", "a = 1\n# hpolint: x"):
        source = Source(name, text if name != "t.yaml" else text.replace("a =", "a:"))
        (comment,) = comments(source)
        assert comment.text == "# hpolint: x"
        assert comment.is_alone is ('y"' not in text)
        last = len(text.splitlines())
        assert Extents(source).lines(comment) == (last, last)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.py", "\"hpolint: ignore[missing-spot]\"\n'''\n# hpolint: ignore[missing-spot]\n'''\n"),
        ("t.py", "f'{x} # hpolint: ignore[missing-spot]'\n"),
        (
            "t.yaml",
            'a: "x # hpolint: ignore[missing-spot]"\nb: |\n  # hpolint: ignore[missing-spot]\nc: d#hpolint:ignore\n',
        ),
        ("t.yaml", "a: !Sub |\n  # hpolint: ignore[missing-spot]\nb: !If [c, 'd # hpolint: ignore[missing-spot]']\n"),
        ("t.yaml", '"a # hpolint: ignore[missing-spot]": 1\n'),
        ("t.tf", 'a = "# hpolint: ignore[missing-spot]"\nb = <<EOT\n# hpolint: ignore[missing-spot]\nEOT\n'),
        ("t.json", '{"a": "# hpolint: ignore[missing-spot]"}'),
    ],
)
def test_only_real_comments_count(name: str, text: str) -> None:
    """A text that holds one says nothing."""
    assert comments(Source(name, text)) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("ignore", "it names no rule"),
        ("ignore[]", "it names no rule"),
        ("ignore missing-spot", "rule names must be in brackets"),
        ("ignore[missing-spot excessive-parallelism]", "rule names must be separated by commas"),
        ("ignore[compute/*]", "no rule `compute/*`"),
        ("ignore all of it", "it names no rule"),
        ("disable[missing-spot]", "`disable` is not a directive"),
        ("skip[missing-spot]", "`skip` is not a directive"),
        ("ignore[missing-spots]", "did you mean `compute/missing-spot`?"),
        ("ignore[compute]", "no rule `compute`: it stands for several rules"),
        ("ignore[ALL]", "no rule `ALL`: it stands for several rules"),
        ("ignore[missing-spot] until 2027-13-01", "`2027-13-01` is not a date"),
        ("ignore[missing-spot] until=soon", "`soon` is not a date"),
        ("ignore[missing-spot] until=2027-13-01", "`2027-13-01` is not a date"),
    ],
)
def test_an_invalid_suppression_silences_nothing_and_is_reported(tmp_path: Path, said: str, reason: str) -> None:
    """For example a misspelt rule, a form without rules, an invalid date."""
    report = checked(tmp_path, "t.py", python(estimator=f"# hpolint: {said}"))
    assert found(report) == sorted([*ALL, "invalid-suppression"])
    (finding,) = [each for each in report.findings if each.rule.name == "invalid-suppression"]
    assert reason in finding.text[0]
    assert (finding.level, finding.span.line) == ("warning", 4)


def test_each_suppression_is_reported_separately(tmp_path: Path) -> None:
    """An invalid one does not hide the next."""
    text = python(
        estimator="# hpolint: ignore",
        tuner="# hpolint: ignore[missing-spots]",
        made="  # hpolint: ignore[missing-spot]",
    )
    report = checked(tmp_path, "t.py", text)
    reported = [(each.rule.name, each.span.line) for each in report.findings if each.rule.category == "hygiene"]
    assert reported == [("invalid-suppression", 4), ("unused-suppression", 6), ("invalid-suppression", 8)]


def test_a_suppression_may_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is still in force on its last day; on the next day the findings are back, and the expiry is reported."""
    import datetime

    text = python(estimator="# hpolint: ignore[missing-spot] until=2027-01-31 the quota")
    monkeypatch.setattr(silencing, "today", lambda: datetime.date(2027, 1, 31))
    assert silent(checked(tmp_path, "t.py", text)) == ["missing-spot"]
    monkeypatch.setattr(silencing, "today", lambda: datetime.date(2027, 2, 1))
    report = checked(tmp_path, "t.py", text)
    assert (found(report), silent(report)) == (sorted([*ALL, "expired-suppression"]), [])


def test_a_reason_may_be_required(tmp_path: Path) -> None:
    """Without one it does nothing."""
    strict = SETTINGS | {"require-reasons": True}
    for said, expected in (("ignore[missing-spot]", ["invalid-suppression"]), ("ignore[missing-spot] the quota", [])):
        report = checked(tmp_path, "t.py", python(estimator=f"# hpolint: {said}"), strict)
        assert [name for name in found(report) if name.endswith("suppression")] == expected


def test_unused_is_reported_only_where_it_is_certain(tmp_path: Path) -> None:
    """Not for a rule that is off or undecided, nor where there is no job."""
    idle = "# hpolint: ignore[grid-search-on-large-space, max-wait-below-runtime] why"
    text = python(estimator=idle)
    asked = SETTINGS | {"select": [*SETTINGS["select"], "max-wait-below-runtime"]}
    unused = [each.text[0] for each in checked(tmp_path, "t.py", text, asked).findings if "unused" in each.rule.name]
    assert unused == ["Unused suppression of `max-wait-below-runtime`: no finding to suppress here"]
    open_ = text.replace("max_run=3600", "max_run=3600, max_wait=wait, use_spot_instances=True")
    assert "unused-suppression" not in found(checked(tmp_path, "t.py", open_, asked))
    no_job = "# hpolint: ignore[missing-spot] why\nHyperparameterTuner = 1\n"
    assert found(checked(tmp_path, "t.py", no_job)) == []


def test_a_locked_rule_cannot_be_suppressed(tmp_path: Path) -> None:
    """The finding stays, and the attempt is reported."""
    locked = SETTINGS | {"rules": {SPOT: {"locked": True}}}
    report = checked(tmp_path, "t.py", python(estimator="# hpolint: ignore[missing-spot] why"), locked)
    assert (found(report), silent(report)) == (sorted([*ALL, "invalid-suppression"]), [])
    (wrong,) = (each for each in report.findings if each.rule.name == "invalid-suppression")
    assert wrong.text == (f"This suppression does nothing: `{SPOT}` is locked",)
    neither = python(tuner="# hpolint: ignore[missing-spot, missing-spots] why")
    (wrong,) = (each for each in checked(tmp_path, "t.py", neither, locked).findings if "invalid" in each.rule.name)
    assert wrong.text[0].startswith("This suppression does nothing: no rule `missing-spots`")
    assert wrong.text[0].endswith(f"; `{SPOT}` is locked")
    both = python(tuner="# hpolint: ignore[missing-spot, excessive-parallelism] why")
    report = checked(tmp_path, "t.py", both, locked)
    assert silent(report) == ["excessive-parallelism"]
    (wrong,) = (each for each in report.findings if each.rule.name == "invalid-suppression")
    assert wrong.text == (f"A part of this suppression does nothing: `{SPOT}` is locked",)
    report = checked(tmp_path, "t.py", both, SETTINGS | {"rules": {SPOT: {"locked": True}, PARALLEL: {"locked": True}}})
    (wrong,) = (each for each in report.findings if each.rule.name == "invalid-suppression")
    assert wrong.text == (f"This suppression does nothing: `{SPOT}` and `{PARALLEL}` are locked",)


def test_an_unused_one_says_where_the_finding_is(tmp_path: Path) -> None:
    """One finding for all names of a comment in the wrong place."""
    both = "`excessive-parallelism` and `linear-learning-rate`"
    three = f"`missing-spot`, {both}"
    for names, listed, elsewhere in (
        ("excessive-parallelism", "`excessive-parallelism`", "`excessive-parallelism` is found in line 23"),
        ("excessive-parallelism, linear-learning-rate", both, "`linear-learning-rate` is found in line 18"),
        ("missing-spot, excessive-parallelism, linear-learning-rate", three, "`missing-spot` is found in line 8"),
    ):
        report = checked(tmp_path, "t.py", f"# hpolint: ignore[{names}] why\nimport os\n\n" + python())
        assert found(report) == [*ALL, "unused-suppression"]
        (unused,) = (each for each in report.findings if each.rule.name == "unused-suppression")
        assert unused.text[0] == f"Unused suppression of {listed}: no finding to suppress here, but {elsewhere}"


def template(metadata: object) -> str:
    """A template whose resource has metadata."""
    request = unbounded(MaxParallelTrainingJobs=12)
    resource = {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Metadata": metadata, "Properties": request}
    return json.dumps({"Resources": {"Search": resource}}, indent=1)


@pytest.mark.parametrize(
    ("said", "silenced"),
    [
        ({"ignore": [PARALLEL]}, True),
        ({"ignore": PARALLEL, "reason": "why", "until": "2999-01-01"}, True),
        ({"ignore": [PARALLEL], "until": "2020-01-01"}, False),
        ({"ignore": []}, False),
        ({"ignore": [PARALLEL], "because": "why"}, False),
        ("ignore", False),
        ({"ignore": [{"Ref": "Rule"}]}, False),
    ],
)
def test_a_resources_metadata_says_it_for_its_jobs(tmp_path: Path, said: object, silenced: bool) -> None:
    """As CloudFormation defines it and the CDK writes it; an invalid value is reported."""
    report = checked(tmp_path, "t.json", template({"hpolint": said}))
    assert silent(report) == (["excessive-parallelism"] if silenced else [])
    assert any("suppression" in name for name in found(report)) is not silenced


def test_the_configuration_says_it_for_json(hpolint: Command) -> None:
    """By file, rule and part of the request; the same checks apply as to comments."""
    request = unbounded(MaxParallelTrainingJobs=12)
    for name in ("jobs/a.json", "jobs/b.json"):
        hpolint.write(name, json.dumps(request, indent=1))
    entry = "[[suppressions]]\nfile = 'jobs/a.json'\nrules = ['excessive-parallelism']\nreason = 'why'\n"
    hpolint.write("hpolint.toml", entry)

    def reported() -> list[tuple[str, str]]:
        report = json.loads(hpolint("check", "--output", "json").stdout)
        return sorted((each["path"], each["rule"]) for each in report["findings"])

    assert reported() == [("jobs/b.json", PARALLEL)]
    limits = "path = 'HyperParameterTuningJobConfig.ResourceLimits'\n"
    hpolint.write("hpolint.toml", entry.replace("a.json", "*.json") + limits)
    assert reported() == []
    hpolint.write("hpolint.toml", entry + "path = 'TrainingJobDefinition'\n")
    unused = "hygiene/unused-suppression"
    assert reported() == [("hpolint.toml", unused), ("jobs/a.json", PARALLEL), ("jobs/b.json", PARALLEL)]
    hpolint.write("hpolint.toml", entry + "until = 2020-01-31\n")
    assert ("hpolint.toml", "hygiene/expired-suppression") in reported()
    for wrong, reason in (
        ("until = 'soon'", "expected a date"),
        ("because = 'why'", "unknown setting `because`"),
        ("path = 3", "expected a non-empty string"),
    ):
        hpolint.write("hpolint.toml", entry + wrong)
        run = hpolint("check")
        assert run.returncode == 2
        assert b"hpolint.toml:5: suppressions." in run.stderr
        assert reason in run.stderr.decode()
    said = "suppressions=[{file='jobs/a.json', rules=['missing-spot'], reason='see: 5'}]"
    report = json.loads(hpolint("check", "jobs/a.json", "--isolated", "--config", said, "--output", "json").stdout)
    assert [each["line"] for each in report["findings"] if (each["path"], each["rule"]) == ("jobs/a.json", unused)] == [
        1
    ]
    hpolint.write("hpolint.toml", entry.replace("excessive-parallelism", "parallel"))
    assert b"no rule `parallel`; did you mean" in hpolint("check").stderr


def test_an_entry_of_the_library_has_no_place_of_its_own(tmp_path: Path) -> None:
    """A finding about it is placed at the start of the file that it names."""
    entry = {"file": "a.json", "rules": [PARALLEL], "until": date(2020, 1, 31)}
    report = checked(tmp_path, "a.json", json.dumps(unbounded(MaxParallelTrainingJobs=12)), {"suppressions": [entry]})
    (finding,) = [each for each in report.findings if each.rule.category == "hygiene"]
    assert (finding.source, finding.span) == (str(tmp_path / "a.json"), Span(1, 1, 1, 2))


def test_an_entry_is_unused_only_where_no_file_of_the_run_needs_it(hpolint: Command) -> None:
    """It is reported once, in the configuration; a pattern is judged only where its whole folder is checked."""
    request = unbounded()
    hpolint.write("jobs/b.json", json.dumps(request, indent=1))
    hpolint.write("jobs/c.json", json.dumps(request, indent=1))
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = 12
    hpolint.write("jobs/a.json", json.dumps(request, indent=1))
    entry = "[[suppressions]]\nfile = '{}'\nrules = ['excessive-parallelism']\n"
    hpolint.write("hpolint.toml", "fail-on = 'error'\n\n" + entry.format("jobs/*.json"))
    assert hpolint("check").stdout == b"3 tuning jobs in 3 files, 0 findings; 1 suppressed\n"
    assert b"0 findings" in hpolint("check", "jobs/b.json").stdout
    assert b"0 findings" in hpolint("check", "jobs/b.json", "jobs").stdout
    hpolint.write("hpolint.toml", "fail-on = 'error'\n\n" + entry.format("jobs/"))
    assert b"0 findings" in hpolint("check", "jobs/b.json").stdout
    hpolint.write("hpolint.toml", "fail-on = 'error'\n\n" + entry.format("jobs/[bc].json"))
    shown = hpolint("check", "--all").stdout.decode()
    assert shown.count("unused-suppression]") == 1
    assert (
        "hpolint.toml:3:1: warning[hygiene/unused-suppression] Unused suppression of `excessive-parallelism`" in shown
    )
    assert "3 | [[suppressions]]" in shown
    findings = json.loads(hpolint("check", "--output", "json").stdout)["findings"]
    (found,) = [each for each in findings if each["rule"] == "hygiene/unused-suppression"]
    assert [found[name] for name in ("path", "line", "column", "end_line", "end_column")] == [
        "hpolint.toml",
        3,
        1,
        3,
        2,
    ]
    assert b"unused" not in hpolint("check", "jobs/b.json").stdout
    hpolint.write("hpolint.toml", entry.format("jobs/b.json"))
    assert b"hpolint.toml:1:1: warning[hygiene/unused-suppression]" in hpolint("check", "jobs/b.json").stdout
    hpolint.write("hpolint.toml", entry.format("jobs/*.json") + entry.format("jobs/c.json"))
    findings = json.loads(hpolint("check", "--output", "json").stdout)["findings"]
    assert [each["line"] for each in findings if each["rule"] == "hygiene/unused-suppression"] == [4]


def test_a_pattern_is_judged_where_all_that_it_may_mean_is_checked(hpolint: Command) -> None:
    """Its own folder, or one above: none whose name only begins like it."""
    entry = "[[suppressions]]\nfile = '*.json'\nrules = ['excessive-parallelism']\n"
    hpolint.write("jobs/hpolint.toml", entry)
    for name in ("jobs/a.json", "job/b.json"):
        hpolint.write(name, json.dumps(unbounded()))
    for path, is_reported in ((".", True), ("jobs", True), ("jobs/a.json", False), ("job", False)):
        assert (b"unused-suppression" in hpolint("check", path, "jobs/a.json").stdout) is is_reported


def test_what_is_suppressed_is_counted_and_shown_when_asked(hpolint: Command) -> None:
    """In the last line, in full with ``--show-suppressed``, and in SARIF only then, marked as suppressed."""
    hpolint.write("t.py", python(estimator="# hpolint: ignore[missing-spot] the quota, until=2999-01-31"))
    hpolint.write("hpolint.toml", f"select = ['{SPOT}']")
    run = hpolint("check")
    assert (run.returncode, run.stdout.decode()) == (0, "1 tuning job in 1 file, 0 findings; 1 suppressed\n")
    shown = hpolint("check", "--show-suppressed").stdout.decode()
    assert "t.py:5:13: warning[compute/missing-spot]" in shown
    assert "  = suppressed, until 2999-01-31: the quota\n" in shown
    assert json.loads(hpolint("check", "--output", "sarif").stdout)["runs"][0]["results"] == []
    (result,) = json.loads(hpolint("check", "--output", "sarif", "--show-suppressed").stdout)["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "the quota"}]
    (entry,) = json.loads(hpolint("check", "--output", "json").stdout)["suppressed"]
    assert (entry["rule"], entry["suppression"]) == (SPOT, {"reason": "the quota", "until": "2999-01-31"})


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("t.py", lambda n: "# hpolint: ignore[missing-spot] why\n" * n + "x = 1\n" * n),
        ("u.py", lambda n: "# hpolint: ignore[missing-spot] why\nx = 1\n" * n),
        ("t.yaml", lambda n: "a:\n" + "  # hpolint: ignore[missing-spot] why\n  - b: 1\n" * n),
        ("t.tf", lambda n: "# hpolint: ignore[missing-spot] why\na = 1\n" * n),
    ],
)
def test_many_comments_take_work_as_they_are_many(name: str, make: Any) -> None:
    """The text is gone through once for all of them, however many there are."""

    def read(text: str) -> int:
        source = Source(name, text)
        extents = Extents(source)
        return len([extents.lines(comment) for comment in comments(source)])

    assert assert_linear(make, read, 1_000) == 4_000


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("t.yaml", "a: |\n  x\n  y\nb: 1\n", {1, 4, 5}),
        ("t.yaml", "a: 1\nb: 'x\n  y'\nc: 2\n", {1, 2, 4, 5}),
        ("t.yaml", "a: [\n", set()),
        ("t.tf", "a = <<E\nx\nE\nb = 1\n", {1, 4, 5}),
        ("t.py", "a = '''x\ny'''\nb = 1 + \\\n  2\nc = 3\n", {1, 3, 5, 6}),
        ("t.json", "{}\n", set()),
    ],
)
def test_a_comment_is_written_above_no_line_of_a_text(name: str, text: str, lines: set[int]) -> None:
    """An editor's action adds one above a line: not within a block scalar, a heredoc or a string, and not in JSON."""
    assert lines_for_comments(Source(name, text)) == lines
