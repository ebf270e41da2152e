"""Terraform: definitions of state machines and pipelines, wherever they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.model.node import Scalar
from hpolint.readers import read_source
from hpolint.syntax import MAX_DEPTH
from tests.readers.test_terraform import read

RESOURCE = "arn:aws:states:::sagemaker:createHyperParameterTuningJob"
M = """{
    StartAt = "T"
    States = { T = {
      Type = "Task", Resource = "arn:aws:states:::sagemaker:createHyperParameterTuningJob"
      Parameters = { HyperParameterTuningJobName = "x" }
    } }
  }"""


TEXT = json.dumps(
    {
        "StartAt": "T",
        "States": {
            "T": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob",
                "Parameters": {"HyperParameterTuningJobName": "x"},
            }
        },
    }
)
STEPS = """{
    Version = "2020-12-01"
    Steps = [{ Name = "T", Type = "Tuning", Arguments = { HyperParameterTuningJobConfig = { Strategy = "Random" } } }]
  }"""


OF_MODULE = ["state `T` of the module `m`"]


@pytest.mark.parametrize(
    ("text", "carriers"),
    [
        ('module "m" { definition = jsonencode(M) }', OF_MODULE),
        ('module "m" { definition = M }', OF_MODULE),
        ('module "m" { machines = { tune = { definition = jsonencode(M) } } }', OF_MODULE),
        ('module "m" { machines = [{ definition = M }] }', OF_MODULE),
        ('module "m" { machines = tomap({ tune = jsonencode(M) }) }', OF_MODULE),
        ('module "m" { machines = merge({ a = jsonencode(M) }, { b = "c" }) }', OF_MODULE),
        ('module "m" { machines = { Steps = jsonencode(M) } }', OF_MODULE),
        ('module "m" { definition = var.x ? jsonencode(M) : null }', OF_MODULE),
        ('module "m" { machines = { for k in var.x : k => { d = jsonencode(M) } } }', OF_MODULE),
        ('module "m" { machines = { for k in [] : k => { d = jsonencode(M) } } }', []),
        ('module "m" { definition = <<EOF\nTEXT\nEOF\n}', OF_MODULE),
        ('module "m" { machines = { tune = <<-EOF\n  TEXT\n  EOF\n} }', OF_MODULE),
        ('module "m" { machines = { tune = "QUOTED" } }', OF_MODULE),
        ('module "m" { definition = <<EOF\n${jsonencode(M)}\nEOF\n}', OF_MODULE),
        ('module "m" { machines = <<EOF\n{"all": [TEXT]}\nEOF\n}', OF_MODULE),
        (
            'locals { d = "QUOTED" }\nmodule "m" { a = local.d }\nmodule "n" { a = "[${local.d}, QUOTED]" }',
            [*OF_MODULE, "state `T` of the module `n`"],
        ),
        ('module "m" { content = jsonencode({ machine = M, other = templatefile("x", {}) }) }', OF_MODULE),
        ('module "m" { definition = jsonencode(P) }', ["step `T` of the module `m`"]),
        ('module "m" { pipelines = { a = { definition = jsonencode(P) } } }', ["step `T` of the module `m`"]),
        ('resource "local_file" "f" { content = jsonencode(M) }', ["state `T` of the resource `local_file.f`"]),
        ('resource "a_b" "f" {\n  machine {\n    text = jsonencode(M)\n  }\n}', ["state `T` of the resource `a_b.f`"]),
        ("locals { d = jsonencode(M) }", ["state `T` of the local value `d`"]),
        ("locals {\n  count = 0\n  d = { a = jsonencode(M) }\n}", ["state `T` of the local value `d`"]),
        (
            'locals { d = jsonencode(M) }\nresource "aws_sfn_state_machine" "s" { definition = local.d }',
            ["state `T` of the resource `aws_sfn_state_machine.s`"],
        ),
        ('locals { d = M }\nmodule "m" { machines = { a = jsonencode(local.d) } }', OF_MODULE),
        ('locals { d = { a = M } }\nmodule "m" { definition = jsonencode(local.d.a) }', OF_MODULE),
        (
            'locals { d = M }\nmodule "m" { definition = jsonencode(merge(local.d, { Comment = "c" })) }',
            OF_MODULE,
        ),
        (
            'locals { d = jsonencode(M) }\nmodule "m" { a = { x = local.d, y = local.d } }\nmodule "n" { a = local.d }',
            OF_MODULE,
        ),
        (
            'locals { d = jsonencode(M) }\nmodule "m" { definition = replace(local.d, "a", "b") }',
            ["state `T` of the local value `d`"],
        ),
        (
            'resource "aws_iam_policy" "p" { policy = jsonencode({ a = "sagemaker:CreateHyperParameterTuningJob" }) }',
            [],
        ),
        ('data "x" "y" { definition = jsonencode(M) }', []),
        ('locals { d = ["QUOTED",, 2] }\nmodule "m" { definition = local.d }', []),
    ],
)  # fmt: skip
def test_any_block_with_a_definition_carries_its_jobs(text: str, carriers: list[str]) -> None:
    """Modules and files under whatever name, in maps and blocks, each once; a local value where it is used or given."""
    assert [job.carrier for job in read(filled(text))] == carriers


@pytest.mark.parametrize(
    "text",
    [
        'module "m" {\n  count = 0\n  machines = { tune = jsonencode(M) }\n}',
        'locals { d = jsonencode(M) }\nmodule "m" {\n  for_each = {}\n  definition = local.d\n}',
        'locals {\n  d = jsonencode(local.e)\n  e = M\n}\nresource "a_b" "c" {\n  count = 0\n  text = local.d\n}',
        'resource "a_b" "c" {\n dynamic "machine" {\n  for_each = []\n  content {\n   d = jsonencode(M)\n  }\n }\n}',
        'module "m" { a = { StartAt = "T", States = {} } }',
        f'module "m" {{ a = {{ States = {{ T = {{ Resource = "{RESOURCE}" }} }} }} }}',
        'module "m" { a = { Steps = [{ Type = "Tuning", Arguments = { HyperParameterTuningJobConfig = {} } }] } }',
        'module "m" { a = { Version = "1", Steps = [{ Type = "Tuning", Name = "HyperParameterTuningJob" }] } }',
    ],
)  # fmt: skip
def test_what_is_not_made_or_only_looks_alike_is_no_job(text: str) -> None:
    """Nor is a local value that only such a resource uses; another user makes it one."""
    assert read(filled(text)) == []
    if "local.d" in text:
        used = 'resource "aws_sfn_state_machine" "s" { definition = local.d }'
        assert len(read(filled(f"{text}\n{used}"))) == 1


def test_a_state_stays_known_beside_states_that_a_condition_adds() -> None:
    """A map that may hold others overrides none of those that it does not name."""
    states = M[M.index("{ T =") : M.rindex("}")].strip()
    more = '{ U = { Type = "Pass" } }'
    machine = f'{{ StartAt = "T", States = merge({states}, var.x ? {more} : {{}}) }}'
    assert [job.carrier for job in read(f'module "m" {{ a = jsonencode({machine}) }}')] == OF_MODULE


def test_two_definitions_that_share_their_parameters_are_two_jobs() -> None:
    """A definition that is launched twice is two jobs, although its values are written once."""
    machine = M.replace('{ HyperParameterTuningJobName = "x" }', "local.p")
    text = f'locals {{ p = {{ HyperParameterTuningJobName = "x" }} }}\nmodule "m" {{ a = {machine} }}\n'
    text += f'module "n" {{ a = {machine} }}\n'
    assert [job.carrier for job in read(text)] == ["state `T` of the module `m`", "state `T` of the module `n`"]


def test_a_value_in_a_modules_map_is_shown_where_it_stands() -> None:
    """In a heredoc too."""
    for text in ('module "m" { a = { b = jsonencode(M) } }', 'module "m" { a = { b = <<EOF\nTEXT\nEOF\n} }'):
        (job,) = read(filled(text))
        name = job.request.members["HyperParameterTuningJobName"]
        assert isinstance(name, Scalar)
        assert job.source.read(name.span) == '"x"'


VALUE = json.loads(TEXT)
"""A definition as JSON has it."""


@pytest.mark.parametrize(
    ("document", "carriers"),
    [
        ({"module": {"m": {"definition": TEXT}}}, OF_MODULE),
        ({"module": {"m": {"machines": {"tune": {"definition": TEXT}}}}}, OF_MODULE),
        ({"module": {"m": [{"machines": [TEXT]}]}}, OF_MODULE),
        ({"module": {"m": {"machines": {"tune": VALUE}}}}, OF_MODULE),
        ({"module": {"m": {"count": 0, "definition": TEXT}}}, []),
        ({"module": {"m": {"for_each": {}, "machines": {"tune": VALUE}}}}, []),
        ({"module": {"m": {"dynamic": {"machine": {"for_each": [], "content": VALUE}}}}}, []),
        ({"module": {"m": {"//": TEXT}}}, []),
        ({"module": {"m": {"policy": TEXT.replace("States", "Statement")}}}, []),
        (
            {"module": {"m": {"a": TEXT}}, "resource": {"aws_sfn_state_machine": {"s": {"definition": TEXT}}}},
            ["state `T` of the resource `aws_sfn_state_machine.s`", *OF_MODULE],
        ),
        (
            {"resource": {"aws_sfn_state_machine": {}, "local_file": {"f": {"content": TEXT}}}, "module": {"m": VALUE}},
            ["state `T` of the resource `local_file.f`", *OF_MODULE],
        ),
    ],
)
def test_definitions_in_a_configuration_in_json(document: Any, carriers: list[str]) -> None:
    """The same there, as values and as texts."""
    assert [job.carrier for job in read(json.dumps(document), "x.tf.json")] == carriers


def test_definitions_that_a_plan_holds() -> None:
    """In any resource that it makes or keeps, a pipeline of no version only in a pipeline's own."""
    steps = json.dumps({"Steps": [{"Name": "P", "Type": "Tuning", "Arguments": {"HyperParameterTuningJobName": "x"}}]})
    held = {
        "local_file": {"content": TEXT},
        "aws_s3_object": {"content": steps},
        "aws_ssm_parameter": {"value": steps},
        "aws_sagemaker_pipeline": {"pipeline_definition": steps},
    }
    changes = [
        {"mode": "managed", "type": kind, "name": "r", "change": {"actions": ["create"], "after": values}}
        for kind, values in held.items()
    ]
    jobs = read(json.dumps({"resource_changes": changes}), "plan.json")
    assert [job.carrier for job in jobs] == [
        "state `T` of the resource `local_file.r`",
        "step `P` of the resource `aws_sagemaker_pipeline.r`",
    ]


