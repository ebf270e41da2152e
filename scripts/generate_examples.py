"""Rewrite the output of hpolint that the README and the pages in docs/ show.

A comment above a block tells where its text comes from. Every path is relative to the repository:

- ``<!-- finding: RULE in FILE -->``: a finding of ``hpolint check --all FILE``.
- ``<!-- session -->``: the output of each ``$ hpolint …`` line of the block, run in order on a copy of ``fixtures/``.
- ``<!-- diff: FILE, BEFORE -> AFTER; … -->``: ``hpolint diff --output markdown`` after these replacements.
- ``<!-- rules: NAME NAME … -->``: no block, but a table of these rules with links to their pages.
- ``<!-- file: NAME -->``: the block is not rewritten. It is the content of a file that the findings of this page check.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hpolint.model.rule_page import SITE, fix_kind, levels
from hpolint.registry import builtin_rules

ROOT = Path(__file__).resolve().parent.parent
MARKED = re.compile(
    r"^<!-- (?P<kind>finding|session|diff|file)(?:: (?P<words>.*?))? -->\n\n?```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
TABLE = re.compile(r"^<!-- rules: (?P<names>[^>]*) -->\n(?:\|.*\n)*", re.MULTILINE)
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
INHERITED = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP")
"""The environment variables without which no process starts."""


def documents() -> list[Path]:
    """The README and the pages that may show output."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def rewritten(page: str) -> str:
    """A page with the output that hpolint prints now."""
    files = {match["words"]: match["text"] for match in MARKED.finditer(page) if match["kind"] == "file"}

    def block(match: re.Match[str]) -> str:
        kind, words, text = match["kind"], match["words"], match["text"]
        if kind == "finding":
            rule, _, path = words.partition(" in ")
            text = _finding(rule, path, files)
        elif kind == "session":
            text = session(text)
        elif kind == "diff":
            text = _diff(words)
        start, end = (place - match.start() for place in match.span("text"))
        return match[0][:start] + text + match[0][end:]

    page = MARKED.sub(block, page)
    return TABLE.sub(lambda match: f"<!-- rules: {match['names']} -->\n{_rules(match['names'].split())}", page)


def _finding(rule: str, path: str, files: dict[str, str]) -> str:
    """The finding of a rule in a file of the repository or of the page."""
    if path not in files:
        return _selected(rule, _checked(path))
    with _folder() as folder:
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
        return _selected(rule, _printed(folder, "check", "--all", path))


@cache
def _checked(path: str) -> str:
    return _printed(ROOT, "check", "--all", path)


def _selected(rule: str, printed: str) -> str:
    """The first finding of a rule in printed ones."""
    for finding in printed.split("\n\n"):
        if f"[{rule}]" in finding.partition("\n")[0]:
            return finding.strip("\n") + "\n"
    raise ValueError(f"no finding of {rule} in:\n{printed}")


def session(text: str) -> str:
    """The commands of a terminal session with what they print."""
    with _folder() as folder:
        shutil.copytree(ROOT / "fixtures", folder / "fixtures")
        commands = re.findall(r"^\$ hpolint (.*)$", text, re.MULTILINE)
        return "".join(f"$ hpolint {each}\n{_printed(folder, *each.split())}" for each in commands)


def _diff(words: str) -> str:
    """The comparison of fixtures with the same ones after replacements."""
    changes = re.findall(r"([\w./]+), (\S+) -> (\S+?)(?:;|$)", words)
    with _folder() as folder:
        subprocess.run([*GIT, "init", "-q", "-b", "main", "."], cwd=folder, check=True)
        for path, _, _ in changes:
            shutil.copy(ROOT / path, folder)
        subprocess.run([*GIT, "add", "-A"], cwd=folder, check=True)
        subprocess.run([*GIT, "commit", "-q", "-m", "before"], cwd=folder, check=True)
        for path, before, after in changes:
            file = folder / Path(path).name
            old = file.read_text("utf-8")
            if before not in old:
                raise ValueError(f"{path} does not contain {before}")
            file.write_text(old.replace(before, after), "utf-8")
        return _printed(folder, "diff", "HEAD", "--output", "markdown")


def _rules(names: list[str]) -> str:
    """A table of rules."""
    known = {rule.id: rule for rule in builtin_rules()}
    rows = [
        f"| [{name}]({SITE}rules/{name}/) | {levels(known[name])} | {fix_kind(known[name])} | {known[name].summary} |\n"
        for name in names
    ]
    return "| Rule | Level | Fix | Finding |\n|---|---|---|---|\n" + "".join(rows)


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _printed(folder: Path, *arguments: str) -> str:
    """The output of this checkout's hpolint, followed by its messages."""
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ
    }
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "HPOLINT_CACHE_DIR": os.devnull}
    command = [sys.executable, "-m", "hpolint", *arguments]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    return (run.stdout + run.stderr).decode().replace("\r\n", "\n")
