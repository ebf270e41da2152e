"""Rule selection: which built-in rules and policies are on, and how the settings configure them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from hpolint.model.level import LEVELS
from hpolint.model.rule import CATEGORIES, OFF_BY_DEFAULT, Option, Rule
from hpolint.model.settings import RuleSettings, Settings
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

    folders: dict[str, None] = {}
    for layer in reversed(settings.with_above):
        folders |= dict.fromkeys(layer.rules.policies)
    if not folders:
        return builtin_rules()
    return (*builtin_rules(), *policies_of(folders))


def chosen_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that are on, as the settings configure them. Raises ConfigError.

    The names of rules in the settings are validated when the settings are read.
    """
    own = settings.rules
    is_configured = own.options or settings.above or own.policies or own.locked
    if own.select is None and not (own.extend_select or own.ignore or is_configured):
        from hpolint.registry import default_rules

        rules = default_rules()
    else:
        rules = known_rules(settings)
    return tuple(decision.rule for decision in decisions(rules, settings) if decision.on)


def decisions(rules: Iterable[Rule], settings: Settings) -> list[Decision]:
    """The decision for each rule. The configuration that locks a rule decides about it."""
    made = []
    for rule in rules:
        result = decision(rule, settings.rules)
        result = replace(result, locked=is_named(rule, settings.rules.locked))
        if settings.only_locked and not result.locked:
            result = replace(result, on=False, key="exclude")
        for number, above in enumerate(settings.above, 1):
            if is_named(rule, above.rules.locked):
                result = replace(decision(rule, above.rules), locked=True)
                tightened = replace(result.rule, fails_from=above.rules.fail_on)
                for lower in settings.with_above[:number]:
                    tightened = _tightened(tightened, lower.rules)
                result = replace(result, rule=tightened)
        if rule.emitted_by == "waivers" and any(layer.silencing.waivers for layer in settings.with_above):
            result = replace(result, on=True, key="waivers")  # nothing hides that a finding is waived
        made.append(result)
    return made


def locking_settings(rule: Rule, settings: Settings) -> Settings | None:
    """The outermost settings that lock a rule; None if none do."""
    for layer in reversed(settings.locking):
        if is_named(rule, layer.rules.locked):
            return layer
    return None


def _tightened(rule: Rule, settings: RuleSettings) -> Rule:
    """A locked rule with the settings of a configuration below it that are stricter than its own."""
    values = options_of(rule, settings)
    options = dict(rule.options)
    for name, option in rule.options.items():
        if name in values:
            options[name] = _with(option, stricter_value(option, option.default, values[name]))
    level: str | None = best_match(rule, settings.levels)
    if level is None or any(LEVELS.index(level) >= LEVELS.index(own) for own in rule.levels):
        level = rule.level  # only a level above every level of the rule's findings is stricter
    undecided = best_match(rule, settings.undecided) or "off"
    strictest = max(undecided, rule.undecided, key=UNDECIDED_ORDER.index)
    return replace(rule, options=options, level=level, undecided=strictest)


UNDECIDED_ORDER = ("off", "note", "warning", "error")
"""The values of ``undecided``, the strictest last."""


def decision(rule: Rule, settings: RuleSettings) -> Decision:
    """The decision of these settings alone, without the configurations above them that lock rules."""
    configured = _configured(rule, settings)
    if is_named(rule, settings.locked):
        configured = replace(configured, fails_from=settings.fail_on)
    selected, key, name = _selection(rule, settings)
    ignored = specificity(rule, settings.ignore)
    if configured.required_options:
        return Decision(configured, on=False, key="options", name=", ".join(configured.required_options))
    if specificity(rule, settings.ignored):
        return Decision(configured, on=False, key="per-file-ignores", name=_closest_name(rule, settings.ignored))
    if ignored and ignored >= selected:
        return Decision(configured, on=False, key="ignore", name=_closest_name(rule, settings.ignore))
    return Decision(configured, on=selected > 0, key=key, name=name)


