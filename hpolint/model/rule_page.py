"""Rules as pages, tables and JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from typing import Any

from hpolint.io.escaping import json_document, visible, visible_lines
from hpolint.model.rule import OFF_BY_DEFAULT, Judged, Option, Rule

SITE = "https://hpolint.github.io/hpolint/"
"""The documentation's address, as in pyproject.toml. Reading the installed package's metadata would be slower."""


def rule_page(rule: Rule) -> str:
    """The output of ``hpolint rule NAME`` and the site's page: the facts of the front matter, then the body."""
    lines = [f"# {rule.id}", "", f"{rule.summary}.", "", _facts(rule)]
    if rule.judged is not None:
        lines += ["", _judged(rule.judged)]
    if rule.options:
        lines += ["", *_options(rule)]
    lines += ["", rule.body.strip()]
    if rule.sources:
        lines += ["", "## Sources", "", *(f"- {source}" for source in rule.sources)]
    return visible_lines("\n".join(lines)) + "\n"


def _facts(rule: Rule) -> str:
    default = "on" if rule.default else "off (select it by name, by its category or by `ALL`)"
    if rule.required_options and rule.default:
        default = "off until its options are set"
    elif rule.category in OFF_BY_DEFAULT:
        default = "off until it is selected or configured"
    facts = [f"Level: {levels(rule)}", f"Default: {default}", f"Precision: {rule.precision}"]
    facts += [f"Undecided: {rule.undecided}"] if rule.undecided != "off" else []
    return ". ".join([*facts, f"Fix: {fix_kind(rule)}", f"Since {rule.since}"]) + "."


def _judged(judged: Judged) -> str:
    """How often the rule's findings were worth acting on, as a sentence."""
    findings = f"{judged.of:,} finding{'' if judged.of == 1 else 's'}"
    were = f"{judged.useful:,} {'was' if judged.useful == 1 else 'were'}"
    where = "in other people's public repositories, judged as the owner would"
    return f"Of {findings} {where}, {were} worth acting on or knowing."


def _options(rule: Rule) -> list[str]:
    """The options as a Markdown table with aligned columns."""
    rows = [("option", "default", "description")]
    rows += [(f"`{name}`", _value(o), o.help.replace("|", r"\|")) for name, o in rule.options.items()]
    first, second = (max(len(row[column]) for row in rows) for column in range(2))
    head, *lines = [f"| {name:<{first}} | {default:<{second}} | {text} |" for name, default, text in rows]
    return [head, f"|{'-' * (first + 2)}|{'-' * (second + 2)}|---|", *lines]


def _value(option: Option) -> str:
    return json.dumps(option.default) if option.default is not None else f"required: {option.kind}"


def page_url(rule: Rule) -> str:
    """The address of the rule's page: on the site, or the file of an organisation's own rule."""
    if rule.is_builtin:
        return f"{SITE}rules/{rule.id}/"
    from pathlib import Path  # takes 4 ms

    return Path(rule.file).absolute().as_uri()


def fix_kind(rule: Rule) -> str:
    """``safe``, ``unsafe`` or ``none``; ``safe or unsafe`` if it depends on the job."""
    if rule.emitted_by == "schema":
        return "safe"
    if rule.fix is None:
        return "none"
    return " or ".join(rule.fix.safeties)


def levels(rule: Rule) -> str:
    """The levels that its findings can have."""
    return " or ".join(rule.levels)


MIN_SUMMARY_WIDTH = 40
"""Columns for a rule's summary; with fewer, it is on lines of its own."""


def rules_table(rules: Iterable[Rule], width: int | None = None) -> str:
    """A table with one line for each rule; lines are wrapped at ``width`` columns if it is given."""
    rows = [
        (rule.id, levels(rule) + ("" if rule.is_on else ", off"), fix_kind(rule), visible(rule.summary))
        for rule in rules
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    head = ("rule", "level", "fix", "what it finds")
    lines = []
    for row in [head, *rows]:
        first = "  ".join(f"{cell:<{size}}" for cell, size in zip(row, widths, strict=False)) + "  "
        if width is None or len(first) + len(row[3]) <= width:
            lines.append(first + row[3])
        elif len(first) + MIN_SUMMARY_WIDTH <= width:
            lines += textwrap.wrap(row[3], width, initial_indent=first, subsequent_indent=" " * len(first))
        else:
            lines += [first.rstrip(), *textwrap.wrap(row[3], width, initial_indent="    ", subsequent_indent="    ")]
    return "".join(f"{line}\n" for line in lines)


def rules_json(rules: Iterable[Rule]) -> str:
    """The rules' front matter without expressions, and their pages, as JSON."""
    return json_document([_record(rule) for rule in rules])


def _record(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "name": rule.name,
        "category": rule.category,
        "summary": rule.summary,
        "levels": list(rule.levels),
        "default": rule.is_on,
        "undecided": rule.undecided,
        "precision": rule.precision,
        "scope": rule.scope,
        "since": rule.since,
        "fix": fix_kind(rule),
        "options": {name: {"default": o.default, "type": o.kind, "help": o.help} for name, o in rule.options.items()},
        "judged": {"useful": rule.judged.useful, "of": rule.judged.of} if rule.judged is not None else None,
        "sources": rule.sources,
        "page": rule.body.strip(),
    }
