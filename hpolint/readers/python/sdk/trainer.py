"""SDK version 3: a tuner with a ModelTrainer as the request that ``tune`` sends.

Source: sagemaker-train 1.27.0, run and read. It differs from version 2 in its defaults (3,600 s,
ml.m5.xlarge), in the members that it drops, and in its configurations, which are the API's shapes.
"""

from __future__ import annotations

from collections.abc import Iterable

from hpolint.model.node import Array, Node, Scalar, Struct
from hpolint.model.observations import GridWithoutJobCount, SeveralTrainers
from hpolint.model.reasons import CONFIG_FILE, SDK_ADDS, TRAINER_CHANNELS, is_a
from hpolint.model.spelling import Gaps
from hpolint.model.training_code import DIRECTORY, Code
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Key,
    Mapping,
    Maybe,
    Value,
    as_unknown,
    span_of,
    text_of,
    unknown,
)
from hpolint.readers.python.sdk import refused_calls, refused_parts, signatures
from hpolint.readers.python.sdk.entry_points import is_trainer, trainers_code
from hpolint.readers.python.sdk.inputs import tune_channels
from hpolint.readers.python.sdk.nodes import (
    BoundArguments,
    add_member,
    arguments_of,
    default,
    is_none,
    role_node,
    scalar,
    struct,
    to_node,
)
from hpolint.readers.python.sdk.shapes import as_sent, from_shape
from hpolint.readers.python.sdk.tuner import CONFIG, FIT, Tuner, entries_or_itself
from hpolint.schema import DEFINITION

CHECKPOINTS = "/opt/ml/checkpoints"

