"""The calls that make a tuner and its parts: where a new member of the request would be an argument."""

from __future__ import annotations

from typing import TypeGuard

from hpolint.data.sdk_signatures import OLD_NAMES
from hpolint.model.callee import Callee
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Value, is_foreign, items_of
from hpolint.readers.python.sdk.launches import estimator_of, nested
from hpolint.readers.python.sdk.refused_calls import SHAPES, recorded_name
from hpolint.readers.python.sdk.trainer import is_version_3
from hpolint.readers.python.sdk.tuner import DERIVED_BY, Tuner

MAX_NESTING = 6
"""How deep the parts of a tuner are nested: a range in a dict of ranges in a dict of estimators."""


def generation_of(tuner: Instance) -> int:
    """The generation of the SDK that a tuner is written for."""
    if is_version_3(tuner):
        return 3
    estimator = estimator_of(tuner)
    if not isinstance(estimator, Instance) or estimator.arguments.keywords.keys().isdisjoint(OLD_NAMES.values()):
        return 2
    return 1


def callees_of_tuner(model: Tuner, generation: int) -> dict[Span, Callee]:
    """The calls that make a tuner and its parts, by the places of their names."""
    tuner = model.instance
    callees = _parts([*tuner.arguments.values(), *tuner.attributes.values()], generation)
    callees[model.settings_span] = Callee(_name(tuner), generation)
    method = tuner.attributes.get(DERIVED_BY)
    if isinstance(method, Constant):
        callees[tuner.span] = Callee(f"HyperparameterTuner.{method.value}", generation)
    return callees


def callees_of_request(arguments: Arguments, callee: Span) -> dict[Span, Callee]:
    """The calls that make the request of sagemaker-core's ``HyperParameterTuningJob.create(…)``."""
    return {**_parts(list(arguments.values()), 3), callee: Callee("HyperParameterTuningJob.create", 3)}


def _parts(values: list[Value], generation: int) -> dict[Span, Callee]:
    """The calls that make some objects of the SDK, and the objects that they contain."""
    parts = [value for value in nested(values, _below, MAX_NESTING) if _is_of_sdk(value)]
    return {part.span: Callee(_name(part), generation) for part in parts}


def _is_of_sdk(value: Value) -> TypeGuard[Instance]:
    return is_foreign(value) and value.cls.startswith("sagemaker")


def _below(value: Value) -> list[Value]:
    if _is_of_sdk(value):
        return [*value.arguments.values(), *value.attributes.values()]
    return items_of(value)


def _name(instance: Instance) -> str:
    """The name of an object's class or method among the recorded signatures."""
    name = recorded_name(instance)
    return f"shapes.{name}" if instance.cls.startswith(SHAPES) and instance.class_name != "create" else name
