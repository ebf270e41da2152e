"""CloudFormation and SAM templates, also synthesized by the CDK: every resource that carries a tuning job.

Sources: the CloudFormation template reference and the SAM resource reference; aws-cdk-lib 2.275.0
synthesizes ``Custom::AWS`` for an AwsCustomResource.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from hpolint import schema
from hpolint.io.files import size_text
from hpolint.model.ignore_comment import Suppression
from hpolint.model.job import Construct, Reading, ReadingProblem, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, listed, member, text_of
from hpolint.model.source import Source, Span
from hpolint.readers.carried import CUSTOM_RESOURCE, UNIVERSAL_TARGET, carried_job, coerced, misread_booleans
from hpolint.readers.cloudformation.construct_ids import construct_path
from hpolint.readers.cloudformation.definition_files import MAX_PARSED_CHARACTERS, Definitions, ParseLimitError
from hpolint.readers.cloudformation.intrinsics import LOOP, MACRO, Template, call_of
from hpolint.readers.cloudformation.metadata import suppressions_of
from hpolint.readers.pipeline import is_pipeline, read_pipeline
from hpolint.readers.placeholders import resolve_placeholders, unread_notice
from hpolint.readers.step_functions import is_states, jobs_of, tasks_of
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import Allowance, Text

JOB = "AWS::SageMaker::HyperParameterTuningJob"
ACTION = "createhyperparametertuningjob"
PHYSICAL_NAME = "PHYSICAL:RESOURCEID:"


def is_template(node: Struct) -> bool:
    """Whether this is a template: it has resources, and at least one has a type."""
    resources = node.get("Resources")
    return isinstance(resources, Struct) and _has_type(resources)


def _has_type(resources: Struct) -> bool:
    for name, node in resources.members.items():
        if isinstance(node, Struct) and isinstance(node.get("Type"), Scalar):
            return True
        looped = _loop_resources(name, node)
        if looped is not None and _has_type(looped):
            return True
    return False


def _loop_resources(name: str, node: Node) -> Struct | None:
    """The resources that ``Fn::ForEach`` creates; None for any other member."""
    if not name.startswith(LOOP) or not isinstance(node, Array) or not node.items:
        return None
    last = node.items[-1]
    return last if isinstance(last, Struct) else None


def read_template(source: Source, root: Struct) -> Reading:
    """The tuning jobs of a template, and the texts in it that cannot be read."""
    reader = _Reader(source, Template(source, root, Allowance(source)))
    resources = root.get("Resources")
    macro = _macro(root)
    if isinstance(resources, Struct):
        for resource in _resources(resources):
            if macro is not None:
                resource = replace(resource, properties=_opened(resource.properties, macro))
            reader.read(resource)
    if reader.unread:
        definitions = f"the definitions of {reader.unread:,} resources"
        if reader.unread == 1:
            definitions = "the definition of 1 resource"
        reason = f"at most {size_text(MAX_PARSED_CHARACTERS)} of the files beside a template are parsed"
        reader.reading.notices.append(f"not read: {definitions}: {reason}")
    return reader.reading


def _opened(properties: Struct, reason: Unknown) -> Struct:
    """Properties of which none is known."""
    return Struct({}, properties.span, properties.anchor, {}, reason)


def _macro(root: Struct) -> Unknown | None:
    """Why an own macro may change the whole template; None if only AWS's transforms are named."""
    for name in listed(root.get("Transform")):
        if not isinstance(name, Scalar) or not str(name.value).startswith("AWS::"):
            return Unknown("may be changed by the macro that `Transform` names", name.span)
    return _macro_within(root.get("Resources"))


def _macro_within(node: Node | None) -> Unknown | None:
    """Why a macro may change what is beside it in a structure; None if it has no macro."""
    if not isinstance(node, Struct) or MACRO not in node.members:
        return None
    return Unknown("may be changed by the macro beside it", node.keys[MACRO])


