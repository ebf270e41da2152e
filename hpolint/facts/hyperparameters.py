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
from hpolint.facts.source_archive import source_without_archive
from hpolint.facts.space import RangeSet, TunedParameter
from hpolint.facts.typed_values import first_unknown, lifted, present, read, unseen
from hpolint.facts.unused_hyperparameters import Unused, unused
from hpolint.model.node import Node, Path, Scalar, Struct, Unknown, child, follow, is_text, member, text_of
from hpolint.model.reasons import Kind
from hpolint.model.training_code import DIRECTORY

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
    no_archive: str | Unknown | None = None
    """If it is ``sagemaker_submit_directory``, the address in S3 of a script's archive, and certainly names no archive:
    this address, with ``…`` for its unknown parts. It then ends in a slash or in the ending of another kind of file, or
    is a bucket. Null otherwise."""
    unmet: str | Unknown | None = None
    """If its static value needs another hyperparameter, or a certain value of it, that the definition does not send:
    this need, in words. Null otherwise."""
    remedy: str | None = None
    """How to meet the need in ``unmet``, in words; null if there is none."""
    choices: str | None = None
    """If there is a refused value and ``takes`` only counts the algorithm's choices: all of them, with commas. Null
    otherwise."""
    used_with: str | Unknown | None = None
    """If it is tuned and the algorithm uses it in no trial: what it would need, in words: ``optimizer`` ``adam``. Null
    otherwise."""
    instead: str | Unknown | None = None
    """If ``used_with`` is not null: what the trials have instead, in words. Null otherwise."""
    to_use: str | Unknown | None = None
    """If ``used_with`` is not null: how the algorithm would use it, in words. Null otherwise."""
    range: str | None = None
    """If it is tuned: ``continuous``, ``integer`` or ``categorical``. Null otherwise."""


class Names(msgspec.Struct, frozen=True):
    """The names that one definition sends, or the Unknown that they depend on."""

    tuned: list[str] | Unknown
    static: list[str] | Unknown

    @property
    def all(self) -> set[str] | Unknown:
        """The tuned and the static names."""
        return _united(self.static, self.tuned)


@lifted
def _united(static: list[str], tuned: list[str]) -> set[str]:
    return {*static, *tuned}


def sent_names(request: Struct, definition: Path, sets: list[RangeSet]) -> Names:
    """The names of the hyperparameters that a definition sends, without those that only the SDK adds."""
    return Names(_tuned(definition, sets), _static(request, definition))


def _static(request: Struct, definition: Path) -> list[str] | Unknown:
    static = follow(request, (*definition, "StaticHyperParameters"))
    if not isinstance(static, Struct):
        return first_unknown(static) or []
    return unseen(static, Kind.SDK_ADDS) or [name for name in static.members if is_text(name)]


def _tuned(definition: Path, sets: list[RangeSet]) -> list[str] | Unknown:
    names: list[str] = []
    for range_set in sets:
        if range_set.open is not None:
            return range_set.open
        for range_ in range_set.of(definition):
            name = range_name(range_.node)
            if isinstance(name, Unknown):
                return name
            names.append(name)
    return names


def ranges_by_name(definition: Path, sets: list[RangeSet]) -> dict[str, TunedParameter]:
    """The ranges of a definition by their known names."""
    ranges: dict[str, TunedParameter] = {}
    for range_set in sets:
        for range_ in range_set.of(definition):
            name = range_name(range_.node)
            if isinstance(name, str):
                ranges[name] = range_
    return ranges


def range_name(node: Node) -> str | Unknown:
    """The name of a range; Unknown if it has none."""
    name = child(node, "Name")
    text = text_of(name)
    if text is not None and is_text(text):
        return text
    return first_unknown(name) or Unknown("has no name", node.span)


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
    matches = [_most_similar(name, unknown_names) for name in lacking]
    return lacking, next(iter(present(matches)), None)


