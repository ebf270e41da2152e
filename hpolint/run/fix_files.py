"""Applying fixes to the files of a run, one by one: written, or shown as a diff."""

from __future__ import annotations

import difflib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from hpolint.discovery.candidates import Candidate, read_candidate
from hpolint.discovery.walk import Search
from hpolint.fixes.fix_planner import FixEdits
from hpolint.fixes.rounds import FixedCandidate, MakeProof, apply_fixes
from hpolint.fixes.write_back import write_fixed
from hpolint.io import disk
from hpolint.io.escaping import visible
from hpolint.io.internal_errors import debugging, internal_error, internal_error_text
from hpolint.io.streams import OutputError, reason
from hpolint.model.settings import Settings
from hpolint.model.source import encoding_of
from hpolint.report.outcome import Outcome
from hpolint.report.records import FileRecord
from hpolint.report.report import AppliedFixes
from hpolint.run.file_records import FileRecords
from hpolint.version import __version__


def fault_line(plan: FixEdits) -> str:
    """The line about an internal error, with the file that holds the case if it can be written."""
    line = internal_error_text(f"the fix of {plan.finding.rule.id}", plan.reason or "")
    case = {
        "hpolint": __version__,
        "rule": plan.finding.rule.id,
        "reason": plan.reason,
        "file": plan.source.name,
        "text": plan.source.text,
        "edits": [{"start": edit.start, "end": edit.end, "text": edit.text} for edit in plan.edits],
    }
    try:
        descriptor, path = tempfile.mkstemp(prefix="hpolint-case-", suffix=".json")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(case, file, indent=1)
    except OSError:
        return line
    return f"{line}; the case is saved in {path}"


class Fixer:
    """Applies fixes to the files of a run, one by one. ``records`` reads and judges them again.

    ``safeties`` are those of the fixes; ``is_dry`` writes nothing. ``common`` are files that several other files
    include. ``unreadable`` and ``notices`` are lines about files that could not be fixed.
    """

    def __init__(
        self, safeties: frozenset[str], records: FileRecords, common: Collection[str], *, is_dry: bool
    ) -> None:
        self.unreadable: list[str] = []
        self.notices: list[str] = []
        self._safeties = safeties
        self._records = records
        self._common = common
        self._is_dry = is_dry
        self._counts: dict[str, Counter[str]] = {}
        self._diffs: list[str] = []
        self._text: bytes | None = None

    @property
    def applied(self) -> AppliedFixes:
        """The fixes that have been applied so far."""
        return AppliedFixes(self._safeties, self._counts, self._diffs, self._text)

    def fixed_file(self, record: FileRecord, settings: Settings, roots: list[str]) -> FileRecord:
        """The record of a file after its fixes. An error leaves the file unfixed and is a line of ``unreadable``."""
        fixes = [diagnostic.fix for diagnostic in record.diagnostics if diagnostic.fix is not None]
        if not any(fix.safety in self._safeties for fix in fixes):
            return record
        try:
            return self._fixed_file(record, settings, roots)
        except OutputError as error:
            self.unreadable.append(f"{record.name}: not fixed: {error}")
        except OSError as error:  # of a training script
            self.unreadable.append(f"{record.name}: not fixed: {reason(error)}")
        except Exception as error:
            if debugging():
                raise
            self.unreadable.append(f"{record.name}: not fixed: {internal_error('the fixes', error)}")
        return record

    def _fixed_file(self, record: FileRecord, settings: Settings, roots: list[str]) -> FileRecord:
        candidate = read_candidate(record.name, Search(roots=roots))
        if candidate is None or candidate.data is None:
            raise OutputError("it has changed since it was read")
        outcome = self._records.checks.candidate(candidate, settings)
        fixed = self._apply(candidate, outcome, settings, lambda outcome: self._records.checks.proof(outcome, settings))
        if not fixed.changed:
            return record
        if not self._is_dry:
            for name, (before, after) in fixed.changed.items():
                _write(name, before, after, roots, record.name)
        if fixed.scripts:
            self._records.checks.forget_scripts()
        self._count(fixed)
        self.notices += [f"{record.name}: {rule} is found again after each of its fixes" for rule in fixed.recurring]
        return self._records.record(fixed.outcome)

    def fixed_text(self, candidate: Candidate, outcome: Outcome, settings: Settings) -> Outcome:
        """The outcome of a text in memory after its fixes."""
        fixed = self._apply(candidate, outcome, settings, lambda _: None)
        if fixed.changed:
            self._count(fixed)
        if not self._is_dry:
            self._text = fixed.after.data
        return fixed.outcome

    def _apply(self, candidate: Candidate, outcome: Outcome, settings: Settings, proof_of: MakeProof) -> FixedCandidate:
        """A candidate with its fixes applied in memory."""
        fixed = apply_fixes(
            candidate,
            outcome,
            self._safeties,
            lambda changed, scripts: self._checked_with(changed, scripts, settings),
            self._common,
            proof_of,
        )
        self.unreadable += [f"{plan.source.name}: not fixed: {fault_line(plan)}" for plan in fixed.faults]
        return fixed

    def _checked_with(self, candidate: Candidate, scripts: Mapping[str, bytes], settings: Settings) -> Outcome:
        """The outcome of a candidate with changed training scripts."""
        checks = self._records.checks
        if not scripts:
            return checks.candidate(candidate, settings)
        checks.forget_scripts()
        with disk.trying(scripts):
            return checks.candidate(candidate, settings)

    def _count(self, fixed: FixedCandidate) -> None:
        """Count the fixes of a candidate; in a dry run, also add the changes of each of its files.

        A change is a unified diff, or a notice that no patch can make it.
        """
        self._counts |= fixed.fixed
        for name, (before, after) in fixed.changed.items() if self._is_dry else ():
            encoding = encoding_of(before)
            if encoding.startswith("utf-8"):
                self._diffs.append("".join(_patch(before.decode(encoding), after.decode(encoding), name)))
            else:
                self.notices.append(
                    f"{name}: would be fixed, and has no patch, since git and patch do not read"
                    f" {encoding[:6].upper()}: `--fix` writes the change"
                )


def _write(name: str, before: bytes, after: bytes, roots: list[str], definition: str) -> None:
    """Write a fixed file. Raises OutputError, which names a file other than the definition's."""
    try:
        write_fixed(name, before, after, roots)
    except OutputError as error:
        raise error if name == definition else OutputError(f"{name}: {error}") from None


def _patch(before: str, after: str, name: str) -> Iterator[str]:
    """The lines of a patch. A byte order mark belongs to the first line, as for git."""
    for line in difflib.unified_diff(_lines(before), _lines(after), _patch_name(f"a/{name}"), _patch_name(f"b/{name}")):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines with their ends: only a line feed ends a line of a patch."""
    *ended, last = text.split("\n")
    lines = [f"{line}\n" for line in ended]
    return [*lines, last] if last else lines


def _patch_name(name: str) -> str:
    """A file's name in the header of a patch, as git writes it: quoted, or ended by a tab if it has a blank.

    Without the tab, ``patch`` takes what follows the first blank for a date.
    """
    needs_quotes = visible(name) != name or '"' in name or "\\" in name
    if not needs_quotes:
        return f"{name}\t" if " " in name else name
    escaped = "".join(map(_escaped, name.encode("utf-8", "surrogateescape")))
    return f'"{escaped}"'


def _escaped(byte: int) -> str:
    if byte in b'"\\':
        return f"\\{chr(byte)}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"