class _Resource(msgspec.Struct, frozen=True):
    """A resource: its logical name, the span of the name, its type and its properties.

    ``path`` is that of the CDK construct that created it, from the CDK's metadata.
    """

    name: str
    place: Span
    kind: str
    properties: Struct
    path: str | None = None
    in_loop: bool = False
    suppressions: tuple[Suppression, ...] = ()

    @property
    def construct(self) -> str | None:
        """The path of the construct that a program makes, which creates the resource within itself."""
        return construct_path(self.path) if self.path is not None else None

    @property
    def label(self) -> str:
        """Its label in reports: the CDK construct that created it, else its logical name."""
        return f"construct `{self.construct}`" if self.construct else f"resource `{self.name}`"

    def constructed(self, state: str | None = None) -> Construct | None:
        """What the CDK has constructed for a job of the resource; None if nothing says that it has."""
        if self.path is None or not self.construct:
            return None
        return Construct(self.path, self.construct.rpartition("/")[2], state)


def _resources(members: Struct, *, in_loop: bool = False) -> Iterator[_Resource]:
    for name, node in members.members.items():
        looped = _loop_resources(name, node)
        if looped is not None:
            yield from _resources(looped, in_loop=True)
        kind, properties = member(node, "Type"), member(node, "Properties")
        if isinstance(node, Struct) and isinstance(kind, Scalar) and isinstance(properties, Struct):
            macro = _macro_within(node)
            metadata = node.get("Metadata")
            yield _Resource(
                name=name,
                place=members.keys.get(name, node.anchor),
                kind=str(kind.value),
                properties=_opened(properties, macro) if macro is not None else properties,
                path=text_of(member(metadata, "aws:cdk:path")),
                in_loop=in_loop,
                suppressions=suppressions_of(metadata),
            )


