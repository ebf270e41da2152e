"""Infrastructure files that are huge, unbounded or truncated: bounded work, a result with a reason, never a crash."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpolint.engine import engine
from hpolint.engine.engine import Engine
from hpolint.model.finding import Finding
from hpolint.model.job import Reading
from hpolint.model.node import Unknown
from hpolint.model.settings import Settings
from hpolint.readers import read_source
from hpolint.registry.choosing import chosen_rules
from tests.conftest import FIXTURES, scaled
from tests.harness.growth import assert_bounded, assert_linear
from tests.readers.carriers import CARRIERS, RESOURCE, Carrier
from tests.requests import corpus, example, sound

ENGINE = Engine(chosen_rules(Settings()))
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


def parts(count: int) -> str:
    """A map of definitions in a local value, each passed to its own module."""
    definition = f"jsonencode({json.dumps(machine())})"
    given = "".join(f"  k{number} = {{ d = {definition} }}\n" for number in range(count))
    taken = "".join(f'module "m{number}" {{\n  d = local.all.k{number}.d\n}}\n' for number in range(count))
    return f"locals {{\n  all = {{\n{given}}}\n}}\n{taken}"


def terraform(local: Callable[[int], str], value: str = "local.a39") -> str:
    """A job one of whose values is made of forty local values, each of the one before."""
    lines = "".join(f"  a{number} = {local(number)}\n" for number in range(1, 40))
    return (
        f'locals {{\n  a0 = "x"\n{lines}}}\n'
        f'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {{\n  name = {value}\n}}\n'
    )


def indented(padding: int) -> str:
    """A state machine as a file of its own, or as a string somewhere."""
    return json.dumps(machine(padding), indent=1)


def torn_join(padding: int) -> str:
    """A definition in two pieces, between which a bracket is lost."""
    text = indented(padding)
    return template({"Fn::Join": ["", [text[: text.index("[")], text[text.index("[") + 1 :]]]})


def findings(number: int) -> str:
    """A request with as many things wrong."""
    request = sound()
    request["TrainingJobDefinition"]["StaticHyperParameters"] = {f"p{each}": each for each in range(number)}
    return json.dumps(request)


MACHINE = 'resource "aws_sfn_state_machine" "m" {\n  definition = '
JOB = 'resource "aws_sagemaker_hyper_parameter_tuning_job" "x" {\n  role_arn = '

HUGE: dict[str, tuple[Callable[[int], str], int]] = {
    "one-big-string.json": (lambda size: template(indented(size)), 200),
    "one-big-object.asl.json": (indented, 400),
    "pieces.json": (lambda size: template({"Fn::Join": ["", list(json.dumps(machine(size)))]}), 25),
    "placeholders.json": (lambda size: template({"Fn::Sub": json.dumps(machine(Tags=["${A}"] * size))}), 500),
    "bare-placeholders.json": (
        lambda size: template({"Fn::Sub": json.dumps(machine(Tags=[1] * size)).replace("1,", "${A},")}),
        400,
    ),
    "encoded.tf": (lambda size: f"{MACHINE}jsonencode({indented(size)})\n}}\n", 150),
    "heredoc.tf": (lambda size: f"{MACHINE}<<EOF\n{indented(size)}\nEOF\n}}\n", 250),
    "nested.tf": (lambda size: terraform(lambda number: "1", "[" * size + "]" * size), 12_500),
}
"""Files with one job, and a size at which their work can be measured."""

REFUSED: dict[str, tuple[Callable[[int], str], int]] = {
    "deep.asl.json": (
        lambda size: '{"StartAt":"A","States":{"A":' * size + '"HyperParameterTuningJobConfig"',
        10_000,
    ),
    "deep-join.json": (
        lambda size: '{"Resources":{"M":{"Fn::Join":["",[' * size + '"HyperParameterTuningJobConfig"',
        10_000,
    ),
    "torn-string.json": (lambda size: template(indented(size)[:-9]), 400),
    "torn-join.json": (torn_join, 400),
    "huge.tf": (lambda size: f'{JOB}"{"x" * size}"\n}}\n', 2_100_000),
    "parentheses.tf": (lambda size: f"{JOB}{'(' * size}\n}}\n", 25_000),
}
"""Files that define a job that cannot be read."""

BOMBS = {
    "substituted.json": (resources(sound() | {"HyperParameterTuningJobName": doubled(60)}), 1, 300_000),
    "split.json": (resources(sound() | {"HyperParameterTuningJobName": split(40)}), 1, 50_000),
    "doubled-text.tf": (
        terraform(lambda number: f'"${{local.a{number - 1}}}${{local.a{number - 1}}}"'),
        1,
        10_000_000,
    ),
    "doubled-list.tf": (terraform(lambda number: f"[local.a{number - 1}, local.a{number - 1}]"), 1, 10_000_000),
    "unbounded.tf": (terraform(lambda number: f"local.a{number % 39 + 1}"), 1, 10_000),
    "strings.json": (nested(10, json.dumps(machine())), 0, 4_000_000),
    "doubled.json": (template(doubled(60)) + " " * 5 + "\n", 0, 100_000),
}
"""Files that would never end if they were followed to the end: how many jobs are read, in how many calls at most."""

REFUSED_BOMBS = {
    "aliases.yaml": "x0: &x0 {Strategy: Bayesian}\n"
    + "".join(f"x{n}: &x{n} {{a: *x{n - 1}, b: *x{n - 1}}}\n" for n in range(1, 30))
    + f"Resources: {{J: {{Type: {TUNING}, Properties: {{HyperParameterTuningJobConfig: *x29}}}}}}\n",
    "merges.yaml": "x0: &x0 {a: 1}\n"
    + "".join(f"x{n}: &x{n} {{<<: [*x{n - 1}, *x{n - 1}], k{n}: 1}}\n" for n in range(1, 30))
    + f"Resources: {{J: {{Type: {TUNING}, Properties: {{HyperParameterTuningJobConfig: *x29}}}}}}\n",
}
"""The same of those that are refused."""


def judged(name: str, text: str) -> Reading:
    """What is read of a file, and judged by all rules."""
    _, reading = read_source(name, text.encode())
    for job in reading.jobs[:50]:
        assert ENGINE.judge(job).failures == []
    return reading


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_file_is_read_in_work_that_grows_as_it_does(name: str) -> None:
    """Its job is found, and the work is no more than it is larger."""
    make, size = HUGE[name]
    reading = assert_linear(make, lambda text: judged(name, text), size)
    assert (len(reading.jobs), reading.problems) == (1, [])


def test_many_jobs_of_one_file_take_work_as_they_are_many() -> None:
    """All of them are read."""
    reading = assert_linear(lambda size: resources(sound(), size), lambda text: judged("x.json", text), 60)
    assert (len(reading.jobs), reading.problems) == (240, [])
    reading = assert_linear(parts, lambda text: judged("x.tf", text), 40)
    assert (len(reading.jobs), reading.problems) == (160, [])


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_in_linear_work(name: str) -> None:
    """One problem, with a reason."""
    make, size = REFUSED[name]
    refused(assert_linear(make, lambda text: judged(name, text), size))


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_never_ends_takes_bounded_work(name: str) -> None:
    """What it defines is read all the same."""
    text, jobs, most = BOMBS[name]
    load(name)
    reading = assert_bounded(lambda: judged(name, text), most)
    assert (len(reading.jobs), reading.problems) == (jobs, [])


@pytest.mark.parametrize("name", REFUSED_BOMBS)
def test_a_refused_file_that_never_ends_takes_bounded_work(name: str) -> None:
    """One problem, with a reason."""
    load(name)
    refused(assert_bounded(lambda: judged(name, REFUSED_BOMBS[name]), 30_000))


def load(name: str) -> None:
    """Import what reads files of that ending: whichever test is the first would count it as its own work."""
    sample = next(iter(sorted(FIXTURES.rglob(f"*{Path(name).suffix}"))))
    judged(f"sample{Path(name).suffix}", sample.read_text("utf-8"))


def refused(reading: Reading) -> None:
    """No job, and why."""
    assert reading.jobs == []
    (problem,) = reading.problems
    assert problem.reason


ESCAPED = {
    "quotes": nested(3, '"' * 20_000 + "HyperParameterTuningJobConfig"),
    "definition": nested(3, json.dumps(machine(1_000))),
}


@pytest.mark.parametrize("name", ESCAPED)
def test_escapes_in_escapes_take_memory_as_the_file_is_large(name: str) -> None:
    """A string in a string in a string: the places of its escapes are read one by one."""
    text = ESCAPED[name]
    judged("x.json", nested(3, json.dumps(machine())))
    tracemalloc.start()
    read_source("x.json", text.encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25 * len(text)


def test_many_findings_of_one_job_take_work_as_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fix is tried on the whole job, so only a limited number of fixes is tried: here 5."""
    assert engine.MAX_FIXES == 100
    monkeypatch.setattr(engine, "MAX_FIXES", 5)

    def found(text: str) -> list[Finding]:
        (job,) = read_source("x.json", text.encode())[1].jobs
        return ENGINE.judge(job).findings

    for_all = assert_linear(findings, found, 40)
    assert len([finding for finding in for_all if finding.fix is not None]) == 5
    assert len(for_all) >= 160


def test_a_text_that_grows_without_end_is_unknown() -> None:
    """A text beyond the limit is never a known value."""
    for name in ("substituted.json", "doubled-text.tf", "unbounded.tf"):
        (job,) = read_source(name, BOMBS[name][0].encode())[1].jobs
        node = job.request.get("HyperParameterTuningJobName")
        assert isinstance(node, Unknown)


@pytest.mark.generated
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__)
def test_torn_carriers_trip_nothing(carrier: Carrier) -> None:
    """Whatever is cut out of a file, doubled or put in: an answer, and no rule that fails by itself."""
    for index, request in enumerate(corpus()[: scaled(200)]):
        with example(index) as draw:
            carried = carrier(draw, request)
            text = carried.text
            for _ in range(draw.randint(1, 3)):
                text = torn(draw, text)
            for job in read_source(carried.name, text.encode("utf-8", "replace"))[1].jobs:
                assert ENGINE.judge(job).failures == []


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
