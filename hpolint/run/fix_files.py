"""Applying fixes to the files of a run, one by one: written, or shown as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from hpolint.discovery.candidates import read_candidate
from hpolint.discovery.walk import Found, Search
from hpolint.fixes.fix_faults import fault_line
from hpolint.fixes.rounds import FixedCandidate, apply_fixes
from hpolint.fixes.write_back import write_fixed
from hpolint.io.escaping import visible
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.io.streams import OutputError
from hpolint.model.source import encoding_of
from hpolint.report.outcome import Outcome
from hpolint.report.report import Report
from hpolint.run.file_check import FileChecks


class Fixer:
    """Applies fixes to the files of a run. ``safeties`` are those of the fixes; ``is_dry`` writes nothing.

    ``common`` are files that several other files include.
    """

    def __init__(
        self,
        safeties: frozenset[str],
        files: list[Found],
        checking: FileChecks,
        report: Report,
        common: Collection[str],
        *,
        is_dry: bool,
    ) -> None:
        self._safeties = safeties
        self._settings = {file.name: file.settings for file in files}
        self._checks = checking
        self._report = report
        self._common = common
        self._is_dry = is_dry

    def outcome(self, outcome: Outcome, roots: list[str]) -> Outcome:
        """The outcome of a file after its fixes. An error leaves the file unfixed and is added to the report."""
        if not any(each.fix is not None and each.fix.safety in self._safeties for each in outcome.findings):
            return outcome
        try:
            return self._fixed(outcome, roots)
        except OutputError as error:
            self._report.unreadable.append(f"{outcome.name}: not fixed: {error}")
        except Exception as error:
            if debugging():
                raise
            self._report.unreadable.append(f"{outcome.name}: not fixed: {internal_error('the fixes', error)}")
        return outcome

    def _fixed(self, outcome: Outcome, roots: list[str]) -> Outcome:
        candidate = read_candidate(outcome.name, Search(roots=roots))
        settings = self._settings[outcome.name]
        if candidate is None or candidate.data is None:
            raise OutputError("it has changed since it was read")
        found = apply_fixes(
            candidate,
            self._checks.candidate(candidate, settings),
            self._safeties,
            lambda each: self._checks.candidate(each, settings),
            self._common,
        )
        self._report.unreadable += [f"{each.source.name}: not fixed: {fault_line(each)}" for each in found.faults]
        if not found.changed:
            return outcome
        if self._is_dry:
            show_changes(found, self._report)
        else:
            for name, (before, after) in found.changed.items():
                write_fixed(name, before, after, roots)
        self._report.fixed |= found.fixed
        self._report.notices += [
            f"{outcome.name}: {rule} is found again after each of its fixes" for rule in found.recurring
        ]
        return found.outcome


def show_changes(found: FixedCandidate, report: Report) -> None:
    """Add the changes of each file to the report: a unified diff, or a notice that no patch can make the change."""
    for name, (before, after) in found.changed.items():
        encoding = encoding_of(before)
        if encoding.startswith("utf-8"):
            report.diffs.append("".join(_patch(before.decode(encoding), after.decode(encoding), name)))
        else:
            report.notices.append(
                f"{name}: would be fixed, and has no patch, since git and patch do not read {encoding[:6].upper()}:"
                " `--fix` writes the change"
            )


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
