"""SARIF 2.1.0, as GitHub's code scanning reads it.

Identical input gives identical bytes: nothing depends on the clock, the machine or a hash seed. Paths are relative to
the repository's root, since GitHub reads them so, regardless of ``originalUriBaseIds``.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hpolint.io import disk
from hpolint.io.escaping import brief, json_document
from hpolint.model.fix import WrittenFix
from hpolint.model.ignore_comment import Suppression
from hpolint.model.node import path_text
from hpolint.model.rule import Rule
from hpolint.model.rule_page import page_url
from hpolint.model.source import Span
from hpolint.report.records import Diagnostic, FileRecord, Undecided
from hpolint.report.report import Report
from hpolint.reporters.machine_reports import Paths, annotated, cell_prefix, origin_sentences, sentences
from hpolint.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "hpolint/v1"
MAX_CHARACTERS = 1000
"""Characters of a description, of which GitHub keeps 1,024."""


def render(report: Report) -> str:
    """The report as one SARIF log with one run."""
    rules = sorted(report.rules, key=lambda rule: rule.id)
    index = {rule.id: number for number, rule in enumerate(rules)}
    places = _Places(report.sources)
    run = {
        "tool": {"driver": _driver(rules)},
        "invocations": [
            {
                "executionSuccessful": not (report.failures or report.unreadable),
                "toolExecutionNotifications": _notifications(report, places, index),
            }
        ],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(report, places, index),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_document(log, allow_nan=False)


def _driver(rules: list[Rule]) -> dict[str, Any]:
    return {
        "name": "hpolint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": home_page(),
        "rules": [_descriptor(rule) for rule in rules],
    }


def home_page() -> str:
    """The project's home page, as in pyproject.toml. Raises LookupError."""
    for entry in metadata("hpolint").get_all("Project-URL") or []:
        label, _, address = str(entry).partition(", ")
        if label == "Homepage":
            return address
    raise LookupError("the installed package names no home page")


def _descriptor(rule: Rule) -> dict[str, Any]:
    why = section(rule.body, "Why")
    page = f"# {rule.name}\n\n{rule.summary}.\n\n{rule.body.strip()}\n"
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": _cut(plain_text(why))},
        "help": {"text": plain_text(page), "markdown": page},
        **({"helpUri": page_url(rule)} if rule.is_builtin else {}),
        "defaultConfiguration": {"level": rule.levels[0], "enabled": rule.default},
        "properties": {
            "precision": rule.precision,
            "tags": ["sagemaker", "hyperparameter-tuning", rule.category],
            "problem.severity": {"note": "recommendation"}.get(rule.levels[0], rule.levels[0]),
        },
    }


def section(body: str, heading: str) -> str:
    """The text below a heading of a page; empty if there is no such heading."""
    match = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", body, re.MULTILINE | re.DOTALL)
    return match[1].strip() if match else ""


