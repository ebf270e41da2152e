"""Answers to what the editor asks about a place: hovers, definitions, references, hints and completions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial

from lsprotocol import types

from hpolint.cost.job_size import hint_text
from hpolint.cost.prices import Prices
from hpolint.editor.diagnostics import short
from hpolint.editor.documents import Document
from hpolint.editor.hovers import hover_text, own_jobs, text_chart
from hpolint.editor.positions import Lines, Location
from hpolint.editor.range_pictures import markdown_picture
from hpolint.editor.script_options import may_be_option, option_name_places, option_sites
from hpolint.io.internal_errors import internal_error
from hpolint.model.settings import CONFIG_FILE, PYPROJECT, ConfigError
from hpolint.model.source import Source, Span
from hpolint.report.outcome import Outcome
from hpolint.run.workspace import Checked, Workspace
from hpolint.server.completions import config_completions
from hpolint.server.protocol import position_of, sent_location, sent_range, without_marks
from hpolint.server.session import Result, Session
from hpolint.server.value_completions import value_completions
from hpolint.server.worker import Urgency

MAX_ATTEMPTS = 3
"""How often a question about a document is asked again because the document was changed meanwhile."""

QUOTES, CONFIG_CHARACTERS = ('"', "'"), ("[", ".")
"""The characters after which an editor asks for completions: of values, and in a configuration file."""

Place = tuple[Source, Span]
"""A place in a source."""


class Answers:
    """The answers about the documents of an editor."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def _at(
        self,
        uri: str,
        position: types.Position,
        ask: Callable[[Outcome, Span, Prices | None], Result | None],
    ) -> tuple[Document, Source, Result] | None:
        """What a function says of a place in a document, with the document and its source; None if there is nothing."""
        places = self._session.places
        at = position_of(position)

        def answer(checks: Workspace, document: Document) -> tuple[Source, Result] | None:
            outcome = checks.check(document.path).outcome
            if outcome is None or outcome.source is None:
                return None
            span = places.span_at(outcome.source, uri, at, document)
            said = ask(outcome, span, checks.prices(document.path)) if span is not None else None
            return (outcome.source, said) if said is not None else None

        for _ in range(MAX_ATTEMPTS):
            document = self._session.document(uri)
            if document is None:
                return None
            found = await self._session.run(partial(answer, document=document))
            if not self._session.is_overtaken(document):
                return (document, *found) if found is not None else None
        return None

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is known of the value at a place."""
        uri = params.text_document.uri
        draw = markdown_picture if self._session.shows_pictures else text_chart
        found = await self._at(uri, params.position, partial(hover_text, draw=draw))
        if found is None:
            return None
        document, source, (text, place) = found
        location = self._session.places.location(source, place, document)
        content = self._markup(short(text, self._session.folders))
        is_here = location is not None and location.uri == uri
        return types.Hover(content, sent_range(location.range) if location is not None and is_here else None)

    def _markup(self, text: str) -> types.MarkupContent:
        """A text in Markdown; without its marks for an editor that shows plain text only."""
        abilities = self._session.client_capabilities.text_document
        hover = abilities.hover if abilities is not None else None
        kinds = hover.content_format if hover is not None else None
        if kinds and types.MarkupKind.Markdown not in kinds:
            return types.MarkupContent(types.MarkupKind.PlainText, without_marks(text))
        return types.MarkupContent(types.MarkupKind.Markdown, text)

    async def definition(self, params: types.DefinitionParams) -> list[types.Location]:
        """The options of the training script for the hyperparameter at a place."""
        uri = params.text_document.uri
        found = await self._at(uri, params.position, lambda outcome, span, _: option_sites(outcome, span))
        return self._locations(found[2]) if found is not None else []

    async def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Where definitions of the folder name the hyperparameter that the option of a script at a place takes.

        Only for a place that may be an option the folder is read, one definition after the other: other questions are
        answered between them.
        """
        uri = params.text_document.uri
        document = self._session.document(uri)
        if document is None or document.is_notebook or not document.path.endswith((".py", ".pyw")):
            return []
        source = Source(document.path, document.parts[0].text)
        span = self._session.places.span_at(source, uri, position_of(params.position), document)
        if span is None or not await self._session.run(lambda _: may_be_option(source, span)):
            return []
        try:
            paths = await self._session.run(lambda checks: checks.files_beside(document.path), Urgency.FOLDER)
        except ConfigError:
            return []
        found: list[Place] = []
        for path in paths:
            found += await self._names_in(path, source, span)
        return self._locations(found)

    async def _names_in(self, path: str, script: Source, span: Span) -> list[Place]:
        def names(checks: Workspace) -> list[Place]:
            outcome = checks.check(path).outcome
            if outcome is None or outcome.source is None:
                return []
            own = outcome.source
            return [(own, place) for place in option_name_places(outcome, script, span)]

        try:
            return await self._session.run(names, Urgency.FOLDER)
        except Exception as error:  # noqa: BLE001 - the other files are read
            self._session.log(f"{path}: {internal_error('the search for references', error)}")
            return []

    def _locations(self, found: Iterable[Place]) -> list[types.Location]:
        """Places in sources as places in the editor's documents, or in files."""
        opened = {document.path: document for document in self._session.documents()}
        places = self._session.places
        locations = [places.location(source, span, opened.get(os.path.abspath(source.name))) for source, span in found]
        return [sent_location(location) for location in locations if location is not None]

    async def inlay_hints(self, params: types.InlayHintParams) -> list[types.InlayHint]:
        """The worst case of each job, at the end of the line where it begins."""
        uri = params.text_document.uri
        document = self._session.document(uri)
        if document is None:
            return []

        def asked(checks: Workspace) -> tuple[Checked, Prices | None]:
            return checks.check(document.path), checks.prices(document.path)

        checked, prices = await self._session.run(asked)
        outcome = checked.outcome
        if outcome is None or outcome.source is None or self._session.is_overtaken(document):
            return []
        hints = []
        for job in own_jobs(outcome):
            location = self._session.places.location(outcome.source, job.request.anchor, document)
            if location is None or location.uri != uri:
                continue
            text = hint_text(job, prices)
            if text:
                hints.append(self._hint(document, location, text))
        return hints

    def _hint(self, document: Document, location: Location, text: str) -> types.InlayHint:
        """A hint at the end of the line where a place begins."""
        part = document.part_of(location.uri)
        lines = Lines(part.text if part is not None else "", self._session.places.units)
        end = lines.end_of_line(location.range.start.line)
        return types.InlayHint(types.Position(*end), text, padding_left=True)

    async def completions(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """The completions in a configuration file, or for a value of a definition."""
        uri, position = params.text_document.uri, params.position
        document = self._session.document(uri)
        if document is None:
            return []
        if document.path.endswith((CONFIG_FILE, PYPROJECT)):
            return self._config_completions(document, position)
        if params.context is not None and params.context.trigger_character in CONFIG_CHARACTERS:
            return []
        found = await self._at(uri, position, value_completions)
        if found is None:
            return []
        document, source, (place, values) = found
        location = self._session.places.location(source, place, document)
        if location is None:
            return []
        is_empty = place[:2] == place[2:]
        own = sent_range(location.range)
        replaced = types.Range(own.start, own.start) if is_empty else own
        items = []
        for number, value in enumerate(values):
            detail = types.CompletionItemLabelDetails(description=short(value.detail, self._session.folders) or None)
            item = types.CompletionItem(
                value.value,
                kind=types.CompletionItemKind.Value,
                label_details=detail,
                sort_text=f"{number:04}",
                text_edit=types.TextEdit(replaced, value.value),
            )
            items.append(item)
        return items

    def _config_completions(self, document: Document, position: types.Position) -> list[types.CompletionItem]:
        """The completions in a configuration file."""
        text = document.parts[0].text
        lines = Lines(text, self._session.places.units)
        offset = lines.offset(position_of(position))
        typed, found = config_completions(document.path.replace(os.sep, "/"), text[:offset])
        start = lines.position(offset - len(typed))
        place = types.Range(types.Position(*start), position)
        items = []
        for number, completion in enumerate(found):
            kind = types.CompletionItemKind.Value if completion.is_value else types.CompletionItemKind.Property
            item = types.CompletionItem(
                completion.label,
                kind=kind,
                documentation=types.MarkupContent(types.MarkupKind.Markdown, completion.documentation),
                sort_text=f"{number:04}",
                text_edit=types.TextEdit(place, completion.text),
            )
            items.append(item)
        return items
