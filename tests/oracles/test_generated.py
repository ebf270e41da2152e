"""Programs put together at random, against what the real SDKs send."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from hpolint.readers import read_source
from tests.conftest import scaled
from tests.oracles.comparison import capture, differences, matched
from tests.oracles.grammar import program, program3


@pytest.mark.parametrize(("oracle", "generate"), [("sdk2", program), ("sdk3", program3)])
def test_generated_programs(oracle: str, generate: Callable[[int], str]) -> None:
    """Programs of every style, a thousand in CI: no field is called what it is not."""
    python = os.environ.get(f"HPOLINT_{oracle.upper()}", "")
    if not python:
        pytest.skip(f"HPOLINT_{oracle.upper()} names no Python with that SDK")
    programs = [generate(seed) for seed in range(scaled(1000))]
    wrong = []
    compared = 0
    for seed, (text, outcome) in enumerate(zip(programs, capture(python, oracle, programs), strict=True)):
        _, reading = read_source("program.py", text.encode())
        for sent, job in matched(outcome["requests"], reading.jobs):
            compared += 1
            wrong += [f"seed {seed}: {line}" for line in differences(sent, job.request)]
    assert wrong == []
    assert compared > 0.8 * len(programs)
