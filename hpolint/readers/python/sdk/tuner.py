"""A HyperparameterTuner of SDK version 2 as the request that ``fit`` sends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeGuard

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, follow, member
from hpolint.model.observations import (
    ArgumentDropped,
    CategoricalNotAList,
    CategoryFromPipeline,
    ClassMetadata,
    ClsMetadataNotADict,
    GridWithoutJobCount,
    InstanceGroups,
    MetricDefinitionsNotCopied,
    MetricDefinitionsOnEstimator,
    Observed,
    ParentsNotASet,
    StaticShadowedByRange,
)
from hpolint.model.reasons import CONFIG_FILE, GENERATED_NAME, is_a
from hpolint.model.source import Span
from hpolint.model.training_code import Code
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Mapping,
    Maybe,
    Sequence,
    Symbol,
    Value,
    as_unknown,
    is_false,
    is_foreign,
    pieces_text,
    present,
    span_of,
    unknown,
    without_values,
)
from hpolint.readers.python.sdk import refused_calls, refused_parts, signatures
from hpolint.readers.python.sdk.entry_points import estimators_code
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.framework_images import refused_image
from hpolint.readers.python.sdk.inputs import same_inputs
from hpolint.readers.python.sdk.nodes import (
    BoundArguments,
    arguments_of,
    default,
    is_none,
    keyed,
    opaque,
    scalar,
    struct,
    to_node,
)

INSTANCE_CONFIGS = "instance_configs"
CONFIG = "HyperParameterTuningJobConfig"
DERIVED = "derived from"
"""The attribute with the warm start type of a tuner that is derived from another."""

DERIVED_BY = "derived by"
"""The attribute with the name of the method that derived it."""

LOST_METRICS = "without metric definitions of its tuner"
"""The attribute with that method's name, if the other tuner has metric definitions, which it does not copy."""

SETTINGS_PLACE = "settings of"
"""The attribute of such a tuner with the place of the call that wrote its settings, which the derivation copies."""

UNKNOWN_PART = "\0"
IMAGE_END = lazy_regex(r"/(?P<repository>[^:/\0]+)(?::[^:/]*)?\Z")
"""The repository in an image's address, and the tag, which may be unknown."""

DEFINITION: Path = ("TrainingJobDefinition",)
FIT = ("inputs", "job_name", "include_cls_metadata")
RANGES = {
    "ContinuousParameter": "ContinuousParameterRanges",
    "IntegerParameter": "IntegerParameterRanges",
    "CategoricalParameter": "CategoricalParameterRanges",
}
WARM_STARTS = {
    "IDENTICAL_DATA_AND_ALGORITHM": "IdenticalDataAndAlgorithm",
    "TRANSFER_LEARNING": "TransferLearning",
}


