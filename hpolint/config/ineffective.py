"""Notices about settings without effect: on rules that another configuration locks, and locks on disabled rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import msgspec

from hpolint.config.lookup import Resolved
from hpolint.model.level import LEVELS
from hpolint.model.message_text import joined_words
from hpolint.model.rule import Rule
from hpolint.model.settings import Settings
from hpolint.registry.choosing import BY_NAME, best_match, decision, decisions, is_named, locking_settings, specificity

MAX_NAMED_RULES = 3
"""Rules that a notice lists by name."""


def ineffective_settings(resolved: Resolved, rules: tuple[Rule, ...]) -> Iterator[str]:
    """A notice for each setting that tries to change locked rules.

    Exclusions are not among them: they are reported for the files that hold jobs.
    """
    if not resolved.settings.above:
        return
    for path, locked_rules in _tried_by_file(resolved, rules).items():
        ids = list(dict.fromkeys(chain.from_iterable(locked_rules.values())))
        places = dict.fromkeys(resolved.layer[key].origin.text for key, _ in locked_rules)
        lines = ", ".join(place.removeprefix(f"{path}:") for place in places)
        names = list(dict.fromkeys(f"`{key[0]}`" for key, _ in locked_rules))
        verb = "has" if len(names) == 1 else "have"
        where = joined_words(sorted({where for _, where in locked_rules})[:MAX_NAMED_RULES])
        yield f"{path}:{lines}: {joined_words(names)} {verb} no effect: {_listed(ids)} locked in {where}"


def _tried_by_file(
    resolved: Resolved, rules: tuple[Rule, ...]
) -> dict[str, dict[tuple[tuple[str, ...], str], list[str]]]:
    """The locked rules that each file tries to change, by the key that would do so and the place of the lock."""
    strict = {decision.rule.id: decision.rule for decision in decisions(rules, resolved.settings)}
    by_file: dict[str, dict[tuple[tuple[str, ...], str], list[str]]] = {}
    for rule in rules:
        locking = locking_settings(rule, resolved.settings)
        if locking is None or locking is resolved.settings:
            continue
        where = best_match(rule, locking.rules.locked) or ""
        for key, setting in resolved.layer.items():
            file = setting.origin.file
            if file is None or file.path in locking.chain:
                continue
            if _would_change(key, setting.value, rule, locking, strict[rule.id]):
                by_file.setdefault(file.path, {}).setdefault((key, where), []).append(rule.id)
    return by_file


class IdleLock(msgspec.Struct, frozen=True):
    """A lock without effect: a line about it, and whether it is an error even in a configuration of the tree."""

    line: str
    is_error: bool


def idle_locks(resolved: Resolved, rules: tuple[Rule, ...]) -> Iterator[IdleLock]:
    """The locks whose rules are all off.

    A lock turns a rule on that it names. It is an error if the rule lacks an option, or if the same file ignores it. A
    lock of a category leaves its rules as the file has them.
    """
    for name, place in resolved.settings.rules.locked.items():
        named_rules = [rule for rule in rules if is_named(rule, (name,))]
        made = []
        for rule in named_rules:
            locking = locking_settings(rule, resolved.settings) or resolved.settings
            made.append(decision(rule, locking.rules))
        if not made or any(each.on or each.key not in REASONS for each in made):
            continue
        first = made[0]
        ignoring = resolved.layer.get(("ignore",))
        if first.key == "ignore" and (ignoring is None or ignoring.origin.file is None):
            continue  # the command line may ignore any rule that no policy locks
        if specificity(first.rule, (name,)) == BY_NAME:
            reason = REASONS[first.key].format(first.name)
            yield IdleLock(f"{place}: `{first.rule.id}` is locked but off: {reason}", True)
        else:
            line = f"{place}: all of `{name}` is locked but off: a lock turns on only a rule that it names"
            yield IdleLock(line, False)


REASONS = {
    "options": "it needs the option {}",
    "ignore": "`ignore` of the same configuration has `{}`",
    "default": "it is off by default",
}
"""Why a locked rule is off, by the setting that decides."""


def _would_change(key: tuple[str, ...], value: Any, rule: Rule, locking: Settings, strict: Rule) -> bool:
    """Whether a setting would change a rule that is not locked, and differs from its ``strict`` form, which applies."""
    match key[0]:
        case "levels":
            return is_named(rule, key[1:2]) and value != strict.level
        case "undecided":
            return is_named(rule, key[1:2]) and value != strict.undecided
        case "rules":
            return is_named(rule, key[1:2]) and _changes_option(key[2], value, strict)
        case "waivers":
            return any(waiver.rule == rule.id for waiver in value)
        case "ignore" | "per-file-ignores":
            return is_named(rule, value if key[0] == "ignore" else value.names)
        case "select":
            changing = 0 if decision(rule, locking.rules).on else BY_NAME
            return specificity(rule, value) == changing
        case "extend-select":
            return not decision(rule, locking.rules).on and specificity(rule, value) == BY_NAME
        case "sdk-config":
            return bool(value != locking.sdk_config)
        case "fail-on":
            return LEVELS.index(value) < LEVELS.index(locking.rules.fail_on)
    return False


def _changes_option(name: str, value: Any, strict: Rule) -> bool:
    if name == "locked":
        return not value
    option = strict.options.get(strict.renamed_options.get(name, name))
    return option is not None and value != option.default


def _listed(ids: list[str]) -> str:
    """The names of rules, with "is" or "are": `` `a` and `b` are ``."""
    shown = [f"`{id_}`" for id_ in ids[:MAX_NAMED_RULES]]
    if len(ids) > MAX_NAMED_RULES:
        return f"{', '.join(shown)} and {len(ids) - MAX_NAMED_RULES} more are"
    return f"{joined_words(shown)} {'is' if len(shown) == 1 else 'are'}"
