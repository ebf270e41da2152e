"""Events of CloudTrail: the request of each job that the service has accepted, for an audit of what was launched.

A document is what ``aws cloudtrail lookup-events`` prints, a log file of a trail, the result of a query of CloudTrail
Lake or Athena, an event of EventBridge, or an event alone. An event has the request's members in lower camel case, as
CloudTrail records all requests of SageMaker. No public event of this very operation was at hand: events of
CreateTrainingJob show the names, that the keys of maps stay as they are, and members that the service adds
(``enableSageMakerMetricsTimeSeries``, ``useReservedCapacity``).

Sources: CloudTrail user guide, "CloudTrail record contents", "Supported SQL schemas for event data stores";
SageMaker developer guide, "Logging Amazon SageMaker AI API calls using AWS CloudTrail".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hpolint import schema
from hpolint.model.job import Reading, ReadingProblem, TuningJob
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, items_of, text_of
from hpolint.model.reasons import named
from hpolint.model.source import Source, Span
from hpolint.model.spelling import Spelling
from hpolint.readers.carried import all_members, carried_job, lower_camel
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.embedded import parse_text
from hpolint.syntax.pieced_text import Text

EVENT_SOURCE, EVENT_NAME = "sagemaker.amazonaws.com", "CreateHyperParameterTuningJob"
REQUEST, EMBEDDED = "requestParameters", "CloudTrailEvent"
ROWS = "QueryResultRows"

EVENT_COLUMNS = (EMBEDDED, "eventJson", "eventData")
"""Members with a whole event as a string of JSON: of ``lookup-events``, and columns of CloudTrail Lake."""

MEMBERS = ("eventName", "eventSource", "eventVersion", "eventID", "eventTime", "errorCode", REQUEST, *EVENT_COLUMNS)
CANONICAL = {name.lower(): name for name in MEMBERS}
"""The members of an event that are read. Athena and CloudTrail Lake write the names of their columns in lower case."""

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What CloudTrail records in place of a value that it does not show."""


def is_event(node: Struct) -> bool:
    """Whether this is an event of the operation, a structure with one as a string, or a query's result with one."""
    if _is_event(node):
        return True
    if _text(node, "EventName") == EVENT_NAME and _text(node, EMBEDDED) is not None:
        return True
    if any(_mentions_event(node, name) for name in EVENT_COLUMNS[1:]):
        return True
    return any(map(is_event, _query_rows(node)))


def read_event(source: Source, node: Struct) -> Reading:
    """The tuning job of an event, or those of a query's result; none if the service refused the request."""
    rows = [row for row in _query_rows(node) if is_event(row)]
    if rows:
        reading = Reading()
        for row in rows:
            reading.take(read_event(source, row))
        return reading
    try:
        event = _event(source, node)
    except SyntaxProblem as problem:
        return Reading(problems=[ReadingProblem(problem.reason, problem.span)])
    if event is None:
        return Reading()
    if _text(event, "errorCode"):
        return Reading(idle=[node.span])
    return Reading([_job(source, event, node.span)])


def _event(source: Source, node: Struct) -> Struct | None:
    """The event that a structure is, or has as a string; None if that is no such event. Raises SyntaxProblem."""
    event = _canonical(node)
    embedded = _embedded(event)
    # a structure that has the request itself does not need the same event as a string
    if embedded is None or isinstance(_parsed(source, event.get(REQUEST)), Struct):
        return event
    parsed = parse_text(Text.of(source, embedded))
    return _canonical(parsed) if isinstance(parsed, Struct) and _is_event(parsed) else None


def _is_event(node: Struct) -> bool:
    """Whether a structure has an event's own members. A row of a query may lack those that nobody has selected."""
    if EVENT_NAME not in (_text(node, "eventName"), _text(node, "eventname")):
        return False
    has_request = REQUEST in node.members or REQUEST.lower() in node.members
    event_source = _text(node, "eventSource") or _text(node, "eventsource")
    if event_source is None:
        return has_request
    return event_source == EVENT_SOURCE and (has_request or "eventVersion" in node.members)


def _mentions_event(node: Struct, name: str) -> bool:
    text = _text(node, name) or _text(node, name.lower())
    return text is not None and f'"{EVENT_NAME}"' in text


def _query_rows(node: Struct) -> Iterator[Struct]:
    """The rows of what ``aws cloudtrail get-query-results`` prints: each is a list of structures with one member."""
    for row in items_of(node.get(ROWS)):
        cells = [cell for cell in items_of(row) if isinstance(cell, Struct)]
        if not cells:
            continue
        joined = Struct({}, row.span, cells[0].anchor)
        for cell in cells:
            joined.members.update(cell.members)
            joined.keys.update(cell.keys)
        yield joined


