"""What a check leaves of one file: plain values, which reports print, worker processes send and the cache stores.

A record knows no job, no node and no text of a file. Its sentences are rendered, and its excerpts hold the few lines
around a place. ``recording.py`` makes records from live outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

import msgspec
from msgspec.structs import replace

from hpolint.model.finding import Suppressed
from hpolint.model.fix import Fix, WrittenFix
from hpolint.model.launch import Launch
from hpolint.model.level import Level
from hpolint.model.node import Path, path_text
from hpolint.model.reasons import Settler
from hpolint.model.rule import Rule
from hpolint.model.rule_page import page_url
from hpolint.model.settings import Exclude
from hpolint.model.source import Span
from hpolint.suppressions.baseline import BaselineEntry
from hpolint.suppressions.config_entries import UnusedEntry

Index: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class Record(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, kw_only=True):
    """A value that is encoded as an array of its fields."""


class RuleSummary:
    """What reports say of a rule. Records are stored with its id alone: the run that reads them knows its rules."""

    __slots__ = (
        "category",
        "emitted_by",
        "fails_from",
        "id",
        "is_builtin",
        "name",
        "page",
        "precision",
        "summary",
    )

    def __init__(self, rule: Rule) -> None:
        self.id = rule.id
        self.name = rule.name
        self.category = rule.category
        self.summary = rule.summary
        self.precision = rule.precision
        self.page = page_url(rule)
        self.is_builtin = rule.is_builtin
        self.emitted_by = rule.emitted_by
        self.fails_from = rule.fails_from

    def __repr__(self) -> str:
        return f"<rule {self.id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleSummary) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def is_locked(self) -> bool:
        """Whether an organisation's policy locks it."""
        return self.fails_from is not None


class ExcerptLine(Record, frozen=True):
    """A line, or the part of it around a value: its number, its text, and the offsets of the value in that text."""

    number: Index
    text: str
    start: Index
    end: Index


class Place(Record, frozen=True):
    """A place in a file. ``cell`` is the number of its notebook cell, ``local`` its span within that cell.

    In other files ``local`` is ``span``. ``excerpt`` are its first lines; empty if no text is known.
    """

    source: str
    span: Span
    local: Span
    cell: Index | None = None
    excerpt: tuple[ExcerptLine, ...] = ()

    @property
    def shown(self) -> str:
        """The place for messages: ``name:line:column``, in a notebook ``name:cell 4:line:column``."""
        cell = f"cell {self.cell}:" if self.cell is not None else ""
        return f"{self.source}:{cell}{self.local.line}:{self.local.column}"

    @property
    def line(self) -> str:
        """The line for messages: ``line 3``, in a notebook ``cell 12, line 3``."""
        line = f"line {self.local.line}"
        return f"cell {self.cell}, {line}" if self.cell is not None else line


class OriginPlace(Record, frozen=True):
    """The place in a program that constructs what carries a job of a generated file: see ``Origin``."""

    source: str
    span: Span
    name: str
    is_whole: bool = False

    @property
    def shown(self) -> str:
        """The place for messages: ``name:line``."""
        return f"{self.source}:{self.span.line}"


class JobSummary(Record, frozen=True):
    """A tuning job as reports name it.

    ``number`` counts the jobs of one file from 0; ``line`` is where it begins, ``parts`` are the places of the settings
    of a request. ``construct`` is the path of its resource in a CDK app, ``state`` the name of its state there, and
    ``origin`` its place in the app's program if it has a finding.
    """

    number: Index
    source: str
    form: str
    line: str
    name: str | None = None
    variable: str | None = None
    label: str | None = None
    carrier: str | None = None
    construct: str | None = None
    state: str | None = None
    origin: OriginPlace | None = None
    cell: int | None = None
    parts: tuple[Span, ...] = ()


class RelatedPlace(Record, frozen=True):
    """A related place of a diagnostic and the name of the value there. ``source`` is None for the diagnostic's own.

    ``place`` is None if nothing is known of the file. ``is_shown``: the text report shows its line too.
    """

    span: Span
    name: str
    source: str | None = None
    place: Place | None = None
    is_shown: bool = False


def launch_summaries(launches: Iterable[Launch], source: str) -> tuple[LaunchSummary, ...]:
    """Some launches of a job of a source as reports name them."""
    return tuple(
        LaunchSummary(
            label=launch.label,
            source=launch.source or source,
            span=launch.place,
            certainty=launch.certainty.value,
            count=launch.count,
            repetition=launch.repetition,
        )
        for launch in launches
    )


class LaunchSummary(Record, frozen=True):
    """One of several launches of a job as reports name it; ``count`` is None if it is not known."""

    label: str
    source: str
    span: Span
    certainty: str
    count: Index | None = 1
    repetition: str = ""


