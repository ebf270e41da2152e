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


RUNNERS = {"pre-commit": [sys.executable, "-m", "pre_commit"], "prek": [sys.executable, "-m", "prek"]}


def try_hook(tool: str, repository: Path, source: Path, hook: str = "hpolint") -> subprocess.CompletedProcess[str]:
    """``try-repo`` of one of the tools that run hooks, on all files."""
    return run(repository, *RUNNERS[tool], "try-repo", str(source), hook, "--all-files")


@pytest.mark.parametrize("tool", RUNNERS)
def test_a_bad_request_is_refused_and_the_mended_one_accepted(tool: str, hook_source: Path, tmp_path: Path) -> None:
    """What a user of the hook sees: a readable refusal, then silence; for endings that have no file type, too."""
    repository = tmp_path / "user"
    repository.mkdir()
    (repository / "notes.yaml").write_text("a: 1\n")
    (repository / "code.py").write_text("a = 1\n")
    (repository / "picture.png").write_bytes(b"\x89PNG")
    names = ("request.json", "request.template", "REQUEST.ASL")
    for name in names:
        (repository / name).write_text(json.dumps({**sound(), "Nonsense": 1}, indent=1))
    commit(repository)
    refused = try_hook(tool, repository, hook_source)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    for name in names:
        assert f"{name}:" in refused.stdout
    assert "error[launch/invalid-request] `Nonsense` is not a member of the request" in refused.stdout
    for name in names:
        (repository / name).write_text(json.dumps(sound(), indent=1))
    commit(repository)
    accepted = try_hook(tool, repository, hook_source)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "Passed" in accepted.stdout


def test_the_hook_for_the_whole_repository_looks_at_all_of_it(hook_source: Path, tmp_path: Path) -> None:
    """Whatever was changed; what the configuration excludes is left out by both hooks."""
    repository = tmp_path / "user"
    repository.mkdir()
    for name in ("a/request.json", "vendor/request.json"):
        (repository / name).parent.mkdir()
        (repository / name).write_text(json.dumps({**sound(), "Nonsense": 1}, indent=1))
    (repository / "hpolint.toml").write_text("exclude = ['vendor/']\n")
    commit(repository)
    for hook in ("hpolint", "hpolint-repo"):
        refused = try_hook("prek", repository, hook_source, hook)
        assert refused.returncode == 1, refused.stdout + refused.stderr
        assert "a/request.json:" in refused.stdout
        assert "vendor" not in refused.stdout


@pytest.mark.parametrize("tool", RUNNERS)
def test_the_hook_that_fixes_changes_the_file_and_is_content_then(tool: str, hook_source: Path, tmp_path: Path) -> None:
    """As hooks do: it fails where it has changed something, and the next run passes."""
    repository = tmp_path / "user"
    repository.mkdir()
    text = (ROOT / "fixtures" / "request" / "churn-xgboost.json").read_text("utf-8")
    (repository / "request.json").write_text(text)
    commit(repository)
    fixed = try_hook(tool, repository, hook_source, "hpolint-fix")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified by this hook" in fixed.stdout
    assert (repository / "request.json").read_text() == text.replace('"Linear"', '"Logarithmic"')
    commit(repository)
    assert try_hook(tool, repository, hook_source, "hpolint-fix").returncode == 0
