"""CloudFormation and SAM templates, and what the CDK synthesizes: every resource that carries a tuning job.

Sources: the CloudFormation template reference and the SAM resource reference; ``Custom::AWS`` is what aws-cdk-lib
2.275.0 makes of an AwsCustomResource.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from hpolint import schema
from hpolint.io.files import size_text
from hpolint.model.ignore_comment import Suppression
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Source, Span
from hpolint.readers.carried import CUSTOM_RESOURCE, UNIVERSAL_TARGET, carried, coerced, misread_booleans
from hpolint.readers.definition_files import MOST_PARSED, Definitions, TooMuchError
from hpolint.readers.intrinsics import LOOP, Template, function
from hpolint.readers.metadata import suppressions_of
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.placeholders import resolve_placeholders, unread_text
from hpolint.readers.states import is_states, jobs_of, read_states
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import Allowance, Text

JOB = "AWS::SageMaker::HyperParameterTuningJob"
ACTION = "createhyperparametertuningjob"
PHYSICAL_NAME = "PHYSICAL:RESOURCEID:"


def is_template(node: Struct) -> bool:
    """Whether this is a template: resources, of which at least one has a type."""
    resources = node.get("Resources")
    return isinstance(resources, Struct) and _has_type(resources)


def _has_type(resources: Struct) -> bool:
    for name, node in resources.members.items():
        if isinstance(node, Struct) and isinstance(node.get("Type"), Scalar):
            return True
        looped = _looped(name, node)
        if looped is not None and _has_type(looped):
            return True
    return False


def _looped(name: str, node: Node) -> Struct | None:
    """The resources that a loop makes."""
    last = node.items[-1] if name.startswith(LOOP) and isinstance(node, Array) and node.items else None
    return last if isinstance(last, Struct) else None


def read_template(source: Source, root: Struct) -> Reading:
    """The tuning jobs of a template, and what of its texts cannot be read."""
    reader = _Reader(source, Template(source, root, Allowance(source)))
    resources = root.get("Resources")
    for resource in _resources(resources) if isinstance(resources, Struct) else []:
        reader.read(resource)
    if reader.unread:
        named = (
            "the definition of 1 resource" if reader.unread == 1 else f"the definitions of {reader.unread:,} resources"
        )
        reason = f"files beside a template are parsed up to {size_text(MOST_PARSED)} in all"
        reader.reading.notices.append(f"not read: {named}: {reason}")
    return reader.reading


class _Resource(msgspec.Struct, frozen=True):
    """A resource: its logical name, the name's place, its type and its properties."""

    name: str
    place: Span
    kind: str
    properties: Struct
    construct: str | None
    in_loop: bool = False
    suppressions: tuple[Suppression, ...] = ()

    @property
    def called(self) -> str:
        """What a report calls it: the construct that a CDK app made it with, else its logical name."""
        return f"construct `{self.construct}`" if self.construct else f"resource `{self.name}`"


def _resources(members: Struct, *, in_loop: bool = False) -> Iterator[_Resource]:
    for name, node in members.members.items():
        looped = _looped(name, node)
        if looped is not None:
            yield from _resources(looped, in_loop=True)
        kind = node.get("Type") if isinstance(node, Struct) else None
        properties = node.get("Properties") if isinstance(node, Struct) else None
        if isinstance(node, Struct) and isinstance(kind, Scalar) and isinstance(properties, Struct):
            place = members.keys.get(name, node.anchor)
            if "Fn::Transform" in node.members:
                reason = Unknown("may be changed by the macro beside it", node.keys["Fn::Transform"])
                properties = Struct({}, properties.span, properties.anchor, {}, reason)
            said = suppressions_of(node.get("Metadata"))
            yield _Resource(name, place, str(kind.value), properties, _construct(node), in_loop, said)


def _construct(resource: Struct) -> str | None:
    """The path of the construct that made a resource, as the CDK notes it."""
    metadata = resource.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, Struct) else None
    return str(path.value).removesuffix("/Default").removesuffix("/Resource") if isinstance(path, Scalar) else None


