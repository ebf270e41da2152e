"""Terraform: expressions that the file determines, and those that only Terraform can resolve."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.cli.extract import extracted
from hpolint.model.job import TuningJob
from hpolint.model.node import Array, Scalar, Struct, Unknown, follow, parse_path, plain
from hpolint.readers import read_source
from hpolint.schema.request_errors import shape_errors
from tests.harness.growth import assert_linear
from tests.readers import carriers
from tests.requests import sentences, sound


def test_a_text_with_the_mark_that_trims_templates_is_a_text_like_any_other() -> None:
    """`~}` means something within `${ … }` alone: a metric's expression may end so."""
    state = {"Type": "Task", "Comment": "a ~} b", "Resource": carriers.RESOURCE, "Parameters": sound(), "End": True}
    machine = {"StartAt": "T", "States": {"T": state}}
    for name, text in (
        ("a.tf", f'resource "aws_sfn_state_machine" "m" {{\n  definition = <<EOF\n{json.dumps(machine)}\nEOF\n}}\n'),
        ("b.tf", f'resource "aws_sfn_state_machine" "m" {{\n  definition = jsonencode({json.dumps(machine)})\n}}\n'),
    ):
        (job,) = read_source(name, text.encode())[1].jobs
        assert plain(job.request) == sound()


FILE = """
variable "n" {{ default = 40 }}
variable "bare" {{}}
locals {{
  word = "known"
  same = local.word
  loop = local.loop
  number = 5
  truth = true
  known = {{ a = "part", list = ["x", {{ b = "item" }}], c = local.word, a = "part" }}
  same_known = local.known
  dynamic = {{ a = "x", (var.n) = "y" }}
}}
resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {{
  name = {value}
  config {{
    strategy = "Random"
    resource_limits {{ max_parallel_training_jobs = "2" }}
  }}
}}
"""


def read(text: str, name: str = "x.tf") -> list[TuningJob]:
    """The jobs of a file."""
    return read_source(name, text.encode())[1].jobs


def value(expression: str) -> Any:
    """The node that an expression becomes."""
    (job,) = read(FILE.format(value=expression))
    return follow(job.request, parse_path("HyperParameterTuningJobName"))


