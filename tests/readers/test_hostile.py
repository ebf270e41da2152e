"""Infrastructure that is huge, endless or torn: bounded work, an answer with a reason, never a crash."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from hpolint.engine import Engine
from hpolint.job import Reading
from hpolint.node import Unknown
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from tests.conftest import scaled
from tests.readers.carriers import CARRIERS, RESOURCE, Carrier
from tests.requests import corpus, example, sound

SECONDS = 10
"""Each ends within a fraction of it; these machines may be busy."""

TUNING = "AWS::SageMaker::HyperParameterTuningJob"


def machine(padding: int = 0, **parameters: Any) -> dict[str, Any]:
    """A state machine with a job, among as many states that do nothing."""
    states: dict[str, Any] = {
        f"Pass{number}": {"Type": "Pass", "Comment": "x" * 60, "Next": "Tune"} for number in range(padding)
    }
    states["Tune"] = {"Type": "Task", "Resource": RESOURCE, "Parameters": sound() | parameters, "End": True}
    return {"StartAt": "Tune", "States": states}


def template(definition: Any) -> str:
    """A template with a state machine."""
    properties = {"DefinitionString": definition}
    return json.dumps({"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}})


def resources(request: dict[str, Any], number: int = 1) -> str:
    """A template with jobs of its own."""
    return json.dumps({"Resources": {f"J{each}": {"Type": TUNING, "Properties": request} for each in range(number)}})


def doubled(levels: int) -> Any:
    """A text that each level makes twice as long."""
    value: Any = "x" * 10
    for _ in range(levels):
        value = {"Fn::Sub": ["${a}${a}", {"a": value}]}
    return value


def nested(levels: int, text: str) -> str:
    """A definition in a template in a string in a template, and so on."""
    for _ in range(levels):
        text = template(text)
    return text


def split(levels: int) -> Any:
    """A list that is split and joined again, over and over."""
    value: Any = {"Ref": "Names"}
    for _ in range(levels):
        value = {"Fn::Split": [",", {"Fn::Join": [",", value]}]}
    return {"Fn::Join": [",", value]}


def terraform(local: Callable[[int], str], value: str = "local.a39") -> str:
    """A job one of whose values is made of forty local values, each of the one before."""
    lines = "".join(f"  a{number} = {local(number)}\n" for number in range(1, 40))
    return (
        f'locals {{\n  a0 = "x"\n{lines}}}\n'
        f'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {{\n  name = {value}\n}}\n'
    )


BIG = json.dumps(machine(8000), indent=1)
"""More than a megabyte."""

READ = {
    "one-big-string.json": (template(BIG), 1),
    "one-big-object.asl.json": (BIG, 1),
    "many-resources.json": (resources(sound(), 600), 600),
    "pieces.json": (template({"Fn::Join": ["", list(json.dumps(machine(100)))]}), 1),
    "holes.json": (template({"Fn::Sub": json.dumps(machine(Tags=["${A}"] * 20_000))}), 1),
    "bare-holes.json": (template({"Fn::Sub": json.dumps(machine(Tags=[1] * 20_000)).replace("1,", "${A},")}), 1),
    "substituted.json": (resources(sound() | {"HyperParameterTuningJobName": doubled(60)}), 1),
    "split.json": (resources(sound() | {"HyperParameterTuningJobName": split(40)}), 1),
    "encoded.tf": (f'resource "aws_sfn_state_machine" "m" {{\n  definition = jsonencode({BIG})\n}}\n', 1),
    "heredoc.tf": (f'resource "aws_sfn_state_machine" "m" {{\n  definition = <<EOF\n{BIG}\nEOF\n}}\n', 1),
    "doubled-text.tf": (terraform(lambda number: f'"${{local.a{number - 1}}}${{local.a{number - 1}}}"'), 1),
    "doubled-list.tf": (terraform(lambda number: f"[local.a{number - 1}, local.a{number - 1}]"), 1),
    "endless.tf": (terraform(lambda number: f"local.a{number % 39 + 1}"), 1),
    "nested.tf": (terraform(lambda number: "1", "[" * 50_000 + "]" * 50_000), 1),
    "strings.json": (nested(10, json.dumps(machine())), 0),
    "doubled.json": (template(doubled(60)) + " " * 5 + "\n", 0),
}
"""Files by name, and how many jobs are read from each."""

REFUSED = {
    "deep.asl.json": '{"StartAt":"A","States":{"A":' * 1000 + '"HyperParameterTuningJobConfig"',
    "deep-join.json": '{"Resources":{"M":{"Fn::Join":["",[' * 1000 + '"HyperParameterTuningJobConfig"',
    "aliases.yaml": "x0: &x0 {Strategy: Bayesian}\n"
    + "".join(f"x{n}: &x{n} {{a: *x{n - 1}, b: *x{n - 1}}}\n" for n in range(1, 30))
    + f"Resources: {{J: {{Type: {TUNING}, Properties: {{HyperParameterTuningJobConfig: *x29}}}}}}\n",
    "merges.yaml": "x0: &x0 {a: 1}\n"
    + "".join(f"x{n}: &x{n} {{<<: [*x{n - 1}, *x{n - 1}], k{n}: 1}}\n" for n in range(1, 30))
    + f"Resources: {{J: {{Type: {TUNING}, Properties: {{HyperParameterTuningJobConfig: *x29}}}}}}\n",
    "torn-string.json": template(BIG[:-9]),
    "torn-join.json": template({"Fn::Join": ["", [BIG[: BIG.index("[")], BIG[BIG.index("[") + 1 :]]]}),
    "huge.tf": f'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {{\n  role_arn = "{"x" * 2_100_000}"\n}}\n',
    "parentheses.tf": f'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {{\n  role_arn = {"(" * 50_000}\n}}\n',
}
"""Files that define a job that cannot be read."""


def timed(name: str, text: str) -> Reading:
    """What is read of a file, in no more time than it may take."""
    began = time.monotonic()
    _, reading = read_source(name, text.encode())
    engine = Engine(builtin_rules())
    for job in reading.jobs[:50]:
        assert engine.judge(job).failures == []
    assert time.monotonic() - began < SECONDS
    return reading


@pytest.mark.parametrize("name", READ)
def test_huge_and_endless_files_are_read(name: str) -> None:
    """All jobs, within seconds."""
    text, jobs = READ[name]
    reading = timed(name, text)
    assert (len(reading.jobs), reading.problems) == (jobs, [])


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_told(name: str) -> None:
    """One problem, with a reason, within seconds."""
    reading = timed(name, REFUSED[name])
    assert reading.jobs == []
    (problem,) = reading.problems
    assert problem.reason


def test_a_thousand_findings_of_one_job_take_seconds() -> None:
    """Fixes are tried for as many as a person looks at."""
    request = sound()
    request["TrainingJobDefinition"]["StaticHyperParameters"] = {f"p{number}": number for number in range(1000)}
    began = time.monotonic()
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    findings = Engine(builtin_rules()).judge(job).findings
    assert len([finding for finding in findings if finding.fix is not None]) == 100
    assert len(findings) >= 1000
    assert time.monotonic() - began < 30


def test_a_text_that_grows_without_end_is_unknown() -> None:
    """What is too long to be followed is never taken for a value."""
    for name in ("substituted.json", "doubled-text.tf", "endless.tf"):
        (job,) = read_source(name, READ[name][0].encode())[1].jobs
        node = job.request.get("HyperParameterTuningJobName")
        assert isinstance(node, Unknown)


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__)
def test_torn_carriers_trip_nothing(carrier: Carrier) -> None:
    """Whatever is cut out of a file, doubled or put in: an answer, and no rule that fails by itself."""
    engine = Engine(builtin_rules())
    for index, request in enumerate(corpus()[: scaled(200)]):
        with example(index) as draw:
            carried = carrier(draw, request)
            text = carried.text
            for _ in range(draw.randint(1, 3)):
                text = torn(draw, text)
            for job in read_source(carried.name, text.encode("utf-8", "replace"))[1].jobs:
                assert engine.judge(job).failures == []


def torn(draw: random.Random, text: str) -> str:
    """A text with a stretch cut out, doubled, or something else put in its place."""
    start = draw.randrange(len(text) + 1)
    end = min(len(text), start + draw.choice([0, 1, 2, 10, 200]))
    odd = [
        "",
        text[start:end] * 2,
        "${",
        "${X}",
        "{{",
        "%{",
        '"',
        "'",
        "\\",
        "\n",
        "\t",
        "}",
        "[",
        "<<EOF\n",
        "&a *a",
        "!Sub ",
        "\0",
        "é",
    ]
    return text[:start] + draw.choice(odd) + text[end:]
