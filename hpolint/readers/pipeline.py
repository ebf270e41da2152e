"""A SageMaker pipeline's definition, as ``pipeline.definition()`` prints it: its steps of the type Tuning.

Sources: the pipeline definition schema that the SageMaker developer guide names (version 2020-12-01), and the
definitions that sagemaker 2.257.7 and sagemaker-mlops 1.27.0 make.
"""

from __future__ import annotations

from collections.abc import Iterator

from hpolint.model.job import Reading, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.reasons import is_parameter
from hpolint.model.source import Source
from hpolint.readers.carried import NAME, carried
from hpolint.readers.parameters import enumerated
from hpolint.readers.placeholders import resolved_struct

FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")
NESTING = ("Condition", "ForEach")
"""Types of steps that have others in their arguments."""

STEP_LISTS = ("Steps", "IfSteps", "ElseSteps", "ForEachBody", "ForEachSteps")


def is_pipeline(node: Struct) -> bool:
    """Whether this is a pipeline's definition, or a part of one that lists steps."""
    steps = node.get("Steps")
    return isinstance(steps, Array) and any(_is_step(step) for step in steps.items)


def is_tuning_step(node: Node) -> bool:
    """Whether this is a step that launches a tuning job. A plugin of a network may have the type ``tuning``."""
    kind = node.get("Type") if isinstance(node, Struct) else None
    return isinstance(kind, Scalar) and kind.value == "Tuning" and _is_step(node)


def read_pipeline(source: Source, definition: Struct, within: str = "") -> list[TuningJob]:
    """The tuning jobs of a pipeline's definition. ``within`` says in words what holds it."""
    parameters = _parameters(definition.get("Parameters"))
    return [_job(source, step, parameters, within) for step in _tuning_steps(definition)]


def read_step(source: Source, step: Struct) -> list[TuningJob]:
    """The tuning job of a step that stands by itself."""
    return [_job(source, step, {}, "")]


def _is_step(node: Node) -> bool:
    if not isinstance(node, Struct):
        return False
    return isinstance(node.get("Type"), Scalar) and isinstance(node.get("Arguments"), Struct)


def _tuning_steps(node: Node) -> Iterator[Struct]:
    """The steps of the type Tuning, in the lists of conditions and loops too."""
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
    called = f" `{name.value}`" if isinstance(name, Scalar) else ""
    request = _evaluated(step.members["Arguments"], parameters)
    job = carried("pipeline", source, request, place, f"step{called}{within}")
    job.request.anchor = place
    if NAME not in job.request.members:
        job.request.members[NAME] = Unknown("is given by the pipeline when the step runs", place)
    return job


def _parameters(node: Node | None) -> dict[str, Node]:
    """The pipeline's parameters by name."""
    found: dict[str, Node] = {}
    for item in node.items if isinstance(node, Array) else []:
        name = item.get("Name") if isinstance(item, Struct) else None
        if isinstance(name, Scalar):
            found[str(name.value)] = item
    return found


def _evaluated(node: Node, parameters: dict[str, Node]) -> Node:
    """A request in which what the pipeline fills in is unknown."""
    if isinstance(node, Struct) and len(node.members) == 1 and next(iter(node.members)) in FUNCTIONS:
        return _called(node, parameters)
    if isinstance(node, Array | Struct):
        return node.mapped(lambda _, below: _evaluated(below, parameters))
    if isinstance(node, Scalar) and node.value is None:
        return Unknown("is null, and what the pipeline makes of that is not known", node.span)
    return node


def _called(node: Struct, parameters: dict[str, Node]) -> Node:
    name, argument = next(iter(node.members.items()))
    place = node.keys.get(name, node.anchor)
    if name == "Get":
        at = argument.span if isinstance(argument, Scalar) else place
        name = str(argument.value).removeprefix("Parameters.") if isinstance(argument, Scalar) else ""
        return Unknown(_got(argument, parameters), at, choices=enumerated(parameters.get(name)))
    if name == "Std:JsonGet":
        return Unknown("is read from a file when the step runs", place)
    return _joined(argument, parameters) or Unknown("is joined from what cannot be followed here", place)


def _got(argument: Node, parameters: dict[str, Node]) -> str:
    if not isinstance(argument, Scalar) or not isinstance(argument.value, str):
        return "is taken from what cannot be followed here"
    kind, _, rest = argument.value.partition(".")
    if kind == "Parameters":
        parameter = parameters.get(rest)
        default = parameter.get("DefaultValue") if isinstance(parameter, Struct) else None
        if isinstance(default, Scalar):
            thing = f"the pipeline's parameter `{rest}`, `{default.value}` unless a run is given another"
            return is_parameter(thing, "pipeline")
        return is_parameter(f"the pipeline's parameter `{rest}`", "pipeline")
    if kind == "Steps":
        return f"comes from the step `{rest.partition('.')[0]}`"
    return f"is known only when the pipeline runs: `{argument.value}`"


def _joined(argument: Node, parameters: dict[str, Node]) -> Node | None:
    """What ``Std:Join`` makes of its values: known if all of them are."""
    if not isinstance(argument, Struct):
        return None
    delimiter, values = argument.get("On"), argument.get("Values")
    if not isinstance(delimiter, Scalar) or not isinstance(values, Array) or not isinstance(delimiter.value, str):
        return None
    pieces: list[str | None] = []
    reason = ""
    for index, item in enumerate(values.items):
        value = _evaluated(item, parameters)
        known = isinstance(value, Scalar) and isinstance(value.value, str)
        if index and delimiter.value:
            pieces.append(delimiter.value)
        pieces.append(str(value.value) if isinstance(value, Scalar) and known else None)
        if not known and not reason:
            reason = value.reason if isinstance(value, Unknown) else "is no string"
    if not reason:
        return Scalar("".join(piece or "" for piece in pieces), values.span)
    if len(values.items) == 1:
        return Unknown(reason, values.span)
    return Unknown(f"has a part that {reason}", values.span, tuple(pieces))


def read_document(source: Source, node: Struct) -> Reading:
    """The tuning jobs of a pipeline's definition in a document."""
    return Reading(read_pipeline(source, resolved_struct(node)))


def read_step_alone(source: Source, node: Struct) -> Reading:
    """The tuning job of a step that stands by itself."""
    return Reading(read_step(source, resolved_struct(node)))
