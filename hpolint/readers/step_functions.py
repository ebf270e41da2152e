"""Amazon States Language: Task states that launch a tuning job, at any depth.

Sources: the Step Functions developer guide, "Create and manage Amazon SageMaker AI jobs", "AWS SDK service
integrations", "Passing data between states" (JSONPath) and "Transforming data with JSONata".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation, Reading, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, child, items_of, text_of
from hpolint.model.reasons import named
from hpolint.model.source import Source, Span
from hpolint.readers.carried import carried_job
from hpolint.readers.execution_names import long_name
from hpolint.readers.placeholders import resolved_struct

RESOURCE = lazy_regex(
    r"(?:arn:[^:]*)?:states:::(?:aws-sdk:)?sagemaker:createHyperParameterTuningJob(?:\.[A-Za-z]+(?::\d+)?)?\Z",
    re.IGNORECASE,
)
EXPRESSION = lazy_regex(r"\s*\{%.*%\}\s*\Z", re.DOTALL)
NESTED = ("Iterator", "ItemProcessor")
PATH_SUFFIX = ".$"


class LaunchingTask(msgspec.Struct, frozen=True):
    """A Task state that launches a tuning job: its name, the span of the name, and whether it uses JSONata."""

    name: str
    place: Span
    state: Struct
    jsonata: bool


def is_states(node: Struct) -> bool:
    """Whether this is a state machine definition."""
    return isinstance(node.get("States"), Struct) and "StartAt" in node.members


def read_states(source: Source, definition: Struct, within: str = "") -> list[TuningJob]:
    """The tuning jobs of a state machine definition. ``within`` describes its carrier in words."""
    return jobs_of(source, tasks_of(definition), within)


def tasks_of(definition: Struct) -> list[LaunchingTask]:
    """The Task states of a definition that launch a tuning job."""
    return list(_tasks(definition, jsonata=_is_value(definition.get("QueryLanguage"), "JSONata")))


def jobs_of(source: Source, tasks: list[LaunchingTask], within: str) -> list[TuningJob]:
    """New jobs for the given states."""
    return [_job_of(source, task, within) for task in tasks]


def _job_of(source: Source, task: LaunchingTask, within: str) -> TuningJob:
    observed = long_name_of(task)
    return carried_job(
        "step-functions",
        source,
        request_of(task),
        task.place,
        carrier=f"state `{task.name}`{within}",
        extent=task.state.span,
        observations=[] if observed is None else [observed],
    )


def long_name_of(task: LaunchingTask) -> Observation | None:
    """The observation that a state's name for its job is too long, as far as it is known."""
    parameters = task.state.get("Arguments" if task.jsonata else "Parameters")
    return long_name(parameters, jsonata=task.jsonata) if isinstance(parameters, Struct) else None


def _tasks(machine: Node | None, *, jsonata: bool) -> Iterator[LaunchingTask]:
    states = child(machine, "States")
    if not isinstance(states, Struct):
        return
    for name, state in states.members.items():
        if not isinstance(state, Struct):
            continue
        if launches(state):
            own = state.get("QueryLanguage")
            yield LaunchingTask(name, states.keys[name], state, _is_value(own, "JSONata") if own else jsonata)
        for nested in (*items_of(state.get("Branches")), *map(state.get, NESTED)):
            yield from _tasks(nested, jsonata=jsonata)


def launches(state: Struct) -> bool:
    """Whether a state is a Task whose Resource is the integration of tuning jobs. Its partition may be unknown."""
    kind = state.get("Type")
    if isinstance(kind, Scalar) and kind.value != "Task":
        return False
    match state.get("Resource"):
        case Scalar(value=str(resource)):
            return bool(RESOURCE.match(resource))
        case Unknown(pieces=(*_, last)):
            return bool(RESOURCE.search(last or ""))
    return False


def _is_value(node: Node | None, value: str) -> bool:
    return isinstance(node, Scalar) and node.value == value


def request_of(task: LaunchingTask) -> Node:
    """The request of a state; unknown if the state does not set it."""
    member, other = ("Arguments", "Parameters") if task.jsonata else ("Parameters", "Arguments")
    arguments = task.state.get(member)
    if arguments is None:
        if other in task.state.members:
            return Unknown(named(other, "is not read by this state's query language"), task.state.keys[other])
        return Unknown("is the state's input, since the state sets no parameters", task.place)
    if isinstance(arguments, Struct):
        arguments.anchor = task.state.keys.get(member, task.place)
    return evaluated(arguments, jsonata=task.jsonata)


def evaluated(node: Node, *, jsonata: bool) -> Node:
    """A copy of a payload in which values that are computed when the state runs are unknown."""
    if isinstance(node, Array):
        return node.mapped(lambda _, below: evaluated(below, jsonata=jsonata))
    if isinstance(node, Struct):
        return _payload(node, jsonata=jsonata)
    if jsonata and EXPRESSION.match(text := text_of(node) or ""):
        return Unknown(f"is computed when the state runs: {_shortened(text)}", node.span)
    return node


def _payload(node: Struct, *, jsonata: bool) -> Struct:
    payload = node.emptied()
    for name, member in node.members.items():
        place = node.keys.get(name, node.anchor)
        if not jsonata and name.endswith(PATH_SUFFIX):
            name, member = name.removesuffix(PATH_SUFFIX), _input_reference(member)
        payload.members[name], payload.keys[name] = evaluated(member, jsonata=jsonata), place
    return payload


def _input_reference(path: Node) -> Unknown:
    """The Unknown of a path into the state's input or context, or of an intrinsic function."""
    if isinstance(path, Unknown):
        return path
    if not isinstance(path, Scalar) or not isinstance(path.value, str) or not path.value.startswith(("$", "States.")):
        return Unknown("is neither a path nor an intrinsic function", path.span)
    if path.value.startswith("States."):
        return Unknown(f"is computed when the state runs: {_shortened(path.value)}", path.span)
    return Unknown(f"is taken from the state's input: {_shortened(path.value)}", path.span)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 60:
        text = f"{text[:59]}…"
    return f"`{text}`"


def read_document(source: Source, node: Struct) -> Reading:
    """The tuning jobs of a state machine definition in a document."""
    return Reading(read_states(source, resolved_struct(node)))
