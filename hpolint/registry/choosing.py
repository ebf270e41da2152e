"""Which rules are asked, and how: what settings make of the built-in rules and of an organisation's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from hpolint.model.rule import CATEGORIES, OFF_BY_DEFAULT, Option, Rule
from hpolint.model.settings import Settings

ALL = "ALL"
"""Every rule, those that are off by default too."""

BY_ALL, BY_CATEGORY, BY_NAME = 1, 2, 3
SHOWN = 3
"""So many rules are proposed for a name that is a part of theirs."""

Value = TypeVar("Value")


class Decision(msgspec.Struct, frozen=True):
    """Whether a rule is asked, the rule as the settings have it, and why: the key that decides, and the name in it."""

    rule: Rule
    on: bool
    key: str
    name: str = ""
    locked: bool = False


def known_rules(settings: Settings) -> tuple[Rule, ...]:
    """Every rule that settings know of: the built-in ones and those of their policies. Raises ConfigError."""
    from hpolint.registry import builtin_rules
    from hpolint.registry.policies import policies_of

    folders = dict.fromkeys(folder for each in (*reversed(settings.above), settings) for folder in each.policies)
    return (*builtin_rules(), *policies_of(folders)) if folders else builtin_rules()


def chosen_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that are on, as the settings have them; their names are looked at where they are read.

    Raises ConfigError.
    """
    if settings.select is None and not (
        settings.extend_select or settings.ignore or settings.options or settings.above or settings.policies
    ):
        from hpolint.registry import everyday_rules

        return tuple(each.rule for each in decisions(everyday_rules(), settings) if each.on)
    rules = known_rules(settings)
    return tuple(each.rule for each in decisions(rules, settings) if each.on)


def decisions(rules: Iterable[Rule], settings: Settings) -> list[Decision]:
    """What is decided of each rule; locked ones as the configuration that locks them decides."""
    found = []
    for rule in rules:
        decided = decision(rule, settings)
        decided = replace(decided, locked=best(rule, dict.fromkeys(settings.locked, True)) is not None)
        if settings.only_locked and not decided.locked:
            decided = replace(decided, on=False, key="exclude")
        for above in settings.above:
            if best(rule, dict.fromkeys(above.locked, True)) is not None:
                decided = replace(decision(rule, above), locked=True)
                decided = replace(decided, rule=replace(decided.rule, fails_from=above.fail_on))
        found.append(decided)
    return found


def decision(rule: Rule, settings: Settings) -> Decision:
    """What some settings decide of a rule, whatever is locked."""
    configured = _configured(rule, settings)
    if best(rule, dict.fromkeys(settings.locked, True)) is not None:
        configured = replace(configured, fails_from=settings.fail_on)
    names = (settings.select or ()) + settings.extend_select
    selected, ignored = weight(rule, names), weight(rule, settings.ignore)
    key, name = ("select", _closest_name(rule, names)) if selected else ("default", "")
    if settings.select is None and not selected and rule.default:
        set_here = best(rule, settings.options) is not None
        selected = BY_ALL if rule.category not in OFF_BY_DEFAULT or set_here else selected
        key, name = ("rules", rule.id) if rule.category in OFF_BY_DEFAULT and set_here else (key, name)
    if configured.required_options:
        return Decision(configured, on=False, key="options", name=", ".join(configured.required_options))
    if weight(rule, settings.ignored):
        return Decision(configured, on=False, key="per-file-ignores", name=_closest_name(rule, settings.ignored))
    if ignored and ignored >= selected:
        return Decision(configured, on=False, key="ignore", name=_closest_name(rule, settings.ignore))
    return Decision(configured, on=selected > 0, key=key, name=name)


def _configured(rule: Rule, settings: Settings) -> Rule:
    """A rule with the level, the options and the meaning of undecided that settings give it."""
    given = options_of(rule, settings)
    options = {name: _set(option, given[name]) if name in given else option for name, option in rule.options.items()}
    level, undecided = best(rule, settings.levels), best(rule, settings.undecided)
    if not given and level is None and undecided is None:
        return rule
    return replace(rule, options=options, level=level or rule.level, undecided=undecided or rule.undecided)


def _set(option: Option, value: Any) -> Option:
    return replace(option, default=float(value) if option.kind == "double" else value)


def options_of(rule: Rule, settings: Settings) -> Mapping[str, Any]:
    """The options that settings give a rule."""
    return best(rule, settings.options) or {}


def best(rule: Rule, values: Mapping[str, Value]) -> Value | None:
    """Of values by names the one whose name means the rule most closely."""
    for name in (rule.id, rule.name, rule.category, ALL):
        if name in values and (name != rule.name or not _is_category(name)):
            return values[name]
    return None


def _is_category(name: str) -> bool:
    return name in CATEGORIES


def weight(rule: Rule, names: tuple[str, ...]) -> int:
    """How closely some names mean a rule; 0 not at all."""
    if rule.name in names or rule.id in names:
        return BY_NAME
    return BY_CATEGORY if rule.category in names else BY_ALL if ALL in names else 0


def _closest_name(rule: Rule, names: tuple[str, ...]) -> str:
    """The name among some that means a rule most closely."""
    return best(rule, {name: name for name in names}) or ""


def misnamed(name: str, rules: tuple[Rule, ...], *, category: bool = True) -> str | None:
    """What is wrong with a name of a rule (or a category, or ``ALL``), for a message; None if nothing is."""
    if category and (name == ALL or name in {rule.category for rule in rules} | set(CATEGORIES)):
        return None
    found = [rule.id for rule in rules if name in (rule.name, rule.id)]
    if len(found) > 1:
        return f"`{name}` may be {' or '.join(f'`{each}`' for each in found)}: say which"
    if found:
        return None
    if name in {rule.category for rule in rules} | set(CATEGORIES) | {ALL}:
        return f"no rule `{name}`, but several: name those that are meant"
    meant = alike(name, rules, category=category)
    what = "rule or category" if category else "rule"
    return f"no {what} `{name}`" + (f"; did you mean {meant}?" if meant else "")


def alike(name: str, rules: Iterable[Rule], *, category: bool = True) -> str:
    """The rules, and categories, that a misspelt or shortened name may mean, for a message; empty if none is near."""
    import difflib

    names = {each.id: each.name for each in rules}
    above, _, last = name.rpartition("/")
    within = [each for each, own in names.items() if last and last in own and each.startswith(above)]
    if within and len(within) <= SHOWN:
        return ", ".join(f"`{each}`" for each in within)
    known = {**{own: each for each, own in names.items()}, **{each: each for each in names}}
    known |= {each.partition("/")[0]: each.partition("/")[0] for each in names} if category else {}
    near = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(last, known, n=1)
    return f"`{known[near[0]]}`" if near else ""
