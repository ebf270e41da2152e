"""Programs that the real SageMaker SDK 2 runs, its network patched out, and what was read from their text."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hpolint.readers import read_source
from tests.conftest import scaled
from tests.oracles.comparison import capture, differences, known_share, matched
from tests.oracles.grammar import program

SDK = os.environ.get("HPOLINT_SDK2", "")
"""A Python that has sagemaker 2; CI makes one."""

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "programs/sdk2").glob("*.txt"))
pytestmark = pytest.mark.skipif(not SDK, reason="HPOLINT_SDK2 names no Python with sagemaker 2")


@cache
def outcomes() -> dict[str, dict[str, Any]]:
    """The outcome of each written program."""
    return dict(zip([p.name for p in PROGRAMS], capture(SDK, "sdk2", [p.read_text() for p in PROGRAMS]), strict=True))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_what_is_read_is_what_is_sent(program: Path) -> None:
    """Every field that the reader calls known is equal, and every one that it calls absent is absent."""
    _, reading = read_source("program.py", program.read_bytes())
    assert reading.problems == []
    pairs = matched(outcomes()[program.name]["requests"], reading.jobs)
    for sent, job in pairs:
        assert differences(sent, job.request) == []


def test_most_of_what_is_sent_is_known() -> None:
    """The rest is what no text tells: names with the time, roles, buckets, uploaded code."""
    known = total = 0
    for written in PROGRAMS:
        _, reading = read_source("program.py", written.read_bytes())
        for sent, job in matched(outcomes()[written.name]["requests"], reading.jobs):
            one, all_ = known_share(sent, job.request)
            known, total = known + one, total + all_
    assert known / total > 0.7, f"{known} of {total}"


def test_generated_programs() -> None:
    """Programs of every style, a thousand in CI: no field is called what it is not."""
    programs = [program(seed) for seed in range(scaled(1000))]
    wrong = []
    compared = 0
    for seed, (text, outcome) in enumerate(zip(programs, capture(SDK, "sdk2", programs), strict=True)):
        _, reading = read_source("program.py", text.encode())
        for sent, job in matched(outcome["requests"], reading.jobs):
            compared += 1
            wrong += [f"seed {seed}: {line}" for line in differences(sent, job.request)]
    assert wrong == []
    assert compared > 0.8 * len(programs)
