"""The inputs of ``fit`` and ``tune`` as InputDataConfig.

Source: sagemaker 2.257.7, ``sagemaker.job`` and ``sagemaker.inputs``, and sagemaker-train 1.27.0, read and run.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.observations import SameInput
from hpolint.model.reasons import Kind, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.values import (
    Constant,
    Instance,
    Mapping,
    Maybe,
    Sequence,
    Value,
    is_text,
    span_of,
    text_of,
    unknown,
)
from hpolint.readers.python.sdk import signatures
from hpolint.readers.python.sdk.nodes import arguments_of, default, is_none, opaque, scalar, struct, to_node

OLD_TRAINING_INPUT = "s3_input"
"""The class of version 1 for a ``TrainingInput``. Source: sagemaker 1.72.1, ``sagemaker.inputs``."""

OLD_PARAMETERS = tuple(name for name in signatures.TRAINING_INPUT if name != "instance_groups")
"""Its parameters: those of version 2 without one that version 2 inserts."""

UNKNOWN_CHANNEL = "is built from the inputs of `fit()`"


def channels(inputs: Value | None, span: Span, more: Unknown | None = None) -> Node | None:
    """The channels of version 2; None if there are none. ``more`` is the reason why there may be others."""
    if inputs is None or is_none(inputs):
        return more
    if isinstance(inputs, Mapping):
        return _named(inputs, more)
    if isinstance(inputs, Sequence):
        return unknown(UNKNOWN_CHANNEL, inputs.span)
    channel = _channel("training", inputs, span)
    if channel is None:
        return unknown(UNKNOWN_CHANNEL, span)
    return Array([channel], channel.span, channel.anchor, more)


def _named(inputs: Mapping, more: Unknown | None) -> Array:
    """A dict's channels. One that may be absent, or is not a known input, leaves the list open."""
    array = Array([], inputs.span, inputs.span, inputs.open or more)
    for name, value in inputs.entries.items():
        place = inputs.place(name)
        channel: Struct | None = None
        if not isinstance(value, Maybe):
            channel = _channel(str(name), value, place)
            if channel is None and not isinstance(value, Constant):
                channel = struct(place, ChannelName=Scalar(str(name), place))
                channel.open = opaque(value, place)
        _add_channel(array, channel, place)
    return array


def _add_channel(array: Array, channel: Struct | None, place: Span) -> None:
    """Add a channel to a list; None leaves the list open."""
    if channel is None:
        array.open = array.open or unknown("may have an unknown channel", place)
    else:
        array.items.append(channel)


def _channel(name: str, value: Value, place: Span) -> Struct | None:
    """One channel; None if the value is not a known input."""
    channel: Struct | None = None
    text = text_of(value)
    if isinstance(value, Instance) and value.escaped is None:
        channel = _of_object(value)
    elif is_text(value) and (text is None or text.startswith("s3://")):
        channel = _s3_channel(scalar(value), span_of(value) or place)
    if channel is not None:
        channel.members["ChannelName"], channel.anchor = Scalar(name, place), place
    return channel


def _of_object(value: Instance) -> Struct | None:
    if value.class_name in ("TrainingInput", OLD_TRAINING_INPUT):
        return _training_input(value)
    if value.class_name == "FileSystemInput":
        return _file_system_input(value)
    if value.class_name in PARAMETERS:
        return _s3_channel(unknown(is_a("a parameter of the pipeline"), value.span), value.span)
    return None


PARAMETERS = ("ParameterString", "Join")


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
    is_old = value.class_name == OLD_TRAINING_INPUT
    given, span = arguments_of(value, OLD_PARAMETERS if is_old else signatures.TRAINING_INPUT).value, value.span
    distribution = scalar(given("distribution"))
    if distribution is None and given("target_attribute_name") is None:
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
    given, span = arguments_of(value, signatures.FILE_SYSTEM_INPUT).value, value.span
    source = struct(
        span,
        FileSystemId=scalar(given("file_system_id")),
        FileSystemType=scalar(given("file_system_type")),
        DirectoryPath=scalar(given("directory_path")),
        FileSystemAccessMode=scalar(given("file_system_access_mode")) or default("ro", span),
    )
    return struct(span, DataSource=struct(span, FileSystemDataSource=source), ContentType=scalar(given("content_type")))


SAME_DATA = ("s3_data", "s3_data_type", "attribute_names", "content_type", "instance_groups")
"""The arguments of a ``TrainingInput`` that decide which data a channel has, and what is read from it."""


def same_inputs(inputs: Value | None) -> Iterator[tuple[Span, SameInput]]:
    """The pairs of channels of a dict that certainly have the same data because they get one value."""
    if not isinstance(inputs, Mapping):
        return
    for (first, value), (second, other) in combinations(inputs.entries.items(), 2):
        if _is_same_input(value, other):
            yield inputs.place(second), SameInput(str(first), str(second))


def _is_same_input(value: Value, other: Value) -> bool:
    """Whether two channels get one value, or two inputs of the same data. An object that was changed is none."""
    if not isinstance(value, Instance) or not isinstance(other, Instance):
        return _is_one_value(value, other)
    if value.escaped is not None or other.escaped is not None:
        return False
    if value is other:
        return True
    if {value.class_name, other.class_name} != {"TrainingInput"}:
        return False
    given, others = (arguments_of(each, signatures.TRAINING_INPUT).value for each in (value, other))
    return all(_is_one_value(given(name), others(name)) for name in SAME_DATA)


def _is_one_value(value: Value | None, other: Value | None) -> bool:
    """Whether two arguments are certainly equal. Several values may share an Unknown that is no string or result."""
    if isinstance(value, Constant) and isinstance(other, Constant):
        return value.value == other.value
    if isinstance(value, Unknown) and not isinstance(value, Maybe):
        return value is other and (bool(value.pieces) or value.kind is Kind.RETURNED)
    return value is other and isinstance(value, Instance | None)


def tune_channels(inputs: Value | None, span: Span) -> Node | None:
    """The channels of version 3, for a trainer without channels of its own."""
    if inputs is None or is_none(inputs):
        return None
    if isinstance(inputs, Mapping):
        return _named(inputs, None)
    if isinstance(inputs, Sequence):
        array = Array([], inputs.span, inputs.span, inputs.open)
        for item in inputs.items:
            _add_channel(array, _input_data(item), span_of(item) or span)
        return array
    channel = _channel("training", inputs, span) if is_text(inputs) else None
    if channel is None:
        return unknown("is built from the inputs of `tune()`", span)
    return Array([channel], span, span)


def _input_data(value: Value) -> Struct | None:
    """The channel of an ``InputData``; None if its address or name is unknown."""
    if not isinstance(value, Instance) or value.escaped is not None or value.class_name != "InputData":
        return None
    given = arguments_of(value).value
    source, name = given("data_source"), scalar(given("channel_name"))
    if source is None or not is_text(source) or name is None:
        return None
    channel = _s3_channel(scalar(source), value.span)
    channel.members["ChannelName"] = name
    content = scalar(given("content_type"))
    if content is not None:
        channel.members["ContentType"] = content
    return channel