def _canonical(node: Struct) -> Struct:
    """The structure with the names that CloudTrail's documentation gives its members."""
    event = Struct({}, node.span, node.anchor, {}, node.open)
    for name, member in node.members.items():
        canonical = CANONICAL.get(name.lower(), name)
        event.members[canonical] = member
        event.keys[canonical] = node.keys.get(name, node.anchor)
    return event


def _embedded(event: Struct) -> Scalar | None:
    """The string that contains the whole event; None if there is none."""
    for name in EVENT_COLUMNS:
        member = event.get(name)
        if isinstance(member, Scalar) and text_of(member):
            return member
    return None


def _parsed(source: Source, node: Node | None) -> Node | None:
    """The structure or list that a string of JSON contains; any other value as it is."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or node.value.lstrip()[:1] not in ("{", "["):
        return node
    try:
        return parse_text(Text.of(source, node))
    except SyntaxProblem:
        return node


def _job(source: Source, event: Struct, extent: Span) -> TuningJob:
    place = event.keys.get(REQUEST, event.keys["eventName"])
    parameters = event.get(REQUEST)
    request = _translated(source, parameters, schema.REQUEST) if parameters is not None else None
    if not isinstance(request, Struct):
        request = Unknown(named(REQUEST, _why_unknown(parameters)), place)
    job = carried_job("cloudtrail", source, request, place, _carrier(source, event), extent)
    job.spelling = _spelling()
    job.is_launched = True
    return job


def _why_unknown(parameters: Node | None) -> str:
    """Why the request of an event is unknown."""
    if (text_of(parameters) or "").startswith("{"):
        return "is not JSON in this row: select the column `eventJson` as well"
    return "is not recorded in the event"


def _carrier(source: Source, event: Struct) -> str:
    identifier, time = _text(event, "eventID"), _text(event, "eventTime")
    name = f"event `{identifier}`" if identifier is not None else "event"
    if time is not None:
        name += f" of {time}"
    return f"{name} in the unpacked text" if source.is_packed else name


def _translated(source: Source, node: Node, shape: str) -> Node | None:
    """A part of the request in the API's spelling, without members that the API does not have; None for null.

    A structure may be a string of JSON, as in the map of strings of CloudTrail Lake.
    """
    if isinstance(node, Scalar) and _has_parts(shape):
        node = _parsed(source, node) or node
    if isinstance(node, Scalar):
        if node.value == HIDDEN:
            return Unknown("is hidden in CloudTrail's event", node.span)
        return None if node.value is None else node
    if isinstance(node, Array):
        item = schema.item(shape)
        return node.mapped(lambda _, below: _translated(source, below, item) if item else below)
    return _translated_struct(source, node, shape) if isinstance(node, Struct) else node


def _has_parts(shape: str) -> bool:
    return bool(schema.members(shape) or schema.item(shape) or schema.map_value(shape))


def _translated_struct(source: Source, node: Struct, shape: str) -> Struct:
    value, members = schema.map_value(shape), schema.members(shape)
    omission = _omission(node)
    if value and omission is None:
        return node.mapped(lambda _, below: _translated(source, below, value))
    translated = Struct({}, node.span, node.anchor, {}, omission or node.open)
    for name, api in _names(shape).items():
        if name not in node.members:
            continue
        member = _translated(source, node.members[name], members[api])
        if member is not None:
            translated.members[api], translated.keys[api] = member, node.keys.get(name, node.anchor)
    return translated


def _omission(node: Struct) -> Unknown | None:
    """Why a structure may have had further members; None if CloudTrail recorded all.

    In a map, whose values are strings, only a true that is no string means this.
    """
    omitted = node.get("omitted")
    if isinstance(omitted, Scalar) and omitted.value is True:
        return Unknown("is omitted in CloudTrail's event, which would be too large", node.keys["omitted"])
    return None


def _text(node: Struct, name: str) -> str | None:
    return text_of(node.get(name))


@cache
def _names(shape: str) -> dict[str, str]:
    """The API's members of a structure, by their names in an event."""
    return {lower_camel(member): member for member in schema.members(shape)}


@cache
def _spelling() -> Spelling:
    """The names of all API members in an event, for messages."""
    return Spelling({name: lower_camel(name) for name in all_members()}, ": ", {}, is_quoted=True)
