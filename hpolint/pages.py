"""The rules as pages and tables, made from their files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hpolint.rule import Rule


def rule_page(rule: Rule) -> str:
    """What ``hpolint rule NAME`` prints: the facts of the front matter, then the page."""
    lines = [f"# {rule.id}", "", f"{rule.summary}.", ""]
    off = "" if rule.default else " Off by default: select it by name, by its category or by `ALL`."
    lines += [f"Level: {levels(rule)}. Precision: {rule.precision}. Fix: {fix_kind(rule)}. Since {rule.since}.{off}"]
    if rule.options:
        lines += ["", "Options:", ""]
        lines += [f"- `{name}` (default {json.dumps(o.default)}): {o.help}" for name, o in rule.options.items()]
    lines += ["", rule.body.strip(), "", "## Sources", "", *(f"- {source}" for source in rule.sources)]
    return "\n".join(lines) + "\n"


def fix_kind(rule: Rule) -> str:
    """``safe``, ``unsafe``, ``none``, or both where it depends on the job."""
    if rule.emitted_by == "schema":
        return "safe"
    if rule.fix is None:
        return "none"
    return " or ".join(rule.fix.safeties)


def levels(rule: Rule) -> str:
    """The levels that its findings can have."""
    return " or ".join(rule.levels)


def rules_table(rules: Iterable[Rule]) -> str:
    """One line a rule."""
    rows = [(rule.id, levels(rule), fix_kind(rule), rule.summary) for rule in rules]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    head = ("rule", "level", "fix", "what it finds")
    return "".join(
        "  ".join([*(f"{c:<{w}}" for c, w in zip(row, widths, strict=False)), row[3]]) + "\n" for row in [head, *rows]
    )


def rules_json(rules: Iterable[Rule]) -> str:
    """The rules' front matter but for the expressions, and their pages, for other programs."""
    return json.dumps([_record(rule) for rule in rules], indent=2, ensure_ascii=False) + "\n"


def _record(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "name": rule.name,
        "category": rule.category,
        "summary": rule.summary,
        "levels": list(rule.levels),
        "default": rule.default,
        "precision": rule.precision,
        "scope": rule.scope,
        "since": rule.since,
        "fix": fix_kind(rule),
        "options": {name: {"default": o.default, "help": o.help} for name, o in rule.options.items()},
        "sources": rule.sources,
        "page": rule.body.strip(),
    }
