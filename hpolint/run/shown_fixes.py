"""The fixes that a report shows, as text: they are written when it is known which findings are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hpolint.fixes.refusals import SHARED_SCRIPT
from hpolint.fixes.requests import FixRequest, FixTexts
from hpolint.io import disk
from hpolint.model.fix import WrittenFix
from hpolint.report.report import Report

if TYPE_CHECKING:
    from hpolint.cache.file_results import ResultCache
    from hpolint.discovery.walk import Found
    from hpolint.report.records import Diagnostic, FileRecord
    from hpolint.run.file_records import FileRecords
    from hpolint.run.worker_pool import WorkerPool


class FixWriter:
    """Writes the fixes of a run's files as text: each in the process that has judged the file and keeps it.

    ``files`` are those that can be judged again. ``cache`` stores the fixes for the next run.
    """

    def __init__(
        self,
        records: FileRecords,
        files: Iterable[Found] = (),
        pool: WorkerPool[FileRecord] | None = None,
        cache: ResultCache | None = None,
    ) -> None:
        self._records = records
        self._files = {file.name: file for file in files}
        self._pool = pool
        self._cache = cache

    def report_with_fixes(self, report: Report, shown: Iterable[Diagnostic]) -> Report:
        """A report with the fixes of some diagnostics as text, and with the reasons that forbid the other fixes."""
        chosen = [diagnostic for diagnostic in shown if diagnostic.fix is not None]
        keys = [diagnostic.key for diagnostic in chosen]
        written = {key: report.written[key] for key in keys if key in report.written}
        shared_files = _shared_files(report)
        for diagnostic in chosen:
            if _runs_shared_script(diagnostic, shared_files):  # whatever an earlier run has stored
                written[diagnostic.key] = WrittenFix(reason=SHARED_SCRIPT)
        needed = [diagnostic for diagnostic in chosen if diagnostic.key not in written]
        for file, texts in self._fix_texts(_requests(report, needed, shared_files)).items():
            disk.add_recorded(texts.reads)
            written |= {(file, number): fix for number, fix in texts.fixes.items()}
            if self._cache is not None:
                self._cache.store_fixes(file, texts)
        for diagnostic in report.findings:
            refusal = _refusal(diagnostic, shared_files)
            if diagnostic.key not in written and refusal is not None:
                written[diagnostic.key] = WrittenFix(reason=refusal)
        return replace(report, written=written)

    def _fix_texts(self, requests: list[FixRequest]) -> dict[str, FixTexts]:
        texts: dict[str, FixTexts] = {}
        if self._pool is not None:
            texts |= self._pool.fix_texts(requests)
        for request in requests:
            if request.file in texts:
                continue
            own = self._records.fix_texts(request)
            if own is None and request.file in self._files:
                own = self._records.fix_texts_again(self._files[request.file], request)
            if own is not None:
                texts[request.file] = own
        return texts


def _shared_files(report: Report) -> frozenset[str]:
    """The files that several others include, and the training scripts that the jobs of several files run."""
    readers = Counter(chain.from_iterable(record.needed_files for record in report.records))
    return frozenset(name for name, count in readers.items() if count > 1)


def _requests(report: Report, needed: list[Diagnostic], shared_files: frozenset[str]) -> list[FixRequest]:
    """The requests for the fixes of some diagnostics, one for each file."""
    by_file: dict[str, list[Diagnostic]] = {}
    for diagnostic in needed:
        by_file.setdefault(diagnostic.file, []).append(diagnostic)
    fixable: dict[str, list[Diagnostic]] = {file: [] for file in by_file}
    for diagnostic in report.findings:
        if diagnostic.fix is not None and diagnostic.file in fixable:
            fixable[diagnostic.file].append(diagnostic)
    requests = []
    for file, own in by_file.items():
        numbers = {diagnostic.number for diagnostic in own}
        others = [diagnostic for diagnostic in fixable[file] if diagnostic.number not in numbers]
        requests.append(FixRequest(file, _numbers(report, own), _numbers(report, others), shared_files))
    return requests


def _numbers(report: Report, diagnostics: Iterable[Diagnostic]) -> tuple[int, ...]:
    """The numbers of some diagnostics of one file, and of those that are merged with them and have a fix."""
    own = list(diagnostics)
    numbers = [diagnostic.number for diagnostic in own]
    for diagnostic in own:
        twins = report.twins.get(diagnostic.key, [])
        numbers += [twin.number for twin in twins if twin.fix is not None and twin.file == diagnostic.file]
    return tuple(numbers)


def _refusal(diagnostic: Diagnostic, shared_files: frozenset[str]) -> str | None:
    """Why the fix of a diagnostic is not written, as far as that is known without its edits."""
    alone, if_shared = diagnostic.refusals
    is_shared = diagnostic.job is not None and diagnostic.job.source in shared_files
    if diagnostic.fix is not None and diagnostic.fix.script:
        is_shared = _runs_shared_script(diagnostic, shared_files)
    return if_shared if is_shared else alone


def _runs_shared_script(diagnostic: Diagnostic, shared_files: frozenset[str]) -> bool:
    """Whether the fix of a diagnostic changes a script that the jobs of several files run."""
    changes = diagnostic.fix.script if diagnostic.fix is not None else ()
    return any(change.site.source in shared_files for change in changes)
