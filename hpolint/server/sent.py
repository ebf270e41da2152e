"""Findings and actions in the types of the Language Server Protocol."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from hpolint.editor.actions import Action, TextChange
from hpolint.editor.diagnostics import NAME, Diagnostic
from hpolint.editor.documents import OpenDocuments
from hpolint.editor.positions import overlaps
from hpolint.server.protocol import range_of, sent_location, sent_range

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
FIX_ALL = "source.fixAll.hpolint"
NOTEBOOK_FIX_ALL = "notebook.source.fixAll.hpolint"
"""The kind of an action that an editor asks for once for a notebook, at one of its cells."""

ALL_FIXES = {"fix-all": FIX_ALL, "fix-notebook": NOTEBOOK_FIX_ALL}
OPEN_PAGE = "hpolint.openPage"
"""The command that opens a rule's page."""


def sent_diagnostic(diagnostic: Diagnostic) -> types.Diagnostic:
    """A diagnostic to send."""
    return types.Diagnostic(
        range=sent_range(diagnostic.range),
        message=diagnostic.message,
        severity=SEVERITIES[diagnostic.level],
        code=diagnostic.code,
        code_description=types.CodeDescription(diagnostic.page) if diagnostic.page else None,
        source=NAME,
        related_information=[
            types.DiagnosticRelatedInformation(sent_location(related.location), related.name)
            for related in diagnostic.related
        ],
    )


def sent_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[types.Diagnostic]:
    """Diagnostics to send."""
    return [sent_diagnostic(diagnostic) for diagnostic in diagnostics]


def sent_action(action: Action, shown: Iterable[types.Diagnostic], opened: OpenDocuments) -> types.CodeAction:
    """An action to send, with those of the ``shown`` diagnostics that it is about."""
    if action.kind in ALL_FIXES:
        return types.CodeAction(action.title, ALL_FIXES[action.kind], edit=sent_edit(action, opened))
    code_action = types.CodeAction(action.title, types.CodeActionKind.QuickFix, diagnostics=_about(action, shown))
    if action.kind == "explain":
        code_action.command = types.Command(action.title, OPEN_PAGE, arguments=[action.page])
    else:
        code_action.edit = sent_edit(action, opened)
    if action.kind == "fix":
        code_action.is_preferred = action.is_safe
    return code_action


def _about(action: Action, shown: Iterable[types.Diagnostic]) -> list[types.Diagnostic]:
    place = action.place
    return [
        diagnostic
        for diagnostic in shown
        if place is not None and diagnostic.code == action.rule and overlaps(range_of(diagnostic.range), place)
    ]


def sent_edit(action: Action, opened: OpenDocuments) -> types.WorkspaceEdit:
    """The changes of an action, for the versions of the texts that they were made for."""
    edits: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    for uri, changes in action.changes.items():
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri, opened.version_of(uri))
        edits.append(types.TextDocumentEdit(identifier, [_text_edit(change) for change in changes]))
    return types.WorkspaceEdit(document_changes=edits)


def _text_edit(change: TextChange) -> types.TextEdit:
    return types.TextEdit(sent_range(change.range), change.text)