@pytest.mark.parametrize(
    ("expression", "known"),
    [
        ('"plain"', "plain"),
        ("local.word", "known"),
        ("local.same", "known"),
        ("(local.word)", "known"),
        ('"${local.word}"', "known"),
        ('"a-${local.word}-${local.number}"', "a-known-5"),
        (r'"a\tb\"c\\d\u00e9"', 'a\tb"c\\dé'),
        ('"$${x} %%{y}"', "${x} %{y}"),
        ("5", "5"),
        ("-2.5", "-2.5"),
        ("1e-5", "0.00001"),
        ("2.5e-3", "0.0025"),
        ("2.2250738585e-313", "0." + "0" * 312 + "22250738585"),
        ("1.10", "1.1"),
        ("2.0", "2"),
        ("1e2", "100"),
        ('" ${local.word} "', " known "),
        ('"$$${local.word}"', "$${local.word}"),
        ("jsonencode({b = 1.0, a = 1e-5, c = true})", '{"a":0.00001,"b":1,"c":true}'),
        ('"${local.number}-${local.truth}"', "5-true"),
        ("<<-EOF\n    a\n\n      ${local.word}\n    EOF\n", "a\n\n  known\n"),
        ('"a 1e-5 b"', "a 1e-5 b"),
        ("true", "true"),
        ("<<EOF\nline\n  more\nEOF\n", "line\n  more\n"),
        ("<<-EOF\n    line\n      more\n    EOF\n", "line\n  more\n"),
        ("<<-EOF\n    a ${local.word}\n    EOF\n", "a known\n"),
        ('jsonencode({ b = [1, "x"], a = null })', '{"a":null,"b":[1,"x"]}'),
        ("local.known.a", "part"),
        ('local.known["a"]', "part"),
        ("local.same_known.list[1].b", "item"),
        ("local.known.c", "known"),
        ("jsonencode(merge({a = 1, b = 2}, {b = 3}, null, {c = 4}))", '{"a":1,"b":3,"c":4}'),
        ("jsonencode(merge([{a = 1}, {a = 2}]...))", '{"a":2}'),
        ("jsonencode(merge())", "{}"),
    ],
)
def test_values_that_a_file_determines_are_known(expression: str, known: str) -> None:
    """Literals, locals of the same file, templates of them; a number becomes the string that the API wants."""
    node = value(expression)
    assert isinstance(node, Scalar), node
    assert node.value == known


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("var.n", "is the variable `n`, by default `40`"),
        ("var.bare", "is the variable `bare`"),
        ("var.elsewhere", "is the variable `elsewhere`"),
        ("local.elsewhere", "is the local value `elsewhere`, which this file does not define"),
        ("local.loop", "is the local value `loop`"),
        ("aws_iam_role.r.arn", "is resolved by Terraform: `aws_iam_role.r.arn`"),
        ("data.x.y[0].z", "is resolved by Terraform:"),
        ('format("%s", 1)', 'is computed by Terraform: `format("%s", 1)`'),
        ('var.n > 1 ? "a" : "b"', "is computed by Terraform"),
        ("1 + 1", "is computed by Terraform"),
        ("[for x in var.n : x]", "is"),
        ("local.known.elsewhere", "is the local value `known.elsewhere`, which is not evaluated"),
        ("local.known[7]", "is not evaluated"),
        ("local.known[*]", "is not evaluated"),
        ("local.dynamic.a", "is not evaluated"),
        ('"a-${var.n}"', "has a part that is the variable `n`"),
        ('"%{ if true }a%{ endif }"', "is generated by a template directive"),
        ('file("x.json")', "is computed by Terraform"),
        ("jsonencode(var.n)", "is computed by Terraform"),
        ('"arn:aws:iam::ACCOUNT:role/ROLE"', "contains the placeholder ACCOUNT"),
    ],
)
def test_values_that_only_terraform_resolves_are_unknown(expression: str, reason: str) -> None:
    """The reason names the expression and a variable's default; a placeholder in an ARN is still to be filled in."""
    node = value(expression)
    assert isinstance(node, Unknown), node
    assert reason in node.reason


