"""What is found in a program is found in the request that it sends, and nothing else than in a file with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hpolint import check
from hpolint.config.lookup import CheckOptions
from hpolint.discovery.candidates import Candidate
from hpolint.guard.callers import Caller
from hpolint.guard.guarding import Call, Guard
from hpolint.guard.sent_requests import read_parameters
from hpolint.run.reading import read_candidates
from tests.oracles.comparison import matched
from tests.oracles.programs import ORACLES, Oracle
from tests.oracles.record import recorded

OPERATION = "CreateHyperParameterTuningJob"
SOURCE_ONLY = (
    *("sdk/", "compute/no-runtime-cap", "launch/fixed-name", "launch/name-too-long"),
    "launch/warm-start-parent-differs",
)
"""Rules about what the request does not show: arguments that the SDK drops or fills in, how its name is made, and what
its parent's request has."""

SAMPLE = 20
"""One program of so many is tried for each change, and all of them at night."""

KINDS = [pytest.param(oracle, kind, id=f"{oracle.name}-{kind}") for oracle in ORACLES.values() for kind in oracle.kinds]


def judged(guard: Guard, request: dict[str, Any]) -> Call:
    """The guard's judgement of a request, without a caller."""
    source, reading = read_parameters(OPERATION, request)
    call, errors = guard._judged(OPERATION, Caller("<none>"), [], source, reading)
    assert errors == []
    return call


def contained(oracle: Oracle, kind: str, names: list[str]) -> int:
    """Compare the judgements of some programs with those of their requests; the number of requests."""
    settings = {"select": ["ALL"]}
    guard = Guard(CheckOptions(settings, isolated=True), "error", "refuse")
    guard._read_configuration()
    count = 0
    for name in names:
        candidates = [Candidate("program.py", oracle.kinds[kind][name].encode())]
        program = read_candidates(candidates, CheckOptions(settings, isolated=True))
        for request, job in matched(recorded(oracle, kind)[name]["requests"], program.jobs):
            call = judged(guard, request)
            found = {each.rule.id for each in call.findings}
            own = [finding for group in program.groups for finding in group if finding.job is job]
            of_each_launch = [finding for finding in own if not finding.launches]
            expected = {finding.rule.id for finding in of_each_launch if finding.undecided is None}
            assert {rule for rule in expected - found if not rule.startswith(SOURCE_ONLY)} == set(), name
            text = json.dumps(request, indent=2, ensure_ascii=False)
            file = check({"request.json": text}, settings, isolated=True)
            assert said(call.findings) == said(file.findings), name
            count += 1
    return count


def said(findings: Sequence[Any]) -> list[tuple[str, int, tuple[str, ...]]]:
    """The findings about the job, with their lines and texts."""
    return sorted((each.rule.id, each.span.line, each.text) for each in findings if each.rule.category != "hygiene")


@pytest.mark.parametrize(("oracle", "kind"), KINDS)
def test_findings_of_a_program_are_findings_of_its_request(
    oracle: Oracle, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For requests that the real SDKs have sent: the guard misses nothing that a check finds, and adds nothing."""
    monkeypatch.chdir(tmp_path)
    assert contained(oracle, kind, list(oracle.kinds[kind])[::SAMPLE]) > 0


@pytest.mark.nightly
@pytest.mark.parametrize(("oracle", "kind"), KINDS)
def test_the_same_for_all_recorded_programs(
    oracle: Oracle, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them, with more than seven hundred requests."""
    monkeypatch.chdir(tmp_path)
    assert contained(oracle, kind, list(oracle.kinds[kind])) > 0
