"""SageMaker pipeline definitions, as ``pipeline.definition()`` prints them: their steps of type Tuning.

Sources: the pipeline definition schema that the SageMaker developer guide names (version 2020-12-01), and
definitions that sagemaker 2.257.7 and sagemaker-mlops 1.27.0 generate.
"""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
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
    return isinstance(steps, Array) and any(_is_step(step) for step in steps.items)


def is_tuning_step(node: Node) -> bool:
    """Whether this is a step that launches a tuning job. A network plugin may have the type ``tuning``."""
    kind = node.get("Type") if isinstance(node, Struct) else None
    return isinstance(kind, Scalar) and kind.value == "Tuning" and _is_step(node)


def read_pipeline(source: Source, definition: Struct, within: str = "") -> list[TuningJob]:
    """The tuning jobs of a pipeline definition. ``within`` describes its carrier in words."""
    parameters = _parameters(definition.get("Parameters"))
    return [_job(source, step, parameters, within) for step in _tuning_steps(definition)]


def read_step(source: Source, step: Struct) -> list[TuningJob]:
    """The tuning job of a step outside a pipeline definition."""
    return [_job(source, step, {}, "")]


def _is_step(node: Node) -> bool:
    if not isinstance(node, Struct):
        return False
    return isinstance(node.get("Type"), Scalar) and isinstance(node.get("Arguments"), Struct)


def _tuning_steps(node: Node) -> Iterator[Struct]:
    """The steps of type Tuning, including those inside conditions and loops."""
    if isinstance(node, Array):
        for item in node.items:
            yield from _tuning_steps(item)
    elif isinstance(node, Struct):
        if is_tuning_step(node):
            yield node
            return
        kind = node.get("Type")
        holds_steps = isinstance(kind, Scalar) and kind.value in NESTING
        for name in (*STEP_LISTS, *(["Arguments"] if holds_steps else [])):
            below = node.get(name)
            if below is not None:
                yield from _tuning_steps(below)


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
    found: dict[str, Node] = {}
    for item in node.items if isinstance(node, Array) else []:
        name = item.get("Name") if isinstance(item, Struct) else None
        if isinstance(name, Scalar):
            found[str(name.value)] = item
    return found


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
        at = argument.span if isinstance(argument, Scalar) else place
        name = str(argument.value).removeprefix("Parameters.") if isinstance(argument, Scalar) else ""
        parameter = parameters.get(name)
        reason = _get_reason(argument, parameters)
        return Unknown(reason, at, choices=enumerated(parameter), default=pipeline_default(parameter))
    if name == "Std:JsonGet":
        return Unknown("is read from a file when the step runs", place)
    return _joined(argument, parameters) or Unknown("is joined from arguments that are not evaluated", place)


def _get_reason(argument: Node, parameters: dict[str, Node]) -> str:
    if not isinstance(argument, Scalar) or not isinstance(argument.value, str):
        return "is taken from a reference that is not evaluated"
    kind, _, rest = argument.value.partition(".")
    if kind == "Parameters":
        parameter = parameters.get(rest)
        default = parameter.get("DefaultValue") if isinstance(parameter, Struct) else None
        if isinstance(default, Scalar):
            thing = f"the pipeline's parameter `{rest}`, by default `{default.value}`"
            return is_a(thing, Kind.PIPELINE_PARAMETER)
        return is_a(f"the pipeline's parameter `{rest}`", Kind.PIPELINE_PARAMETER)
    if kind == "Steps":
        return f"comes from the step `{rest.partition('.')[0]}`"
    return f"is known only when the pipeline runs: `{argument.value}`"


def _joined(argument: Node, parameters: dict[str, Node]) -> Node | None:
    """The result of ``Std:Join``, known if all of its values are; None if it is malformed."""
    if not isinstance(argument, Struct):
        return None
    delimiter, values = argument.get("On"), argument.get("Values")
    if not isinstance(delimiter, Scalar) or not isinstance(values, Array) or not isinstance(delimiter.value, str):
        return None
    pieces: list[str | None] = []
    defaults: list[str | None] = []
    reason = ""
    for index, item in enumerate(values.items):
        value = _evaluated(item, parameters)
        known = isinstance(value, Scalar) and isinstance(value.value, str)
        if index and delimiter.value:
            pieces.append(delimiter.value)
            defaults.append(delimiter.value)
        pieces.append(str(value.value) if isinstance(value, Scalar) and known else None)
        default = value.default if isinstance(value, Unknown) else None
        defaults.append(str(default.value) if default and isinstance(default.value, str | int) else pieces[-1])
        if not known and not reason:
            reason = value.reason if isinstance(value, Unknown) else "is not a string"
    if not reason:
        return Scalar("".join(piece or "" for piece in pieces), values.span)
    known_defaults = [each for each in defaults if each is not None]
    by_default = Scalar("".join(known_defaults), values.span) if len(known_defaults) == len(defaults) else None
    if len(values.items) == 1:
        return Unknown(reason, values.span, default=by_default)
    return Unknown(f"has a part that {reason}", values.span, tuple(pieces), default=by_default)


def read_document(source: Source, node: Struct) -> Reading:
    """The tuning jobs of a pipeline definition in a document."""
    return Reading(read_pipeline(source, resolved_struct(node)))


def read_step_alone(source: Source, node: Struct) -> Reading:
    """The tuning job of a step outside a pipeline definition."""
    return Reading(read_step(source, resolved_struct(node)))
