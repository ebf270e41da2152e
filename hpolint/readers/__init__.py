"""One module per form: sources in, tuning jobs out. A reader knows no rule."""

from __future__ import annotations

from hpolint.model.forms import MEGABYTE, language_of, load
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.node import Struct, walk
from hpolint.model.source import Beside, Source, Span, UndecodableError
from hpolint.model.spelling import API, HCL, JSON, YAML, Spelling

START = Span(1, 1, 1, 2)


def reader_of(name: str) -> str:
    """What reads a file of that name, for a report about a mistake of it."""
    return f"the reader of {language_of(name).name}"


def read_source(name: str, data: bytes | None, beside: Beside | None = None) -> tuple[Source, Reading]:
    """Everything that one file's bytes hold; None stands for bytes that are too many.

    ``beside`` are the files that it names, by the name that it gives them.
    """
    language = language_of(name)
    if data is None:
        reason = f"larger than {language.max_bytes // MEGABYTE} MB, so it was not parsed"
        return Source(name, ""), Reading(problems=[ReadingProblem(reason, START)])
    try:
        source = Source.decode(name, data, beside)
    except UndecodableError as error:
        span = Span(error.line, 1, error.line, 2)
        return Source(name, ""), Reading(problems=[ReadingProblem(error.reason, span)])
    reading: Reading = load(language.reader)(source)
    for job in reading.jobs:
        if job.spelling is API:
            job.spelling = _written_as(job)
    return source, reading


def _written_as(job: TuningJob) -> Spelling:
    """How the text that a job stands in writes the API's own names: as JSON, also in a template's string, or not."""
    structures = (node for _, node in walk(job.request) if isinstance(node, Struct))
    key = next((place for node in structures for place in node.keys.values()), None)
    written = job.source.read(key) if key is not None else ""
    if written.startswith(('"', '\\"')):
        return JSON
    return HCL if language_of(job.source.name).name == "Terraform" else YAML
