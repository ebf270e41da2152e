"""Hundreds of small programs, and programs put together at random, against what is really sent."""

from __future__ import annotations

import pytest

from hpolint.readers import read_source
from tests.conftest import scaled
from tests.oracles.comparison import differences, matched
from tests.oracles.programs import GENERATED, ORACLES, Oracle
from tests.oracles.record import Outcome, asked, recorded

SNIPPETS = [pytest.param(oracle, id=oracle.name) for oracle in ORACLES.values() if oracle.snippets]


def compared(programs: dict[str, str], outcomes: dict[str, Outcome]) -> tuple[list[str], int]:
    """Where what is read is not what is sent, and how many requests were compared."""
    wrong, count = [], 0
    for name, program in programs.items():
        _, reading = read_source("program.py", program.encode())
        for sent, job in matched(outcomes[name]["requests"], reading.jobs):
            count += 1
            wrong += [f"{name}: {line}" for line in differences(sent, job.request)]
    return wrong, count


@pytest.mark.parametrize("oracle", SNIPPETS)
def test_no_field_is_called_what_it_is_not(oracle: Oracle) -> None:
    """Whatever the detour, what is called known is what is sent, and what is called absent is not sent."""
    wrong, count = compared(oracle.snippets, recorded(oracle, "snippets"))
    assert wrong == []
    assert count >= len(oracle.snippets)


@pytest.mark.parametrize("name", GENERATED)
def test_programs_of_every_style_are_read_as_what_they_send(name: str) -> None:
    """Styles of arguments, detours, changes, branches: however they meet, no field is called what it is not."""
    oracle = ORACLES[name]
    wrong, count = compared(oracle.generated, recorded(oracle, "generated"))
    assert wrong == []
    assert count > 0.8 * len(oracle.generated)


@pytest.mark.live
@pytest.mark.parametrize("name", GENERATED)
def test_a_thousand_programs_are_read_as_what_they_send(name: str) -> None:
    """The same of many more, which the real SDK is asked about each time."""
    oracle = ORACLES[name]
    programs = oracle.of_seeds(scaled(1000))
    wrong, count = compared(programs, asked(oracle, programs))
    assert wrong == []
    assert count > 0.8 * len(programs)