class _Reader:
    """Reads the resources of one template. ``unread`` counts those whose definitions were too much to be parsed."""

    def __init__(self, source: Source, template: Template) -> None:
        self._source = source
        self._template = template
        self._definitions = Definitions(source)
        self.reading = Reading()
        self.unread = 0

    def read(self, resource: _Resource) -> None:
        """Take in the jobs that one resource carries."""
        before = len(self.reading.jobs)
        self._carried(resource)
        for job in self.reading.jobs[before:]:
            job.suppressions += resource.suppressions

    def _carried(self, resource: _Resource) -> None:
        template = replace(self._template, in_loop=resource.in_loop)
        if resource.kind == JOB:
            self._job(template, resource)
        elif resource.kind in ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"):
            self._state_machine(template, resource)
        elif resource.kind == "AWS::SageMaker::Pipeline":
            self._pipeline(template, resource)
        elif resource.kind == "Custom::AWS":
            self._calls(template, resource)
        elif resource.kind == "AWS::Scheduler::Schedule":
            self._schedule(template, resource)

    def _job(self, template: Template, resource: _Resource) -> None:
        request = template.resolve(resource.properties)
        if request is None:
            return  # the resource has no properties
        sent = coerced(self._source, request, schema.REQUEST)
        job = carried("cloudformation", self._source, sent, resource.place, resource.called)
        if isinstance(request, Struct) and not self._source.is_json:
            job.observations += misread_booleans(self._source, request)
        self._add(job)

    def _state_machine(self, template: Template, resource: _Resource) -> None:
        properties = resource.properties
        given = properties.get("DefinitionSubstitutions")
        template = replace(template, substitutions=dict(given.members) if isinstance(given, Struct) else {})
        within = f" of the {resource.called}"
        for name in ("Definition", "DefinitionString"):
            for definition in self._documents(template, properties.get(name)):
                if is_states(definition):
                    self._add(*read_states(self._source, definition, within))
        uri = properties.get("DefinitionUri")
        if isinstance(uri, Scalar) and isinstance(uri.value, str):
            self._file(template, uri.value, within)

    def _file(self, template: Template, uri: str, within: str) -> None:
        """The definition in a file beside the template, with the template's substitutions."""
        try:
            found = self._definitions.find(uri, template)
        except TooMuchError:
            self.unread += 1
            return
        if found is not None:
            source, tasks = found
            jobs = jobs_of(source, tasks, within)
            self._add(*jobs)
            self.reading.sources += [source] if jobs else []

    def _pipeline(self, template: Template, resource: _Resource) -> None:
        definition = resource.properties.get("PipelineDefinition")
        body = definition.get("PipelineDefinitionBody") if isinstance(definition, Struct) else None
        for document in self._documents(template, body or definition):
            if is_pipeline(document):
                self._add(*read_pipeline(self._source, document, f" of the {resource.called}"))

    def _calls(self, template: Template, resource: _Resource) -> None:
        """The CDK's AwsCustomResource: calls of the API when the stack is made and when it changes."""
        seen: dict[str, TuningJob] = {}
        for name in ("Create", "Update"):
            for call in self._documents(template, resource.properties.get(name)):
                if not _is_action(call.get("action")):
                    continue
                place = resource.properties.keys.get(name, resource.place)
                request = _decoded(call.get("parameters") or Unknown("is not given in this call", call.anchor))
                sent = coerced(self._source, request, schema.REQUEST, CUSTOM_RESOURCE)
                carrier = f"call on {name.lower()} of the {resource.called}"
                words = repr(_words(request))
                if words in seen:  # the CDK writes the call on create for the update too: one job, named for both
                    seen[words].carrier = f"call on create and {name.lower()} of the {resource.called}"
                    seen[words].is_repeated = True
                    continue
                seen[words] = carried("cloudformation", self._source, sent, place, carrier)
                self._add(seen[words])

    def _schedule(self, template: Template, resource: _Resource) -> None:
        """EventBridge Scheduler's universal target, whose input is the request."""
        target = resource.properties.get("Target")
        if not isinstance(target, Struct) or target.get("Arn") is None:
            return
        if not UNIVERSAL_TARGET.search(template.text(target.members["Arn"]).value):
            return
        for request in self._documents(template, target.get("Input")):
            place = target.keys["Input"]
            self._add(carried("cloudformation", self._source, request, place, f"target of the {resource.called}"))

    def _documents(self, template: Template, node: Node | None) -> Iterator[Struct]:
        """What a property holds, as an object or as a text of JSON; of a choice what each branch holds."""
        called = function(node) if isinstance(node, Struct) else None
        if called is None and isinstance(node, Struct):
            yield from _structs(template.resolve(node))
        elif called == "Fn::If" and isinstance(node, Struct) and (branches := _branches(node)) is not None:
            for branch in branches:
                yield from self._documents(template, branch)
        elif called == "Fn::ToJsonString" and isinstance(node, Struct):
            yield from self._documents(template, node.members[called])
        elif node is not None:
            yield from self._embedded(template, template.text(node))

    def _embedded(self, template: Template, text: Text) -> Iterator[Struct]:
        """The document that a text is, with its substitutions."""
        text = template.substituted(text)
        if ACTION not in text.value.lower().replace("_", "") and "HyperParameterTuningJobConfig" not in text.value:
            return
        try:
            yield from _structs(resolve_placeholders(parse_text(text)))
        except SyntaxProblem as problem:
            if text.gaps:
                self.reading.notices.append(unread_text(problem))
            else:
                self.reading.problems.append(ReadingProblem(problem.reason, problem.span))

    def _add(self, *jobs: TuningJob) -> None:
        self.reading.jobs += jobs


def _structs(node: Node | None) -> Iterator[Struct]:
    if isinstance(node, Struct):
        yield node


def _branches(choice: Struct) -> list[Node] | None:
    """Both branches of ``Fn::If``; only one if they are the same."""
    argument = choice.members["Fn::If"]
    if not isinstance(argument, Array) or len(argument.items) != 3:
        return None
    one, other = argument.items[1:]
    return [one] if repr(_words(one)) == repr(_words(other)) else [one, other]


def _is_action(node: Node | None) -> bool:
    """Whether a call's action is the tuning job's, as the SDKs of JavaScript 2 and 3 spell it."""
    return (
        isinstance(node, Scalar)
        and isinstance(node.value, str)
        and node.value.lower().removesuffix("command") == ACTION
    )


def _decoded(node: Node) -> Node:
    """A call's parameters, in which the CDK's mark stands for the resource's physical name."""
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: _decoded(below))
    if isinstance(node, Scalar) and node.value == PHYSICAL_NAME:
        return Unknown("is the name of the resource that the call made", node.span)
    return node


def _words(node: Node) -> object:
    """A node without its places."""
    if isinstance(node, Struct):
        return {name: _words(member) for name, member in node.members.items()}
    if isinstance(node, Array):
        return [_words(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else (node.reason, node.pieces)
