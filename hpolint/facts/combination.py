"""The combinations of hyperparameters that the constructor which receives them refuses, by the version in the image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice, product
from math import prod

import msgspec

from hpolint.data.constructor_combinations import Pattern, Value, answers_of, is_value
from hpolint.data.constructor_limits import library_of
from hpolint.facts.argument import matching_option, values_sent
from hpolint.facts.hyperparameters import ranges_by_name, sent_names
from hpolint.facts.receiver import CONVERSIONS, is_plain, version_in_image
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import first_unknown
from hpolint.model.node import Path, Struct, Unknown, child, follow
from hpolint.model.training_script import Construction, ConstructorArgument, Option, Script, Site

FLAGS = {"store_true": False, "store_false": True}
"""The actions of options without a value, with the value of one that is not on the command line."""

OF_LAUNCHERS = frozenset({"local_rank", "rank", "node_rank", "world_size", "model_dir", "deepspeed"})
"""The options that the SDK, or what starts the script on several processes, may set besides the job."""

OF_CONSTRUCTOR = 2
"""The rank of a value that is a constructor's default."""

MAX_COMBINATIONS = 10_000
"""Combinations of the values of the hyperparameters that a refusal depends on which are tried."""


class CombinationFacts(msgspec.Struct, frozen=True):
    """``combination``: values of several hyperparameters, or of one and the script's own, which a constructor refuses.

    It is known of the first hyperparameter among them, where ``receiver`` is known too. ``receiver`` tells of a value
    that is refused by itself.
    """

    refused: str | Unknown | None = None
    """The first values that are refused together: ``penalty='l1'`` with ``solver='sag'``. Null if there are none."""
    count: int | None = None
    """How many combinations of the values of ``names`` it refuses; null if there may be more, or if none is tuned."""
    of: int | None = None
    """How many combinations there are."""
    tuned: list[str] = []
    """The tuned hyperparameters among those on which it depends, in the order of the request."""
    constructor: str | None = None
    """The name of the constructor: ``LogisticRegression``."""
    library: str | Unknown | None = None
    """The library with its version in the image: ``scikit-learn 1.2.1``."""
    fixed: str | None = None
    """Where the values among ``refused`` come from that the job does not send; null if it sends all."""


NO_COMBINATION = CombinationFacts()


class Passed(msgspec.Struct, frozen=True):
    """What a parameter of a constructor gets: its values by the texts that the job sends, or one that it does not send.

    ``origin`` says where a value comes from that the job does not send. ``is_default``: it is the constructor's own.
    """

    hyperparameter: str | None
    is_tuned: bool
    values: dict[str, Value]
    origin: str = ""
    is_default: bool = False

    @property
    def rank(self) -> int:
        """The place of a value among others that are shown: sent by the job, by the script, or by nobody."""
        if self.hyperparameter is not None:
            return 0
        return OF_CONSTRUCTOR if self.is_default else 1


class Sent:
    """What a definition sends to the parameters of the constructors that its script calls."""

    def __init__(self, request: Struct, definition: Path, script: Script, sets: list[RangeSet]) -> None:
        self._script = script
        self._ranges = ranges_by_name(definition, sets)
        self._static = follow(request, (*definition, "StaticHyperParameters"))
        names = sent_names(request, definition, sets).all
        self._unknown_names = names if isinstance(names, Unknown) else None
        known = [*self._ranges]
        if isinstance(self._static, Struct):
            known += [name for name in self._static.members if name not in self._ranges]
        self._names = known

    def passed(self, construction: Construction, defaults: Pattern) -> dict[str, Passed | Unknown]:
        """What each parameter gets, as far as the script shows it, and Unknown if it depends on unknown values."""
        passed: dict[str, Passed | Unknown] = {}
        for argument in construction.arguments:
            value = self._argument(argument)
            if value is not None:
                passed[argument.parameter] = value
        if construction.is_whole:
            given = {argument.parameter for argument in construction.arguments}
            passed |= {name: _default(value) for name, value in defaults.items() if name not in given}
        return passed

    def _argument(self, argument: ConstructorArgument) -> Passed | Unknown | None:
        if not argument.is_known:
            return None
        if not argument.member:
            return Passed(None, is_tuned=False, values={"": argument.value}, origin="written in the script")
        return self.of_member(argument.member, argument.conversion)

    def of_member(self, member: str, conversion: str) -> Passed | Unknown | None:
        """The values of the option with an attribute in the parser's result; None if they are not known."""
        options = [option for option in self._script.arguments.options if option.member == member]
        if len(options) != 1:
            return None
        (option,) = options
        name = self._name_of(option)
        if name is not None:
            return self._of_hyperparameter(name, option, conversion) if is_plain(option) else None
        if member in OF_LAUNCHERS:
            return None
        return self._unknown_names or _of_default(option, conversion)

    def _name_of(self, option: Option) -> str | None:
        """The hyperparameter that sets an option; None if none is known to."""
        for name in self._names:
            match = matching_option(self._script.arguments, name)
            if match is not None and match[1] is option:
                return name
        return None

    def _of_hyperparameter(self, name: str, option: Option, conversion: str) -> Passed | Unknown | None:
        range_ = self._ranges.get(name)
        values_of = child(self._static, name) if range_ is None else range_
        texts = [] if values_of is None else values_sent(values_of, 0)
        if isinstance(texts, Unknown):
            return texts
        if not texts:
            return None
        values = {text: converted(text, option, conversion) for text in texts}
        return Passed(name, is_tuned=range_ is not None, values=values)

    def in_order(self, names: set[str]) -> list[str]:
        """Some of the hyperparameters in the order of the request, the tuned ones first."""
        return [name for name in self._names if name in names]


