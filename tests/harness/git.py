"""Git for tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PERSON = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    """What git prints in a folder, without anybody's configuration."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = {**kept, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *PERSON, *arguments]
    run = subprocess.run(command, cwd=folder, input=given, capture_output=True, env=environment, check=True)
    return run.stdout.decode().strip()
