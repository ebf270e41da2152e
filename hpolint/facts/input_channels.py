"""The input channels of a training job definition, and what Amazon's own algorithm makes of them.

An algorithm is held to its channels only where its image is in one of Amazon's registries and certainly runs no script.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint.facts.algorithm import algorithm_in_algorithm_mode, image_repository
from hpolint.facts.algorithm_data import Algorithm
from hpolint.facts.channel_data import Pairs, trained_on
from hpolint.facts.output import beginning
from hpolint.facts.typed_values import array, first_unknown, lifted, read, required
from hpolint.model.node import Path, Struct, Unknown

AUGMENTED = "AugmentedManifestFile"


class InputsFacts(msgspec.Struct, frozen=True):
    """``inputs``: the input channels of one training job definition.

    ``lacking`` and ``extra`` are known only for an image of Amazon's own algorithm that certainly runs no script, and
    for a list of channels that is wholly known.
    """

    names: list[str] | Unknown
    """The names of the channels, in the order of the request."""
    lacking: list[str] | Unknown | None
    """The channels that the algorithm requires and the definition lacks; null for any other image."""
    extra: list[str] | Unknown | None
    """The channels that the algorithm refuses by their names; null for any other image, and for an algorithm that is
    not known to refuse any."""
    trained_on: str | Unknown | None
    """The channel of validation or test data that the objective's name or expression speaks of, if it certainly has
    the data of the training channel, and so have the channels that belong to the two, such as those of labels. Null if
    there is no such channel, or its data differs."""


class InputFacts(msgspec.Struct, frozen=True):
    """``input``: one input channel, and what the definition's algorithm makes of it.

    The facts about the algorithm are known only for an image of Amazon's that certainly runs no script.
    """

    mode: str | Unknown
    """The channel's own ``InputMode``, or else the definition's ``TrainingInputMode``."""
    type: str | Unknown | None
    """The content type in lower case and without parameters: ``text/csv`` of ``text/csv; label_size=0``. Null if the
    channel has none."""
    type_refused: bool | Unknown | None
    """Whether the algorithm refuses this content type in this mode, or the one that it assumes; null if that is not
    known."""
    types: str | None
    """All content types that the algorithm accepts in this mode, with commas; null if it may accept others."""
    assumed_type: str | Unknown | None
    """The content type that the algorithm assumes for a channel without one; null if that is not known."""
    mode_refused: bool | Unknown | None
    """Whether the algorithm cannot read a channel in this mode; null if that is not known."""
    unlabelled: bool | Unknown
    """Whether the channel is training data without labels, which CSV has to say."""
    file: str | Unknown | None
    """The end of the S3 address, from its last dot: ``.csv``. Null if it has none, and without an S3 address."""
    address: str | Unknown | None
    """How the S3 address begins: ``s3://``, ``https://``, or ``s3://s3://``. Null if it begins otherwise."""


def inputs_facts(request: Struct, definition: Path, same: Pairs = frozenset()) -> InputsFacts:
    """The facts of the definition at a path of the request.

    ``same`` are the pairs of names of channels that a reader knows to have the same data, whatever it is.
    """
    names = _names(request, definition)
    algorithm = algorithm_in_algorithm_mode(request, definition)
    facts = InputsFacts(names, None, None, trained_on(request, definition, same))
    unknown = first_unknown(algorithm, names)
    if unknown is not None:
        return replace(facts, lacking=unknown, extra=unknown)
    if not isinstance(algorithm, Algorithm) or isinstance(names, Unknown) or not algorithm.channels:
        return facts
    lacking, extra = _lacking(request, definition, algorithm, names), _extra(request, definition, names)
    return replace(facts, lacking=lacking, extra=extra)


def input_facts(request: Struct, definition: Path, channel: Path) -> InputFacts:
    """The facts of the channel at a path of the request, which belongs to the definition."""
    mode = _mode(request, definition, channel)
    content_type = _content_type(request, channel)
    facts = InputFacts(
        mode=mode,
        type=content_type,
        type_refused=None,
        types=None,
        assumed_type=None,
        mode_refused=None,
        unlabelled=False,
        file=_file_ending(request, channel),
        address=beginning(request, (*channel, "DataSource", "S3DataSource", "S3Uri")),
    )
    algorithm = algorithm_in_algorithm_mode(request, definition)
    if isinstance(algorithm, Unknown):
        return replace(
            facts, type_refused=algorithm, assumed_type=algorithm, mode_refused=algorithm, unlabelled=algorithm
        )
    if algorithm is None:
        return facts
    name = read(request, (*channel, "ChannelName"), str)
    facts = replace(
        facts,
        mode_refused=_is_mode_refused(algorithm, mode),
        unlabelled=name if isinstance(name, Unknown) else name in algorithm.unlabelled_channels,
    )
    return _with_types(facts, algorithm, name, _repository(request, definition))


def _repository(request: Struct, definition: Path) -> str | Unknown | None:
    image = read(request, (*definition, "AlgorithmSpecification", "TrainingImage"), str)
    return None if image is None else image_repository(image)