MERGED = """
locals {{ base = {{ MaxNumberOfTrainingJobs = 5, MaxParallelTrainingJobs = 5 }} }}
resource "aws_sfn_state_machine" "s" {{
  definition = jsonencode({{ StartAt = "T", States = {{ T = {{
    Type = "Task", Resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob"
    Parameters = {{
      HyperParameterTuningJobName = {name}
      HyperParameterTuningJobConfig = {{ Strategy = "Random", ResourceLimits = {value} }}
    }}
  }} }} }})
}}
"""
UNLIMITED = {"MaxNumberOfTrainingJobs": None, "MaxParallelTrainingJobs": 2}
HALF = {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": None}
ALL = {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 2}


@pytest.mark.parametrize(
    ("value", "limits", "unknown"),
    [
        ("merge(local.base, { MaxParallelTrainingJobs = 2 })", ALL, []),
        ("merge({ MaxParallelTrainingJobs = 9 }, local.base, { MaxParallelTrainingJobs = 2 })", ALL, []),
        ("merge(merge(local.base, {}), { MaxParallelTrainingJobs = 2 })", ALL, []),
        ("merge(local.base, var.n, { MaxParallelTrainingJobs = 2 })", UNLIMITED, ["{}"]),
        ("merge(var.n, local.base, { MaxParallelTrainingJobs = 2 })", ALL, ["{}"]),
        ("merge(local.base, { MaxParallelTrainingJobs = var.n })", HALF, []),
        ("merge(local.base, { (var.n) = 1, MaxParallelTrainingJobs = 2 })", UNLIMITED, ["{}"]),
        ("merge(local.base, var.x ? { MaxParallelTrainingJobs = 2 } : null)", HALF, []),
        ("merge(local.base, var.x ? { MaxParallelTrainingJobs = 2 } : { MaxParallelTrainingJobs = 2 })", ALL, []),
        ("merge(local.base, var.x ? { MaxParallelTrainingJobs = 2 } : { MaxParallelTrainingJobs = 3 })", HALF, []),
        ("merge(local.base, var.x ? { MaxParallelTrainingJobs = 2 } : var.m)", dict.fromkeys(ALL), ["{}"]),
        ("merge(local.base, var.x ? { (var.n) = 1 } : {})", dict.fromkeys(ALL), ["{}"]),
        ("merge(local.base, var.x ? {} : { (var.n) = 1 })", dict.fromkeys(ALL), ["{}"]),
        ("merge(var.n, var.m)", {}, ["{}"]),
        ("merge(local.base, var.maps...)", dict.fromkeys(ALL), ["{}"]),
        ("merge(local.base, 5)", dict.fromkeys(ALL), ["{}"]),
    ],
)  # fmt: skip
def test_merge_is_known_as_far_as_its_maps_are(value: str, limits: dict[str, int | None], unknown: list[str]) -> None:
    """A later map overrides an earlier one; one that is not known may override all before it, and add to it."""
    (job,) = extracted(read(MERGED.format(name='"x"', value=value)))["jobs"]
    found = job["request"]["HyperParameterTuningJobConfig"]["ResourceLimits"]
    assert found == {name: value for name, value in limits.items() if value is not None}
    at = "HyperParameterTuningJobConfig.ResourceLimits"
    names = [name for name, value in limits.items() if value is None]
    assert {each["path"] for each in job["unknown"]} == {
        *(f"{at}.{name}" for name in names),
        *(at + u for u in unknown),
    }


@pytest.mark.parametrize(
    "call", ['templatefile("x.tftpl", { a = 1 })', 'file("x")', "f(local.base...)", "provider::aws::f(1)"]
)
def test_a_function_that_only_terraform_computes_leaves_its_neighbours_known(call: str) -> None:
    """Its own value alone is unknown, in a map that is merged and beside one."""
    value = f"merge(local.base, {{ MaxRuntimeInSeconds = {call} }})"
    (job,) = extracted(read(MERGED.format(name=call, value=value)))["jobs"]
    assert job["request"]["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] == 5
    assert [each["path"] for each in job["unknown"]] == [
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobConfig.ResourceLimits.MaxRuntimeInSeconds",
    ]


def test_a_number_too_close_to_zero_is_unknown() -> None:
    """A number below the smallest double is unknown; 0.0 itself is known."""
    assert isinstance(value("1e-324"), Unknown)
    assert isinstance(value("0.0"), Scalar)


def test_null_is_not_set() -> None:
    """As Terraform has it."""
    assert value("null") is None


def test_a_value_of_a_local_is_shown_where_it_is_given() -> None:
    """The place where it would be fixed."""
    (job,) = read(FILE.format(value="local.word"))
    node = follow(job.request, parse_path("HyperParameterTuningJobName"))
    assert isinstance(node, Scalar)
    assert (job.source.read(node.span), node.span.line) == ('"known"', 5)


def test_dynamic_blocks_leave_a_list_open() -> None:
    """What is written beside them is known."""
    text = FILE.format(value='"x"').replace(
        'strategy = "Random"',
        """parameter_ranges {
      integer_parameter_ranges { name = "a" }
      dynamic "integer_parameter_ranges" {
        for_each = var.n
        content { name = integer_parameter_ranges.key }
      }
    }""",
    )
    (job,) = extracted(read(text))["jobs"]
    ranges = job["request"]["HyperParameterTuningJobConfig"]["ParameterRanges"]
    assert ranges == {"IntegerParameterRanges": [{"Name": "a"}]}
    assert [each["path"] for each in job["unknown"]] == [
        "HyperParameterTuningJobConfig.ParameterRanges.IntegerParameterRanges[]"
    ]


def test_characters_beyond_ascii_do_not_move_places() -> None:
    """The parser counts bytes, a place counts code points."""
    (job,) = read("# déjà vu 🙂\n" + FILE.format(value='"né🙂" # x'))
    node = follow(job.request, parse_path("HyperParameterTuningJobName"))
    assert isinstance(node, Scalar)
    assert job.source.read(node.span) == '"né🙂"'


def test_a_schedule_that_calls_the_api_itself() -> None:
    """EventBridge Scheduler's universal target."""
    text = """
resource "aws_scheduler_schedule" "s" {
  target {
    arn   = "arn:aws:scheduler:::aws-sdk:sagemaker:createHyperParameterTuningJob"
    input = jsonencode({ HyperParameterTuningJobName = "nightly" })
  }
}
"""
    (job,) = read(text)
    assert (job.name, job.carrier) == ("nightly", "target of the resource `aws_scheduler_schedule.s`")
    assert read(text.replace("createHyper", "describeHyper")) == []


def test_schedules_that_share_their_input_launch_one_job() -> None:
    """A request is read once, where it is written; each other one is a job of its own, in any order."""
    schedule = """
resource "aws_scheduler_schedule" "s{number}" {{
  target {{
    arn   = "arn:aws:scheduler:::aws-sdk:sagemaker:createHyperParameterTuningJob"
    input = jsonencode(local.{name})
  }}
}}
"""
    requests = "".join(f'  {name} = {{ HyperParameterTuningJobName = "{name}" }}\n' for name in "abc")
    schedules = "".join(schedule.format(number=number, name=name) for number, name in enumerate("bacb"))
    jobs = read(f"locals {{\n{requests}}}\n{schedules}")
    assert [job.name for job in jobs] == ["a", "b", "c"]


@pytest.mark.parametrize("listed", [True, False], ids=["blocks in a list", "one block"])
def test_a_schedule_in_json(listed: bool) -> None:
    """The same in a ``.tf.json`` and in a plan."""
    target: Any = {
        "arn": "arn:aws:scheduler:::aws-sdk:sagemaker:createHyperParameterTuningJob",
        "input": '{"HyperParameterTuningJobName": "n-${var.n}", "HyperParameterTuningJobConfig": {"Strategy": "X"}}',
    }
    values = {"target": [target] if listed else target}
    (job,) = read(json.dumps({"resource": {"aws_scheduler_schedule": {"s": values}}}), "x.tf.json")
    assert (job.name, job.carrier) == (None, "target of the resource `aws_scheduler_schedule.s`")
    strategy = follow(job.request, parse_path("HyperParameterTuningJobConfig.Strategy"))
    assert isinstance(strategy, Scalar)
    assert job.source.read(strategy.span) == r"\"X\""
    change = {"actions": ["no-op"], "after": {"target": [target]}, "after_unknown": {"id": True}}
    resource = {"type": "aws_scheduler_schedule", "name": "s", "mode": "managed", "change": change}
    target["input"] = '{"HyperParameterTuningJobName": "n-<aws.scheduler.execution-id>"}'
    (planned,) = read(json.dumps({"resource_changes": [resource]}), "plan.json")
    assert (planned.name, planned.carrier) == (None, "target of the resource `aws_scheduler_schedule.s`")


@pytest.mark.parametrize("none", [{"count": 0}, {"count": "0"}, {"for_each": {}}, {"for_each": []}])
def test_a_resource_with_a_count_of_zero_is_not_a_job(none: dict[str, Any]) -> None:
    """By ``count`` or ``for_each``, also in JSON."""
    values = {"name": "x", "config": {"strategy": "Random"}}
    document = {"resource": {"aws_sagemaker_hyper_parameter_tuning_job": {"x": values}}}
    assert len(read(json.dumps(document), "x.tf.json")) == 1
    values |= none
    assert read(json.dumps(document), "x.tf.json") == []


def test_members_that_an_interpolation_adds_leave_the_structure_open() -> None:
    """In a heredoc's JSON."""
    text = """
resource "aws_sfn_state_machine" "s" {
  definition = <<EOF
{"StartAt": "T", "States": {"T": {"Type": "Task",
 "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob",
 "Parameters": {"HyperParameterTuningJobName": "x", ${local.more}}}, ${var.x ? local.a : local.b}}}
EOF
}
"""
    (job,) = extracted(read(text))["jobs"]
    assert (job["name"], [each["path"] for each in job["unknown"]]) == ("x", ["{}"])


def test_other_resources_and_invalid_files_are_skipped() -> None:
    """No job, no problem, no crash; the other resources of a broken file are read."""
    sound = FILE.format(value='"x"')
    assert read('resource "aws_s3_bucket" "b" { bucket = "hyper_parameter_tuning_job" }') == []
    broken = 'resource "aws_sagemaker_hyper_parameter_tuning_job" "y" {\n  name = = "x"\n}\n'
    assert len(read(sound + broken)) == 1
    assert read("resource {{{ ") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('resource "aws_sagemaker_hyper_parameter_tuning_job" "y" {\n  name = = "x"\n}\n', (2, 10)),
        ('resource "aws_sagemaker_hyper_parameter_tuning_job" "y" {\n  name = [1,\n', None),
        (
            '}\nresource "aws_sfn_state_machine" "y" {\n  d = jsonencode({HyperParameterTuningJobConfig = = 1})\n}\n',
            None,
        ),
        ("{" * 10 + 'resource "aws_sagemaker_hyper_parameter_tuning_job" "y" {}', None),
    ],
)
def test_an_invalid_block_that_defines_a_job_is_reported(text: str, place: tuple[int, int] | None) -> None:
    """At the place of the error; the other blocks are read."""
    for whole, before in ((text, 0), (FILE.format(value='"x"') + text, FILE.count("\n"))):
        _, reading = read_source("x.tf", whole.encode())
        (problem,) = reading.problems
        assert problem.reason in ("invalid HCL", "the block that begins here has no `}`")
        assert place is None or (problem.span.line, problem.span.column) == (before + place[0], place[1])
    assert place is None or len(reading.jobs) == 1


