"""One module per form: sources in, tuning jobs out. A reader knows no rule."""

from __future__ import annotations

import re

from hpolint.discovery import Beside, most_bytes
from hpolint.job import Reading, ReadingProblem
from hpolint.readers.placeholders import BRACES
from hpolint.source import Source, Span, UndecodableError
from hpolint.spelling import API, JSON
from hpolint.syntax import SyntaxProblem

MARK = re.compile(rf"{BRACES}|\{{%(?:[^{{%]++|\{{(?!%)|%(?!\}}))*+%\}}")
BLOCK = re.compile(r"\{%|\{\{-|-\}\}|\{\{\s*(?:if|else|end|range|with|define|template|include|toYaml)\b")
JSON_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)')
"""One that does not end goes to the end, so that nothing within it is tried again."""
PLACEHOLDER = re.compile(r"\$\{|<[A-Z][A-Z0-9 _-]*>")
NAMES = re.compile(r"[hH]yperParameterTuningJobConfig|[mM]axParallelTrainingJobs|[sS]taticHyperParameters\b")
"""Members that only a definition has, as the API and Kubernetes spell them."""

START = Span(1, 1, 1, 2)

READERS = {"py": "Python", "ipynb": "notebooks", "tf": "Terraform"}


def reader_of(name: str) -> str:
    """What reads a file of that name, for a report about a mistake of it."""
    suffix = name.lower().rpartition(".")[2]
    return f"the reader of {READERS.get(suffix, 'JSON and YAML')}"


def read_source(name: str, data: bytes | None, beside: Beside | None = None) -> tuple[Source, Reading]:
    """Everything that one file's bytes hold; None stands for bytes that are too many.

    ``beside`` are the files that it names, by the name that it gives them.
    """
    if data is None:
        limit = most_bytes(name) // 1024 // 1024
        return Source(name, ""), Reading(
            problems=[ReadingProblem(f"larger than {limit} MB, so it was not parsed", START)]
        )
    try:
        source = Source.decode(name, data, beside)
    except UndecodableError as error:
        span = Span(error.line, 1, error.line, 2)
        return Source(name, ""), Reading(problems=[ReadingProblem(error.reason, span)])
    suffix = name.lower().rpartition(".")[2]
    if suffix == "py":
        from hpolint.readers.python import read_python

        return source, read_python(source)
    if suffix == "ipynb":
        from hpolint.readers.python import read_notebook

        return source, read_notebook(source)
    if suffix == "tf":
        from hpolint.readers.terraform.files import read_terraform

        return source, read_terraform(source)
    return source, _read_documents(source)


def _read_documents(source: Source) -> Reading:
    """The jobs of a JSON or YAML file. Documents before one that does not parse are kept."""
    from hpolint.readers.documents import documents, read_document

    reading = Reading()
    try:
        for document in documents(source):
            found = read_document(source, document)
            reading.jobs += found.jobs
            reading.problems += found.problems
            reading.sources += found.sources
            reading.skipped = reading.skipped or found.skipped
            reading.own |= found.own
    except SyntaxProblem as problem:
        _judge_problem(source, problem, reading)
    for job in reading.jobs if source.is_json else ():
        job.spelling = JSON if job.spelling is API else job.spelling
    return reading


def _judge_problem(source: Source, problem: SyntaxProblem, reading: Reading) -> None:
    """A text that does not parse is a finding if it names a definition and is no template."""
    offset = source.offset(problem.span.line, problem.span.column)
    in_json = source.is_json
    if (not in_json and BLOCK.search(source.text)) or _marked(source, problem.span.line, in_json=in_json):
        reading.skipped = "a template that has to be rendered first"
    elif PLACEHOLDER.match(source.text, offset) or PLACEHOLDER.match(source.text, max(offset - 1, 0)):
        reading.skipped = "a template with a placeholder outside of a string"
    elif NAMES.search(_unit(source, offset)):
        reading.problems.append(ReadingProblem(problem.reason, problem.span))


def _marked(source: Source, line: int, *, in_json: bool) -> bool:
    """Whether a template's mark stands where the parser stumbled, or in the line before; in JSON not in a string."""
    lines = [source.line(number) for number in range(max(line - 1, 1), min(line, len(source.line_starts)) + 1)]
    return any(MARK.search(JSON_STRING.sub("", text) if in_json else text) for text in lines)


def _unit(source: Source, offset: int) -> str:
    """The part of the text that did not parse: of a YAML stream, from the last `---` on."""
    if source.is_json:
        return source.text
    start = source.text.rfind("\n---", 0, offset)
    return source.text[max(start, 0) :]