def _of_default(option: Option, conversion: str) -> Passed | None:
    """What a script has for an option that is not on the command line; None if it is not known."""
    if option.default is None or option.is_open or option.action not in ("store", *FLAGS):
        return None
    value = option.default.value
    if isinstance(value, str) and option.type not in ("str", *CONVERSIONS):
        return None  # argparse converts a default that is a text, too
    if value is None:
        value = FLAGS.get(option.action)
    values = {"": converted(value, option, conversion)}
    return Passed(None, is_tuned=False, values=values, origin=f"the default of `{option.flag}`")


def _default(value: Value) -> Passed:
    """What a parameter has if a constructor gets nothing for it."""
    return Passed(None, is_tuned=False, values={"": value}, origin="the constructor's default", is_default=True)


def converted(value: Value, option: Option, conversion: str) -> Value:
    """What a constructor gets for the text of a hyperparameter, or for the default of its option.

    A text that cannot be converted stays as it is.
    """
    for kind in (option.type if isinstance(value, str) else "", conversion):
        if kind in CONVERSIONS:
            try:
                value = CONVERSIONS[kind](value)  # type: ignore[arg-type]
            except (TypeError, ValueError):
                return value
    return value


def combination_facts(
    request: Struct, definition: Path, script: Script | Unknown | None, sets: list[RangeSet]
) -> dict[str, CombinationFacts]:
    """The facts of the hyperparameters of the definition at a path of the request, by their names."""
    facts: dict[str, CombinationFacts] = {}
    if not isinstance(script, Script) or not script.arguments.constructions:
        return facts
    if script.arguments.elsewhere is not None or script.arguments.unread is not None:
        return facts
    sent = Sent(request, definition, script, sets)
    for construction in script.arguments.constructions:
        version = version_in_image(library_of(construction.constructor), request, definition)
        found = None if version is None else _judged(construction, version, sent)
        if found is not None:
            facts.setdefault(*found)
    return facts


def _judged(construction: Construction, version: str | Unknown, sent: Sent) -> tuple[str, CombinationFacts] | None:
    """The facts of one constructor, and the hyperparameter of which they are."""
    if isinstance(version, Unknown):
        names = sent.in_order(_hyperparameters(sent.passed(construction, {}).values()))
        return (names[0], _unknown(version)) if len(names) > 1 else None
    answers = answers_of(construction.constructor, version)
    if answers is None:
        return None
    passed = sent.passed(construction, answers.defaults)
    known = known_values(passed)
    patterns = [pattern for pattern in answers.refused if len(pattern) > 1]
    refused = [pattern for pattern in patterns if _is_sent(pattern, known)]
    if not refused:
        return _undecided(patterns, passed, sent)
    owner, facts = _refusal(refused, known, sent)
    library = f"{library_of(construction.constructor).title} {version}"
    facts = msgspec.structs.replace(facts, constructor=construction.constructor.rpartition(".")[2], library=library)
    return owner, _counted(facts, refused, known) if answers.defaults.keys() <= known.keys() else facts


def _refusal(refused: list[Pattern], passed: dict[str, Passed], sent: Sent) -> tuple[str, CombinationFacts]:
    """The facts of values that are refused, of which the first are shown, and the hyperparameter of which they are."""
    names = sent.in_order(_hyperparameters(passed[parameter] for parameter in chain.from_iterable(refused)))
    tuned = _hyperparameters(value for value in passed.values() if value.is_tuned)
    shown = _shown(refused[0], passed)
    first, *others = [f"`{parameter}={value!r}`" for parameter, value in shown.items()]
    return names[0], CombinationFacts(
        refused=f"{first} with {' and '.join(others)}",
        tuned=[name for name in names if name in tuned],
        fixed=_fixed(shown, passed),
    )


