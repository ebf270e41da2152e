"""The launches of a source, by the span of the tuner's constructor or of the call."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeGuard

import msgspec
from msgspec.structs import replace

from hpolint.model.callee import Callee
from hpolint.model.job import Observation
from hpolint.model.launch import joined
from hpolint.model.node import Path, Struct
from hpolint.model.observations import Observed
from hpolint.model.source import Span
from hpolint.model.spelling import DICT, Gaps, Spelling
from hpolint.model.training_code import Code
from hpolint.readers.python.interpreter.values import Either, Instance, Value, items_of
from hpolint.readers.python.sdk import argument_names, carriers
from hpolint.readers.python.sdk.nodes import arguments_of
from hpolint.readers.python.sdk.trainer import GAPS, TrainerTuner, is_version_3
from hpolint.readers.python.sdk.tuner import Tuner
from hpolint.readers.python.sdk.ways import Folded, Sending, folded

TUNER = "HyperparameterTuner"
CORE_JOB = "HyperParameterTuningJob"

Site = tuple[Span, str]


class Launches(msgspec.Struct):
    """The requests of one tuner constructor or call site.

    ``launched`` are requests that are sent, ``unlaunched`` those of scopes that end without a launch. ``disabled`` and
    ``disabled_unlaunched`` are the same for branches that are turned off. ``tuner`` is the constructor's object,
    ``handed`` its requests when it is passed to another library's step of the class ``step_class``. ``calls`` are the
    launching calls, ``codes`` the scripts of the definitions, ``gaps`` the members that a launch does not send.
    ``generation`` is the SDK's, ``callees`` are the calls that make the tuner and its parts. ``is_guarded``: a `try`
    statement with a handler is around a launching call. ``is_expecting``: the source expects its error.
    ``accounts`` tell apart the clients and sessions that send the requests: another one may be of another region.
    """

    form: str
    launched: list[Sending] = msgspec.field(default_factory=list)
    unlaunched: list[Struct] = msgspec.field(default_factory=list)
    disabled: list[Sending] = msgspec.field(default_factory=list)
    disabled_unlaunched: list[Struct] = msgspec.field(default_factory=list)
    observations: dict[tuple[str, Span], Observation] = msgspec.field(default_factory=dict)
    tuner: Instance | None = None
    handed: list[Struct] = msgspec.field(default_factory=list)
    codes: dict[Path, Code] = msgspec.field(default_factory=dict)
    step_class: str | None = None
    calls: list[Span] = msgspec.field(default_factory=list)
    gaps: Gaps | None = None
    generation: int = 2
    callees: dict[Span, Callee] = msgspec.field(default_factory=dict)
    is_guarded: bool = False
    is_expecting: bool = False
    accounts: set[Hashable] = msgspec.field(default_factory=set)

    def observe(self, path: Path, span: Span, observed: Observed) -> None:
        """Add an observation, once for each place."""
        observation = Observation(path, span, observed)
        self.observations[observation.kind, span] = observation

    def folded(self, reason: str) -> Folded | None:
        """The request of the launches that count: those that are sent, or else the next best; None without any.

        ``reason`` says why the values that differ between them are unknown.
        """
        if self.launched:
            return folded(self.launched, reason)
        unsent = self.handed or self.unlaunched
        if unsent:
            return Folded(joined(unsent, reason)[0])
        if self.disabled:
            return folded(self.disabled, reason)
        if self.disabled_unlaunched:
            return Folded(joined(self.disabled_unlaunched, reason)[0])
        return None

    @property
    def is_handed(self) -> bool:
        """Whether another library's step launches it, and nothing else."""
        return not self.launched and bool(self.handed)

    @property
    def is_disabled(self) -> bool:
        """Whether only branches that are turned off launch it."""
        return not (self.launched or self.handed or self.unlaunched)


class Launched(msgspec.Struct, frozen=True):
    """One launched job, with its source's names for the request's members.

    ``site`` is the span of its constructor or call, ``carrier`` describes its carrier in words. ``folded`` is its
    request, with its launches if there are several. ``codes`` are the scripts of its definitions, ``callees`` the calls
    that make it and its parts. ``is_disabled``: only branches that are turned off launch it. ``has_more_launches``:
    some calls that may launch it were not interpreted. ``is_unused``: it is a dict that nothing in the source uses.
    ``extent`` is its carrier's.
    """

    site: Span
    form: str
    folded: Folded
    observations: list[Observation]
    spelling: Spelling
    carrier: str | None = None
    calls: list[Span] = msgspec.field(default_factory=list)
    codes: dict[Path, Code] = msgspec.field(default_factory=dict)
    callees: dict[Span, Callee] = msgspec.field(default_factory=dict)
    is_disabled: bool = False
    has_more_launches: bool = False
    is_unused: bool = False
    extent: Span | None = None


def spelling_of(name: str, launches: Launches) -> Spelling:
    """The source's names for the members of a site's requests."""
    if launches.form != "python-sdk":
        return DICT
    if name.endswith(f".{CORE_JOB}.create"):
        return argument_names.core()
    if launches.generation == 3:
        return replace(argument_names.VERSION_3, gaps=launches.gaps or GAPS)
    own = argument_names.VERSION_1 if launches.generation == 1 else argument_names.VERSION_2
    return own if launches.gaps is None else replace(own, gaps=launches.gaps)


def model_of(tuner: Instance) -> Tuner:
    """The model of a tuner, of version 2 or 3."""
    return TrainerTuner(tuner) if is_version_3(tuner) else Tuner(tuner)


def is_tuner(value: Value | None) -> TypeGuard[Instance]:
    """Whether a value is one of the SDK's tuners."""
    return isinstance(value, Instance) and not value.user_class and value.cls.endswith((f".{TUNER}", f"{TUNER}.create"))


def estimator_of(tuner: Instance) -> Value | None:
    """The tuner's estimator or trainer; None if it has neither."""
    bound = arguments_of(tuner, ("estimator",))
    return bound.get("model_trainer") or bound.get("estimator")


def instances(values: list[Value], depth: int) -> list[Instance]:
    """The distinct tuners and exported requests in some values, up to a nesting depth."""
    return [value for value in nested(values, _below, depth + 1) if _is_launchable(value)]


def nested(values: list[Value], below: Callable[[Value], Iterable[Value]], levels: int) -> Iterator[Value]:
    """Some values and those that ``below`` returns for them, each once, level by level."""
    visited: set[int] = set()
    for _ in range(levels):
        next_level: list[Value] = []
        for value in values:
            if id(value) not in visited:
                visited.add(id(value))
                yield value
                next_level += below(value)
        values = next_level


def _is_launchable(value: Value) -> TypeGuard[Instance]:
    return is_tuner(value) or carriers.is_exported(value)


def _below(value: Value) -> list[Value]:
    if isinstance(value, Either):
        return value.candidates
    if not isinstance(value, Instance):
        return items_of(value)
    if _is_launchable(value):
        return []
    return [*value.attributes.values(), *value.arguments.values()]
