"""A HyperparameterTuner of SDK version 2 as the request that ``fit`` sends."""

from __future__ import annotations

import json

from hpolint.lazy_regex import lazy_regex
from hpolint.model.job import Observation
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, follow
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
    span_of,
    unknown,
)
from hpolint.readers.python.sdk import refused_calls, signatures
from hpolint.readers.python.sdk.entry_points import estimators_code
from hpolint.readers.python.sdk.estimator import Estimator
from hpolint.readers.python.sdk.nodes import BoundArguments, default, is_none, keyed, opaque, scalar, struct, to_node

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
        name = BoundArguments(instance.arguments, (), instance=instance).get("estimator_name")
        self.has_estimator_name = isinstance(name, Constant) and name.value is not None
        names = signatures.TUNER_CREATE if self.has_several_estimators else signatures.TUNER
        trusted = signatures.TUNER_CREATE_TRUSTED if self.has_several_estimators else signatures.TUNER_TRUSTED
        self.bound = BoundArguments(instance.arguments, names, trusted, instance)
        self.span = instance.span
        settings = instance.attributes.get(SETTINGS_PLACE)
        self.settings_span = settings.span if isinstance(settings, Constant) else instance.span
        """The call whose arguments are the settings of the search."""
        self.observations: list[Observation] = []

    def _observe(self, path: Path, span: Span, seen: Observed) -> None:
        self.observations.append(Observation(path, span, seen))

    def request(self, arguments: Arguments | None) -> Struct:
        """The request of ``fit`` with the given arguments, which are None if no ``fit`` is known."""
        span = self.span
        if self.instance.escaped is not None:
            return Struct({}, span, span, open=self.instance.escaped)
        launch = BoundArguments(arguments or Arguments(), FIT)
        inputs = launch.get("inputs")
        self._observe_refused()
        name = scalar(launch.value("job_name"))
        found = struct(
            span,
            HyperParameterTuningJobName=name or unknown(GENERATED_NAME, span),
            HyperParameterTuningJobConfig=self._config(),
            WarmStartConfig=self._warm_start(),
            Autotune=self._autotune(),
            Tags=unknown(CONFIG_FILE, span),
        )
        if self.has_estimator_name:
            named = unknown(is_a("the only definition, of the named estimator"), span)
            found.members["TrainingJobDefinitions"] = named
        elif self.has_several_estimators:
            found.members["TrainingJobDefinitions"] = self._definitions()
        else:
            found.members["TrainingJobDefinition"] = self._definition(inputs, launched=arguments is not None)
            self._add_class(found.members["TrainingJobDefinition"], launch.value("include_cls_metadata"))
        if name is None and arguments is not None:
            found.members["HyperParameterTuningJobName"] = self._generated_name(found.get("TrainingJobDefinition"))
        return found

    def observe_launch(self, arguments: Arguments) -> None:
        """Observe the arguments of ``fit`` that it refuses or ignores, and a name that the service refuses."""
        launch = BoundArguments(arguments, FIT)
        if self.has_several_estimators or self.has_estimator_name:
            metadata = launch.get("include_cls_metadata")
            if metadata is None or (isinstance(metadata, Constant) and metadata.value is not None):
                place = arguments.places.get("include_cls_metadata", self.span)
                self._observe((), place, ClsMetadataNotADict())
        experiment = arguments.places.get("experiment_config")
        if experiment is not None and refused_calls.is_given(arguments.keywords.get("experiment_config")):
            self._observe((), experiment, ArgumentDropped("experiment_config", "fit()", [], True))
        self._observe_name(launch, "image_uri")

    def _observe_name(self, launch: BoundArguments, image: str) -> None:
        estimators = self._estimators()
        if not is_none(launch.get("job_name")) or not all(map(refused_calls.has_plain_session, estimators)):
            return
        base = self.bound.get("base_tuning_job_name")
        only = Estimator(estimators[0]).bound if len(estimators) == 1 and isinstance(estimators[0], Instance) else None
        address = None
        if only is not None and only.value("model_uri") is None and not isinstance(only.value("source_dir"), Unknown):
            address = only.value(image) or only.value("image_name")
        for place, seen in refused_calls.refused_name(base, address, self.instance):
            self._observe((), place, seen)

    def _generated_name(self, definition: Node | None) -> Unknown:
        """The name that the SDK makes of a base, or of the image's repository, and the time: its beginning is known.

        Nothing is known of it if a pipeline may launch the tuner.
        """
        estimators = self._estimators()
        found = unknown(GENERATED_NAME, self.span)
        if not all(map(refused_calls.has_plain_session, estimators)):
            return found
        base = self.bound.get("base_tuning_job_name")
        text: object = None
        place = self.span
        if isinstance(base, Constant) and base.value is not None:
            text, place = base.value, base.span
        elif is_none(base) and len(estimators) == 1 and _has_no_model(estimators[0]):
            text = _repository_of(definition)
        beginning = refused_calls.beginning_of_name(text)
        return found if beginning is None else unknown(GENERATED_NAME, place, (beginning, None))

    def _estimators(self) -> list[Value | None]:
        """The estimators of the tuner, as far as they are known."""
        if not self.has_several_estimators:
            return [self.bound.value("estimator")]
        found = self.bound.value("estimator_dict")
        return list(found.entries.values()) if isinstance(found, Mapping) else [found]

    def _observe_refused(self) -> None:
        """Observe what the constructors of the tuner and of its parts refuse."""
        parts = [self.instance, *map(self.bound.value, ("warm_start_config", "strategy_config"))]
        parts += [self.bound.value("completion_criteria_config")]
        for part in list(parts):
            parts += part.arguments.values() if isinstance(part, Instance) and part is not self.instance else ()
        for name in ("hyperparameter_ranges", "hyperparameter_ranges_dict"):
            parts += _ranges_in(self.bound.value(name))
        seen = list(refused_calls.unknown_arguments(parts))
        seen += self._refused_estimators()
        for place, each in seen:
            self._observe((), place, each)

    def _refused_estimators(self) -> list[refused_calls.Seen]:
        found: list[refused_calls.Seen] = []
        estimators = [each for each in self._estimators() if isinstance(each, Instance) and each.user_class is None]
        for each in estimators:
            found += [*refused_calls.refused_estimator(each), *refused_calls.local_mode(each)]
        if estimators and all(map(refused_calls.has_plain_session, estimators)):
            found += refused_calls.lower_case_tags(self.instance, self.bound.value("tags"))
            if not self.has_several_estimators:
                found += refused_calls.lower_case_tags(estimators[0], Estimator(estimators[0]).bound.value("tags"))
        return found

    def _add_class(self, definition: Node, metadata: Value | None) -> None:
        """Add the hyperparameters with the estimator's class, which ``include_cls_metadata`` requests."""
        values = definition.get("StaticHyperParameters") if isinstance(definition, Struct) else None
        is_off = isinstance(metadata, Constant) and not metadata.value
        if metadata is None or is_off or not isinstance(values, Struct):
            return
        estimator = self.bound.value("estimator")
        is_plain = isinstance(estimator, Instance) and estimator.cls.endswith(".Estimator")
        if isinstance(metadata, Constant) and is_plain:
            self._observe(("TrainingJobDefinition",), metadata.span, ClassMetadata())
        if isinstance(metadata, Constant) and values.open is None and is_plain:
            values.members["sagemaker_estimator_class_name"] = Scalar('"Estimator"', metadata.span)
            values.members["sagemaker_estimator_module"] = Scalar('"sagemaker.estimator"', metadata.span)
        else:
            values.open = values.open or unknown("may have the estimator's class", span_of(metadata) or self.span)

    def codes(self) -> dict[Path, Code]:
        """The script of each definition, by its path in the request."""
        if not self.has_several_estimators:
            code = estimators_code(self.bound.value("estimator"))
            return {("TrainingJobDefinition",): code} if code is not None else {}
        estimators = self.bound.value("estimator_dict")
        if not isinstance(estimators, Mapping) or estimators.open is not None:
            return {}
        found = (estimators_code(estimators.entries[name]) for name in sorted(estimators.entries, key=str))
        return {("TrainingJobDefinitions", at): code for at, code in enumerate(found) if code is not None}

    def _config(self) -> Struct:
        given, span = self.bound.value, self.settings_span
        strategy = scalar(given("strategy")) or default("Bayesian", span)
        return struct(
            span,
            Strategy=strategy,
            HyperParameterTuningJobObjective=None
            if self.has_several_estimators or self.has_estimator_name
            else self._objective(),
            ResourceLimits=self._limits(),
            ParameterRanges=None
            if self.has_several_estimators or self.has_estimator_name
            else self._ranges(given("hyperparameter_ranges")),
            StrategyConfig=self._strategy_config(given("strategy_config")),
            TuningJobCompletionCriteria=self._completion(given("completion_criteria_config")),
            TrainingJobEarlyStoppingType=scalar(given("early_stopping_type")) or default("Off", span),
            RandomSeed=scalar(given("random_seed")),
        )

    def _limits(self) -> Struct:
        max_jobs = scalar(self.bound.value("max_jobs"))
        if max_jobs is None:
            is_grid = "max_jobs" in self.instance.attributes
            max_jobs = None if is_grid else default(1, self.settings_span)
            if is_grid:  # it is sent as null, which the client rejects
                self._observe((CONFIG, "ResourceLimits"), self.settings_span, GridWithoutJobCount())
        return struct(
            self.settings_span,
            MaxNumberOfTrainingJobs=max_jobs,
            MaxParallelTrainingJobs=scalar(self.bound.value("max_parallel_jobs")) or default(1, self.settings_span),
            MaxRuntimeInSeconds=scalar(self.bound.value("max_runtime_in_seconds")),
        )

    def _objective(self) -> Node | None:
        metric = scalar(self.bound.value("objective_metric_name"))
        if metric is None:
            return None
        kind = self.bound.get("objective_type")
        if isinstance(kind, Constant) and kind.value is None:
            return struct(self.settings_span, MetricName=metric)
        objective_type = scalar(kind) or default("Maximize", self.settings_span)
        return struct(self.settings_span, Type=objective_type, MetricName=metric)

    def _definition(self, inputs: Value | None, *, launched: bool) -> Node:
        estimator = self.bound.value("estimator")
        metrics = to_node(self.bound.value("metric_definitions"), self.span)
        ranges = self.bound.value("hyperparameter_ranges")
        if not isinstance(estimator, Instance):
            return (
                estimator
                if isinstance(estimator, Unknown)
                else opaque(estimator or Constant(None, self.span), self.span)
            )
        made = Estimator(estimator)
        found = made.definition(ranges, metrics, inputs, launched)
        self._observe_estimator(made, ranges, metrics)
        if isinstance(found, Struct):
            specification = found.members.get("AlgorithmSpecification")
            if isinstance(specification, Struct):
                keyed(specification, self.instance.arguments, MetricDefinitions="metric_definitions")
            override = self.instance.attributes.get(INSTANCE_CONFIGS)
            if override is not None:
                found.members["HyperParameterTuningResourceConfig"] = made.resources(override)
            if not is_none(self.bound.get("autotune")):
                self._leave_to_autotune(found)
        return found

    def _observe_estimator(self, made: Estimator, ranges: Value | None, metrics: Node | None) -> None:
        """Observe the estimator's arguments that the tuner does not send."""
        definition: Path = ("TrainingJobDefinition",)
        given = made.bound.value("metric_definitions")
        if metrics is None and given is not None and not isinstance(given, Unknown):
            self._observe(definition, span_of(given) or made.span, MetricDefinitionsOnEstimator())
        lost = self.instance.attributes.get(LOST_METRICS)
        if metrics is None and isinstance(lost, Constant):
            self._observe(definition, self.span, MetricDefinitionsNotCopied(f"{lost.value}()"))
        for each in made.dropped():
            groups = each.name == "instance_groups" and isinstance(made.bound.value(each.name), Sequence)
            is_refused = groups and is_none(self.instance.attributes.get(INSTANCE_CONFIGS))
            dropped = ArgumentDropped(each.name, made.name, each.near, each.known, each.instead)
            self._observe(definition, each.span, InstanceGroups() if is_refused else dropped)
        for name, place in made.static_places().items():
            shadows = ranges.entries.get(name) if isinstance(ranges, Mapping) else None
            if shadows is not None and not isinstance(shadows, Maybe):
                outside = isinstance(shadows, Instance) and _is_outside(made.static_value(name), shadows)
                self._observe(definition, place, StaticShadowedByRange(name, outside))

    def _leave_to_autotune(self, definition: Struct) -> None:
        value = self.bound.get("autotune")
        if isinstance(value, Constant) and not value.value:
            return
        reason = value if isinstance(value, Unknown) else unknown("is partly left to Autotune", self.span)
        definition.members["StaticHyperParameters"] = reason

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
            return estimator if isinstance(estimator, Unknown) else unknown("is not an estimator", place)
        ranges = self._argument_for("hyperparameter_ranges_dict", name)
        metrics = to_node(self._argument_for("metric_definitions_dict", name), self.span)
        found = Estimator(estimator).definition(ranges, metrics, unknown("is passed to `fit()`", self.span), True)
        if isinstance(found, Struct):
            self._override_one(found, Estimator(estimator), name)
            if not is_none(self.bound.get("autotune")):
                self._leave_to_autotune(found)
            kind = scalar(self.bound.value("objective_type")) or default("Maximize", self.settings_span)
            found.members["DefinitionName"] = Scalar(name, place)
            found.members["TuningObjective"] = struct(
                self.settings_span, Type=kind, MetricName=scalar(self._argument_for("objective_metric_name_dict", name))
            )
            node = self._ranges(ranges, estimator)
            if node is not None:
                found.members["HyperParameterRanges"] = node
            found.anchor = place
        return found

    def _override_one(self, definition: Struct, made: Estimator, name: str) -> None:
        """Apply ``override_resource_config`` to the definition of one of several estimators."""
        override = self.instance.attributes.get(INSTANCE_CONFIGS)
        if is_none(override):
            return
        resources: Node = unknown("is set by `override_resource_config()`", self.span)
        if isinstance(override, Mapping) and override.open is None:
            own = override.entries.get(name)
            resources = made.resources(own) if not isinstance(own, Unknown) else own
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
            return None if is_none(autotune) else unknown("is left to Autotune", self.span)
        if not isinstance(ranges, Mapping):
            return ranges if isinstance(ranges, Unknown) else opaque(ranges, self.span)
        lists = {kind: Array([], ranges.span, ranges.span, ranges.open) for kind in RANGES.values()}
        framework = self._is_framework(estimator or self.bound.value("estimator"))
        for key, value in ranges.entries.items():
            place = ranges.keys.get(key, ranges.span)
            kind = RANGES.get(value.cls.rpartition(".")[2]) if isinstance(value, Instance) else None
            if kind is None or not isinstance(value, Instance):
                reason = value if isinstance(value, Unknown) else unknown("is not a known range", place)
                for each in lists.values():
                    each.open = each.open or reason
            else:
                lists[kind].items.append(_range(str(key), place, value, framework))
                self._observe_categories(str(key), value, framework)
        found = Struct(dict(lists), ranges.span, ranges.span)
        if not (autotune is None or (isinstance(autotune, Constant) and not autotune.value)):
            found.members["AutoParameters"] = unknown(is_a("the hyperparameters that are not kept static"), self.span)
        return found

    def _observe_categories(self, name: str, value: Instance, framework: bool | None) -> None:
        values = BoundArguments(value.arguments, signatures.CATEGORICAL, instance=value).get("values")
        if value.cls.endswith("CategoricalParameter") and framework and refused_calls.has_pipeline_variable(values):
            place = span_of(values) if values is not None else None
            self._observe((CONFIG, "ParameterRanges"), place or value.span, CategoryFromPipeline(name))
        if value.cls.endswith("CategoricalParameter") and isinstance(values, Sequence) and values.kind != "list":
            kind = {"view": "dict view"}.get(values.kind, values.kind)
            self._observe((CONFIG, "ParameterRanges"), values.span, CategoricalNotAList(name, kind))

    def _is_framework(self, estimator: Value | None) -> bool | None:
        if not isinstance(estimator, Instance) or not Estimator(estimator).is_known:
            return None
        return Estimator(estimator).is_framework

    def _warm_start(self) -> Node | None:
        derived = self.instance.attributes.get(DERIVED)
        if isinstance(derived, Constant) and "warm_start_config" not in self.instance.attributes:
            parent = unknown(is_a("the job of the tuner that this one is derived from"), self.span)
            return struct(
                self.span, WarmStartType=Scalar(derived.value, derived.span), ParentHyperParameterTuningJobs=parent
            )
        value = self.bound.value("warm_start_config")
        if value is None or isinstance(value, Unknown):
            return value
        if not isinstance(value, Instance) or value.cls.rpartition(".")[2] != "WarmStartConfig":
            return unknown("is not a known WarmStartConfig", span_of(value) or self.span)
        bound = BoundArguments(value.arguments, signatures.WARM_START, None, value)
        parents = bound.value("parents")
        if isinstance(parents, Constant) and isinstance(parents.value, str):
            self._observe(("WarmStartConfig",), parents.span, ParentsNotASet(parents.value))
        return struct(
            value.span,
            WarmStartType=_warm_start_type(value.attributes.get("type") or bound.value("warm_start_type"), value.span),
            ParentHyperParameterTuningJobs=_parents(parents, value.span),
        )

    def _autotune(self) -> Node | None:
        value = self.bound.value("autotune")
        if value is None or (isinstance(value, Constant) and not value.value):
            return None
        if isinstance(value, Constant):
            return struct(self.span, Mode=Scalar("Enabled", value.span))
        return value if isinstance(value, Unknown) else unknown("is not a boolean", self.span)

    def _strategy_config(self, value: Value | None) -> Node | None:
        if value is None or isinstance(value, Unknown):
            return value
        if not isinstance(value, Instance):
            return unknown("is not a known StrategyConfig", self.span)
        inner = BoundArguments(value.arguments, signatures.STRATEGY, instance=value).value("hyperband_strategy_config")
        if not isinstance(inner, Instance):
            return inner if isinstance(inner, Unknown) else unknown("is not a HyperbandStrategyConfig", value.span)
        bound = BoundArguments(inner.arguments, signatures.HYPERBAND, instance=inner)
        limits = struct(
            inner.span,
            MinResource=scalar(bound.value("min_resource")),
            MaxResource=scalar(bound.value("max_resource")),
        )
        return struct(value.span, HyperbandStrategyConfig=limits)

    def _completion(self, value: Value | None) -> Node | None:
        if value is None or isinstance(value, Unknown):
            return value
        if not isinstance(value, Instance):
            return unknown("is not a known TuningJobCompletionCriteriaConfig", self.span)
        bound = BoundArguments(value.arguments, signatures.COMPLETION, instance=value)
        not_improving = scalar(bound.value("max_number_of_training_jobs_not_improving"))
        convergence = bound.value("complete_on_convergence")
        enabled: Node | None = convergence if isinstance(convergence, Unknown) else None
        if isinstance(convergence, Constant):
            enabled = Scalar("Enabled" if convergence.value else "Disabled", convergence.span)
        span = value.span
        return struct(
            span,
            BestObjectiveNotImproving=struct(span, MaxNumberOfTrainingJobsNotImproving=not_improving)
            if not_improving is not None
            else None,
            ConvergenceDetected=struct(span, CompleteOnConvergence=enabled) if enabled is not None else None,
            TargetObjectiveMetricValue=scalar(bound.value("target_objective_metric_value")),
        )


