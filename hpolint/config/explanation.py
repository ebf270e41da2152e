"""What holds in a folder and why: what ``hpolint config`` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hpolint.config.keys import KEYS
from hpolint.config.layers import DEPTH, Layer, SetValue
from hpolint.config.lookup import Resolved
from hpolint.io.escaping import printable, visible
from hpolint.model.rule_page import levels
from hpolint.model.settings import Exclude, FileIgnores, Settings
from hpolint.registry.choosing import ALL, Decision, best_match, decisions, known_rules


def settings_text(folder: str, resolved: Resolved) -> str:
    """The settings as TOML, each with its origin behind it, and the rules as comments that say why."""
    files = ", ".join(file.path for file in resolved.files) or "no configuration file"
    locking = dict.fromkeys(place for each in resolved.settings.above for place in each.locked_at.values())
    above = f"# locked, and held to what is said there: {', '.join(locking)}" if locking else ""
    lines = [
        f"# What holds in {folder}: {files}",
        *([above] if above else []),
        *_settings(resolved.layer),
        "",
        *_rules(resolved),
    ]
    return "".join(f"{line and visible(line)}\n" for line in lines)


def _settings(layer: Layer) -> Iterator[str]:
    for name, key in KEYS.items():
        if name in DEPTH or name in ("extend", "required-version"):
            continue
        said = layer.get((name,))
        if said is not None:
            yield f"{name} = {_toml(said.value)}  # {said.origin.text}"
        elif key.default is not None:
            yield f"{name} = {_toml(key.default)}  # default"
        else:
            yield f"# {name} is not set"
    for name in DEPTH:
        header = ""
        for path, said in sorted((path, said) for path, said in layer.items() if path[0] == name):
            above = ".".join(_key(step) for step in path[:-1])
            if above != header:
                header = above
                yield from ("", f"[{above}]")
            yield f"{_key(path[-1])} = {_toml(said.value)}  # {said.origin.text}"


def _rules(resolved: Resolved) -> Iterator[str]:
    """A line for each rule: whether it is asked, how grave its findings are, and why."""
    found = decisions(known_rules(resolved.settings), resolved.settings)
    rows = [("rule", "enabled", "level", "why")]
    rows += [(each.rule.id, "on" if each.on else "off", levels(each.rule), why(each, resolved)) for each in found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "# " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)) + f"  {row[3]}"


def why(decision: Decision, resolved: Resolved) -> str:
    """Why a rule is asked or not, with the place that says so."""
    rule, settings = decision.rule, resolved.settings
    locking = [each for each in settings.above if best_match(rule, dict.fromkeys(each.locked, True))]
    if locking:
        return f"locked in {best_match(rule, locking[-1].locked_at)}"
    said = _decisive(decision, resolved.layer)
    place = f" ({said.origin.text})" if said is not None else ""
    text = {
        "default": "on by default" if decision.on else _off(decision, settings),
        "select": f"`{decision.name}` is selected{place}",
        "ignore": f"`{decision.name}` is ignored{place}",
        "rules": f"its options are set{place}",
        "options": f"it needs the option {decision.name}",
    }[decision.key]
    return f"{text}; locked for what lies below" if decision.locked else text


def _off(decision: Decision, settings: Settings) -> str:
    if settings.select is not None:
        return "not selected"
    category, name = decision.rule.category, decision.rule.id
    return f"off by default: select `{name}`, `{category}` or `{ALL}`"


def _decisive(decision: Decision, layer: Layer) -> SetValue | None:
    """What was said that decides."""
    keys = {"select": ("select", "extend-select"), "ignore": ("ignore",)}.get(decision.key, ())
    for key in keys:
        said = layer.get((key,))
        if said is not None and decision.name in said.value:
            return said
    found = (said for path, said in layer.items() if path[0] == "rules" and best_match(decision.rule, {path[1]: True}))
    return next(found, None) if decision.key == "rules" else None


def settings_record(folder: str, resolved: Resolved) -> dict[str, Any]:
    """The same for programs."""
    found = decisions(known_rules(resolved.settings), resolved.settings)
    return {
        "folder": folder,
        "files": [file.path for file in resolved.files],
        "settings": {
            ".".join(_key(step) for step in path): {"value": _plain(said.value), "origin": said.origin.text}
            for path, said in resolved.layer.items()
        },
        "rules": [
            {
                "rule": each.rule.id,
                "on": each.on,
                "levels": list(each.rule.levels),
                "undecided": each.rule.undecided,
                "options": {name: option.default for name, option in each.rule.options.items()},
                "locked": each.locked,
                "why": why(each, resolved),
            }
            for each in found
        ],
    }


def _key(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isascii() and plain.isalnum() else printable(json.dumps(name, ensure_ascii=False))


def _toml(value: Any) -> str:
    """A value of TOML; JSON's texts, numbers and lists are among them."""
    return printable(json.dumps(_plain(value), ensure_ascii=False))


def _plain(value: Any) -> Any:
    """A setting as it is written in a file."""
    if isinstance(value, FileIgnores):
        return list(value.names)
    if isinstance(value, tuple | list):
        return [item for each in value for item in (each.patterns if isinstance(each, Exclude) else (each,))]
    return value
