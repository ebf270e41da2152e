"""Git repositories for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import Command
from tests.harness.git import git


class Repository(Command):
    """A repository, and hpolint in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        git(folder, "init", "-q", "-b", "main", ".")

    def commit(self) -> str:
        """All that is there, committed; the commit."""
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "a state")
        return git(self.folder, "rev-parse", "HEAD")

    def diff(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The comparison, for programs."""
        run = self("diff", *arguments, "--output", "json")
        assert run.returncode == code, run.stderr.decode()
        found: dict[str, Any] = json.loads(run.stdout)
        return found


def fields(change: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """The fields of a job or a launch that changed, by their paths."""
    return {field["path"]: (field["before"], field["after"]) for field in change["fields"]}
