"""What an editor offers to do about findings: apply a fix, write an ignore comment, show the rule's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import msgspec

from hpolint.editor.diagnostics import sources_of
from hpolint.editor.documents import Document, OpenDocuments
from hpolint.editor.positions import Places, Range, overlaps
from hpolint.fixes.fix_planner import FixEdits, FixPlanner, compatible
from hpolint.fixes.phrase import fix_phrase
from hpolint.model.finding import Finding
from hpolint.model.forms import language_of
from hpolint.model.rule_page import page_url
from hpolint.model.source import Source
from hpolint.run.workspace import Checked
from hpolint.suppressions.new_comments import new_comment

SAFE = "safe"

IsReadAlike = Callable[[bytes], bool]
"""Whether the document has the same jobs with another text."""

Planned = Callable[[list[Finding]], list[FixEdits]]
"""The fixes of some findings of the document as edits, or why there are none."""


class TextChange(NamedTuple):
    """A range of a text and what replaces it."""

    range: Range
    text: str


class Action(msgspec.Struct, frozen=True):
    """What an editor may do about a finding, or about all findings with a safe fix.

    ``place`` and ``rule`` are those of the finding; None and empty for all of them. ``changes`` are those of each text,
    by its address. ``page`` is the address of the page to show; a rule of the user's own has none.
    """

    title: str
    kind: Literal["fix", "ignore", "explain", "fix-all", "fix-notebook"]
    place: Range | None = None
    rule: str = ""
    changes: dict[str, list[TextChange]] = {}
    is_safe: bool = False
    page: str = ""


class Actions:
    """The actions for one document's result."""

    def __init__(
        self,
        checked: Checked,
        planned: Planned,
        document: Document,
        places: Places,
        opened: OpenDocuments,
        is_read_alike: IsReadAlike,
    ) -> None:
        self._checked = checked
        self._planned = planned
        self._document = document
        self._places = places
        self._opened = opened
        self._is_read_alike = is_read_alike

    def at(self, uri: str, place: Range) -> list[Action]:
        """The actions for the findings that a range touches, fixes first. Only their fixes are planned."""
        touched = list(self._groups_at(uri, place))
        findings: list[Finding] = []
        for group, _ in touched:
            findings += group
        plans = self._planned(findings)
        plan_of = {plan.finding: plan for plan in plans if plan.reason is None}
        fixes: list[Action] = []
        others: list[Action] = []
        for group, own in touched:
            fixes += self._fix([plan_of[finding] for finding in group if finding in plan_of], own)
            others += self._suppression(group[0], own)
            others += _page(group[0], own)
        return [*fixes, *others]

    @property
    def may_fix_all(self) -> bool:
        """Whether a finding has a safe fix, which may or may not be written."""
        outcome = self._checked.outcome
        return outcome is not None and any(_safety(finding) == SAFE for finding in outcome.findings)

    def fix_all(self, uri: str | None = None) -> list[Action]:
        """The action that applies all safe fixes which can be applied together; none without one.

        With the address of a part, only those that change nothing else.
        """
        together = self._safe_plans()
        if uri is not None:
            together = [plan for plan in together if set(self._changes([plan])) == {uri}]
        if not together:
            return []
        title = f"hpolint: apply {'all safe fixes' if len(together) > 1 else 'the safe fix'}"
        return [Action(title, "fix-all", changes=self._changes(together), is_safe=True)]

    def _safe_plans(self) -> list[FixEdits]:
        """The safe fixes that can be applied together."""
        outcome = self._checked.outcome
        if outcome is None or outcome.source is None:
            return []
        safe = [finding for finding in outcome.findings if _safety(finding) == SAFE]
        together = compatible(self._planned(safe))
        if len(together) > 1 and FixPlanner(outcome.source, outcome.jobs).verification_error(together) is not None:
            return together[:1]
        return together

    def _groups_at(self, uri: str, place: Range) -> Iterable[tuple[list[Finding], Range]]:
        outcome = self._checked.outcome
        sources = sources_of(outcome) if outcome is not None else {}
        for group in self._checked.groups:
            source = sources.get(group[0].source)
            if source is not None and source.name == self._document.path:
                location = self._places.location(source, group[0].span, self._document)
                if location is not None and location.uri == uri and overlaps(location.range, place):
                    yield group, location.range

    def _fix(self, plans: list[FixEdits], place: Range) -> list[Action]:
        """The action that writes the first of the fixes of findings that are shown as one."""
        if not plans:
            return []
        finding = plans[0].finding
        fix = finding.fix
        if fix is None:
            return []
        is_safe = fix.safety == SAFE
        text = fix_phrase(fix, finding.job)
        title = text[0].upper() + text[1:] + ("" if is_safe else " (unsafe)")
        changes = self._changes(plans[:1])
        return [Action(title.replace("`", ""), "fix", place, finding.rule.id, changes, is_safe)]

    def _changes(self, plans: Iterable[FixEdits]) -> dict[str, list[TextChange]]:
        """The changes of some fixes, each once, by the address of the text."""
        changes: dict[str, dict[TextChange, None]] = {}
        for plan in plans:
            for uri, place, text in self._places.edits(plan, self._document, self._opened):
                changes.setdefault(uri, {})[TextChange(place, text)] = None
        return {uri: list(own) for uri, own in changes.items()}

    def _suppression(self, finding: Finding, place: Range) -> list[Action]:
        """The action that writes a comment about a finding; none for a locked rule, or where none can be written."""
        if finding.rule.fails_from is not None or finding.rule.category == "hygiene":
            return []
        covered = self._place_to_cover(finding)
        if covered is None:
            return []
        uri, text, line = covered
        comment = new_comment(text, line, finding.rule.id)
        if comment is None or not self._is_read_alike(self._document.with_text(uri, comment.applied(text.text)).data):
            return []
        start = self._places.offset_range(text, comment.start, comment.start, self._document)
        where = "here" if comment.line == line else f"in all that begins in line {comment.line}"
        title = f"Ignore {finding.rule.id} {where} (then add a reason)"
        return [Action(title, "ignore", place, finding.rule.id, {uri: [TextChange(start, comment.text)]})]

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


def _page(finding: Finding, place: Range) -> list[Action]:
    """The action that shows the page of a rule; one of one's own has no address."""
    rule = finding.rule
    page = page_url(rule) if rule.is_builtin else ""
    return [Action(f"Explain {rule.id}", "explain", place, rule.id, page=page)]
