"""Encoding an outcome."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import msgspec

from hpolint.model.finding import Finding, UndecidedJudgement
from hpolint.model.job import Observation, TuningJob
from hpolint.model.message_text import path_of
from hpolint.model.node import Path, Unknown, walk
from hpolint.model.reasons import Reason
from hpolint.model.rule import Rule
from hpolint.model.settings import Exclude, Settings
from hpolint.model.source import Cell, Source
from hpolint.model.spelling import Spelling
from hpolint.model.training_code import Code
from hpolint.model.training_script import Script
from hpolint.report.outcome import Outcome
from hpolint.serialization.node_records import Growth, tree_records, unknown_record
from hpolint.serialization.records import (
    CellRecord,
    CodeRecord,
    FailureRecord,
    FindingRecord,
    JobPiece,
    JobRecord,
    ObservationRecord,
    OutcomeRecord,
    RecordError,
    ScriptRecord,
    SourcePiece,
    SourceRecord,
    UndecidedRecord,
    UnknownRecord,
    UnusedEntryRecord,
    WrittenFileRecord,
)

LENGTH = struct.Struct("<Q")
"""The encoding of a number of pieces or bytes."""


def _plain(value: object) -> str:
    """The text of a ``Reason`` in a field that stores only text. Raises NotImplementedError for other types."""
    if isinstance(value, Reason):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} is not stored")


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode


def encoded(outcome: Outcome, rules: Mapping[str, Rule], settings: Settings) -> bytes:
    """An outcome as bytes, which can be decoded with the same rules (by id) and settings.

    Raises RecordError if it contains a value that msgpack cannot encode (an integer beyond 64 bits, half of a surrogate
    pair) or a rule that is not among ``rules``.
    """
    try:
        return _Encoder(rules, settings).outcome(outcome)
    except (OverflowError, UnicodeEncodeError, NotImplementedError, TypeError) as error:
        raise RecordError(str(error)) from None


class _Encoder:
    """Collects the sources, spellings, jobs and pieces that the records of one outcome refer to."""

    def __init__(self, rules: Mapping[str, Rule], settings: Settings) -> None:
        self._rules = rules
        self._sdk_config = settings.sdk_config
        self._entries = {entry.file: number for number, entry in enumerate(settings.suppressions)}
        self._pieces: list[bytes] = []
        self._sources: list[SourceRecord] = []
        self._spellings: list[Spelling] = []
        self._jobs: list[JobRecord] = []
        self._numbers: dict[int, int] = {}
        self._unknowns: dict[int, dict[int, Path]] = {}
        self._growth = Growth()

    def outcome(self, outcome: Outcome) -> bytes:
        for job in outcome.jobs:
            self._job(job)
        job_count = len(self._jobs)
        record = OutcomeRecord(
            name=outcome.name,
            sources=self._sources,
            spellings=self._spellings,
            jobs=self._jobs,
            job_count=job_count,
            source=self._source(outcome.source) if outcome.source is not None else None,
            findings=[self._finding(each) for each in outcome.findings],
            undecided=[self._undecided(each) for each in outcome.undecided],
            failures=[
                FailureRecord(self._rule(each.rule), each.reason, each.source, each.line) for each in outcome.failures
            ],
            skipped=outcome.skipped,
            internal_error=outcome.internal_error,
            notices=outcome.notices,
            is_own_output=outcome.is_own_output,
            suppressed=[(self._finding(each.finding), each.suppression) for each in outcome.suppressed],
            is_whole=outcome.is_whole,
            baseline_entries=outcome.baseline_entries,
            unused_entries=[
                UnusedEntryRecord(self._entry(each.entry), each.name, self._finding(each.finding))
                for each in outcome.unused_entries
            ],
            used_entries=[(self._entry(entry), name) for entry, name in outcome.used_entries],
            mocked_calls=outcome.mocked_calls,
            scripts=[self._source(each) for each in outcome.scripts],
            included_sources=[self._source(each) for each in outcome.included_sources],
            written=outcome.written,
        )
        pieces = [_encode(record), *self._pieces]
        return b"".join([LENGTH.pack(len(pieces)), *(LENGTH.pack(len(each)) for each in pieces), *pieces])

    def _piece(self, record: JobPiece | SourcePiece) -> int:
        """Add a piece and return its number, from 0; the record of the outcome does not count."""
        self._pieces.append(_encode(record))
        return len(self._pieces) - 1

    def _rule(self, rule: Rule) -> str:
        if self._rules.get(rule.id) is not rule:
            raise RecordError(f"{rule.id} is not a rule of this run")
        return rule.id

    def _entry(self, entry: Exclude) -> int:
        if entry not in self._entries:
            raise RecordError("a suppression that the settings do not have")
        return self._entries[entry]

    def _source(self, source: Source) -> int:
        if id(source) not in self._numbers:
            written = [
                WrittenFileRecord(each.path, each.appends, _cell(each.cell, source), each.start)
                for each in source.written
            ]
            piece = SourcePiece(
                source.text,
                [_cell(each, source) for each in source.cells],
                [_cell(each, source) for each in source.shells],
                written,
                dict(source.beside),
            )
            self._numbers[id(source)] = len(self._sources)
            self._sources.append(SourceRecord(source.name, self._piece(piece)))
        return self._numbers[id(source)]

    def _spelling(self, spelling: Spelling) -> int:
        if id(spelling) not in self._numbers:
            self._numbers[id(spelling)] = len(self._spellings)
            self._spellings.append(spelling)
        return self._numbers[id(spelling)]

    def _job(self, job: TuningJob) -> int:
        if id(job) not in self._numbers:
            nodes = tree_records(job.request)
            self._growth.add(nodes)
            piece = JobPiece(
                nodes,
                [_observation(each) for each in job.observations],
                job.launches,
                job.suppressions,
                [(path, _code(code)) for path, code in job.codes.items()],
                [(path, self._script(script)) for path, script in job.scripts.items()],
                list(job.imported.items()),
                list(job.callees.items()),
            )
            record = JobRecord(
                job.form,
                self._source(job.source),
                job.cell,
                self._spelling(job.spelling),
                job.carrier,
                job.variable,
                job.is_launched,
                job.is_disabled,
                job.is_repeated,
                job.earlier_twin,
                self._uses_sdk_config(job),
                self._piece(piece),
            )
            self._numbers[id(job)] = len(self._jobs)
            self._jobs.append(record)
        return self._numbers[id(job)]

    def _uses_sdk_config(self, job: TuningJob) -> bool:
        if job.sdk_config not in (None, self._sdk_config):
            raise RecordError("an SDK configuration that the settings do not name")
        return job.sdk_config is not None

    def _script(self, script: Script | Unknown) -> ScriptRecord | UnknownRecord:
        if isinstance(script, Unknown):
            return unknown_record(script)
        return ScriptRecord(
            self._source(script.source),
            script.name,
            script.parsers,
            script.elsewhere,
            script.unread,
            script.prints,
            script.other_prints,
            script.marks,
            script.undefined,
            script.channels,
            script.checkpoints,
            script.not_uploaded,
            script.runs_nothing,
            script.may_distribute,
            script.module,
            script.legacy_functions,
            script.model_save,
            script.saves_in_loop,
            script.stays_on_cpu,
            script.broken,
            tuple(self._source(each) for each in script.sources),
        )

    def _finding(self, finding: Finding) -> FindingRecord:
        return FindingRecord(
            self._rule(finding.rule),
            finding.level,
            finding.source,
            finding.span,
            finding.message,
            finding.path,
            self._job(finding.job) if finding.job is not None else None,
            finding.related,
            finding.fix,
            finding.fingerprint,
            finding.count,
            unknown_record(finding.undecided) if finding.undecided is not None else None,
            finding.root,
            finding.cost,
        )

    def _undecided(self, judgement: UndecidedJudgement) -> UndecidedRecord:
        causes = tuple(map(unknown_record, judgement.causes))
        paths = judgement.cause_paths or tuple(self._path(judgement.job, cause) for cause in judgement.causes)
        return UndecidedRecord(self._rule(judgement.rule), self._job(judgement.job), judgement.path, causes, paths)

    def _path(self, job: TuningJob, cause: Unknown) -> Path | None:
        """The path of an unknown value in a request, which is walked once for each job."""
        if id(job) not in self._unknowns:
            by_node: dict[int, Path] = {}
            for path, node in walk(job.request):
                if isinstance(node, Unknown) and path:
                    by_node.setdefault(id(node), path)
            self._unknowns[id(job)] = by_node
        return self._unknowns[id(job)].get(id(cause)) or path_of(job, cause)


def _cell(cell: Cell, source: Source) -> CellRecord:
    from hpolint.readers.python.notebook import Placement

    if not isinstance(cell.place, Placement) or cell.text.name != source.name:
        raise RecordError("a cell that is not from a notebook's JSON")
    return CellRecord(cell.number, cell.text.text, cell.start)


def _observation(observation: Observation) -> ObservationRecord:
    return ObservationRecord(observation.path, observation.span, observation.observed)  # type: ignore[arg-type]


def _code(code: Code) -> CodeRecord:
    unknown = unknown_record(code.unknown) if code.unknown is not None else None
    return CodeRecord(
        code.script,
        code.folder,
        code.further,
        code.by_toolkit,
        unknown,
        code.is_distributed,
        code.has_unknown_uploads,
        code.argument,
        code.model_dir,
        code.is_from_here,
    )
