"""Revisions are read from git's objects, whatever they hold, and nothing of the repository is touched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from hpolint.diff.checkouts import write_commit, write_working_tree
from hpolint.diff.git import Repository as Objects
from hpolint.diff.git import repository_of
from hpolint.model.settings import ConfigError
from tests.conftest import Command
from tests.cost.jobs import definition, request_of
from tests.diff.repositories import Repository
from tests.harness.git import git

ODD = ["a b.json", "ü/é.yaml", "-dash.py", 'quo"te.ipynb', "tab\there.tf"]


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder, with its time and contents."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_files_of_any_name_come_out_as_they_went_in(tmp_path: Path) -> None:
    """Spaces, quotes, umlauts, tabs; every byte, and no file that no reader needs."""
    (tmp_path / "repository").mkdir()
    repository = Repository(tmp_path / "repository")
    for number, name in enumerate(ODD):
        repository.write(name, bytes(range(256)) * number + b"\r\n")
    repository.write("picture.png", b"1")
    commit = repository.commit()
    for number, write in enumerate((lambda o, f: write_commit(o, commit, f), write_working_tree)):
        target = tmp_path / f"target{number}"
        target.mkdir()
        write(Objects(str(repository.folder)), str(target))
        found = {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}
        assert found == {name: bytes(range(256)) * place + b"\r\n" for place, name in enumerate(ODD)}


def test_a_comparison_leaves_the_repository_as_it_was(tmp_path: Path) -> None:
    """No file of it is written, its index, its references and its working trees included."""
    repository = Repository(tmp_path)
    repository.write("job.json", json.dumps(request_of(definition())))
    repository.commit()
    repository.write("job.json", json.dumps(request_of(definition(60))))
    repository.write("new.json", json.dumps(request_of(definition(600))))
    before = state(tmp_path)
    assert len(repository.diff("HEAD")["jobs"]) == 2
    assert state(tmp_path) == before


def test_links_and_trees_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    """A symlink is no file; a tree that somebody made by hand writes nothing beside the folder."""
    (tmp_path / "repository").mkdir()
    repository = Repository(tmp_path / "repository")
    repository.write("job.json", "{}")
    os.symlink("/etc/passwd", repository.folder / "link.json")
    commit = repository.commit()
    blob = git(repository.folder, "hash-object", "-w", "job.json")
    inner = git(repository.folder, "mktree", given=f"100644 blob {blob}\tevil.json\n".encode())
    (target := tmp_path / "deep" / "target").mkdir(parents=True)
    write_commit(Objects(str(repository.folder)), commit, str(target))
    assert sorted(path.name for path in target.iterdir()) == [".git", "job.json"]
    outer = _raw_tree(repository, inner)
    write_commit(Objects(str(repository.folder)), outer, str(target))
    assert not (tmp_path / "deep" / "evil.json").exists()


def _raw_tree(repository: Repository, inner: str) -> str:
    """A tree with an entry ``..``, which git itself would not make."""
    content = b"40000 ..\0" + bytes.fromhex(inner)
    return git(repository.folder, "hash-object", "-t", "tree", "-w", "--stdin", "--literally", given=content)


FILTER = """[core]
	repositoryformatversion = 0
	bare = false
	worktree = {worktree}
	fsmonitor = touch {mark}
[filter "x"]
	clean = touch {mark}; cat
	smudge = touch {mark}; cat
	required = true
[diff "x"]
	textconv = touch {mark}; cat
	command = touch {mark}
"""


@pytest.mark.parametrize("place", ["committed folder", ".git of an archive"])
def test_no_program_of_a_repository_is_run(tmp_path: Path, place: str) -> None:
    """A filter of its configuration, whether it lies in a folder that looks like a bare repository or in `.git`."""
    mark = tmp_path / "ran"
    (tmp_path / "cloned").mkdir()
    repository = Repository(tmp_path / "cloned")
    repository.write(".gitattributes", "* filter=x diff=x\n")
    repository.write("churn.json", json.dumps(request_of(definition())))
    repository.commit()
    folder, settings, worktree = repository.folder, repository.folder / ".git/config", ".."
    if place == "committed folder":
        folder, settings, worktree = repository.folder / "docs", repository.folder / "docs/config", "."
        shutil.copytree(repository.folder / ".git", folder)
    (folder / ".gitattributes").write_text("* filter=x diff=x\n")
    (folder / "churn.json").write_text(json.dumps(request_of(definition(60))))
    settings.write_text(FILTER.format(worktree=worktree, mark=mark))
    for base in ("HEAD", "HEAD...HEAD"):
        Command(folder)("diff", base)
    assert not mark.exists()


def test_missing_revisions_are_an_error(tmp_path: Path) -> None:
    """Nothing is fetched, and no revision is read as an option."""
    repository = Repository(tmp_path)
    repository.commit()
    objects = repository_of(str(tmp_path))
    for revision in ("nothing", "--all", "HEAD~5", ""):
        with pytest.raises(ConfigError, match="git finds no revision"):
            objects.commit(revision)


def test_a_repository_without_a_commit_is_an_error(tmp_path: Path) -> None:
    """So is a missing git."""
    repository = Repository(tmp_path)
    run = repository("diff", "HEAD")
    assert run.returncode == 2
    assert b"git finds no revision `HEAD`" in run.stderr
    run = repository("diff", "HEAD", PATH="/nowhere")
    assert run.returncode == 2
    assert b"git is not installed" in run.stderr
