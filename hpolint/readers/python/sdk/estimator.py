"""An estimator of SDK version 2 as the TrainingJobDefinition that the tuner's ``fit`` sends."""

from __future__ import annotations

import json
from difflib import get_close_matches

import msgspec

from hpolint.data.sdk_signatures import OLD_NAMES
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.reasons import CODE_CHANNEL, CONFIG_FILE, SDK_ADDS, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import (
    Constant,
    Instance,
    Mapping,
    Maybe,
    Sequence,
    Value,
    as_unknown,
    is_false,
    span_of,
    text_of,
    unknown,
)
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.images import algorithm_image, framework_image, hugging_face_image
from hpolint.readers.python.sdk.inputs import channels
from hpolint.readers.python.sdk.nodes import (
    add_member,
    arguments_of,
    default,
    is_none,
    keyed,
    opaque,
    role_node,
    scalar,
    struct,
    to_node,
    without_falsy,
)
from hpolint.readers.python.sdk.objects import HYPERPARAMETERS
from hpolint.readers.python.sdk.refused_calls import is_of_version_2

PROGRAM = "sagemaker_program"
"""The static hyperparameter with the script's name, which the container reads."""

DIRECTORY = "sagemaker_submit_directory"
"""The static hyperparameter with the address of the script's archive."""


class Dropped(msgspec.Struct, frozen=True):
    """A keyword that does not reach the request.

    ``known`` is set if the estimator's own ``fit`` sends it. ``near`` holds the probably intended arguments, and
    ``instead`` what takes the place of one of version 1.
    """

    name: str
    span: Span
    known: bool
    near: list[str]
    instead: str = ""


DEFAULT_BUCKET = is_a("the SDK's default bucket")