def filled(text: str) -> str:
    """A text with definitions of a state machine and of a pipeline in the places for them."""
    quoted = json.dumps(TEXT)[1:-1]
    text = text.replace("(M)", f"({M})").replace("= M", f"= {M}").replace("(P)", f"({STEPS})")
    return text.replace("QUOTED", quoted).replace("TEXT", TEXT)


@pytest.mark.parametrize(
    "expression",
    [
        f"jsonencode(merge({M}, var.override))",
        f"jsonencode(merge({M}, {{ States = var.states }}))",
        f"merge({M}, var.override)",
    ],
)
def test_a_part_of_what_is_merged_is_not_taken_for_the_whole(expression: str) -> None:
    """What may be overridden as a whole is no job that anybody deploys."""
    found = read(f'variable "override" {{}}\nvariable "states" {{}}\nmodule "m" {{\n  d = {expression}\n}}\n')
    assert found == []


@pytest.mark.parametrize(
    ("text", "problems", "notices"),
    [
        (TEXT[:-1], 1, 0),
        (TEXT[:-1].replace('"T"', '"${var.first}"'), 0, 1),
        (TEXT[:-1].replace("States", "Statement"), 0, 0),
    ],
)
def test_a_text_that_is_not_json_is_reported_if_it_is_a_definition(text: str, problems: int, notices: int) -> None:
    """As a problem, or as a notice if it has values of Terraform, which may complete it; any other text has neither."""
    source = f'variable "first" {{}}\nmodule "m" {{\n  d = <<EOF\n{text}\nEOF\n}}\n'
    reading = read_source("x.tf", source.encode())[1]
    assert (len(reading.jobs), len(reading.problems), len(reading.notices)) == (0, problems, notices)


