"""A short campaign, the same in every run; and faults that are planted, to see that a campaign finds them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fuzz import documents
from tests.fuzz.inputs import made
from tests.fuzz.minimising import minimised

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked, memory is bounded")

MAX_SECONDS = 900
"""After which a campaign counts as hanging."""

MAIN = "import sys\nfrom tests.fuzz.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"

READING = """
import os, signal
from hpolint.run import candidate_check
read = candidate_check.read_source
def planted(name, data, *rest):
    if b"Bayesian" in (data or b""):
        {}
    return read(name, data, *rest)
candidate_check.read_source = planted
"""

JUDGING = """
from hpolint.cel.runtime import EvaluationError
from hpolint.engine.judge import Judge
violates = Judge.violates
def planted(judge, subject):
    if judge.rule.name == "no-early-stopping":
        raise EvaluationError("planted")
    return violates(judge, subject)
Judge.violates = planted
"""

PRINTING = """
from hpolint.reporters import {0}
render = {0}.render
def planted(report, **options):
    return render(report, **options) + "{1}"
{0}.render = planted
"""

LOSING = """
from hpolint.run import check
check.without_included = lambda records: [each for each in records if each.name != "z-good.json"]
"""

PLANTED = {
    "KeyError in run/candidate_check.py:_outcome": READING.format("raise KeyError('planted')"),
    "MemoryError in run/candidate_check.py:_outcome": READING.format("bytearray(2 ** 31)"),
    "died in SIGKILL": READING.format("os.kill(os.getpid(), signal.SIGKILL)"),
    "too long in check": READING.format("while True: pass"),
    "rule failure in strategy/no-early-stopping": JUDGING,
    "JSONDecodeError in json": PRINTING.format("json", "}"),
    "JSONDecodeError in sarif": PRINTING.format("sarif", "}"),
    "BrokenPromiseError in text": PRINTING.format("text", "\\x07"),
    "lost finding in the command check --output json: z-good.json": LOSING,
}
"""The planted faults, by the line that a campaign must print."""


def campaign(planted: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The fuzzer's own command, with something planted into hpolint.

    Coverage is not measured in it: an input is ended by a signal, and within the tracer's lock that is a deadlock.
    """
    command = [sys.executable, "-c", planted + MAIN, *arguments]
    environment = {name: value for name, value in os.environ.items() if "COV" not in name}
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment, timeout=MAX_SECONDS
    )


def test_some_hundred_mutants_cause_no_fault() -> None:
    """Truncated, mutated and odd files of every language are read or reported, judged and printed, within bounds."""
    run = campaign("", "--seed", "3", "--count", "250", "--jobs", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "\n0 faults\n" in run.stdout
    assert all(f"\n  {kind} with jobs: " in run.stdout for kind in ("ipynb", "json", "py", "tf", "yaml"))


def test_what_an_author_makes_grow_takes_bounded_work() -> None:
    """Values, classes, expressions, names and findings that grow without end cost a file its result, never the run.

    Each night 10,000 of them have five seconds of the processor each.
    """
    run = campaign("", "--hostile", "--seed", "2", "--count", "9")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "\n0 faults\n" in run.stdout


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault: str) -> None:
    """Each fault is printed with its kind and place, and the exit code stops a nightly run."""
    count, seconds = ("42", "9") if "command" in fault else ("6", "0.3")  # a command takes longer on a busy machine
    run = campaign(PLANTED[fault], "--seed", "3", "--count", count, "--seconds", seconds, "--tries", "9")
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"\n- {fault}" in run.stdout


def test_a_planted_fault_is_made_small_and_kept(tmp_path: Path) -> None:
    """What is kept is what the fault needs and nothing more, with the seed and number that give the whole input."""
    fault = "KeyError in run/candidate_check.py:_outcome"
    run = campaign(PLANTED[fault], "--seed", "7", "--count", "12", "--keep", str(tmp_path))
    assert run.returncode == 1
    (about,) = tmp_path.glob("*.txt")
    found = json.loads(about.read_text())
    assert (found["kind"], found["where"], found["seed"]) == ("KeyError", "run/candidate_check.py:_outcome", 7)
    kept = about.with_suffix("")
    assert kept.read_bytes() == b"Bayesian"
    assert Path(f"{kept}.whole").read_bytes() == made(7, found["number"]).data


def test_a_seed_gives_the_same_inputs_in_every_process() -> None:
    """A fault can be reproduced by its seed and number, also on another machine."""
    script = "import hashlib\nfrom tests.fuzz.inputs import made\n"
    script += "print(hashlib.sha256(repr([made(5, number) for number in range(200)]).encode()).hexdigest())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len({made(5, number).data for number in range(200)}) > 190
    assert made(5, 0).data != made(6, 0).data


def test_what_a_fault_does_not_need_is_dropped() -> None:
    """Members of a document, lines and pieces of lines go while the fault stays, within the tries that there are."""
    document = json.dumps({"a": [1, {"b": 2, "keep": {"c": 3}}], "d": ["x"] * 20}).encode()

    def holds(data: bytes) -> bool:
        try:
            return "keep" in json.loads(data)
        except ValueError:
            return False

    assert minimised(b'{"keep": 1, "a": 2}\n\n', holds) == b'{"keep":1}'
    assert minimised(b'"keep"', holds) == b'"keep"'
    assert not holds(document)
    assert minimised(document, lambda data: b"keep" in data) == b"keep"
    asked: list[bytes] = []

    def refuses(data: bytes) -> bool:
        asked.append(data)
        return False

    assert minimised(document, refuses, 9) == document
    assert len(asked) == 9


def test_values_that_are_put_into_documents_stay_as_they_are() -> None:
    """One that several documents shared could come to hold itself, and a later input would have no end."""
    before = repr(documents.ODD_VALUES)
    for number in range(400):
        made(85252, number)
    assert repr(documents.ODD_VALUES) == before
