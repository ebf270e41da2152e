"""State machine and pipeline definitions in Terraform, as values or text, and the input of schedules."""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Reading, ReadingProblem
from hpolint.model.node import Array, Node, Struct
from hpolint.model.source import Source, Span
from hpolint.readers.carried import UNIVERSAL_TARGET, carried_job
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.placeholders import resolve_placeholders, unread_notice
from hpolint.readers.step_functions import is_states, read_states
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import Text

SCHEDULE = "aws_scheduler_schedule"
PIPELINE = "aws_sagemaker_pipeline"
MARK = "yperParameterTuningJob"
"""Text that every definition that launches a tuning job contains."""

DEFINES = lazy_regex(r'"States"|"Steps"')


def is_definition(node: Struct) -> bool:
    """Whether this is a complete definition, by its structure; the attribute that holds it may have any name."""
    states = node.get("States")
    if isinstance(states, Struct) and any(isinstance(state, Struct) for state in states.members.values()):
        return is_states(node)
    return is_pipeline(node) and "Version" in node.members


class Definitions:
    """The tuning jobs of a file's definitions. Each definition is read once, where it is used."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._definitions: set[Span] = set()
        self._requests: set[Span] = set()

    def add(self, document: Node | Text, carrier: str, *, kind: str = "", unused: bool = False) -> None:
        """Add the tuning jobs of a document, if it is a definition. ``carrier`` describes its holder in words.

        ``kind`` is the holder's resource type: a pipeline in a pipeline resource needs no version. ``unused`` is set
        for an unused local value: requests that another definition has taken from it are not added again.
        """
        for definition in self._found(document, kind):
            if definition.span in self._definitions:
                continue
            self._definitions.add(definition.span)
            read = read_states if is_states(definition) else read_pipeline
            jobs = read(self._source, definition, f" of the {carrier}")
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
                    self._reading.notices.append(unread_notice(problem))
                else:
                    self._reading.problems.append(ReadingProblem(problem.reason, problem.span))


def _outermost(node: Node, kind: str) -> Iterator[Struct]:
    """The outermost definitions in a document, in its order."""
    if isinstance(node, Array):
        for item in node.items:
            yield from _outermost(item, kind)
    elif isinstance(node, Struct):
        if is_definition(node) or (kind == PIPELINE and is_pipeline(node)):
            yield node
        else:
            for member in node.members.values():
                yield from _outermost(member, kind)


def add_schedule(
    reading: Reading, source: Source, arn: str, input_: tuple[Span, Node | Text], carrier: str, extent: Span
) -> None:
    """Add the job that a schedule's target, the block at ``extent``, launches.

    ``input_`` is the span and value of its input.
    """
    place, document = input_
    if not UNIVERSAL_TARGET.search(arn):
        return
    try:
        request = resolve_placeholders(parse_text(document) if isinstance(document, Text) else document)
    except SyntaxProblem:
        return
    job = carried_job("terraform", source, request, place, f"target of the {carrier}", extent)
    if all(other.request.span != job.request.span for other in reading.jobs):
        reading.jobs.append(job)
