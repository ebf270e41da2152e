"""What a source launches, by the place where a tuner is made or a call is written."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hpolint.model.job import Observation
from hpolint.model.node import Path, Struct
from hpolint.model.source import Span
from hpolint.model.spelling import DICT, Gaps, Spelling
from hpolint.model.training_code import Code
from hpolint.readers.python.interpreter.values import Either, Instance, Mapping, Sequence, Value
from hpolint.readers.python.sdk import argument_names, carriers
from hpolint.readers.python.sdk.nodes import BoundArguments
from hpolint.readers.python.sdk.signatures import OLD_NAMES
from hpolint.readers.python.sdk.trainer import GAPS, TrainerTuner, is_version_3
from hpolint.readers.python.sdk.tuner import Tuner

TUNER = "HyperparameterTuner"
CORE_JOB = "HyperParameterTuningJob"

Site = tuple[Span, str]


class Launches(msgspec.Struct):
    """The requests that one constructor or call site ends in.

    ``ended`` are of scopes that ended without a launch, ``dead`` and ``dead_ended`` of branches that are turned off.
    ``made`` is the tuner that a constructor makes, ``handed`` what it is when it is given to another library's step,
    and ``to`` the step's class. ``calls`` are those that launch it, ``codes`` the scripts of its definitions. ``gaps``
    are the members that one of its launches does not send.
    """

    form: str
    launched: list[Struct] = msgspec.field(default_factory=list)
    ended: list[Struct] = msgspec.field(default_factory=list)
    dead: list[Struct] = msgspec.field(default_factory=list)
    dead_ended: list[Struct] = msgspec.field(default_factory=list)
    observations: dict[tuple[str, Span], Observation] = msgspec.field(default_factory=dict)
    made: Instance | None = None
    handed: list[Struct] = msgspec.field(default_factory=list)
    codes: dict[Path, Code] = msgspec.field(default_factory=dict)
    to: str | None = None
    calls: list[Span] = msgspec.field(default_factory=list)
    gaps: Gaps | None = None


class Launched(msgspec.Struct, frozen=True):
    """One job as it is launched, and how its source spells the request's members.

    ``site`` is the constructor or call that it is known by, ``carrier`` says in words what it is a part of.
    ``codes`` are its definitions' scripts.
    """

    site: Span
    form: str
    request: Struct
    observations: list[Observation]
    spelling: Spelling
    carrier: str | None = None
    calls: list[Span] = msgspec.field(default_factory=list)
    codes: dict[Path, Code] = msgspec.field(default_factory=dict)


def spelling_of(name: str, launches: Launches) -> Spelling:
    """How a source spells the members of what a site launches."""
    if launches.form != "python-sdk":
        return DICT
    if name.endswith(f".{CORE_JOB}.create"):
        return argument_names.core()
    if launches.made is None:
        return argument_names.VERSION_2
    if is_version_3(launches.made):
        return replace(argument_names.VERSION_3, gaps=launches.gaps or GAPS)
    estimator = made_by(launches.made)
    given = estimator.arguments.keywords if isinstance(estimator, Instance) else {}
    own = argument_names.VERSION_1 if set(given) & set(OLD_NAMES.values()) else argument_names.VERSION_2
    return replace(own, gaps=launches.gaps) if launches.gaps is not None else own


def model_of(tuner: Instance) -> Tuner:
    """The model of a tuner of either version."""
    return TrainerTuner(tuner) if is_version_3(tuner) else Tuner(tuner)


def is_tuner(value: Value) -> bool:
    """Whether a value is one of the SDK's tuners."""
    return isinstance(value, Instance) and not value.user_class and value.cls.endswith((f".{TUNER}", f"{TUNER}.create"))


def made_by(tuner: Instance) -> Value | None:
    """What trains: the tuner's estimator or trainer."""
    bound = BoundArguments(tuner.arguments, ("estimator",), instance=tuner)
    return bound.get("model_trainer") or bound.get("estimator")


def instances(values: list[Value], depth: int) -> list[Instance]:
    """The tuners and exported requests among some values and within them, each once, however often it stands there."""
    found: list[Instance] = []
    seen: set[int] = set()
    for _ in range(depth + 1):
        below: list[Value] = []
        for value in values:
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, Instance) and (is_tuner(value) or carriers.is_helper(value.cls)):
                found.append(value)
            elif isinstance(value, Either):
                below += value.candidates
            elif isinstance(value, Mapping):
                below += value.entries.values()
            elif isinstance(value, Sequence):
                below += value.items
            elif isinstance(value, Instance):
                below += [*value.attributes.values(), *value.arguments.values()]
        values = below
    return found
