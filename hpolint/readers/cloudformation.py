"""CloudFormation and SAM templates, and what the CDK synthesizes: every resource that carries a tuning job.

Sources: the CloudFormation template reference and the SAM resource reference; ``Custom::AWS`` is what aws-cdk-lib
2.275.0 makes of an AwsCustomResource, the universal target what the EventBridge Scheduler user guide describes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hpolint import schema
from hpolint.discovery import definition_beside
from hpolint.job import Reading, ReadingProblem, TuningJob
from hpolint.node import Array, Node, Scalar, Struct, Unknown
from hpolint.readers.carried import carried, coerced, misread_booleans
from hpolint.readers.intrinsics import LOOP, Template
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.placeholders import resolve_placeholders
from hpolint.readers.states import is_states, read_states
from hpolint.source import Source, Span, UndecodableError
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.text import Text, placeholder
from hpolint.syntax.yaml import parse_yaml

JOB = "AWS::SageMaker::HyperParameterTuningJob"
ACTION = "createhyperparametertuningjob"
UNIVERSAL_TARGET = re.compile(r":aws-sdk:sagemaker:createHyperParameterTuningJob\Z", re.IGNORECASE)


def is_template(node: Struct) -> bool:
    """Whether this is a template: resources, of which at least one has a type."""
    resources = node.get("Resources")
    return isinstance(resources, Struct) and any(
        isinstance(resource, Struct) and isinstance(resource.get("Type"), Scalar)
        for resource in resources.members.values()
    )


def read_template(source: Source, root: Struct) -> Reading:
    """The tuning jobs of a template, and what of its texts cannot be read."""
    reader = _Reader(source, Template(source, root))
    resources = root.get("Resources")
    assert isinstance(resources, Struct)
    for resource in _resources(resources):
        reader.read(resource)
    return reader.reading


@dataclass(frozen=True, slots=True)
class _Resource:
    """A resource: its logical name, the name's place, its type and its properties."""

    name: str
    place: Span
    kind: str
    properties: Struct
    construct: str | None

    @property
    def called(self) -> str:
        """What a report calls it: the construct that a CDK app made it with, else its logical name."""
        return f"construct `{self.construct}`" if self.construct else f"resource `{self.name}`"


def _resources(members: Struct) -> Iterator[_Resource]:
    for name, node in members.members.items():
        if name.startswith(LOOP) and isinstance(node, Array) and isinstance(node.items[-1], Struct):
            yield from _resources(node.items[-1])
        kind = node.get("Type") if isinstance(node, Struct) else None
        properties = node.get("Properties") if isinstance(node, Struct) else None
        if isinstance(node, Struct) and isinstance(kind, Scalar) and isinstance(properties, Struct):
            place = members.keys.get(name, node.anchor)
            yield _Resource(name, place, str(kind.value), properties, _construct(node))


def _construct(resource: Struct) -> str | None:
    """The path of the construct that made a resource, as the CDK notes it."""
    metadata = resource.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, Struct) else None
    return str(path.value).removesuffix("/Default").removesuffix("/Resource") if isinstance(path, Scalar) else None


