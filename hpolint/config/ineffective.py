"""Notices about settings without effect: on rules that another configuration locks, and locks on disabled rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hpolint.config.lookup import Resolved
from hpolint.model.level import LEVELS
from hpolint.model.message_text import joined_words
from hpolint.model.rule import Rule
from hpolint.model.settings import Settings
from hpolint.registry.choosing import BY_NAME, best_match, decision, decisions, locking_settings, specificity

MAX_NAMED_RULES = 3
"""Rules that a notice lists by name."""


def ineffective_settings(resolved: Resolved, rules: tuple[Rule, ...]) -> Iterator[str]:
    """A notice for each setting that tries to change locked rules.

    Exclusions are not among them: they are reported for the files that hold jobs.
    """
    locked_rules: dict[tuple[tuple[str, ...], str], list[str]] = {}
    strict = (
        {each.rule.id: each.rule for each in decisions(rules, resolved.settings)} if resolved.settings.above else {}
    )
    for rule in rules if resolved.settings.above else ():
        locking = _locking(rule, resolved.settings)
        if locking is None:
            continue
        for key, setting in resolved.layer.items():
            file = setting.origin.file
            if (
                file is not None
                and file.path not in locking.chain
                and _would_change(key, setting.value, rule, locking, strict[rule.id])
            ):
                locked_rules.setdefault((key, best_match(rule, locking.locked_at) or ""), []).append(rule.id)
    by_file: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for key, where in locked_rules:
        file = resolved.layer[key].origin.file
        by_file.setdefault(file.path if file is not None else "", []).append((key, where))
    for path, keys in by_file.items():
        ids = list(dict.fromkeys(id_ for each in keys for id_ in locked_rules[each]))
        places = list(dict.fromkeys(resolved.layer[key].origin.text for key, _ in keys))
        names = joined_words(list(dict.fromkeys(f"`{key[0]}`" for key, _ in keys)))
        lines = ", ".join(place.removeprefix(f"{path}:") for place in places)
        where = joined_words(sorted({where for _, where in keys})[:MAX_NAMED_RULES])
        verb = "has" if len({key[0] for key, _ in keys}) == 1 else "have"
        yield f"{path}:{lines}: {names} {verb} no effect: {_listed(ids)} locked in {where}"


def idle_locks(resolved: Resolved, rules: tuple[Rule, ...]) -> Iterator[str]:
    """A notice for each lock whose rules are all disabled by default, so that it has no effect."""
    for name, place in resolved.settings.locked_at.items():
        named_rules = [rule for rule in rules if best_match(rule, {name: True})]
        found = [decision(rule, _locking(rule, resolved.settings) or resolved.settings) for rule in named_rules]
        if found and all(not each.on and each.key in ("default", "options") for each in found):
            why = f"it needs the option {found[0].name}" if found[0].key == "options" else "it is off by default"
            named = f"`{found[0].rule.id}`" if len(found) == 1 else f"all of `{name}`"
            yield f"{place}: {named} is locked but disabled: {why}; select it in the same file, with its options"


def _locking(rule: Rule, settings: Settings) -> Settings | None:
    """The outermost settings that lock a rule."""
    found = locking_settings(rule, settings)
    return None if found is settings else found


def _would_change(key: tuple[str, ...], value: Any, rule: Rule, locking: Settings, strict: Rule) -> bool:
    """Whether a setting would change a rule that is not locked, and differs from its ``strict`` form, which applies."""
    match key[0]:
        case "levels":
            return _names(rule, key[1:2]) and value != strict.level
        case "undecided":
            return _names(rule, key[1:2]) and value != strict.undecided
        case "rules":
            option = strict.options.get(key[2])
            differs = not value if key[2] == "locked" else option is not None and value != option.default
            return _names(rule, key[1:2]) and differs
        case "waivers":
            return any(each.rule == rule.id for each in value)
        case "ignore" | "per-file-ignores":
            return _names(rule, value if key[0] == "ignore" else value.names)
        case "select":
            is_on, selected = decision(rule, locking).on, specificity(rule, value)
            return selected == 0 if is_on else selected == BY_NAME
        case "extend-select":
            return not decision(rule, locking).on and specificity(rule, value) == BY_NAME
        case "sdk-config":
            return bool(value != locking.sdk_config)
        case "fail-on":
            return LEVELS.index(value) < LEVELS.index(locking.fail_on)
    return False


def _names(rule: Rule, names: tuple[str, ...]) -> bool:
    return best_match(rule, dict.fromkeys(names, True)) is not None


def _listed(ids: list[str]) -> str:
    """The names of rules, with "is" or "are": `` `a` and `b` are ``."""
    shown = [f"`{each}`" for each in ids[:MAX_NAMED_RULES]]
    if len(ids) > MAX_NAMED_RULES:
        return f"{', '.join(shown)} and {len(ids) - MAX_NAMED_RULES} more are"
    return f"{shown[0]} is" if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]} are"
