"""The values of a hyperparameter that the constructor which receives them refuses, by the version in the image."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hpolint.data.constructor_combinations import is_combined, refused_texts
from hpolint.data.constructor_limits import LIBRARIES, Library, library_of
from hpolint.facts.algorithm import algorithm_facts
from hpolint.facts.argument import matching_option, values_sent
from hpolint.facts.image_address import known_tag
from hpolint.facts.space import TunedParameter
from hpolint.facts.typed_values import first_unknown, read
from hpolint.model.node import Node, Path, Struct, Unknown
from hpolint.model.training_script import Option, Receiver, Script, Site

IMAGE = ("AlgorithmSpecification", "TrainingImage")
EDGE = 0.01
"""The part of a continuous range at each end whose values are not tried: the end alone is hardly ever drawn."""

CONVERSIONS: dict[str, type[int] | type[float]] = {"int": int, "float": float}
Number = int | float


class ReceiverFacts(msgspec.Struct, frozen=True):
    """``receiver``: the constructor of a library that certainly receives the hyperparameter's value.

    It is known for scikit-learn, PyTorch's optimizers and XGBoost in Amazon's own images, for a script that passes the
    value on unchanged, and for which nothing installs another version.
    """

    refused: str | Unknown | None = None
    """A value of the range, or the static value, for which the constructor, or its ``fit``, raises an error; null if
    there is none, or if none is known."""
    count: int | Unknown | None = None
    """How many values of the range it refuses; null for a continuous range and for a static value."""
    of: int | Unknown | None = None
    """How many values the range has."""
    constructor: str | None = None
    """The name of the constructor or function: ``DecisionTreeClassifier``, ``SGD``, ``train``."""
    parameter: str | None = None
    """Its parameter, or the item of one: ``min_samples_split``, ``betas[0]``."""
    library: str | Unknown | None = None
    """The library with its version in the image: ``scikit-learn 1.2.1``, ``PyTorch 2.1``."""


NO_RECEIVER = ReceiverFacts()


class Limits(msgspec.Struct, frozen=True):
    """What a version of a library answered about one parameter: the tried numbers, and what it refused."""

    library: str
    tried: list[Number]
    refused: list[Number]
    texts: list[str]


def receiver_facts(
    request: Struct,
    definition: Path,
    name: str | Unknown,
    values_of: TunedParameter | Node,
    script: Script | Unknown | None,
) -> ReceiverFacts:
    """The facts of one hyperparameter of the definition at a path of the request."""
    if script is None or isinstance(name, Unknown):
        return NO_RECEIVER
    if isinstance(script, Unknown):
        repository = algorithm_facts(request, definition).repository
        has_library = any(repository in library.repositories for library in LIBRARIES.values())
        return _unknown(script) if has_library else NO_RECEIVER
    received = _received(script, name)
    if received is None:
        return NO_RECEIVER
    version = version_in_image(library_of(received[1].constructor), request, definition)
    return _judged(values_of, *received, version)


def _judged(
    values_of: TunedParameter | Node, option: Option, receiver: Receiver, version: str | Unknown | None
) -> ReceiverFacts:
    """The facts of the values that a constructor certainly receives."""
    texts = values_sent(values_of, EDGE)
    if isinstance(version, Unknown) or isinstance(texts, Unknown):
        return _unknown(first_unknown(version, texts))  # type: ignore[arg-type]
    limits = None if version is None else _limits(receiver, version)
    if limits is None or not texts:
        return NO_RECEIVER
    facts = _facts(texts, option, receiver, limits)
    is_counted = isinstance(values_of, TunedParameter) and values_of.kind != "continuous"
    return facts if is_counted else replace(facts, count=None, of=None)


def version_in_image(library: Library, request: Struct, definition: Path) -> str | Unknown | None:
    """The version of a library in Amazon's image; None if it is another image, or if there is no data about it."""
    algorithm = algorithm_facts(request, definition)
    if isinstance(algorithm.repository, Unknown):
        return algorithm.repository
    if algorithm.repository not in library.repositories or algorithm.amazons is False:
        return None
    if isinstance(algorithm.amazons, Unknown):
        return algorithm.amazons
    tag = known_tag(read(request, (*definition, *IMAGE), str))
    for beginning, version in library.versions.items():
        if f"{tag}-".startswith(f"{beginning}-"):
            return version
    return algorithm.tag if isinstance(algorithm.tag, Unknown) else None


