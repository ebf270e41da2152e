"""The SDK's objects as Python objects: what their constructors keep, and what their attributes are.

Source: sagemaker 2.257.7 and sagemaker-core 2.27.0, read and run. A constructor that copies an argument no longer
sees what is done to it later; one that keeps it does.
"""

from __future__ import annotations

import json

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds
from hpolint.readers.python.interpreter.operators import aliases
from hpolint.readers.python.interpreter.values import Arguments, Constant, Instance, Mapping, Sequence, Value, unknown
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import BoundArguments, is_none

PYDANTIC = ("sagemaker.core.", "sagemaker.train.", "sagemaker_core.")
HYPERPARAMETERS = "_hyperparameters"
"""Under this attribute an estimator of version 2 keeps its hyperparameters."""

TUNERS = ("HyperparameterTuner", "create")
PRIVATE = {"_hyperparameter_ranges": "hyperparameter_ranges", "_metric_definitions": "metric_definitions"}


def made(name: str, arguments: Arguments, callee: Span) -> Instance:
    """The object that a class of the SDK makes."""
    instance = Instance(name, arguments, callee)
    cls = name.rpartition(".")[2]
    if name.startswith(PYDANTIC) and cls not in ("CategoricalParameter", *TUNERS):
        arguments.keywords = {key: owned(value) for key, value in arguments.keywords.items()}
    if cls in ("CategoricalParameter", "WarmStartConfig", "create"):
        arguments.positional = [_shallow(value) for value in arguments.positional]
        arguments.keywords = {key: _shallow(value) for key, value in arguments.keywords.items()}
    if cls in TUNERS:
        _keep_count(instance)
    if takes_hyperparameters(cls) and not name.startswith(PYDANTIC):
        instance.attributes[HYPERPARAMETERS] = _first_hyperparameters(instance, cls)
    return instance


def takes_hyperparameters(cls: str) -> bool:
    """Whether a class is an estimator that is given its hyperparameters as a dict."""
    return cls in ("Estimator", "AlgorithmEstimator") or cls in signatures.FRAMEWORKS


def owned(value: Value) -> Value:
    """What a pydantic model keeps: a copy of dicts and lists at any depth, other models themselves."""
    if isinstance(value, Mapping | Sequence) and not bounds.is_within_bounds(value):
        return unknown(bounds.TOO_LARGE, value.span)
    return _owned(value)


def _owned(value: Value) -> Value:
    if isinstance(value, Mapping):
        entries = {key: _owned(entry) for key, entry in value.entries.items()}
        return Mapping(entries, value.span, dict(value.keys), value.open)
    if isinstance(value, Sequence) and value.of is None:
        return Sequence(value.kind, [_owned(item) for item in value.items], value.span, value.open)
    return value


def _shallow(value: Value) -> Value:
    if isinstance(value, Mapping):
        return Mapping(dict(value.entries), value.span, dict(value.keys), value.open)
    if isinstance(value, Sequence) and value.of is None:
        return Sequence(value.kind, list(value.items), value.span, value.open)
    return value


def _keep_count(tuner: Instance) -> None:
    """The number of jobs is 1 if it is not given, unless the strategy is Grid when the tuner is made."""
    names = signatures.TUNER_CREATE if tuner.cls.endswith(".create") else signatures.TUNER
    bound = BoundArguments(tuner.arguments, names, instance=tuner)
    strategy = bound.value("strategy")
    if is_none(bound.get("max_jobs")) and isinstance(strategy, Constant) and strategy.value == "Grid":
        tuner.attributes["max_jobs"] = Constant(None, tuner.span)
    elif isinstance(strategy, Unknown) and is_none(bound.get("max_jobs")):
        tuner.attributes["max_jobs"] = unknown("is 1 unless the strategy is Grid", tuner.span)


def _first_hyperparameters(estimator: Instance, cls: str) -> Value:
    """What an estimator begins with: a framework's keeps the dict that it is given, `Estimator` copies it."""
    names = signatures.FRAMEWORKS.get(cls, ())
    given = BoundArguments(estimator.arguments, names, instance=estimator).value("hyperparameters")
    if given is None or (isinstance(given, Mapping) and given.open is None and not given.entries):
        return Mapping({}, estimator.span)
    if not isinstance(given, Mapping) or cls in signatures.FRAMEWORKS:
        return given
    copy = Mapping({}, given.span, {}, given.open)
    _add(copy, given.entries.items(), given.keys, encoded=_has_source(estimator))
    return copy


def set_hyperparameters(estimator: Instance, arguments: Arguments, span: Span) -> None:
    """``estimator.set_hyperparameters(**values)``: a framework's are encoded now, and once more when they are sent."""
    kept = estimator.attributes.get(HYPERPARAMETERS)
    if not isinstance(kept, Mapping):
        why = kept if isinstance(kept, Unknown) else unknown("is no dict", span)
        kept = estimator.attributes[HYPERPARAMETERS] = Mapping({}, span, open=why)
    framework = estimator.cls.rpartition(".")[2] in signatures.FRAMEWORKS
    _add(kept, arguments.keywords.items(), arguments.places, encoded=framework or _has_source(estimator))
    if arguments.open is not None:
        kept.open = arguments.open


def _has_source(estimator: Instance) -> bool:
    return not is_none(BoundArguments(estimator.arguments, (), instance=estimator).get("source_dir"))


def _add(target: Mapping, entries: object, places: object, *, encoded: bool) -> None:
    for key, value in entries:  # type: ignore[attr-defined]
        target.entries[key] = _json(value) if encoded else value
        if key in places:  # type: ignore[operator]
            target.keys[key] = places[key]  # type: ignore[index]


def _json(value: Value) -> Value:
    if isinstance(value, Constant):
        return Constant(json.dumps(value.value), value.span)
    return value if isinstance(value, Unknown) else unknown("is encoded as JSON", value.span)  # type: ignore[union-attr]


def attribute(instance: Instance, name: str) -> Value | None:
    """An attribute of an object of the SDK that is one of its arguments; None for any other."""
    if instance.escaped is not None:
        return aliases([instance], instance.escaped)
    cls = instance.cls.rpartition(".")[2]
    names, trusted = signatures.ATTRIBUTES.get(cls) or (signatures.FRAMEWORKS.get(cls, ()), None)
    wanted = PRIVATE.get(name, name)
    if wanted == "model_trainer" and wanted not in instance.arguments.keywords:
        wanted = "estimator"  # the same place
    given = BoundArguments(instance.arguments, names, trusted, instance).get(wanted)
    if given is None or given is instance.arguments.open:
        return None
    return given
