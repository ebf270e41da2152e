"""Definitions of state machines and pipelines that Terraform holds, as values or as text, and schedules' input."""

from __future__ import annotations

import re

from hpolint.job import Reading, ReadingProblem, TuningJob
from hpolint.node import Node, Struct
from hpolint.readers.carried import UNIVERSAL_TARGET, carried
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.readers.states import is_states, read_states
from hpolint.source import Source, Span
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.text import Text

SCHEDULE = "aws_scheduler_schedule"
MARK = "yperParameterTuningJob"
"""Stands in every definition that launches a tuning job."""

DEFINES = re.compile(r'"States"|"Steps"')


def add_definition(reading: Reading, source: Source, document: Node | Text, called: str) -> None:
    """Take in the tuning jobs of a definition; ``called`` says in words what holds it. Any other value has none."""
    if not isinstance(document, Text):
        add_once(reading, _read(source, document, called))
    elif MARK in document.value:
        try:
            add_once(reading, _read(source, parse_text(document), called))
        except SyntaxProblem as problem:
            if not document.holes and DEFINES.search(document.value):
                reading.problems.append(ReadingProblem(problem.reason, problem.span))


def add_schedule(reading: Reading, source: Source, arn: str, given: tuple[Span, Node | Text], called: str) -> None:
    """Take in the job that a schedule's target launches itself; ``given`` is the place and value of its input."""
    place, document = given
    if not UNIVERSAL_TARGET.search(arn):
        return
    try:
        request = resolve_placeholders(parse_text(document) if isinstance(document, Text) else document)
    except SyntaxProblem:
        return
    add_once(reading, [carried("terraform", source, request, place, f"target of the {called}")])


def add_once(reading: Reading, jobs: list[TuningJob]) -> None:
    """Take in jobs, each once: a local value is a job where it is used."""
    seen = {job.request.span for job in reading.jobs}
    reading.jobs += [job for job in jobs if job.request.span not in seen]


def _read(source: Source, document: Node, called: str) -> list[TuningJob]:
    if isinstance(document, Struct) and is_states(document):
        return read_states(source, document, f" of the {called}")
    if isinstance(document, Struct) and is_pipeline(document):
        return read_pipeline(source, document, f" of the {called}")
    return []
