"""Requests that a source writes as dicts, and that it hands to code which is not read.

A dict is read as it is where it first escapes: at a call of unknown code, or at the return of a function that the
source never calls. What only shows, logs, compares or checks a dict launches nothing. A dict that nothing uses is read
at the end of its scope, if it says itself which job it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from enum import Enum

import msgspec
from msgspec.structs import replace

from hpolint import schema
from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import PARTS, Observation, parts_of
from hpolint.model.launch import joined
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, text_of, walk
from hpolint.model.observations import NameTooLong
from hpolint.model.source import Span
from hpolint.model.spelling import DICT
from hpolint.readers.carried import CONFIG, DEFINITION, NAME, set_anchors
from hpolint.readers.placeholders import is_regex, resolved_struct, unknown_text
from hpolint.readers.python.interpreter.calls import READ_ONLY_MODULES, WRITE_FUNCTIONS, Site
from hpolint.readers.python.interpreter.units import STRIDE, line_text
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Instance,
    Mapping,
    Method,
    Sequence,
    Symbol,
    UserClass,
    Value,
    is_own,
    items_of,
    present,
    unknown,
)
from hpolint.readers.python.sdk import carriers
from hpolint.readers.python.sdk.launches import Launched
from hpolint.readers.python.sdk.mocks import MOCKS
from hpolint.readers.python.sdk.nodes import has_values, to_node
from hpolint.readers.python.sdk.ways import Folded
from hpolint.readers.request import reads_as_request
from hpolint.readers.step_functions import (
    LaunchingTask,
    evaluated,
    is_states,
    launches,
    long_name_of,
    request_of,
    tasks_of,
)

WORDS = (CONFIG.lower(), "createhyperparametertuningjob")
"""Words of which every source with such a dict has one, in lower case."""

DEFINITIONS = (DEFINITION, f"{DEFINITION}s")
OFTEN_ADDED = (NAME, "Tags")
OF_TASKS = ("Type", "Parameters", "Arguments")
CDK = frozenset({"aws_cdk", "monocdk"})
OPERATOR = lazy_regex(r"[\w.]*Operator\b")
"""The beginning of a call that makes, or maps, one of Airflow's tasks."""

TEMPLATE = r"\{\{.*?\}\}|\{%.*?%\}|\$\{[^{}]*\}|\{[A-Za-z_][\w.\[\]]*\}|%\(\w+\)[a-z]"
PART = lazy_regex(rf"{TEMPLATE}|\{{\d*\}}|<[^<>]+>", re.DOTALL)
"""What another library, or ``format``, fills in: Flyte's ``{inputs.name}``, Jinja's ``{{ … }}``, ``%(name)s``."""

PART_OF_REGEX = lazy_regex(TEMPLATE, re.DOTALL)
"""The same in a regular expression, where ``{3}`` repeats and ``<name>`` names a group."""

CHECKING = lazy_regex(
    r"_*(?:(?:is_?)?valid|assert|check|verify|compare|iter_errors|TypedDict|add_response\Z)", re.IGNORECASE
)
"""The names of functions that check or compare a dict, as far as people name them alike."""

SCHEMA_LIBRARIES = frozenset({"jsonschema", "fastjsonschema", "pydantic", "marshmallow", "cerberus", "voluptuous"})
DUMPING = frozenset({"json.dumps", "yaml.dump", "yaml.safe_dump"})
"""Functions that return a dict as text."""

STORING = frozenset({"write", "write_text", "writelines"})
"""Methods that store a text in a file."""


def may_write_requests(text: str) -> bool:
    """Whether a dict in a source text may be a request."""
    lowered = text.lower()
    return any(word in lowered for word in WORDS)


class Use(Enum):
    """What a call does with the dicts that it gets."""

    ESCAPE = "escape"
    SHOWN = "shown"
    NONE = "none"


class Definition(msgspec.Struct, frozen=True):
    """A request in a dict: the span that names its job, and its state with its extent if a state machine carries it.

    ``long_name`` is the observation that the state's name for the job is too long.
    """

    site: Span
    request: Struct
    carrier: str | None = None
    extent: Span | None = None
    long_name: Observation | None = None


