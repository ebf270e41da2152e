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
        selected = 0 if rule.category in OFF_BY_DEFAULT else 1
    return selected > ignored


def _weight(rule: Rule, names: tuple[str, ...]) -> int:
    """How closely some names mean a rule: 2 by its name, 1 by its category, 0 not at all."""
    if rule.name in names or rule.id in names:
        return 2
    return 1 if rule.category in names else 0


def _known(name: str, rules: tuple[Rule, ...]) -> None:
    names = {rule.name for rule in rules} | {rule.id for rule in rules} | {rule.category for rule in rules}
    if name in names:
        return
    import difflib

    near = difflib.get_close_matches(name, sorted(names), n=1)
    raise ConfigError(f"no rule or category `{name}`" + (f"; did you mean `{near[0]}`?" if near else ""))
