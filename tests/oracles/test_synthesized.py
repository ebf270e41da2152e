"""What the CDK and the SDKs write is what the fixtures hold, and what is read of it is what went in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpolint.model.job import TuningJob
from hpolint.model.node import Node, Unknown, follow, parse_path, path_text
from hpolint.readers import read_source
from scripts.synthesize import FIXTURES, PROGRAMS, made
from tests.oracles.comparison import differences

TOKEN = "~token~"
NAME, CONFIG = "HyperParameterTuningJobName", "HyperParameterTuningJobConfig"
TEMPLATES = sorted((FIXTURES / "cdk/cdk.out").rglob("*.json"))
SPLICED = re.compile(rf"(?<=[:\[,]){TOKEN}(?=[,\]}}])")
"""A token that stands for a number, without quotes."""


@pytest.mark.live
@pytest.mark.parametrize("name", [*PROGRAMS, "cdk"])
def test_the_fixtures_are_what_the_tools_write(name: str) -> None:
    """``python scripts/synthesize.py`` writes them anew."""
    for path, text in made(name).items():
        assert path.read_text("utf-8") == text


@pytest.mark.parametrize("path", [*TEMPLATES, *(FIXTURES / name for name in PROGRAMS)], ids=lambda path: path.name)
def test_what_is_read_is_what_went_in(path: Path) -> None:
    """The requests, found by taking tokens for words and decoding every string, are the jobs that are read."""
    written = list(requests(plainly(json.loads(path.read_text("utf-8")))))
    _, reading = read_source(path.name, path.read_bytes())
    assert reading.problems == []
    jobs = reading.jobs
    assert len(jobs) == len(written)
    for job in jobs:
        candidates = [request for request in written if not differing(request, job)]
        assert candidates, min((differing(request, job) for request in written), key=len)
        written.remove(candidates[0])


def differing(request: dict[str, Any], job: TuningJob) -> list[str]:
    """Where a written request and a job differ; what a token is part of must be unknown, and only that."""
    found = [each for each in differences(request, job.request) if TOKEN not in each]
    return found + [each for each in tokens(request) if not isinstance(at(job, each), Unknown)]


def at(job: TuningJob, path: str) -> Node | None:
    """The node at a path."""
    return follow(job.request, parse_path(path))


def tokens(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[str]:
    """The paths of the strings that a token is part of."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from tokens(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from tokens(item, (*path, index))
    elif isinstance(value, str) and TOKEN in value:
        yield path_text(path)


def plainly(value: Any) -> Any:
    """A document without functions: values that only a deployment or run determines are tokens; joins are joined."""
    if isinstance(value, list):
        return [plainly(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Join"}:
        delimiter, parts = value["Fn::Join"]
        return delimiter.join(str(plainly(part)) for part in parts)
    if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Sub", "Get", "Std:Join"):
        return TOKEN
    value = {name: plainly(member) for name, member in value.items()}
    for name, word in value.get("DefinitionSubstitutions", {}).items():
        if "DefinitionString" in value:
            value["DefinitionString"] = value["DefinitionString"].replace(f"${{{name}}}", word)
    return value


def requests(value: Any) -> Iterator[dict[str, Any]]:
    """The requests of a plain document, those in strings too; a call on update is the one on create again."""
    if isinstance(value, str) and CONFIG in value:
        text = re.sub(r"\$\{\w+\}", TOKEN, SPLICED.sub(f'"{TOKEN}"', value))
        yield from requests(plainly(json.loads(text)))
    elif isinstance(value, list):
        for item in value:
            yield from requests(item)
    elif isinstance(value, dict) and CONFIG in value:
        yield evaluated(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name != "Update":
                yield from requests(member)


def evaluated(value: Any) -> Any:
    """A request whose paths and expressions are tokens."""
    if isinstance(value, dict):
        return {
            name.removesuffix(".$"): TOKEN if name.endswith(".$") else evaluated(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [evaluated(item) for item in value]
    return re.sub(r"\{%.*%\}|\$\{\w+\}", TOKEN, value) if isinstance(value, str) else value
