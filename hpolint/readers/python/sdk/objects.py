"""The state of SDK objects: the values that constructors store, and their attributes.

Source: sagemaker 2.257.7 and sagemaker-core 2.27.0, read and run. Later changes of an argument affect an
object only if its constructor stores the argument without a copy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as ByKey
from typing import Any

from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds
from hpolint.readers.python.interpreter.operators import aliases
from hpolint.readers.python.interpreter.state import shallow_copy
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Sequence,
    Value,
    as_unknown,
    span_of,
    unknown,
)
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import arguments_of

PYDANTIC = ("sagemaker.core.", "sagemaker.train.", "sagemaker_core.")
HYPERPARAMETERS = "_hyperparameters"
"""The attribute in which an estimator of version 2 stores its hyperparameters."""

TAKING_HYPERPARAMETERS = ("Estimator", "AlgorithmEstimator", *signatures.FRAMEWORKS)
"""The estimators that take their hyperparameters as a dict."""

TUNERS = ("HyperparameterTuner", "create")
PRIVATE = {"_hyperparameter_ranges": "hyperparameter_ranges", "_metric_definitions": "metric_definitions"}


def make_object(name: str, arguments: Arguments, callee: Span) -> Instance:
    """The object that an SDK class or ``create`` method constructs."""
    instance = Instance(name, arguments, callee)
    cls = instance.class_name
    if name.startswith(PYDANTIC) and cls not in ("CategoricalParameter", *TUNERS):
        arguments.keywords = {key: pydantic_copy(value) for key, value in arguments.keywords.items()}
    if cls in ("CategoricalParameter", "WarmStartConfig", "create"):
        arguments.positional = [shallow_copy(value) for value in arguments.positional]
        arguments.keywords = {key: shallow_copy(value) for key, value in arguments.keywords.items()}
    if cls in TUNERS:
        _set_job_count(instance)
    if cls in TAKING_HYPERPARAMETERS and not name.startswith(PYDANTIC):
        instance.attributes[HYPERPARAMETERS] = _initial_hyperparameters(instance, cls)
    return instance


def pydantic_copy(value: Value) -> Value:
    """The value that a pydantic model stores: a deep copy of dicts and lists, and other models by reference."""
    if isinstance(value, Mapping | Sequence) and not bounds.is_within_bounds(value):
        return unknown(bounds.TOO_LARGE, value.span)
    return _deep_copy(value)


def _deep_copy(value: Value) -> Value:
    if isinstance(value, Mapping):
        entries = {key: _deep_copy(entry) for key, entry in value.entries.items()}
        return Mapping(entries, value.span, dict(value.keys), value.open)
    if isinstance(value, Sequence) and value.of is None:
        return Sequence(value.kind, [_deep_copy(item) for item in value.items], value.span, value.open)
    return value


def _set_job_count(tuner: Instance) -> None:
    """Set ``max_jobs`` if it is not passed: None if the strategy is Grid, unknown if the strategy is unknown."""
    names = signatures.TUNER_CREATE if tuner.cls.endswith(".create") else signatures.TUNER
    given = arguments_of(tuner, names).value
    strategy = given("strategy")
    if strategy is None or given("max_jobs") is not None:
        return
    if not isinstance(strategy, Constant):
        tuner.attributes["max_jobs"] = unknown("is 1 unless the strategy is Grid", tuner.span)
    elif strategy.value == "Grid":
        tuner.attributes["max_jobs"] = Constant(None, tuner.span)


def _initial_hyperparameters(estimator: Instance, cls: str) -> Value:
    """The hyperparameters after construction: a framework's class stores the dict itself, `Estimator` a copy."""
    given = arguments_of(estimator, signatures.FRAMEWORKS.get(cls, ())).value("hyperparameters")
    if given is None or (isinstance(given, Mapping) and given.open is None and not given.entries):
        return Mapping({}, estimator.span)
    if not isinstance(given, Mapping) or cls in signatures.FRAMEWORKS:
        return given
    copy = Mapping({}, given.span, {}, given.open)
    _add(copy, given.entries, given.keys, encoded=_has_source(estimator))
    return copy


def set_hyperparameters(estimator: Instance, arguments: Arguments, span: Span) -> None:
    """Apply ``estimator.set_hyperparameters(**values)``. A framework's values are encoded now and again when sent."""
    stored = estimator.attributes.get(HYPERPARAMETERS)
    if not isinstance(stored, Mapping):
        reason = as_unknown(stored, "is not a dict", span)
        stored = estimator.attributes[HYPERPARAMETERS] = Mapping({}, span, open=reason)
    is_encoded = estimator.class_name in signatures.FRAMEWORKS or _has_source(estimator)
    _add(stored, arguments.keywords, arguments.places, encoded=is_encoded)
    if arguments.open is not None:
        stored.open = arguments.open


def _has_source(estimator: Instance) -> bool:
    return arguments_of(estimator).value("source_dir") is not None


def _add(target: Mapping, entries: ByKey[Any, Value], places: ByKey[Any, Span], *, encoded: bool) -> None:
    for key, value in entries.items():
        target.entries[key] = _json(value, target.span) if encoded else value
        if key in places:
            target.keys[key] = places[key]


def _json(value: Value, span: Span) -> Value:
    if isinstance(value, Constant):
        return Constant(json.dumps(value.value), value.span)
    return as_unknown(value, "is encoded as JSON", span_of(value) or span)


def attribute(instance: Instance, name: str) -> Value | None:
    """An attribute of an SDK object that is one of its arguments; None for other attributes."""
    if instance.escaped is not None:
        return aliases([instance], instance.escaped)
    cls = instance.class_name
    names, trusted = signatures.ATTRIBUTES.get(cls) or (signatures.FRAMEWORKS.get(cls, ()), None)
    wanted = PRIVATE.get(name, name)
    if wanted == "model_trainer" and wanted not in instance.arguments.keywords:
        wanted = "estimator"  # the same positional argument
    given = arguments_of(instance, names, trusted).get(wanted)
    return None if given is instance.arguments.open else given
