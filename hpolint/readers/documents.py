"""JSON and YAML: which form each document is, and which reader takes it.

A carrier is recognised by structure, wherever it stands; below it its own reader reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from hpolint.job import Reading, TuningJob
from hpolint.node import Array, Node, Struct
from hpolint.readers.carried import misread_booleans
from hpolint.readers.cloudformation import is_template, read_template
from hpolint.readers.intrinsics import tagged
from hpolint.readers.kubernetes import is_resource, read_resource
from hpolint.readers.own import is_own
from hpolint.readers.pipeline import is_pipeline, is_tuning_step, read_pipeline, read_step
from hpolint.readers.placeholders import resolved_struct
from hpolint.readers.request import is_candidate, read_candidate
from hpolint.readers.states import is_states, read_states
from hpolint.readers.terraform.plan import is_terraform, read_terraform_json
from hpolint.source import Source
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.text import Text, placeholder

Recogniser = Callable[[Struct], bool]
Reader = Callable[[Source, Struct], Reading]

YAML_1_1_CONSUMER = re.compile(r"(?:^|[{,\s])[\"']?(?:Resources|apiVersion)[\"']?\s*:")
"""CloudFormation and Kubernetes read YAML 1.1, where a bare ``Off`` is false; all others are taken to read 1.2."""


def documents(source: Source) -> Iterable[Node]:
    """The documents of a file, with the places of all values. Raises SyntaxProblem where it breaks."""
    if source.is_json:
        return [_json_document(source)]
    return _yaml_documents(source)


def _json_document(source: Source) -> Node:
    """The value of a JSON file, or of a template of one whose placeholders stand where a value would."""
    from hpolint.syntax.json import parse_json

    try:
        return parse_json(source)
    except SyntaxProblem:
        text = Text.file(source).filled(lambda name, place: placeholder(source, name, place))
        if not text.holes:
            raise
        try:
            return parse_text(text)
        except SyntaxProblem:
            pass
        raise


def _yaml_documents(source: Source) -> Iterator[Node]:
    from hpolint.syntax.scalars import YAML_1_1, YAML_1_2
    from hpolint.syntax.yaml import parse_yaml

    if not YAML_1_1_CONSUMER.search(source.text):
        yield from parse_yaml(source, tags=tagged)
        return
    others: Iterator[tuple[int, Node]] | None = None
    for number, document in enumerate(parse_yaml(source, YAML_1_1, tags=tagged)):
        if _reads_yaml_1_1(document):
            yield document
            continue
        # A document of another consumer in the same stream: read it anew, as that one does.
        others = others or enumerate(parse_yaml(source, YAML_1_2, tags=tagged))
        yield next(other for index, other in others if index == number)


def _reads_yaml_1_1(document: Node) -> bool:
    return any(True for _ in _carriers(document, lambda node: is_template(node) or is_resource(node)))


def read_document(source: Source, root: Node) -> Reading:
    """The tuning jobs of one document, in whatever forms it holds them, and what of it cannot be read."""
    found = Reading(own=is_own(root))
    if found.own:
        return found
    for node in _carriers(root, _known_form):
        for recognises, read in FORMS:
            if recognises(node):
                reading = read(source, node)
                found.jobs += reading.jobs
                found.problems += reading.problems
                found.sources += reading.sources
                found.skipped = found.skipped or reading.skipped
                break
    return found


def _carriers(node: Node, recognised: Recogniser) -> Iterator[Struct]:
    """The outermost structures that are recognised, in document order."""
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
    return any(recognises(node) for recognises, _ in FORMS)


def _template(source: Source, node: Struct) -> Reading:
    reading = read_template(source, node)
    _observe_booleans(source, reading.jobs)
    return reading


def _resource(source: Source, node: Struct) -> Reading:
    jobs = read_resource(source, node)
    _observe_booleans(source, jobs)
    return Reading(jobs)


def _observe_booleans(source: Source, jobs: list[TuningJob]) -> None:
    for job in jobs:
        if job.source is source and not source.is_json:
            job.observations += misread_booleans(source, job.request)


def _states(source: Source, node: Struct) -> Reading:
    return Reading(read_states(source, resolved_struct(node)))


def _pipeline(source: Source, node: Struct) -> Reading:
    return Reading(read_pipeline(source, resolved_struct(node)))


def _step(source: Source, node: Struct) -> Reading:
    return Reading(read_step(source, resolved_struct(node)))


FORMS: tuple[tuple[Recogniser, Reader], ...] = (
    (is_template, _template),
    (is_resource, _resource),
    (is_states, _states),
    (is_pipeline, _pipeline),
    (is_tuning_step, _step),
    (is_terraform, read_terraform_json),
    (is_candidate, read_candidate),
)
"""Which structures are a form's, and its reader; the first that recognises one takes it."""