def _selection(rule: Rule, settings: RuleSettings) -> tuple[int, str, str]:
    """How specifically the settings select a rule, and the setting and the name in it that do."""
    if specificity(rule, settings.locked) == BY_NAME:  # not only its category
        return BY_NAME, "locked", rule.id
    names = (settings.select or ()) + settings.extend_select
    selected = specificity(rule, names)
    if selected:
        return selected, "select", _closest_name(rule, names)
    if settings.select is not None or not rule.default:
        return 0, "default", ""
    if rule.category not in OFF_BY_DEFAULT:
        return BY_ALL, "default", ""
    if best_match(rule, settings.options) is not None:
        return BY_ALL, "rules", rule.id
    return 0, "default", ""


def _configured(rule: Rule, settings: RuleSettings) -> Rule:
    """The rule with the level, the options and the ``undecided`` level from the settings."""
    values = options_of(rule, settings)
    level, undecided = best_match(rule, settings.levels), best_match(rule, settings.undecided)
    if not values and level is None and undecided is None:
        return rule
    options = {name: _with(option, values[name]) if name in values else option for name, option in rule.options.items()}
    return replace(rule, options=options, level=level or rule.level, undecided=undecided or rule.undecided)


def _with(option: Option, value: Any) -> Option:
    return replace(option, default=float(value) if option.kind == "double" else value)


def options_of(rule: Rule, settings: RuleSettings) -> Mapping[str, Any]:
    """The options that the settings set for a rule, by their present names."""
    given = {**settings.options.get(rule.name, {}), **settings.options.get(rule.id, {})}
    return {rule.renamed_options.get(name, name): value for name, value in given.items()}


def best_match(rule: Rule, values: Mapping[str, Value]) -> Value | None:
    """The value whose name matches the rule most specifically; None if no name matches."""
    for name in (rule.id, rule.name, rule.category, ALL):
        if name in values and (name != rule.name or name not in CATEGORIES):
            return values[name]
    return None


def is_named(rule: Rule, names: Iterable[str]) -> bool:
    """Whether any of the names matches the rule."""
    return best_match(rule, dict.fromkeys(names, True)) is not None


def specificity(rule: Rule, names: Collection[str]) -> int:
    """How specifically names select a rule: ``BY_NAME``, ``BY_CATEGORY``, ``BY_ALL``, or 0 if they do not."""
    if rule.name in names or rule.id in names:
        return BY_NAME
    if rule.category in names:
        return BY_CATEGORY
    return BY_ALL if ALL in names else 0


def _closest_name(rule: Rule, names: tuple[str, ...]) -> str:
    """The name that matches the rule most specifically; empty if no name matches."""
    return best_match(rule, {name: name for name in names}) or ""


def name_error(name: str, rules: tuple[Rule, ...], *, category: bool = True, listing: str = "") -> str | None:
    """Why a name is not that of one rule (or, with ``category``, of a category or ``ALL``); None if it is.

    ``listing`` says where the rules are listed. It ends the reason if that suggests no rule.
    """
    is_group = name in (ALL, *CATEGORIES) or any(rule.category == name for rule in rules)
    if category and is_group:
        return None
    ids = [rule.id for rule in rules if name in (rule.name, rule.id)]
    if len(ids) > 1:
        return f"`{name}` may be {' or '.join(f'`{id_}`' for id_ in ids)}: write the full name"
    if ids:
        return None
    if is_group:
        return f"no rule `{name}`: it stands for several rules, so name each rule{listing}"
    kind = "rule or category" if category else "rule"
    suggestion = similar_names(name, rules, category=category)
    if suggestion:
        return f"no {kind} `{name}`; did you mean {suggestion}?"
    return f"no {kind} `{name}`{listing}"


def similar_names(name: str, rules: Iterable[Rule], *, category: bool = True) -> str:
    """The rules (or category) closest to a misspelt or shortened name, in backticks; empty if none is close."""
    import difflib

    ids = {rule.name: rule.id for rule in rules}
    parent, _, last = name.rpartition("/")
    containing = [rule.id for rule in rules if last and last in rule.name and rule.id.startswith(parent)]
    if 0 < len(containing) <= MAX_SUGGESTIONS:
        return ", ".join(f"`{id_}`" for id_ in containing)
    known = ids | {rule.id: rule.id for rule in rules}
    if category:
        known |= {rule.category: rule.category for rule in rules}
    near = difflib.get_close_matches(name, known, n=1) or difflib.get_close_matches(last, known, n=1)
    return f"`{known[near[0]]}`" if near else ""
