"""Git repositories for tests."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import Command

PERSON = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    """Git, in a folder."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    run = subprocess.run(
        ["git", *PERSON, *arguments], cwd=folder, input=given, capture_output=True, env=environment, check=True
    )
    return run.stdout.decode().strip()


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


def fields(job: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """The fields of a job that changed, by their paths."""
    return {each["path"]: (each["before"], each["after"]) for each in job["fields"]}