class _Reader:
    """Reads the resources of one template."""

    def __init__(self, source: Source, template: Template) -> None:
        self._source = source
        self._template = template
        self.reading = Reading()

    def read(self, resource: _Resource) -> None:
        """Take in the jobs that one resource carries."""
        if resource.kind == JOB:
            self._job(resource)
        elif resource.kind in ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"):
            self._state_machine(resource)
        elif resource.kind == "AWS::SageMaker::Pipeline":
            self._pipeline(resource)
        elif resource.kind == "Custom::AWS":
            self._calls(resource)
        elif resource.kind in ("AWS::Scheduler::Schedule", "AWS::Serverless::StateMachine"):
            self._schedule(resource)

    def _job(self, resource: _Resource) -> None:
        request = self._template.resolve(resource.properties)
        assert request is not None
        sent = coerced(self._source, request, schema.REQUEST)
        job = carried("cloudformation", self._source, sent, resource.place, resource.called)
        if isinstance(request, Struct) and not self._source.is_json:
            job.observations += misread_booleans(self._source, request)
        self._add(job)

    def _state_machine(self, resource: _Resource) -> None:
        properties = resource.properties
        given = properties.get("DefinitionSubstitutions")
        substitutions = dict(given.members) if isinstance(given, Struct) else {}
        template = Template(self._source, self._template.root, substitutions)
        within = f" of {resource.called}"
        for name in ("Definition", "DefinitionString"):
            node = properties.get(name)
            definition = self._document(template, node) if node is not None else None
            if isinstance(definition, Struct) and is_states(definition):
                self._add(*read_states(self._source, definition, within))
        uri = properties.get("DefinitionUri")
        if isinstance(uri, Scalar) and isinstance(uri.value, str):
            self._file(template, uri.value, within)

    def _file(self, template: Template, uri: str, within: str) -> None:
        """The definition in a file beside the template, with the template's substitutions."""
        found = definition_beside(self._source.name, uri)
        if found is None:
            return
        try:
            source = Source.decode(*found)
            root = _Substitution(template, source).document()
        except (SyntaxProblem, UndecodableError):
            return  # the file is a source of its own, and says so itself
        if isinstance(root, Struct) and is_states(root):
            jobs = read_states(source, root, within)
            self._add(*jobs)
            self.reading.sources += [source] if jobs else []

    def _pipeline(self, resource: _Resource) -> None:
        definition = resource.properties.get("PipelineDefinition")
        if definition is None:
            return
        body = definition.get("PipelineDefinitionBody") if isinstance(definition, Struct) else None
        document = self._document(self._template, body or definition)
        if isinstance(document, Struct) and is_pipeline(document):
            self._add(*read_pipeline(self._source, document, f" of {resource.called}"))

    def _calls(self, resource: _Resource) -> None:
        """The CDK's AwsCustomResource: calls of the API when the stack is made and when it changes."""
        seen: list[str] = []
        for name in ("Create", "Update"):
            node = resource.properties.get(name)
            call = self._document(self._template, node) if node is not None else None
            if not isinstance(call, Struct) or not _is_action(call.get("action")):
                continue
            request = call.get("parameters") or Unknown("is not given in this call", call.anchor)
            place = resource.properties.keys.get(name, resource.place)
            job = carried(
                "cloudformation", self._source, request, place, f"call on {name.lower()} of {resource.called}"
            )
            words = repr(_words(request))
            if words not in seen:  # the CDK writes the call on create for the update too
                self._add(job)
            seen.append(words)

    def _schedule(self, resource: _Resource) -> None:
        """EventBridge Scheduler's universal target, whose input is the request."""
        target = resource.properties.get("Target")
        if not isinstance(target, Struct) or target.get("Arn") is None:
            return
        arn = self._template.text(target.members["Arn"]).value
        node = target.get("Input")
        if not UNIVERSAL_TARGET.search(arn) or node is None:
            return
        request = self._document(self._template, node)
        if request is not None:
            place = target.keys["Input"]
            self._add(carried("cloudformation", self._source, request, place, f"target of {resource.called}"))

    def _document(self, template: Template, node: Node) -> Node | None:
        """A property that holds a document, as an object or as a text of JSON."""
        if isinstance(node, Struct) and node.get("Fn::ToJsonString") is not None and len(node.members) == 1:
            node = node.members["Fn::ToJsonString"]
        is_text = isinstance(node, Scalar) or _makes_text(node)
        if not is_text:
            return template.resolve(node)
        text = template.substituted(template.text(node))
        if ACTION not in text.value.lower().replace("_", "") and "HyperParameterTuningJobConfig" not in text.value:
            return None
        try:
            return resolve_placeholders(text.parsed())
        except SyntaxProblem as problem:
            if not text.holes:
                self.reading.problems.append(ReadingProblem(problem.reason, problem.span))
            return None

    def _add(self, *jobs: TuningJob) -> None:
        self.reading.jobs += jobs


def _makes_text(node: Node) -> bool:
    return isinstance(node, Struct) and len(node.members) == 1 and next(iter(node.members)) in ("Fn::Join", "Fn::Sub")


def _is_action(node: Node | None) -> bool:
    """Whether a call's action is the tuning job's, as the SDKs of JavaScript 2 and 3 spell it."""
    return (
        isinstance(node, Scalar)
        and isinstance(node.value, str)
        and node.value.lower().removesuffix("command") == ACTION
    )


def _words(node: Node) -> object:
    """A node without its places."""
    if isinstance(node, Struct):
        return {name: _words(member) for name, member in node.members.items()}
    if isinstance(node, Array):
        return [_words(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else (node.reason, node.pieces)


class _Substitution:
    """A file's definition with the values that a template gives for its ``${name}``."""

    def __init__(self, template: Template, source: Source) -> None:
        self._template = template
        self._source = source

    def document(self) -> Node | None:
        """The definition; JSON is filled in before it is parsed, since a number has no quotes. Raises SyntaxProblem."""
        if self._source.is_json:
            return resolve_placeholders(Text.file(self._source).filled(self._value).parsed())
        root = next(iter(parse_yaml(self._source)), None)
        return resolve_placeholders(self.node(root)) if root is not None else None

    def node(self, node: Node) -> Node:
        """A part of a definition in YAML, whose values are filled in as strings."""
        if isinstance(node, Array):
            return Array([self.node(item) for item in node.items], node.span, node.anchor, node.open)
        if isinstance(node, Struct):
            members = {name: self.node(member) for name, member in node.members.items()}
            return Struct(members, node.span, node.anchor, node.keys, node.open, node.shadowed)
        if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
            return Text.of(self._source, node).filled(self._value).as_node(node.span)
        return node

    def _value(self, name: str, place: Span) -> Text:
        """The value of a name; of what the template says only the name's own place can be shown in this file."""
        given = self._template.substitutions.get(name)
        if given is None:
            return placeholder(self._source, name, place)
        found = self._template.text(given).as_node()
        if isinstance(found, Unknown):
            return Text.hole(self._source, Unknown(f"is the placeholder ${{{name}}}, which {found.reason}", place))
        return Text.written(self._source, str(found.value), place)