def _ranges_in(value: Value | None) -> list[Value]:
    """The ranges of a dict, or of a dict of dicts."""
    below = list(value.entries.values()) if isinstance(value, Mapping) else []
    return [each for item in below for each in (item.entries.values() if isinstance(item, Mapping) else [item])]


def _range(name: str, place: Span, value: Instance, framework: bool | None) -> Struct:
    """One range in the API's spelling, anchored at its name."""
    categorical = value.cls.endswith("CategoricalParameter")
    bound = BoundArguments(value.arguments, signatures.CATEGORICAL if categorical else signatures.RANGE, instance=value)
    found = Struct({"Name": Scalar(name, place)}, value.span, place)
    if categorical:
        found.members["Values"] = _categories(bound.get("values"), value.span, framework)
        return found
    low, high = scalar(bound.get("min_value"), str), scalar(bound.get("max_value"), str)
    found.members |= {member: node for member, node in (("MinValue", low), ("MaxValue", high)) if node is not None}
    scale = bound.get("scaling_type")
    found.members["ScalingType"] = scalar(scale) or default("Auto", value.span)
    return found


def _categories(values: Value | None, span: Span, framework: bool | None) -> Node:
    """The values of a categorical range. The SDK sends anything but a list as one value, its text."""
    if values is None or isinstance(values, Unknown):
        return values or unknown("is not set", span)
    if framework is None:
        return unknown(
            "is encoded in a way that depends on the estimator's class, which is unknown", span_of(values) or span
        )

    def encode(value: object) -> str:
        return json.dumps(str(value)) if framework else str(value)

    if isinstance(values, Sequence) and values.kind == "list":
        items = [node for item in values.items if (node := scalar(item, encode)) is not None]
        return Array(items, values.span, values.span, values.open)
    if isinstance(values, Constant):
        return Array([Scalar(encode(values.value), values.span)], values.span, values.span)
    place = span_of(values) or span
    return Array(
        [unknown(is_a("the text of the whole collection, since the SDK only splits lists into values"), place)],
        place,
        place,
    )


