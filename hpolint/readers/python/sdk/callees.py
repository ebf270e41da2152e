"""The calls that make a tuner and its parts: where a new member of the request would be an argument."""

from __future__ import annotations

from hpolint.data.sdk_signatures import OLD_NAMES
from hpolint.model.callee import Callee
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Mapping, Sequence, Value
from hpolint.readers.python.sdk.launches import estimator_of
from hpolint.readers.python.sdk.refused_calls import SHAPES
from hpolint.readers.python.sdk.trainer import is_version_3
from hpolint.readers.python.sdk.tuner import DERIVED_BY, Tuner

MAX_NESTING = 6
"""How deep the parts of a tuner are nested: a range in a dict of ranges in a dict of estimators."""


def generation_of(tuner: Instance) -> int:
    """The generation of the SDK that a tuner is written for."""
    if is_version_3(tuner):
        return 3
    estimator = estimator_of(tuner)
    given = estimator.arguments.keywords.keys() if isinstance(estimator, Instance) else set()
    return 2 if given.isdisjoint(OLD_NAMES.values()) else 1


def callees_of_tuner(model: Tuner, generation: int) -> dict[Span, Callee]:
    """The calls that make a tuner and its parts, by the places of their names."""
    tuner = model.instance
    found = _parts([*tuner.arguments.values(), *tuner.attributes.values()], generation)
    found[model.settings_span] = Callee(_name(tuner), generation)
    method = tuner.attributes.get(DERIVED_BY)
    if isinstance(method, Constant):
        found[tuner.span] = Callee(f"HyperparameterTuner.{method.value}", generation)
    return found


def callees_of_request(arguments: Arguments, callee: Span) -> dict[Span, Callee]:
    """The calls that make the request of sagemaker-core's ``HyperParameterTuningJob.create(…)``."""
    return {**_parts(list(arguments.values()), 3), callee: Callee("HyperParameterTuningJob.create", 3)}


def _parts(values: list[Value], generation: int) -> dict[Span, Callee]:
    """The calls that make some objects of the SDK, and the objects that they contain."""
    found: dict[Span, Callee] = {}
    seen: set[int] = set()
    for _ in range(MAX_NESTING):
        below: list[Value] = []
        for value in values:
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, Mapping):
                below += value.entries.values()
            elif isinstance(value, Sequence):
                below += value.items
            elif isinstance(value, Instance) and value.user_class is None and value.cls.startswith("sagemaker"):
                found[value.span] = Callee(_name(value), generation)
                below += [*value.arguments.values(), *value.attributes.values()]
        values = below
    return found


def _name(instance: Instance) -> str:
    """The name of an object's class or method among the recorded signatures."""
    parts = instance.cls.split(".")
    if parts[-1] == "create":
        return ".".join(parts[-2:])
    return f"shapes.{parts[-1]}" if instance.cls.startswith(SHAPES) else parts[-1]
