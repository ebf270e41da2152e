"""Verification of changes in a training script: all jobs that run it are judged again with the changed script."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeAlias

from hpolint.discovery.byte_patterns import has_definition_pattern
from hpolint.fixes.changes import NoEditError
from hpolint.fixes.proof import Failure, compile_error
from hpolint.io import disk
from hpolint.io.files import TooLargeError, leads_out, read_file
from hpolint.model.finding import Finding
from hpolint.model.forms import SEARCHED_SUFFIXES
from hpolint.model.job import TuningJob
from hpolint.model.source import Source
from hpolint.report.outcome import Outcome

MAX_FILES, MAX_FILE_BYTES = 200, 4 * 1024 * 1024
"""Number of other files of a folder that are searched for a job with the same script, and the size of each."""

CheckAgain: TypeAlias = Callable[[Mapping[str, bytes]], Outcome]
"""Checks a source again, with other texts of some files by their names."""

Mark: TypeAlias = tuple[str, int | None, str, bool]
"""A rule, the number of the job, the finding's fingerprint, and whether it is undecided."""


class ScriptProof:
    """Proves that changed scripts remove the findings that they are to remove, and cause no other.

    ``before`` is the outcome of the source, ``check_again`` checks it with the changed texts.
    """

    def __init__(self, before: Outcome, check_again: CheckAgain) -> None:
        self._before = before
        self._check_again = check_again

    def failure(
        self, findings: Collection[Finding], scripts: Iterable[Source], texts: Mapping[str, bytes]
    ) -> Failure | None:
        """Why the texts are not written; None if they are sound. ``scripts`` are the scripts that they change."""
        for script in scripts:
            if not script.cells and not script.written and (error := _new_compile_error(script, texts[script.name])):
                return Failure(f"the script would no longer compile: {error}")
        after = self._check_again(texts)
        if after.internal_error is not None or len(after.jobs) != len(self._before.jobs):
            return Failure("the jobs cannot be read with the changed script", is_refusal=True)
        reason = self._new_finding(after) or self._left_finding(findings, after)
        return Failure(reason, is_refusal=True) if reason is not None else None

    def _new_finding(self, after: Outcome) -> str | None:
        """The rule that reports the jobs, or does not decide about them any more, as a reason; None without one."""
        for rule, *_ in _marks(after) - _marks(self._before):
            return f"{rule} would report the changed script"
        for rule, *_ in sorted(_undecided(after) - _undecided(self._before), key=str):
            return f"{rule} could not be decided with the changed script"
        return None

    def _left_finding(self, findings: Collection[Finding], after: Outcome) -> str | None:
        """The reason that one of the findings would not be gone; None if all are."""
        known, marks = _marks(self._before), _marks(after)
        for finding in findings:
            mark = _mark(finding, self._before)
            if marks[mark] >= known[mark]:
                return "the finding would remain"
        return None


def _new_compile_error(script: Source, text: bytes) -> str | None:
    """Why a changed script does not compile; None if it does, or if it did not before."""
    return compile_error(text.decode("utf-8", "surrogatepass")) if compile_error(script.text) is None else None


def _marks(outcome: Outcome) -> Counter[Mark]:
    """The findings of an outcome, also those that something silences, each as often as it is made."""
    findings = [*outcome.findings, *(suppressed.finding for suppressed in outcome.silencing.suppressed)]
    marks: Counter[Mark] = Counter()
    for finding in findings:
        marks[_mark(finding, outcome)] += finding.count
    return marks


def _mark(finding: Finding, outcome: Outcome) -> Mark:
    return finding.rule.id, _number(finding.job, outcome), finding.fingerprint, finding.undecided is not None


def _undecided(outcome: Outcome) -> set[tuple[str, int | None, str]]:
    return {(each.rule.id, _number(each.job, outcome), str(each.path)) for each in outcome.undecided}


def _number(job: TuningJob | None, outcome: Outcome) -> int | None:
    """The number of a job among those of an outcome."""
    return next((number for number, own in enumerate(outcome.jobs) if own is job), None)


def check_other_files(source: Source, script: Source) -> None:
    """Raise NoEditError if another file that may define a job names the script.

    The folders of both files, and those between them, are searched: another job with the script is nearly always there.
    """
    name = os.path.basename(script.name).encode("utf-8", "surrogateescape")
    for folder in _folders_between(source.name, script.name):
        try:
            others = _other_files(folder, {source.name, script.name})
            for other in others:
                data = read_file(other, MAX_FILE_BYTES)
                if name in data and has_definition_pattern(data):
                    raise NoEditError(f"a job in {other} may run the script, too")
        except TooLargeError:
            raise NoEditError("a file beside it is too large to be searched for other jobs with the script") from None
        except OSError as error:
            raise NoEditError(f"the files beside it cannot be read: {error.strerror}") from None


def _folders_between(source: str, script: str) -> list[str]:
    """The folders of two files, and those between them."""
    first, last = os.path.dirname(source), os.path.dirname(script)
    try:
        common = os.path.commonpath([os.path.abspath(first or "."), os.path.abspath(last or ".")])
    except ValueError:  # on two drives
        return [first, last]
    folders: dict[str, None] = {}
    for folder in (first, last):
        folders[folder] = None
        while os.path.abspath(folder or ".") != common:
            folder = os.path.dirname(folder)
            folders[folder] = None
    return list(folders)


def _other_files(folder: str, own: Collection[str]) -> list[str]:
    """The files of a folder that may define a job. Raises NoEditError for too many, or OSError."""
    if not disk.is_folder(folder or "."):
        return []
    others: list[str] = []
    for name in disk.names(folder or "."):
        path = os.path.join(folder, name).replace(os.sep, "/")
        if not name.lower().endswith(SEARCHED_SUFFIXES) or path in own or leads_out(path, []):
            continue
        if disk.is_file(path):
            others.append(path)
    if len(others) > MAX_FILES:
        raise NoEditError(f"more than {MAX_FILES} other files beside it may define a job with the script")
    return others
