"""What the rules say of a job: findings, what stays open, and rules that failed themselves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import msgspec

from hpolint.io.internal_errors import REPORT_REQUEST
from hpolint.model.fix import Fix
from hpolint.model.ignore_comment import Suppression
from hpolint.model.job import TuningJob
from hpolint.model.level import Level
from hpolint.model.message_parts import Sentence
from hpolint.model.message_text import text
from hpolint.model.node import Path, Unknown
from hpolint.model.rule import Rule
from hpolint.model.source import Span
from hpolint.model.stored import Stored


class Related(Stored, frozen=True):
    """Another place that a finding is about, and what stands there, in the source's own spelling.

    ``source`` is the file that it is in; None for the finding's own. ``is_shown``: people see its line, too.
    """

    span: Span
    name: str
    source: str | None = None
    is_shown: bool = False


class Cost(Stored, frozen=True):
    """What a job can cost at worst, as far as it is known."""

    instance_hours: float | None = None
    instance_type: str | None = None


class Finding(msgspec.Struct, frozen=True):
    """A violation. ``path`` is the value's path in the request, ``root`` that of what the rule was asked about.

    ``fingerprint`` is what stays the same when lines move, within rule, file and job: the path, or for a finding that
    may join several the word ``job`` or the call's name. ``count`` is how many judgements are joined in it.
    ``undecided`` is the value that cannot be told, where that is what was found. ``cost`` is set where the message
    speaks of hours.
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

    @property
    def text(self) -> tuple[str, ...]:
        """The message, as the source spells what it names: each sentence once."""
        return tuple(dict.fromkeys(text(sentence, self.job, self.path) for sentence in self.message))


def deduplicated(findings: Iterable[Finding]) -> tuple[list[Finding], dict[int, list[Finding]]]:
    """Findings in the order of their places, each mistake once, and its doubles by the identity of that one."""
    ordered = sorted(findings, key=lambda each: (each.source, each.span, each.rule.id, tuple(map(str, each.path))))
    same: list[list[Finding]] = []
    for _, some in groupby(ordered, key=lambda each: (each.source, each.span, each.rule.id)):
        together = list(some)
        same += [together] if len(together) == 1 else _by_text(together)  # a text is worth making for those alone
    return [first for first, *_ in same], {id(first): others for first, *others in same if others}


def _by_text(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    found: dict[tuple[str, ...], list[Finding]] = {}
    for each in findings:
        found.setdefault(each.text, []).append(each)
    return found.values()


class Suppressed(msgspec.Struct, frozen=True):
    """A finding that is not told, and the suppression that says so; None for one of the baseline."""

    finding: Finding
    suppression: Suppression | None


class UndecidedJudgement(msgspec.Struct, frozen=True):
    """A rule that stays undecided about a subject, and the unknown values that it would have needed."""

    rule: Rule
    job: TuningJob
    path: Path
    causes: tuple[Unknown, ...]


class RuleFailure(msgspec.Struct, frozen=True):
    """A rule whose own expression failed: its mistake, not the job's. ``source`` is the file that it was asked of."""

    rule: Rule
    reason: str
    source: str = ""

    @property
    def text(self) -> str:
        """The failure in a line, with what to do."""
        where = f"{self.source}: " if self.source else ""
        if not self.rule.is_builtin:
            return f"{where}the rule {self.rule.id} failed: {self.reason}; mend it in {self.rule.file}"
        return f"{where}internal error in the rule {self.rule.id}: {self.reason}; {REPORT_REQUEST}"


class Verdicts(msgspec.Struct):
    """What the rules say of some jobs."""

    findings: list[Finding] = msgspec.field(default_factory=list)
    undecided: list[UndecidedJudgement] = msgspec.field(default_factory=list)
    failures: list[RuleFailure] = msgspec.field(default_factory=list)
