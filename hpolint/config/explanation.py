"""The output of ``hpolint config``: the settings of a folder, and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec import structs

from hpolint.config.keys import KEYS
from hpolint.config.layers import DEPTH, Layer, SetValue
from hpolint.config.lookup import Resolved
from hpolint.io.escaping import printable, visible
from hpolint.model.rule_page import levels
from hpolint.model.settings import Entry, Exclude, FileIgnores, RuleSettings, Waiver
from hpolint.registry.choosing import ALL, Decision, best_match, decisions, is_named, known_rules


def settings_text(folder: str, resolved: Resolved) -> str:
    """The settings as TOML with the origin of each, then a table of the rules as comments."""
    files = ", ".join(file.path for file in resolved.files) or "no configuration file"
    lines = [f"# Settings of {folder}: {files}"]
    locks: dict[str, None] = {}
    for settings in resolved.settings.above:
        locks |= dict.fromkeys(settings.rules.locked.values())
    if locks:
        lines.append(f"# rules are locked, with the settings there: {', '.join(locks)}")
    lines += [*_settings(resolved.layer), "", *_rules(resolved)]
    return "".join(f"{line and visible(line)}\n" for line in lines)


def _settings(layer: Layer) -> Iterator[str]:
    for name, key in KEYS.items():
        if name in DEPTH or name in ("extend", "required-version"):
            continue
        setting = layer.get((name,))
        if setting is not None:
            yield f"{name} = {_toml(setting.value)}  # {setting.origin.text}"
        elif key.default is not None:
            yield f"{name} = {_toml(key.default)}  # default"
        else:
            yield f"# {name} is not set"
    for name in DEPTH:
        header = ""
        paths = [path for path in layer if path[0] == name]
        for path in sorted(paths):
            setting = layer[path]
            table = ".".join(_key(step) for step in path[:-1])
            if table != header:
                header = table
                yield from ("", f"[{table}]")
            yield f"{_key(path[-1])} = {_toml(setting.value)}  # {setting.origin.text}"


def _rules(resolved: Resolved) -> Iterator[str]:
    """A table of the rules: whether each is enabled, the level of its findings, and why."""
    rows = [("rule", "enabled", "level", "why")]
    for decision in decisions(known_rules(resolved.settings), resolved.settings):
        enabled = "on" if decision.on else "off"
        rows.append((decision.rule.id, enabled, levels(decision.rule), why(decision, resolved)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "# " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)) + f"  {row[3]}"


def why(decision: Decision, resolved: Resolved) -> str:
    """Why a rule is enabled or disabled, with the place of the deciding setting."""
    rule, settings = decision.rule, resolved.settings
    locking = [above for above in settings.above if is_named(rule, above.rules.locked)]
    if locking:
        return f"locked in {best_match(rule, locking[-1].rules.locked)}"
    setting = _deciding_value(decision, resolved.layer)
    place = f" ({setting.origin.text})" if setting is not None else ""
    text = {
        "default": "on by default" if decision.on else _off(decision, settings.rules),
        "select": f"`{decision.name}` is selected{place}",
        "ignore": f"`{decision.name}` is ignored{place}",
        "rules": f"its options are set{place}",
        "options": f"it needs the option {decision.name}",
        "waivers": "waivers are always listed",
        "locked": f"turned on by the lock in {best_match(rule, settings.rules.locked)}",
    }[decision.key]
    if decision.locked:
        return f"{text}; locked for configurations below"
    return text


def _off(decision: Decision, settings: RuleSettings) -> str:
    if settings.select is not None:
        return "not selected"
    category, name = decision.rule.category, decision.rule.id
    return f"off by default: select `{name}`, `{category}` or `{ALL}`"


def _deciding_value(decision: Decision, layer: Layer) -> SetValue | None:
    """The setting that decides whether a rule is enabled; None for a default."""
    keys = {"select": ("select", "extend-select"), "ignore": ("ignore",)}.get(decision.key, ())
    for key in keys:
        setting = layer.get((key,))
        if setting is not None and decision.name in setting.value:
            return setting
    if decision.key == "rules":
        for path, setting in layer.items():
            if path[0] == "rules" and is_named(decision.rule, path[1:2]):
                return setting
    return None


def settings_record(folder: str, resolved: Resolved) -> dict[str, Any]:
    """The settings and rules of a folder as a JSON object."""
    settings = {}
    for path, setting in resolved.layer.items():
        value = _json(_plain(setting.value))
        settings[".".join(_key(step) for step in path)] = {"value": value, "origin": setting.origin.text}
    rules = [
        _rule_record(decision, resolved) for decision in decisions(known_rules(resolved.settings), resolved.settings)
    ]
    return {
        "folder": folder,
        "files": [file.path for file in resolved.files],
        "settings": settings,
        "rules": rules,
    }


def _rule_record(decision: Decision, resolved: Resolved) -> dict[str, Any]:
    rule = decision.rule
    return {
        "rule": rule.id,
        "on": decision.on,
        "levels": list(rule.levels),
        "undecided": rule.undecided,
        "options": {name: option.default for name, option in rule.options.items()},
        "locked": decision.locked,
        "why": why(decision, resolved),
    }


def _key(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    if plain.isascii() and plain.isalnum():
        return name
    return printable(json.dumps(name, ensure_ascii=False))


def _toml(value: Any) -> str:
    """A value as TOML: JSON's strings and numbers are valid TOML, and so are lists of them."""
    value = _plain(value)
    if isinstance(value, dict):
        members = ", ".join(f"{_key(name)} = {_toml(member)}" for name, member in value.items())
        return f"{{{members}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return printable(json.dumps(value, ensure_ascii=False))


def _json(value: Any) -> Any:
    """A plain setting for JSON, which has no dates."""
    if isinstance(value, dict):
        return {name: _json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _plain(value: Any) -> Any:
    """A setting as it is written in a file."""
    if isinstance(value, FileIgnores):
        return list(value.names)
    if isinstance(value, Entry):
        return _suppression_table(value)
    if isinstance(value, Waiver):
        return _waiver_table(value)
    if not isinstance(value, tuple | list):
        return value
    items: list[Any] = []
    for item in value:
        items += item.patterns if isinstance(item, Exclude) else [_plain(item)]
    return items


def _suppression_table(entry: Entry) -> dict[str, Any]:
    suppression = entry.suppression
    table = {
        "file": entry.file.patterns[0],
        "rules": list(suppression.names),
        "path": entry.path,
        "reason": suppression.reason,
        "until": suppression.until,
    }
    return {name: value for name, value in table.items() if value}


def _waiver_table(waiver: Waiver) -> dict[str, Any]:
    """The keys of a waiver that are set, without the place where it is written."""
    table = {}
    for name, value in structs.asdict(waiver).items():
        if value and name not in ("folder", "place"):
            table[name.replace("_", "-")] = value
    return table
