"""Readers of tuning jobs: one module for each form, sources in, tuning jobs out. A reader knows no rules."""

from __future__ import annotations

from hpolint.model.forms import MEGABYTE, language_of, load
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.node import Struct, walk
from hpolint.model.source import Beside, Source, Span, UndecodableError
from hpolint.model.spelling import API, HCL, JSON, YAML, Spelling

START = Span(1, 1, 1, 2)


def reader_of(name: str) -> str:
    """The name of the reader of a file, for an internal error."""
    return f"the reader of {language_of(name).name}"


def read_source(name: str, data: bytes | None, beside: Beside | None = None) -> tuple[Source, Reading]:
    """The source and the reading of one file's bytes. ``data`` is None for a file that is too large.

    ``beside`` holds the files that this file names, keyed by the name that it uses.
    """
    language = language_of(name)
    if data is None:
        source = Source(name, "")
        unpacked = " unpacked" if source.is_packed else ""
        reason = f"larger than {language.max_bytes // MEGABYTE} MB{unpacked}, so it was not parsed"
        return source, Reading(problems=[ReadingProblem(reason, START)])
    try:
        source = Source.decode(name, data, beside)
    except UndecodableError as error:
        span = Span(error.line, 1, error.line, 2)
        return Source(name, ""), Reading(problems=[ReadingProblem(error.reason, span)])
    reading: Reading = load(language.reader)(source)
    for job in reading.jobs:
        if job.spelling is API:
            job.spelling = _spelling_in_text(job)
    return source, reading


def _spelling_in_text(job: TuningJob) -> Spelling:
    """The syntax in which a job's text writes the API's names: JSON (also inside a template's string), HCL or YAML."""
    for _, node in walk(job.request):
        if isinstance(node, Struct) and node.keys:
            key = next(iter(node.keys.values()))
            if job.source.read(key).startswith(('"', '\\"')):
                return JSON
            break
    return HCL if language_of(job.source.name).name == "Terraform" else YAML
