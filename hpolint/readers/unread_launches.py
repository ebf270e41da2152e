"""The places of a source that may launch a tuning job which is not among those that its reader has read.

A rule that demands a decision asks for them, so that one job that is read does not hide another. A place is the name of
an operation or a member that only launches have. It is covered if a job that was read holds it, or if a problem already
reports it. What stands in a comment, and what is computed from parts, is not found.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import language_of
from hpolint.model.job import Reading
from hpolint.model.launch_texts import is_in, marked
from hpolint.model.source import Source, Span

HCL_COMMENT = lazy_regex(r'"(?:\\.|[^"\\\n])*"|(?P<comment>/\*.*?\*/|(?<!\S)//[^\n]*)', re.DOTALL)
"""In Terraform: strings, to skip, and the comments that do not begin with ``#``."""

AWS_WORDS = lazy_regex(r"sagemaker|boto|aws|HyperParameterTuningJobConfig|hyper_parameter_tuning_job\b", re.IGNORECASE)


def is_unrelated_python(source: Source) -> bool:
    """Whether a source is Python without a word of AWS: Google's Vertex AI has hyperparameter tuning jobs, too."""
    return language_of(source.name).name in ("Python", "notebooks") and not AWS_WORDS.search(source.text)


def unread_places(source: Source, reading: Reading) -> list[Span]:
    """The places that may launch a job that was not read, in order."""
    launches = reading.unread() if reading.unread is not None else _in_text(source)
    covered = _covered(source, reading)
    places = {place for place in launches if not covered.holds(place)}
    return sorted(places | {problem.span for problem in reading.problems})


def _in_text(source: Source) -> Iterator[Span]:
    is_terraform = language_of(source.name).name == "Terraform" and not source.is_json
    comments: list[tuple[int, int]] = []
    if is_terraform:
        comments = [match.span() for match in HCL_COMMENT.finditer(source.text) if match["comment"]]
    for start, end in marked(source.text, has_comments=not source.is_json):
        if not is_in(comments, start):
            yield source.span(start, end)


class Covered:
    """Places that are accounted for: spans, and what they hold."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: list[tuple[tuple[int, int], tuple[int, int]]] = []
        for start, end in sorted(((span.line, span.column), (span.end_line, span.end_column)) for span in set(spans)):
            if not self._spans or end > self._spans[-1][1]:
                self._spans.append((start, end))

    def holds(self, place: Span) -> bool:
        """Whether one of the spans contains the place."""
        start, end = (place.line, place.column), (place.end_line, place.end_column)
        at = bisect.bisect_right(self._spans, start, key=lambda span: span[0]) - 1
        return at >= 0 and end <= self._spans[at][1]


def _covered(source: Source, reading: Reading) -> Covered:
    spans = [*reading.idle, *(problem.span for problem in reading.problems)]
    for job in reading.jobs:
        if job.source is source or job.source.name == source.name:
            spans += [job.request.span, job.request.anchor, *job.request.keys.values(), *job.calls]
            if job.extent is not None:
                spans.append(job.extent)
    return Covered(spans)
