"""Findings as an editor shows them in its texts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

import msgspec

from hpolint.editor.documents import Document
from hpolint.editor.positions import Location, Places, Position, Range
from hpolint.lazy_regex import lazy_regex
from hpolint.model.finding import Finding
from hpolint.model.rule import RuleError
from hpolint.model.rule_page import page_url
from hpolint.model.source import Source, Span
from hpolint.report.outcome import Outcome
from hpolint.run.workspace import Checked

NAME = "hpolint"
PLACE = lazy_regex(r"(?P<path>.+?):(?P<line>\d+): (?P<what>.*)")
"""The beginning of a message about a configuration file."""


class Related(msgspec.Struct, frozen=True):
    """A place that belongs to a finding, and what it is."""

    location: Location
    name: str


class Diagnostic(msgspec.Struct, frozen=True):
    """What an editor shows at a place: a finding, or the error of a file of rules or settings.

    ``level`` is ``error``, ``warning`` or ``note``; ``code`` a rule's id, ``rule`` or ``configuration``. ``page`` is
    the address of the rule's page; empty for rules of one's own. ``message`` has a sentence a line.
    """

    range: Range
    message: str
    level: str
    code: str
    page: str = ""
    related: tuple[Related, ...] = ()


def diagnostics_of(
    checked: Checked, document: Document, places: Places, folders: Iterable[str]
) -> dict[str, list[Diagnostic]]:
    """The diagnostics of a document by the addresses of its parts; a part without one has an empty list."""
    found: dict[str, list[Diagnostic]] = {part.uri: [] for part in document.parts}
    outcome = checked.outcome
    if outcome is not None and outcome.source is not None:
        sources = sources_of(outcome)
        for finding in checked.findings:
            own = sources.get(finding.source)
            if own is not None and finding.source == outcome.source.name:
                location = places.location(own, finding.span, document)
                if location is not None:
                    found[location.uri].append(diagnostic(finding, location.range, sources, document, places, folders))
    return found


def is_unreadable(checked: Checked) -> bool:
    """Whether a document names a job and cannot be parsed, and nothing else is known of it."""
    return bool(checked.findings) and all(each.rule.emitted_by == "readers" for each in checked.findings)


def rule_diagnostics(errors: Iterable[RuleError], document: Document, places: Places) -> list[Diagnostic]:
    """The errors of a rule file as diagnostics."""
    source = Source(document.path, document.parts[0].text)
    return [
        Diagnostic(
            places.range(source, Span(each.line, each.column, each.line, each.column)), each.reason, "error", "rule"
        )
        for each in errors
    ]


def sources_of(outcome: Outcome) -> Mapping[str, Source]:
    """The sources in which findings of an outcome have places, by their names."""
    return {
        each.name: each
        for each in (*outcome.scripts, *outcome.included_sources, *([outcome.source] if outcome.source else []))
    }


def diagnostic(
    finding: Finding,
    place: Range,
    sources: Mapping[str, Source],
    document: Document,
    places: Places,
    folders: Iterable[str],
) -> Diagnostic:
    """A finding as a diagnostic, with the page of its rule and related places."""
    related: list[Related] = []
    for note in finding.related:
        source = sources.get(note.source or finding.source)
        own = document if source is not None and source.name == document.path else None
        location = places.location(source, note.span, own) if source is not None else None
        if location is not None:
            related.append(Related(location, short(note.name, folders)))
    return Diagnostic(
        range=place,
        message=short("\n".join(_sentence(text) for text in finding.text), folders),
        level=finding.level,
        code=finding.rule.id,
        page=page_url(finding.rule) if finding.rule.is_builtin else "",
        related=tuple(related),
    )


def _sentence(text: str) -> str:
    """A sentence with its end: some editors show a message in one line."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def short(text: str, folders: Iterable[str]) -> str:
    """A message with paths below the workspace's folders relative to them."""
    for folder in folders:
        text = text.replace(folder.rstrip(os.sep) + os.sep, "")
    return text


def configuration_error(error: str, folders: Iterable[str]) -> tuple[str, Diagnostic] | None:
    """The file of a configuration's error, and the diagnostic in it; None if the message names no file and line."""
    found = PLACE.match(error)
    if found is None or not os.path.isabs(found["path"]):
        return None
    line = int(found["line"]) - 1
    place = Range(Position(line, 0), Position(line, 1000))
    text = short(found["what"], folders)
    return found["path"], Diagnostic(place, text, "error", "configuration")
