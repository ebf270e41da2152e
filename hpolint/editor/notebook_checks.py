"""Checks of an open notebook for an editor that asks with plain data, such as JupyterLab's extension.

All that goes in and out is what JSON can hold. A place is a cell's number, or a file's path, and lines and characters
from 0, characters in UTF-16 as in JavaScript.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec

from hpolint.config.lookup import CheckOptions
from hpolint.editor.actions import Action, Actions, TextChange
from hpolint.editor.diagnostics import Diagnostic, diagnostics_of, is_unreadable, short
from hpolint.editor.documents import Document, OpenDocuments, Part
from hpolint.editor.job_cards import JobCard, job_cards
from hpolint.editor.positions import Location, Places, Range, Units
from hpolint.editor.range_pictures import RangePicture, range_pictures
from hpolint.editor.rule_texts import rule_text
from hpolint.editor.scale_changes import scale_finding
from hpolint.model.rule import Rule
from hpolint.model.rule_page import rule_page
from hpolint.run.workspace import Checked, Workspace

CELL = "cell:"
"""With what the address of a cell begins; its number follows, from 0."""


class CellText(msgspec.Struct, frozen=True):
    """A cell as an editor has it."""

    text: str
    is_code: bool = True
    tags: tuple[str, ...] = ()


class NotebookText(msgspec.Struct, frozen=True):
    """A notebook as an editor has it: its path below the folder of the checks, its cells, and its metadata."""

    path: str
    cells: tuple[CellText, ...]
    metadata: dict[str, Any] = {}


class Preferences(msgspec.Struct, frozen=True):
    """What a user has set in the editor: the path of a policy's file, empty for none."""

    policy: str = ""


class NotebookReport(msgspec.Struct, frozen=True):
    """What is known of a notebook.

    ``cells`` has the diagnostics of each cell. ``error`` is the message of an invalid configuration; the diagnostics
    are then those of the last valid one, and without any there are none: those before it hold.
    ``is_unreadable``: the text does not parse, as while it is typed.
    """

    cells: list[list[Diagnostic]]
    jobs: list[JobCard]
    ranges: list[RangePicture]
    notices: list[str]
    error: str | None
    is_unreadable: bool


class ScaleChange(msgspec.Struct, frozen=True):
    """Another scale of a range as changes of each text, by its address; or the reason why it cannot be written."""

    changes: dict[str, list[TextChange]]
    reason: str = ""


class NotebookChecks:
    """The checks of the notebooks below a folder. Not to be used by several threads at once."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.abspath(folder)
        self._workspaces: dict[Preferences, Workspace] = {}
        self._own_rules: dict[str, Rule] = {}
        self._places = Places(Units(), self._address_of)

    def report(self, notebook: NotebookText, preferences: Preferences) -> NotebookReport:
        """What is known of a notebook."""
        workspace, document, checked = self._checked(notebook, preferences)
        own = diagnostics_of(checked, document, self._places, [self._folder])
        outcome = checked.outcome
        jobs: list[JobCard] = []
        ranges: list[RangePicture] = []
        if outcome is not None:
            prices = workspace.prices(document.path)
            jobs = job_cards(outcome, checked.findings, document, self._places, prices, self._folder)
            ranges = range_pictures(outcome, document, self._places)
        return NotebookReport(
            cells=[own[part.uri] for part in document.parts],
            jobs=jobs,
            ranges=ranges,
            notices=[short(notice, [self._folder]) for notice in checked.notices],
            error=short(checked.error, [self._folder]) if checked.error is not None else None,
            is_unreadable=is_unreadable(checked),
        )

    def actions(self, notebook: NotebookText, preferences: Preferences, cell: int, place: Range) -> list[Action]:
        """What can be done about the findings that a range of a cell touches, fixes first."""
        return self._actions(notebook, preferences).at(f"{CELL}{cell}", place)

    def fix_all(self, notebook: NotebookText, preferences: Preferences) -> list[Action]:
        """The action that applies all safe fixes; none without one."""
        return self._actions(notebook, preferences).fix_all()

    def scale_change(
        self, notebook: NotebookText, preferences: Preferences, cell: int, place: Range, scale: str
    ) -> ScaleChange:
        """The changes that give the range at a place of a cell another scale."""
        workspace, document, checked = self._checked(notebook, preferences)
        location = Location(f"{CELL}{cell}", place)
        outcome = checked.outcome
        finding = scale_finding(outcome, location, scale, document, self._places) if outcome is not None else None
        plan = workspace.edits_of(document.path, finding) if finding is not None else None
        if plan is None:
            return ScaleChange({}, "there is no range any more")
        if plan.reason is not None:
            return ScaleChange({}, plan.reason)
        changes: dict[str, list[TextChange]] = {}
        for address, own, text in self._places.edits(plan, document, self._opened(document)):
            changes.setdefault(address, []).append(TextChange(own, text))
        return ScaleChange(changes)

    def rule_text(self, name: str) -> str | None:
        """The page of a rule as Markdown: a built-in one, or one of the user's that was found. None for any other."""
        rule = self._own_rules.get(name)
        return rule_page(rule) if rule is not None else rule_text(name)

    def close(self, path: str) -> None:
        """Let a notebook's file count again, after it was closed."""
        for workspace in self._workspaces.values():
            workspace.remove_text(self.path_of(path))

    def path_of(self, path: str) -> str:
        """The path of a notebook or folder: below the folder of the checks, whatever the editor says."""
        inner = os.path.normpath(os.path.join(os.sep, path)).lstrip(os.sep)
        return os.path.join(self._folder, inner)

    def _actions(self, notebook: NotebookText, preferences: Preferences) -> Actions:
        workspace, document, checked = self._checked(notebook, preferences)
        return Actions(
            checked,
            lambda findings: workspace.fixes(document.path, findings),
            document,
            self._places,
            self._opened(document),
            lambda text: workspace.is_read_alike(document.path, text),
        )

    def _opened(self, document: Document) -> OpenDocuments:
        return OpenDocuments([document], self._address_of)

    def _checked(self, notebook: NotebookText, preferences: Preferences) -> tuple[Workspace, Document, Checked]:
        workspace = self._workspace(preferences)
        document = self._document(notebook)
        workspace.set_text(document.path, document.data)
        checked = workspace.check(document.path)
        for finding in checked.findings:
            if not finding.rule.is_builtin:
                self._own_rules[finding.rule.id] = finding.rule
        return workspace, document, checked

    def _workspace(self, preferences: Preferences) -> Workspace:
        if preferences not in self._workspaces:
            options = CheckOptions(policy=preferences.policy)
            self._workspaces[preferences] = Workspace([self._folder], options)
        return self._workspaces[preferences]

    def _document(self, notebook: NotebookText) -> Document:
        path = self.path_of(notebook.path)
        parts = [
            Part(f"{CELL}{number}", cell.text, is_code=cell.is_code, tags=cell.tags)
            for number, cell in enumerate(notebook.cells)
        ]
        return Document(path, path, tuple(parts), is_notebook=True, metadata=notebook.metadata)

    def _address_of(self, path: str) -> str:
        """The address of a file: relative to the folder, if it lies below."""
        relative = os.path.relpath(path, self._folder)
        return path if relative.startswith(os.pardir) else relative.replace(os.sep, "/")
