"""SDK version 3: a tuner with a ModelTrainer as the request that ``tune`` sends.

Source: sagemaker-train 1.27.0, run and read. It differs from version 2 in its defaults (3,600 s,
ml.m5.xlarge), in the members that it drops, and in its configurations, which are the API's shapes.
"""

from __future__ import annotations

from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown
from hpolint.model.observations import SeveralTrainers
from hpolint.model.reasons import CONFIG_FILE, SDK_ADDS, TRAINER_CHANNELS, is_a
from hpolint.model.spelling import Gaps
from hpolint.model.training_code import Code
from hpolint.readers.python.interpreter.values import Arguments, Instance, Mapping, Maybe, Value, span_of, unknown
from hpolint.readers.python.sdk import refused_calls, signatures
from hpolint.readers.python.sdk.entry_points import trainers_code
from hpolint.readers.python.sdk.inputs import tune_channels
from hpolint.readers.python.sdk.nodes import BoundArguments, default, is_none, scalar, struct, to_node
from hpolint.readers.python.sdk.shapes import as_sent, from_shape
from hpolint.readers.python.sdk.tuner import CONFIG, FIT, Tuner
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
    first = next(iter(instance.arguments.positional), None)
    by_class = isinstance(first, Instance) and first.cls.endswith(".ModelTrainer")
    return instance.cls.startswith("sagemaker.train.") or "model_trainer" in instance.arguments.keywords or by_class