class Tuner:
    """One tuner object."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.has_several_estimators = instance.cls.endswith(".create")
        self.has_estimator_name = refused_calls.is_given(arguments_of(instance).get("estimator_name"))
        self.has_definitions = self.has_several_estimators or self.has_estimator_name
        """Whether the request has a list of definitions, with an objective and ranges of their own."""
        if self.has_several_estimators:
            self.bound = arguments_of(instance, signatures.TUNER_CREATE, signatures.TUNER_CREATE_TRUSTED)
        else:
            self.bound = arguments_of(instance, signatures.TUNER, signatures.TUNER_TRUSTED)
        self.span = instance.span
        settings = instance.attributes.get(SETTINGS_PLACE)
        self.settings_span = settings.span if isinstance(settings, Constant) else instance.span
        """The call whose arguments are the settings of the search."""
        self.observations: list[Observation] = []

    def _observe(self, path: Path, span: Span, observed: Observed) -> None:
        self.observations.append(Observation(path, span, observed))

    def _observe_all(self, refused: Iterable[refused_calls.Seen]) -> None:
        for place, observed in refused:
            self._observe((), place, observed)

    def request(self, arguments: Arguments | None) -> Struct:
        """The request of ``fit`` with the given arguments, which are None if no ``fit`` is known."""
        span = self.span
        if self.instance.escaped is not None:
            return Struct({}, span, span, open=self.instance.escaped)
        launch = BoundArguments(arguments or Arguments(), FIT)
        self._observe_refused()
        if arguments is not None:
            self._observe_refused_parts()
        name = scalar(launch.value("job_name"))
        request = struct(
            span,
            HyperParameterTuningJobName=name or unknown(GENERATED_NAME, span),
            HyperParameterTuningJobConfig=self._config(),
            WarmStartConfig=self._warm_start(),
            Autotune=self._autotune(),
            Tags=unknown(CONFIG_FILE, span),
        )
        members = request.members
        if self.has_estimator_name:
            members["TrainingJobDefinitions"] = unknown(is_a("the only definition, of the named estimator"), span)
        elif self.has_several_estimators:
            members["TrainingJobDefinitions"] = self._definitions()
        else:
            inputs = launch.get("inputs")
            definition = self._definition(inputs, launched=arguments is not None)
            for place, same in same_inputs(inputs):
                self._observe(DEFINITION, place, same)
            members["TrainingJobDefinition"] = definition
            self._add_class(definition, launch.value("include_cls_metadata"))
        if name is None and arguments is not None:
            members["HyperParameterTuningJobName"] = self._generated_name(request.get("TrainingJobDefinition"))
        return request

    def observe_launch(self, arguments: Arguments) -> None:
        """Observe the arguments of ``fit`` that it refuses or ignores, and a name that the service refuses."""
        launch = BoundArguments(arguments, FIT)
        if self.has_definitions:
            metadata = launch.get("include_cls_metadata")
            if metadata is None or (isinstance(metadata, Constant) and metadata.value is not None):
                place = arguments.places.get("include_cls_metadata", self.span)
                self._observe((), place, ClsMetadataNotADict())
        experiment = arguments.places.get("experiment_config")
        if experiment is not None and refused_calls.is_given(arguments.keywords.get("experiment_config")):
            self._observe((), experiment, ArgumentDropped("experiment_config", "fit()", [], True))
        if not self.has_definitions:
            self._observe_refused_inputs(launch.get("inputs"))
        self._observe_name(launch, "image_uri")

    def _observe_refused_inputs(self, inputs: Value | None) -> None:
        estimator = self.bound.value("estimator")
        refused = list(refused_parts.not_records(estimator, inputs, self.span))
        self._observe_all(refused or refused_parts.refused_inputs(inputs, self.span))

    def _observe_refused_parts(self) -> None:
        """Observe the parts of a tuner for which its launch raises an error."""
        self._observe_all(self._refused_parts())

    def _refused_parts(self) -> Iterable[refused_calls.Seen]:
        given = self.bound.value
        if any(name.startswith("_") for name in self.instance.attributes):
            return  # the source replaces what the SDK has made of the arguments
        if not self.has_definitions:
            ranges = given("hyperparameter_ranges")
            yield from refused_parts.refused_ranges(ranges, given("objective_metric_name"), self.span)
            yield from refused_parts.refused_estimator(given("estimator"), self.span)
        yield from refused_parts.refused_objects(self.bound, self.span)

    def _observe_name(self, launch: BoundArguments, image: str) -> None:
        estimators = self.estimators()
        if not is_none(launch.get("job_name")) or not refused_calls.have_plain_sessions(estimators):
            return
        address = None
        if len(estimators) == 1 and _has_no_model(estimators[0]):
            given = Estimator(estimators[0]).bound.value
            address = given(image) or given("image_name")
        self._observe_all(refused_calls.refused_name(self.bound.get("base_tuning_job_name"), address, self.instance))

    def _generated_name(self, definition: Node | None) -> Unknown:
        """The name that the SDK makes of a base, or of the image's repository, and the time: its beginning is known.

        Nothing is known of it if a pipeline may launch the tuner.
        """
        estimators = self.estimators()
        base = self.bound.value("base_tuning_job_name")
        beginning = None
        place = self.span
        if isinstance(base, Constant):
            beginning = refused_calls.beginning_of_name(base.value)
            place = base.span
        elif base is None and len(estimators) == 1 and _has_no_model(estimators[0]):
            beginning = refused_calls.beginning_of_name(_repository_of(definition))
        if beginning is None or not refused_calls.have_plain_sessions(estimators):
            return unknown(GENERATED_NAME, self.span)
        return unknown(GENERATED_NAME, place, (beginning, None))

    def estimators(self) -> list[Value | None]:
        """The estimators of the tuner, as far as they are known."""
        if not self.has_several_estimators:
            return [self.bound.value("estimator")]
        return entries_or_itself(self.bound.value("estimator_dict"))

    def scripted_estimators(self) -> Iterable[Instance]:
        """The estimators of version 2 that are known to have a script."""
        for estimator in self.estimators():
            if is_foreign(estimator) and Estimator(estimator).has_script:
                yield estimator

    def _observe_refused(self) -> None:
        """Observe what the constructors of the tuner and of its parts refuse."""
        names = ("warm_start_config", "strategy_config", "completion_criteria_config")
        parts = [self.bound.value(name) for name in names]
        for part in list(parts):
            if isinstance(part, Instance):
                parts += part.arguments.values()
        for name in ("hyperparameter_ranges", "hyperparameter_ranges_dict"):
            parts += _ranges_in(self.bound.value(name))
        self._observe_all(refused_calls.unknown_arguments([self.instance, *parts]))
        self._observe_all(self._refused_estimators())

    def _refused_estimators(self) -> list[refused_calls.Seen]:
        refused: list[refused_calls.Seen] = []
        estimators = [estimator for estimator in self.estimators() if is_foreign(estimator)]
        for estimator in estimators:
            refused += [*refused_calls.refused_estimator(estimator), *refused_calls.local_mode(estimator)]
            refused += refused_image(estimator)
        if estimators and refused_calls.have_plain_sessions(estimators):
            refused += refused_calls.lower_case_tags(self.instance, self.bound.value("tags"))
            if not self.has_several_estimators:
                refused += refused_calls.lower_case_tags(estimators[0], Estimator(estimators[0]).bound.value("tags"))
        return refused

    def _add_class(self, definition: Node, metadata: Value | None) -> None:
        """Add the hyperparameters with the estimator's class, which ``include_cls_metadata`` requests."""
        values = member(definition, "StaticHyperParameters")
        if metadata is None or is_false(metadata) or not isinstance(values, Struct):
            return
        estimator = self.bound.value("estimator")
        is_plain = isinstance(estimator, Instance) and estimator.cls.endswith(".Estimator")
        if isinstance(metadata, Constant) and is_plain:
            self._observe(DEFINITION, metadata.span, ClassMetadata())
        if isinstance(metadata, Constant) and values.open is None and is_plain:
            values.members["sagemaker_estimator_class_name"] = Scalar('"Estimator"', metadata.span)
            values.members["sagemaker_estimator_module"] = Scalar('"sagemaker.estimator"', metadata.span)
        else:
            values.open = values.open or unknown("may have the estimator's class", span_of(metadata) or self.span)

    def ranges(self) -> Iterable[tuple[str, Value]]:
        """The ranges of the tuner's only estimator, by name."""
        ranges = self.bound.value("hyperparameter_ranges")
        if isinstance(ranges, Mapping):
            yield from ((str(name), value) for name, value in ranges.entries.items())

    def codes(self) -> dict[Path, Code]:
        """The script of each definition, by its path in the request."""
        if not self.has_several_estimators:
            code = self._only_code()
            return {} if code is None else {DEFINITION: code}
        estimators = self.bound.value("estimator_dict")
        if not isinstance(estimators, Mapping) or estimators.open is not None:
            return {}
        codes = [estimators_code(estimators.entries[name]) for name in sorted(estimators.entries, key=str)]
        return {("TrainingJobDefinitions", index): code for index, code in enumerate(codes) if code is not None}

    def _only_code(self) -> Code | None:
        return estimators_code(self.bound.value("estimator"))

    def _config(self) -> Struct:
        given, span = self.bound.value, self.settings_span
        objective = ranges = None
        limits = self._limits()
        if not self.has_definitions:
            objective, ranges = self._objective(), self._ranges(given("hyperparameter_ranges"))
        return struct(
            span,
            Strategy=scalar(given("strategy")) or default("Bayesian", span),
            HyperParameterTuningJobObjective=objective,
            ResourceLimits=limits,
            ParameterRanges=ranges,
            StrategyConfig=self._strategy_config(given("strategy_config")),
            TuningJobCompletionCriteria=self._completion(given("completion_criteria_config")),
            TrainingJobEarlyStoppingType=scalar(given("early_stopping_type")) or default("Off", span),
            RandomSeed=scalar(given("random_seed")),
        )

    def _limits(self) -> Struct:
        given, span = self.bound.value, self.settings_span
        max_jobs = scalar(given("max_jobs"))
        if max_jobs is None and "max_jobs" in self.instance.attributes:
            # the strategy is Grid: it is sent as null, which the client rejects
            self._observe((CONFIG, "ResourceLimits"), span, GridWithoutJobCount())
        elif max_jobs is None:
            max_jobs = default(1, span)
        return struct(
            span,
            MaxNumberOfTrainingJobs=max_jobs,
            MaxParallelTrainingJobs=scalar(given("max_parallel_jobs")) or default(1, span),
            MaxRuntimeInSeconds=scalar(given("max_runtime_in_seconds")),
        )

    def _objective(self) -> Node | None:
        metric = scalar(self.bound.value("objective_metric_name"))
        if metric is None:
            return None
        kind = self.bound.get("objective_type")
        if kind is not None and is_none(kind):
            return struct(self.settings_span, MetricName=metric)
        objective_type = scalar(kind) or default("Maximize", self.settings_span)
        return struct(self.settings_span, Type=objective_type, MetricName=metric)

    def _definition(self, inputs: Value | None, *, launched: bool) -> Node:
        estimator = self.bound.value("estimator")
        metrics = to_node(self.bound.value("metric_definitions"), self.span)
        ranges = self.bound.value("hyperparameter_ranges")
        if not isinstance(estimator, Instance):
            return opaque(estimator or Constant(None, self.span), self.span)
        made = Estimator(estimator)
        definition = made.definition(ranges, metrics, inputs, launched)
        self._observe_estimator(made, ranges, metrics)
        if isinstance(definition, Struct):
            specification = definition.members.get("AlgorithmSpecification")
            if isinstance(specification, Struct):
                keyed(specification, self.instance.arguments, MetricDefinitions="metric_definitions")
            override = self.instance.attributes.get(INSTANCE_CONFIGS)
            if override is not None:
                definition.members["HyperParameterTuningResourceConfig"] = made.resources(override)
            self._leave_to_autotune(definition)
        return definition

    def _observe_estimator(self, made: Estimator, ranges: Value | None, metrics: Node | None) -> None:
        """Observe the estimator's arguments that the tuner does not send."""
        if metrics is None:
            self._observe_lost_metrics(made)
        has_configs = not is_none(self.instance.attributes.get(INSTANCE_CONFIGS))
        for argument in made.dropped():
            observed: Observed = ArgumentDropped(
                argument.name, made.name, argument.near, argument.known, argument.instead
            )
            is_groups = argument.name == "instance_groups" and isinstance(made.bound.value(argument.name), Sequence)
            if is_groups and not has_configs:
                observed = InstanceGroups()
            self._observe(DEFINITION, argument.span, observed)
        for name, place in made.static_places().items():
            range_ = ranges.entries.get(name) if isinstance(ranges, Mapping) else None
            if not isinstance(range_, Maybe | None):
                outside = isinstance(range_, Instance) and _is_outside(made.static_value(name), range_)
                self._observe(DEFINITION, place, StaticShadowedByRange(name, outside))

    def _observe_lost_metrics(self, made: Estimator) -> None:
        """Observe metric definitions of the estimator, or of the tuner that this one is derived from."""
        metrics = made.bound.value("metric_definitions")
        if metrics is not None and not isinstance(metrics, Unknown):
            place = span_of(metrics) or made.span
            self._observe(DEFINITION, place, MetricDefinitionsOnEstimator())
        lost = self.instance.attributes.get(LOST_METRICS)
        if isinstance(lost, Constant):
            self._observe(DEFINITION, self.span, MetricDefinitionsNotCopied(f"{lost.value}()"))

    def _leave_to_autotune(self, definition: Struct) -> None:
        value = self.bound.value("autotune")
        if value is not None and not is_false(value):
            definition.members["StaticHyperParameters"] = as_unknown(value, "is partly left to Autotune", self.span)

    def _definitions(self) -> Node:
        """The definitions of ``create``: one for each estimator, sorted by name."""
        estimators = self.bound.value("estimator_dict")
        if not isinstance(estimators, Mapping) or estimators.open is not None:
            return unknown("is built from unknown estimators", self.span)
        items: list[Node] = [
            self._one_definition(str(name), estimators.entries[name], estimators.keys.get(name, self.span))
            for name in sorted(estimators.entries, key=str)
        ]
        return Array(items, self.span, self.span)

    def _one_definition(self, name: str, estimator: Value, place: Span) -> Node:
        if not isinstance(estimator, Instance):
            return as_unknown(estimator, "is not an estimator", place)
        ranges = self._argument_for("hyperparameter_ranges_dict", name)
        metrics = to_node(self._argument_for("metric_definitions_dict", name), self.span)
        made = Estimator(estimator)
        definition = made.definition(ranges, metrics, unknown("is passed to `fit()`", self.span), True)
        if isinstance(definition, Struct):
            self._override_one(definition, made, name)
            self._leave_to_autotune(definition)
            definition.members["DefinitionName"] = Scalar(name, place)
            definition.members["TuningObjective"] = struct(
                self.settings_span,
                Type=scalar(self.bound.value("objective_type")) or default("Maximize", self.settings_span),
                MetricName=scalar(self._argument_for("objective_metric_name_dict", name)),
            )
            node = self._ranges(ranges, estimator)
            if node is not None:
                definition.members["HyperParameterRanges"] = node
            definition.anchor = place
        return definition

    def _override_one(self, definition: Struct, made: Estimator, name: str) -> None:
        """Apply ``override_resource_config`` to the definition of one of several estimators."""
        override = self.instance.attributes.get(INSTANCE_CONFIGS)
        if is_none(override):
            return
        resources: Node = unknown("is set by `override_resource_config()`", self.span)
        if isinstance(override, Mapping) and override.open is None:
            own = override.entries.get(name)
            resources = own if isinstance(own, Unknown) else made.resources(own)
        definition.members["HyperParameterTuningResourceConfig"] = resources

    def _argument_for(self, argument: str, name: str) -> Value | None:
        value = self.bound.value(argument)
        if isinstance(value, Mapping):
            return value.entries.get(name) or value.open
        return value

    def _ranges(self, ranges: Value | None, estimator: Value | None = None) -> Node | None:
        """ParameterRanges: the SDK sends all three lists, in the order of the dict."""
        autotune = self.bound.value("autotune")
        if ranges is None:
            return None if autotune is None else unknown("is left to Autotune", self.span)
        if not isinstance(ranges, Mapping):
            return opaque(ranges, self.span)
        lists = {kind: Array([], ranges.span, ranges.span, ranges.open) for kind in RANGES.values()}
        framework = self._is_framework(estimator or self.bound.value("estimator"))
        for key, value in ranges.entries.items():
            place = ranges.place(key)
            if isinstance(value, Instance) and value.class_name in RANGES:
                lists[RANGES[value.class_name]].items.append(_range(str(key), place, value, framework))
                self._observe_categories(str(key), value, framework)
                continue
            reason = as_unknown(value, "is not a known range", place)
            for array in lists.values():
                array.open = array.open or reason
        node = Struct(dict(lists), ranges.span, ranges.span)
        if autotune is not None and not is_false(autotune):
            node.members["AutoParameters"] = unknown(is_a("the hyperparameters that are not kept static"), self.span)
        return node

    def _observe_categories(self, name: str, value: Instance, framework: bool | None) -> None:
        if value.class_name != "CategoricalParameter":
            return
        values = arguments_of(value, signatures.CATEGORICAL).get("values")
        if framework and refused_calls.has_pipeline_variable(values):
            self._observe((CONFIG, "ParameterRanges"), span_of(values) or value.span, CategoryFromPipeline(name))
        if isinstance(values, Sequence) and values.kind != "list":
            kind = values.kind if values.of is None else "dict view"
            self._observe((CONFIG, "ParameterRanges"), values.span, CategoricalNotAList(name, kind))

    def _is_framework(self, estimator: Value | None) -> bool | None:
        if not isinstance(estimator, Instance) or not Estimator(estimator).is_known:
            return None
        return Estimator(estimator).is_framework

    def _warm_start(self) -> Node | None:
        derived = self.instance.attributes.get(DERIVED)
        if isinstance(derived, Constant) and "warm_start_config" not in self.instance.attributes:
            parent = unknown(is_a("the job of the tuner that this one is derived from"), self.span)
            kind = Scalar(derived.value, derived.span)
            return struct(self.span, WarmStartType=kind, ParentHyperParameterTuningJobs=parent)
        value = self.bound.value("warm_start_config")
        if value is None:
            return None
        if not isinstance(value, Instance) or value.class_name != "WarmStartConfig":
            return as_unknown(value, "is not a known WarmStartConfig", span_of(value) or self.span)
        given = arguments_of(value, signatures.WARM_START).value
        parents = given("parents")
        if isinstance(parents, Constant) and isinstance(parents.value, str):
            self._observe(("WarmStartConfig",), parents.span, ParentsNotASet(parents.value))
        return struct(
            value.span,
            WarmStartType=_warm_start_type(value.attributes.get("type") or given("warm_start_type"), value.span),
            ParentHyperParameterTuningJobs=_parents(parents, value.span),
        )

    def _autotune(self) -> Node | None:
        value = self.bound.value("autotune")
        if value is None or is_false(value):
            return None
        if isinstance(value, Constant):
            return struct(self.span, Mode=Scalar("Enabled", value.span))
        return as_unknown(value, "is not a boolean", self.span)

    def _strategy_config(self, value: Value | None) -> Node | None:
        if value is None:
            return None
        if not isinstance(value, Instance):
            return as_unknown(value, "is not a known StrategyConfig", self.span)
        inner = arguments_of(value, signatures.STRATEGY).value("hyperband_strategy_config")
        if not isinstance(inner, Instance):
            return as_unknown(inner, "is not a HyperbandStrategyConfig", value.span)
        given = arguments_of(inner, signatures.HYPERBAND).value
        lowest, highest = scalar(given("min_resource")), scalar(given("max_resource"))
        limits = struct(inner.span, MinResource=lowest, MaxResource=highest)
        return struct(value.span, HyperbandStrategyConfig=limits)

    def _completion(self, value: Value | None) -> Node | None:
        if value is None:
            return None
        if not isinstance(value, Instance):
            return as_unknown(value, "is not a known TuningJobCompletionCriteriaConfig", self.span)
        given, span = arguments_of(value, signatures.COMPLETION).value, value.span
        best = struct(
            span, MaxNumberOfTrainingJobsNotImproving=scalar(given("max_number_of_training_jobs_not_improving"))
        )
        converged = struct(span, CompleteOnConvergence=scalar(given("complete_on_convergence"), _enabled))
        return struct(
            span,
            BestObjectiveNotImproving=best if best.members else None,
            ConvergenceDetected=converged if converged.members else None,
            TargetObjectiveMetricValue=scalar(given("target_objective_metric_value")),
        )


