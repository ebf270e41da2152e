"""What the reports for machines share: order, and words about a place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from hpolint.io import disk
from hpolint.io.files import repository_root
from hpolint.model.finding import Finding
from hpolint.model.level import LEVELS
from hpolint.report.report import Report


class Paths:
    """Files as a repository's root sees them: what code scanning, annotations and merge requests go by."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._root = repository_root(os.getcwd())
        first = next(iter(sources), None)
        if not disk.exists(os.path.join(self._root, ".git")) and first is not None:
            # Run from above a checkout, or through a link into one: its root is above the files.
            inside = repository_root(os.path.dirname(disk.real(first)))
            self._root = inside if disk.exists(os.path.join(inside, ".git")) else self._root
        self._found: dict[str, str | None] = {}

    def of(self, name: str) -> str | None:
        """A file's path from the root, with forward slashes and links resolved; None on another of Windows' drives."""
        if name not in self._found:
            try:
                self._found[name] = os.path.relpath(disk.real(name), self._root).replace(os.sep, "/")
            except ValueError:
                self._found[name] = None
        return self._found[name]

    def named(self, name: str) -> str:
        """The same for a report that has no other way to name a file."""
        return self.of(name) or name


def sorted_by_level(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, else as they stand."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def sentences(finding: Finding) -> str:
    """A finding's message as one text."""
    return " ".join(each if each.endswith((".", "!", "?")) else f"{each}." for each in finding.text)


def cell_prefix(finding: Finding, report: Report) -> str:
    """For a notebook the cell, whose number no line of the file tells."""
    cell = report.cell(finding)
    return f"Cell {cell}: " if cell is not None else ""


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with what stays the same when lines move: rule, file, job and field; equal ones are numbered."""
    import hashlib  # with OpenSSL, for who prints them

    seen: dict[str, int] = {}
    for finding in findings:
        name = (finding.job.name if finding.job else None) or ""
        identity = "\0".join([finding.rule.id, finding.source, name, finding.fingerprint])
        seen[identity] = seen.get(identity, 0) + 1
        digest = hashlib.sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "replace"))
        yield finding, digest.hexdigest()[:32]
