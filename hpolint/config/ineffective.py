"""Notices about settings without effect: on rules that another configuration locks, and locks on disabled rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hpolint.config.lookup import Resolved
from hpolint.model.level import LEVELS
from hpolint.model.rule import Rule
from hpolint.model.settings import Settings
from hpolint.registry.choosing import BY_NAME, best_match, decision, specificity

MAX_NAMED_RULES = 3
"""Rules that a notice lists by name."""


def ineffective_settings(resolved: Resolved, rules: tuple[Rule, ...]) -> Iterator[str]:
    """A notice for each setting that tries to change locked rules.

    Exclusions are not among them: they are reported for the files that hold jobs.
    """
    locked_rules: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for rule in rules if resolved.settings.above else ():
        locking = _locking(rule, resolved.settings)
        if locking is None:
            continue
        for key, setting in resolved.layer.items():
            file = setting.origin.file
            if file is not None and file.path not in locking.chain and _would_change(key, setting.value, rule, locking):
                locked_rules.setdefault((key, best_match(rule, locking.locked_at) or ""), []).append(rule.id)
    for (key, where), ids in locked_rules.items():
        yield f"{resolved.layer[key].origin.text}: `{key[0]}` has no effect: {_listed(ids)} locked in {where}"


def idle_locks(resolved: Resolved, rules: tuple[Rule, ...]) -> Iterator[str]:
    """A notice for each lock whose rules are all disabled by default, so that it has no effect."""
    for name, place in resolved.settings.locked_at.items():
        found = [decision(rule, resolved.settings) for rule in rules if best_match(rule, {name: True})]
        if found and all(not each.on and each.key in ("default", "options") for each in found):
            why = f"it needs the option {found[0].name}" if found[0].key == "options" else "it is off by default"
            named = f"`{found[0].rule.id}`" if len(found) == 1 else f"all of `{name}`"
            yield f"{place}: {named} is locked but disabled: {why}; select it in the same file, with its options"


def _locking(rule: Rule, settings: Settings) -> Settings | None:
    """The outermost settings that lock a rule."""
    return next((each for each in reversed(settings.above) if best_match(rule, each.locked_at)), None)


def _would_change(key: tuple[str, ...], value: Any, rule: Rule, locking: Settings) -> bool:
    """Whether a setting would change a rule that is not locked."""
    match key[0]:
        case "levels" | "undecided":
            return _names(rule, key[1:2])
        case "rules":
            return _names(rule, key[1:2]) and not (key[2] == "locked" and value)
        case "ignore":
            return _names(rule, value)
        case "per-file-ignores":
            return _names(rule, value.names)
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