class Written(msgspec.Struct):
    """The requests of one dict literal, or of one state: those at calls, those that are returned, and those unused.

    ``off`` are those in branches that are turned off. ``calls`` are the calls that get it. ``long_names`` are the
    observations of all of them, None for a request whose name may be short enough.
    """

    definition: Definition
    form: str = "boto3"
    handed: list[Struct] = msgspec.field(default_factory=list)
    returned: list[Struct] = msgspec.field(default_factory=list)
    unused: dict[int, tuple[Mapping, Struct]] = msgspec.field(default_factory=dict)
    off: list[Struct] = msgspec.field(default_factory=list)
    calls: list[Span] = msgspec.field(default_factory=list)
    long_names: set[Observation | None] = msgspec.field(default_factory=set)

    @property
    def requests(self) -> list[Struct]:
        """The requests that count: those that escape, or else the next best."""
        return self.handed or self.returned or self.off or [request for _, request in self.unused.values()]

    @property
    def long_name(self) -> Observation | None:
        """The observation of all requests that their name is too long."""
        return next(iter(self.long_names)) if len(self.long_names) == 1 else None

    @property
    def is_unused(self) -> bool:
        """Whether nothing that is known uses it."""
        return not (self.handed or self.returned or self.off)


class WrittenRequests:
    """The requests in dicts of a source. ``own_units`` are the numbers of its units: other dicts are other files'."""

    def __init__(self, own_units: frozenset[int]) -> None:
        self._own_units = own_units
        self._written: dict[Span, Written] = {}
        self._shown: set[Span] = set()
        self._checked: set[Span] = set()
        self._places: set[Span] = set()
        self._texts: dict[int, tuple[Value, list[Definition]]] = {}

    def handed(self, function: Value, arguments: Arguments, site: Site, *, is_off: bool) -> bool:
        """Note a call of code that this source does not define. Returns whether it gets a request."""
        values = [*arguments.values(), *arguments.spread]
        if not self._has_request(values):
            return False
        use = _use_of(function, site)
        if use is Use.NONE:
            return False
        if use is Use.SHOWN:
            self.shown(values)
            return False
        form = _form_of(function, site)
        definitions = [*self._definitions(values), *self._dumped(values)]
        for definition in definitions:
            self._hand(definition, site.callee, site.text, form, is_off=is_off)
            self._places.add(site.span)
        return bool(definitions)

    def instantiated(self, cls: UserClass, arguments: Arguments, place: Span, *, is_off: bool) -> None:
        """Note a call of a class whose constructor this source does not define."""
        if not cls.is_constructed_elsewhere:
            return
        values = [*arguments.values(), *arguments.spread]
        imported = {str(above.imported).partition(".")[0] for above in (cls, *cls.ancestors)}
        if imported & SCHEMA_LIBRARIES:
            self.shown(values)
            return
        form = "airflow" if "airflow" in imported else "boto3"
        for definition in self._definitions(values):
            self._hand(definition, place, cls.name, form, is_off=is_off)

    def returned(self, value: Value, function: str, *, is_off: bool) -> None:
        """Note what a function returns that this source never calls."""
        for definition in self._definitions([value]):
            if definition.site.line // STRIDE in self._own_units and has_values(definition.request):
                written = self._written_at(definition)
                why = f"may be set by code that calls `{function}()`"
                requests = written.off if is_off else written.returned
                requests.append(_completed(definition, why))

    def scope_ends(self, values: list[Value]) -> None:
        """Note the dicts that a scope holds at its end."""
        for mapping in _carriers(values, _held_by):
            for definition in _definitions_of(mapping):
                if definition.site.line // STRIDE in self._own_units and _says_its_job(definition):
                    request = _completed(definition, "may be set by code that is not read")
                    self._written_at(definition).unused[id(mapping)] = mapping, request

    def shown(self, values: Iterable[Value]) -> None:
        """Note that some values are only shown, compared or checked."""
        values = list(values)
        definitions = self._dumped(values)
        for mapping in _carriers(values):
            own = _definitions_of(mapping)
            if own:
                self._checked.add(mapping.span)
            definitions += own
        self._shown |= {_name_of(definition) for definition in definitions}

    def dumped(self, function: Value, arguments: Arguments, text: Value) -> None:
        """Note a text that a function makes of a dict."""
        if isinstance(function, Symbol) and function.name in DUMPING:
            definitions = self._definitions(arguments.positional[:1])
            if definitions:
                self._texts[id(text)] = text, definitions

    def holds(self, values: Iterable[Value], places: Collection[Span]) -> bool:
        """Whether one of some values may be a dict that a call at one of these places gets: it is read there."""
        if self._places.isdisjoint(places):
            return False
        candidates: list[Value] = []
        for value in values:
            candidates += value.candidates if isinstance(value, Either) else [value]
        return any(isinstance(value, Mapping) and value.span in self._written for value in candidates)

    def launched(self, read: Iterable[Launched]) -> list[Launched]:
        """The jobs of the dicts. One that a job of ``read`` holds is that job, as is one that a state machine holds.

        An unused dict is also a part of each other dict that holds it, such as ``{**base, …}``.
        """
        held_by_read = _Holders()
        for job in read:
            held_by_read.add([job.folded.request])
        held_by_states, held_by_any = held_by_read.copy(), held_by_read.copy()
        jobs: list[Launched] = []
        for written in sorted(self._written.values(), key=_rank):
            if written.is_unused:
                is_held = held_by_any.share_places(written.definition.request)
                requests = [] if is_held or _name_of(written.definition) in self._shown else written.requests
            elif written.definition.carrier is None:
                requests = held_by_states.without_held(written.requests)
            else:
                requests = held_by_read.without_held(written.requests)
            if not requests:
                continue
            jobs.append(_launched(written, requests))
            held_by_any.add(requests)
            if written.definition.carrier is not None:
                held_by_states.add(requests)
        return jobs

    def _definitions(self, values: Iterable[Value]) -> list[Definition]:
        """The requests in some values. A dict that a check may have changed is read as unknown."""
        definitions: list[Definition] = []
        for mapping in _carriers(values):
            own = _definitions_of(mapping)
            if not own and mapping.span in self._checked and mapping.span not in self._written:
                own = [_unknown_definition(mapping)]
            definitions += own
        return definitions

    def _has_request(self, values: Iterable[Value]) -> bool:
        """Whether some values may be or hold a request, as a dict or as a text."""
        if self._texts and self._dumped(values):
            return True
        may_hold = any(isinstance(value, Mapping | Sequence | Either) for value in values)
        return may_hold and next(_carriers(values), None) is not None

    def _dumped(self, values: Iterable[Value]) -> list[Definition]:
        """The requests in the texts among some values."""
        definitions: list[Definition] = []
        for value in values:
            _, own = self._texts.get(id(value), (value, []))
            definitions += own
        return definitions

    def _hand(self, definition: Definition, place: Span, callee: str, form: str, *, is_off: bool) -> None:
        """Note that a call gets a request. That of another file is the call's, if the call is in this source."""
        if definition.site.line // STRIDE not in self._own_units:
            if place.line // STRIDE not in self._own_units:
                return
            request = replace(definition.request, span=place, anchor=place)
            definition = replace(definition, site=place, request=request, long_name=None)
        written = self._written_at(definition)
        requests = written.off if is_off else written.handed
        requests.append(_completed(definition, f"may be set by `{callee}()`, which gets the request"))
        written.form = form
        if place.line // STRIDE in self._own_units:
            written.calls.append(place)

    def _written_at(self, definition: Definition) -> Written:
        written = self._written.setdefault(definition.site, Written(definition))
        written.long_names.add(definition.long_name)
        return written


