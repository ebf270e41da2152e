"""The stored types. No record contains itself, and no field has an arbitrary type.

Records refer to each other by an index into a list, so that decoding restores one object for each index.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from hpolint.model.callee import Callee
from hpolint.model.finding import Cost, Related
from hpolint.model.fix import Fix, WrittenFix
from hpolint.model.ignore_comment import Suppression
from hpolint.model.level import Level
from hpolint.model.message_parts import Sentence
from hpolint.model.node import Path, Scalar
from hpolint.model.observations import (
    ArgumentDropped,
    ArgumentMissing,
    BestAtBound,
    CategoricalNotAList,
    CategoryFromPipeline,
    ClassMetadata,
    ClsMetadataNotADict,
    CommandDropped,
    EarlierRun,
    EntryPointMissing,
    GridWithoutJobCount,
    InstanceGroups,
    LocalMode,
    LowerCaseTags,
    MetricDefinitionsNotCopied,
    MetricDefinitionsOnEstimator,
    NameRefused,
    ParentsNotASet,
    SeveralTrainers,
    SklearnInstances,
    SpotTurnedDown,
    StaticShadowedByRange,
    StrategyConfigDropped,
    UnknownArgument,
    YamlBoolean,
)
from hpolint.model.reasons import ParameterKind
from hpolint.model.source import Span
from hpolint.model.spelling import Spelling
from hpolint.model.training_script import Broken, ChannelUse, Doubt, Marks, Missing, Parser, Print, Site
from hpolint.suppressions.baseline import BaselineEntry

Index: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class RecordError(Exception):
    """A value that cannot be encoded, or bytes that cannot be decoded, with the reason."""


class Record(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A record, which is encoded as an array of its fields."""


class ReasonRecord(Record, frozen=True):
    """A ``Reason``, or a ``Part`` if ``is_part``."""

    text: str
    thing: str | None
    name: str | None
    is_part: bool
    parameter: ParameterKind | None


class UnknownRecord(Record, frozen=True, tag=True):
    """An ``Unknown``."""

    reason: str | ReasonRecord
    span: Span
    pieces: tuple[str | None, ...]
    choices: tuple[Scalar | None, ...]
    default: Scalar | None


class StructRecord(Record, frozen=True, tag=True):
    """A ``Struct``. ``members`` are indices of nodes before this one."""

    members: dict[str, Index]
    span: Span
    anchor: Span
    keys: dict[str, Span]
    open: UnknownRecord | None
    shadowed: list[tuple[str, Span]]
    name: str | None


class ArrayRecord(Record, frozen=True, tag=True):
    """An ``Array``. ``items`` are indices of nodes before this one."""

    items: list[Index]
    span: Span
    anchor: Span
    open: UnknownRecord | None


NodeRecord: TypeAlias = Scalar | UnknownRecord | StructRecord | ArrayRecord

Observed: TypeAlias = (
    ArgumentDropped
    | ArgumentMissing
    | BestAtBound
    | CategoricalNotAList
    | CategoryFromPipeline
    | ClassMetadata
    | ClsMetadataNotADict
    | CommandDropped
    | EarlierRun
    | EntryPointMissing
    | GridWithoutJobCount
    | InstanceGroups
    | LocalMode
    | LowerCaseTags
    | MetricDefinitionsNotCopied
    | MetricDefinitionsOnEstimator
    | NameRefused
    | ParentsNotASet
    | SeveralTrainers
    | SklearnInstances
    | SpotTurnedDown
    | StaticShadowedByRange
    | StrategyConfigDropped
    | UnknownArgument
    | YamlBoolean
)


class ObservationRecord(Record, frozen=True):
    """An ``Observation``."""

    path: Path
    span: Span
    observed: Observed


class CodeRecord(Record, frozen=True):
    """A ``Code``."""

    script: str
    folder: str | None
    further: tuple[str, ...]
    by_toolkit: bool
    unknown: UnknownRecord | None
    is_distributed: bool
    has_unknown_uploads: bool
    argument: str
    model_dir: str | None
    is_from_here: bool


