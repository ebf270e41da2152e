"""The promise of every action of an editor: the text is still read, with the same jobs, and its finding alone is gone.

``python -m tests.server.harmless FOLDER…`` checks it for all files of some folders.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types
from pygls.uris import to_fs_path

from hpolint.model.forms import SEARCHED_SUFFIXES
from hpolint.model.level import LEVELS
from hpolint.run.workspace import Workspace
from tests.server.editor import Editor, applied, changes_of, rule_of

WHOLE = types.Range(types.Position(0, 0), types.Position(999_999, 0))

CELLS = "vscode-notebook-cell"
TOGETHER = 20
"""Documents that are open at the same time."""


class State(NamedTuple):
    """What a check says of a text: its jobs, and how often each rule has something to say, with the highest level."""

    jobs: Counter[str]
    findings: Counter[str]
    levels: dict[str, int]


class Opened:
    """A document of an editor: its file, and the texts of its parts by their addresses."""

    def __init__(self, path: Path, texts: dict[str, str], book: dict[str, Any] | None = None) -> None:
        self.path = path
        self.texts = texts
        self._book = book

    @classmethod
    def file(cls, path: Path, text: str) -> Opened:
        """A document that is shown as one text."""
        return cls(path, {path.as_uri(): text})

    @classmethod
    def notebook(cls, path: Path, text: str) -> Opened:
        """A notebook, whose cells are texts of their own. Raises ValueError for a text that is none."""
        book = json.loads(text)
        if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
            raise ValueError("no notebook")
        sources = ("".join(cell["source"]) for cell in book["cells"])
        return cls(path, {f"{CELLS}:{path}#c{at}": source for at, source in enumerate(sources)}, book)

    @property
    def kinds(self) -> list[types.NotebookCellKind]:
        """The kinds of a notebook's cells."""
        cells = self._book["cells"] if self._book is not None else []
        is_code = (cell["cell_type"] == "code" for cell in cells)
        return [types.NotebookCellKind.Code if code else types.NotebookCellKind.Markup for code in is_code]

    @property
    def is_notebook(self) -> bool:
        """Whether its parts are cells."""
        return self._book is not None

    def data(self, changed: Mapping[str, str]) -> str:
        """Its file with some parts changed."""
        texts = {**self.texts, **changed}
        if self._book is None:
            return texts[self.path.as_uri()]
        cells = [{**cell, "source": source} for cell, source in zip(self._book["cells"], texts.values(), strict=True)]
        return json.dumps({**self._book, "cells": cells})


def state_of(workspace: Workspace, path: Path) -> State:
    """What a check says of a document."""
    outcome = workspace.check(str(path)).outcome
    if outcome is None:
        return State(Counter(), Counter(), {})
    jobs = Counter(f"{job.form} {job.label}" for job in outcome.jobs)
    findings: Counter[str] = Counter()
    levels: dict[str, int] = {}
    for finding in outcome.findings:
        rule, level = finding.rule.id, LEVELS.index(finding.level)
        findings[rule] += finding.count
        levels[rule] = min(levels.get(rule, level), level)
    return State(jobs, findings, levels)


def losses(rule: str, before: State, after: State) -> Iterator[str]:
    """What an action for a rule's finding has broken. A fix may lead to advice of a lower level."""
    if after.jobs != before.jobs:
        yield f"jobs {dict(before.jobs - after.jobs)} became {dict(after.jobs - before.jobs)}"
    if after.findings[rule] >= before.findings[rule]:
        yield "the finding is still there"
    more = [name for name in after.findings - before.findings if after.levels[name] <= before.levels[rule]]
    if more:
        yield f"new findings: {', '.join(more)}"


def harm(
    folder: Path, opened: Opened, actions: Iterable[types.CodeAction], encoding: str = "utf-16-le"
) -> Iterator[str]:
    """What each action of a document breaks if it is applied alone."""
    workspace = Workspace([str(folder)])
    workspace.set_text(str(opened.path), opened.data({}).encode())
    before = state_of(workspace, opened.path)
    for action in actions:
        own: dict[str, str] = {}
        others: list[Path] = []
        for change in changes_of(action):
            uri, edits = change.text_document.uri, [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
            if uri in opened.texts:
                own[uri] = applied(opened.texts[uri], edits, encoding)
            else:
                others.append(Path(to_fs_path(uri) or ""))
                text = applied(others[-1].read_text("utf-8"), edits, encoding)
                workspace.set_text(str(others[-1]), text.encode())
        workspace.set_text(str(opened.path), opened.data(own).encode())
        after = state_of(workspace, opened.path)
        for loss in losses(str(rule_of(action)), before, after):
            yield f"{opened.path.relative_to(folder)}: {action.title}: {loss}"
        for other in others:
            workspace.remove_text(str(other))


def language(path: Path) -> str:
    """The name that an editor has for the language of a file."""
    names = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".tf": "terraform", ".sh": "shellscript"}
    return names.get(path.suffix, "json")