def test_a_block_without_an_end_is_reported_where_it_begins() -> None:
    """Not at the end of the file, where nothing needs to be changed."""
    text = FILE.format(value='"x"').rstrip().removesuffix("}") + 'resource "aws_s3_bucket" "b" {\n}\n'
    _, reading = read_source("x.tf", text.encode())
    (problem,) = reading.problems
    begin = text[: text.index('resource "aws_sagemaker')].count("\n") + 1
    assert (problem.reason, problem.span.line) == ("the block that begins here has no `}`", begin)


def test_an_invalid_block_that_defines_no_job_is_skipped() -> None:
    """A policy that names the action is not a definition."""
    policy = 'resource "aws_iam_policy" "p" {\n  policy = = "sagemaker:CreateHyperParameterTuningJob"\n}\n'
    _, reading = read_source("x.tf", (policy + FILE.format(value='"x"')).encode())
    assert (len(reading.jobs), reading.problems, reading.skipped) == (1, [], None)


def test_what_a_plan_does_not_know_yet_is_unknown() -> None:
    """Marks of ``after_unknown`` count at any depth; a resource that goes away is no job."""
    after = {"name": "x", "config": [{"strategy": None, "resource_limits": [{"max_parallel_training_jobs": 2}]}]}
    marks = {"arn": True, "config": [{"strategy": True, "resource_limits": [{}]}]}
    change = {"actions": ["create"], "after": after, "after_unknown": marks}
    resource = {"type": "aws_sagemaker_hyper_parameter_tuning_job", "name": "x", "change": change}
    gone = {**resource, "change": {"actions": ["delete"], "before": after, "after": None}}
    (job,) = extracted(read(json.dumps({"resource_changes": [resource, gone]}), "plan.json"))["jobs"]
    assert [(each["path"], each["reason"]) for each in job["unknown"]] == [
        ("HyperParameterTuningJobConfig.Strategy", "is known only after the apply")
    ]
    assert job["request"]["HyperParameterTuningJobConfig"]["ResourceLimits"] == {"MaxParallelTrainingJobs": 2}