def _use_of(function: Value, site: Site) -> Use:
    """What a call does with the dicts that it gets."""
    if site.only_shows or CHECKING.match(site.name):
        return Use.SHOWN
    if isinstance(function, Symbol):
        use = _use_of_import(function)
    elif isinstance(function, Method):
        use = _use_of_method(function)
    else:
        use = Use.ESCAPE
    return Use.SHOWN if use is Use.NONE and site.is_shown else use


def _use_of_import(function: Symbol) -> Use:
    """What an imported function does with the dicts that it gets."""
    top = function.name.partition(".")[0]
    if function.name in MOCKS or top in SCHEMA_LIBRARIES:
        return Use.SHOWN
    if top in READ_ONLY_MODULES or function.name in WRITE_FUNCTIONS:
        return Use.NONE
    return Use.ESCAPE


def _use_of_method(method: Method) -> Use:
    """What a method of a value does with the dicts that it gets."""
    receiver = method.receiver
    if isinstance(receiver, Constant):
        return Use.SHOWN  # `format`
    if isinstance(receiver, Mapping | Sequence) or method.name in STORING:
        return Use.NONE
    if isinstance(receiver, Instance) and receiver.cls.partition(".")[0] in READ_ONLY_MODULES:
        return Use.NONE
    return Use.ESCAPE


def _form_of(function: Value, site: Site) -> str:
    """The form of the requests that a call gets: that of its library."""
    top = function.name.partition(".")[0] if isinstance(function, Symbol) else ""
    if top in CDK:
        return "cloudformation"
    return "airflow" if top == "airflow" or OPERATOR.match(site.text) else "boto3"


