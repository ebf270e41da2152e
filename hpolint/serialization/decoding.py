"""Decoding an outcome.

The bytes may come from a cache that somebody else has written. They are checked against the types of ``records``. An
index outside of its list, a rule, a suppression or a file that this run does not know, and a piece that is referred to
twice are refused, so that the memory for decoding is bounded by the number of bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import msgspec

from hpolint.model.finding import Finding, RuleFailure, Suppressed, UndecidedJudgement
from hpolint.model.job import Observation, TuningJob
from hpolint.model.source import Cell, Source, WrittenFile
from hpolint.model.training_code import Code
from hpolint.model.training_script import Script
from hpolint.report.outcome import Outcome
from hpolint.serialization.encoding import LENGTH
from hpolint.serialization.lazy_sources import LazySources
from hpolint.serialization.node_records import Growth, tree, unknown
from hpolint.serialization.records import (
    CellRecord,
    CodeRecord,
    FindingRecord,
    JobPiece,
    JobRecord,
    OutcomeRecord,
    RecordError,
    ScriptRecord,
    SourcePiece,
    UnknownRecord,
)
from hpolint.suppressions.config_entries import UnusedEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpolint.model.rule import Rule
    from hpolint.model.settings import Settings

_outcome = msgspec.msgpack.Decoder(OutcomeRecord)
_source_piece = msgspec.msgpack.Decoder(SourcePiece)
_job_piece = msgspec.msgpack.Decoder(JobPiece)


def decoded(
    data: bytes,
    rules: Mapping[str, Rule],
    settings: Settings,
    sources: LazySources,
    read_later: Callable[[int, int], bytes] | None = None,
) -> Outcome:
    """The outcome that was encoded for the same rules and settings. Its sources and jobs are loaded on first use.

    ``read_later`` returns a range of the same bytes, given its start and size; without it they stay in memory. Raises
    RecordError for bytes that ``encoded`` did not make; so does the first use of a source or job.
    """
    with _record_errors():
        (count,) = LENGTH.unpack_from(data)
        head = LENGTH.size * (count + 1)
        sizes = [size for (size,) in LENGTH.iter_unpack(data[LENGTH.size : head])]
        if head + sum(sizes) != len(data):
            raise RecordError("the table of lengths does not match the data")
        starts = list(accumulate(sizes, initial=head))
        read = read_later or (lambda start, size: data[start : start + size])
        reads = [partial(read, start, size) for start, size in zip(starts[1:], sizes[1:], strict=False)]
        record = _outcome.decode(data[starts[0] : starts[1]])
        return _Decoder(record, reads, rules, settings, sources).outcome()


@contextmanager
def _record_errors() -> Iterator[None]:
    """Turn the exceptions that invalid bytes cause into a RecordError."""
    try:
        yield
    except (msgspec.MsgspecError, struct.error, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise RecordError(f"invalid cache entry: {error}; `hpolint clean` empties the cache") from None


class _Decoder:
    """Turns the records of one outcome into objects, one object for each index."""

    def __init__(
        self,
        record: OutcomeRecord,
        reads: Sequence[Callable[[], bytes]],
        rules: Mapping[str, Rule],
        settings: Settings,
        sources: LazySources,
    ) -> None:
        self._record = record
        self._reads = reads
        self._rules = rules
        self._sdk_config = settings.sdk_config
        self._growth = Growth()
        self._entries = [entry.file for entry in settings.suppressions]
        pieces = [*(each.piece for each in record.sources), *(each.piece for each in record.jobs)]
        if len(set(pieces)) != len(pieces):
            raise RecordError("a piece is referred to twice")
        self._sources = [
            sources.source(each.name, partial(_loaded_source, each.name, reads[each.piece])) for each in record.sources
        ]
        self._jobs = [self._job(each) for each in record.jobs]
        self._files = {each.name for each in record.sources}
        self._files |= {entry.origin.rpartition(":")[0] for entry in self._entries}

    def outcome(self) -> Outcome:
        record = self._record
        source = self._sources[record.source] if record.source is not None else None
        outcome = Outcome(record.name, source, self._jobs[: record.job_count])
        outcome.findings = [self._finding(each) for each in record.findings]
        outcome.undecided = [
            UndecidedJudgement(
                self._rules[each.rule],
                self._jobs[each.job],
                each.path,
                tuple(map(unknown, each.causes)),
                each.cause_paths,
            )
            for each in record.undecided
        ]
        outcome.failures = [
            RuleFailure(self._rules[each.rule], each.reason, each.source, each.line) for each in record.failures
        ]
        outcome.skipped, outcome.internal_error = record.skipped, record.internal_error
        outcome.notices, outcome.is_own_output, outcome.is_whole = record.notices, record.is_own_output, record.is_whole
        outcome.suppressed = [Suppressed(self._finding(found), suppression) for found, suppression in record.suppressed]
        outcome.baseline_entries = record.baseline_entries
        outcome.unused_entries = [
            UnusedEntry(self._entries[each.entry], each.name, self._finding(each.finding))
            for each in record.unused_entries
        ]
        outcome.used_entries = {(self._entries[entry], name) for entry, name in record.used_entries}
        outcome.mocked_calls = record.mocked_calls
        outcome.scripts = self._sources_of(record.scripts)
        outcome.included_sources = self._sources_of(record.included_sources)
        outcome.written = record.written
        return outcome

    def _sources_of(self, numbers: Iterable[int]) -> list[Source]:
        return [self._sources[number] for number in numbers]

    def _finding(self, record: FindingRecord) -> Finding:
        shown = {record.source, *(each.source for each in record.related if each.source is not None)}
        if not shown <= self._files:  # a report reads the file that a finding names
            raise RecordError("a finding in a file that the outcome does not have")
        return Finding(
            self._rules[record.rule],
            record.level,
            record.source,
            record.span,
            record.message,
            record.path,
            self._jobs[record.job] if record.job is not None else None,
            record.related,
            record.fix,
            record.fingerprint,
            record.count,
            unknown(record.undecided) if record.undecided is not None else None,
            record.root,
            record.cost,
        )

    def _job(self, record: JobRecord) -> TuningJob:
        state = {
            "form": record.form,
            "source": self._sources[record.source],
            "cell": record.cell,
            "spelling": self._record.spellings[record.spelling],
            "carrier": record.carrier,
            "variable": record.variable,
            "is_launched": record.is_launched,
            "is_disabled": record.is_disabled,
            "is_repeated": record.is_repeated,
            "earlier_twin": record.earlier_twin,
            "sdk_config": self._sdk_config if record.uses_sdk_config else None,
            "extent": None,
        }
        return TuningJob.lazy(state, partial(self._loaded_job, self._reads[record.piece]))

    def _loaded_job(self, read: Callable[[], bytes]) -> dict[str, Any]:
        """The fields of a job that are loaded on first use."""
        with _record_errors():
            piece = _job_piece.decode(read())
            self._growth.add(piece.nodes)
            return {
                "request": tree(piece.nodes),
                "observations": [Observation(each.path, each.span, each.observed) for each in piece.observations],
                "launches": piece.launches,
                "suppressions": piece.suppressions,
                "codes": {path: _code(code) for path, code in piece.codes},
                "scripts": {
                    path: unknown(script) if isinstance(script, UnknownRecord) else self._script(script)
                    for path, script in piece.scripts
                },
                "imported": dict(piece.imported),
                "callees": dict(piece.callees),
            }

    def _script(self, record: ScriptRecord) -> Script:
        return Script(
            self._sources[record.source],
            record.name,
            record.parsers,
            record.elsewhere,
            record.unread,
            record.prints,
            record.other_prints,
            record.marks,
            record.undefined,
            record.channels,
            record.checkpoints,
            record.not_uploaded,
            record.runs_nothing,
            record.may_distribute,
            record.module,
            record.legacy_functions,
            record.model_save,
            record.saves_in_loop,
            record.stays_on_cpu,
            record.broken,
            tuple(self._sources_of(record.sources)),
        )


def _loaded_source(name: str, read: Callable[[], bytes]) -> Source:
    with _record_errors():
        piece = _source_piece.decode(read())
    source = Source(name, piece.text, beside=piece.beside)
    source.cells.extend(_cell(each, source) for each in piece.cells)
    source.shells.extend(_cell(each, source) for each in piece.shells)
    source.written.extend(
        WrittenFile(each.path, each.appends, _cell(each.cell, source), each.start) for each in piece.written
    )
    return source


def _cell(record: CellRecord, source: Source) -> Cell:
    from hpolint.readers.python.notebook import Placement

    place = Placement(source.text, record.start)
    return Cell(record.number, Source(source.name, record.text), place, record.start)


def _code(record: CodeRecord) -> Code:
    reason = unknown(record.unknown) if record.unknown is not None else None
    return Code(
        record.script,
        record.folder,
        record.further,
        record.by_toolkit,
        reason,
        record.is_distributed,
        record.has_unknown_uploads,
        record.argument,
        record.model_dir,
        record.is_from_here,
    )
