"""SageMaker pipeline definitions, as ``pipeline.definition()`` prints them: their steps of type Tuning.

Sources: the pipeline definition schema that the SageMaker developer guide names (version 2020-12-01), and
definitions that sagemaker 2.257.7 and sagemaker-mlops 1.27.0 generate.
"""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, child, items_of, member, text_of
from hpolint.model.reasons import NAME_OF_STEP, Kind, is_a
from hpolint.model.source import Source
from hpolint.readers.carried import NAME, carried_job
from hpolint.readers.parameters import enumerated, pipeline_default
from hpolint.readers.placeholders import resolved_struct

FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")
NESTING = ("Condition", "ForEach")
"""Types of steps whose arguments contain other steps."""

STEP_LISTS = ("Steps", "IfSteps", "ElseSteps", "ForEachBody", "ForEachSteps")


def is_pipeline(node: Struct) -> bool:
    """Whether this is a pipeline definition, or a part of one that lists steps."""
    steps = node.get("Steps")
    return isinstance(steps, Array) and any(map(_is_step, steps.items))


def is_tuning_step(node: Node) -> bool:
    """Whether this is a step that launches a tuning job. A network plugin may have the type ``tuning``."""
    kind = child(node, "Type")
    return isinstance(kind, Scalar) and kind.value == "Tuning" and _is_step(node)


def read_pipeline(source: Source, definition: Struct, within: str = "") -> list[TuningJob]:
    """The tuning jobs of a pipeline definition. ``within`` describes its carrier in words."""
    parameters = _parameters(definition.get("Parameters"))
    return [_job(source, step, parameters, within) for step in _tuning_steps(definition)]


def _is_step(node: Node) -> bool:
    return isinstance(child(node, "Type"), Scalar) and isinstance(child(node, "Arguments"), Struct)


def _tuning_steps(node: Node | None) -> Iterator[Struct]:
    """The steps of type Tuning, including those inside conditions and loops."""
    if isinstance(node, Array):
        for item in node.items:
            yield from _tuning_steps(item)
    elif isinstance(node, Struct):
        if is_tuning_step(node):
            yield node
            return
        for name in STEP_LISTS:
            yield from _tuning_steps(node.get(name))
        kind = node.get("Type")
        if isinstance(kind, Scalar) and kind.value in NESTING:
            yield from _tuning_steps(node.get("Arguments"))


def _job(source: Source, step: Struct, parameters: dict[str, Node], within: str) -> TuningJob:
    name = step.get("Name")
    place = name.span if isinstance(name, Scalar | Unknown) else step.anchor
    label = f" `{name.value}`" if isinstance(name, Scalar) else ""
    request = _evaluated(step.members["Arguments"], parameters)
    job = carried_job("pipeline", source, request, place, f"step{label}{within}")
    job.request.anchor = place
    if NAME not in job.request.members:
        job.request.members[NAME] = Unknown(NAME_OF_STEP, place)
    return job


def _parameters(node: Node | None) -> dict[str, Node]:
    """The pipeline's parameters, by name."""
    parameters: dict[str, Node] = {}
    for item in items_of(node):
        name = child(item, "Name")
        if isinstance(name, Scalar):
            parameters[str(name.value)] = item
    return parameters


def _evaluated(node: Node, parameters: dict[str, Node]) -> Node:
    """A copy of a request in which values that the pipeline computes are unknown."""
    if isinstance(node, Struct) and len(node.members) == 1 and next(iter(node.members)) in FUNCTIONS:
        return _evaluated_function(node, parameters)
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: _evaluated(below, parameters))
    if isinstance(node, Scalar) and node.value is None:
        return Unknown("is null, and how the pipeline treats null is not known", node.span)
    return node


def _evaluated_function(node: Struct, parameters: dict[str, Node]) -> Node:
    name, argument = next(iter(node.members.items()))
    place = node.keys.get(name, node.anchor)
    if name == "Get":
        if not isinstance(argument, Scalar):
            return Unknown(_get_reason(argument, parameters), place)
        parameter = parameters.get(str(argument.value).removeprefix("Parameters."))
        return Unknown(
            _get_reason(argument, parameters),
            argument.span,
            choices=enumerated(parameter),
            default=pipeline_default(parameter),
        )
    if name == "Std:JsonGet":
        return Unknown("is read from a file when the step runs", place)
    return _joined(argument, parameters) or Unknown("is joined from arguments that are not evaluated", place)


def _get_reason(argument: Node, parameters: dict[str, Node]) -> str:
    if not isinstance(argument, Scalar) or not isinstance(argument.value, str):
        return "is taken from a reference that is not evaluated"
    kind, _, rest = argument.value.partition(".")
    if kind == "Parameters":
        parameter = parameters.get(rest)
        default = member(parameter, "DefaultValue")
        if isinstance(default, Scalar):
            thing = f"the pipeline's parameter `{rest}`, by default `{default.value}`"
            return is_a(thing, Kind.PIPELINE_PARAMETER)
        return is_a(f"the pipeline's parameter `{rest}`", Kind.PIPELINE_PARAMETER)
    if kind == "Steps":
        return f"comes from the step `{rest.partition('.')[0]}`"
    return f"is known only when the pipeline runs: `{argument.value}`"


def _joined(argument: Node, parameters: dict[str, Node]) -> Node | None:
    """The result of ``Std:Join``, known if all of its values are; None if it is malformed."""
    match child(argument, "On"), child(argument, "Values"):
        case Scalar(value=str(delimiter)), Array() as values:
            return _join(values, delimiter, parameters)
    return None


def _join(values: Array, delimiter: str, parameters: dict[str, Node]) -> Node:
    parts = [_evaluated(item, parameters) for item in values.items]
    texts = [text_of(part) for part in parts]
    text = _concatenated(texts, delimiter)
    if text is not None:
        return Scalar(text, values.span)
    unknown = parts[texts.index(None)]
    reason = unknown.reason if isinstance(unknown, Unknown) else "is not a string"
    by_default = _concatenated([_default_text(part) for part in parts], delimiter)
    default = Scalar(by_default, values.span) if by_default is not None else None
    if len(parts) == 1:
        return Unknown(reason, values.span, default=default)
    return Unknown(f"has a part that {reason}", values.span, tuple(_delimited(texts, delimiter)), default=default)


def _delimited(texts: list[str | None], delimiter: str) -> Iterator[str | None]:
    for index, text in enumerate(texts):
        if index and delimiter:
            yield delimiter
        yield text


def _concatenated(texts: list[str | None], delimiter: str) -> str | None:
    """Joined texts; None if one of them is unknown."""
    known = [text for text in texts if text is not None]
    return delimiter.join(known) if len(known) == len(texts) else None


def _default_text(node: Node) -> str | None:
    """The text of a value that is known, or known by default."""
    if not isinstance(node, Unknown):
        return text_of(node)
    default = node.default
    return str(default.value) if default is not None and isinstance(default.value, str | int) else None


def read_document(source: Source, node: Struct) -> Reading:
    """The tuning jobs of a pipeline definition in a document."""
    return Reading(read_pipeline(source, resolved_struct(node)))


def read_step_alone(source: Source, node: Struct) -> Reading:
    """The tuning job of a step outside a pipeline definition."""
    return Reading([_job(source, resolved_struct(node), {}, "")])
