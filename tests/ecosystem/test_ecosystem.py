"""Two commits of a temporary repository with a small command: the differences between them are printed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FIXTURES, ROOT
from tests.ecosystem.__main__ import main

COMMAND = """
import json, os, sys
from pathlib import Path
documents = json.loads((Path(__file__).parent / "documents.json").read_text())
folder = sorted(os.listdir("."))
print(json.dumps(documents[sys.argv[1]]) if folder == ["a.json", "json.py"] and sys.argv[-1] == "." else folder)
"""


def finding(rule: str, field: str, *message: str, path: str = "a.json") -> dict[str, Any]:
    """A finding as ``check --output json`` prints it, with what is compared and shown."""
    return {"rule": rule, "path": path, "field": field, "message": message, "line": 3, "cell": None, "fix": None}


def job(name: str, strategy: str) -> dict[str, Any]:
    """A job as ``extract`` prints it."""
    return {"path": "a.json", "name": name, "carrier": None, "request": {"Strategy": strategy}}


def commit(repository: Path, findings: list[Any], jobs: list[Any], unreadable: list[str]) -> None:
    """A commit whose command gives these documents."""
    documents = {
        "check": {"findings": findings, "unreadable": unreadable, "failures": []},
        "extract": {"jobs": jobs},
    }
    (repository / "hpolint/documents.json").write_text(json.dumps(documents))
    git = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "x"], check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: one finding stays, one goes, one comes, one is said otherwise; one of two jobs is read otherwise."""
    folder = tmp_path / "repository"
    (folder / "hpolint").mkdir(parents=True)
    (folder / "hpolint/__init__.py").write_text("")
    (folder / "hpolint/__main__.py").write_text(COMMAND)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    stays = finding("a/one", "X", "stays")
    jobs = [job("first", "Grid"), job("second", "Random")]
    commit(folder, [stays, finding("a/one", "Y", "goes"), finding("b/two", "Z", "said so")], jobs, [])
    jobs = [jobs[0], job("second", "Bayesian")]
    commit(folder, [finding("b/two", "Z", "said otherwise"), finding("b/two", "W", "comes"), stays], jobs, ["a: b"])
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder to look at, with a module that Python would rather take than its own."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "a.json").write_text("{}")
    (folder / "json.py").write_text("raise SystemExit('the folder is in the path')")
    return folder


def test_effects_of_a_change_are_printed(repository: Path, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Findings by rule and file, each job's own diff, and one summary line; unchanged findings are not printed."""
    assert main([str(checkout)], repository) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a/one: 0 added, 1 removed, 0 changed",
        "  checkout/a.json: 1",
        "    - Y (line 3): goes",
        "b/two: 1 added, 0 removed, 1 changed",
        "  checkout/a.json: 2",
        "    + W (line 3): comes",
        "    ~ Z (line 3): said so",
        "      → Z (line 3): said otherwise",
        "--- checkout/a.json second",
        "+++ checkout/a.json second",
        "@@ -4,5 +4,5 @@",
        '  "carrier": null,',
        '  "request": {',
        '-  "Strategy": "Random"',
        '+  "Strategy": "Bayesian"',
        "  }",
        " }",
        "+ checkout: a: b",
        "findings: 1 added, 1 removed, 1 changed in 1 files; jobs: 1 of 2 read otherwise; errors: 1 lines differ",
    ]


def test_a_commit_against_itself_differs_in_nothing(
    repository: Path, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line alone says that nothing has changed; no worktree remains."""
    assert main([str(checkout), "--base", "HEAD"], repository) == 0
    assert capsys.readouterr().out.startswith("findings: 0 added, 0 removed, 0 changed in 0 files; jobs: 0 of 2 read")
    listed = subprocess.run(["git", "-C", str(repository), "worktree", "list"], capture_output=True, check=True).stdout
    assert len(listed.splitlines()) == 1


def test_incomparable_commits_are_an_error(
    repository: Path, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown commit and a command without a JSON document give exit code 2 and the reason."""
    assert main([str(checkout), "--base", "nonesuch"], repository) == 2
    assert "nonesuch" in capsys.readouterr().err
    commit(repository, [], [], [])
    (repository / "hpolint/__main__.py").write_text("raise SystemExit('broken')")
    commit(repository, [], [], [])
    assert main([str(checkout)], repository) == 2
    assert "gives no document: broken" in capsys.readouterr().err
    (repository / "hpolint/__main__.py").unlink()
    commit(repository, [], [], ["x"])
    assert main([str(checkout), "--base", "HEAD"], repository) == 2
    assert "holds no hpolint" in capsys.readouterr().err


def test_the_own_command_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    """What this repository's own commits print has all that is compared, so a commit differs in nothing from itself."""
    if not (ROOT / ".git").exists():
        pytest.skip("no repository, so no commits")
    assert main([str(FIXTURES / "python"), "--base", "HEAD"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("findings: 0 added, 0 removed, 0 changed in 0 files; jobs: 0 of ")
    assert "jobs: 0 of 0" not in line
