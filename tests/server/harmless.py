"""The promise of every action of an editor: the text is still read, with the same jobs, and its finding alone is gone.

``python -m tests.server.harmless FOLDER…`` checks it for all files of some folders.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types
from pygls.uris import to_fs_path

from hpolint.model.forms import SEARCHED_SUFFIXES
from hpolint.model.level import LEVELS
from hpolint.run.workspace import Workspace
from tests.server.editor import Editor, applied, changes_of, rule_of

WHOLE = types.Range(types.Position(0, 0), types.Position(999_999, 0))

TOGETHER = 20
"""Documents that are open at the same time."""


class State(NamedTuple):
    """What a check says of a text: its jobs, and how often each rule has something to say, with the highest level."""

    jobs: Counter[str]
    findings: Counter[str]
    levels: dict[str, int]


class Texts:
    """The texts of an editor's documents, in a folder with other files."""

    def __init__(self, folder: Path) -> None:
        self._workspace = Workspace([str(folder)])

    def put(self, path: Path, text: str) -> None:
        """Put a text in the place of a file."""
        self._workspace.set_text(str(path), text.encode("utf-8", "surrogatepass"))

    def state(self, path: Path) -> State:
        """What a check says of a document."""
        outcome = self._workspace.check(str(path)).outcome
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


def edits_by_path(action: types.CodeAction) -> dict[Path, list[types.TextEdit]]:
    """The edits of an action, by the file of their document."""
    found: dict[Path, list[types.TextEdit]] = {}
    for change in changes_of(action):
        path = to_fs_path(change.text_document.uri)
        assert path is not None
        found[Path(path)] = [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
    return found


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
    folder: Path,
    texts: Mapping[Path, str],
    path: Path,
    actions: Iterable[types.CodeAction],
    encoding: str = "utf-16-le",
) -> Iterator[str]:
    """What each action of a document breaks if it is applied alone; ``texts`` are those of all open documents."""
    checked = Texts(folder)
    for opened, text in texts.items():
        checked.put(opened, text)
    before = checked.state(path)
    for action in actions:
        changed = edits_by_path(action)
        if not changed:
            continue
        for other, edits in changed.items():
            text = texts[other] if other in texts else other.read_text("utf-8")
            checked.put(other, applied(text, edits, encoding))
        after = checked.state(path)
        for loss in losses(str(rule_of(action)), before, after):
            yield f"{path.relative_to(folder)}: {action.title}: {loss}"
        for other in changed:
            checked.put(other, texts[other] if other in texts else other.read_text("utf-8"))


def language(path: Path) -> str:
    """The name that an editor has for the language of a file."""
    names = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".tf": "terraform", ".sh": "shellscript"}
    return names.get(path.suffix, "json")


async def _harm_of_folder(folder: Path) -> tuple[int, list[str]]:
    """How many actions were applied to the files of a folder, after a line was put above each; what they break."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    texts = {path: _text(path) for path in files if path.name.lower().endswith(SEARCHED_SUFFIXES)}
    readable = [(path, text) for path, text in texts.items() if text is not None]
    count = 0
    broken: list[str] = []
    editor = Editor(pulls=True)
    await editor.start(folder)
    try:
        for at in range(0, len(readable), TOGETHER):
            some = dict(readable[at : at + TOGETHER])
            for path, actions in (await edited(editor, some)).items():
                count += len(actions)
                broken += harm(folder, {path: f"\n{some[path]}"}, path, actions)
    finally:
        await editor.stop()
    return count, [*broken, *editor.log]


async def edited(editor: Editor, texts: Mapping[Path, str]) -> dict[Path, list[types.CodeAction]]:
    """The actions of some documents, after a line was put above each."""
    uris = {path: editor.open(path, text, language(path)) for path, text in texts.items()}
    for uri in uris.values():
        editor.edit(uri, 0, 0, "\n")
    found = await asyncio.gather(*(editor.pulled(uri) for uri in uris.values()))
    editor.diagnostics = dict(zip(uris.values(), found, strict=True))
    actions = {path: await editor.edits(uri, WHOLE) for path, uri in uris.items() if editor.diagnostics[uri]}
    for uri in uris.values():
        editor.close(uri)
    return actions


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def main() -> None:
    """Check the folders that the command names."""
    for name in sys.argv[1:]:
        count, broken = asyncio.run(_harm_of_folder(Path(os.path.realpath(name))))
        sys.stdout.write(f"{name}: {count} actions, {len(broken)} harmful\n")
        sys.stdout.writelines(f"  {line}\n" for line in broken)


if __name__ == "__main__":
    main()
