"""The inputs of ``fit`` and ``tune`` as InputDataConfig.

Source: sagemaker 2.257.7, ``sagemaker.job`` and ``sagemaker.inputs``, and sagemaker-train 1.27.0, read and run.
"""

from __future__ import annotations

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.reasons import is_a
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
from hpolint.readers.python.sdk.nodes import BoundArguments, default, is_none, opaque, scalar, struct, to_node

UNKNOWN_CHANNEL = "is built from the inputs of `fit()`"


def channels(inputs: Value | None, span: Span, more: Unknown | None = None) -> Node | None:
    """The channels of version 2; None if there are none. ``more`` is the reason why there may be others."""
    if is_none(inputs):
        return more
    if isinstance(inputs, Mapping):
        return _named(inputs, more)
    if isinstance(inputs, Sequence):
        return unknown(UNKNOWN_CHANNEL, inputs.span)
    channel = _channel("training", inputs, span) if inputs is not None else None
    if channel is None:
        return unknown(UNKNOWN_CHANNEL, span)
    return Array([channel], channel.span, channel.anchor, more)


def _named(inputs: Mapping, more: Unknown | None) -> Array:
    """A dict's channels. One that may be absent, or is not a known input, leaves the list open."""
    found = Array([], inputs.span, inputs.span, inputs.open or more)
    for name, value in inputs.entries.items():
        place = inputs.keys.get(name, inputs.span)
        channel = None if isinstance(value, Maybe) else _channel(str(name), value, place)
        if channel is None and not isinstance(value, Maybe | Constant):
            channel = _unknown_channel(str(name), value, place)
        if channel is None:
            found.open = found.open or unknown("may have an unknown channel", place)
        else:
            found.items.append(channel)
    return found


def _unknown_channel(name: str, value: Value, place: Span) -> Struct:
    """A channel with the name of a dict's key and unknown members."""
    found = struct(place, ChannelName=Scalar(name, place))
    found.open = value if isinstance(value, Unknown) else opaque(value, place)
    return found


def _channel(name: str, value: Value, place: Span) -> Struct | None:
    """One channel; None if the value is not a known input."""
    found: Struct | None = None
    if isinstance(value, Instance) and value.escaped is None:
        kind = value.cls.rpartition(".")[2]
        if kind in ("TrainingInput", "s3_input"):
            found = _training_input(value)
        elif kind == "FileSystemInput":
            found = _file_system_input(value)
        elif kind in PARAMETERS:
            found = _s3_channel(unknown(is_a("a parameter of the pipeline"), value.span), value.span)
    elif is_text(value) and not (isinstance(value, Constant) and not str(value.value).startswith("s3://")):
        found = _s3_channel(scalar(value), span_of(value) or place)
    if found is not None:
        found.members["ChannelName"], found.anchor = Scalar(name, place), place
    return found


PARAMETERS = ("ParameterString", "Join")


def is_text(value: Value) -> bool:
    """Whether a value is a string, known or partly known."""
    if isinstance(value, Constant):
        return isinstance(value.value, str)
    return isinstance(value, Unknown) and bool(value.pieces)


def _s3_channel(uri: Node | None, span: Span) -> Struct:
    """A channel with only an address, and the SDK's defaults."""
    source = struct(
        span,
        S3DataType=default("S3Prefix", span),
        S3Uri=uri,
        S3DataDistributionType=default("FullyReplicated", span),
    )
    return struct(span, DataSource=struct(span, S3DataSource=source))


def _training_input(value: Instance) -> Struct:
    given = BoundArguments(value.arguments, signatures.TRAINING_INPUT, None, value).value
    span = value.span
    distribution = scalar(given("distribution"))
    if distribution is None and is_none(given("target_attribute_name")):
        distribution = default("FullyReplicated", span)
    source = struct(
        span,
        S3DataType=scalar(given("s3_data_type")) or default("S3Prefix", span),
        S3Uri=scalar(given("s3_data")),
        S3DataDistributionType=distribution,
        InstanceGroupNames=to_node(given("instance_groups"), span),
        AttributeNames=to_node(given("attribute_names"), span),
    )
    shuffled = given("shuffle_config")
    return struct(
        span,
        DataSource=struct(span, S3DataSource=source),
        CompressionType=scalar(given("compression")),
        ContentType=scalar(given("content_type")),
        RecordWrapperType=scalar(given("record_wrapping")),
        InputMode=scalar(given("input_mode")),
        ShuffleConfig=None if shuffled is None else unknown("is built from `shuffle_config`", span),
    )


def _file_system_input(value: Instance) -> Struct:
    given = BoundArguments(value.arguments, signatures.FILE_SYSTEM_INPUT, None, value).value
    span = value.span
    source = struct(
        span,
        FileSystemId=scalar(given("file_system_id")),
        FileSystemType=scalar(given("file_system_type")),
        DirectoryPath=scalar(given("directory_path")),
        FileSystemAccessMode=scalar(given("file_system_access_mode")) or default("ro", span),
    )
    return struct(span, DataSource=struct(span, FileSystemDataSource=source), ContentType=scalar(given("content_type")))


def tune_channels(inputs: Value | None, span: Span) -> Node | None:
    """The channels of version 3, for a trainer without channels of its own."""
    if is_none(inputs):
        return None
    if isinstance(inputs, Mapping):
        return _named(inputs, None)
    if inputs is not None and is_text(inputs):
        channel = _channel("training", inputs, span)
        return (
            Array([channel], span, span)
            if channel is not None
            else unknown("is built from the inputs of `tune()`", span)
        )
    if not isinstance(inputs, Sequence):
        return unknown("is built from the inputs of `tune()`", span)
    found = Array([], inputs.span, inputs.span, inputs.open)
    for item in inputs.items:
        channel = _input_data(item)
        if channel is None:
            found.open = found.open or unknown("may have an unknown channel", span_of(item) or span)
        else:
            found.items.append(channel)
    return found


def _input_data(value: Value) -> Struct | None:
    """The channel of an ``InputData``; None if its address or name is unknown."""
    if not isinstance(value, Instance) or value.escaped is not None or not value.cls.endswith(".InputData"):
        return None
    given = BoundArguments(value.arguments, (), None, value).value
    source, name = given("data_source"), scalar(given("channel_name"))
    if source is None or not is_text(source) or name is None:
        return None
    found = _s3_channel(scalar(source), value.span)
    found.members["ChannelName"] = name
    content = scalar(given("content_type"))
    if content is not None:
        found.members["ContentType"] = content
    return found