def _unknown(why: Unknown) -> CombinationFacts:
    return CombinationFacts(refused=why, library=why)


def known_values(passed: dict[str, Passed | Unknown]) -> dict[str, Passed]:
    """The parameters whose values are known."""
    return {parameter: value for parameter, value in passed.items() if isinstance(value, Passed)}


def _hyperparameters(passed: Iterable[Passed | Unknown]) -> set[str]:
    return {value.hyperparameter for value in passed if isinstance(value, Passed) and value.hyperparameter is not None}


def _is_sent(pattern: Pattern, passed: dict[str, Passed]) -> bool:
    """Whether a trial may have the values of a pattern, of which the job sends at least one."""
    if not pattern.keys() <= passed.keys():
        return False
    parts = [passed[parameter] for parameter in pattern]
    return bool(_hyperparameters(parts)) and any(is_in(pattern, passed, texts) for texts in combinations_of(parts))


def combinations_of(parts: Iterable[Passed]) -> Iterator[dict[str, str]]:
    """The first combinations of the texts that the job sends for hyperparameters, by the hyperparameters' names."""
    texts: dict[str, list[str]] = {}
    for part in parts:
        if part.hyperparameter is not None:
            texts[part.hyperparameter] = list(part.values)
    for values in islice(product(*texts.values()), MAX_COMBINATIONS):
        yield dict(zip(texts, values, strict=True))


def is_in(pattern: Pattern, passed: dict[str, Passed], texts: dict[str, str]) -> bool:
    """Whether the constructor gets the values of a pattern, if the job sends some texts."""
    for parameter, value in pattern.items():
        part = passed[parameter]
        text = texts[part.hyperparameter] if part.hyperparameter is not None else ""
        if not is_value(part.values[text], value):
            return False
    return True


def _shown(pattern: Pattern, passed: dict[str, Passed]) -> Pattern:
    """The values of a pattern, before them those that the job sends, and defaults only if there is no second other."""
    ordered = sorted(pattern, key=lambda parameter: passed[parameter].rank)
    chosen = [parameter for parameter in ordered if passed[parameter].rank != OF_CONSTRUCTOR]
    return {parameter: pattern[parameter] for parameter in (chosen if len(chosen) > 1 else ordered)}


def _fixed(pattern: Pattern, passed: dict[str, Passed]) -> str | None:
    fixed = {name: value for name, value in pattern.items() if passed[name].hyperparameter is None}
    return " and ".join(f"`{name}={value!r}` is {passed[name].origin}" for name, value in fixed.items()) or None


def _counted(facts: CombinationFacts, refused: list[Pattern], passed: dict[str, Passed]) -> CombinationFacts:
    """The facts with the number of the combinations that are refused, if there are not too many."""
    parts: dict[str, Passed] = {}
    for pattern in refused:
        parts |= {passed[parameter].hyperparameter or "": passed[parameter] for parameter in pattern}
    number = prod(len(part.values) for part in parts.values() if part.is_tuned)
    if not facts.tuned or number > MAX_COMBINATIONS:
        return facts
    count = 0
    for texts in combinations_of(parts.values()):
        count += any(is_in(pattern, passed, texts) for pattern in refused)
    return msgspec.structs.replace(facts, count=count, of=number)


def _undecided(
    patterns: list[Pattern], passed: dict[str, Passed | Unknown], sent: Sent
) -> tuple[str, CombinationFacts] | None:
    """Why a refusal is not known, if a value that the job sends is not; None if there is certainly none."""
    known = known_values(passed)
    for pattern in patterns:
        unknown = first_unknown(*(passed.get(parameter) for parameter in pattern))
        if unknown is None or not pattern.keys() <= passed.keys():
            continue
        rest = {parameter: value for parameter, value in pattern.items() if parameter in known}
        if rest and _is_sent(rest, known):
            names = sent.in_order(_hyperparameters(known[parameter] for parameter in rest))
            return names[0], _unknown(unknown)
    return None


def combination_sites(name: str, script: Script) -> list[tuple[Site, str]]:
    """Where the constructors that get a hyperparameter are called."""
    match = matching_option(script.arguments, name)
    sites: list[tuple[Site, str]] = []
    for construction in script.arguments.constructions:
        members = {argument.member for argument in construction.arguments}
        if match is not None and match[1].member in members:
            sites.append((construction.site, f"`{construction.constructor.rpartition('.')[2]}`"))
    return sites[:1]
