"""Programs of R: what is read from their text, and what R, reticulate and the SDK send when they run."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from hpolint.model.job import TuningJob
from hpolint.model.node import Node, Struct, Unknown
from hpolint.readers import read_source
from tests.oracles.comparison import differences, known_share
from tests.oracles.r_programs import R
from tests.oracles.record import RECORDS, Outcome, asked, laid_out, recorded
from tests.oracles.test_records import MACHINES

MORE_SEEDS = 300
"""Generated programs that the nightly tests ask about."""


def read_jobs(program: str) -> list[TuningJob]:
    """The jobs of a program."""
    return read_source("program.R", program.encode())[1].jobs


def part(job: TuningJob, name: str) -> Node | None:
    """The hyperparameters or the limits of a job, as the capture keeps them; None if they are not known."""
    parent = "TrainingJobDefinition" if name == "StaticHyperParameters" else "HyperParameterTuningJobConfig"
    holder = job.request.members.get(parent)
    return holder.members.get(name) if isinstance(holder, Struct) else None


def wrong(programs: dict[str, str], outcomes: dict[str, Outcome]) -> list[str]:
    """The values that are read and differ from those that are sent, each with the name of its program."""
    found: list[str] = []
    for name, program in programs.items():
        for request, job in zip(outcomes[name]["requests"], read_jobs(program), strict=False):
            for member, sent in request.items():
                node = part(job, member)
                if node is not None:
                    found += [f"{name}: {difference}" for difference in differences(sent, node)]
                    found += [f"{name}: {member}" for member in not_among_choices(sent, node)]
    return found


def not_among_choices(sent: dict[str, Any], node: Node) -> list[str]:
    """The members that are sent and are none of the values that an unknown one is said to have."""
    found: list[str] = []
    for name, member in node.members.items() if isinstance(node, Struct) else ():
        choices = (
            [choice.value for choice in member.choices if choice is not None] if isinstance(member, Unknown) else []
        )
        if choices and sent.get(name) not in choices:
            found.append(name)
    return found


@cache
def sending(kind: str) -> dict[str, str]:
    """The programs of a kind that send a request."""
    outcomes = recorded(R, kind)
    return {name: program for name, program in R.kinds[kind].items() if outcomes[name]["requests"]}


@pytest.mark.parametrize("kind", R.kinds)
def test_no_value_that_is_read_differs_from_what_r_sends(kind: str) -> None:
    """A value that depends on what is not translated is unknown, and no other value."""
    assert wrong(R.kinds[kind], recorded(R, kind)) == []


def test_most_values_that_r_computes_are_known() -> None:
    """At least 300 programs send a value that a construct of R makes, and 60 of 100 of these values are known."""
    known = total = 0
    for kind in R.kinds:
        for name, program in sending(kind).items():
            jobs = read_jobs(program)
            sent: dict[str, Any] = recorded(R, kind)[name]["requests"][0]["StaticHyperParameters"]
            own, all_ = known_share(sent, part(jobs[0], "StaticHyperParameters") if jobs else None)
            known, total = known + own, total + all_
    assert total >= 300
    assert known / total >= R.share


@pytest.mark.parametrize("kind", R.kinds)
def test_a_record_of_r_is_the_same_wherever_it_is_made(kind: str) -> None:
    """It contains no path of a machine, and has the layout that the recorder writes."""
    text = (RECORDS / R.name / f"{kind}.json").read_text("utf-8")
    assert [mark for mark in MACHINES if mark in text] == []
    assert text == laid_out(json.loads(text)) + "\n"


def asked_r(programs: dict[str, str]) -> dict[str, Outcome]:
    """What R answers now; the test is skipped where R is not installed."""
    if not R.python:
        pytest.skip(f"{R.variable} names no Python for R to ask")
    return asked(R, programs)


@pytest.mark.live
@pytest.mark.parametrize("kind", R.kinds)
def test_the_record_is_what_r_answers(kind: str) -> None:
    """Asked again, R says the same of every program."""
    assert asked_r(R.kinds[kind]) == recorded(R, kind)


@pytest.mark.live
@pytest.mark.generated
def test_no_value_of_many_generated_programs_differs() -> None:
    """The same for programs that have no recorded answer."""
    programs = R.of_seeds(MORE_SEEDS)
    assert wrong(programs, asked_r(programs)) == []