def plain_text(markdown: str) -> str:
    """Markdown as plain text."""
    text = re.sub(r"^```.*$", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"^#+ ", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    text = re.sub(r"[`*]", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


def _results(report: Report, places: _Places, index: dict[str, int]) -> list[dict[str, Any]]:
    results = []
    seen: dict[str, int] = {}
    for finding in report.findings:
        identity = _identity(finding, places)
        seen[identity] = seen.get(identity, 0) + 1
        result = _result(finding, places, index, f"{identity}/{seen[identity]}")
        results.append({**result, **_fixes(finding, report.fix_of(finding), places)})
    for each in report.suppressed if report.shows_suppressed else ():  # GitHub would open alerts for them
        identity = _identity(each.finding, places)
        seen[identity] = seen.get(identity, 0) + 1
        result = _result(each.finding, places, index, f"{identity}/{seen[identity]}")
        results.append({**result, "suppressions": [_suppression(each.suppression)]})
    return results


def _fixes(finding: Diagnostic, written: WrittenFix | None, places: _Places) -> dict[str, Any]:
    """The edits of a fix; its description says whether it is safe or unsafe."""
    if finding.fix is None or written is None or not written.edits:
        return {}
    replacements = [
        {
            "deletedRegion": places.region(each.span),
            **({"insertedContent": {"text": each.text}} if each.text else {}),
        }
        for each in written.edits
    ]
    change = {"artifactLocation": places.artifact(written.file or finding.source), "replacements": replacements}
    return {"fixes": [{"description": {"text": f"{finding.fix.safety} fix"}, "artifactChanges": [change]}]}


def _suppression(suppression: Suppression | None) -> dict[str, Any]:
    """The suppression of a result; None stands for the baseline."""
    if suppression is None:
        return {"kind": "external", "status": "accepted", "justification": "It is in the baseline."}
    return {
        "kind": "inSource",
        "status": "accepted",
        **({"justification": suppression.reason} if suppression.reason else {}),
    }


def _result(finding: Diagnostic, places: _Places, index: dict[str, int], identity: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "ruleIndex": index[finding.rule.id],
        "level": finding.level,
        "message": {"text": _sentences(finding, places)},
        "locations": [places.location(*annotated(finding), path_text(finding.path))],
        "partialFingerprints": {FINGERPRINT: hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:32]},
    }
    related = list(_related(finding, places))
    if related:
        result["relatedLocations"] = related
    if finding.launches:
        result["properties"] = {"launches": [launch.label for launch in finding.launches]}
    return result


def _related(finding: Diagnostic, places: _Places) -> Iterator[dict[str, Any]]:
    """The related places, to which the message links, and the generated file of a finding in a program."""
    for number, each in enumerate(finding.related, 1):
        location = places.location(each.source or finding.source, each.span)
        yield {"id": number, **location, "message": {"text": each.name}}
    if finding.origin is not None:
        location = places.location(finding.source, finding.span)
        yield {"id": len(finding.related) + 1, **location, "message": {"text": "the value that the CDK generates"}}


def _sentences(finding: Diagnostic, places: _Places) -> str:
    whole = sentences(finding) + origin_sentences(finding, places.path(finding.source))
    text = re.sub(r"[\\\[\]]", r"\\\g<0>", whole)  # brackets are links in SARIF's messages
    names = [re.sub(r"[\\\[\]]", r"\\\g<0>", each.name) for each in finding.related]
    links = ", ".join(f"[{name}]({number})" for number, name in enumerate(names, 1))
    text = f"{text} See {links}." if links else text
    return cell_prefix(finding) + text


def _identity(finding: Diagnostic, places: _Places) -> str:
    """The identity of a finding without its line: rule, file, job and field."""
    name = finding.job.name if finding.job else None
    return "\0".join([finding.rule.id, places.uri(finding.source), name or "", finding.fingerprint])


def _notifications(report: Report, places: _Places, index: dict[str, int]) -> list[dict[str, Any]]:
    """Notifications of failed rules, files that were not read, and undecided judgements."""
    notes = [_notification("error", f"The rule {f.rule} failed at {f.place}: {f.reason}") for f in report.failures]
    notes += [_notification("error", line) for line in report.unreadable]
    notes += [_notification("warning", line) for line in report.vanished]
    notes += [_notification("note", line) for line in report.notices]
    notes += [
        _notification("note", f"{path} was not read: {reason}.", [places.location(path, Span(1, 1, 1, 2))])
        for path, reason in report.skipped
    ]
    for record in report.records:
        notes += [_open_note(judgement, record, places, index) for judgement in record.undecided]
    return notes


def _notification(level: str, text: str, locations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    note: dict[str, Any] = {"level": level, "message": {"text": text}}
    return {**note, "locations": locations} if locations else note


def _open_note(judgement: Undecided, record: FileRecord, places: _Places, index: dict[str, int]) -> dict[str, Any]:
    values = [record.values[cause.value] for cause in judgement.causes]
    reasons = "; ".join(dict.fromkeys(value.reason for value in values))
    spans = dict.fromkeys(value.place.span for value in values)
    subject = judgement.subject
    locations = [places.location(judgement.source, span, subject) for span in spans]
    of = f" for {brief(subject)}" if subject else ""
    note = _notification("note", f"{judgement.rule.id} is undecided{of}: {reasons}.", locations)
    note["associatedRule"] = {"id": judgement.rule.id, "index": index[judgement.rule.id]}
    return note


def _bytes(path: str) -> bytes:
    """A path as the file system has it. A text in memory may have a name that no file can have."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")


class _Places:
    """Places in files, relative to the repository's root."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._paths = Paths(sources)
        self._uris: dict[str, str] = {}

    def uri(self, name: str) -> str:
        """A source's address: relative, forward slashes, percent-encoded, links resolved."""
        if name not in self._uris:
            path = self._paths.of(name)
            absolute = Path(disk.real(name)).as_uri
            self._uris[name] = absolute() if path is None else quote(_bytes(path), safe="/")
        return self._uris[name]

    def path(self, name: str) -> str:
        """A source's path for messages."""
        return self._paths.named(name)

    def artifact(self, name: str) -> dict[str, str]:
        """A source as an artifact location."""
        return {"uri": self.uri(name), "uriBaseId": "%SRCROOT%"}

    @staticmethod
    def region(span: Span) -> dict[str, int]:
        """A span as a region; an empty region is a place between two characters."""
        return {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }

    def location(self, name: str, span: Span, field: str = "") -> dict[str, Any]:
        """A location; the region of an empty span is widened to one column."""
        region = self.region(span)
        if (span.end_line, span.end_column) == (span.line, span.column):
            region["endColumn"] += 1
        location: dict[str, Any] = {"physicalLocation": {"artifactLocation": self.artifact(name), "region": region}}
        if field:
            location["logicalLocations"] = [{"fullyQualifiedName": brief(field, MAX_CHARACTERS)}]
        return location
