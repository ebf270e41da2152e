"""Definitions of state machines and pipelines that Terraform holds, as values or as text."""

from __future__ import annotations

import re

from hpolint.job import Reading, ReadingProblem, TuningJob
from hpolint.node import Node, Struct
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.states import is_states, read_states
from hpolint.source import Source
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.text import Text

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


def add_once(reading: Reading, jobs: list[TuningJob]) -> None:
    """Take in jobs, each once: a local value is a job where it is used."""
    seen = {job.request.span for job in reading.jobs}
    reading.jobs += [job for job in jobs if job.request.span not in seen]


def _read(source: Source, document: Node, called: str) -> list[TuningJob]:
    if isinstance(document, Struct) and is_states(document):
        return read_states(source, document, f" of {called}")
    if isinstance(document, Struct) and is_pipeline(document):
        return read_pipeline(source, document, f" of {called}")
    return []
