"""An estimator of SDK version 2 as the TrainingJobDefinition that the tuner's ``fit`` sends."""

from __future__ import annotations

from collections.abc import Collection
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
    span_of,
    unknown,
)
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.images import algorithm_image, framework_image, hugging_face_image
from hpolint.readers.python.sdk.inputs import channels
from hpolint.readers.python.sdk.nodes import (
    BoundArguments,
    default,
    is_none,
    json_text,
    keyed,
    opaque,
    scalar,
    struct,
    to_node,
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


class Estimator:
    """One estimator object."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.name = instance.cls.rpartition(".")[2]
        names, trusted = _signature(self.name)
        self.bound = BoundArguments(instance.arguments, names, trusted, instance, OLD_NAMES)
        self.span = instance.span

    @property
    def is_framework(self) -> bool:
        """Whether it is a framework's class, which runs a script and encodes hyperparameters as JSON."""
        return self.name in signatures.FRAMEWORKS

    @property
    def is_known(self) -> bool:
        """Whether the request follows from the arguments: a known class, and an object that did not escape."""
        known = {"Estimator", "AlgorithmEstimator"} | signatures.FRAMEWORKS.keys() | signatures.ALGORITHMS.keys()
        return self.name in known and self.instance.escaped is None and self.instance.user_class is None

    def definition(self, tuned: Value | None, metrics: Node | None, inputs: Value | None, launched: bool) -> Node:
        """The TrainingJobDefinition, without the members that only the tuner sets."""
        if not self.is_known:
            reason = self.instance.escaped.reason if self.instance.escaped else f"is built by the class `{self.name}`"
            return unknown(reason, self.span)
        given, span = self.bound.value, self.span
        return struct(
            span,
            StaticHyperParameters=self._static(tuned),
            AlgorithmSpecification=self._specification(metrics, inputs, launched),
            RoleArn=self._role(),
            OutputDataConfig=self._output(),
            StoppingCondition=self._stopping(),
            HyperParameterTuningResourceConfig=self.resources(None),
            EnableManagedSpotTraining=_if_true(given("use_spot_instances")),
            CheckpointConfig=self._checkpoints(),
            VpcConfig=self._network(),
            EnableNetworkIsolation=self._switch("enable_network_isolation"),
            EnableInterContainerTrafficEncryption=self._switch("encrypt_inter_container_traffic"),
            RetryStrategy=self._retries(),
            Environment=self._environment(),
            InputDataConfig=self._inputs(inputs, launched),
        )

    def resources(self, instance_configs: Value | None) -> Node:
        """HyperParameterTuningResourceConfig: one instance type, or the argument of ``override_resource_config``."""
        key = self.bound.value("volume_kms_key") or unknown(CONFIG_FILE, self.span)
        kms = scalar(key)
        if instance_configs is not None and not is_none(instance_configs):
            return struct(self.span, InstanceConfigs=_instance_configs(instance_configs, self.span), VolumeKmsKeyId=kms)
        count: Node | None = scalar(self.bound.value("instance_count"))
        if self.name in ("SKLearn", "LDA"):
            count = default(1, self.span) if not isinstance(count, Unknown) else count
        volume = scalar(self.bound.value("volume_size")) or default(30, self.span)
        return struct(
            self.span,
            InstanceCount=count,
            InstanceType=scalar(self.bound.value("instance_type")),
            VolumeSizeInGB=volume,
            VolumeKmsKeyId=kms,
        )

    def dropped(self) -> list[Dropped]:
        """The keywords that do not reach the request: those that a tuner drops, and misspelt ones."""
        found = []
        own = signatures.OWN_KEYWORDS.get(self.name)
        all_ = signatures.ESTIMATOR_KEYWORDS | (own or frozenset())
        for name, place in self.instance.arguments.places.items():
            old = name in OLD_NAMES.values()
            stray = own is not None and name not in all_ and not old
            stray |= name in signatures.REMOVED and self.name == "TensorFlow" and is_of_version_2(self.instance)
            if self.is_known and (name in signatures.NOT_SENT or stray):
                value = self.bound.value(name)
                if value is not None and not (isinstance(value, Constant) and value.value in (False, 0)):
                    given = self.instance.arguments.keywords.keys()
                    near = _suggested_arguments(name, own or frozenset(), all_, given) if stray else []
                    is_known = not stray or (name in VERSIONS and not near)  # the intended argument is set already
                    found.append(Dropped(name, place, is_known, near, self._replacement(name)))
        return found

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
        sent = {each.span for each in self.dropped() if each.known}
        return sent | set(self.static_places().values())

    def _static(self, tuned: Value | None) -> Node:
        values = self.hyperparameters()
        if isinstance(values, Constant) and values.value is None:
            values = Mapping({}, self.span)
        if not isinstance(values, Mapping):
            return values if isinstance(values, Unknown) else opaque(values, self.span)
        found = Struct({}, values.span, values.span, {}, values.open)
        encode = json_text if self.is_framework else str
        for key, value in values.entries.items():
            node = self._sent_value(str(key), value, tuned, encode)
            if node is not None:
                found.members[str(key)] = node
                found.keys[str(key)] = values.keys.get(key, values.span)
        if self.is_framework or not is_none(self.bound.get("entry_point")):
            found.open = found.open or unknown(SDK_ADDS, self.span)
            program = self.bound.get("entry_point")
            if self.is_framework or isinstance(program, Constant):
                at = program.span if isinstance(program, Constant) else self.span
                found.members.setdefault(PROGRAM, unknown(is_a("the script's name, which the SDK adds"), at))
            source = self.bound.value("source_dir")
            if isinstance(source, Unknown) and source.pieces:  # JumpStart's: its known part identifies the algorithm
                found.members.setdefault(DIRECTORY, source)
        return found

    def _sent_value(self, name: str, value: Value, tuned: Value | None, encode: object) -> Node | None:
        """A static hyperparameter as it is sent; None if it is tuned, since the SDK then drops it."""
        if isinstance(tuned, Mapping):
            if name in tuned.entries and not isinstance(tuned.entries[name], Maybe):
                return None
            if tuned.open is not None or name in tuned.entries:
                return unknown("is dropped if it is tuned, which is unknown", span_of(value) or self.span)
        elif isinstance(tuned, Unknown):
            return unknown("is dropped if it is tuned, which is unknown", span_of(value) or self.span)
        if isinstance(value, Constant) and isinstance(value.value, float) and encode is json_text:
            return Scalar(json_text(value.value), value.span)
        if isinstance(value, Sequence) and value.kind == "list" and value.open is None and encode is json_text:
            items = [each.value for each in value.items if isinstance(each, Constant)]
            if len(items) == len(value.items):
                return Scalar(json_text(items), value.span)
        return scalar(value, encode)  # type: ignore[arg-type]

    def _specification(self, metrics: Node | None, inputs: Value | None, launched: bool) -> Struct:
        given = self.bound.value
        image: Node | None = None
        if self.name == "AlgorithmEstimator":
            arn = scalar(given("algorithm_arn"))
        else:
            arn, image = None, self._image()
        mode: Node = scalar(given("input_mode")) or default("File", self.span)
        is_string = isinstance(inputs, Unknown) and bool(inputs.pieces)
        if (isinstance(inputs, Unknown) and not is_string) or not launched:
            mode = mode if isinstance(mode, Unknown) else unknown("may be set by the inputs of `fit()`", self.span)
        elif isinstance(inputs, Instance):
            given_mode = BoundArguments(inputs.arguments, signatures.TRAINING_INPUT, None, inputs).value("input_mode")
            mode = scalar(given_mode) or mode
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

    def _role(self) -> Node:
        role = scalar(self.bound.value("role"))
        if isinstance(role, Scalar) and "/" in str(role.value):
            return role
        if isinstance(role, Scalar):
            return unknown(is_a("a role's name, which the SDK looks up"), role.span)
        return role or unknown(CONFIG_FILE, self.span)

    def _output(self) -> Struct:
        given = self.bound.value
        path: Node = scalar(given("output_path")) or unknown(is_a("the SDK's default bucket"), self.span)
        compression: Node | None = None
        if not is_none(given("disable_output_compression")):
            value = given("disable_output_compression")
            off = isinstance(value, Constant) and value.value is False
            depends = unknown("depends on `disable_output_compression`", self.span)
            compression = None if off else value if isinstance(value, Unknown) else depends
        return struct(
            self.span,
            S3OutputPath=path,
            KmsKeyId=scalar(given("output_kms_key")) or unknown(CONFIG_FILE, self.span),
            CompressionType=compression,
        )

    def _stopping(self) -> Struct:
        wait = self.bound.value("max_wait")
        found = struct(
            self.span,
            MaxRuntimeInSeconds=scalar(self.bound.value("max_run")) or default(86_400, self.span),
            MaxWaitTimeInSeconds=None if isinstance(wait, Constant) and not wait.value else scalar(wait),
        )
        return keyed(found, self.instance.arguments, MaxWaitTimeInSeconds="max_wait")

    def _checkpoints(self) -> Node | None:
        uri = self.bound.value("checkpoint_s3_uri")
        if uri is None or (isinstance(uri, Constant) and not uri.value):
            return None
        if isinstance(uri, Unknown) and uri is self.instance.arguments.open:
            return uri
        return struct(self.span, S3Uri=scalar(uri), LocalPath=scalar(self.bound.value("checkpoint_local_path")))

    def _network(self) -> Node:
        subnets, groups = self.bound.value("subnets"), self.bound.value("security_group_ids")
        if isinstance(subnets, Sequence) and isinstance(groups, Sequence):
            return struct(self.span, Subnets=to_node(subnets, self.span), SecurityGroupIds=to_node(groups, self.span))
        return unknown(CONFIG_FILE, self.span)

    def _switch(self, name: str) -> Node | None:
        value = self.bound.value(name)
        if value is None:
            return unknown(CONFIG_FILE, self.span)
        return _if_true(value)

    def _retries(self) -> Node | None:
        attempts = scalar(self.bound.value("max_retry_attempts"))
        if attempts is None or (isinstance(attempts, Unknown) and attempts is self.instance.arguments.open):
            return attempts
        return struct(self.span, MaximumRetryAttempts=attempts)

    def _environment(self) -> Node:
        return to_node(self.bound.value("environment"), self.span) or unknown(CONFIG_FILE, self.span)

    def _inputs(self, inputs: Value | None, launched: bool) -> Node | None:
        if not launched:
            return unknown("is built from the inputs of `fit()`", self.span)
        more: Unknown | None = None
        model = self.bound.get("model_uri")
        if not is_none(model):
            more = model if isinstance(model, Unknown) else unknown("may have a channel for the model", self.span)
        elif self.is_framework or not is_none(self.bound.get("entry_point")):
            more = unknown(CODE_CHANNEL, self.span)
        return channels(inputs, self.span, more)


VERSIONS = ("framework_version", "version")
"""Arguments for a framework's version, which some classes name differently."""

ALTERNATIVE_VERSIONS = frozenset({"pytorch_version", "tensorflow_version"})
"""HuggingFace raises if both are set. Source: sagemaker 2.257, sagemaker.huggingface.HuggingFace."""


def _signature(name: str) -> tuple[tuple[str, ...], int | None]:
    if name in signatures.FRAMEWORKS:
        return signatures.FRAMEWORKS[name], None
    if name == "LDA":
        return signatures.LDA, None
    if name in signatures.ALGORITHMS:
        return signatures.ALGORITHM, None
    if name == "AlgorithmEstimator":
        return signatures.ALGORITHM_ESTIMATOR, None
    return signatures.ESTIMATOR, signatures.ESTIMATOR_TRUSTED


def _if_true(value: Value | None) -> Node | None:
    """A switch that the SDK sends only if it is true; None if it is false."""
    if isinstance(value, Constant) and not value.value:
        return None
    return scalar(value)


def _instance_configs(value: Value, span: Span) -> Node:
    """The InstanceConfigs of ``override_resource_config``."""
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, Sequence):
        return unknown("is not a known list", span)
    return Array([_instance_config(item, span) for item in value.items], value.span, value.span, value.open)