def _ranges_in(value: Value | None) -> list[Value]:
    """The ranges of a dict, or of a dict of dicts."""
    ranges: list[Value] = []
    if isinstance(value, Mapping):
        for entry in value.entries.values():
            ranges += entry.entries.values() if isinstance(entry, Mapping) else [entry]
    return ranges


def _enabled(value: object) -> str:
    return "Enabled" if value else "Disabled"


def entries_or_itself(value: Value | None) -> list[Value | None]:
    """The entries of a dict; any other value alone."""
    return [*value.entries.values()] if isinstance(value, Mapping) else [value]


def _range(name: str, place: Span, value: Instance, framework: bool | None) -> Struct:
    """One range in the API's spelling, anchored at its name."""
    if value.class_name == "CategoricalParameter":
        values = arguments_of(value, signatures.CATEGORICAL).get("values")
        members = {"Name": Scalar(name, place), "Values": _categories(values, value.span, framework)}
        return Struct(members, value.span, place)
    given = arguments_of(value, signatures.RANGE).get
    range_ = struct(
        value.span,
        Name=Scalar(name, place),
        MinValue=scalar(given("min_value"), str),
        MaxValue=scalar(given("max_value"), str),
        ScalingType=scalar(given("scaling_type")) or default("Auto", value.span),
    )
    range_.anchor = place
    return range_


