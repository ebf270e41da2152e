"""The texts of yaml-test-suite beside a tuning job: in the same stream, and as a value in the same document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hpolint.model.job import Reading
from hpolint.model.node import Node, Scalar, Struct, child
from hpolint.model.source import Source
from hpolint.readers import read_source
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.yaml_syntax import parse_yaml
from tests.conformance.suites import Case

JOB = """HyperParameterTuningJobName: tune
HyperParameterTuningJobConfig:
  Strategy: Random
  ResourceLimits: {MaxNumberOfTrainingJobs: 40, MaxParallelTrainingJobs: 4}
"""

FLOW = "{Strategy: Random, ResourceLimits: {MaxNumberOfTrainingJobs: 40, MaxParallelTrainingJobs: 4}}"
CLOSED_BY = {"{": "}", "[": "]", '"': '"'}

MARKER = re.compile(r"(?:---|\.\.\.)(?=\s|\Z)|%")
EMPTY = re.compile(r"(?:#.*\n|\.\.\.\n)*")
"""A text without a document; an end mark is one's behind another."""


def embedded(case: Case) -> Iterator[tuple[str, str]]:
    """The streams that hold a job and a case's text, each with how; as values only where the text is one."""
    text = case.text if case.text.endswith("\n") else f"{case.text}\n"
    if not text.startswith("%") or "\n---" in text:  # directives alone would be those of the job
        yield "before", f"{text}---\n{JOB}"
    start = MARKER.match(text)
    if EMPTY.fullmatch(text) is None:
        yield "after", JOB + ("---\n" if start is None else "...\n" if start[0] == "%" else "") + text
    if case.text.endswith("\n") and not re.search(r"^(?:---|\.\.\.|%)", text, re.MULTILINE):
        inner = "".join(f"  {line}" if line.strip("\r\n") else line for line in text.splitlines(keepends=True))
        yield "value", f"{JOB}Extra:\n{inner}"
        yield "first", f"Extra:\n{inner}{JOB}"
        yield "item", f"{JOB}Extra:\n-\n{inner}"
        flow = text.strip(" \n")
        if CLOSED_BY.get(flow[:1]) == flow[-1:] and len(flow) > 1:
            yield (
                "flow",
                f"{{HyperParameterTuningJobName: tune, HyperParameterTuningJobConfig: {FLOW}, Extra: {flow}}}\n",
            )
    if case.text.isascii():
        yield "quoted", f"{JOB}Extra: {json.dumps(case.text)}\n"
    if case.text.endswith("\n") and "\r" not in case.text:
        lines = "".join(f"  {line}\n" for line in case.text[:-1].split("\n"))
        yield "literal", f"{JOB}Extra: |2+\n{lines}"


def parsed(text: str) -> list[Node] | None:
    """The documents of a text; None where it is refused."""
    try:
        return list(parse_yaml(Source("r.yaml", text)))
    except SyntaxProblem:
        return None


VALUES = ("value", "first", "item", "flow")
"""The embeddings in which a text is a value."""

TEXTS = ("quoted", "literal")
"""Those in which it is a string, so that nothing of it is read."""


def value(how: str, documents: list[Node]) -> Node | None:
    """Where in an embedding the case's own value stands."""
    found = child(documents[0], "Extra")
    return child(found, 0) if how == "item" else found


def is_sound(reading: Reading) -> bool:
    """Whether jobs are given, and nothing is said of the file."""
    return bool(reading.jobs) and not (reading.problems or reading.notices or reading.skipped)


def placed(text: str) -> str | None:
    """The job's name, read where it is said to stand; None where no such job is read, or something else is said."""
    source, reading = read_source("r.yaml", text.encode("utf-8", "surrogatepass"))
    names = [job.request.members.get("HyperParameterTuningJobName") for job in reading.jobs]
    if not is_sound(reading) or len(names) != 1 or not isinstance(names[0], Scalar):
        return None
    limits = child(child(reading.jobs[0].request, "HyperParameterTuningJobConfig"), "ResourceLimits")
    most = child(limits, "MaxNumberOfTrainingJobs")
    if not isinstance(limits, Struct) or not isinstance(most, Scalar) or source.read(most.span) != "40":
        return None
    return source.read(names[0].span)