def _carriers(values: Iterable[Value], below: Callable[[Value], list[Value]] = items_of) -> Iterator[Mapping]:
    """The outermost dicts among some values, and in what they hold, that may be a request or carry one."""
    waiting = list(values)
    visited: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in visited:
            continue
        visited.add(id(value))
        if isinstance(value, Mapping) and _may_carry(value):
            yield value
        elif isinstance(value, Either):
            waiting += value.candidates
        else:
            waiting += below(value)


def _held_by(value: Value) -> list[Value]:
    """What a dict, a list, an object or a class of the source holds."""
    if is_own(value):
        return list(value.attributes.values())
    if isinstance(value, UserClass):
        return list(value.members.values())
    return items_of(value)


def _may_carry(mapping: Mapping) -> bool:
    """Whether a dict has the keys of a request, of a state machine or of a task."""
    keys = mapping.entries.keys()
    return (
        (CONFIG in keys and not keys.isdisjoint(DEFINITIONS))
        or ("States" in keys and "StartAt" in keys)
        or ("Resource" in keys and not keys.isdisjoint(OF_TASKS))
    )


def _definitions_of(mapping: Mapping) -> list[Definition]:
    """The requests in a dict that may be one, or carry some."""
    node = to_node(mapping, mapping.span)
    if not isinstance(node, Struct):
        return []
    if is_states(node):
        return [_of_task(task, f"state `{task.name}`") for task in tasks_of(node)]
    if launches(node):
        place = node.keys.get("Resource", node.anchor)
        is_jsonata = text_of(node.get("QueryLanguage")) == "JSONata"
        return [_of_task(LaunchingTask("", place, node, is_jsonata), "Task state")]
    request = evaluated(node, jsonata=False)
    if not isinstance(request, Struct) or not reads_as_request(request):
        return []
    return [Definition(mapping.span, _as_sent(request))]


def _of_task(task: LaunchingTask, carrier: str) -> Definition:
    """The request of a state."""
    request = request_of(task)
    if isinstance(request, Struct):
        request = _without_placeholders(request)
    else:
        reason = request if isinstance(request, Unknown) else unknown("is not a structure", task.place)
        request = Struct({}, task.place, task.place, open=reason)
    return Definition(
        site=task.place,
        request=request,
        carrier=carrier,
        extent=task.state.span,
        long_name=_long_name(task),
    )


def _long_name(task: LaunchingTask) -> Observation | None:
    """The observation that a state's name for its job is too long, unless another library fills in a part of it."""
    observation = long_name_of(replace(task, state=resolved_struct(task.state)))
    if observation is None or not isinstance(observation.observed, NameTooLong):
        return None
    name = observation.observed.known.strip().removeprefix("{%").removesuffix("%}")  # of JSONata, not of Jinja
    return None if PART_OF_REGEX.search(name) else observation


def _unknown_definition(mapping: Mapping) -> Definition:
    """The request of a dict that may have been changed."""
    keys = {str(key): place for key, place in mapping.keys.items()}
    return Definition(mapping.span, Struct({}, mapping.span, mapping.span, keys, open=mapping.open))


def _as_sent(request: Struct) -> Struct:
    """A request with the conversions that its receiver may make: a value that is right after one is not wrong."""
    sent = _without_placeholders(request)
    carriers.convert(sent, "code that gets the request")
    own = schema.members(schema.REQUEST)
    sent.members = {name: member for name, member in sent.members.items() if name in own}
    return sent


def _without_placeholders(request: Struct) -> Struct:
    """A request in which values that another library fills in are unknown."""
    resolved = _resolved(resolved_struct(request), ())
    return resolved if isinstance(resolved, Struct) else request


def _resolved(node: Node, path: Path) -> Node:
    if isinstance(node, Array):
        return node.mapped(lambda index, below: _resolved(below, (*path, index)))
    if isinstance(node, Struct):
        copy = node.mapped(lambda name, below: _resolved(below, (*path, name)))
        for name in node.members:
            key = unknown_text(name, node.keys.get(name, node.anchor), PART)
            if key is not None:
                copy.open = copy.open or replace(key, reason=f"the key {key.reason}")
                del copy.members[name]
        return copy
    text = text_of(node)
    if text is None:
        return node
    part = PART_OF_REGEX if is_regex(path) else PART
    if part.search(text) is None:
        return node
    return unknown_text(text, node.span, part) or node


def _completed(definition: Definition, why: str) -> Struct:
    """A request in which absent members that its receiver often sets are unknown, and those that it has to set."""
    if definition.carrier is not None:
        return definition.request
    reason = definition.request.open or unknown(why, _name_of(definition))
    completed = _with_required(definition.request, schema.REQUEST, reason)
    for name in OFTEN_ADDED:
        completed.members.setdefault(name, reason)
    return completed