class Estimator:
    """One estimator object."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.name = instance.class_name
        if self.name in PARAMETERS:
            self.bound = arguments_of(instance, PARAMETERS[self.name], None, OLD_NAMES)
        else:
            self.bound = arguments_of(instance, signatures.ESTIMATOR, signatures.ESTIMATOR_TRUSTED, OLD_NAMES)
        self.span = instance.span
        self.from_config_file = unknown(CONFIG_FILE, instance.span)

    @property
    def is_framework(self) -> bool:
        """Whether it is a framework's class, which runs a script and encodes hyperparameters as JSON."""
        return self.name in signatures.FRAMEWORKS

    @property
    def is_known(self) -> bool:
        """Whether the request follows from the arguments: a known class, and an object that did not escape."""
        known = {"Estimator", "AlgorithmEstimator"} | signatures.FRAMEWORKS.keys() | signatures.ALGORITHMS.keys()
        return self.name in known and self.instance.escaped is None and self.instance.user_class is None

    @property
    def has_script(self) -> bool:
        """Whether the SDK is known to upload a script for it, or to say where it is."""
        return self.is_known and (self.is_framework or isinstance(self.bound.value("entry_point"), Constant))

    def definition(self, tuned: Value | None, metrics: Node | None, inputs: Value | None, launched: bool) -> Node:
        """The TrainingJobDefinition, without the members that only the tuner sets."""
        if not self.is_known:
            reason = self.instance.escaped.reason if self.instance.escaped else f"is built by the class `{self.name}`"
            return unknown(reason, self.span)
        given = self.bound.value
        return struct(
            self.span,
            StaticHyperParameters=self._static(tuned),
            AlgorithmSpecification=self._specification(metrics, inputs, launched),
            RoleArn=role_node(scalar(given("role")), "SDK") or self.from_config_file,
            OutputDataConfig=self._output(),
            StoppingCondition=self._stopping(),
            HyperParameterTuningResourceConfig=self.resources(None),
            EnableManagedSpotTraining=_if_true(given("use_spot_instances")),
            CheckpointConfig=self._checkpoints(),
            VpcConfig=self._network(),
            EnableNetworkIsolation=self._switch("enable_network_isolation"),
            EnableInterContainerTrafficEncryption=self._switch("encrypt_inter_container_traffic"),
            RetryStrategy=self._retries(),
            Environment=to_node(given("environment"), self.span) or self.from_config_file,
            InputDataConfig=self._inputs(inputs, launched),
        )

    def resources(self, instance_configs: Value | None) -> Node:
        """HyperParameterTuningResourceConfig: one instance type, or the argument of ``override_resource_config``."""
        given = self.bound.value
        key = scalar(given("volume_kms_key")) or self.from_config_file
        if instance_configs is not None and not is_none(instance_configs):
            configs = _instance_configs(instance_configs, self.span)
            return struct(self.span, InstanceConfigs=configs, VolumeKmsKeyId=key)
        count = scalar(given("instance_count"))
        if self.name in ("SKLearn", "LDA") and not isinstance(count, Unknown):
            count = default(1, self.span)
        return struct(
            self.span,
            InstanceCount=count,
            InstanceType=scalar(given("instance_type")),
            VolumeSizeInGB=scalar(given("volume_size")) or default(30, self.span),
            VolumeKmsKeyId=key,
        )

    def dropped(self) -> list[Dropped]:
        """The keywords that do not reach the request: those that a tuner drops, and misspelt ones."""
        dropped: list[Dropped] = []
        for name, place in self.instance.arguments.places.items():
            is_stray = self._is_stray(name)
            if not self.is_known or (name not in signatures.NOT_SENT and not is_stray):
                continue
            value = self.bound.value(name)
            if value is None or _is_empty(value):
                continue
            near = self._suggested(name) if is_stray else []
            is_known = not is_stray or (name in VERSIONS and not near)  # the intended argument is set already
            dropped.append(Dropped(name, place, is_known, near, self._replacement(name)))
        return dropped

    def _is_stray(self, name: str) -> bool:
        """Whether the class has no argument of a name, in the version of the SDK that the source uses."""
        if name in signatures.REMOVED and self.name == "TensorFlow" and is_of_version_2(self.instance):
            return True
        own = signatures.OWN_KEYWORDS.get(self.name)
        return own is not None and name not in own | signatures.ESTIMATOR_KEYWORDS and name not in OLD_NAMES.values()

    def _suggested(self, name: str) -> list[str]:
        """The probably intended arguments of a stray one: the nearest name, or a framework's names for its version.

        Arguments that are not sent are never suggested, nor the mutually exclusive versions of HuggingFace.
        """
        own = signatures.OWN_KEYWORDS[self.name]
        given = self.instance.arguments.keywords.keys()
        if name in VERSIONS:
            other = ALTERNATIVE_VERSIONS if own >= ALTERNATIVE_VERSIONS else frozenset[str]()
            return sorted(version for version in own - other - {"py_version", *given} if version.endswith("_version"))
        candidates = (own | signatures.ESTIMATOR_KEYWORDS) - given
        if name in signatures.SUGGESTED:
            near = [signatures.SUGGESTED[name]]
        else:
            near = get_close_matches(name, sorted(candidates), n=1, cutoff=0.85)
        return [argument for argument in near if argument in candidates - {*signatures.NOT_SENT}]

    def _replacement(self, name: str) -> str:
        """What takes the place of an argument that only version 1 has; empty for any other."""
        removed = signatures.REMOVED_FROM_FRAMEWORKS if self.is_framework else {}
        if self.name == "TensorFlow":
            removed = removed | signatures.REMOVED
        return removed.get(name, "")

    def hyperparameters(self) -> Value:
        """The static hyperparameters as the estimator stores them."""
        if self.instance.escaped is not None:
            return self.instance.escaped
        if self.name in signatures.ALGORITHMS:
            return unknown("is built by the SDK from the constructor's arguments and the data", self.span)
        return self.instance.attributes.get(HYPERPARAMETERS) or Mapping({}, self.span)

    def static_places(self) -> dict[str, Span]:
        """The span of each known static hyperparameter, by name."""
        values = self.hyperparameters()
        if not self.is_known or not isinstance(values, Mapping):
            return {}
        return {str(key): values.keys.get(key, self.span) for key in values.entries}

    def static_value(self, name: str) -> Value | None:
        """A static hyperparameter's value; None if it is not set."""
        values = self.hyperparameters()
        return values.entries.get(name) if isinstance(values, Mapping) else None

    def used_alone(self) -> set[Span]:
        """The spans of arguments that the estimator's own ``fit`` uses, even if a tuner drops them."""
        sent = {argument.span for argument in self.dropped() if argument.known}
        return sent | set(self.static_places().values())

    def _static(self, tuned: Value | None) -> Node:
        values = self.hyperparameters()
        if is_none(values):
            values = Mapping({}, self.span)
        if not isinstance(values, Mapping):
            return opaque(values, self.span)
        static = Struct({}, values.span, values.span, open=values.open)
        for key, value in values.entries.items():
            add_member(static, str(key), self._sent_value(str(key), value, tuned), values.place(key))
        program = self.bound.get("entry_point")
        if self.is_framework or not is_none(program):
            self._add_script(static, program)
        return static

    def _add_script(self, static: Struct, program: Value | None) -> None:
        """Add the hyperparameters with which the SDK tells the container about the script."""
        static.open = static.open or unknown(SDK_ADDS, self.span)
        if self.is_framework or isinstance(program, Constant):
            place = program.span if isinstance(program, Constant) else self.span
            static.members.setdefault(PROGRAM, unknown(is_a("the script's name, which the SDK adds"), place))
        source = self.bound.value("source_dir")
        if isinstance(source, Unknown) and source.pieces:  # JumpStart's: its known part identifies the algorithm
            static.members.setdefault(DIRECTORY, source)
        text = text_of(source)
        if isinstance(source, Constant) and text is not None and text.startswith("s3://"):
            # Source: sagemaker 2.257.1, ``fw_utils.tar_and_upload_dir``, which passes such an address on.
            add_member(static, DIRECTORY, Scalar(json.dumps(text), source.span), source.span)

    def _sent_value(self, name: str, value: Value, tuned: Value | None) -> Node | None:
        """A static hyperparameter as it is sent; None if it is tuned, since the SDK then drops it."""
        is_open = not is_none(tuned)
        if isinstance(tuned, Mapping):
            range_ = tuned.entries.get(name)
            if not isinstance(range_, Maybe | None):
                return None
            is_open = range_ is not None or tuned.open is not None
        if is_open:
            return unknown("is dropped if it is tuned, which is unknown", span_of(value) or self.span)
        if not self.is_framework:
            return scalar(value, str)
        if isinstance(value, Sequence) and value.kind == "list" and value.open is None:
            items = [item.value for item in value.items if isinstance(item, Constant)]
            if len(items) == len(value.items):
                return Scalar(json.dumps(items), value.span)
        return scalar(value, json.dumps)

    def _specification(self, metrics: Node | None, inputs: Value | None, launched: bool) -> Struct:
        given = self.bound.value
        arn = image = None
        if self.name == "AlgorithmEstimator":
            arn = scalar(given("algorithm_arn"))
        else:
            image = self._image()
        mode: Node = scalar(given("input_mode")) or default("File", self.span)
        if not launched or (isinstance(inputs, Unknown) and not inputs.pieces):
            mode = as_unknown(mode, "may be set by the inputs of `fit()`", self.span)
        elif isinstance(inputs, Instance):
            mode = scalar(arguments_of(inputs, signatures.TRAINING_INPUT).value("input_mode")) or mode
        return struct(
            self.span, AlgorithmName=arn, TrainingImage=image, TrainingInputMode=mode, MetricDefinitions=metrics
        )

    def _image(self) -> Node | None:
        given = self.bound.value
        image = given("image_uri") or given("image_name")
        if image is not None:
            return scalar(image)
        if self.name in signatures.ALGORITHMS:
            return algorithm_image(signatures.ALGORITHMS[self.name], self.span)
        if self.name == "HuggingFace":
            return hugging_face_image(given("pytorch_version"), given("tensorflow_version"), self.span)
        if self.is_framework:
            return framework_image(self.name, given("framework_version"), given("py_version"), self.span)
        return unknown("is not passed to the constructor", self.span)

    def _output(self) -> Struct:
        given = self.bound.value
        uncompressed = given("disable_output_compression")
        compression: Node | None = None
        if uncompressed is not None and not (isinstance(uncompressed, Constant) and uncompressed.value is False):
            compression = as_unknown(uncompressed, "depends on `disable_output_compression`", self.span)
        return struct(
            self.span,
            S3OutputPath=scalar(given("output_path")) or unknown(DEFAULT_BUCKET, self.span, ("s3://", None)),
            KmsKeyId=scalar(given("output_kms_key")) or self.from_config_file,
            CompressionType=compression,
        )

    def _stopping(self) -> Struct:
        stopping = struct(
            self.span,
            MaxRuntimeInSeconds=scalar(self.bound.value("max_run")) or default(86_400, self.span),
            MaxWaitTimeInSeconds=_if_true(self.bound.value("max_wait")),
        )
        return keyed(stopping, self.instance.arguments, MaxWaitTimeInSeconds="max_wait")

    def _checkpoints(self) -> Node | None:
        uri = self.bound.value("checkpoint_s3_uri")
        if uri is None or is_false(uri):
            return None
        if isinstance(uri, Unknown) and uri is self.instance.arguments.open:
            return uri
        return struct(self.span, S3Uri=scalar(uri), LocalPath=scalar(self.bound.value("checkpoint_local_path")))

    def _network(self) -> Node:
        subnets, groups = self.bound.value("subnets"), self.bound.value("security_group_ids")
        if isinstance(subnets, Sequence) and isinstance(groups, Sequence):
            return struct(self.span, Subnets=to_node(subnets, self.span), SecurityGroupIds=to_node(groups, self.span))
        return self.from_config_file

    def _switch(self, name: str) -> Node | None:
        value = self.bound.value(name)
        return self.from_config_file if value is None else _if_true(value)

    def _retries(self) -> Node | None:
        attempts = scalar(self.bound.value("max_retry_attempts"))
        return None if attempts is None else struct(self.span, MaximumRetryAttempts=attempts)

    def _inputs(self, inputs: Value | None, launched: bool) -> Node | None:
        if not launched:
            return unknown("is built from the inputs of `fit()`", self.span)
        more: Unknown | None = None
        model = self.bound.value("model_uri")
        if model is not None:
            more = as_unknown(model, "may have a channel for the model", self.span)
        elif self.is_framework or not is_none(self.bound.get("entry_point")):
            more = unknown(CODE_CHANNEL, self.span)
        return channels(inputs, self.span, more)


