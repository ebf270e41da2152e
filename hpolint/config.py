"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpolint.level import Level

if TYPE_CHECKING:
    from hpolint.rule import Rule

OFF_BY_DEFAULT = frozenset({"policy"})
"""Categories whose rules are on only where somebody selects or configures them."""


ALL = "ALL"
"""Every rule, those that are off by default too."""

SHOWN = 3
"""So many rules are proposed for a name that is a part of theirs."""

BY_ALL, BY_CATEGORY, BY_NAME = 1, 2, 3


class ConfigError(Exception):
    """A setting that cannot be followed: exit code 2."""


@dataclass(frozen=True)
class Settings:
    """``select`` replaces the default set of rules, ``ignore`` takes away from it.

    ``options`` are thresholds by rule name. ``exclude`` are patterns as in .gitignore.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    fail_on: Level = "warning"
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def enabled_rules(rules: Iterable[Rule], settings: Settings) -> tuple[Rule, ...]:
    """The rules that are on. A rule's own name outweighs its category. Raises ConfigError."""
    rules = tuple(rules)
    for name in (*settings.select, *settings.ignore):
        _known(name, rules)
    return tuple(rule for rule in rules if _enabled(rule, settings))


def _enabled(rule: Rule, settings: Settings) -> bool:
    selected, ignored = _weight(rule, settings.select), _weight(rule, settings.ignore)
    if not settings.select:
        selected = BY_CATEGORY if rule.default and rule.category not in OFF_BY_DEFAULT else 0
    return selected > ignored


def _weight(rule: Rule, names: tuple[str, ...]) -> int:
    """How closely some names mean a rule; 0 not at all."""
    if rule.name in names or rule.id in names:
        return BY_NAME
    return BY_CATEGORY if rule.category in names else BY_ALL if ALL in names else 0


def _known(name: str, rules: tuple[Rule, ...]) -> None:
    names = {rule.name for rule in rules} | {rule.id for rule in rules} | {rule.category for rule in rules}
    if name in names or name == ALL:
        return
    meant = alike(name, rules)
    raise ConfigError(f"no rule or category `{name}`" + (f"; did you mean {meant}?" if meant else ""))


def alike(name: str, rules: Iterable[Rule]) -> str:
    """The rules and categories that a misspelt or shortened name may mean, for a message; empty if none is near."""
    import difflib

    names = {each.id: each.name for each in rules}
    category, _, last = name.rpartition("/")
    within = [each for each, own in names.items() if last and last in own and each.startswith(category)]
    if within and len(within) <= SHOWN:
        return ", ".join(f"`{each}`" for each in within)
    known = {**{own: each for each, own in names.items()}, **{each: each for each in names}}
    known |= {each.partition("/")[0]: each.partition("/")[0] for each in names}
    near = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(last, known, n=1)
    return f"`{known[near[0]]}`" if near else ""