def _categories(values: Value | None, span: Span, framework: bool | None) -> Node:
    """The values of a categorical range. The SDK sends anything but a list as one value, its text."""
    if values is None:
        return unknown("is not set", span)
    if isinstance(values, Unknown):
        return without_values(values)
    place = span_of(values) or span
    if framework is None:
        return unknown("is encoded in a way that depends on the estimator's class, which is unknown", place)

    def encode(value: object) -> str:
        return json.dumps(str(value)) if framework else str(value)

    if isinstance(values, Sequence) and values.kind == "list":
        items: list[Node] = present(scalar(item, encode) for item in values.items)
        return Array(items, values.span, values.span, values.open)
    if isinstance(values, Constant):
        return Array([Scalar(encode(values.value), values.span)], values.span, values.span)
    text = unknown(is_a("the text of the whole collection, since the SDK only splits lists into values"), place)
    return Array([text], place, place)


def _warm_start_type(value: Value | None, span: Span) -> Node:
    if isinstance(value, Symbol):
        name = WARM_STARTS.get(value.name.rpartition(".")[2])
        if name is not None:
            return Scalar(name, value.span)
    return as_unknown(value, "is not a known member of WarmStartTypes", span)


def _parents(value: Value | None, span: Span) -> Node:
    """The parents of a warm start. The SDK stores them in a set, so the order of several is unknown."""
    if not isinstance(value, Sequence) or value.open is not None:
        return as_unknown(value, "is not a known list of parents", span)
    names: list[Node] = present(scalar(item) for item in value.items)
    scalars = [name for name in names if isinstance(name, Scalar)]
    if len(scalars) == len(names):
        names = list({name.value: name for name in scalars}.values())
    elif len(names) > 1:
        return unknown(is_a("a set, in which some parents may be equal"), value.span)
    if len(names) > 1:
        names = [unknown("is one of several parents, whose order the SDK does not keep", value.span)] * len(names)
    parents: list[Node] = [struct(value.span, HyperParameterTuningJobName=name) for name in names]
    return Array(parents, value.span, value.span)