def planned(after: Any, unknown: Any) -> TuningJob:
    """The job of a plan that creates a resource with these values, some of them marked as unknown."""
    change = {"actions": ["create"], "after": after, "after_unknown": unknown}
    resource = {"mode": "managed", "type": "aws_sagemaker_hyper_parameter_tuning_job", "name": "x", "change": change}
    (job,) = read(json.dumps({"resource_changes": [resource]}), "plan.json")
    return job


@pytest.mark.parametrize(
    ("after", "unknown", "path"),
    [
        ({}, True, "HyperParameterTuningJobConfig"),
        (None, True, "HyperParameterTuningJobConfig"),
        ({"name": "x"}, {"config": [{"strategy": True}]}, "HyperParameterTuningJobConfig.Strategy"),
        ({"config": None}, {"config": [{"strategy": True}]}, "HyperParameterTuningJobConfig.Strategy"),
        ({"config": []}, {"config": [{"strategy": True}]}, "HyperParameterTuningJobConfig.Strategy"),
        (
            {"training_job_definition": [{"static_hyper_parameters": {"a": "1"}}]},
            {"training_job_definition": [{"static_hyper_parameters": {"b": {"c": True}}}]},
            "TrainingJobDefinition.StaticHyperParameters.b",
        ),
    ],
)
def test_what_a_plan_marks_as_unknown_is_never_absent(after: Any, unknown: Any, path: str) -> None:
    """A whole resource, or a member that is only in ``after_unknown``: it exists, but its value is not yet known."""
    node = follow(planned(after, unknown).request, parse_path(path))
    assert isinstance(node, Unknown), node
    assert node.reason == "is known only after the apply"


