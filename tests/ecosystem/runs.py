"""What a commit's own hpolint says of some folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Said:
    """Findings, jobs and errors of all folders. Paths begin with their folder's name."""

    findings: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class CommitError(Exception):
    """A commit that is none, or whose command gives no document."""


@contextmanager
def worktree(repository: Path, commit: str) -> Iterator[Path]:
    """A commit's files in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "tree")
        _git(repository, "worktree", "add", "--quiet", "--detach", str(place), commit)
        try:
            yield place
        finally:
            _git(repository, "worktree", "remove", "--force", str(place))


def _git(repository: Path, *arguments: str) -> None:
    run = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False)
    if run.returncode:
        raise CommitError(run.stderr.strip())


def said(tree: Path, folders: list[Path]) -> Said:
    """What the hpolint of a tree says of some folders."""
    if not (tree / "hpolint/__main__.py").is_file():
        raise CommitError("a commit holds no hpolint, and the installed one must not be taken for it")
    found = Said()
    for folder in folders:
        name = folder.resolve().name
        checked = _document(tree, folder, "check", "--output", "json", "--exit-zero")
        found.findings += [_below(name, each) for each in checked["findings"]]
        found.errors += [f"{name}: {line}" for line in checked["unreadable"]]
        found.errors += [f"{name}: {each['rule']} failed: {each['reason']}" for each in checked["failures"]]
        found.jobs += [_below(name, each) for each in _document(tree, folder, "extract")["jobs"]]
    return found


def _below(name: str, each: dict[str, Any]) -> dict[str, Any]:
    return {**each, "path": f"{name}/{each['path']}"}


def _document(tree: Path, folder: Path, *arguments: str) -> Any:
    """What the command prints, seen from the folder, whose own modules must not be taken for the command's."""
    environment = {**os.environ, "PYTHONPATH": str(tree.resolve()), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-m", "hpolint", *arguments, "."]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    try:
        return json.loads(run.stdout)
    except ValueError:
        message = run.stderr.decode("utf-8", "replace").strip()
        raise CommitError(f"hpolint {' '.join(arguments)} in {folder} gives no document: {message}") from None
