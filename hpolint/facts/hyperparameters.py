"""What a training job definition sends its container: hyperparameters that are tuned, and those that are static."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec
from msgspec.structs import replace

from hpolint.facts.algorithm import image_repository, image_tag, known_algorithm
from hpolint.facts.algorithm_data import Algorithm
from hpolint.facts.space import RangeSet, TunedParameter
from hpolint.facts.typed_values import read
from hpolint.model.node import Node, Path, Scalar, Struct, Unknown, follow, is_text
from hpolint.model.reasons import SDK_ADDS

IMAGE = ("AlgorithmSpecification", "TrainingImage")

SDK_OWN = "sagemaker_"
"""How the names begin that the SDK and the toolkit keep for themselves."""

CLOSE = 0.75
"""From which likeness on another name is named."""


class HyperparametersFacts(msgspec.Struct, frozen=True):
    """``hyperparameters``: what one training job definition sends."""

    tuned: list[str] | Unknown
    """The names that are tuned, in the order of the request."""
    static: list[str] | Unknown
    """The names that have one value. What the SDK adds for a framework's own use is not among them."""
    lacking: list[str] | Unknown | None
    """What one of Amazon's algorithms requires and the definition does not send; null for any other algorithm."""
    meant: str | Unknown | None
    """A name that is sent, that the algorithm does not have, and that is like one that is lacking."""


class HyperparameterFacts(msgspec.Struct, frozen=True):
    """``hyperparameter``: one that a definition sends."""

    Name: str
    """Its name."""
    tuned: bool
    """Whether it is tuned; else it is static."""
    fixed: bool | Unknown
    """Of one that is tuned: whether it has a static value, too."""
    repeated: bool | Unknown
    """Whether an earlier range of the same definition has the name already."""
    taken: bool | Unknown | None
    """Whether the version of the algorithm that the image holds takes it; null where that is not known."""
    near: str | None
    """Of one that is not taken: the name that is likest among those that are."""


class Names(msgspec.Struct, frozen=True):
    """The names that one definition sends. What keeps them from being known is in their place."""

    tuned: list[str] | Unknown
    static: list[str] | Unknown

    @property
    def all(self) -> set[str] | Unknown:
        """Both."""
        if isinstance(self.static, Unknown):
            return self.static
        return self.tuned if isinstance(self.tuned, Unknown) else {*self.tuned, *self.static}


def sent_names(request: Struct, definition: Path, sets: list[RangeSet]) -> Names:
    """The names of the hyperparameters that a definition sends, but for the SDK's own."""
    return Names(_tuned(definition, sets), _static(request, definition))


def _static(request: Struct, definition: Path) -> list[str] | Unknown:
    static = follow(request, (*definition, "StaticHyperParameters"))
    if isinstance(static, Unknown):
        return static
    if not isinstance(static, Struct):
        return []
    if static.open is not None and static.open.reason != SDK_ADDS:
        return static.open
    return [name for name in static.members if is_text(name)]


def _tuned(definition: Path, sets: list[RangeSet]) -> list[str] | Unknown:
    names: list[str] = []
    for each in sets:
        if each.open is not None:
            return each.open
        for range_ in [range_ for range_ in each.ranges if range_.definition in (definition, None)]:
            name = range_name(range_.node)
            if isinstance(name, Unknown):
                return name
            names.append(name)
    return names


def range_name(node: Node) -> str | Unknown:
    """The name of a range."""
    name = node.members.get("Name", node.open) if isinstance(node, Struct) else node
    if isinstance(name, Scalar) and isinstance(name.value, str) and is_text(name.value):
        return name.value
    return name if isinstance(name, Unknown) else Unknown("has no name", node.span)


def hyperparameters_facts(request: Struct, definition: Path, sets: list[RangeSet]) -> HyperparametersFacts:
    """The facts of the definition at a path of the request."""
    names = sent_names(request, definition, sets)
    algorithm = known_algorithm(request, definition)
    lacking, meant = _lacking(algorithm, names.all)
    return HyperparametersFacts(names.tuned, names.static, lacking, meant)


def _lacking(
    algorithm: Algorithm | Unknown | None, sent: set[str] | Unknown
) -> tuple[list[str] | Unknown | None, str | Unknown | None]:
    """What is required and not sent, and what may be meant for it."""
    if isinstance(algorithm, Unknown):
        return algorithm, algorithm
    if algorithm is None or not algorithm.required:
        return None, None
    if isinstance(sent, Unknown):
        return sent, sent
    lacking = [name for name in algorithm.required if name not in sent]
    strange = sorted(sent.difference(algorithm.hyperparameters))
    alike = (get_close_matches(name, strange, n=1, cutoff=CLOSE) for name in lacking)
    return lacking, next((found[0] for found in alike if found), None)


class Hyperparameters:
    """One definition's hyperparameters, each asked for its facts."""

    def __init__(self, request: Struct, definition: Path) -> None:
        self._static = follow(request, (*definition, "StaticHyperParameters"))
        self._algorithm = known_algorithm(request, definition)
        self._names = _taken(self._algorithm, read(request, (*definition, *IMAGE), str))
        self._earlier: set[str] = set()
        self._unnamed: Unknown | None = None

    def facts(self, name: str, range_: TunedParameter | None) -> HyperparameterFacts:
        """The facts of one; those that are tuned are asked for in the order of the request."""
        taken = self._is_taken(name)
        near = self._near(name) if taken is False else None
        found = HyperparameterFacts(name, range_ is not None, False, False, taken, near)
        if range_ is None:
            return found
        repeated = name in self._earlier or self._unnamed or False
        self._earlier.add(name)
        return replace(found, fixed=self._is_fixed(name), repeated=repeated)

    def passes_over(self, name: Unknown) -> None:
        """A range whose name cannot be told: those behind it may have the same."""
        self._unnamed = self._unnamed or name

    def _is_fixed(self, name: str) -> bool | Unknown:
        static = self._static
        if isinstance(static, Unknown):
            return static
        if not isinstance(static, Struct) or name in static.members:
            return isinstance(static, Struct)
        return static.open if static.open is not None and static.open.reason != SDK_ADDS else False

    def _is_taken(self, name: str) -> bool | Unknown | None:
        return name in self._names if isinstance(self._names, frozenset) else self._names

    def _near(self, name: str) -> str | None:
        return near(name, self._algorithm) if isinstance(self._algorithm, Algorithm) else None


def _taken(algorithm: Algorithm | Unknown | None, image: str | Unknown | None) -> frozenset[str] | Unknown | None:
    """What the algorithm's version takes; None where that is not known of it."""
    if not isinstance(algorithm, Algorithm) or image is None:
        return algorithm if isinstance(algorithm, Unknown) else None
    repository, tag = image_repository(image), image_tag(image)
    if isinstance(repository, Unknown) or not algorithm.has_versions(repository):
        return None
    return tag if isinstance(tag, Unknown) else algorithm.taken(repository, tag)


def near(name: str, algorithm: Algorithm) -> str | None:
    """The algorithm's hyperparameter whose name is likest another; None where none is like it."""
    bare = {each.replace("-", "_").lower(): each for each in algorithm.hyperparameters}
    found = get_close_matches(name.replace("-", "_").lower(), bare, n=1, cutoff=CLOSE)
    return bare[found[0]] if found else None
