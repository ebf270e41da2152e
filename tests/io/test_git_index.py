"""The index is read as git itself reads it, and a damaged one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.io.git_index import IndexReadError, tracked_files
from tests.harness.git import git

NAMES = ("a.json", "folder/b.py", "folder/deep/er/c.yaml", "folder-2/d.tf", "z.ipynb", "ä ö.json", "x" * 90 + ".py")


def repository(folder: Path, *options: str, names: tuple[str, ...] = NAMES) -> Path:
    """A repository with some files in its index."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", *options, ".")
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    git(folder, "add", "-A")
    return folder


def listed(folder: Path) -> list[str]:
    """What git lists."""
    return sorted(each for each in git(folder, "ls-files", "-z").split("\0") if each)


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_git_lists_the_same_files(tmp_path: Path, version: str, options: tuple[str, ...]) -> None:
    """In every version of the format, with both kinds of hashes, and with flags that need more bytes."""
    folder = repository(tmp_path, *options)
    git(folder, "update-index", "--index-version", version)
    git(folder, "update-index", "--skip-worktree", "folder/b.py")
    assert tracked_files(str(folder)) == listed(folder) == sorted(NAMES)
    git(folder, "commit", "-qm", "one")
    assert tracked_files(str(folder)) == sorted(NAMES)


PARTS = st.lists(st.sampled_from(["a", "ab", "abc", "b", "b.c"]), min_size=1, max_size=3)


@given(st.lists(PARTS, max_size=8))
def test_any_names(tmp_path_factory: pytest.TempPathFactory, names: list[list[str]]) -> None:
    """Names that share beginnings, which version 4 abbreviates."""
    folder = repository(tmp_path_factory.mktemp("r"), names=tuple(f"{'/'.join(each)}.py" for each in names))
    for version in ("2", "4"):
        git(folder, "update-index", "--index-version", version)
        if (folder / ".git/index").exists():
            assert tracked_files(str(folder)) == listed(folder)


def test_a_worktrees_own_index(tmp_path: Path) -> None:
    """Its `.git` is a file that names the folder."""
    folder = repository(tmp_path / "one")
    git(folder, "commit", "-qm", "one")
    git(folder, "worktree", "add", "-q", "../two")
    (tmp_path / "two/new.json").write_text("{}")
    git(tmp_path / "two", "add", "new.json")
    assert "new.json" in tracked_files(str(tmp_path / "two"))
    assert "new.json" not in tracked_files(str(folder))


def test_a_submodule_is_a_folder(tmp_path: Path) -> None:
    """Its files are in an index of its own."""
    inner = repository(tmp_path / "inner", names=("i.json",))
    git(inner, "commit", "-qm", "one")
    folder = repository(tmp_path / "outer", names=("o.json",))
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../inner", "inner")
    assert tracked_files(str(folder)) == [".gitmodules", "inner/", "o.json"]


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """No repository, and an index that is split into two files, with the command that joins them."""
    with pytest.raises(IndexReadError, match="No such file"):
        tracked_files(str(tmp_path))
    git(tmp_path, "init", "-q", ".")
    assert tracked_files(str(tmp_path)) == []  # before the first `git add`
    folder = repository(tmp_path / "split")
    git(folder, "update-index", "--split-index")
    with pytest.raises(IndexReadError, match="it is split: `git update-index --no-split-index` joins it"):
        tracked_files(str(folder))
    git(folder, "update-index", "--no-split-index")
    assert tracked_files(str(folder)) == sorted(NAMES)


def test_damaged_bytes_are_refused(tmp_path: Path) -> None:
    """A changed byte, or a shorter file, is never taken for another list of files."""
    folder = repository(tmp_path)
    index = folder / ".git/index"
    data = index.read_bytes()
    for at in range(0, len(data), 7):
        for damaged in (data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :], data[:at]):
            index.write_bytes(damaged)
            with pytest.raises(IndexReadError, match="it is damaged"):
                tracked_files(str(folder))
