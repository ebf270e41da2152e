"""Code actions: what they change is worked out when the editor asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from lsprotocol import types

from hpolint.editor.actions import Action, Actions
from hpolint.editor.documents import Document, OpenDocuments
from hpolint.run.workspace import Workspace
from hpolint.server.protocol import range_of
from hpolint.server.sent import FIX_ALL, NOTEBOOK_FIX_ALL, sent_action, sent_edit
from hpolint.server.session import Session

QUICK_FIX = types.CodeActionKind.QuickFix.value
KINDS = (QUICK_FIX, FIX_ALL, NOTEBOOK_FIX_ALL)


class _Offer(msgspec.Struct, frozen=True):
    """The actions that the editor was last offered for a document, and the document then."""

    document: Document
    actions: list[Action]


class CodeActions:
    """The code actions of documents."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._offers: dict[str, _Offer] = {}

    async def at(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The code actions for a range; none for a text that is overtaken, in which they would be at other places."""
        uri = params.text_document.uri
        document = self._session.document(uri)
        if document is None:
            return []
        opened = self._session.opened()
        kinds = _asked_kinds(params.context.only)
        place = range_of(params.range)

        def found(checks: Workspace) -> list[Action]:
            actions = self._actions(checks, document, opened)
            made = _with_address(actions.at(uri, place)) if QUICK_FIX in kinds else []
            if self._resolves:
                return made
            return [*made, *self._all_fixes(actions, document, uri, kinds)]

        made = await self._session.run(found)
        if self._session.is_overtaken(document):
            return []
        shown = params.context.diagnostics
        if not self._resolves:
            return [sent_action(action, shown, opened) for action in made]
        return [*self._offered(document, made, shown, opened), *await self._offered_for_all(document, uri, kinds)]

    def _actions(self, checks: Workspace, document: Document, opened: OpenDocuments) -> Actions:
        return Actions(
            checks.check(document.path),
            lambda findings: checks.fixes(document.path, findings),
            document,
            self._session.places,
            opened,
            lambda text: checks.is_read_alike(document.path, text),
        )

    def _all_fixes(self, actions: Actions, document: Document, uri: str, kinds: set[str]) -> list[Action]:
        """The actions that apply all safe fixes: of the whole notebook, or of what a part of a document changes."""
        made: list[Action] = []
        if FIX_ALL in kinds:
            made += actions.fix_all(uri if document.is_notebook else None)
        if NOTEBOOK_FIX_ALL in kinds and document.is_notebook:
            made += [msgspec.structs.replace(action, kind="fix-notebook") for action in actions.fix_all()]
        return made

    @property
    def _resolves(self) -> bool:
        """Whether the editor asks for what an action changes only when it is chosen."""
        abilities = self._session.client_capabilities.text_document
        support = abilities.code_action.resolve_support if abilities is not None and abilities.code_action else None
        return support is not None and "edit" in support.properties

    def _offered(
        self, document: Document, made: list[Action], shown: Iterable[types.Diagnostic], opened: OpenDocuments
    ) -> list[types.CodeAction]:
        """Actions without their changes, which are kept until the next ones are offered."""
        self._offers[document.uri] = _Offer(document, made)
        offered = []
        for number, action in enumerate(made):
            sent = sent_action(action, shown, opened)
            if sent.edit is not None:
                sent.edit = None
                sent.data = {"uri": document.uri, "number": number}
            offered.append(sent)
        return offered

    async def _offered_for_all(self, document: Document, uri: str, kinds: set[str]) -> list[types.CodeAction]:
        """The actions that apply all safe fixes, without their changes: no fix is planned for them yet."""
        asked = [kind for kind in (FIX_ALL, NOTEBOOK_FIX_ALL) if kind in kinds]
        if not document.is_notebook:
            asked = [kind for kind in asked if kind == FIX_ALL]
        opened = self._session.opened()
        may_fix = await self._session.run(lambda checks: self._actions(checks, document, opened).may_fix_all)
        if not may_fix:
            return []
        title = "hpolint: apply all safe fixes"
        return [types.CodeAction(title, kind, data={"uri": uri, "kind": kind}) for kind in asked]

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """An offered action with its changes; without them if the document is another one by now."""
        data = action.data if isinstance(action.data, dict) else {}
        document = self._session.document(str(data.get("uri", "")))
        if document is None:
            return action
        opened = self._session.opened()
        made = await self._chosen(data, document, opened)
        if made is not None and not self._session.is_overtaken(document):
            action.edit = sent_edit(made, opened)
        return action

    async def _chosen(self, data: dict[str, Any], document: Document, opened: OpenDocuments) -> Action | None:
        kind, number = data.get("kind"), data.get("number")
        if isinstance(kind, str):
            uri = str(data["uri"])
            made = await self._session.run(
                lambda checks: self._all_fixes(self._actions(checks, document, opened), document, uri, {kind})
            )
            return made[0] if made else None
        offer = self._offers.get(document.uri)
        if offer is None or offer.document != document or not isinstance(number, int):
            return None
        return offer.actions[number] if 0 <= number < len(offer.actions) else None

    def closed(self, uri: str) -> None:
        """Forget what was offered for a document."""
        self._offers.pop(uri, None)


def _asked_kinds(only: Iterable[types.CodeActionKind | str] | None) -> set[str]:
    """The kinds of actions that are asked for. Without a choice, the editor lists what can be done at a place."""
    if not only:
        return {QUICK_FIX}
    names = [str(getattr(kind, "value", kind)) for kind in only]
    asked: set[str] = set()
    for name in names:
        asked.update(kind for kind in KINDS if _is_of_kind(kind, name))
    return asked


def _is_of_kind(kind: str, name: str) -> bool:
    return name == "" or kind == name or kind.startswith(f"{name}.")


def _with_address(actions: list[Action]) -> list[Action]:
    """The actions without the pages that no address has: the protocol can show a page by its address only."""
    return [action for action in actions if action.kind != "explain" or action.page]