GAPS = Gaps(
    {
        DEFINITION: (
            *("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
            "HyperParameterTuningResourceConfig",
        ),
        "ParameterRanges": ("AutoParameters",),
    },
    "`tune()` does not send it",
    "Launch the job with `HyperParameterTuningJob.create` or with boto3",
)
"""Members that no argument of a tuner or its trainer sets."""


def is_version_3(instance: Instance) -> bool:
    """Whether a tuner is of version 3, by its import or its arguments."""
    if instance.cls.startswith("sagemaker.train.") or "model_trainer" in instance.arguments.keywords:
        return True
    return is_trainer(instance.arguments.at(0))


class TrainerTuner(Tuner):
    """One tuner object of version 3."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.bound = arguments_of(instance, ("model_trainer", *signatures.TUNER[1:]), signatures.TUNER_TRUSTED)

    def observe_launch(self, arguments: Arguments) -> None:
        """Observe the arguments of ``tune`` that it refuses, and a name that the service refuses."""
        self._observe_all(refused_calls.not_taken("tune()", arguments, signatures.TUNE_KEYWORDS))
        if self.has_several_estimators or refused_calls.is_given(self.bound.get("model_trainer_name")):
            self._observe((), self.span, SeveralTrainers())
        self._observe_name(BoundArguments(arguments, FIT), "training_image")

    def estimators(self) -> list[Value | None]:
        if self.has_several_estimators:
            return entries_or_itself(self.bound.value("model_trainer_dict"))
        return [self.bound.value("model_trainer")]

    def _refused_parts(self) -> Iterable[refused_calls.Seen]:
        if not self.has_definitions:
            ranges, objective = self.bound.value("hyperparameter_ranges"), self.bound.value("objective_metric_name")
            yield from refused_parts.refused_ranges(ranges, objective, self.span)

    def _refused_estimators(self) -> list[refused_calls.Seen]:
        refused: list[refused_calls.Seen] = []
        for trainer in self.estimators():
            refused += refused_calls.dropped_command(trainer)
        return refused

    def _add_class(self, definition: Node, metadata: Value | None) -> None:
        """Add nothing: this version has no such argument."""

    def _limits(self) -> Struct:
        limits = super()._limits()
        # Version 3 drops a number of jobs that is None.
        self.observations = [seen for seen in self.observations if not isinstance(seen.observed, GridWithoutJobCount)]
        return as_sent(limits, "ResourceLimits")

    def _config(self) -> Struct:
        return as_sent(super()._config(), CONFIG)

    def _ranges(self, ranges: Value | None, estimator: Value | None = None) -> Node | None:
        node = super()._ranges(ranges, estimator)
        if not isinstance(node, Struct):
            return node
        node.members.pop("AutoParameters", None)  # this version never sends them
        for name, ranges_of_kind in list(node.members.items()):
            if isinstance(ranges_of_kind, Array) and not ranges_of_kind.items:
                del node.members[name]
                node.open = node.open or ranges_of_kind.open
        return node if node.members or node.open is not None else None

    def _is_framework(self, estimator: Value | None) -> bool | None:
        return False

    def _only_code(self) -> Code | None:
        return trainers_code(self.bound.value("model_trainer"))

    def _warm_start(self) -> Node | None:
        return self._shape("warm_start_config", "HyperParameterTuningJobWarmStartConfig")

    def _strategy_config(self, value: Value | None) -> Node | None:
        return self._shape("strategy_config", "HyperParameterTuningJobStrategyConfig")

    def _completion(self, value: Value | None) -> Node | None:
        return self._shape("completion_criteria_config", "TuningJobCompletionCriteria")

    def _shape(self, argument: str, shape: str) -> Node | None:
        return from_shape(self.bound.value(argument), shape, self.span)

    def _definition(self, inputs: Value | None, *, launched: bool) -> Node:
        trainer = self.bound.value("model_trainer")
        if not is_trainer(trainer):
            return as_unknown(trainer, "is not built by a ModelTrainer", self.span)
        if trainer.escaped is not None:
            return trainer.escaped
        metrics = to_node(self.bound.value("metric_definitions"), self.span)
        if isinstance(metrics, Array) and not metrics.items and metrics.open is None:
            metrics = None
        autotuned = not is_none(self.bound.get("autotune"))
        definition = Trainer(trainer).definition(self.bound.value("hyperparameter_ranges"), metrics, autotuned)
        channels: Node | None = None
        if not launched:
            channels = unknown("is built from the inputs of `tune()`", self.span)
        elif "InputDataConfig" not in definition.members:
            channels = tune_channels(inputs, self.span)
        if channels is not None:
            definition.members["InputDataConfig"] = channels
        return as_sent(definition, DEFINITION)


class Trainer:
    """One ModelTrainer object."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.span = instance.span
        self.bound = arguments_of(instance)
        self.from_config_file = unknown(CONFIG_FILE, instance.span)
        self.default_bucket = unknown(is_a("the SDK's default bucket"), instance.span, ("s3://", None))

    def definition(self, tuned: Value | None, metrics: Node | None, autotuned: bool) -> Struct:
        """The TrainingJobDefinition."""
        given, span = self.bound.value, self.span
        return struct(
            span,
            StaticHyperParameters=unknown("is partly left to Autotune", span) if autotuned else self._static(tuned),
            AlgorithmSpecification=struct(
                span,
                TrainingImage=scalar(given("training_image")) or unknown("is not passed to the trainer", span),
                TrainingInputMode=scalar(given("training_input_mode")) or default("File", span),
                MetricDefinitions=metrics,
            ),
            RoleArn=role_node(scalar(given("role")), "SDK") or self.from_config_file,
            OutputDataConfig=self._output(),
            StoppingCondition=self._stopping(),
            **self._resources(),
            CheckpointConfig=self._checkpoints(),
            VpcConfig=self.from_config_file,
            RetryStrategy=self.instance.attributes.get("with_retry_strategy"),  # type: ignore[arg-type]
            Environment=to_node(given("environment"), span) or self.from_config_file,
            InputDataConfig=self._own_channels(),
        )

    def _own_channels(self) -> Node | None:
        """The Unknown of channels that include the trainer's own; None if the trainer has none."""
        if is_none(self.bound.get("source_code")) and is_none(self.bound.get("input_data_config")):
            return None
        return unknown(TRAINER_CHANNELS, self.span)

    def _static(self, tuned: Value | None) -> Node | None:
        values = self.bound.value("hyperparameters") or Mapping({}, self.span)
        if not isinstance(values, Mapping):
            return as_unknown(values, "is read from a file", span_of(values) or self.span)
        static = Struct({}, values.span, values.span, open=values.open)
        for key, value in values.entries.items():
            add_member(static, str(key), self._sent_value(key, value, tuned), values.place(key))
        self._add_source(static)
        return static if static.members or static.open is not None else None

    def _add_source(self, static: Struct) -> None:
        """Add the hyperparameters with which a tuner tells the container about the script.

        Source: sagemaker-train 1.27.0, ``HyperparameterTuner``: it passes the address of a source in S3 on.
        """
        source_code = self.bound.value("source_code")
        if source_code is None:
            return
        static.open = static.open or unknown(SDK_ADDS, self.span)
        source = arguments_of(source_code).value("source_dir") if isinstance(source_code, Instance) else None
        text = text_of(source)
        if isinstance(source, Constant) and text is not None and text.startswith("s3://"):
            add_member(static, DIRECTORY, Scalar(text, source.span), source.span)

    def _sent_value(self, key: Key, value: Value, tuned: Value | None) -> Node | None:
        """A hyperparameter as it is sent; None if it is tuned, since the SDK then drops it."""
        if tuned is None:
            return scalar(value, str)
        if isinstance(tuned, Mapping) and tuned.open is None:
            range_ = tuned.entries.get(key)
            if range_ is None:
                return scalar(value, str)
            if not isinstance(range_, Maybe):
                return None
        return unknown("is dropped if it is tuned, which is unknown", span_of(value) or self.span)

    def _output(self) -> Node:
        value = self.bound.value("output_data_config")
        node = struct(self.span) if value is None else from_shape(value, "OutputDataConfig", self.span)
        if isinstance(node, Struct):
            node.members.setdefault("S3OutputPath", self.default_bucket)
            node.members.setdefault("CompressionType", default("GZIP", self.span))
            node.members.setdefault("KmsKeyId", self.from_config_file)
        return node or self.default_bucket

    def _stopping(self) -> Node:
        value = self.bound.value("stopping_condition")
        if value is None:
            return struct(self.span, MaxRuntimeInSeconds=default(3600, self.span))
        node = from_shape(value, "StoppingCondition", self.span)
        if isinstance(node, Struct):
            node.members.pop("MaxPendingTimeInSeconds", None)
        return node or unknown("is not a known StoppingCondition", self.span)

    def _resources(self) -> dict[str, Node | None]:
        compute = self.bound.value("compute") or Instance("Compute", Arguments(), self.span)
        if not isinstance(compute, Instance):
            unread = as_unknown(compute, "is not a known Compute", self.span)
            return {"ResourceConfig": unread, "EnableManagedSpotTraining": unread}
        given, span = arguments_of(compute).value, compute.span
        spot = scalar(given("enable_managed_spot_training"))
        if given("instance_groups") is not None:
            grouped = unknown("is built from `instance_groups`", span)
            return {"ResourceConfig": grouped, "EnableManagedSpotTraining": spot}
        instance_type, count = scalar(given("instance_type")), scalar(given("instance_count"))
        if "compute" not in self.instance.attributes:  # only the constructor fills in defaults
            instance_type = instance_type or default("ml.m5.xlarge", span)
            count = count or default(1, span)
        volume = scalar(given("volume_size_in_gb")) or default(30, span)
        resources = struct(span, InstanceType=instance_type, InstanceCount=count, VolumeSizeInGB=volume)
        return {"ResourceConfig": resources, "EnableManagedSpotTraining": spot}

    def _checkpoints(self) -> Node | None:
        value = self.bound.value("checkpoint_config")
        if value is None:
            return self.instance.attributes.get("with_checkpoint_config")  # type: ignore[return-value]
        node = from_shape(value, "CheckpointConfig", self.span)
        if isinstance(node, Struct):
            node.members.setdefault("S3Uri", self.default_bucket)
            if isinstance(value, Instance) and not value.cls.startswith("sagemaker.core.shapes"):
                node.members.setdefault("LocalPath", default(CHECKPOINTS, self.span))
        return node


def chained_call(trainer: Instance, name: str) -> Value | None:
    """``trainer.with_…(…)`` returns the trainer itself, with a value that is unknown; None for other methods."""
    if not name.startswith("with_") or not is_trainer(trainer):
        return None
    trainer.attributes[name] = unknown(f"is set by `{name}()`", trainer.span)
    return trainer