class Hyperparameters:
    """The facts about each hyperparameter of one definition."""

    def __init__(self, request: Struct, definition: Path, sets: list[RangeSet]) -> None:
        self._static = follow(request, (*definition, "StaticHyperParameters"))
        self._is_isolated = read(request, (*definition, "EnableNetworkIsolation"), bool) is True
        self._tuned = _tuned(definition, sets)
        self._ranges = ranges_by_name(definition, sets)
        self._algorithm = known_algorithm(request, definition)
        self._of_image = image_algorithm(request, definition)
        self._repository: str | Unknown | None = None
        self._tag: str | Unknown | None = None
        image = read(request, (*definition, *IMAGE), str)
        if image is not None:
            self._repository = image_repository(image)
            self._tag = image_tag(image)
        self._former_names: set[str] = set()
        self._unnamed: Unknown | None = None

    def facts(self, name: str, range_: TunedParameter | None) -> HyperparameterFacts:
        """The facts about one hyperparameter. Call it for tuned hyperparameters in the order of the request."""
        algorithm = self._algorithm if range_ is None else self._of_image
        taken = _contains(self._of_version(algorithm), name)
        facts = HyperparameterFacts(name, range_ is not None, fixed=False, repeated=False, taken=taken, near=None)
        if taken is False and isinstance(algorithm, Algorithm):
            facts = replace(facts, near=most_similar(name, algorithm))
        facts = self._with_values(facts, range_)
        if range_ is None:
            return replace(
                facts, container_path=self._is_container_path(name), no_archive=self._source_without_archive(name)
            )
        repeated = name in self._former_names or self._unnamed or False
        self._former_names.add(name)
        facts = self._with_use(self._with_tunability(facts))
        return replace(facts, range=range_.kind, fixed=self._is_fixed(name), repeated=repeated)

    def _source_without_archive(self, name: str) -> str | Unknown | None:
        """The fact ``no_archive``. With network isolation the SDK passes the source as a channel instead."""
        if name != DIRECTORY or self._is_isolated:
            return None
        return source_without_archive(member(self._static, name))

    def _is_container_path(self, name: str) -> bool | Unknown:
        value = member(self._static, name)
        if isinstance(value, Unknown):
            start = value.pieces[0] if value.pieces else None
            if start is None:
                return value
        elif isinstance(value, Scalar):
            start = str(value.value)
        else:
            return False
        return start.lstrip('"').startswith(CONTAINER_FOLDER)

    def skip_unnamed(self, name: Unknown) -> None:
        """Note a range with an unknown name: the ranges after it may have the same name."""
        self._unnamed = self._unnamed or name

    def _is_fixed(self, name: str) -> bool | Unknown:
        static = self._static
        if not isinstance(static, Struct):
            return first_unknown(static) or False
        return name in static.members or unseen(static, Kind.SDK_ADDS) or False

    def _of_version(self, algorithm: Algorithm | Unknown | None) -> frozenset[str] | Unknown | None:
        """The names that the algorithm's version accepts; None if they are not known."""
        if not isinstance(algorithm, Algorithm):
            return algorithm
        repository, tag = self._repository, self._tag
        if not isinstance(repository, str) or not algorithm.has_versions(repository):
            return None
        return tag if isinstance(tag, Unknown) else algorithm.accepted_names(repository, tag)

    def _with_tunability(self, facts: HyperparameterFacts) -> HyperparameterFacts:
        algorithm = self._of_image
        if not isinstance(algorithm, Algorithm):
            return replace(facts, tunable=algorithm, tuning_refused=algorithm)
        if "versions" in algorithm.entry and facts.taken is not True:
            unknown = first_unknown(facts.taken)
            return replace(facts, tunable=unknown, tuning_refused=unknown)
        is_tunable = algorithm.is_tunable(facts.Name)
        if is_tunable is False:
            facts = replace(facts, tuning_refused=facts.Name in algorithm.refused_tuned)
        return replace(facts, tunable=is_tunable)

    def _with_values(self, facts: HyperparameterFacts, range_: TunedParameter | None) -> HyperparameterFacts:
        algorithm = self._algorithm
        if isinstance(algorithm, Unknown):
            return _unknown(facts, algorithm)
        if algorithm is None or (range_ is not None and facts.Name in algorithm.aliases):
            return facts
        version = self._version(algorithm)
        if isinstance(version, Unknown):
            return _unknown(facts, version)
        if facts.taken is False or (version is None and "versions" in algorithm.entry):
            return facts
        values = accepted_values(algorithm, facts.Name, version)
        if range_ is not None:
            return facts if values is None else _with_refusal(facts, values, range_refusal(values, range_))
        value = member(self._static, facts.Name)
        facts = _with_need(facts, unmet_need(algorithm, facts.Name, version, value, self._other))
        return facts if values is None else _with_refusal(facts, values, static_refusal(values, value))

    def _with_use(self, facts: HyperparameterFacts) -> HyperparameterFacts:
        use = unused(self._algorithm, facts.Name, self._static_or_tuned)
        if isinstance(use, Unused):
            return replace(facts, used_with=use.used_with, instead=use.instead, to_use=use.remedy)
        return replace(facts, used_with=use, instead=use, to_use=use)

    def _static_or_tuned(self, name: str) -> Node | TunedParameter | None:
        """Another hyperparameter: its range or its static value; None for one that is not sent."""
        if isinstance(self._tuned, Unknown):
            return self._tuned
        if name in self._ranges:
            return self._ranges[name]
        return child(self._static, name)

    def _version(self, algorithm: Algorithm) -> str | Unknown | None:
        """The version, if its accepted values are known; None for others, and for an algorithm without versions."""
        if "versions" not in algorithm.entry:
            return None
        return _version_with_values(algorithm, self._repository, self._tag)

    def _other(self, name: str) -> Node | str | None:
        """Another hyperparameter: its static value, a text for one that is tuned, None for one that is not sent."""
        if isinstance(self._tuned, Unknown):
            return self._tuned
        return "tuned" if name in self._tuned else child(self._static, name)