async def harm_of_files(folder: Path, paths: Iterable[Path], step: int = 1) -> tuple[int, list[str]]:
    """How many actions were applied to some files of a folder, after a line was put above each; what they break.

    Of the actions of a file, only each ``step``-th is applied.
    """
    texts = ((path, _text(path)) for path in paths)
    readable = [(path, text) for path, text in texts if text is not None]
    count = 0
    broken: list[str] = []
    editor = Editor(pulls=True)
    await editor.start(folder)
    try:
        for at in range(0, len(readable), TOGETHER):
            for opened, actions in await _edited(editor, dict(readable[at : at + TOGETHER])):
                count += len(actions[::step])
                broken += harm(folder, opened, actions[::step])
    finally:
        await editor.stop()
    return count, [*broken, *editor.log]


async def _edited(editor: Editor, texts: Mapping[Path, str]) -> list[tuple[Opened, list[types.CodeAction]]]:
    """Some documents after a line was put above each, with their actions."""
    files = [Opened.file(path, text) for path, text in texts.items() if path.suffix != ".ipynb"]
    for opened in files:
        ((uri, text),) = opened.texts.items()
        editor.open(opened.path, text, language(opened.path))
        editor.edit(uri, 0, 0, "\n")
        opened.texts[uri] = f"\n{text}"
    uris = [opened.path.as_uri() for opened in files]
    editor.diagnostics = dict(zip(uris, await asyncio.gather(*map(editor.pulled, uris)), strict=True))
    edited = [
        (opened, await editor.edits(uri, WHOLE))
        for opened, uri in zip(files, uris, strict=True)
        if editor.diagnostics[uri]
    ]
    for uri in uris:
        editor.close(uri)
    for path, text in texts.items():
        if path.suffix == ".ipynb" and '"cells"' in text and "hyperparametertun" in text.lower():
            edited += await _edited_notebook(editor, path, text)
    return edited


async def _edited_notebook(editor: Editor, path: Path, text: str) -> list[tuple[Opened, list[types.CodeAction]]]:
    """The same for a notebook: a line is put below the first line of each of its cells, where one may be."""
    try:
        opened = Opened.notebook(path, text)
    except (ValueError, KeyError, TypeError):
        return []
    if not opened.texts:
        return []
    editor.open_notebook(path, list(opened.texts.items()), opened.kinds)
    for uri, (cell, kind) in zip(opened.texts, zip(opened.texts.values(), opened.kinds, strict=True), strict=True):
        if kind is types.NotebookCellKind.Code and not cell.startswith("%%"):
            editor.edit_cell(path.as_uri(), uri, 0, 0, "\n")
            opened.texts[uri] = f"\n{cell}"
    with suppress(TimeoutError):  # a notebook that cannot be read is shown once
        await editor.until(lambda: all(uri in editor.diagnostics for uri in opened.texts), 20)
        await editor.until(lambda: all(editor.versions[uri] == editor.version(uri) for uri in opened.texts), 3)
    actions = [
        action for uri in opened.texts if editor.diagnostics.get(uri) for action in await editor.edits(uri, WHOLE)
    ]
    editor.close_notebook(path, list(opened.texts))
    return [(opened, actions)]


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def main() -> None:
    """Check the folders that the command names."""
    for name in sys.argv[1:]:
        folder = Path(os.path.realpath(name))
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        searched = [path for path in files if path.name.lower().endswith(SEARCHED_SUFFIXES)]
        count, broken = asyncio.run(harm_of_files(folder, searched))
        sys.stdout.write(f"{folder.name}: {len(searched)} files, {count} actions, {len(broken)} harmful\n")
        sys.stdout.writelines(f"  {line}\n" for line in broken)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