def _instance_config(value: Value, span: Span) -> Node:
    if not isinstance(value, Instance):
        return value if isinstance(value, Unknown) else unknown("is not an InstanceConfig", span)
    bound = BoundArguments(value.arguments, signatures.INSTANCE, instance=value)
    return struct(
        value.span,
        InstanceCount=scalar(bound.value("instance_count")),
        InstanceType=scalar(bound.value("instance_type")),
        VolumeSizeInGB=scalar(bound.value("volume_size")) or default(30, value.span),
    )


def _suggested_arguments(name: str, own: frozenset[str], known: frozenset[str], given: Collection[str]) -> list[str]:
    """The probably intended arguments of a misspelt one: the nearest name, or a framework's names for its version.

    Arguments that are not sent are never suggested, nor the mutually exclusive versions of HuggingFace.
    """
    if name in VERSIONS:
        other = ALTERNATIVE_VERSIONS if own >= ALTERNATIVE_VERSIONS else frozenset[str]()
        return sorted(each for each in own - other - {"py_version", *given} if each.endswith("_version"))
    candidates = known.difference(given)
    near = signatures.SUGGESTED.get(name) or next(
        iter(get_close_matches(name, sorted(candidates), n=1, cutoff=0.85)), ""
    )
    return [near] if near in candidates and near not in signatures.NOT_SENT else []
