"""Fixes and suppressions of findings as an editor's code actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lsprotocol.types import (
    CodeAction,
    CodeActionKind,
    Command,
    Diagnostic,
    OptionalVersionedTextDocumentIdentifier,
    Range,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from hpolint.fixes.fix_planner import FixEdits, FixPlanner, compatible
from hpolint.fixes.phrase import fix_phrase
from hpolint.model.finding import Finding
from hpolint.model.forms import language_of
from hpolint.model.rule_page import page_url
from hpolint.model.source import Source
from hpolint.run.workspace import Checked
from hpolint.server.diagnostics import sources_of
from hpolint.server.documents import Document, OpenDocuments, Places, overlaps
from hpolint.suppressions.new_comments import new_comment

FIX_ALL = "source.fixAll.hpolint"
OPEN_PAGE = "hpolint.openPage"
"""The command that opens a rule's page."""

SAFE = "safe"

IsReadAlike = Callable[[bytes], bool]
"""Whether the document has the same jobs with another text."""


class Actions:
    """The code actions of one document's result."""

    def __init__(
        self,
        checked: Checked,
        fixes: Sequence[FixEdits],
        document: Document,
        places: Places,
        opened: OpenDocuments,
        is_read_alike: IsReadAlike,
    ) -> None:
        self._checked = checked
        self._fixes = {plan.finding: plan for plan in fixes}
        self._document = document
        self._places = places
        self._opened = opened
        self._is_read_alike = is_read_alike

    def at(self, uri: str, place: Range, diagnostics: Iterable[Diagnostic]) -> list[CodeAction]:
        """The actions for the findings that a range touches, fixes first."""
        shown = list(diagnostics)
        fixes, others = [], []
        for finding, own in self._findings_at(uri, place):
            about = [each for each in shown if each.code == finding.rule.id and overlaps(each.range, own)]
            fixes += self._fix(finding, about)
            others += self._suppression(finding, about)
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
        plan = self._fixes.get(finding)
        if plan is None or plan.reason is not None or finding.fix is None:
            return []
        is_safe = finding.fix.safety == SAFE
        text = fix_phrase(finding.fix, finding.job)
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
            for uri, place, text in self._places.edits(plan, self._document, self._opened):
                key = place.start.line, place.start.character, place.end.line, place.end.character, text
                found.setdefault(uri, {})[key] = TextEdit(place, text)
        return WorkspaceEdit(
            document_changes=[
                TextDocumentEdit(
                    OptionalVersionedTextDocumentIdentifier(uri, self._opened.version_of(uri)), list(edits.values())
                )
                for uri, edits in found.items()
            ]
        )

    def _suppression(self, finding: Finding, about: list[Diagnostic]) -> list[CodeAction]:
        """The action that writes a comment about a finding; none for a locked rule, or where none can be written."""
        if finding.rule.fails_from is not None or finding.rule.category == "hygiene":
            return []
        place = self._place_to_cover(finding)
        if place is None:
            return []
        uri, text, line = place
        comment = new_comment(text, line, finding.rule.id)
        if comment is None or not self._is_read_alike(self._document.with_text(uri, comment.applied(text.text)).data):
            return []
        start = self._places.offset_range(text, comment.start, comment.start, self._document)
        change = TextDocumentEdit(
            OptionalVersionedTextDocumentIdentifier(uri, self._opened.version_of(uri)), [TextEdit(start, comment.text)]
        )
        where = "here" if comment.line == line else f"in all that begins in line {comment.line}"
        title = f"Ignore {finding.rule.id} {where} (then add a reason)"
        edit = WorkspaceEdit(document_changes=[change])
        return [CodeAction(title, CodeActionKind.QuickFix, diagnostics=about, edit=edit)]

    def _place_to_cover(self, finding: Finding) -> tuple[str, Source, int] | None:
        """The document, its text and the line in it that a comment has to cover; None where there are no comments.

        For a finding that joins several of a job, it is the job's own line, because a comment there covers all of them.
        """
        outcome, job = self._checked.outcome, finding.job
        source = outcome.source if outcome is not None else None
        if source is None:
            return None
        is_own_job = job is not None and job.source.name == source.name
        span = finding.span
        if job is not None and is_own_job and finding.count > 1 and finding.rule.group == "job":
            span = job.request.anchor
        if not self._document.is_notebook:
            is_json = language_of(self._document.path).name == "notebooks"
            return (self._document.uri, source, span.line) if not is_json else None
        in_cell = source.in_cell(span)
        if in_cell is None or in_cell[0] not in source.cells:  # other cells hold no Python
            return None
        cell, within = in_cell
        return self._document.parts[cell.number - 1].uri, cell.text, within.line


def _safety(finding: Finding) -> str:
    return finding.fix.safety if finding.fix is not None else ""


def _page(finding: Finding, about: list[Diagnostic]) -> list[CodeAction]:
    """The action that opens the page of a built-in rule."""
    if not finding.rule.is_builtin:
        return []
    title = f"Explain {finding.rule.id}"
    command = Command(title, OPEN_PAGE, arguments=[page_url(finding.rule)])
    return [CodeAction(title, CodeActionKind.QuickFix, diagnostics=about, command=command)]