def _warm_start_type(value: Value | None, span: Span) -> Node:
    if isinstance(value, Symbol):
        name = WARM_STARTS.get(value.name.rpartition(".")[2])
        if name is not None:
            return Scalar(name, value.span)
    return value if isinstance(value, Unknown) else unknown("is not a known member of WarmStartTypes", span)


def _parents(value: Value | None, span: Span) -> Node:
    """The parents of a warm start. The SDK stores them in a set, so the order of several is unknown."""
    if not isinstance(value, Sequence) or value.open is not None:
        return value if isinstance(value, Unknown) else unknown("is not a known list of parents", span)
    names = [scalar(item) for item in value.items]
    if all(isinstance(name, Scalar) for name in names):
        names = list({name.value: name for name in names if isinstance(name, Scalar)}.values())
    elif len(names) > 1:
        return unknown(is_a("a set, in which some parents may be equal"), value.span)
    if len(names) > 1:
        names = [unknown("is one of several parents, whose order the SDK does not keep", value.span)] * len(names)
    items: list[Node] = [struct(value.span, HyperParameterTuningJobName=name) for name in names]
    return Array(items, value.span, value.span)


def _is_outside(value: Value | None, range_: Instance) -> bool:
    """Whether a value is known to lie outside a range, so that one of the two may be a mistake.

    A 0 below the range is none: it turns a penalty off, and a logarithmic range cannot reach it.
    """
    if not isinstance(value, Constant) or isinstance(value.value, bool):
        return False
    if range_.cls.endswith("CategoricalParameter"):
        values = BoundArguments(range_.arguments, signatures.CATEGORICAL, instance=range_).get("values")
        return _is_none_of(value, values)
    bound = BoundArguments(range_.arguments, signatures.RANGE, instance=range_)
    number, low, high = (_number(each) for each in (value, bound.get("min_value"), bound.get("max_value")))
    if number is None or low is None or high is None:
        return False
    return not low <= number <= high and not (number == 0 < low)


def _is_none_of(value: Constant, values: Value | None) -> bool:
    if not isinstance(values, Sequence) or values.open is not None:
        return False
    known = [str(each.value) for each in values.items if isinstance(each, Constant)]
    return len(known) == len(values.items) and str(value.value) not in known


def _number(value: Value | None) -> float | None:
    try:
        return float(value.value) if isinstance(value, Constant) else None  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def _has_no_model(estimator: Value | None) -> bool:
    """Whether an estimator has no model and no source of JumpStart, which give the job another name."""
    if not isinstance(estimator, Instance):
        return False
    bound = Estimator(estimator).bound
    return bound.value("model_uri") is None and not isinstance(bound.value("source_dir"), Unknown)


def _repository_of(definition: Node | None) -> str | None:
    """The repository of a definition's image; None if it is not known."""
    image = follow(definition, ("AlgorithmSpecification", "TrainingImage")) if definition is not None else None
    address = ""
    if isinstance(image, Scalar) and refused_calls.REGISTRY in str(image.value):
        address = str(image.value)
    elif isinstance(image, Unknown):
        address = "".join(UNKNOWN_PART if piece is None else piece for piece in image.pieces)
    match = IMAGE_END.search(address)
    return match["repository"] if match is not None else None