class TrainerTuner(Tuner):
    """One tuner object of version 3."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        names = ("model_trainer", *signatures.TUNER[1:])
        self.bound = BoundArguments(instance.arguments, names, signatures.TUNER_TRUSTED, instance)

    def observe_launch(self, arguments: Arguments) -> None:
        """Observe the arguments of ``tune`` that it refuses, and a name that the service refuses."""
        for place, seen in refused_calls.not_taken("tune()", arguments, signatures.TUNE_KEYWORDS):
            self._observe((), place, seen)
        if self.has_several_estimators or refused_calls.is_given(self.bound.get("model_trainer_name")):
            self._observe((), self.span, SeveralTrainers())
        self._observe_name(BoundArguments(arguments, FIT), "training_image")

    def _estimators(self) -> list[Value | None]:
        found = self.bound.value("model_trainer_dict")
        if self.has_several_estimators:
            return list(found.entries.values()) if isinstance(found, Mapping) else [found]
        return [self.bound.value("model_trainer")]

    def _refused_estimators(self) -> list[refused_calls.Seen]:
        found: list[refused_calls.Seen] = []
        for trainer in self._estimators():
            found += refused_calls.dropped_command(trainer)
        return found

    def _add_class(self, definition: Node, metadata: Value | None) -> None:
        """Add nothing: this version has no such argument."""

    def _limits(self) -> Struct:
        found = super()._limits()
        self.observations = [o for o in self.observations if o.kind != "grid-without-job-count"]  # version 3 drops it
        return as_sent(found, "ResourceLimits")

    def _config(self) -> Struct:
        return as_sent(super()._config(), CONFIG)

    def _ranges(self, ranges: Value | None, estimator: Value | None = None) -> Node | None:
        found = super()._ranges(ranges, estimator)
        if isinstance(found, Struct):
            found.members.pop("AutoParameters", None)  # this version never sends them
            for name in list(found.members):
                ranges_of_kind = found.members[name]
                if isinstance(ranges_of_kind, Array) and not ranges_of_kind.items:
                    del found.members[name]
                    found.open = found.open or ranges_of_kind.open
            if not found.members and found.open is None:
                return None
        return found

    def _is_framework(self, estimator: Value | None) -> bool | None:
        return False

    def codes(self) -> dict[Path, Code]:
        """The script of the definition, by its path in the request."""
        code = trainers_code(self.bound.value("model_trainer"))
        return {("TrainingJobDefinition",): code} if code is not None else {}

    def _warm_start(self) -> Node | None:
        return self._shape("warm_start_config", "HyperParameterTuningJobWarmStartConfig")

    def _strategy_config(self, value: Value | None) -> Node | None:
        return self._shape("strategy_config", "HyperParameterTuningJobStrategyConfig")

    def _completion(self, value: Value | None) -> Node | None:
        return self._shape("completion_criteria_config", "TuningJobCompletionCriteria")

    def _shape(self, argument: str, shape: str) -> Node | None:
        value = self.bound.value(argument)
        return None if value is None else from_shape(value, shape, self.span)

    def _definition(self, inputs: Value | None, *, launched: bool) -> Node:
        trainer = self.bound.value("model_trainer")
        if not isinstance(trainer, Instance) or not trainer.cls.endswith(".ModelTrainer"):
            return trainer if isinstance(trainer, Unknown) else unknown("is not built by a ModelTrainer", self.span)
        if trainer.escaped is not None:
            return trainer.escaped
        metrics = to_node(self.bound.value("metric_definitions"), self.span)
        if isinstance(metrics, Array) and not metrics.items and metrics.open is None:
            metrics = None
        autotuned = not is_none(self.bound.get("autotune"))
        made = Trainer(trainer).definition(self.bound.value("hyperparameter_ranges"), metrics, autotuned)
        if not launched:
            made.members["InputDataConfig"] = unknown("is built from the inputs of `tune()`", self.span)
        elif "InputDataConfig" not in made.members:
            found = tune_channels(inputs, self.span)
            made.members |= {"InputDataConfig": found} if found is not None else {}
        return as_sent(made, DEFINITION)


class Trainer:
    """One ModelTrainer object."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.span = instance.span
        self.bound = BoundArguments(instance.arguments, (), None, instance)

    def definition(self, tuned: Value | None, metrics: Node | None, autotuned: bool) -> Struct:
        """The TrainingJobDefinition."""
        given, span = self.bound.value, self.span
        environment = given("environment")
        return struct(
            span,
            StaticHyperParameters=unknown("is partly left to Autotune", span) if autotuned else self._static(tuned),
            AlgorithmSpecification=struct(
                span,
                TrainingImage=scalar(given("training_image")) or unknown("is not passed to the trainer", span),
                TrainingInputMode=scalar(given("training_input_mode")) or default("File", span),
                MetricDefinitions=metrics,
            ),
            RoleArn=self._role(),
            OutputDataConfig=self._output(),
            StoppingCondition=self._stopping(),
            **self._resources(),
            CheckpointConfig=self._checkpoints(),
            VpcConfig=unknown(CONFIG_FILE, span),
            RetryStrategy=self.instance.attributes.get("with_retry_strategy"),  # type: ignore[arg-type]
            Environment=to_node(environment, span) if environment is not None else unknown(CONFIG_FILE, span),
            InputDataConfig=self._own_channels(),
        )

    def _own_channels(self) -> Node | None:
        """The Unknown of channels that include the trainer's own; None if the trainer has none."""
        if is_none(self.bound.get("source_code")) and is_none(self.bound.get("input_data_config")):
            return None
        return unknown(TRAINER_CHANNELS, self.span)

    def _static(self, tuned: Value | None) -> Node | None:
        values = self.bound.value("hyperparameters")
        code = self.bound.value("source_code")
        if values is None:
            values = Mapping({}, self.span)
        if not isinstance(values, Mapping):
            return (
                values if isinstance(values, Unknown) else unknown("is read from a file", span_of(values) or self.span)
            )
        found = Struct({}, values.span, values.span, {}, values.open)
        closed = isinstance(tuned, Mapping) and tuned.open is None
        for key, value in values.entries.items():
            range_ = tuned.entries.get(key) if isinstance(tuned, Mapping) else None
            if closed and range_ is not None and not isinstance(range_, Maybe):
                continue
            dropped = unknown("is dropped if it is tuned, which is unknown", span_of(value) or self.span)
            node = scalar(value, str) if (closed and range_ is None) or tuned is None else dropped
            if node is not None:
                found.members[str(key)], found.keys[str(key)] = node, values.keys.get(key, values.span)
        if code is not None:
            found.open = found.open or unknown(SDK_ADDS, self.span)
        return found if found.members or found.open is not None else None

    def _role(self) -> Node:
        role = scalar(self.bound.value("role"))
        if isinstance(role, Scalar) and "/" not in str(role.value):
            return unknown(is_a("a role's name, which the SDK looks up"), role.span)
        return role or unknown(CONFIG_FILE, self.span)

    def _output(self) -> Node:
        value = self.bound.value("output_data_config")
        bucket = unknown(is_a("the SDK's default bucket"), self.span)
        if value is None:
            return struct(
                self.span,
                S3OutputPath=bucket,
                CompressionType=default("GZIP", self.span),
                KmsKeyId=unknown(CONFIG_FILE, self.span),
            )
        node = from_shape(value, "OutputDataConfig", self.span)
        if isinstance(node, Struct):
            node.members.setdefault("S3OutputPath", bucket)
            node.members.setdefault("CompressionType", default("GZIP", self.span))
            node.members.setdefault("KmsKeyId", unknown(CONFIG_FILE, self.span))
        return node or bucket

    def _stopping(self) -> Node:
        value = self.bound.value("stopping_condition")
        node = from_shape(value, "StoppingCondition", self.span) if value is not None else struct(self.span)
        if isinstance(node, Struct):
            node.members.pop("MaxPendingTimeInSeconds", None)
            if value is None:
                node.members["MaxRuntimeInSeconds"] = default(3600, self.span)
        return node or unknown("is not a known StoppingCondition", self.span)

    def _resources(self) -> dict[str, Node | None]:
        compute = self.bound.value("compute")
        if isinstance(compute, Unknown):
            return {"ResourceConfig": compute, "EnableManagedSpotTraining": compute}
        if compute is not None and not isinstance(compute, Instance):
            compute_unknown = unknown("is not a known Compute", self.span)
            return {"ResourceConfig": compute_unknown, "EnableManagedSpotTraining": compute_unknown}
        span = compute.span if compute is not None else self.span
        given = BoundArguments(compute.arguments, (), None, compute).value if compute is not None else lambda _: None
        if not is_none(given("instance_groups")):
            grouped, spot = unknown("is built from `instance_groups`", span), given("enable_managed_spot_training")
            return {"ResourceConfig": grouped, "EnableManagedSpotTraining": scalar(spot)}
        is_assigned = "compute" in self.instance.attributes  # only the constructor fills in defaults
        resources = struct(
            span,
            InstanceType=scalar(given("instance_type")) or (None if is_assigned else default("ml.m5.xlarge", span)),
            InstanceCount=scalar(given("instance_count")) or (None if is_assigned else default(1, span)),
            VolumeSizeInGB=scalar(given("volume_size_in_gb")) or default(30, span),
        )
        return {
            "ResourceConfig": resources,
            "EnableManagedSpotTraining": scalar(given("enable_managed_spot_training")),
        }

    def _checkpoints(self) -> Node | None:
        value = self.bound.value("checkpoint_config")
        if value is None:
            return self.instance.attributes.get("with_checkpoint_config")  # type: ignore[return-value]
        node = from_shape(value, "CheckpointConfig", self.span)
        if isinstance(node, Struct):
            node.members.setdefault("S3Uri", unknown(is_a("the SDK's default bucket"), self.span))
            if isinstance(value, Instance) and not value.cls.startswith("sagemaker.core.shapes"):
                node.members.setdefault("LocalPath", default(CHECKPOINTS, self.span))
        return node


def chained_call(trainer: Instance, name: str) -> Value | None:
    """``trainer.with_…(…)`` returns the trainer itself, with a value that is unknown; None for other methods."""
    if not name.startswith("with_") or not trainer.cls.endswith(".ModelTrainer"):
        return None
    trainer.attributes[name] = unknown(f"is set by `{name}()`", trainer.span)
    return trainer