def _facts(texts: list[str], option: Option, receiver: Receiver, limits: Limits) -> ReceiverFacts:
    """The facts of some values, which are counted."""
    refused = [text for text in texts if _is_refused_text(text, option, receiver, limits)]
    return ReceiverFacts(
        refused=refused[0] if refused else None,
        count=len(refused),
        of=len(texts),
        constructor=receiver.constructor.rpartition(".")[2],
        parameter=receiver.parameter,
        library=limits.library,
    )


def _unknown(why: Unknown) -> ReceiverFacts:
    return ReceiverFacts(refused=why, count=why, of=why, library=why)


def receiver_sites(name: str, script: Script) -> list[tuple[Site, str]]:
    """Where the constructor receives a hyperparameter."""
    received = _received(script, name)
    if received is None:
        return []
    _, receiver = received
    return [(receiver.site, f"`{receiver.parameter}`")]


def _received(script: Script, name: str) -> tuple[Option, Receiver] | None:
    """The option that a hyperparameter sets, and the first constructor with data that receives it; None without one."""
    if script.arguments.elsewhere is not None or script.arguments.unread is not None:
        return None
    match = matching_option(script.arguments, name)
    if match is None:
        return None
    _, option = match
    receivers = [receiver for receiver in option.receivers if _is_limited(receiver)]
    return (option, receivers[0]) if receivers else None


def _is_limited(receiver: Receiver) -> bool:
    """Whether there may be data about a parameter."""
    parameters = library_of(receiver.constructor).parameters(receiver.constructor)
    return receiver.parameter in parameters or is_combined(receiver.constructor, receiver.parameter)


def _limits(receiver: Receiver, version: str) -> Limits | None:
    """What a parameter refuses in a version of its library; None if it was not asked."""
    library = library_of(receiver.constructor)
    data = library.limits
    texts = refused_texts(receiver.constructor, receiver.parameter, version)
    place = list(dict.fromkeys(data["versions"].values())).index(version)
    indices = library.parameters(receiver.constructor).get(receiver.parameter)
    index = None if indices is None else indices[place]
    if index is None and not texts:
        return None
    refused = [] if index is None else data["refused"][index]
    return Limits(f"{library.title} {version}", data["tried"], refused, texts)


def _is_refused_text(text: str, option: Option, receiver: Receiver, limits: Limits) -> bool:
    """Whether the constructor refuses what it gets for a text."""
    if option.type == "str" and not receiver.conversion:
        return is_plain(option) and text in limits.texts
    return _is_refused(_passed_number(text, option, receiver), limits)


def is_plain(option: Option) -> bool:
    """Whether an option stores one value, whose type is known."""
    is_known = not option.is_open and option.type in ("str", *CONVERSIONS)
    return is_known and option.action == "store" and option.nargs is None


def _is_refused(number: Number | None, limits: Limits) -> bool:
    """Whether a number is refused, as its neighbours among the tried numbers of its type are."""
    if number is None:
        return False
    tried = [probe for probe in limits.tried if type(probe) is type(number)]
    refused = [probe for probe in limits.refused if type(probe) is type(number)]
    return all(probe in refused for probe in _neighbours(number, tried))


def _neighbours(number: Number, tried: list[Number]) -> list[Number]:
    """The tried numbers next to a number: itself, or one on each side, or the two at the end."""
    if number in tried:
        return [number]
    below = [probe for probe in tried if probe < number]
    above = [probe for probe in tried if probe > number]
    return [below[-1], above[0]] if below and above else (below[-2:] or above[:2])


def _passed_number(text: str, option: Option, receiver: Receiver) -> Number | None:
    """The number that a constructor gets for a text; None if it gets no number."""
    steps = [kind for kind in (option.type, receiver.conversion) if kind not in ("", "str")]
    if not steps or not set(steps) <= CONVERSIONS.keys():
        return None
    value: str | Number = text
    try:
        for kind in steps:
            value = CONVERSIONS[kind](value)
    except ValueError:
        return None
    return value if isinstance(value, int | float) else None