@pytest.mark.parametrize("name", ["try", "coalesce"])
def test_of_what_is_tried_the_first_counts(name: str) -> None:
    """The others stand there for when it fails."""
    found = read(f'module "m" {{\n  d = {name}(jsonencode({M}), jsonencode({M}))\n}}\n')
    assert len(found) == 1


def test_merges_within_merges_lose_no_other_block() -> None:
    """However deep they are."""
    deep = "merge(" * 300 + "{}" + ")" * 300
    found = read(f'module "a" {{\n  d = {deep}\n}}\nmodule "m" {{\n  d = jsonencode({M})\n}}\n')
    assert len(found) == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [("[", "]"), ("{ a = ", "}"), ("tolist(", ")"), ("var.x ? (", ") : null"), ("[for x in var.y : ", "]")],
)
def test_a_definition_is_found_up_to_a_depth(start: str, end: str) -> None:
    """Of expressions within each other, templates included; one that lies deeper loses no other block."""
    for depth, count in ((MAX_DEPTH - 10, 2), (MAX_DEPTH + 10, 1)):
        templates, others = 40, depth - 40
        deep = '"${' * templates + start * others + M + end * others + '}"' * templates
        text = f'variable "x" {{}}\nvariable "y" {{}}\nmodule "m" {{\n  d = {deep}\n}}\n'
        assert len(read(f'{text}module "n" {{\n  d = jsonencode({M})\n}}\n')) == count


def test_a_chain_of_local_values_is_followed_up_to_a_depth() -> None:
    """Each is one step of the depth; one that is not reached is read as a local value that nothing uses."""
    not_reached = [f"state `T` of the local value `a{MAX_DEPTH}`"]
    for depth, carriers in ((MAX_DEPTH - 10, OF_MODULE), (MAX_DEPTH + 10, not_reached)):
        chain = "".join(f"  a{number} = local.a{number + 1}\n" for number in range(depth))
        text = f'locals {{\n{chain}  a{depth} = {M}\n}}\nmodule "m" {{\n  d = jsonencode(local.a0)\n}}\n'
        assert [job.carrier for job in read(text)] == carriers
