"""A tuner of SDK version 2 as ``tuning_config`` exports it for Airflow and Step Functions.

Source: sagemaker 2.257.7, ``sagemaker.workflow.airflow``, and stepfunctions 2.3.0, both run and read. The helper
builds the request from the tuner's attributes and uses fewer of them than ``fit``.
"""

from __future__ import annotations

from collections.abc import Mapping as ByName

from hpolint import schema
from hpolint.model.node import Node, Struct, Unknown, child
from hpolint.model.observations import ArgumentDropped, InstanceGroups, Observed, StrategyConfigDropped
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.model.spelling import Gaps
from hpolint.readers.python.interpreter.values import Instance, Mapping, Value, as_unknown, unknown
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.nodes import add_member, default, is_none, scalar, to_node
from hpolint.readers.python.sdk.tuner import CONFIG, Tuner

DROPPED_MEMBERS: ByName[str, tuple[str, ...]] = {
    schema.REQUEST: ("Autotune",),
    schema.CONFIG: ("StrategyConfig", "TuningJobCompletionCriteria", "RandomSeed"),
    "ResourceLimits": ("MaxRuntimeInSeconds",),
    schema.DEFINITION: (
        *("HyperParameterTuningResourceConfig", "Environment", "RetryStrategy"),
        *("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
    ),
}
"""Members that the helper drops, by the shape of their structure."""

HELPER_GAPS = Gaps(DROPPED_MEMBERS, "`tuning_config` drops it", "Set it in the dict that `tuning_config` returns")
STATE_GAPS = Gaps(DROPPED_MEMBERS, "the step exports its tuner without it", "Set it in the `parameters` of the step")

RESOURCES = {
    "KeepAlivePeriodInSeconds": "keep_alive_period_in_seconds",
    "TrainingPlanArn": "training_plan",
    "InstanceGroups": "instance_groups",
    "InstancePlacementConfig": "instance_placement_config",
}
"""Members that the helper sends and ``fit`` does not, with the estimator's arguments."""


class ExportedTuner(Tuner):
    """One tuner object as ``tuning_config`` exports it."""

    def _config(self) -> Struct:
        config = super()._config()
        dropped = config.get("StrategyConfig")
        if dropped is not None and not isinstance(dropped, Unknown):
            self._observe((CONFIG,), dropped.span, StrategyConfigDropped())
        _drop_members(config, schema.CONFIG)
        _drop_members(config.get("ResourceLimits"), "ResourceLimits")
        return config

    def _autotune(self) -> Node | None:
        return None

    def _definition(self, inputs: Value | None, *, launched: bool) -> Node:
        definition = super()._definition(inputs, launched=launched)
        self.observations = [seen for seen in self.observations if not _is_sent(seen.observed)]
        return _exported(definition, self.bound.value("estimator"))

    def _one_definition(self, name: str, estimator: Value, place: Span) -> Node:
        definition = _exported(super()._one_definition(name, estimator, place), estimator)
        specification = child(definition, "AlgorithmSpecification")
        if isinstance(specification, Struct):
            specification.members.setdefault("MetricDefinitions", unknown("is null if it is not set", place))
        return definition


def _exported(definition: Node, estimator: Value | None) -> Node:
    """A TrainingJobDefinition of ``fit``, changed to the one that the helper exports."""
    if not isinstance(definition, Struct) or not isinstance(estimator, Instance):
        return definition
    made = Estimator(estimator)
    _drop_members(definition, schema.DEFINITION)
    definition.members["ResourceConfig"] = _resources(made)
    if is_none(made.bound.get("checkpoint_local_path")):
        definition.members.pop("CheckpointConfig", None)
    specification = definition.get("AlgorithmSpecification")
    if isinstance(specification, Struct):
        mode = scalar(made.bound.value("input_mode")) or default("File", made.span)
        specification.members["TrainingInputMode"] = mode
    return definition


def _drop_members(struct: Node | None, shape: str) -> None:
    """Remove the members that the helper drops."""
    if isinstance(struct, Struct):
        for name in DROPPED_MEMBERS[shape]:
            struct.members.pop(name, None)


def _resources(made: Estimator) -> Node:
    resources = made.resources(None)
    if isinstance(resources, Struct):
        for member, argument in RESOURCES.items():
            value = made.bound.value(argument)
            if value is not None:
                resources.members[member] = unknown(f"is built from `{argument}`", made.span)
    return resources


def merged(request: Struct, parameters: Value | None) -> Struct:
    """The request with a step's ``parameters``, which take precedence over the tuner's values."""
    if is_none(parameters):
        return request
    node = to_node(parameters, request.span) if isinstance(parameters, Mapping) else None
    if isinstance(node, Struct):
        return _merged(request, node)
    why = as_unknown(node, "may be set by `parameters`", request.span)  # too large, or no dict
    return Struct({}, request.span, request.anchor, open=why)


def _merged(one: Struct, other: Struct) -> Struct:
    """Two structures merged member by member; other values are replaced. A key that ends in ``.$`` is a path."""
    joined = one.mapped(lambda _, below: below)
    for key, member in other.members.items():
        name = key.removesuffix(".$")
        place = other.keys.get(key, other.span)
        if name != key:
            member = unknown(is_a("a path into the state's input"), place)
        before = joined.members.get(name) or joined.open
        if isinstance(before, Struct) and isinstance(member, Struct):
            member = _merged(before, member)
        elif isinstance(before, Unknown) and isinstance(member, Struct):  # the base value is unknown
            member = Struct(dict(member.members), member.span, member.anchor, member.keys, member.open or before)
        add_member(joined, name, member, place)
    if other.open is not None:
        joined.members |= dict.fromkeys(joined.members.keys() - other.members.keys(), other.open)
        joined.open = other.open
    return joined


def _is_sent(seen: Observed) -> bool:
    """Whether an argument that `fit` drops is in the request that the helper builds."""
    return isinstance(seen, InstanceGroups) or (isinstance(seen, ArgumentDropped) and seen.name in RESOURCES.values())
