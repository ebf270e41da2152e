"""Rule selection: which built-in rules and policies are on, and how the settings configure them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from hpolint.model.level import LEVELS
from hpolint.model.rule import CATEGORIES, OFF_BY_DEFAULT, Option, Rule
from hpolint.model.settings import Settings
from hpolint.registry.rule_options import stricter_value

ALL = "ALL"
"""The name that selects every rule, including those that are off by default."""

BY_ALL, BY_CATEGORY, BY_NAME = 1, 2, 3
MAX_SUGGESTIONS = 3
"""Rules that are suggested at most for a name that is a part of their names."""

Value = TypeVar("Value")


class Decision(msgspec.Struct, frozen=True):
    """Whether a rule is on, the configured rule, and why: the setting that decides and the name in it that matched."""

    rule: Rule
    on: bool
    key: str
    name: str = ""
    locked: bool = False


def known_rules(settings: Settings) -> tuple[Rule, ...]:
    """The built-in rules and the rules of the settings' policies. Raises ConfigError."""
    from hpolint.registry import builtin_rules
    from hpolint.registry.policies import policies_of

    folders = dict.fromkeys(folder for each in (*reversed(settings.above), settings) for folder in each.policies)
    return (*builtin_rules(), *policies_of(folders)) if folders else builtin_rules()


def chosen_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that are on, as the settings configure them. Raises ConfigError.

    The names of rules in the settings are validated when the settings are read.
    """
    is_configured = settings.options or settings.above or settings.policies or settings.locked
    if settings.select is None and not (settings.extend_select or settings.ignore or is_configured):
        from hpolint.registry import default_rules

        return tuple(each.rule for each in decisions(default_rules(), settings) if each.on)
    rules = known_rules(settings)
    return tuple(each.rule for each in decisions(rules, settings) if each.on)


def decisions(rules: Iterable[Rule], settings: Settings) -> list[Decision]:
    """The decision for each rule. The configuration that locks a rule decides about it."""
    found = []
    for rule in rules:
        result = decision(rule, settings)
        result = replace(result, locked=best_match(rule, dict.fromkeys(settings.locked, True)) is not None)
        if settings.only_locked and not result.locked:
            result = replace(result, on=False, key="exclude")
        below: list[Settings] = [settings]
        for above in settings.above:
            if best_match(rule, dict.fromkeys(above.locked, True)) is not None:
                result = replace(decision(rule, above), locked=True)
                tightened = replace(result.rule, fails_from=above.fail_on)
                for each in below:
                    tightened = _tightened(tightened, each)
                result = replace(result, rule=tightened)
            below.append(above)
        if rule.emitted_by == "waivers" and any(each.waivers for each in (settings, *settings.above)):
            result = replace(result, on=True, key="waivers")  # nothing hides that a finding is waived
        found.append(result)
    return found


def locking_settings(rule: Rule, settings: Settings) -> Settings | None:
    """The outermost settings that lock a rule; None if none do."""
    return next((each for each in (*reversed(settings.above), settings) if best_match(rule, each.locked_at)), None)


def _tightened(rule: Rule, settings: Settings) -> Rule:
    """A locked rule with the settings of a configuration below it that are stricter than its own."""
    given = options_of(rule, settings)
    options = {
        name: replace(option, default=_with(option, stricter_value(option, option.default, given[name])).default)
        if name in given
        else option
        for name, option in rule.options.items()
    }
    level, undecided = best_match(rule, settings.levels), best_match(rule, settings.undecided)
    return replace(
        rule,
        options=options,
        level=level if level is not None and is_more_severe(level, rule) else rule.level,
        undecided=max(undecided or "off", rule.undecided, key=UNDECIDED_ORDER.index),
    )


def is_more_severe(level: str, rule: Rule) -> bool:
    """Whether a level is more severe than every level of a rule's findings."""
    return all(LEVELS.index(level) < LEVELS.index(each) for each in rule.levels)


UNDECIDED_ORDER = ("off", "note", "warning", "error")
"""The values of ``undecided``, the strictest last."""