def test_items_that_a_plan_marks_behind_those_it_shows_leave_the_list_open() -> None:
    """There may be more of them than are shown."""
    shown = {"parameter_ranges": [{"integer_parameter_ranges": [{"name": "a"}]}]}
    marks = {"parameter_ranges": [{"integer_parameter_ranges": [{}, {"name": True}]}]}
    request = planned({"config": [shown]}, {"config": [marks]}).request
    ranges = follow(request, parse_path("HyperParameterTuningJobConfig.ParameterRanges.IntegerParameterRanges"))
    assert isinstance(ranges, Array)
    assert (len(ranges.items), ranges.open is not None) == (1, True)


@pytest.mark.parametrize(
    "value",
    ['"a ${~ local.word ~} c"', r'"\ud83d\ude00"', r'"\U00110000"', "{" + "{(" * 300 + "1" + ")=1}" * 300 + "=1}"],
)
def test_what_is_not_followed_is_unknown(value: str) -> None:
    """Marks that trim, escapes that HCL refuses, keys nested without end."""
    _, reading = read_source("x.tf", FILE.format(value=value).encode())
    for job in reading.jobs:
        assert not isinstance(job.request.get("HyperParameterTuningJobName"), Scalar)


NAMED = 'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {\n  name = local.c39\n}\n'


def local_values(size: int) -> str:
    """Chains and fans of local values, and a text that is encoded again and again."""
    chain = "".join(f"  a{number} = local.a{number - 1}\n" for number in range(1, size))
    fan = "".join(f"  b{number} = local.a0\n" for number in range(size))
    encoded = "".join(f"  c{number} = jsonencode([local.c{number - 1}])\n" for number in range(1, 40))
    return f'locals {{\n  a0 = "x"\n  c0 = "x"\n{chain}{fan}{encoded}}}\n{NAMED}'


