"""The results of the rules for a job: findings, undecided judgements and failures of rules."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from hpolint.io.internal_errors import REPORT_REQUEST
from hpolint.model.fix import Fix
from hpolint.model.ignore_comment import Suppression
from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch, with_values
from hpolint.model.level import Level
from hpolint.model.message_parts import Sentence
from hpolint.model.message_text import text
from hpolint.model.node import Path, Struct, Unknown
from hpolint.model.reasons import ADDED, Kind, Settler
from hpolint.model.rule import Rule
from hpolint.model.source import Span
from hpolint.model.stored import Stored

UNREAD_LAUNCH = "undecided launch"
"""The fingerprint of the finding about places that may launch a job that is not read."""


class Related(Stored, frozen=True):
    """A related place of a finding, and the name of the value there, in the source's own spelling.

    ``source`` is the place's file; None for the finding's own. ``is_shown``: the text report shows its line too.
    """

    span: Span
    name: str
    source: str | None = None
    is_shown: bool = False


class Cost(Stored, frozen=True):
    """The worst case of a job's use, as far as it is known."""

    instance_hours: float | None = None
    instance_type: str | None = None


class Finding(msgspec.Struct, frozen=True, eq=False):
    """A violation. ``path`` is the value's path in the request, ``root`` the path of the rule's subject.

    ``fingerprint`` identifies the finding within its rule, file and job when lines move: the path, or for a finding
    that may join several, the word ``job`` or the name of the call. ``count`` is the number of joined judgements.
    ``undecided`` is the unknown value, for a finding that reports an undecided rule. ``cost`` is set if the message
    names hours. ``launches`` are those of the job's launches that it is about; empty if it is about all.
    """

    rule: Rule
    level: Level
    source: str
    span: Span
    message: tuple[Sentence, ...]
    path: Path = ()
    job: TuningJob | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    fingerprint: str = ""
    count: int = 1
    undecided: Unknown | None = None
    root: Path = ()
    cost: Cost | None = None
    launches: tuple[Launch, ...] = ()

    def __repr__(self) -> str:
        """The rule, the place and the first sentence: the whole of it, with its job, is far too long to be read."""
        return f"<{self.level} {self.rule.id} at {self.source}:{self.span.line}: {self.text[0]}>"

    @property
    def request(self) -> Struct | None:
        """The request that it is about: with the values of the first of its launches; None without a job."""
        if self.job is None or self.job.launches is None or not self.launches:
            return self.job.request if self.job is not None else None
        values = dict(zip(self.job.launches.paths, self.launches[0].values, strict=True))
        return with_values(self.job.request, values)

    @property
    def text(self) -> tuple[str, ...]:
        """The message's sentences in the source's own spelling, without duplicates."""
        return tuple(dict.fromkeys(text(sentence, self.job, self.path) for sentence in self.message))


Reported = TypeVar("Reported")
"""A finding, or its record."""


class Suppressed(Stored, Generic[Reported], frozen=True):
    """A suppressed finding, with its suppression; None if the baseline suppresses it."""

    finding: Reported
    suppression: Suppression | None


class UndecidedJudgement(msgspec.Struct, frozen=True):
    """A rule that is undecided about a subject, and the unknown values that it needs.

    ``is_met_by_default``: the defaults of parameters satisfy the rule, and other values may violate it. ``launches``
    are those of the job's launches in which it is undecided, with the values of ``launched``; empty if it is in all.
    """

    rule: Rule
    job: TuningJob
    path: Path
    causes: tuple[Unknown, ...]
    is_met_by_default: bool = False
    launches: tuple[Launch, ...] = ()
    launched: TuningJob | None = None

    def settler(self, cause: Unknown) -> Settler | None:
        """Who can make one of the values known; None for what the SDK or the service adds to each such job."""
        if cause.kind is Kind.CONFIG_FILE:
            return "sdk-config" if self.job.sdk_config is None else None
        if cause.kind is Kind.SDK_IMAGE:  # with known pieces, only its account and its region are not known
            return None if cause.pieces else "source"
        return None if cause.kind in ADDED else "source"


class RuleFailure(msgspec.Struct, frozen=True):
    """A rule whose expression failed: an error in the rule, not in the job.

    ``source`` is the checked file, ``line`` that of the first subject on which the rule failed.
    """

    rule: Rule
    reason: str
    source: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """The file and the line."""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    @property
    def text(self) -> str:
        """The failure in one line, with the next step."""
        where = f"{self.place}: " if self.source else ""
        if not self.rule.is_builtin:
            return f"{where}the rule {self.rule.id} failed: {self.reason}; fix it in {self.rule.file}"
        return f"{where}internal error in the rule {self.rule.id}: {self.reason}; {REPORT_REQUEST}"


class Verdicts(msgspec.Struct):
    """The results of the rules for some jobs."""

    findings: list[Finding] = msgspec.field(default_factory=list)
    undecided: list[UndecidedJudgement] = msgspec.field(default_factory=list)
    failures: list[RuleFailure] = msgspec.field(default_factory=list)
