"""Fixes and suppressions of findings as an editor's code actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lsprotocol.types import (
    CodeAction,
    CodeActionKind,
    Command,
    Diagnostic,
    OptionalVersionedTextDocumentIdentifier,
    Position,
    Range,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from hpolint.fixes.fix_planner import FixEdits, FixPlanner, compatible
from hpolint.model.finding import Finding
from hpolint.model.forms import language_of
from hpolint.model.rule_page import page_url
from hpolint.reporters.text import fix_text
from hpolint.run.workspace import Checked
from hpolint.server.diagnostics import sources_of
from hpolint.server.documents import Document, Places, overlaps

FIX_ALL = "source.fixAll.hpolint"
OPEN_PAGE = "hpolint.openPage"
"""The command that opens a rule's page."""

SAFE = "safe"

VersionOf = Callable[[str], int | None]
UriOf = Callable[[str], str]


class Actions:
    """The code actions of one document's result."""

    def __init__(
        self,
        checked: Checked,
        fixes: Sequence[FixEdits],
        document: Document,
        places: Places,
        version_of: VersionOf,
        uri_of: UriOf,
    ) -> None:
        self._checked = checked
        self._fixes = {id(each.finding): each for each in fixes}
        self._document = document
        self._places = places
        self._version_of = version_of
        self._uri_of = uri_of

    def at(self, uri: str, place: Range, diagnostics: Iterable[Diagnostic]) -> list[CodeAction]:
        """The actions for the findings that a range touches, fixes first."""
        shown = list(diagnostics)
        fixes, others = [], []
        for finding, own in self._findings_at(uri, place):
            about = [each for each in shown if each.code == finding.rule.id and overlaps(each.range, own)]
            fixes += self._fix(finding, about)
            others += self._suppression(finding, uri, own, about)
            others += _page(finding, about)
        return [*fixes, *others]

    def fix_all(self) -> list[CodeAction]:
        """The action that applies all safe fixes which can be applied together; none without one."""
        outcome = self._checked.outcome
        plans = [each for each in self._fixes.values() if each.reason is None and _safety(each.finding) == SAFE]
        together = compatible(plans)
        if not together or outcome is None or outcome.source is None:
            return []
        if len(together) > 1 and FixPlanner(outcome.source, outcome.jobs).verification_error(together) is not None:
            together = together[:1]
        title = f"hpolint: apply {'all safe fixes' if len(together) > 1 else 'the safe fix'}"
        return [CodeAction(title, FIX_ALL, edit=self._edit(together))]

    def _findings_at(self, uri: str, place: Range) -> Iterable[tuple[Finding, Range]]:
        outcome = self._checked.outcome
        sources = sources_of(outcome) if outcome is not None else {}
        for finding in self._checked.findings:
            source = sources.get(finding.source)
            if source is not None and source.name == self._document.path:
                location = self._places.location(source, finding.span, self._document)
                if location is not None and location.uri == uri and overlaps(location.range, place):
                    yield finding, location.range

    def _fix(self, finding: Finding, about: list[Diagnostic]) -> list[CodeAction]:
        plan = self._fixes.get(id(finding))
        if plan is None or plan.reason is not None or finding.fix is None:
            return []
        is_safe = finding.fix.safety == SAFE
        text = fix_text(finding.fix, finding.job)
        title = text[0].upper() + text[1:] + ("" if is_safe else " (unsafe)")
        return [
            CodeAction(
                title.replace("`", ""),
                CodeActionKind.QuickFix,
                diagnostics=about,
                is_preferred=is_safe,
                edit=self._edit([plan]),
            )
        ]

    def _edit(self, plans: Iterable[FixEdits]) -> WorkspaceEdit:
        """The edits of some fixes, each once, by document."""
        found: dict[str, dict[tuple[int, int, int, int, str], TextEdit]] = {}
        for plan in plans:
            for uri, place, text in self._places.edits(plan, self._document, self._uri_of):
                key = place.start.line, place.start.character, place.end.line, place.end.character, text
                found.setdefault(uri, {})[key] = TextEdit(place, text)
        return WorkspaceEdit(
            document_changes=[
                TextDocumentEdit(
                    OptionalVersionedTextDocumentIdentifier(uri, self._version_of(uri)), list(edits.values())
                )
                for uri, edits in found.items()
            ]
        )

    def _suppression(self, finding: Finding, uri: str, own: Range, about: list[Diagnostic]) -> list[CodeAction]:
        """The action that writes a comment above a finding; none for a locked rule, or where there are no comments."""
        part = self._document.part_of(uri)
        is_json = self._document.path.lower().endswith(".json") and not self._document.is_notebook
        if part is None or is_json or finding.rule.fails_from is not None or finding.rule.category == "hygiene":
            return []
        if language_of(self._document.path).name == "notebooks" and not self._document.is_notebook:
            return []
        lines = part.text.split("\n")
        at = self._job_line(finding, uri) if finding.count > 1 else None  # there it covers all of its places
        number = own.start.line if at is None else at
        line = lines[number] if number < len(lines) else ""
        indent = line[: len(line) - len(line.lstrip())]
        ending = "\r\n" if line.endswith("\r") else "\n"
        comment = f"{indent}# hpolint: ignore[{finding.rule.id}]{ending}"
        start = Position(number, 0)
        change = TextDocumentEdit(
            OptionalVersionedTextDocumentIdentifier(uri, self._version_of(uri)),
            [TextEdit(Range(start, start), comment)],
        )
        title = f"Ignore {finding.rule.id} here (then add a reason)"
        edit = WorkspaceEdit(document_changes=[change])
        return [CodeAction(title, CodeActionKind.QuickFix, diagnostics=about, edit=edit)]

    def _job_line(self, finding: Finding, uri: str) -> int | None:
        """The line of a part where a finding's job begins; None if it begins elsewhere."""
        outcome = self._checked.outcome
        if finding.job is None or outcome is None or outcome.source is None:
            return None
        location = self._places.location(outcome.source, finding.job.request.anchor, self._document)
        return location.range.start.line if location is not None and location.uri == uri else None


def _safety(finding: Finding) -> str:
    return finding.fix.safety if finding.fix is not None else ""


def _page(finding: Finding, about: list[Diagnostic]) -> list[CodeAction]:
    """The action that opens the page of a built-in rule."""
    if not finding.rule.is_builtin:
        return []
    title = f"Explain {finding.rule.id}"
    command = Command(title, OPEN_PAGE, arguments=[page_url(finding.rule)])
    return [CodeAction(title, CodeActionKind.QuickFix, diagnostics=about, command=command)]