def test_local_values_in_thousands_take_work_as_they_are_many() -> None:
    """None is followed more than once, and what grows as it is encoded is unknown."""
    _, reading = assert_linear(local_values, lambda text: read_source("x.tf", text.encode()), 1_500)
    assert isinstance(reading.jobs[0].request.get("HyperParameterTuningJobName"), Unknown)


@pytest.mark.parametrize("value", ["count = 0", "for_each = {}", "for_each = []"])
def test_a_resource_that_is_not_made_is_no_job(value: str) -> None:
    """And one that is made is."""
    text = f'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {{\n  name = "x"\n  {value}\n}}\n'
    assert read(text) == []
    assert len(read(text.replace("0", "2").replace("{}", "{ a = 1 }").replace("[]", "toset(var.x)"))) == 1


def test_a_definition_may_be_a_string_or_a_local_value_that_encodes_it() -> None:
    """Each state is one job, at its own place."""
    states = '{"StartAt":"T","States":{"T":{"Type":"Task","Parameters":{"HyperParameterTuningJobName":"x"},'
    states += '"Resource":"arn:aws:states:::sagemaker:createHyperParameterTuningJob"}}}'
    quoted = json.dumps(states)
    machine = 'resource "aws_sfn_state_machine" "m" {{\n  definition = {value}\n}}\n'
    assert len(read(machine.format(value=quoted))) == 1
    text = f"locals {{\n  a = jsonencode({states})\n}}\n" + machine.format(value='"${local.a}"')
    (job,) = read(text)
    assert job.request.members["HyperParameterTuningJobName"].span.line == 2


def test_what_overrides_another_file_lacks_nothing() -> None:
    """Terraform merges it into that file's resource."""
    text = 'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {\n  config {\n    strategy = "Grid"\n  }\n}\n'
    _, reading = read_source("infra/more_override.tf", text.encode())
    assert reading.jobs[0].request.open is not None


def test_a_configuration_in_json_has_templates_comments_and_dynamic_blocks() -> None:
    """Expressions with braces and directives are unknown; an escape is undone; a list is a list of resources."""
    values = {
        "//": "why",
        "name": '${lookup({a = "}"}, "a")}-x',
        "dynamic": {"config": {"for_each": [], "content": {}}},
        "training_job_definition": {"role_arn": "%{if true}a%{endif}", "static_hyper_parameters": {"a": 1e-5}},
    }
    document = {"resource": {"aws_sagemaker_hyper_parameter_tuning_job": {"x": [values, {"name": "y"}]}}}
    first, second = extracted(read(json.dumps(document), "x.tf.json"))["jobs"]
    assert second["name"] == "y"
    assert {each["path"] for each in first["unknown"]} == {
        "HyperParameterTuningJobName",
        "TrainingJobDefinition.RoleArn",
        "HyperParameterTuningJobConfig",
    }
    assert first["request"]["TrainingJobDefinition"]["StaticHyperParameters"] == {"a": "0.00001"}


@pytest.mark.parametrize(
    ("actions", "jobs"), [(["create"], 1), (["delete", "create"], 1), (["no-op"], 0), (["update"], 0)]
)
def test_only_what_a_plan_makes_is_launched(actions: list[str], jobs: int) -> None:
    """A tuning job that there is, is none to come."""
    change = {"actions": actions, "after": {"name": "x"}, "after_unknown": {}}
    resource = {"mode": "managed", "type": "aws_sagemaker_hyper_parameter_tuning_job", "name": "x", "change": change}
    assert len(read(json.dumps({"resource_changes": [resource]}), "plan.json")) == jobs


