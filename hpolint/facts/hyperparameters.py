"""The hyperparameters that a training job definition sends to its container: tuned and static ones."""

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

SDK_PREFIX = "sagemaker_"
"""The prefix of the names that the SDK and the toolkit reserve."""

MIN_SIMILARITY = 0.75
"""Similarity (0 to 1) from which another name is suggested."""


class HyperparametersFacts(msgspec.Struct, frozen=True):
    """``hyperparameters``: the hyperparameters that one training job definition sends."""

    tuned: list[str] | Unknown
    """The names of the tuned hyperparameters, in the order of the request."""
    static: list[str] | Unknown
    """The names of the static hyperparameters, without those that the SDK adds for a framework's own use."""
    lacking: list[str] | Unknown | None
    """The names that one of Amazon's algorithms requires and the definition does not send; null for any other
    algorithm."""
    meant: str | Unknown | None
    """A name that is sent, is not one of the algorithm's, and resembles one in ``lacking``; null if there is none."""


class HyperparameterFacts(msgspec.Struct, frozen=True):
    """``hyperparameter``: one hyperparameter that a definition sends."""

    Name: str
    """Its name."""
    tuned: bool
    """Whether it is tuned; otherwise it is static."""
    fixed: bool | Unknown
    """Whether it is tuned and also has a static value."""
    repeated: bool | Unknown
    """Whether an earlier range of the same definition has the same name."""
    taken: bool | Unknown | None
    """Whether the algorithm's version in the image accepts it; null if that is not known."""
    near: str | None
    """If it is not accepted: the most similar name in the algorithm's documentation. Null otherwise."""


class Names(msgspec.Struct, frozen=True):
    """The names that one definition sends, or the Unknown that they depend on."""

    tuned: list[str] | Unknown
    static: list[str] | Unknown

    @property
    def all(self) -> set[str] | Unknown:
        """The tuned and the static names."""
        if isinstance(self.static, Unknown):
            return self.static
        return self.tuned if isinstance(self.tuned, Unknown) else {*self.tuned, *self.static}


def sent_names(request: Struct, definition: Path, sets: list[RangeSet]) -> Names:
    """The names of the hyperparameters that a definition sends, without those that only the SDK adds."""
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
    """The name of a range; Unknown if it has none."""
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
    """The facts ``lacking`` and ``meant``."""
    if isinstance(algorithm, Unknown):
        return algorithm, algorithm
    if algorithm is None or not algorithm.required:
        return None, None
    if isinstance(sent, Unknown):
        return sent, sent
    lacking = [name for name in algorithm.required if name not in sent]
    unknown_names = sorted(sent.difference(algorithm.hyperparameters))
    matches = (get_close_matches(name, unknown_names, n=1, cutoff=MIN_SIMILARITY) for name in lacking)
    return lacking, next((found[0] for found in matches if found), None)


class Hyperparameters:
    """The facts of each of one definition's hyperparameters."""

    def __init__(self, request: Struct, definition: Path) -> None:
        self._static = follow(request, (*definition, "StaticHyperParameters"))
        self._algorithm = known_algorithm(request, definition)
        self._names = _accepted_names(self._algorithm, read(request, (*definition, *IMAGE), str))
        self._former_names: set[str] = set()
        self._unnamed: Unknown | None = None

    def facts(self, name: str, range_: TunedParameter | None) -> HyperparameterFacts:
        """The facts of one hyperparameter. Call it for tuned hyperparameters in the order of the request."""
        taken = self._is_taken(name)
        near = self._near(name) if taken is False else None
        found = HyperparameterFacts(name, range_ is not None, False, False, taken, near)
        if range_ is None:
            return found
        repeated = name in self._former_names or self._unnamed or False
        self._former_names.add(name)
        return replace(found, fixed=self._is_fixed(name), repeated=repeated)

    def skip_unnamed(self, name: Unknown) -> None:
        """Note a range with an unknown name: the ranges after it may have the same name."""
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
        return most_similar(name, self._algorithm) if isinstance(self._algorithm, Algorithm) else None


def _accepted_names(
    algorithm: Algorithm | Unknown | None, image: str | Unknown | None
) -> frozenset[str] | Unknown | None:
    """The names that the algorithm's version accepts; None if they are not known."""
    if not isinstance(algorithm, Algorithm) or image is None:
        return algorithm if isinstance(algorithm, Unknown) else None
    repository, tag = image_repository(image), image_tag(image)
    if isinstance(repository, Unknown) or not algorithm.has_versions(repository):
        return None
    return tag if isinstance(tag, Unknown) else algorithm.accepted_names(repository, tag)


def most_similar(name: str, algorithm: Algorithm) -> str | None:
    """The algorithm's hyperparameter with the most similar name; None if none is similar."""
    normalized = {each.replace("-", "_").lower(): each for each in algorithm.hyperparameters}
    found = get_close_matches(name.replace("-", "_").lower(), normalized, n=1, cutoff=MIN_SIMILARITY)
    return normalized[found[0]] if found else None
