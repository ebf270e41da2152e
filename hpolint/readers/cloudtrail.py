"""Events of CloudTrail: the request of each job that the service has accepted, for an audit of what was launched.

A document is what ``aws cloudtrail lookup-events`` prints, a log file of a trail, an event of EventBridge, or an event
alone. An event has the request's members in lower camel case, as CloudTrail records all requests of SageMaker. No
public event of this very operation was at hand: events of CreateTrainingJob show the names, that the keys of maps stay
as they are, and members that the service adds (``enableSageMakerMetricsTimeSeries``, ``useReservedCapacity``).

Sources: CloudTrail user guide, "CloudTrail record contents"; SageMaker developer guide, "Logging Amazon SageMaker AI
API calls using AWS CloudTrail".
"""

from __future__ import annotations

from functools import cache

from hpolint import schema
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.reasons import named
from hpolint.model.source import Source, Span
from hpolint.model.spelling import Spelling
from hpolint.readers.carried import carried_job, lower_camel
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import Text

EVENT_SOURCE, EVENT_NAME = "sagemaker.amazonaws.com", "CreateHyperParameterTuningJob"
REQUEST, EMBEDDED = "requestParameters", "CloudTrailEvent"

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What CloudTrail records in place of a value that it does not show."""


def is_event(node: Struct) -> bool:
    """Whether this is an event of the operation, or a result of ``lookup-events`` that contains one as a string."""
    return _is_event(node) or (_text(node, "EventName") == EVENT_NAME and _text(node, EMBEDDED) is not None)


def read_event(source: Source, node: Struct) -> Reading:
    """The tuning job of an event; none if the service refused the request."""
    embedded = node.get(EMBEDDED)
    if isinstance(embedded, Scalar):
        try:
            event = parse_text(Text.of(source, embedded))
        except SyntaxProblem as problem:
            return Reading(problems=[ReadingProblem(problem.reason, problem.span)])
        if not isinstance(event, Struct) or not _is_event(event):
            return Reading()
    else:
        event = node
    if _text(event, "errorCode") is not None:
        return Reading(idle=[node.span])
    return Reading([_job(source, event, node.span)])


def _is_event(node: Struct) -> bool:
    return (
        _text(node, "eventSource") == EVENT_SOURCE
        and _text(node, "eventName") == EVENT_NAME
        and (REQUEST in node.members or "eventVersion" in node.members)
    )


def _job(source: Source, event: Struct, extent: Span) -> TuningJob:
    place = event.keys.get(REQUEST, event.keys["eventName"])
    parameters = event.get(REQUEST)
    request = _translated(parameters, schema.REQUEST) if parameters is not None else None
    if not isinstance(request, Struct):
        request = Unknown(named(REQUEST, "is not recorded in the event"), place)
    job = carried_job("cloudtrail", source, request, place, _carrier(event), extent)
    job.spelling = _spelling()
    job.is_launched = True
    return job


def _carrier(event: Struct) -> str:
    identifier, time = _text(event, "eventID"), _text(event, "eventTime")
    name = f"event `{identifier}`" if identifier is not None else "event"
    return name if time is None else f"{name} of {time}"


def _translated(node: Node, shape: str) -> Node | None:
    """A part of the request in the API's spelling, without members that the API does not have; None for null."""
    if isinstance(node, Scalar):
        if node.value == HIDDEN:
            return Unknown("is hidden in CloudTrail's event", node.span)
        return None if node.value is None else node
    if isinstance(node, Array):
        item = schema.item(shape)
        return node.mapped(lambda _, below: _translated(below, item) if item else below)
    if not isinstance(node, Struct):
        return node
    value, members = schema.map_value(shape), schema.members(shape)
    omission = _omission(node)
    if value and omission is None:
        return node.mapped(lambda _, below: _translated(below, value))
    found = Struct({}, node.span, node.anchor, {}, omission or node.open)
    for name, api in _names(shape).items():
        if name in node.members and (member := _translated(node.members[name], members[api])) is not None:
            found.members[api], found.keys[api] = member, node.keys.get(name, node.anchor)
    return found


def _omission(node: Struct) -> Unknown | None:
    """Why a structure may have had further members; None if CloudTrail recorded all.

    In a map, whose values are strings, only a true that is no string means this.
    """
    omitted = node.get("omitted")
    if isinstance(omitted, Scalar) and omitted.value is True:
        return Unknown("is omitted in CloudTrail's event, which would be too large", node.keys["omitted"])
    return None


def _text(node: Struct, name: str) -> str | None:
    value = node.get(name)
    return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else None


@cache
def _names(shape: str) -> dict[str, str]:
    """The API's members of a structure, by their names in an event."""
    return {lower_camel(member): member for member in schema.members(shape)}


@cache
def _spelling() -> Spelling:
    """The names of all API members in an event, for messages."""
    names = {member for shape in schema.request_schema()["$defs"] for member in schema.members(shape)}
    return Spelling({name: lower_camel(name) for name in names}, ": ", {}, is_quoted=True)
