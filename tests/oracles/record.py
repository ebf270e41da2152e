"""The recorded answers of the oracles: what each program sends, so that readers can be compared without an SDK.

    HPOLINT_SDK2=PYTHON python -m tests.oracles.record sdk2

asks the real thing again and writes ``records/sdk2``; the variable names the Python of an environment that was made
with ``environments/sdk2.txt``. A record names what it depends on by its hash: the packages, the scripts that capture,
and each program's text. If one of them has changed, the record is stale, and reading it fails with the command that
makes it again.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tests.oracles.comparison import capture
from tests.oracles.programs import HERE, ORACLES, Oracle
from tests.oracles.r_programs import R

RECORDS = HERE / "records"
WIDTH = 120
VERSIONS = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
HOW = """
Make it anew: {variable}=PYTHON python -m tests.oracles.record {name}
where PYTHON is one with {packages}: pip install -c {constraints} {packages}"""

Outcome = dict[str, Any]


class StaleRecord(Exception):
    """There is no recorded answer to what is asked now."""

    def __init__(self, oracle: Oracle, reason: str) -> None:
        constraints = oracle.environment.relative_to(HERE.parents[1])
        packages = " ".join(oracle.packages)
        how = HOW.format(variable=oracle.variable, name=oracle.name, packages=packages, constraints=constraints)
        super().__init__(reason + how)


@cache
def recorded(oracle: Oracle, kind: str, folder: Path = RECORDS) -> dict[str, Outcome]:
    """What each program of a kind sends, and the error that it ends with, as the real thing has once answered."""
    path = folder / oracle.name / f"{kind}.json"
    if not path.exists():
        raise StaleRecord(oracle, f"There is no {path.name} of {oracle.name}.")
    record = json.loads(path.read_text("utf-8"))
    for what, now in made_with(oracle).items():
        if record[what] != now:
            raise StaleRecord(oracle, f"{path.name} of {oracle.name} was made with other {what}.")
    programs, outcomes = oracle.kinds[kind], record["outcomes"]
    changed = sorted(programs.keys() ^ outcomes.keys())
    changed += [
        name for name in programs.keys() & outcomes.keys() if outcomes[name]["program"] != hashed(programs[name])
    ]
    if changed:
        raise StaleRecord(oracle, f"{path.name} of {oracle.name} has no answer, or one too many: {', '.join(changed)}.")
    return {name: outcomes[name] for name in programs}


def made_with(oracle: Oracle) -> dict[str, str]:
    """What all answers of an oracle depend on."""
    names = ("capture_sdk2.py", f"capture_{oracle.name}.py", f"capture_{oracle.name}.R")
    scripts = [HERE / name for name in names if (HERE / name).exists()]
    return {
        "packages": hashed(oracle.environment.read_text("utf-8")),
        "scripts": hashed(*(path.read_text("utf-8") for path in scripts)),
    }


def hashed(*texts: str) -> str:
    """A short hash of some texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


PACKAGES_FOLDER = re.compile(r"/[^' ]*/site-packages/")


def asked(oracle: Oracle, programs: dict[str, str]) -> dict[str, Outcome]:
    """What the real thing answers now, in the form of a record."""
    if not oracle.python:
        raise StaleRecord(oracle, f"{oracle.variable} names no Python to ask.")
    if others := other_versions(oracle):
        raise StaleRecord(oracle, f"The environment of {oracle.variable} is another one: {', '.join(others[:9])}.")
    outcomes = capture(oracle.python, oracle.name, list(programs.values()))
    return {name: answer(programs[name], outcome) for name, outcome in zip(programs, outcomes, strict=True)}


def answer(program: str, outcome: Outcome) -> Outcome:
    """An outcome as it is recorded: the requests, and the error's first line, because the rest contains versions.

    A path in the error begins within the folder of the packages.
    """
    error = outcome["error"] and PACKAGES_FOLDER.sub("", outcome["error"].splitlines()[0])
    return {"program": hashed(program), "error": error, "requests": outcome["requests"]}


def other_versions(oracle: Oracle) -> list[str]:
    """The packages whose versions are not those that the environment is to have."""
    said = subprocess.run([oracle.python, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout
    installed = {normal(name): version for name, version in json.loads(said).items()}
    return [
        f"{name} is {installed.get(normal(name), 'missing')}, not {version}"
        for name, version in pinned(oracle.environment).items()
        if installed.get(normal(name)) != version
    ]


def pinned(path: Path) -> dict[str, str]:
    """The versions that a file of constraints wants."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("==", 1) for line in lines)


def normal(name: str) -> str:
    """A package's name in the form in which the same names are equal."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write(oracle: Oracle) -> None:
    """Ask the real thing about all programs, and record what it answers."""
    for kind, programs in oracle.kinds.items():
        path = RECORDS / oracle.name / f"{kind}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {**made_with(oracle), "outcomes": asked(oracle, programs)}
        path.write_text(laid_out(record) + "\n", "utf-8")


def laid_out(value: Any, indent: str = "", after: int = 0) -> str:
    """JSON with sorted keys: what fits in one line is in one, so that differences are readable and records small.

    ``after`` is how much stands on the first line before the value.
    """
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if len(indent) + after + len(line) <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner = indent + " "
    if isinstance(value, list):
        items = [inner + laid_out(item, inner) for item in value]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    members = [(json.dumps(key, ensure_ascii=False) + ": ", value[key]) for key in sorted(value)]
    lines = [inner + key + laid_out(member, inner, len(key)) for key, member in members]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


if __name__ == "__main__":
    known = {**ORACLES, R.name: R}
    for chosen in sys.argv[1:] or known:
        write(known[chosen])
