"""A repository's revisions, read from git's objects and index without changing the repository.

git is never asked about the working tree: to compare it, git runs the filters that the repository's own configuration
names. For the same reason a bare repository counts only if the user names it: a clone may have one among its files.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import msgspec

from hpolint.config.lookup import check_working_folder
from hpolint.io.files import enclosing_repository
from hpolint.model.settings import ConfigError

REGULAR = ("100644", "100755")
"""Modes of regular files; symlinks and submodules are not read."""

ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # for versions of git before 2.44, which do not know GIT_NO_LAZY_FETCH
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""Environment of git: no locks, no fetching, no prompts, English messages."""


class Entry(msgspec.Struct, frozen=True):
    """A file of a revision: its path from the root, its object, its size in bytes."""

    path: str
    object: str
    size: int


class Repository(msgspec.Struct, frozen=True):
    """A repository; ``root`` is its folder. ``bare_folder`` is the bare repository that the user names, if any."""

    root: str
    bare_folder: str = ""

    def commit(self, revision: str) -> str:
        """The commit that a revision names. Raises ConfigError."""
        found = self.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", may_fail=True
        )
        if not found and ".." in revision:
            raise ConfigError(
                f"`{revision}` is not a revision: write `A B`, or `A...B` to compare B with its merge base"
            )
        if not found:
            shallow = self.run("rev-parse", "--is-shallow-repository", may_fail=True).strip() == b"true"
            why = ": the clone is shallow and has only the latest commits" if shallow else ""
            raise ConfigError(f"git finds no revision `{revision}`{why}")
        return found.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """The merge base of two commits. Raises ConfigError."""
        found = self.run("merge-base", one, other, may_fail=True)
        if not found:
            raise ConfigError(
                f"`{one[:12]}` and `{other[:12]}` have no common commit in this clone, which may be shallow"
            )
        return found.decode().split()[0]

    def entries(self, commit: str) -> Iterator[Entry]:
        """The files of a commit. Raises ConfigError."""
        for record in self.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit).split(b"\0"):
            about, _, path = record.partition(b"\t")
            parts = about.split()
            if len(parts) == 4 and parts[0].decode() in REGULAR:
                size = int(parts[3]) if parts[3].isdigit() else 0  # unknown in a partial clone
                yield Entry(os.fsdecode(path), parts[2].decode(), size)

    def contents(self, entries: list[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """The files with their contents, without those that a partial clone lacks. Raises ConfigError."""
        objects = "".join(f"{entry.object}\n" for entry in entries).encode()
        data = self.run("cat-file", "--batch", given=objects) if entries else b""
        at = 0
        for entry in entries:
            end = data.index(b"\n", at)
            size = data[at:end].split()[-1]
            if not size.isdigit():  # a partial clone lacks it, and nothing is fetched
                at = end + 1
                continue
            start, at = end + 1, end + 1 + int(size) + 1
            yield entry, data[start : at - 1]

    def tracked(self) -> Iterator[str]:
        """The files in the index, by their paths from the root. Raises ConfigError."""
        found = self.run("ls-files", "-z", "--cached", "--full-name")
        yield from dict.fromkeys(os.fsdecode(each) for each in found.split(b"\0") if each)

    def sparse(self) -> Iterator[Entry]:
        """The files that a sparse checkout leaves out, from the index. Raises ConfigError."""
        marked = self.run("ls-files", "-z", "-t", "--cached", "--full-name").split(b"\0")
        left_out = {each[2:] for each in marked if each[:2] == b"S "}
        if not left_out:
            return
        for record in self.run("ls-files", "-z", "-s", "--full-name").split(b"\0"):
            about, _, path = record.partition(b"\t")
            if path in left_out and about.split()[0].decode() in REGULAR:
                yield Entry(os.fsdecode(path), about.split()[1].decode(), 0)

    @property
    def is_bare(self) -> bool:
        """Whether the repository has no working tree."""
        return bool(self.bare_folder)

    def run(self, *arguments: str, given: bytes = b"", may_fail: bool = False) -> bytes:
        """The output of a git command; empty if it fails and ``may_fail``. Raises ConfigError."""
        where = ["--git-dir", self.bare_folder] if self.bare_folder else ["-c", "safe.bareRepository=explicit"]
        command = ["git", "-C", self.root, *where, "-c", "core.fsmonitor=false", *arguments]
        environment = {**os.environ, **ENVIRONMENT}
        if not self.bare_folder:
            environment["GIT_WORK_TREE"] = self.root  # the repository's own configuration may name another folder
        try:
            run = subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
        except FileNotFoundError:
            raise ConfigError("git is not installed; `hpolint diff` needs it to read revisions") from None
        if run.returncode and not may_fail:
            reason = run.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ConfigError(f"git {arguments[0]}: {reason[-1] if reason else f'exit code {run.returncode}'}")
        return run.stdout if not run.returncode else b""


def repository_of(folder: str, git_dir: str | None = None) -> Repository:
    """The repository of a folder, or the one that the user names with ``--git-dir``. Raises ConfigError."""
    check_working_folder(folder)
    if git_dir is not None:
        named = Repository(os.path.abspath("."), os.path.abspath(git_dir))
        if not named.run("rev-parse", "--git-dir", may_fail=True):
            raise ConfigError(f"--git-dir {git_dir}: not a git repository")
        return named
    root = enclosing_repository(os.path.realpath(folder))
    if root is None:
        is_bare = all(os.path.exists(os.path.join(folder, name)) for name in ("HEAD", "objects", "refs"))
        hint = "name a bare repository with `--git-dir .`" if is_bare else "not a git repository"
        raise ConfigError(f"{folder}: {hint}")
    return Repository(root)
