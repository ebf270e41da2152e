"""Definitions of state machines and pipelines that Terraform holds, as values or as text, and schedules' input."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hpolint.model.job import Reading, ReadingProblem
from hpolint.model.node import Array, Node, Struct
from hpolint.model.source import Source, Span
from hpolint.readers.carried import UNIVERSAL_TARGET, carried
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.placeholders import resolve_placeholders, unread_text
from hpolint.readers.states import is_states, read_states
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import Text

SCHEDULE = "aws_scheduler_schedule"
PIPELINE = "aws_sagemaker_pipeline"
MARK = "yperParameterTuningJob"
"""Stands in every definition that launches a tuning job."""

DEFINES = re.compile(r'"States"|"Steps"')


def is_definition(node: Struct) -> bool:
    """Whether this is a whole definition, by its structure: whoever holds it may call it as they like."""
    states = node.get("States")
    if isinstance(states, Struct) and any(isinstance(state, Struct) for state in states.members.values()):
        return is_states(node)
    return is_pipeline(node) and "Version" in node.members


class Definitions:
    """The tuning jobs of a file's definitions, each definition once: one is a job where it is used."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._definitions: set[Span] = set()
        self._requests: set[Span] = set()

    def add(self, document: Node | Text, called: str, *, kind: str = "", unused: bool = False) -> None:
        """Take in the tuning jobs of a document; ``called`` says in words what holds it. Any other has none.

        ``kind`` is the holder's type: what is a pipeline there need not say of which version. ``unused`` says that it
        is a local value's own: requests that another definition has taken from it are known already.
        """
        for definition in self._found(document, kind):
            if definition.span in self._definitions:
                continue
            self._definitions.add(definition.span)
            read = read_states if is_states(definition) else read_pipeline
            jobs = read(self._source, definition, f" of the {called}")
            self._reading.jobs += [job for job in jobs if not (unused and job.request.span in self._requests)]
            self._requests |= {job.request.span for job in jobs}

    def _found(self, document: Node | Text, kind: str) -> Iterator[Struct]:
        if not isinstance(document, Text):
            yield from _outermost(document, kind)
        elif MARK in document.value:
            try:
                yield from _outermost(parse_text(document), kind)
            except SyntaxProblem as problem:
                if not DEFINES.search(document.value):
                    return
                if document.gaps:
                    self._reading.notices.append(unread_text(problem))
                else:
                    self._reading.problems.append(ReadingProblem(problem.reason, problem.span))


def _outermost(node: Node, kind: str) -> Iterator[Struct]:
    """The definitions in a document, in its order; a part of one is none."""
    if isinstance(node, Array):
        for item in node.items:
            yield from _outermost(item, kind)
    elif isinstance(node, Struct):
        if is_definition(node) or (kind == PIPELINE and is_pipeline(node)):
            yield node
        else:
            for member in node.members.values():
                yield from _outermost(member, kind)


def add_schedule(reading: Reading, source: Source, arn: str, given: tuple[Span, Node | Text], called: str) -> None:
    """Take in the job that a schedule's target launches itself; ``given`` is the place and value of its input."""
    place, document = given
    if not UNIVERSAL_TARGET.search(arn):
        return
    try:
        request = resolve_placeholders(parse_text(document) if isinstance(document, Text) else document)
    except SyntaxProblem:
        return
    job = carried("terraform", source, request, place, f"target of the {called}")
    if all(other.request.span != job.request.span for other in reading.jobs):
        reading.jobs.append(job)