@lifted
def _version_with_values(algorithm: Algorithm, repository: str | None, tag: str | None) -> str | None:
    version = algorithm.version(repository, tag)
    last = algorithm.entry.get("takes_until")
    if version is None or last is None or version_order(version) <= version_order(str(last)):
        return version
    return None


@lifted
def _contains(names: frozenset[str] | None, name: str) -> bool | None:
    return None if names is None else name in names


def _unknown(facts: HyperparameterFacts, why: Unknown) -> HyperparameterFacts:
    return replace(facts, refused=why, refused_always=why, takes=why, unmet=why)


def _with_need(facts: HyperparameterFacts, need: Need | Unknown | None) -> HyperparameterFacts:
    if isinstance(need, Need):
        return replace(facts, unmet=need.text, remedy=need.remedy)
    return replace(facts, unmet=need)


def _with_refusal(
    facts: HyperparameterFacts, values: AcceptedValues, refusal: Refusal | Unknown | None
) -> HyperparameterFacts:
    facts = replace(facts, takes=values.words)
    if not isinstance(refusal, Refusal):
        return replace(facts, refused=refusal, refused_always=refusal)
    if values.is_counted:
        facts = replace(facts, choices=", ".join(f"`{choice}`" for choice in values.choices))
    nearest = values.nearest(refusal.text)
    return replace(facts, refused=shown(refusal.text), refused_always=refusal.always, nearest=nearest)


def most_similar(name: str, algorithm: Algorithm) -> str | None:
    """The algorithm's hyperparameter with the most similar name; None if none is similar."""
    normalized = {choice.replace("-", "_").lower(): choice for choice in algorithm.hyperparameters}
    similar = _most_similar(name.replace("-", "_").lower(), normalized)
    return normalized[similar] if similar is not None else None


def _most_similar(name: str, choices: Iterable[str]) -> str | None:
    """The most similar of some names; None if none is similar."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(choices), n=1, cutoff=MIN_SIMILARITY)), None)
