"""Functions that the reports for machines share: order, paths, messages and fingerprints."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from hpolint.io import disk
from hpolint.io.files import repository_root
from hpolint.model.level import LEVELS
from hpolint.model.source import Span
from hpolint.report.records import Diagnostic

SUPPRESSED_BY_METADATA = "The `Metadata` of its resource (`addMetadata`, `add_metadata`) suppresses it, not a comment"


class Paths:
    """Paths relative to the repository's root, as code scanning, annotations and merge requests need them."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._root = repository_root(os.getcwd())
        first = next(iter(sources), None)
        if not disk.exists(os.path.join(self._root, ".git")) and first is not None:
            # Run from a folder above a checkout, or through a link into one: take the root of the first file.
            inside = repository_root(os.path.dirname(disk.real(first)))
            self._root = inside if disk.exists(os.path.join(inside, ".git")) else self._root
        self._found: dict[str, str | None] = {}

    def of(self, name: str) -> str | None:
        """A file's path from the root, with forward slashes and links resolved; None on another Windows drive."""
        if name not in self._found:
            try:
                self._found[name] = os.path.relpath(disk.real(name), self._root).replace(os.sep, "/")
            except ValueError:
                self._found[name] = None
        return self._found[name]

    def named(self, name: str) -> str:
        """The same, or the file's own name if it has no path from the root."""
        return self.of(name) or name


def sorted_by_level(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings, most severe first, otherwise in their order."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def sentences(finding: Diagnostic) -> str:
    """A finding's message as one text, with a full stop after each sentence."""
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in finding.text)


def annotated(finding: Diagnostic) -> tuple[str, Span]:
    """The file and the place that a report annotates: for a generated file the program from which it is generated."""
    origin = finding.origin
    return (finding.source, finding.span) if origin is None else (origin.source, origin.span)


def origin_sentences(finding: Diagnostic, path: str) -> str:
    """What a finding that is shown in a program says of the generated file at ``path``; empty for any other finding."""
    if finding.origin is None:
        return ""
    place = f" It is in {path}:{finding.span.line}:{finding.span.column}, which the CDK generates for the "
    return f"{place}{finding.origin.name}.{'' if finding.rule.is_locked else f' {SUPPRESSED_BY_METADATA}.'}"


def cell_prefix(finding: Diagnostic) -> str:
    """``Cell 3: `` for a finding in a notebook, else empty: the line number alone does not show the cell."""
    cell = finding.place.cell
    return f"Cell {cell}: " if cell is not None else ""


def fingerprints(findings: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding with a digest that does not depend on its line: of its rule, file, job and field, and a counter."""
    import hashlib  # slow to import, because of OpenSSL

    counts: dict[str, int] = {}
    for finding in findings:
        name = (finding.job.name if finding.job else None) or ""
        identity = "\0".join([finding.rule.id, finding.source, name, finding.fingerprint])
        counts[identity] = counts.get(identity, 0) + 1
        digest = hashlib.sha256(f"{identity}\0{counts[identity]}".encode("utf-8", "replace"))
        yield finding, digest.hexdigest()[:32]