def _is_outside(value: Value | None, range_: Instance) -> bool:
    """Whether a value is known to lie outside a range, so that one of the two may be a mistake.

    A 0 below the range is none: it turns a penalty off, and a logarithmic range cannot reach it.
    """
    if not isinstance(value, Constant) or isinstance(value.value, bool):
        return False
    if range_.class_name == "CategoricalParameter":
        return _is_none_of(value, arguments_of(range_, signatures.CATEGORICAL).get("values"))
    given = arguments_of(range_, signatures.RANGE).get
    number, low, high = _number(value), _number(given("min_value")), _number(given("max_value"))
    if number is None or low is None or high is None:
        return False
    return not low <= number <= high and not (number == 0 < low)


def _is_none_of(value: Constant, values: Value | None) -> bool:
    if not isinstance(values, Sequence) or values.open is not None:
        return False
    known = [str(item.value) for item in values.items if isinstance(item, Constant)]
    return len(known) == len(values.items) and str(value.value) not in known


def _number(value: Value | None) -> float | None:
    try:
        return float(value.value) if isinstance(value, Constant) else None  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def _has_no_model(estimator: Value | None) -> TypeGuard[Instance]:
    """Whether an estimator has no model and no source of JumpStart, which give the job another name."""
    if not isinstance(estimator, Instance):
        return False
    given = Estimator(estimator).bound.value
    return given("model_uri") is None and not isinstance(given("source_dir"), Unknown)


def _repository_of(definition: Node | None) -> str | None:
    """The repository of a definition's image; None if it is not known."""
    image = follow(definition, ("AlgorithmSpecification", "TrainingImage"))
    address = ""
    if isinstance(image, Scalar) and refused_calls.REGISTRY in str(image.value):
        address = str(image.value)
    elif isinstance(image, Unknown):
        address = pieces_text(image, UNKNOWN_PART)
    match = IMAGE_END.search(address)
    return match["repository"] if match is not None else None
