"""JSON and YAML: the form of each document, and its reader.

A carrier is recognised by its structure, at any depth. Its own reader reads everything inside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from hpolint.lazy_regex import lazy_regex
from hpolint.model.forms import FORMS, Form, load
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.node import Array, Node, Struct
from hpolint.model.source import Source
from hpolint.readers.carried import misread_booleans
from hpolint.readers.own_output import is_own
from hpolint.readers.placeholders import BRACES
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import Text, placeholder

MARK = lazy_regex(rf"{BRACES}|\{{%(?:[^{{%]++|\{{(?!%)|%(?!\}}))*+%\}}")
BLOCK = lazy_regex(r"\{%|\{\{-|-\}\}|\{\{\s*(?:if|else|end|range|with|define|template|include|toYaml)\b")
JSON_STRING = lazy_regex(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)')
"""An unterminated string matches to the end of the text, so that the search does not start again inside it."""
PLACEHOLDER = lazy_regex(r"\$\{|<[A-Z][A-Z0-9 _-]*>")
MARKER = lazy_regex(r"^---(?=\s|$)", re.MULTILINE)
"""The start of a document in a YAML stream."""

NAMES = lazy_regex(r"[hH]yperParameterTuningJobConfig|[mM]axParallelTrainingJobs|[sS]taticHyperParameters\b")
"""Members that only a definition has, in the spelling of the API and of Kubernetes."""

EVENT = lazy_regex(r'"event(?:Name|Json|Data)"\s*:', re.IGNORECASE)
"""A member of an event: of the JSON files with several documents, only logs are read."""

Recogniser = Callable[[Struct], bool]
Reader = Callable[[Source, Struct], Reading]

YAML_1_1_CONSUMER = lazy_regex(r"(?:^|[{,\s])[\"']?(?:Resources|apiVersion)[\"']?\s*:")
"""CloudFormation and Kubernetes read YAML 1.1, where a bare ``Off`` is false; others are assumed to read YAML 1.2."""


def read_documents(source: Source) -> Reading:
    """The jobs of a JSON or YAML file, including documents before one that does not parse."""
    reading = Reading()
    try:
        for document in documents(source):
            reading.take(read_document(source, document))
    except SyntaxProblem as problem:
        if source.is_json and EVENT.search(source.text) and load("event_logs:starts_stream")(source.text):
            stream: Reading = load("event_logs:read_log")(source)
            return stream
        _report_problem(source, problem, reading)
    return reading


def _report_problem(source: Source, problem: SyntaxProblem, reading: Reading) -> None:
    """Report a text that does not parse: a problem if it names a definition and is not a template, else a notice."""
    offset = source.offset(problem.span.line, problem.span.column)
    in_json = source.is_json
    if (not in_json and BLOCK.search(source.text)) or _marked(source, problem.span.line, in_json=in_json):
        reading.skipped = "a template that must be rendered first"
    elif PLACEHOLDER.match(source.text, offset) or PLACEHOLDER.match(source.text, max(offset - 1, 0)):
        reading.skipped = "a template with a placeholder outside a string"
    elif NAMES.search(_unit(source, offset)):
        reading.problems.append(ReadingProblem(problem.reason, problem.span))
    elif reading.jobs:
        reading.notices.append(f"not read: line {problem.span.line} and what follows it: {problem.reason}")


def _marked(source: Source, line: int, *, in_json: bool) -> bool:
    """Whether the line of the syntax error, or the one before, has template markup (in JSON, outside strings)."""
    lines = [source.line(number) for number in range(max(line - 1, 1), min(line, len(source.line_starts)) + 1)]
    return any(MARK.search(JSON_STRING.sub("", text) if in_json else text) for text in lines)


def _unit(source: Source, offset: int) -> str:
    """The document that did not parse: in a YAML stream, the text from the last `---` on."""
    if source.is_json:
        return source.text
    marks = [match.start() for match in MARKER.finditer(source.text, 0, offset)]
    return source.text[marks[-1] if marks else 0 :]


def documents(source: Source) -> Iterable[Node]:
    """The documents of a file, with the spans of all values. Raises SyntaxProblem."""
    if source.is_json:
        return [_json_document(source)]
    return _yaml_documents(source)


def _json_document(source: Source) -> Node:
    """The value of a JSON file, which may have placeholders in place of values. Raises SyntaxProblem."""
    from hpolint.syntax.json_syntax import parse_json

    try:
        return parse_json(source)
    except SyntaxProblem:
        text = Text.file(source).filled(lambda name, place: placeholder(source, name, place))
        if not text.gaps:
            raise
        try:
            return parse_text(text)
        except SyntaxProblem:
            pass
        raise


def _yaml_documents(source: Source) -> Iterator[Node]:
    from hpolint.readers.cloudformation.intrinsics import tagged
    from hpolint.syntax.scalars import YAML_1_1, YAML_1_2
    from hpolint.syntax.yaml_syntax import parse_yaml

    if not YAML_1_1_CONSUMER.search(source.text):
        yield from parse_yaml(source, tags=tagged)
        return
    others: Iterator[tuple[int, Node]] | None = None
    for number, document in enumerate(parse_yaml(source, YAML_1_1, tags=tagged)):
        if _reads_yaml_1_1(document):
            yield document
            continue
        # Another consumer's document in the same stream: parse it again as YAML 1.2.
        others = others or enumerate(parse_yaml(source, YAML_1_2, tags=tagged))
        yield next(other for index, other in others if index == number)


def _reads_yaml_1_1(document: Node) -> bool:
    recognisers = [recognises for form, recognises, _ in known_forms() if form.is_yaml_1_1]
    return any(_carriers(document, lambda node: any(recognises(node) for recognises in recognisers)))


def read_document(source: Source, root: Node) -> Reading:
    """The tuning jobs of one document, in all forms, and its problems."""
    reading = Reading(is_own_output=is_own(root))
    if reading.is_own_output:
        return reading
    for node in _carriers(root, _known_form):
        form, read = next((form, read) for form, recognises, read in known_forms() if recognises(node))
        carried = read(source, node)
        if form.is_yaml_1_1:
            _observe_booleans(source, carried.jobs)
        reading.take(carried)
    return reading


def _carriers(node: Node, recognised: Recogniser) -> Iterator[Struct]:
    """The outermost recognised structures, in document order."""
    if isinstance(node, Array):
        for item in node.items:
            yield from _carriers(item, recognised)
    elif isinstance(node, Struct):
        if recognised(node):
            yield node
        else:
            for member in node.members.values():
                yield from _carriers(member, recognised)


def _known_form(node: Struct) -> bool:
    return any(recognises(node) for _, recognises, _ in known_forms())


@cache
def known_forms() -> tuple[tuple[Form, Recogniser, Reader], ...]:
    """The forms of JSON and YAML documents, each with its recogniser and its reader."""
    forms = (form for form in FORMS if form.recogniser is not None)
    return tuple((form, partial(_recognises, form), partial(_read, form)) for form in forms)


def _recognises(form: Form, node: Struct) -> bool:
    if form.members and form.members.isdisjoint(node.members):
        return False
    return bool(_loaded(form.recogniser)(node))


def _read(form: Form, source: Source, node: Struct) -> Reading:
    reading: Reading = _loaded(form.reader)(source, node)
    return reading


@cache
def _loaded(name: str) -> Callable[..., Any]:
    """A function of a reader's module, which is imported with the first structure that may be of its form."""
    return load(name)


def _observe_booleans(source: Source, jobs: list[TuningJob]) -> None:
    for job in jobs:
        if job.source is source and not source.is_json:
            job.observations += misread_booleans(source, job.request)
