"""The real pre-commit, on a throw-away repository."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.requests import sound

pytestmark = pytest.mark.slow("the first of them with a tool makes its environment, with all that hpolint needs")


def run(folder: Path, *command: str, shared: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with what both tools keep in a shared one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "COV"))}
    if shared is not None:
        environment |= {"PRE_COMMIT_HOME": str(shared / "pre-commit"), "PREK_HOME": str(shared / "prek")}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all of these tests share, whichever process of pytest runs them: a repository of this checkout's files as
    they are now, in ``hpolint``, and the environments that the tools make for its hooks."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "hooks"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "hpolint" / ".git").exists():
            listed = run(ROOT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
            for name in filter(None, listed.split("\0")):
                if not name.startswith(NOT_INSTALLED) and (ROOT / name).is_file():
                    (folder / "hpolint" / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / name, folder / "hpolint" / name)
            commit(folder / "hpolint")
    return folder


def commit(folder: Path) -> None:
    """Commit everything in a folder, as a new repository if it is none."""
    run(folder, "git", "init", "-q", ".")
    run(folder, "git", "add", "-A")
    made = run(folder, *GIT, "commit", "-q", "--allow-empty", "-m", "all")
    assert made.returncode == 0, made.stderr


NOT_INSTALLED = ("benchmarks/", "docs/", "fixtures/", "tests/")

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
RUNNERS = {"pre-commit": [sys.executable, "-m", "pre_commit"], "prek": [sys.executable, "-m", "prek"]}


def run_hook(tool: str, repository: Path, shared: Path, hook: str = "hpolint") -> subprocess.CompletedProcess[str]:
    """One of the tools that run hooks, on all files. It makes an environment for the hooks once."""
    revision = run(shared / "hpolint", "git", "rev-parse", "HEAD").stdout.strip()
    config = {"repos": [{"repo": str(shared / "hpolint"), "rev": revision, "hooks": [{"id": hook}]}]}
    (repository / ".pre-commit-config.yaml").write_text(json.dumps(config))  # JSON is YAML
    commit(repository)
    return run(repository, *RUNNERS[tool], "run", "--all-files", shared=shared)


@pytest.mark.parametrize("tool", RUNNERS)
def test_a_bad_request_is_refused_and_the_fixed_one_accepted(tool: str, shared: Path, tmp_path: Path) -> None:
    """The hook prints a readable error, then passes; also for endings that have no file type."""
    repository = tmp_path / "user"
    repository.mkdir()
    (repository / "notes.yaml").write_text("a: 1\n")
    (repository / "code.py").write_text("a = 1\n")
    (repository / "picture.png").write_bytes(b"\x89PNG")
    names = ("request.json", "request.template", "REQUEST.ASL")
    for name in names:
        (repository / name).write_text(json.dumps({**sound(), "Nonsense": 1}, indent=1))
    refused = run_hook(tool, repository, shared)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    for name in names:
        assert f"{name}:" in refused.stdout
    assert "error[launch/invalid-request] `Nonsense` is not a member of the request" in refused.stdout
    for name in names:
        (repository / name).write_text(json.dumps(sound(), indent=1))
    accepted = run_hook(tool, repository, shared)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "Passed" in accepted.stdout


def test_the_hook_for_the_whole_repository_looks_at_all_of_it(shared: Path, tmp_path: Path) -> None:
    """For any change; both hooks skip what the configuration excludes."""
    repository = tmp_path / "user"
    repository.mkdir()
    for name in ("a/request.json", "vendor/request.json"):
        (repository / name).parent.mkdir()
        (repository / name).write_text(json.dumps({**sound(), "Nonsense": 1}, indent=1))
    (repository / "hpolint.toml").write_text("exclude = ['vendor/']\n")
    for hook in ("hpolint", "hpolint-repo"):
        refused = run_hook("prek", repository, shared, hook)
        assert refused.returncode == 1, refused.stdout + refused.stderr
        assert "a/request.json:" in refused.stdout
        assert "vendor" not in refused.stdout


@pytest.mark.parametrize("tool", RUNNERS)
def test_the_hook_that_fixes_changes_the_file_and_is_content_then(tool: str, shared: Path, tmp_path: Path) -> None:
    """As hooks do: it fails where it has changed something, and the next run passes."""
    repository = tmp_path / "user"
    repository.mkdir()
    text = (ROOT / "fixtures" / "request" / "churn-xgboost.json").read_text("utf-8")
    (repository / "request.json").write_text(text)
    fixed = run_hook(tool, repository, shared, "hpolint-fix")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified by this hook" in fixed.stdout
    assert (repository / "request.json").read_text() == text.replace('"Linear"', '"Logarithmic"')
    assert run_hook(tool, repository, shared, "hpolint-fix").returncode == 0
