"""A repository's revisions, read from git's objects: nothing is checked out, and nothing of the repository changes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import msgspec

from hpolint.model.settings import ConfigError

REGULAR = ("100644", "100755")
"""Modes of files; symlinks and submodules are not followed."""

QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
"""No lock is taken, nothing is fetched, nobody is asked."""


class Entry(msgspec.Struct, frozen=True):
    """A file of a revision: its path from the root, its object, its size in bytes."""

    path: str
    object: str
    size: int


class Repository(msgspec.Struct, frozen=True):
    """A repository by the folder that is its root."""

    root: str

    def commit(self, revision: str) -> str:
        """The commit that a revision names. Raises ConfigError."""
        found = self.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", may_fail=True
        )
        if not found and ".." in revision:
            raise ConfigError(f"`{revision}` is no revision: say `A B` for two, or `A...B` for what B adds to A")
        if not found:
            shallow = self.run("rev-parse", "--is-shallow-repository", may_fail=True).strip() == b"true"
            why = " (the clone is a shallow one, which has but the last ones)" if shallow else ""
            raise ConfigError(f"git knows no revision `{revision}` here{why}")
        return found.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """Where two commits part. Raises ConfigError."""
        found = self.run("merge-base", one, other, may_fail=True)
        if not found:
            raise ConfigError(
                f"`{one[:12]}` and `{other[:12]}` have no common commit here: is the clone a shallow one?"
            )
        return found.decode().split()[0]

    def entries(self, commit: str) -> Iterator[Entry]:
        """The files of a commit. Raises ConfigError."""
        for record in self.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit).split(b"\0"):
            about, _, path = record.partition(b"\t")
            parts = about.split()
            if len(parts) == 4 and parts[0].decode() in REGULAR:
                size = int(parts[3]) if parts[3].isdigit() else 0  # a partial clone does not know
                yield Entry(os.fsdecode(path), parts[2].decode(), size)

    def contents(self, entries: list[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """What the files hold; of those that a partial clone lacks nothing. Raises ConfigError."""
        asked = "".join(f"{entry.object}\n" for entry in entries).encode()
        data = self.run("cat-file", "--batch", given=asked) if entries else b""
        at = 0
        for entry in entries:
            end = data.index(b"\n", at)
            size = data[at:end].split()[-1]
            if not size.isdigit():  # a partial clone lacks it, and nothing is fetched
                at = end + 1
                continue
            start, at = end + 1, end + 1 + int(size) + 1
            yield entry, data[start : at - 1]

    def renamed(self, base: str, head: str | None) -> dict[str, str]:
        """The files that have another name since: the old one by the new one. Raises ConfigError."""
        of = ["diff", "--name-status", "-z", "--diff-filter=R", "--no-ext-diff", "--no-textconv"]
        both = [base, *([head] if head is not None else []), "--"]
        found = self.run(*of, "-M", *both, may_fail=True)  # a partial clone lacks what similar files are told by
        parts = (found or self.run(*of, "-M100%", *both)).split(b"\0")
        names = [os.fsdecode(each) for each in parts]
        return {names[at + 2]: names[at + 1] for at in range(0, len(names) - 2, 3)}

    def present(self) -> Iterator[str]:
        """The files of the working tree: those that git has, and new ones that are not ignored. Raises ConfigError."""
        found = self.run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name")
        yield from dict.fromkeys(os.fsdecode(each) for each in found.split(b"\0") if each)

    def sparse(self) -> Iterator[Entry]:
        """The files that a sparse checkout leaves out: they are in the index alone. Raises ConfigError."""
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
        """Whether it has no working tree."""
        return self.run("rev-parse", "--is-bare-repository", may_fail=True).strip() == b"true"

    def run(self, *arguments: str, given: bytes = b"", may_fail: bool = False) -> bytes:
        """What git prints; nothing where it fails and may. Raises ConfigError."""
        command = ["git", "-C", self.root, "-c", "core.fsmonitor=false", *arguments]
        try:
            run = subprocess.run(command, input=given, capture_output=True, env={**os.environ, **QUIET}, check=False)
        except FileNotFoundError:
            raise ConfigError("git is not installed, and revisions are read by it") from None
        if run.returncode and not may_fail:
            reason = run.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ConfigError(f"git {arguments[0]}: {reason[-1] if reason else f'exit code {run.returncode}'}")
        return run.stdout if not run.returncode else b""


def repository_of(folder: str) -> Repository:
    """The repository that a folder lies in. Raises ConfigError."""
    found = Repository(folder).run("rev-parse", "--show-toplevel", may_fail=True)
    if found:
        return Repository(os.fsdecode(found.rstrip(b"\r\n")))
    bare = Repository(os.path.abspath(folder))
    if not bare.is_bare:
        raise ConfigError(f"{folder}: no git repository, whose revisions could be compared")
    return bare
