"""The hyperparameters that a training job definition sends to its container: tuned and static ones."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from hpolint.facts.algorithm import image_algorithm, image_repository, image_tag, known_algorithm
from hpolint.facts.algorithm_data import Algorithm, version_order
from hpolint.facts.hyperparameter_values import (
    AcceptedValues,
    Need,
    Refusal,
    accepted_values,
    range_refusal,
    static_refusal,
    unmet_need,
)
from hpolint.facts.range import shown
from hpolint.facts.space import RangeSet, TunedParameter
from hpolint.facts.typed_values import read
from hpolint.model.node import Node, Path, Scalar, Struct, Unknown, follow, is_text
from hpolint.model.reasons import Kind

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


CONTAINER_FOLDER = "/opt/ml/"


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
    """Whether the algorithm's version in the image accepts it; null if that is not known. If the image runs a script,
    this is known of tuned hyperparameters only, whose names the service checks there too."""
    near: str | None
    """If it is not accepted: the most similar name in the algorithm's documentation. Null otherwise."""
    tunable: bool | Unknown | None = None
    """If it is tuned and one of the algorithm's: whether AWS lists it as tunable. Null if that is not known, or if
    pages of AWS differ."""
    tuning_refused: bool | Unknown | None = None
    """If AWS does not list it as tunable: whether a source shows that the service refuses a job that tunes it."""
    refused: str | Unknown | None = None
    """A value of it that the algorithm does not accept; null if it accepts all, or if that is not known."""
    refused_always: bool | Unknown | None = None
    """If there is a refused value: whether the algorithm accepts none of the values, so that every trial fails."""
    takes: str | Unknown | None = None
    """The values that the algorithm accepts, in words: ``a number above 0 and up to 1``. Null if they are not known."""
    nearest: str | None = None
    """If there is a refused value: the most similar one of the algorithm's choices. Null if none is similar."""
    container_path: bool | Unknown = False
    """Whether it is a static path below ``/opt/ml/``, a folder of the container."""
    unmet: str | Unknown | None = None
    """If its static value needs another hyperparameter, or a certain value of it, that the definition does not send:
    this need, in words. Null otherwise."""
    remedy: str | None = None
    """How to meet the need in ``unmet``, in words; null if there is none."""
    choices: str | None = None
    """If there is a refused value and ``takes`` only counts the algorithm's choices: all of them, with commas. Null
    otherwise."""
    range: str | None = None
    """If it is tuned: ``continuous``, ``integer`` or ``categorical``. Null otherwise."""


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
    if static.open is not None and static.open.kind is not Kind.SDK_ADDS:
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
    matches = (_most_similar(name, unknown_names) for name in lacking)
    return lacking, next((each for each in matches if each is not None), None)


