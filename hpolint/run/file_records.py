"""Checking files for a report: each becomes a record, and what its fixes need is kept until the report is printed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from hpolint.fixes.requests import FixRequest, FixTexts
from hpolint.io import disk
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.report.records import FileRecord
from hpolint.run.file_check import FileChecks
from hpolint.run.recording import file_record
from hpolint.suppressions.config_entries import configuration_source

if TYPE_CHECKING:
    from hpolint.discovery.walk import Found, Search
    from hpolint.model.job import Origin, TuningJob
    from hpolint.model.settings import Settings
    from hpolint.model.source import Source
    from hpolint.readers.cloudformation.origins import Origins
    from hpolint.report.outcome import Outcome

MAX_KEPT_CHARACTERS = 32_000_000
"""Characters of the files that are kept. A fix of any other file is written after the file is read and judged again."""


class _Kept(msgspec.Struct, frozen=True):
    """An outcome, and the settings of its file if they are known."""

    outcome: Outcome
    settings: Settings | None


class FileRecords:
    """Checks files, and keeps the outcomes that have a fix."""

    def __init__(self, checks: FileChecks) -> None:
        self.checks = checks
        self._kept: dict[str, _Kept] = {}
        self._kept_characters = 0
        self._configurations = disk.RecordedMemo()
        self._origins: Origins | None = None

    def file(self, file: Found) -> tuple[FileRecord | None, Search]:
        """The record of a file, None if it is not a candidate, and the search with its notices. Raises ConfigError."""
        outcome, search = self.checks.file(file)
        if outcome is None:
            return None, search
        with disk.recorded_reads() as recorder:
            record = self.record(outcome, file.settings)
        if disk.is_recording():
            search.queries |= recorder.stamps
        return record, search

    def record(self, outcome: Outcome, settings: Settings | None = None) -> FileRecord:
        """The record of a file that has been read and judged. Without settings no fix of its scripts is written."""
        if outcome.source is not None and any(finding.fix is not None for finding in outcome.findings):
            self._kept_characters += len(outcome.source.text)
            if self._kept_characters <= MAX_KEPT_CHARACTERS:
                self._kept[outcome.name] = _Kept(outcome, settings)
        try:
            return file_record(outcome, self._configuration, self._origin)
        except Exception as error:  # only this file is lost
            if debugging():
                raise
            return FileRecord(name=outcome.name, internal_error=internal_error("the record of the file", error))

    def _configuration(self, name: str) -> Source | None:
        return self._configurations.of(name, partial(configuration_source, name))

    def _origin(self, job: TuningJob, template: str) -> Origin | None:
        if job.construct is None:
            return None
        if self._origins is None:
            from hpolint.readers.cloudformation.origins import Origins  # only CDK apps need it

            self._origins = Origins(self.checks.roots)
        return self._origins.of(job, template)

    def fix_texts(self, request: FixRequest) -> FixTexts | None:
        """The fixes of a file as text; None if its outcome is not kept."""
        kept = self._kept.get(request.file)
        return self._fix_texts(kept, request) if kept is not None else None

    def fix_texts_again(self, file: Found, request: FixRequest) -> FixTexts | None:
        """The same for a file that is read and judged again; None if it is no candidate any more."""
        outcome, _ = self.checks.file(file)
        return self._fix_texts(_Kept(outcome, file.settings), request) if outcome is not None else None

    def _fix_texts(self, kept: _Kept, request: FixRequest) -> FixTexts:
        from hpolint.fixes.fix_texts import fix_texts  # imports what plans fixes, which many runs do not need

        proof = self.checks.proof(kept.outcome, kept.settings) if kept.settings is not None else None
        return fix_texts(kept.outcome, request, proof)

    def for_worker(self) -> FileRecords:
        """A new instance for another process, without loaded rules."""
        return FileRecords(self.checks.for_worker())
