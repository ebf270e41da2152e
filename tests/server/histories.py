"""Whether the server shows what the command finds, after any history of edits.

    python -m tests.server.histories [--edits 2000] [--seed S]

Documents of several languages, cells, a script and a configuration are edited at random over the real server process.
After each round of edits its diagnostics must be those of ``hpolint.check`` for the same texts as files: in rule,
level, place, text and number.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from lsprotocol import types

import hpolint
from hpolint.model.settings import ConfigError
from hpolint.report.records import Diagnostic
from tests.differential.tree import LONE, PLAIN
from tests.harness.notebooks import notebook
from tests.requests import unbounded
from tests.server.editor import Editor, position_of

SECONDS = 60
"""The longest until the server shows what it should: a busy machine is slow."""

UNREADABLE = "hygiene/unreadable-definition"
SEVERITIES = {"error": 1, "warning": 2, "note": 3}
TUNER = PLAIN.strip() + "\n"
REQUEST = json.dumps(unbounded(MaxParallelTrainingJobs=12), indent=1)
CHARACTERS = "()[]{}:,\"'# \t🙂中é\u0301\x0c\u2028\n"
COMMENTS = ("# 🙂 é\u0301", "# 中文 \u2028 \x0c", "", "# \x85\x1c")
CONFIGURATIONS = ('ignore = ["strategy"]\n', "", 'ignore = ["compute"]\n', 'ignore = ["strategy"\n', "select = 3\n")
FILES = {
    "tune.py": TUNER,
    "windows.py": TUNER.replace("\n", "\r\n"),
    "returns.py": TUNER.replace("\n", "\r"),
    "marked.py": f"# 🙂 中文 \x0c é\u0301 \u2028\n{TUNER.replace('tuner = ', 'x = chr(0) + chr(1); tuner = ')}",
    "lone.py": LONE,
    "job.json": REQUEST,
    "windows.json": REQUEST.replace("\n", "\r\n"),
    "job.yaml": f"# 🙂 中文\n{REQUEST}\n",
}
LANGUAGES = {".py": "python", ".json": "json", ".yaml": "yaml", ".toml": "toml"}
CONFIGURATION = "hpolint.toml"


class Shown(NamedTuple):
    """A diagnostic for comparison."""

    rule: str
    level: int
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


class History:
    """Documents of an editor, and the same texts as files of another folder."""

    def __init__(self, folder: Path, seed: int, *, pulls: bool) -> None:
        self._draw = random.Random(seed)
        self._pulls = pulls
        self._folder, self._files = folder / "opened", folder / "written"
        for made in (self._folder, self._files):
            made.mkdir()
        self._texts = dict(FILES)
        head, _, tail = TUNER.partition("tuner = ")
        self._cells = {"book.ipynb": [head, "x = 1  # 🙂", f"tuner = {tail}"]}
        self._originals = {**FILES, **{f"book.ipynb#{at}": text for at, text in enumerate(self._cells["book.ipynb"])}}
        self._configuration = self._valid = CONFIGURATIONS[0]
        self.edits = self.compared = self.findings = 0
        self.editor = Editor(pulls=pulls)

    async def start(self) -> None:
        """Open all documents."""
        self._write(self._folder)
        await self.editor.start(self._folder)
        for name, text in {**self._texts, CONFIGURATION: self._configuration}.items():
            self.editor.open(self._folder / name, text, LANGUAGES[Path(name).suffix])
        for name, cells in self._cells.items():
            kinds = [types.NotebookCellKind.Code] * len(cells)
            texts = [(self._uri(name, at), text) for at, text in enumerate(cells)]
            self.editor.open_notebook(self._folder / name, texts, kinds)

    async def round(self) -> str:
        """Edit each document once; how the diagnostics differ then, empty if they do not."""
        for name in self._texts:
            self._edit(name, None)
        for name, cells in self._cells.items():
            self._edit(name, self._draw.randrange(len(cells)))
        if self._draw.random() < 0.2:
            self._configuration = self._draw.choice(CONFIGURATIONS)
            self.editor.change((self._folder / CONFIGURATION).as_uri(), self._configuration)
        expected = self._expected()
        if self._pulls:
            for name in self._texts:
                uri = self._uri(name, None)
                self.editor.diagnostics[uri] = await self.editor.pulled(uri)
        try:
            await self.editor.until(lambda: not self._differences(expected), SECONDS)
        except TimeoutError:
            return "\n".join(self._differences(expected))
        self.compared += len(expected)
        self.findings += sum(map(len, expected.values()))
        return "\n".join(self.editor.log)

    def _uri(self, name: str, cell: int | None) -> str:
        path = self._folder / name
        return path.as_uri() if cell is None else f"vscode-notebook-cell:{path}#c{cell}"

    # Edits

    def _edit(self, name: str, cell: int | None) -> None:
        """Change a text, and tell the editor of the range that is another one."""
        self.edits += 1
        before = self._texts[name] if cell is None else self._cells[name][cell]
        original = self._originals[name if cell is None else f"{name}#{cell}"]
        after = self._changed(before, original, has_comments=not name.endswith(".json"))
        start, end, text = _difference(before, after)
        if cell is None:
            self._texts[name] = after
        else:
            self._cells[name][cell] = after
        place = types.Range(position_of(before, start), position_of(before, end))
        self.editor.replace(self._uri(name, cell), place, text, self._uri(name, None) if cell is not None else None)

    def _changed(self, text: str, original: str, *, has_comments: bool) -> str:
        """A text after an edit that keeps most texts readable: one in four is the original again."""
        kind = self._draw.random()
        at = self._draw.randrange(len(text) + 1)
        if kind < 0.25 or len(text) > 3 * len(original) + 500:
            return original
        if kind < 0.5:
            numbers = list(re.finditer(r"\d+", text))
            if numbers:
                number = self._draw.choice(numbers)
                return f"{text[: number.start()]}{self._draw.randrange(1, 200)}{text[number.end() :]}"
        if kind < 0.8 and has_comments:
            end = "\r\n" if "\r\n" in text else "\r" if "\r" in text else "\n"
            starts = [0, *(found.end() for found in re.finditer(re.escape(end), text))]
            start = self._draw.choice(starts)
            return f"{text[:start]}{self._draw.choice(COMMENTS)}{end}{text[start:]}"
        if kind < 0.9:
            return text[:at] + self._draw.choice(CHARACTERS) + text[at:]
        return text[:at] + text[at + self._draw.randrange(1, 6) :]

    # What is expected

    def _write(self, folder: Path) -> None:
        for name, text in self._texts.items():
            (folder / name).write_bytes(text.encode())
        for name, cells in self._cells.items():
            (folder / name).write_text(notebook(*cells), "utf-8")
        (folder / CONFIGURATION).write_text(self._configuration, "utf-8")

    def _expected(self) -> dict[str, Counter[Shown]]:
        """The findings of a check, by the addresses of the texts that they are in."""
        self._write(self._files)
        try:
            found = hpolint.check([str(self._files)]).findings
            self._valid = self._configuration
        except ConfigError:
            (self._files / CONFIGURATION).write_text(self._valid, "utf-8")
            found = hpolint.check([str(self._files)]).findings
        names = [(name, None) for name in self._texts]
        cells = [(name, at) for name, texts in self._cells.items() for at in range(len(texts))]
        expected: dict[str, Counter[Shown]] = {self._uri(name, cell): Counter() for name, cell in [*names, *cells]}
        for finding in found:
            name = Path(finding.source).name
            cell = finding.place.cell - 1 if finding.place.cell is not None else None
            uri = self._uri(name, cell)
            if finding.file == finding.source and uri in expected:
                text = self._texts[name] if cell is None else self._cells[name][cell]
                expected[uri][self._shown(finding, text)] += 1
        return expected

    def _shown(self, finding: Diagnostic, text: str) -> Shown:
        start, end = _range(text, finding)
        sentences = (each if each.endswith((".", "!", "?", ":")) else f"{each}." for each in finding.text)
        said = "\n".join(sentences).replace(f"{self._files}/", "")
        return Shown(finding.rule.id, SEVERITIES[finding.level], start, end, said)

    def _differences(self, expected: dict[str, Counter[Shown]]) -> list[str]:
        """A line for each text whose diagnostics differ. One that cannot be read shows earlier findings, too."""
        lines = []
        unreadable = {
            _document(uri) for uri, wanted in expected.items() if any(each.rule == UNREADABLE for each in wanted)
        }
        for uri, wanted in expected.items():
            shown = Counter(map(_of_editor, self.editor.diagnostics.get(uri, [])))
            keeps_earlier = _document(uri) in unreadable
            differs = wanted - shown if keeps_earlier else (wanted - shown) + (shown - wanted)
            if differs:
                lines.append(f"{uri}: expected {sorted(wanted - shown)}, shown instead {sorted(shown - wanted)}")
        return lines


def _document(uri: str) -> str:
    """The address of the notebook of a cell, else that of the text itself."""
    return uri.partition("#")[0]


def _difference(before: str, after: str) -> tuple[int, int, str]:
    """The offsets of what was replaced, and its new text. No place is within a line end."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end, new_end = len(before), len(after)
    while end > start and new_end > start and before[end - 1] == after[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    if before[start - 1 : start] == "\r":
        start -= 1
    if before[end - 1 : end + 1] == "\r\n" or after[new_end - 1 : new_end + 1] == "\r\n":
        end, new_end = end + 1, new_end + 1
    return start, end, after[start:new_end]


def _range(text: str, finding: Diagnostic) -> tuple[tuple[int, int], tuple[int, int]]:
    """The place of a finding as an editor has it. One without characters is one character wide."""
    lines = text.split("\n")
    span = finding.place.local

    def place(line: int, column: int) -> types.Position:
        own = lines[line - 1] if line <= len(lines) else ""
        offset = sum(len(each) + 1 for each in lines[: line - 1]) + min(column - 1, len(own.rstrip("\r")))
        return position_of(text, min(offset, len(text)))

    start, end = place(span.line, span.column), place(span.end_line, span.end_column)
    if start == end:
        end = types.Position(start.line, start.character + 1)
    return (start.line, start.character), (end.line, end.character)


def _of_editor(diagnostic: types.Diagnostic) -> Shown:
    place = diagnostic.range
    severity = diagnostic.severity.value if diagnostic.severity is not None else 0
    start, end = (place.start.line, place.start.character), (place.end.line, place.end.character)
    return Shown(str(diagnostic.code), severity, start, end, diagnostic.message)


async def compare(folder: Path, seed: int, edits: int, *, pulls: bool) -> tuple[History, str]:
    """A history of so many edits, and the first difference; empty if there is none."""
    history = History(folder, seed, pulls=pulls)
    await history.start()
    try:
        while history.edits < edits:
            difference = await history.round()
            if difference:
                return history, f"seed {seed}, pulls={pulls}, after {history.edits} edits:\n{difference}"
        return history, ""
    finally:
        await history.editor.stop()


def main(arguments: list[str]) -> int:
    """Make so many edits with an editor that is sent diagnostics, and as many with one that asks for them."""
    parser = argparse.ArgumentParser("python -m tests.server.histories")
    parser.add_argument("--edits", type=int, default=2000)
    parser.add_argument("--seed", type=int)
    given: Any = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    for pulls in (False, True):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            history, difference = asyncio.run(compare(folder, seed, given.edits // 2, pulls=pulls))
        counts = f"{history.edits} edits, {history.compared} texts compared, {history.findings} findings"
        sys.stdout.write(f"seed {seed}, pulls={pulls}: {counts}{': differs' if difference else ''}\n{difference}")
        sys.stdout.flush()
        if difference:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