def _names(request: Struct, definition: Path) -> list[str] | Unknown:
    channels = array(request, (*definition, "InputDataConfig"))
    if channels is None or isinstance(channels, Unknown):
        return channels or []
    names: list[str] = []
    for path in _paths(request, definition):
        name = required(request, (*path, "ChannelName"), str)
        if isinstance(name, Unknown):
            return name
        names.append(name)
    return names


def _paths(request: Struct, definition: Path) -> Iterator[Path]:
    """The paths of the known channels."""
    channels = array(request, (*definition, "InputDataConfig"))
    if channels is None or isinstance(channels, Unknown):
        return
    for index in range(len(channels.items)):
        yield (*definition, "InputDataConfig", index)


def _lacking(request: Struct, definition: Path, algorithm: Algorithm, names: list[str]) -> list[str] | Unknown:
    lacking = [name for name in algorithm.channels["required"] if name not in names]
    companions: dict[str, str] = algorithm.channels.get("companions", {})
    for path in _paths(request, definition):
        name = read(request, (*path, "ChannelName"), str)
        companion = companions.get(name) if isinstance(name, str) else None
        if companion is None or companion in names:
            continue
        is_needed = _needs_companion(request, definition, path, algorithm)
        if isinstance(is_needed, Unknown):
            return is_needed
        if is_needed:
            lacking.append(companion)
    return lacking


def _needs_companion(request: Struct, definition: Path, channel: Path, algorithm: Algorithm) -> bool | Unknown:
    """Whether a channel holds single images, whose labels lie in a channel beside it."""
    kind = read(request, (*channel, "DataSource", "S3DataSource", "S3DataType"), str)
    return _is_without_labels(
        kind or "",
        _mode(request, definition, channel),
        _content_type(request, channel) or "",
        tuple(algorithm.channels.get("companion_types", ())),
    )


@lifted
def _is_without_labels(kind: str, mode: str, content_type: str, types: tuple[str, ...]) -> bool:
    if kind == AUGMENTED or mode != "File":
        return False
    return not types or content_type in types


def _extra(request: Struct, definition: Path, names: list[str]) -> list[str] | Unknown | None:
    repository = _repository(request, definition)
    algorithm = algorithm_in_algorithm_mode(request, definition)
    if isinstance(repository, Unknown) or not isinstance(algorithm, Algorithm):
        return None
    if repository not in algorithm.channels.get("closed", ()):
        return None
    return [name for name in names if name not in algorithm.channel_names]


def _mode(request: Struct, definition: Path, channel: Path) -> str | Unknown:
    own = read(request, (*channel, "InputMode"), str)
    if own is not None:
        return own
    mode = read(request, (*definition, "AlgorithmSpecification", "TrainingInputMode"), str)
    return "File" if mode is None else mode


def _content_type(request: Struct, channel: Path) -> str | Unknown | None:
    content_type = read(request, (*channel, "ContentType"), str)
    if content_type is None or isinstance(content_type, Unknown):
        return content_type
    return content_type.partition(";")[0].strip().lower()


def _file_ending(request: Struct, channel: Path) -> str | Unknown | None:
    address = read(request, (*channel, "DataSource", "S3DataSource", "S3Uri"), str)
    if not isinstance(address, Unknown):
        return None if address is None else _ending(address)
    last_piece = address.pieces[-1] if address.pieces else None
    ending = None if last_piece is None else _ending(last_piece)
    return address if ending is None else ending


def _ending(address: str) -> str | None:
    name = address.rpartition("/")[2]
    return f".{name.rpartition('.')[2].lower()}" if "." in name else None


@lifted
def _is_mode_refused(algorithm: Algorithm, mode: str) -> bool | None:
    modes = algorithm.modes
    return mode not in modes if modes and mode in ("File", "Pipe") else None


def _with_types(
    facts: InputFacts, algorithm: Algorithm, name: str | Unknown | None, repository: str | Unknown | None
) -> InputFacts:
    """The facts with those about the content type."""
    types = algorithm.content_types
    unknown = first_unknown(name, repository)
    if unknown is not None:
        return replace(facts, type_refused=unknown)
    if name not in types.get("channels", ()) or repository not in types.get("images", (repository,)):
        return facts
    assumed: str | None = types.get("assumed")
    content_type = assumed if facts.type is None else facts.type
    refused = None if content_type is None else _is_type_refused(algorithm, content_type, facts.mode)
    return replace(facts, type_refused=refused, types=_types_in_words(types, facts.mode), assumed_type=assumed)


def _types_in_words(types: dict[str, Any], mode: str | Unknown) -> str | None:
    """All content types that are accepted in a mode; None if others may be."""
    accepted: list[str] = types.get("accepted", [])
    if mode == "Pipe":
        accepted = [content_type for content_type in accepted if content_type not in types.get("not_piped", ())]
    return ", ".join(accepted) or None


@lifted
def _is_type_refused(algorithm: Algorithm, content_type: str, mode: str) -> bool | None:
    types = algorithm.content_types
    if "accepted" not in types:
        return True if content_type in types["refused"] else None
    if mode == "Pipe" and content_type in types["not_piped"]:
        return True
    return content_type not in types["accepted"]