def _with_required(node: Struct, shape: str, reason: Unknown) -> Struct:
    """A copy of a structure in which required members that nobody wrote are unknown.

    So is a structure where the API wants a plain value: it is a function of whoever gets the request, such as a
    pipeline's ``{"Get": …}``.
    """
    shapes = schema.members(shape)

    def member(name: str, below: Node) -> Node:
        target = shapes.get(name)
        if target is None or not isinstance(below, Struct):
            return below
        if schema.shape(target).get("type") != "object":
            return unknown("is a structure, which the code that gets it resolves", below.span)
        return _with_required(below, target, reason)

    copy = node.mapped(member)
    for name in schema.shape(shape).get("required", ()):
        copy.members.setdefault(name, reason)
    return copy


def _says_its_job(definition: Definition) -> bool:
    """Whether a request has a name, or the resource of a state."""
    return definition.carrier is not None or NAME in definition.request.members


def _name_of(definition: Definition) -> Span:
    """The place that a request shares with its copies."""
    return definition.request.keys.get(CONFIG, definition.site)


def _places_of_parts(request: Struct) -> set[Span]:
    """The places of the parts of a request, and of their names, by which another job that holds them is known."""
    places = {request.keys[name] for name in PARTS if name in request.keys}
    return {*places, *parts_of(request)}


class _Holders:
    """The requests of jobs, by the places of their structures and members.

    A request whose parts have the same places is the same one, or a copy, if its values agree: a builder that is called
    twice writes two requests at one place.
    """

    def __init__(self, by_place: dict[Span, list[Struct]] | None = None) -> None:
        self._by_place = by_place or {}

    def copy(self) -> _Holders:
        """The same requests, to which others can be added."""
        return _Holders({place: list(requests) for place, requests in self._by_place.items()})

    def add(self, requests: Iterable[Struct]) -> None:
        """Add the requests of a job."""
        for request in requests:
            for _, node in walk(request):
                if isinstance(node, Struct):
                    for place in (node.span, *node.keys.values()):
                        self._by_place.setdefault(place, []).append(request)

    def share_places(self, request: Struct) -> bool:
        """Whether a job holds a part of a request."""
        return not _places_of_parts(request).isdisjoint(self._by_place)

    def without_held(self, requests: list[Struct]) -> list[Struct]:
        """The requests that no job holds."""
        return [request for request in requests if not self._holds(request)]

    def _holds(self, request: Struct) -> bool:
        holders: dict[int, Struct] = {}
        for place in _places_of_parts(request):
            holders |= {id(holder): holder for holder in self._by_place.get(place, ())}
        return any(_parts_agree(request, holder) for holder in holders.values())


def _parts_agree(one: Struct, other: Struct) -> bool:
    """Whether the parts of two requests have the same values, as far as these are known."""
    shared = [name for name in PARTS if name in one.members and name in other.members]
    return all(_agree(one.members[name], other.members[name]) for name in shared)


def _agree(one: Node, other: Node) -> bool:
    """Whether two nodes have the same values, as far as these are known."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return True
    match one, other:
        case Scalar(), Scalar():
            return one.value == other.value
        case Array(), Array():
            return _items_agree(one, other)
        case Struct(), Struct():
            shared = [name for name in one.members if name in other.members]
            return all(_agree(one.members[name], other.members[name]) for name in shared)
    return False


def _items_agree(one: Array, other: Array) -> bool:
    """The same for the items of two lists."""
    is_closed = one.open is None and other.open is None
    if is_closed and len(one.items) != len(other.items):
        return False
    return all(_agree(item, counterpart) for item, counterpart in zip(one.items, other.items, strict=False))


def _rank(written: Written) -> tuple[bool, bool, int]:
    """States before requests, what is used before what is not; of unused dicts, the later ones hold the earlier."""
    line = written.definition.site.line
    return written.is_unused, written.definition.carrier is None, -line if written.is_unused else line


def _launched(written: Written, requests: list[Struct]) -> Launched:
    """The job of a dict with the common values of some of its requests."""
    definition = written.definition
    reason = f"differs between the uses of the dict at line {line_text(definition.site)}"
    request, _ = joined(requests, reason)
    set_anchors(request)
    return Launched(
        site=definition.site,
        form="step-functions" if definition.carrier is not None else written.form,
        folded=Folded(request),
        observations=present([written.long_name]),
        spelling=DICT,
        carrier=definition.carrier,
        calls=written.calls,
        is_disabled=not written.is_unused and written.requests is written.off,
        is_unused=written.is_unused,
        extent=definition.extent,
    )
