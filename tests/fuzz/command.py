"""The command on a folder: a mutant with a good file beside it, whose findings must not be lost."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from hpolint.cli.program import run_command
from hpolint.io.work import TOO_MUCH
from tests.conftest import FIXTURES
from tests.fuzz.faults import Fault, of_error, of_line
from tests.fuzz.inputs import Input
from tests.fuzz.limits import MEGABYTE, Limits, TooLong, death, limit_processor, processor_time

GOOD = "request/churn-xgboost.json"
"""The fixture that stands beside each mutant, before it and after it in the order of names."""

BESIDE = ("a-good.json", "z-good.json")

CALLED_EVERY, RUN_EVERY = 40, 840
"""One input in so many goes through the command as well: as a call, as a process of its own."""

COMMANDS = (
    ("check", "--output", "json"),
    ("check", "--output", "sarif"),
    ("check", "--show-undecided", "--statistics"),
    ("extract",),
)


LATER = ": not read: "
"""In a line about Python that a later version reads, which changes no exit code."""


@dataclass(frozen=True)
class Run:
    """What a run of the command gave. ``code`` is negative if a signal ended it."""

    code: int
    out: bytes
    err: str


Runner = Callable[[Path, tuple[str, ...], Limits], Run]


def command_faults(each: Input, folder: Path, limits: Limits, run: Runner) -> list[Fault]:
    """The faults of the command on an empty folder into which the input and two good files are put."""
    name = folder / each.name
    try:
        name.write_bytes(each.data)
        for beside in BESIDE:
            (folder / beside).write_bytes((FIXTURES / GOOD).read_bytes())
        arguments = COMMANDS[each.number // CALLED_EVERY % len(COMMANDS)]
        during = f"the command {' '.join(arguments)}"
        try:
            return _judged(run(folder, arguments, limits), arguments, during)
        except TooLong:
            return [Fault("too long", during)]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return [of_error(error, during)]
    finally:
        name.unlink(missing_ok=True)


def _judged(run: Run, arguments: tuple[str, ...], during: str) -> list[Fault]:
    if run.code < 0:
        return [Fault("died", during, death(run.code))]
    errors = [line for line in run.err.splitlines() if "internal error" in line or "Traceback" in line]
    found = [of_line(line, during) for line in errors[:1]]
    others = [line for line in run.err.splitlines() if LATER not in line and TOO_MUCH not in line]
    if run.code not in (0, 1, 2) or (run.code == 2) != bool(others):
        found.append(Fault("exit code", during, f"{run.code}, and on standard error: {run.err[:500]}"))
    try:
        text = run.out.decode()
        lost = [beside for beside in BESIDE if not _mentions(text, beside, arguments)]
    except (ValueError, KeyError) as error:
        return [*found, Fault("no such document", during, str(error))]
    return [*found, *(Fault("lost finding", f"{during}: {beside}", run.err[:500]) for beside in lost)]


def _mentions(text: str, name: str, arguments: tuple[str, ...]) -> bool:
    """Whether an output mentions a good file: its job, or a finding in it. Raises ValueError or KeyError."""
    if "json" in arguments:
        return any(finding["path"] == name for finding in json.loads(text)["findings"])
    if "sarif" in arguments:
        results = json.loads(text)["runs"][0]["results"]
        places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
        return any(place.endswith(name) for place in places)
    if arguments == ("extract",):
        return any(job["path"] == name for job in json.loads(text)["jobs"])
    return f"\n{name}:" in f"\n{text}"


def in_process(folder: Path, arguments: tuple[str, ...], limits: Limits) -> Run:
    """The command as a call: its own functions, without the start of a process."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    before = os.getcwd()
    os.chdir(folder)
    try:
        with redirect_stdout(out), redirect_stderr(err), processor_time(limits.seconds):
            code = run_command(list(arguments))
    finally:
        os.chdir(before)
    out.flush()
    return Run(int(code or 0), out.buffer.getvalue(), err.getvalue())


def as_process(folder: Path, arguments: tuple[str, ...], limits: Limits) -> Run:
    """The command as a user runs it, ended by the system where it takes too much."""

    def limit() -> None:
        limit_processor(limits.seconds)
        if sys.platform.startswith("linux"):
            resource.setrlimit(resource.RLIMIT_AS, ((limits.megabytes + 1000) * MEGABYTE,) * 2)

    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "PYTHONPATH")}
    command = [sys.executable, "-m", "hpolint", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, env=kept, preexec_fn=limit, check=False)
    return Run(run.returncode, run.stdout, run.stderr.decode("utf-8", "replace"))