class Hyperparameters:
    """The facts about each hyperparameter of one definition."""

    def __init__(self, request: Struct, definition: Path, sets: list[RangeSet]) -> None:
        self._static = follow(request, (*definition, "StaticHyperParameters"))
        self._tuned = _tuned(definition, sets)
        self._algorithm = known_algorithm(request, definition)
        self._of_image = image_algorithm(request, definition)
        image = read(request, (*definition, *IMAGE), str)
        self._repository = image_repository(image) if image is not None else None
        self._tag = image_tag(image) if image is not None else None
        self._former_names: set[str] = set()
        self._unnamed: Unknown | None = None

    def facts(self, name: str, range_: TunedParameter | None) -> HyperparameterFacts:
        """The facts about one hyperparameter. Call it for tuned hyperparameters in the order of the request."""
        algorithm = self._algorithm if range_ is None else self._of_image
        taken = self._is_taken(name, algorithm)
        near = most_similar(name, algorithm) if taken is False and isinstance(algorithm, Algorithm) else None
        found = HyperparameterFacts(name, range_ is not None, False, False, taken, near)
        found = self._with_values(found, range_)
        if range_ is None:
            return replace(found, container_path=self._is_container_path(name))
        repeated = name in self._former_names or self._unnamed or False
        self._former_names.add(name)
        found = self._with_tunability(found)
        return replace(found, range=range_.kind, fixed=self._is_fixed(name), repeated=repeated)

    def _is_container_path(self, name: str) -> bool | Unknown:
        value = self._static.members.get(name) if isinstance(self._static, Struct) else None
        if isinstance(value, Unknown):
            known = (value.pieces or (None,))[0]
            return known.lstrip('"').startswith(CONTAINER_FOLDER) if known is not None else value
        return isinstance(value, Scalar) and str(value.value).lstrip('"').startswith(CONTAINER_FOLDER)

    def skip_unnamed(self, name: Unknown) -> None:
        """Note a range with an unknown name: the ranges after it may have the same name."""
        self._unnamed = self._unnamed or name

    def _is_fixed(self, name: str) -> bool | Unknown:
        static = self._static
        if isinstance(static, Unknown):
            return static
        if not isinstance(static, Struct) or name in static.members:
            return isinstance(static, Struct)
        return static.open if static.open is not None and static.open.kind is not Kind.SDK_ADDS else False

    def _is_taken(self, name: str, algorithm: Algorithm | Unknown | None) -> bool | Unknown | None:
        names = self._of_version(algorithm)
        return name in names if isinstance(names, frozenset) else names

    def _of_version(self, algorithm: Algorithm | Unknown | None) -> frozenset[str] | Unknown | None:
        """The names that the algorithm's version accepts; None if they are not known."""
        if not isinstance(algorithm, Algorithm):
            return algorithm
        repository = self._repository
        if isinstance(repository, Unknown) or repository is None or not algorithm.has_versions(repository):
            return None
        return self._tag if isinstance(self._tag, Unknown) else algorithm.accepted_names(repository, self._tag)

    def _with_tunability(self, found: HyperparameterFacts) -> HyperparameterFacts:
        algorithm = self._of_image
        if not isinstance(algorithm, Algorithm):
            return replace(found, tunable=algorithm, tuning_refused=algorithm)
        if "versions" in algorithm.entry and found.taken is not True:
            unknown = found.taken if isinstance(found.taken, Unknown) else None
            return replace(found, tunable=unknown, tuning_refused=unknown)
        if algorithm.is_tunable(found.Name) is not False:
            return replace(found, tunable=algorithm.is_tunable(found.Name))
        return replace(found, tunable=False, tuning_refused=found.Name in algorithm.refused_tuned)

    def _with_values(self, found: HyperparameterFacts, range_: TunedParameter | None) -> HyperparameterFacts:
        algorithm = self._algorithm
        if not isinstance(algorithm, Algorithm):
            return _unknown(found, algorithm) if algorithm is not None else found
        if range_ is not None and found.Name in algorithm.aliases:
            return found
        version = self._version(algorithm)
        if isinstance(version, Unknown):
            return _unknown(found, version)
        if found.taken is False or (version is None and "versions" in algorithm.entry):
            return found
        static = self._static if isinstance(self._static, Struct) else None
        node = static.members.get(found.Name) if static is not None else None
        if range_ is None:
            found = _with_need(found, unmet_need(algorithm, found.Name, version, node, self._other))
        values = accepted_values(algorithm, found.Name, version)
        if values is None:
            return found
        refusal = static_refusal(values, node) if range_ is None else range_refusal(values, range_)
        return _with_refusal(found, values, refusal)

    def _version(self, algorithm: Algorithm) -> str | Unknown | None:
        """The version, if its accepted values are known; None for others, and for an algorithm without versions."""
        repository, tag = self._repository, self._tag
        if "versions" not in algorithm.entry:
            return None
        if isinstance(repository, Unknown) or isinstance(tag, Unknown):
            return repository if isinstance(repository, Unknown) else tag
        version = algorithm.version(repository, tag)
        last = str(algorithm.entry.get("takes_until", version))
        return version if version is None or version_order(version) <= version_order(last) else None

    def _other(self, name: str) -> Node | str | None:
        """Another hyperparameter: its static value, a text for one that is tuned, None for one that is not sent."""
        if isinstance(self._tuned, Unknown) or name in self._tuned:
            return self._tuned if isinstance(self._tuned, Unknown) else "tuned"
        static = self._static
        if not isinstance(static, Struct):
            return static if isinstance(static, Unknown) else None
        return static.members.get(name, static.open)


def _unknown(found: HyperparameterFacts, why: Unknown) -> HyperparameterFacts:
    return replace(found, refused=why, refused_always=why, takes=why, unmet=why)


def _with_need(found: HyperparameterFacts, need: Need | Unknown | None) -> HyperparameterFacts:
    if isinstance(need, Need):
        return replace(found, unmet=need.text, remedy=need.remedy)
    return replace(found, unmet=need)


def _with_refusal(
    found: HyperparameterFacts, values: AcceptedValues, refusal: Refusal | Unknown | None
) -> HyperparameterFacts:
    if not isinstance(refusal, Refusal):
        return replace(found, refused=refusal, refused_always=refusal, takes=values.words)
    nearest = values.nearest(refusal.text)
    return replace(
        found,
        refused=shown(refusal.text),
        refused_always=refusal.always,
        takes=values.words,
        nearest=nearest,
        choices=", ".join(f"`{choice}`" for choice in values.choices) if values.is_counted else None,
    )


def most_similar(name: str, algorithm: Algorithm) -> str | None:
    """The algorithm's hyperparameter with the most similar name; None if none is similar."""
    normalized = {each.replace("-", "_").lower(): each for each in algorithm.hyperparameters}
    found = _most_similar(name.replace("-", "_").lower(), normalized)
    return normalized[found] if found is not None else None


def _most_similar(name: str, choices: Iterable[str]) -> str | None:
    """The most similar of some names; None if none is similar."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(choices), n=1, cutoff=MIN_SIMILARITY)), None)