VERSIONS = ("framework_version", "version")
"""Arguments for a framework's version, which some classes name differently."""

ALTERNATIVE_VERSIONS = frozenset({"pytorch_version", "tensorflow_version"})
"""HuggingFace raises if both are set. Source: sagemaker 2.257, sagemaker.huggingface.HuggingFace."""


PARAMETERS: dict[str, tuple[str, ...]] = {
    **signatures.FRAMEWORKS,
    **dict.fromkeys(signatures.ALGORITHMS, signatures.ALGORITHM),
    "LDA": signatures.LDA,
    "AlgorithmEstimator": signatures.ALGORITHM_ESTIMATOR,
}
"""The first parameters of the estimators' classes but `Estimator`, whose positions have never changed."""


def _is_empty(value: Value) -> bool:
    """Whether an argument is known to ask for nothing."""
    if isinstance(value, Sequence):
        return not value.items and value.open is None
    return isinstance(value, Constant) and value.value in (False, 0)


def _if_true(value: Value | None) -> Node | None:
    """A switch that the SDK sends only if it is true; None if it is false."""
    return None if is_false(value) else without_falsy(scalar(value))


def _instance_configs(value: Value, span: Span) -> Node:
    """The InstanceConfigs of ``override_resource_config``."""
    if not isinstance(value, Sequence):
        return as_unknown(value, "is not a known list", span)
    return Array([_instance_config(item, span) for item in value.items], value.span, value.span, value.open)


def _instance_config(value: Value, span: Span) -> Node:
    if not isinstance(value, Instance):
        return as_unknown(value, "is not an InstanceConfig", span)
    given = arguments_of(value, signatures.INSTANCE).value
    return struct(
        value.span,
        InstanceCount=scalar(given("instance_count")),
        InstanceType=scalar(given("instance_type")),
        VolumeSizeInGB=scalar(given("volume_size")) or default(30, value.span),
    )