class _Reader:
    """Reads the resources of one template. ``unread`` counts resources whose definitions exceed the parse limit."""

    def __init__(self, source: Source, template: Template) -> None:
        self._source = source
        self._template = template
        self._definitions = Definitions(source)
        self.reading = Reading()
        self.unread = 0

    def read(self, resource: _Resource) -> None:
        """Add the jobs that one resource carries."""
        before = len(self.reading.jobs)
        self._read_jobs(resource)
        for job in self.reading.jobs[before:]:
            job.suppressions += resource.suppressions
            job.construct = job.construct or resource.constructed()

    def _read_jobs(self, resource: _Resource) -> None:
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
        job = carried_job("cloudformation", self._source, sent, resource.place, resource.label)
        if isinstance(request, Struct) and not self._source.is_json:
            job.observations += misread_booleans(self._source, request)
        self._add(job)

    def _state_machine(self, template: Template, resource: _Resource) -> None:
        properties = resource.properties
        substitutions = properties.get("DefinitionSubstitutions")
        if isinstance(substitutions, Struct):
            template = replace(template, substitutions=substitutions.members)
        within = f" of the {resource.label}"
        for name in ("Definition", "DefinitionString"):
            for definition in self._documents(template, properties.get(name)):
                if is_states(definition):
                    self._states(definition, resource)
        uri = text_of(properties.get("DefinitionUri"))
        if uri is not None:
            self._file(template, uri, within)

    def _states(self, definition: Struct, resource: _Resource) -> None:
        """The jobs of a definition in the template. Its states may be constructs of a CDK app."""
        tasks = tasks_of(definition)
        for task, job in zip(tasks, jobs_of(self._source, tasks, f" of the {resource.label}"), strict=True):
            job.construct = resource.constructed(task.name)
            self._add(job)

    def _file(self, template: Template, uri: str, within: str) -> None:
        """The definition in a file beside the template, with the template's substitutions."""
        try:
            definition = self._definitions.find(uri, template)
        except ParseLimitError:
            self.unread += 1
            return
        if definition is not None:
            source, tasks = definition
            jobs = jobs_of(source, tasks, within)
            self._add(*jobs)
            if jobs:
                self.reading.sources.append(source)

    def _pipeline(self, template: Template, resource: _Resource) -> None:
        definition = resource.properties.get("PipelineDefinition")
        body = member(definition, "PipelineDefinitionBody")
        for document in self._documents(template, body or definition):
            if is_pipeline(document):
                self._add(*read_pipeline(self._source, document, f" of the {resource.label}"))

    def _calls(self, template: Template, resource: _Resource) -> None:
        """The CDK's AwsCustomResource: API calls when the stack is created and updated."""
        jobs: dict[str, TuningJob] = {}
        for name in ("Create", "Update"):
            for call in self._documents(template, resource.properties.get(name)):
                if not _is_action(call.get("action")):
                    continue
                request = _decoded(call.get("parameters") or Unknown("is not set in this call", call.anchor))
                key = repr(_without_spans(request))
                if key in jobs:  # the CDK repeats the call on create for updates: one job, labelled with both
                    jobs[key].carrier = f"call on create and {name.lower()} of the {resource.label}"
                    jobs[key].is_repeated = True
                    continue
                sent = coerced(self._source, request, schema.REQUEST, CUSTOM_RESOURCE)
                place = resource.properties.keys.get(name, resource.place)
                carrier = f"call on {name.lower()} of the {resource.label}"
                extent = resource.properties.span
                jobs[key] = carried_job("cloudformation", self._source, sent, place, carrier, extent)
                self._add(jobs[key])

    def _schedule(self, template: Template, resource: _Resource) -> None:
        """Add the job of EventBridge Scheduler's universal target, whose input is the request."""
        target = resource.properties.get("Target")
        if not isinstance(target, Struct) or target.get("Arn") is None:
            return
        if not UNIVERSAL_TARGET.search(template.text(target.members["Arn"]).value):
            return
        for request in self._documents(template, target.get("Input")):
            place = target.keys["Input"]
            carrier, extent = f"target of the {resource.label}", target.span
            self._add(carried_job("cloudformation", self._source, request, place, carrier, extent))

    def _documents(self, template: Template, node: Node | None) -> Iterator[Struct]:
        """The documents of a property: an object, a JSON text, or those of both branches of ``Fn::If``."""
        if node is None:
            return
        call = call_of(node)
        if call is None and isinstance(node, Struct):
            yield from _structs(template.resolve(node))
        elif call is not None and call.name == "Fn::If" and (branches := _branches(call.argument)) is not None:
            for branch in branches:
                yield from self._documents(template, branch)
        elif call is not None and call.name == "Fn::ToJsonString":
            yield from self._documents(template, call.argument)
        else:
            yield from self._embedded(template, template.text(node))

    def _embedded(self, template: Template, text: Text) -> Iterator[Struct]:
        """The document of a text, after its substitutions. Texts that do not parse are reported."""
        text = template.substituted(text)
        if ACTION not in text.value.lower().replace("_", "") and "HyperParameterTuningJobConfig" not in text.value:
            return
        try:
            yield from _structs(resolve_placeholders(parse_text(text)))
        except SyntaxProblem as problem:
            if text.gaps:
                self.reading.notices.append(unread_notice(problem))
            else:
                self.reading.problems.append(ReadingProblem(problem.reason, problem.span))

    def _add(self, *jobs: TuningJob) -> None:
        self.reading.jobs += jobs


def _structs(node: Node | None) -> Iterator[Struct]:
    if isinstance(node, Struct):
        yield node


def _branches(argument: Node) -> list[Node] | None:
    """Both branches of ``Fn::If``; only one if they are equal. None if it is malformed."""
    if not isinstance(argument, Array) or len(argument.items) != 3:
        return None
    one, other = argument.items[1:]
    if repr(_without_spans(one)) == repr(_without_spans(other)):
        return [one]
    return [one, other]


def _is_action(node: Node | None) -> bool:
    """Whether a call's action creates a tuning job, in the spelling of the JavaScript SDK 2 or 3."""
    return isinstance(node, Scalar) and str(node.value).lower().removesuffix("command") == ACTION


def _decoded(node: Node) -> Node:
    """A call's parameters, where the CDK's marker for the resource's physical ID is unknown."""
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: _decoded(below))
    if isinstance(node, Scalar) and node.value == PHYSICAL_NAME:
        return Unknown("is the physical ID of the custom resource", node.span)
    return node


def _without_spans(node: Node) -> object:
    """The values of a node without its spans, for comparison."""
    if isinstance(node, Struct):
        return {name: _without_spans(member) for name, member in node.members.items()}
    if isinstance(node, Array):
        return [_without_spans(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else (node.reason, node.pieces)
