"""Tuned hyperparameters without an effect: the script uses them only with other values of its other options."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import msgspec

from hpolint.data.constructor_combinations import Pattern, Value, answers_of
from hpolint.data.constructor_limits import library_of
from hpolint.facts.argument import matching_option
from hpolint.facts.combination import Passed, Sent, combinations_of, is_in, known_values
from hpolint.facts.hyperparameter_values import any_of
from hpolint.facts.receiver import version_in_image
from hpolint.facts.space import RangeSet
from hpolint.facts.typed_values import first_unknown
from hpolint.model.node import Path, Struct, Unknown
from hpolint.model.training_script import Condition, Construction, Option, OptionUse, Script, Site


class SwitchFacts(msgspec.Struct, frozen=True):
    """``switch``: what keeps a tuned hyperparameter from any effect in a script of which every use of it is seen.

    All facts are null if a trial may use the hyperparameter, or if the script never reads it.
    """

    user: str | Unknown | None = None
    """What uses it only with other values: the script's path, or ``SVC`` with its library."""
    used_with: str | Unknown | None = None
    """What it would need, in words: ``optimizer`` ``sgd``."""
    instead: str | Unknown | None = None
    """What the trials have instead, in words: ``optimizer`` ``adam``."""


NO_SWITCH = SwitchFacts()


class Off(msgspec.Struct, frozen=True):
    """Why a use has no effect: what uses the value, what it would need, and what the trials have."""

    user: str
    needs: str
    has: str


def switch_facts(
    request: Struct, definition: Path, name: str, script: Script | Unknown | None, sets: list[RangeSet]
) -> SwitchFacts:
    """The facts of a tuned hyperparameter of the definition at a path of the request."""
    option = _option(name, script)
    if option is None or not isinstance(script, Script):
        return NO_SWITCH
    uses = Uses(request, definition, script, Sent(request, definition, script, sets))
    reasons = [uses.off(use) for use in option.uses]
    if None in reasons:
        return NO_SWITCH
    unknown = first_unknown(*reasons)
    if unknown is not None:
        return SwitchFacts(user=unknown, used_with=unknown, instead=unknown)
    return _joined([reason for reason in reasons if isinstance(reason, Off)])


def _joined(reasons: list[Off]) -> SwitchFacts:
    """The facts of a hyperparameter whose uses have no effect for some reasons."""
    return SwitchFacts(
        user=any_of(_distinct(reason.user for reason in reasons)),
        used_with=any_of(_distinct(reason.needs for reason in reasons)),
        instead=" and ".join(_distinct(reason.has for reason in reasons)),
    )


def _option(name: str, script: Script | Unknown | None) -> Option | None:
    """The option that a hyperparameter sets, if other options may switch off each use of it."""
    if not isinstance(script, Script) or script.arguments.elsewhere is not None or script.arguments.unread is not None:
        return None
    match = matching_option(script.arguments, name)
    return match[1] if match is not None and match[1].uses else None


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


class Uses:
    """Tells which uses of options no trial comes to, or have no effect on any."""

    def __init__(self, request: Struct, definition: Path, script: Script, sent: Sent) -> None:
        self._request = request
        self._definition = definition
        self._script = script
        self._sent = sent

    def off(self, use: OptionUse) -> Off | Unknown | None:
        """Why a use has no effect in any trial; None if it may have one."""
        unknown: Unknown | None = None
        for condition in use.conditions:
            reason = self._unmet(condition)
            if isinstance(reason, Off):
                return reason
            unknown = unknown or reason
        if use.construction >= 0:
            reason = self._ignored(self._script.arguments.constructions[use.construction], use.parameter)
            if isinstance(reason, Off):
                return reason
            unknown = unknown or reason
        return unknown

    def _unmet(self, condition: Condition) -> Off | Unknown | None:
        """Why a condition is false in each trial."""
        conversion = "" if condition.conversion in CASES else condition.conversion
        passed = self._sent.of_member(condition.member, conversion)
        if not isinstance(passed, Passed):
            return passed
        values = list(passed.values.values())
        if any(_holds(condition, value) for value in values):
            return None
        name = f"`{passed.hyperparameter or condition.member}`"
        return Off(f"`{self._script.name}`", _needed(condition, name), _had(name, passed))

    def _ignored(self, construction: Construction, parameter: str) -> Off | Unknown | None:
        """Why a constructor ignores a parameter in each trial."""
        library = library_of(construction.constructor)
        version = version_in_image(library, self._request, self._definition)
        if not isinstance(version, str):
            return version
        answers = answers_of(construction.constructor, version)
        patterns = [] if answers is None else answers.unused.get(parameter, [])
        passed = self._sent.passed(construction, {} if answers is None else answers.defaults)
        known = known_values(passed)
        matching = _covering([pattern for pattern in patterns if pattern.keys() <= known.keys()], known)
        if matching:
            user = f"`{construction.constructor.rpartition('.')[2]}` of {library.title} {version}"
            return _ignoring(user, matching, known)
        return first_unknown(*map(passed.get, chain.from_iterable(patterns)))


def _ignoring(user: str, matching: list[Pattern], passed: dict[str, Passed]) -> Off:
    """Why a constructor ignores a parameter: the patterns of which each trial has one."""
    switches = {name: passed[name] for name in chain.from_iterable(matching)}
    names = any_of([f"`{name}`" for name in switches])
    values = list[Value]()
    for pattern in matching:
        values += pattern.values()
    others = any_of([f"`{value}`" for value in values])
    has = " and ".join(_had(f"`{name}`", part) for name, part in switches.items())
    return Off(user, f"another {names} than {others}", has)


CASES = {"lower": str.lower, "upper": str.upper}
"""What changes the case of a text, by its name."""


def _covering(patterns: list[Pattern], passed: dict[str, Passed]) -> list[Pattern]:
    """The patterns of which each trial has one; none if a trial may have none of them."""
    parts = {name: passed[name] for name in chain.from_iterable(patterns)}
    covering: list[Pattern] = []
    for texts in combinations_of(parts.values()):
        matching = [pattern for pattern in patterns if is_in(pattern, passed, texts)]
        if not matching:
            return []
        covering += [pattern for pattern in matching[:1] if pattern not in covering]
    return covering


def _holds(condition: Condition, value: Value) -> bool:
    if condition.is_truth:
        return bool(value) == condition.is_in
    if condition.conversion in CASES and isinstance(value, str):
        value = CASES[condition.conversion](value)
    return (value in condition.values) == condition.is_in


def _needed(condition: Condition, name: str) -> str:
    """What a condition needs, in words."""
    if condition.is_truth:
        return f"{name}" if condition.is_in else f"no {name}"
    values = any_of([f"`{value}`" for value in condition.values])
    return f"{name} {values}" if condition.is_in else f"another {name} than {values}"


def _had(name: str, passed: Passed) -> str:
    """What the trials have instead, in words."""
    values = any_of([f"`{value}`" for value in passed.values.values()])
    return f"{name} {values}" if passed.hyperparameter is not None else f"{name} {values}, {passed.origin}"


def switch_sites(name: str, script: Script) -> list[tuple[Site, str]]:
    """Where the script declares the option of a hyperparameter."""
    match = matching_option(script.arguments, name)
    return [] if match is None else [(match[1].site, f"`{match[1].flag}`")]