def test_a_block_in_a_plan_is_shown_by_its_name() -> None:
    """Not by the brace of the list's only item."""
    after = {"name": "x", "training_job_definition": [{"role_arn": "r"}]}
    change = {"actions": ["create"], "after": after, "after_unknown": {}}
    resource = {"mode": "managed", "type": "aws_sagemaker_hyper_parameter_tuning_job", "name": "x", "change": change}
    (job,) = read(json.dumps({"resource_changes": [resource]}), "plan.json")
    definition = job.request.members["TrainingJobDefinition"]
    assert isinstance(definition, Struct)
    assert job.source.read(definition.anchor) == '"training_job_definition"'


RESOURCE = """{"resource": {"aws_sagemaker_hyper_parameter_tuning_job": {"x": {
  "name": "x",
  "config": {"resource_limits": {"max_parallel_training_jobs": 2}},
  "training_job_definition": {"static_hyper_parameters": {"a": "1"}, "environment": {"B": "1"}},
  "tags": {"C": "1"}
}}}}"""


@pytest.mark.parametrize(
    ("once", "name"),
    [
        ('"name": "x"', "name"),
        ('"config": {"resource_limits": {"max_parallel_training_jobs": 2}}', "config"),
        ('"max_parallel_training_jobs": 2', "max_parallel_training_jobs"),
        ('"a": "1"', "a"),
        ('"B": "1"', "B"),
        ('"C": "1"', "C"),
    ],
)
def test_a_repeated_key_is_reported_in_json_at_any_depth(once: str, name: str) -> None:
    """Of an attribute, a block, a map's entry or a tag; at the place of the value that is discarded."""
    assert repeated_keys(RESOURCE, "x.tf.json") == {}
    found = repeated_keys(RESOURCE.replace(once, f"{once}, {once}"), "x.tf.json")
    line = RESOURCE[: RESOURCE.index(once)].count("\n") + 1
    assert found == {name: line}


def test_a_repeated_key_is_reported_in_a_plan() -> None:
    """Also beside members that are known only after the apply."""
    after = '{"training_job_definition": [{"static_hyper_parameters": {"a": "1", "a": "2"}, "role_arn": null}]}'
    marks = '{"training_job_definition": [{"static_hyper_parameters": {}, "role_arn": true}]}'
    change = f'{{"actions": ["create"], "after": {after}, "after_unknown": {marks}}}'
    kind = '"type": "aws_sagemaker_hyper_parameter_tuning_job", "name": "x", "mode": "managed"'
    assert repeated_keys(f'{{"resource_changes": [{{{kind}, "change": {change}}}]}}', "plan.json") == {"a": 1}


@pytest.mark.parametrize(
    ("written", "name"),
    [("name = {value}\n  name = {value}", "name"), ("tags = {{ a = {value}, a = {value} }}", "a")],
)
def test_a_repeated_attribute_is_reported(written: str, name: str) -> None:
    """Terraform refuses a repeated attribute, and keeps the last value of a repeated key in an object."""
    text = FILE.replace("name = {value}", written).format(value='"x"')
    assert set(repeated_keys(text, "x.tf")) == {name}


def test_a_block_that_may_be_repeated_is_no_repeated_key() -> None:
    """JSON gives each of its names once, Terraform takes them all: what the other ones say is not read."""
    ranges = '"integer_parameter_ranges": {"name": "a"}'
    parts = f'"parameter_ranges": {{{ranges}, {ranges}}}'
    text = RESOURCE.replace('"resource_limits"', f'{parts}, "resource_limits"')
    assert repeated_keys(text, "x.tf.json") == {}
    (job,) = read(text, "x.tf.json")
    path = parse_path("HyperParameterTuningJobConfig.ParameterRanges.IntegerParameterRanges")
    found = follow(job.request, path)
    assert isinstance(found, Array)
    assert (len(found.items), found.open is not None) == (1, True)


def repeated_keys(text: str, name: str) -> dict[str, int]:
    """The repeated keys that are reported, with their lines."""
    (job,) = read(text, name)
    errors = [error for error in shape_errors(job) if "is repeated below" in sentences(error)[0]]
    return {sentences(error)[0].split("`")[1]: error.span.line for error in errors}
