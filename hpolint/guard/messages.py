"""The guard's texts: the report of a refused call, as text and as HTML, and the notice of one that is let through."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hpolint.fixes.phrase import fix_phrase
from hpolint.io.escaping import visible
from hpolint.model.level import LEVELS
from hpolint.model.node import Scalar, follow, item_name
from hpolint.model.rule_page import page_url
from hpolint.reporters.text import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hpolint.model.finding import Finding
    from hpolint.model.source import Source
    from hpolint.report.report import Report

WIDTH = 100
"""Columns of the report in an exception's text."""

MAX_NOTICED = 3
"""Warnings of which a notice gives the first sentence."""

UPLOADED = "Source code that the SDK has uploaded for this job stays in S3."


def refusal_text(heading: str, report: Report, closing: Sequence[str]) -> str:
    """The report of a refused call: a heading, the findings with the request's values, and how to go on."""
    findings = render(report, width=WIDTH, can_fix=False).rstrip("\n")
    return "\n\n".join(filter(None, (visible(heading), findings, "\n".join(map(visible, closing)))))


def refusal_table(
    heading: str,
    findings: Sequence[Finding],
    sources: Mapping[str, Source],
    closing: Sequence[str],
    size: Sequence[str],
) -> str:
    """The same as HTML: what the job costs at worst and its ``size``, and a row for each finding.

    ``sources`` are those in which they have places, by name.
    """
    ordered = sorted(findings, key=lambda finding: LEVELS.index(finding.level))
    rows = "".join(_row(finding, sources) for finding in ordered)
    paragraphs = "".join(f"<p>{_html(line)}</p>" for line in closing)
    sizes = "<br>".join(_html(line) for line in size)
    head = "".join(f'<th style="text-align:left">{name}</th>' for name in ("", "rule", "value", "finding"))
    return (
        f"<div><p><b>{_html(heading)}</b></p><p>{sizes}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{paragraphs}</div>"
    )


def _row(finding: Finding, sources: Mapping[str, Source]) -> str:
    rule = _html(finding.rule.id)
    if finding.rule.is_builtin:
        rule = f'<a href="{escape(page_url(finding.rule))}" target="_blank">{rule}</a>'
    first, *others = finding.text
    lines = [f"<b>{_html(first)}</b>", *map(_html, others)]
    if finding.fix is not None and not any(finding.fix.set):
        lines.append(f"fix: {_html(fix_phrase(finding.fix, finding.job))}")
    for each in finding.related:
        source = sources.get(each.source) if each.source is not None else None
        if source is not None:
            lines.append(_html(f"`{source.shown(each.span)}`: {each.name}"))
    cells = (_html(finding.level), rule, _value(finding), "<br>".join(lines))
    style = 'style="text-align:left;vertical-align:top"'
    return f"<tr>{''.join(f'<td {style}>{cell}</td>' for cell in cells)}</tr>"


def _value(finding: Finding) -> str:
    """The value of a finding as the request writes it, below the name of its range or definition."""
    job, path = finding.job, finding.path
    if job is None or not path:
        return ""
    node, above = follow(job.request, path), follow(job.request, path[:-1])
    lines = [name for each in (above, node) if (name := item_name(each))]
    if isinstance(path[-1], str):
        has_value = isinstance(node, Scalar) and path[-1] not in ("Name", "DefinitionName")
        own = job.spelling.at(path)
        lines.append(own.value(path[-1], node.value) if isinstance(node, Scalar) and has_value else own.name(path[-1]))
    return "<br>".join(f"<code>{escape(visible(line))}</code>" for line in dict.fromkeys(lines))


def _html(text: str) -> str:
    """A sentence as HTML, with its backticks as code."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:
        return escape(visible(text))
    return "".join(f"<code>{escape(part)}</code>" if at % 2 else escape(part) for at, part in enumerate(parts))


def notice_text(place: str, operation: str, findings: Sequence[Finding]) -> str:
    """A notice about the warnings of a call that is let through; empty without warnings."""
    warnings = [each for each in findings if each.level != "note"]
    if not warnings:
        return ""
    lines = [f"hpolint: {place}: {operation} is not refused, with {counted(warnings)}"]
    lines += [f"  {each.level}[{each.rule.id}] {each.text[0]}" for each in warnings[:MAX_NOTICED]]
    if len(warnings) > MAX_NOTICED:
        lines.append(f"  and {len(warnings) - MAX_NOTICED} more")
    return "\n".join(map(visible, lines))


def counted(findings: Sequence[Finding]) -> str:
    """The findings in words: ``2 errors and 1 warning``."""
    counts = [(level, sum(each.level == level for each in findings)) for level in LEVELS]
    words = [f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts if count]
    return " and ".join(words)
