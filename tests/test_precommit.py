"""The real pre-commit, on a throw-away repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.requests import sound


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with pre-commit's own cache there."""
    environment = {**os.environ, "PRE_COMMIT_HOME": str(folder.parent / "cache")}
    for name in [name for name in environment if name.startswith(("GIT_", "COVERAGE_", "COV_"))]:
        del environment[name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def hook_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of this checkout's files as they are now."""
    folder = tmp_path_factory.mktemp("source") / "hpolint"
    listed = run(ROOT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit everything in a folder, as a new repository if it is none."""
    run(folder, "git", "init", "-q", ".")
    run(folder, "git", "add", "-A")
    made = run(folder, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "all")
    assert made.returncode == 0, made.stderr


def try_hook(repository: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """``pre-commit try-repo`` on all files."""
    return run(repository, sys.executable, "-m", "pre_commit", "try-repo", str(source), "hpolint", "--all-files")


def test_a_bad_request_is_refused_and_the_mended_one_accepted(hook_source: Path, tmp_path: Path) -> None:
    """What a user of the hook sees: a readable refusal, then silence."""
    repository = tmp_path / "user"
    repository.mkdir()
    (repository / "notes.yaml").write_text("a: 1\n")
    (repository / "code.py").write_text("a = 1\n")
    (repository / "request.json").write_text(json.dumps({**sound(), "Nonsense": 1}, indent=1))
    commit(repository)
    refused = try_hook(repository, hook_source)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "request.json:" in refused.stdout
    assert "error[launch/invalid-request] `Nonsense` is not a member of the request" in refused.stdout
    (repository / "request.json").write_text(json.dumps(sound(), indent=1))
    commit(repository)
    accepted = try_hook(repository, hook_source)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "Passed" in accepted.stdout
