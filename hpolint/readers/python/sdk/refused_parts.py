"""Parts of a tuner, and inputs of ``fit``, for which the SDK raises an error when the job is launched.

Source: sagemaker 1.72.1, 2.161.0 and 2.257.7 and sagemaker-train 1.27.0, run and read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from hpolint.model.node import Unknown
from hpolint.model.observations import (
    CategoricalNotAList,
    EstimatorNotAnObject,
    InputRefused,
    InputsNotRecords,
    NotARange,
    PartNotAnObject,
    RangesNotADict,
    WarmStartTypeRefused,
)
from hpolint.model.source import Span
from hpolint.readers.placeholders import BRACKETED
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Instance,
    Mapping,
    Sequence,
    Symbol,
    Value,
    is_own,
    span_of,
    text_of,
)
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import BoundArguments, arguments_of
from hpolint.readers.python.sdk.refused_calls import Seen

OBJECTS = {
    "strategy_config": "StrategyConfig",
    "completion_criteria_config": "TuningJobCompletionCriteriaConfig",
    "warm_start_config": "WarmStartConfig",
}
"""The arguments of a tuner that are objects of the SDK, with their classes."""

WARM_START_TYPES = ("IDENTICAL_DATA_AND_ALGORITHM", "TRANSFER_LEARNING")
LOADED = ("s3://", "file://")
"""The beginnings of the addresses that ``fit`` takes."""

PLACEHOLDER = "{<"
"""Characters of a text that something is to fill."""

INPUT_OBJECTS = ("TrainingInput", "s3_input")


def type_of(value: Value | None) -> str | None:
    """The name of the type of a known value that is no object of a library; None for any other."""
    if isinstance(value, Mapping):
        return "dict"
    if isinstance(value, Sequence) and value.of is None and value.kind in ("list", "tuple", "set"):
        return value.kind
    if isinstance(value, Constant) and value.value is not None:
        return type(value.value).__name__
    return None


def refused_ranges(ranges: Value | None, objective: Value | None, place: Span) -> Iterator[Seen]:
    """Ranges that are no dict, or a dict's values that are no ranges."""
    if isinstance(ranges, Mapping):
        for name, value in ranges.entries.items():
            kind = type_of(value)
            if kind is not None:
                yield ranges.place(name), NotARange(str(name), kind)
        return
    kind = type_of(ranges)
    if kind is not None:
        yield span_of(ranges) or place, RangesNotADict(kind, isinstance(objective, Mapping))


def refused_estimator(estimator: Value | None, place: Span) -> Iterator[Seen]:
    """A dict or a class in place of an estimator."""
    if isinstance(estimator, Symbol) and _is_estimators_class(estimator.name):
        yield place, EstimatorNotAnObject(estimator.name.rpartition(".")[2])
    elif isinstance(estimator, Mapping):
        yield place, EstimatorNotAnObject("dict")


def _is_estimators_class(name: str) -> bool:
    cls = name.rpartition(".")[2]
    return name.startswith("sagemaker.") and cls in ("Estimator", *signatures.FRAMEWORKS, *signatures.ALGORITHMS)


def refused_objects(bound: BoundArguments, place: Span) -> Iterator[Seen]:
    """Dicts and texts where a tuner of version 2 takes an object, and a warm start whose type is none."""
    for argument, needed in OBJECTS.items():
        yield from _not_an_object(argument, bound.value(argument), needed, place)
    start = bound.value("warm_start_config")
    if isinstance(start, Instance) and start.class_name == "WarmStartConfig":
        yield from _refused_type(start)
    strategy = bound.value("strategy_config")
    if isinstance(strategy, Instance) and strategy.class_name == "StrategyConfig":
        inner = arguments_of(strategy, signatures.STRATEGY).value("hyperband_strategy_config")
        yield from _not_an_object("hyperband_strategy_config", inner, "HyperbandStrategyConfig", place)


def _not_an_object(argument: str, value: Value | None, needed: str, place: Span) -> Iterator[Seen]:
    """An argument of a plain type; the SDK does not look at an empty or false warm start."""
    kind = type_of(value)
    is_left_out = argument == "warm_start_config" and _is_falsy(value)
    if kind is not None and not is_left_out:
        yield span_of(value) or place, PartNotAnObject(argument, kind, needed)


def _is_falsy(value: Value | None) -> bool:
    if isinstance(value, Mapping):
        return not value.entries
    return isinstance(value, Constant) and not value.value


