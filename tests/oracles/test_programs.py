"""Programs that the real thing runs, its network patched out, and what was read from their text."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hpolint.readers import read_source
from tests.oracles.comparison import capture, differences, known_share, matched

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Oracle:
    """What runs the programs of the folder of its name. ``share`` is the least part of the sent leaves to be known:
    the rest is what no text tells, such as names with the time, roles, buckets and uploaded code."""

    name: str
    python: str
    needs: str
    share: float

    @property
    def programs(self) -> list[Path]:
        """The written programs."""
        return sorted((HERE / "programs" / self.name).glob("*.txt"))


ORACLES = [
    Oracle("sdk2", os.environ.get("HPOLINT_SDK2", ""), "HPOLINT_SDK2 names no Python with sagemaker 2", 0.7),
    Oracle("sdk3", os.environ.get("HPOLINT_SDK3", ""), "HPOLINT_SDK3 names no Python with sagemaker-train", 0.7),
    Oracle("airflow", os.environ.get("HPOLINT_AIRFLOW", ""), "HPOLINT_AIRFLOW names no Python with Airflow", 0.9),
    Oracle("boto3", sys.executable, "", 0.9),
]
CASES = [pytest.param(oracle, path, id=f"{oracle.name}-{path.stem}") for oracle in ORACLES for path in oracle.programs]


@cache
def outcomes(oracle: Oracle) -> dict[str, dict[str, Any]]:
    """The outcome of each written program."""
    if not oracle.python:
        pytest.skip(oracle.needs)
    texts = [path.read_text() for path in oracle.programs]
    return dict(zip([path.name for path in oracle.programs], capture(oracle.python, oracle.name, texts), strict=True))


@pytest.mark.parametrize(("oracle", "program"), CASES)
def test_what_is_read_is_what_is_sent(oracle: Oracle, program: Path) -> None:
    """Every field that the reader calls known is equal, and every one that it calls absent is absent."""
    outcome = outcomes(oracle)[program.name]
    _, reading = read_source("program.py", program.read_bytes())
    assert reading.problems == []
    assert outcome["requests"] or outcome["error"]  # some are there to be refused
    for sent, job in matched(outcome["requests"], reading.jobs):
        assert differences(sent, job.request) == []


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.name)
def test_every_request_that_is_sent_is_a_job(oracle: Oracle) -> None:
    """A constructor or call that launches is found, once; what is found is sent, unless the SDK refuses the program."""
    for program in oracle.programs:
        outcome = outcomes(oracle)[program.name]
        _, reading = read_source("program.py", program.read_bytes())
        pairs = matched(outcome["requests"], reading.jobs)
        missed = MISSED.get((oracle.name, program.name), 0)
        assert len(pairs) == len(outcome["requests"]) - missed, program.name
        launched = {id(job) for _, job in pairs}
        assert outcome["error"] or launched == {id(job) for job in reading.jobs}, program.name


MISSED = {("sdk2", "subclassed-tuner.txt"): 1}
"""Requests of a subclass of the SDK's tuner, which is no job."""


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.name)
def test_most_of_what_is_sent_is_known(oracle: Oracle) -> None:
    """A reader that called everything unknown would never be wrong, and of no use."""
    known = total = 0
    for program in oracle.programs:
        _, reading = read_source("program.py", program.read_bytes())
        for sent, job in matched(outcomes(oracle)[program.name]["requests"], reading.jobs):
            one, all_ = known_share(sent, job.request)
            known, total = known + one, total + all_
    assert known / total > oracle.share, f"{known} of {total}"