class ScriptRecord(Record, frozen=True, tag=True):
    """A ``Script``. ``source`` and ``sources`` are indices of sources."""

    source: Index
    name: str
    parsers: tuple[Parser, ...]
    elsewhere: Doubt | None
    unread: Doubt | None
    prints: tuple[Print, ...]
    other_prints: Doubt | None
    marks: tuple[Marks, ...] | None
    undefined: tuple[Missing, ...] | Doubt
    channels: tuple[ChannelUse, ...]
    checkpoints: bool | Doubt
    not_uploaded: tuple[Missing, ...]
    runs_nothing: bool
    may_distribute: bool
    module: str | None
    legacy_functions: tuple[str, ...]
    model_save: Site | None
    saves_in_loop: bool
    stays_on_cpu: bool
    broken: Broken | None
    sources: tuple[Index, ...]


class JobPiece(Record, frozen=True):
    """The part of a ``TuningJob`` that is decoded on first use. ``nodes`` are the request's, root last."""

    nodes: list[NodeRecord]
    observations: list[ObservationRecord]
    launches: list[Span]
    suppressions: list[Suppression]
    codes: list[tuple[Path, CodeRecord]]
    scripts: list[tuple[Path, ScriptRecord | UnknownRecord]]
    imported: list[tuple[Path, Site]]
    callees: list[tuple[Span, Callee]]


class JobRecord(Record, frozen=True):
    """A ``TuningJob``. ``piece`` is the number of its ``JobPiece``.

    ``uses_sdk_config``: the request contains defaults of the SDK configuration file that the settings name.
    """

    form: str
    source: Index
    cell: int | None
    spelling: Index
    carrier: str | None
    variable: str | None
    is_launched: bool
    is_disabled: bool
    is_repeated: bool
    earlier_twin: bool
    uses_sdk_config: bool
    piece: Index


class CellRecord(Record, frozen=True):
    """A notebook's ``Cell``: its number, its text, and the offset of its JSON value in the file."""

    number: int
    text: str
    start: Index


class WrittenFileRecord(Record, frozen=True):
    """A ``WrittenFile`` of a notebook."""

    path: str
    appends: bool
    cell: CellRecord
    start: Index


class SourcePiece(Record, frozen=True):
    """The part of a ``Source`` that is decoded on first use."""

    text: str
    cells: list[CellRecord]
    shells: list[CellRecord]
    written: list[WrittenFileRecord]
    beside: dict[str, tuple[str, bytes]]


class SourceRecord(Record, frozen=True):
    """A ``Source``. ``piece`` is the number of its ``SourcePiece``."""

    name: str
    piece: Index


class FindingRecord(Record, frozen=True):
    """A ``Finding``. ``rule`` is the id of its rule, ``job`` the index of its job."""

    rule: str
    level: Level
    source: str
    span: Span
    message: tuple[Sentence, ...]
    path: Path
    job: Index | None
    related: tuple[Related, ...]
    fix: Fix | None
    fingerprint: str
    count: Index
    undecided: UnknownRecord | None
    root: Path
    cost: Cost | None


class UndecidedRecord(Record, frozen=True):
    """An ``UndecidedJudgement``. ``job`` is the index of its job."""

    rule: str
    job: Index
    path: Path
    causes: tuple[UnknownRecord, ...]
    cause_paths: tuple[Path | None, ...]


class FailureRecord(Record, frozen=True):
    """A ``RuleFailure``."""

    rule: str
    reason: str
    source: str
    line: int | None


class UnusedEntryRecord(Record, frozen=True):
    """An ``UnusedEntry``. ``entry`` is the index of its suppression in the settings."""

    entry: Index
    name: str
    finding: FindingRecord


class OutcomeRecord(Record, frozen=True):
    """An ``Outcome``. The first ``job_count`` of ``jobs`` are its own, the others are only referred to by findings.

    ``used_entries`` are pairs of the index of a suppression in the settings and the name of a rule.
    """

    name: str
    sources: list[SourceRecord]
    spellings: list[Spelling]
    jobs: list[JobRecord]
    job_count: Index
    source: Index | None
    findings: list[FindingRecord]
    undecided: list[UndecidedRecord]
    failures: list[FailureRecord]
    skipped: str | None
    internal_error: str | None
    notices: list[str]
    is_own_output: bool
    suppressed: list[tuple[FindingRecord, Suppression | None]]
    is_whole: bool
    baseline_entries: list[BaselineEntry]
    unused_entries: list[UnusedEntryRecord]
    used_entries: list[tuple[Index, str]]
    mocked_calls: Index
    scripts: list[Index]
    included_sources: list[Index]
    written: list[WrittenFix | None]