def refused_session(arguments: Arguments, place: Span) -> Iterator[Seen]:
    """An estimator as the second argument of ``attach``, which is the session."""
    session = BoundArguments(arguments, signatures.ATTACH).value("sagemaker_session")
    if isinstance(session, Instance) and not is_own(session) and _is_estimators_class(session.cls):
        yield place, PartNotAnObject("sagemaker_session", session.class_name, "Session", "attach()")


def _refused_type(start: Instance) -> Iterator[Seen]:
    """A warm start's type that is a text, or a member that `WarmStartTypes` does not have."""
    type_ = arguments_of(start, signatures.WARM_START).value("warm_start_type")
    text = text_of(type_)
    if text is not None:
        yield span_of(type_) or start.span, WarmStartTypeRefused(text, True, _near_type(text))
    elif isinstance(type_, Symbol):
        owner, _, member = type_.name.rpartition(".")
        if owner == "sagemaker.tuner.WarmStartTypes" and member.isupper() and member not in WARM_START_TYPES:
            yield type_.span, WarmStartTypeRefused(f"WarmStartTypes.{member}", False, _near_type(member))


def _near_type(value: str) -> list[str]:
    letters = {member.replace("_", "").lower(): member for member in WARM_START_TYPES}
    plain = value.replace("_", "").lower()
    starting = [member for start, member in letters.items() if plain and start.startswith(plain)]
    near = starting or [letters[match] for match in get_close_matches(plain, letters, n=1, cutoff=0.6)]
    return [f"WarmStartTypes.{member}" for member in near]


def refused_inputs(inputs: Value | None, place: Span) -> Iterator[Seen]:
    """The inputs of ``fit`` of version 2 that raise a ValueError."""
    if isinstance(inputs, Mapping):
        for name, value in inputs.entries.items():
            yield from _refused_input(str(name), value, inputs.place(name))
    elif isinstance(inputs, Sequence):
        if inputs.kind in ("list", "tuple") and any(text_of(item) is not None for item in inputs.items):
            yield inputs.span, InputRefused("", "", inputs.kind)
    else:
        yield from _refused_input("", inputs, span_of(inputs) or place)


def _refused_input(channel: str, value: Value | None, place: Span) -> Iterator[Seen]:
    """One input: a text or None; a dict or a list in place of an input; an object with such a text."""
    if isinstance(value, Instance):
        return
    address = text_of(value)
    kind = type_of(value)
    if address is not None:
        if not address.startswith(LOADED) and not _is_filled_later(address):
            yield place, InputRefused(channel, address, "str")
    elif kind is not None:
        yield place, InputRefused(channel, "", kind)
    elif channel and isinstance(value, Constant):
        yield place, InputRefused(channel, "", "None")


ARRAYS = frozenset(
    f"numpy.{name}" for name in ("array", "arange", "linspace", "logspace", "geomspace", "unique", "zeros", "ones")
)
"""Functions that return an array of numpy."""


def arrays_as_categories(ranges: Iterable[tuple[str, Value]], arrays: Collection[Span]) -> Iterator[Seen]:
    """Categories that are an array, by the places of the calls that make arrays."""
    for name, value in ranges:
        if not isinstance(value, Instance) or value.class_name != "CategoricalParameter":
            continue
        values = arguments_of(value, signatures.CATEGORICAL).get("values")
        if isinstance(values, Unknown) and not isinstance(values, Either) and values.span in arrays:
            yield values.span, CategoricalNotAList(name, "numpy array")


def _is_filled_later(address: str) -> bool:
    return BRACKETED.match(address) is not None or any(character in address for character in PLACEHOLDER)


def not_records(estimator: Value | None, inputs: Value | None, place: Span) -> Iterator[Seen]:
    """Inputs that a class of Amazon's algorithms does not take."""
    if not isinstance(estimator, Instance) or is_own(estimator) or estimator.class_name not in signatures.ALGORITHMS:
        return
    if not estimator.cls.startswith("sagemaker.") or estimator.escaped is not None:
        return
    kind = type_of(inputs)
    if isinstance(inputs, Instance) and inputs.class_name in INPUT_OBJECTS:
        kind = inputs.class_name
    if kind in ("dict", "str", *INPUT_OBJECTS):
        yield span_of(inputs) or place, InputsNotRecords(estimator.class_name, str(kind))