class Diagnostic(Record, frozen=True):
    """A finding, rendered. ``text`` are its sentences, ``path`` is the value's path in the request.

    ``file`` is the file through which its job was read, and ``number`` counts the findings of that file from 0.
    ``undecided`` is the number of the unknown value that it is about, if it reports an undecided rule.
    ``fix_sentence`` is the index of the sentence that states the whole fix; ``fix_phrase`` states it if none does.
    ``refusals`` are why the fix is not written, without its edits being planned: as far as the file itself tells, and
    if other files include the file of its job. ``launches`` are those that it is about; none if it is about all.
    """

    rule: RuleSummary
    level: Level
    place: Place
    text: tuple[str, ...]
    file: str
    number: Index
    path: Path = ()
    job: JobSummary | None = None
    related: tuple[RelatedPlace, ...] = ()
    fix: Fix | None = None
    fix_sentence: Index | None = None
    fix_phrase: str = ""
    refusals: tuple[str | None, str | None] = (None, None)
    fingerprint: str = ""
    count: Index = 1
    undecided: Index | None = None
    launches: tuple[LaunchSummary, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.level} {self.rule.id} at {self.source}:{self.span.line}: {self.text[0]}>"

    @property
    def source(self) -> str:
        """The name of the file in which it is."""
        return self.place.source

    @property
    def span(self) -> Span:
        """Its place in that file."""
        return self.place.span

    @property
    def origin(self) -> OriginPlace | None:
        """The place in a program from which the carrier of its job is generated, if that is known."""
        return self.job.origin if self.job is not None else None

    @property
    def key(self) -> tuple[str, int]:
        """Its identity within a run."""
        return self.file, self.number

    @property
    def order(self) -> tuple[object, ...]:
        """The key by which diagnostics are sorted: their place, then their rule."""
        return self.source, self.span, self.rule.id, tuple(map(str, self.path))


class UnknownValue(Record, frozen=True):
    """An unknown value that leaves rules undecided.

    ``sorted_by`` and ``variant`` distinguish the values at one place: the reason without its choices and the member,
    and a number for those that differ in something else.
    """

    place: Place
    reason: str
    sorted_by: tuple[str, str]
    variant: Index

    @property
    def key(self) -> tuple[object, ...]:
        """Its identity within a run, by which values are sorted."""
        return self.place.source, self.place.span, *self.sorted_by, self.variant


class Cause(Record, frozen=True):
    """An unknown value that an undecided rule needs.

    ``value`` is its index among those of the file, ``subject`` names it for the judged job, and ``settler`` can make it
    known; None for what the SDK or the service adds to each such job. ``default`` is a parameter's default as text.
    """

    value: Index
    subject: str
    settler: Settler | None
    default: str | None = None


class Undecided(Record, frozen=True):
    """A rule that is undecided about a subject of a job.

    ``is_met_by_default``: the defaults of parameters satisfy it, and other values may violate it. ``launches`` are
    those of the job's launches in which it is undecided; none if it is in all.
    """

    rule: RuleSummary
    source: str
    job: str | None
    path: Path
    causes: tuple[Cause, ...]
    is_met_by_default: bool = False
    launches: tuple[LaunchSummary, ...] = ()

    @property
    def is_settled_by_source(self) -> bool:
        """Whether who writes the source can settle it, at least in part."""
        return not self.causes or self.needs("source")

    def needs(self, settler: Settler) -> bool:
        """Whether one of its values can be made known by ``settler``."""
        return any(cause.settler == settler for cause in self.causes)

    @property
    def subject(self) -> str:
        """The subject's path in the request as text."""
        return path_text(self.path)


class RuleFault(Record, frozen=True):
    """A rule that failed on a file: an error in the rule, not in the job. ``text`` says it in one line."""

    rule: str
    reason: str
    source: str
    line: int | None
    place: str
    text: str


class FileRecord(Record, frozen=True):
    """One candidate, read and judged.

    ``sources`` are the files in which it has places, its own first. ``included`` are other files whose jobs are among
    its own, ``taken`` the parts of requests that its jobs take from other files. ``scripts`` are the training scripts
    in other files that its jobs run, and their modules. ``skipped`` is the reason why it was
    not read, ``internal_error`` one of the reader or the engine, ``notices`` are lines about parts that were not read.
    ``is_without_definition``: its bytes name a definition that no reader found. ``used_entries`` and ``unused_entries``
    are the configuration's suppressions that silence something, or nothing, in it. ``mocked_calls`` counts the calls of
    a test that reach a mock. ``fixes`` are the fixes as text, as far as they have been written, by the number of their
    diagnostic.
    """

    name: str
    sources: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    taken: tuple[tuple[str, Span], ...] = ()
    scripts: tuple[str, ...] = ()
    jobs: tuple[JobSummary, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    suppressed: tuple[Suppressed[Diagnostic], ...] = ()
    values: tuple[UnknownValue, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    failures: tuple[RuleFault, ...] = ()
    skipped: str | None = None
    internal_error: str | None = None
    notices: tuple[str, ...] = ()
    is_whole: bool = True
    is_without_definition: bool = False
    mocked_calls: Index = 0
    baseline_entries: tuple[BaselineEntry, ...] = ()
    unused_entries: tuple[UnusedEntry[Diagnostic], ...] = ()
    used_entries: tuple[tuple[Exclude, str], ...] = ()
    fixes: dict[Index, WrittenFix] = msgspec.field(default_factory=dict)

    @property
    def needed_files(self) -> tuple[str, ...]:
        """The other files that its jobs are written in or run. No fix changes one that several files need."""
        return (*self.included, *self.scripts)

    def with_diagnostics(self, further: Iterable[Diagnostic]) -> FileRecord:
        """The record with further diagnostics, which are about no unknown value and have no fix."""
        count = len(self.diagnostics) + len(self.suppressed) + len(self.unused_entries)
        numbered = [replace(diagnostic, number=number) for number, diagnostic in enumerate(further, count)]
        return replace(self, diagnostics=(*self.diagnostics, *numbered))

    def __post_init__(self) -> None:
        """Refuse a reference to a value that the record does not have: it may come from a damaged cache."""
        references = [diagnostic.undecided for diagnostic in self.diagnostics if diagnostic.undecided is not None]
        for judgement in self.undecided:
            references += [cause.value for cause in judgement.causes]
        if max(references, default=-1) >= len(self.values):
            raise ValueError("a reference to an unknown value that is not there")