def decision(rule: Rule, settings: Settings) -> Decision:
    """The decision of these settings alone, without the configurations above them that lock rules."""
    configured = _configured(rule, settings)
    if best_match(rule, dict.fromkeys(settings.locked, True)) is not None:
        configured = replace(configured, fails_from=settings.fail_on)
    names = (settings.select or ()) + settings.extend_select
    selected, ignored = specificity(rule, names), specificity(rule, settings.ignore)
    key, name = ("select", _closest_name(rule, names)) if selected else ("default", "")
    if is_locked_by_name(rule, settings):
        selected, key, name = BY_NAME, "locked", rule.id
    if settings.select is None and not selected and rule.default:
        set_here = best_match(rule, settings.options) is not None
        selected = BY_ALL if rule.category not in OFF_BY_DEFAULT or set_here else selected
        key, name = ("rules", rule.id) if rule.category in OFF_BY_DEFAULT and set_here else (key, name)
    if configured.required_options:
        return Decision(configured, on=False, key="options", name=", ".join(configured.required_options))
    if specificity(rule, settings.ignored):
        return Decision(configured, on=False, key="per-file-ignores", name=_closest_name(rule, settings.ignored))
    if ignored and ignored >= selected:
        return Decision(configured, on=False, key="ignore", name=_closest_name(rule, settings.ignore))
    return Decision(configured, on=selected > 0, key=key, name=name)


def is_locked_by_name(rule: Rule, settings: Settings) -> bool:
    """Whether the settings lock a rule by its own name, and not only by its category: that turns it on."""
    return specificity(rule, settings.locked) == BY_NAME


def _configured(rule: Rule, settings: Settings) -> Rule:
    """The rule with the level, the options and the ``undecided`` level from the settings."""
    given = options_of(rule, settings)
    options = {name: _with(option, given[name]) if name in given else option for name, option in rule.options.items()}
    level, undecided = best_match(rule, settings.levels), best_match(rule, settings.undecided)
    if not given and level is None and undecided is None:
        return rule
    return replace(rule, options=options, level=level or rule.level, undecided=undecided or rule.undecided)


def _with(option: Option, value: Any) -> Option:
    return replace(option, default=float(value) if option.kind == "double" else value)


def options_of(rule: Rule, settings: Settings) -> Mapping[str, Any]:
    """The options that the settings set for a rule, by their present names."""
    given = {**settings.options.get(rule.name, {}), **settings.options.get(rule.id, {})}
    return {rule.renamed_options.get(name, name): value for name, value in given.items()}


def best_match(rule: Rule, values: Mapping[str, Value]) -> Value | None:
    """The value whose name matches the rule most specifically; None if no name matches."""
    for name in (rule.id, rule.name, rule.category, ALL):
        if name in values and (name != rule.name or not _is_category(name)):
            return values[name]
    return None


def _is_category(name: str) -> bool:
    return name in CATEGORIES


def specificity(rule: Rule, names: tuple[str, ...]) -> int:
    """How specifically names select a rule: ``BY_NAME``, ``BY_CATEGORY``, ``BY_ALL``, or 0 if they do not."""
    if rule.name in names or rule.id in names:
        return BY_NAME
    if rule.category in names:
        return BY_CATEGORY
    return BY_ALL if ALL in names else 0


def _closest_name(rule: Rule, names: tuple[str, ...]) -> str:
    """The name that matches the rule most specifically; empty if no name matches."""
    return best_match(rule, {name: name for name in names}) or ""


def name_error(name: str, rules: tuple[Rule, ...], *, category: bool = True) -> str | None:
    """Why a name is not that of one rule (or, with ``category``, of a category or ``ALL``); None if it is."""
    if category and (name == ALL or name in {rule.category for rule in rules} | set(CATEGORIES)):
        return None
    found = [rule.id for rule in rules if name in (rule.name, rule.id)]
    if len(found) > 1:
        return f"`{name}` may be {' or '.join(f'`{each}`' for each in found)}: write the full name"
    if found:
        return None
    if name in {rule.category for rule in rules} | set(CATEGORIES) | {ALL}:
        return f"no rule `{name}`: it stands for several rules, so name each rule"
    suggestion = similar_names(name, rules, category=category)
    kind = "rule or category" if category else "rule"
    return f"no {kind} `{name}`" + (f"; did you mean {suggestion}?" if suggestion else "")


def similar_names(name: str, rules: Iterable[Rule], *, category: bool = True) -> str:
    """The rules (or category) closest to a misspelt or shortened name, in backticks; empty if none is close."""
    import difflib

    names = {each.id: each.name for each in rules}
    parent, _, last = name.rpartition("/")
    containing = [id_ for id_, own in names.items() if last and last in own and id_.startswith(parent)]
    if containing and len(containing) <= MAX_SUGGESTIONS:
        return ", ".join(f"`{id_}`" for id_ in containing)
    known = {**{own: id_ for id_, own in names.items()}, **{id_: id_ for id_ in names}}
    known |= {each.partition("/")[0]: each.partition("/")[0] for each in names} if category else {}
    near = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(last, known, n=1)
    return f"`{known[near[0]]}`" if near else ""
