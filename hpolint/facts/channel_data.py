"""Channels with the same data: whether a job measures its objective on the data that its trials are fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from hpolint.facts.objective import measured_phase
from hpolint.facts.phases import PHASES, words_of
from hpolint.facts.typed_values import first_unknown, unseen
from hpolint.model.node import Array, Node, Path, Scalar, Struct, Unknown, child, follow, plain, text_of
from hpolint.model.reasons import Kind

Pairs: TypeAlias = frozenset[tuple[str, str]]
"""Pairs of names of channels."""

OF_READING = ("S3DataDistributionType", "FileSystemAccessMode")
"""Members of a data source that say how a channel's data is read or shared, not which data it is."""


class _Channel(msgspec.Struct):
    """A channel: its name, the phase that it is named after, and the rest of its name, as ``annotation``."""

    name: str
    phase: str | None
    rest: tuple[str, ...]
    node: Struct


def trained_on(request: Struct, definition: Path, same: Pairs) -> str | Unknown | None:
    """The fact ``trained_on``. ``same`` are pairs of channels that are known to have the same data."""
    phase = measured_phase(request, definition)
    if phase is None or isinstance(phase, Unknown):
        return phase
    inputs = follow(request, (*definition, "InputDataConfig"))
    training, evaluating = _of_phase(inputs, "training"), _of_phase(inputs, phase)
    if () not in training or evaluating.keys() != training.keys():
        return unseen(inputs, Kind.CODE_CHANNEL)
    results = [_is_same(training[rest], channel, same) for rest, channel in evaluating.items()]
    if not all(results):
        return None
    return first_unknown(*results) or evaluating[()].name


def _of_phase(inputs: Node | None, phase: str) -> dict[tuple[str, ...], _Channel]:
    """The channels that are named after a phase, by the rest of their names."""
    return {channel.rest: channel for channel in _channels(inputs) if channel.phase == phase}


def _channels(inputs: Node | None) -> Iterator[_Channel]:
    """The channels with a known name."""
    for item in inputs.items if isinstance(inputs, Array) else ():
        name = text_of(child(item, "ChannelName"))
        if name is None or not isinstance(item, Struct):
            continue
        words = words_of(name)
        phases = [PHASES[word] for word in words if word in PHASES]
        rest = tuple(word for word in words if word not in PHASES)
        yield _Channel(name, phases[0] if len(phases) == 1 else None, rest, item)


def _is_same(one: _Channel, other: _Channel, same: Pairs) -> bool | Unknown:
    """Whether two channels have the same data, in the same format."""
    if (one.name, other.name) in same or (other.name, one.name) in same:
        return True
    data, others = _data(one.node), _data(other.node)
    doubt: Unknown | None = None
    for member in sorted(data.keys() | others.keys()):
        is_equal = _is_equal(data.get(member), others.get(member))
        if is_equal is False:
            return False
        if isinstance(is_equal, Unknown):
            doubt = doubt or is_equal
    return True if doubt is None else doubt


def _data(channel: Struct) -> dict[str, Node | None]:
    """The members of a channel and its source that decide which data it has, and in which format it is read.

    A channel without a source that is known has one that is unknown.
    """
    source = child(channel, "DataSource")
    members: dict[str, Node | None] = {"ContentType": child(channel, "ContentType")}
    if not isinstance(source, Struct):
        members["DataSource"] = source or Unknown("has no data source", channel.anchor)
        return members
    for kind, of_kind in source.members.items():
        known = of_kind.members if isinstance(of_kind, Struct) else {"": of_kind}
        members |= {f"{kind}.{name}": node for name, node in known.items() if name not in OF_READING}
    doubt = first_unknown(source.open, *(unseen(of_kind) for of_kind in source.members.values()))
    if doubt is not None:
        members["DataSource"] = doubt
    return members


def _is_equal(one: Node | None, other: Node | None) -> bool | Unknown:
    """Whether two values are equal; an Unknown if that is not known."""
    unknown = first_unknown(one, other)
    if unknown is not None:
        return False if _end_differently(one, other) else unknown
    if isinstance(one, Array) and isinstance(other, Array):
        doubt = first_unknown(one.open, other.open, *one.items, *other.items)
        return plain(one) == plain(other) if doubt is None else doubt
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.value == other.value
    return one is None and other is None


def _end_differently(one: Node | None, other: Node | None) -> bool:
    """Whether two strings certainly differ because their known ends do."""
    end, other_end = _end(one), _end(other)
    return not end.endswith(other_end) and not other_end.endswith(end)


def _end(value: Node | None) -> str:
    """The known end of a string; empty if it is unknown."""
    if not isinstance(value, Unknown):
        return text_of(value) or ""
    last = value.pieces[-1] if value.pieces else None
    return last or ""
