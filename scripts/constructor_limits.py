"""What the scripts that ask libraries for the numbers they refuse share: the numbers, and the form of their data."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "hpolint/data"
PROBES = (-1, 0, 1, 2, -0.5, -0.01, 0.0, 0.01, 0.5, 0.99, 1.0, 1.01, 1.5, 5.0)
"""The numbers that are tried, integers first."""

Refused = dict[str, dict[str, list[int | float]]]
"""The refused numbers of each parameter of each constructor."""


def answers_of(python: str, program: str) -> dict[str, Any]:
    """What a program prints last as JSON, if a Python runs it. Raises CalledProcessError after showing its errors.

    It has one thread: the fork of a process in which OpenMP has started threads waits for them without end.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    done.check_returncode()
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def written(library: str, data: dict[str, Any], *, checks: bool) -> int:
    """Write a library's file, or compare it with the committed one in all but its date. Returns the exit code."""
    target = DATA / f"{library}_limits.json"
    if checks:
        committed = json.loads(target.read_text("utf-8"))
        return int({**committed, "as_of": ""} != {**json.loads(_text(data)), "as_of": ""})
    target.write_text(_text(data), "utf-8")
    return 0


def same_beginnings(by_version: Iterable[dict[str, list[str]]]) -> dict[str, list[str]]:
    """The positional parameters of each constructor, as far as they are the same in each version that has it."""
    same: dict[str, list[str]] = {}
    for positional in by_version:
        for name, parameters in positional.items():
            same[name] = _common_beginning(same.get(name, parameters), parameters)
    return same


def _common_beginning(first: list[str], second: list[str]) -> list[str]:
    length = min(len(first), len(second))
    while first[:length] != second[:length]:
        length -= 1
    return first[:length]


def refused_by_all(answers: list[Refused]) -> Refused:
    """The numbers that each of some versions refuses, for the parameters that all have."""
    first, *others = answers
    refused: Refused = {}
    for name, parameters in first.items():
        for parameter, numbers in parameters.items():
            further = [other.get(name, {}).get(parameter, []) for other in others]
            for refusals in further:
                numbers = [number for number in numbers if number in refusals]
            refused.setdefault(name, {})[parameter] = numbers
    return refused


def compact(by_version: dict[str, Refused], versions: dict[str, str], source: str) -> dict[str, Any]:
    """The refused numbers of each parameter by version; a number for each list of refused numbers, which are few.

    ``versions`` are the versions of the library by the beginnings of the tags of Amazon's images.
    """
    lists: list[list[int | float]] = []
    classes: dict[str, dict[str, list[int | None]]] = {}
    names = sorted({name for refused in by_version.values() for name in refused})
    for name in names:
        parameters: dict[str, list[int | None]] = {}
        for parameter in sorted({own for refused in by_version.values() for own in refused.get(name, {})}):
            numbers = [by_version[version].get(name, {}).get(parameter) for version in dict.fromkeys(versions.values())]
            if any(numbers):
                parameters[parameter] = [_index(lists, refusals) for refusals in numbers]
        if parameters:
            classes[name] = parameters
    return {
        "as_of": datetime.date.today().isoformat(),
        "source": source,
        "versions": versions,
        "tried": PROBES,
        "refused": lists,
        "classes": classes,
    }


def _index(lists: list[list[int | float]], refusals: list[int | float] | None) -> int | None:
    if refusals is None:
        return None
    if refusals not in lists:
        lists.append(refusals)
    return lists.index(refusals)


def _text(data: dict[str, Any]) -> str:
    """JSON with a line for each class."""
    lines = []
    for name, value in data.items():
        if name in ("classes", "refused", "positional"):
            rows = value.items() if isinstance(value, dict) else enumerate(value)
            keyed = isinstance(value, dict)
            body = ",\n".join(f"    {json.dumps(key) + ': ' if keyed else ''}{json.dumps(row)}" for key, row in rows)
            lines.append(f'  "{name}": {"{" if keyed else "["}\n{body}\n  {"}" if keyed else "]"}')
        else:
            lines.append(f'  "{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"
