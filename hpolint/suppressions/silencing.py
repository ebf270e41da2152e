"""Findings held against what a source and its configuration ask not to be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.finding import Finding, UndecidedJudgement
from hpolint.model.ignore_comment import MARK, Suppression, read_suppression
from hpolint.model.job import TuningJob
from hpolint.model.message_text import line_of
from hpolint.model.node import path_text
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span
from hpolint.suppressions.config_entries import UnusedEntry, place_of
from hpolint.suppressions.extents import Extents
from hpolint.suppressions.ignore_comments import Comment, comments

if TYPE_CHECKING:
    from hpolint.engine.grouping import Raised
    from hpolint.model.settings import Exclude, Settings

INVALID, UNUSED, EXPIRED = "invalid-suppression", "unused-suppression", "expired-suppression"
SUPPRESSION_CATEGORY = "hygiene"
"""What hpolint says of suppressions and of what it cannot read is not suppressed."""


class ActiveSuppression(msgspec.Struct):
    """One suppression, what it reaches, and which of its rules it has silenced something of.

    ``lines`` are those of the file, or of a notebook's ``cell``; ``job`` is set for one that is about a whole job,
    ``path`` for one of the configuration that is about a part of the request, ``entry`` is where that one stands.
    """

    suppression: Suppression
    cell: int | None = None
    lines: tuple[int, int] | None = None
    job: TuningJob | None = None
    path: str | None = None
    entry: Exclude | None = None
    used: set[str] = msgspec.field(default_factory=set)

    def reaches(self, finding: Finding, source: Source) -> bool:
        """Whether a finding stands where it is about."""
        if self.job is not None:
            return finding.job is self.job
        if self.lines is None:
            return self.path is None or _is_within(path_text(finding.path), self.path)
        if finding.source != source.name:
            return False
        found = source.in_cell(finding.span) if source.cells else None
        cell, span = (found[0].number, found[1]) if found is not None else (None, finding.span)
        if cell == self.cell and self.lines[0] <= span.end_line and span.line <= self.lines[1]:
            return True
        return finding.job is not None and self._heads(finding.job, source)

    def _heads(self, job: TuningJob, source: Source) -> bool:
        """Whether it stands at the constructor, call or key that stands for a job, or where the job is launched."""
        for place in (job.request.anchor, *job.launches):
            found = source.in_cell(place) if source.cells else None
            cell, span = (found[0].number, found[1]) if found is not None else (None, place)
            if cell == self.cell and self.lines is not None and self.lines[0] <= span.line <= self.lines[1]:
                return True
        return False


def _is_within(path: str, above: str) -> bool:
    return path == above or path.startswith((f"{above}.", f"{above}["))


class FileSuppressions:
    """All that one source is not to be told, ready for its findings."""

    def __init__(self, source: Source, jobs: list[TuningJob], settings: Settings, rules: tuple[Rule, ...]) -> None:
        self._source = source
        self._rules = {name: rule for rule in rules for name in (rule.id, rule.name)}
        self._all = rules
        self._settings = settings
        self._today = today()
        self.silencers = [*_of_source(source), *_of_jobs(jobs), *_of_settings(settings)]
        self.idle: list[UnusedEntry] = []
        """Entries of the configuration that silence nothing here; they may elsewhere."""
        self._by_name: dict[str, list[ActiveSuppression]] = {}
        for silencer in self.silencers:
            for name in dict.fromkeys(silencer.suppression.names):
                self._by_name.setdefault(name, []).append(silencer)

    def parted(self, raised: Iterable[Raised]) -> tuple[list[Raised], list[tuple[Suppression, list[Raised]]]]:
        """What is to be told, and what is not, by the suppression that says so."""
        kept: list[Raised] = []
        silent: dict[int, list[Raised]] = {}
        for each in raised:
            silencer = self._silencer(each.finding)
            if silencer is None:
                kept.append(each)
            else:
                silencer.used |= {name for name in silencer.suppression.names if self._means(name, each.finding.rule)}
                silent.setdefault(id(silencer), []).append(each)
        return kept, [(each.suppression, silent[id(each)]) for each in self.silencers if id(each) in silent]

    def _silencer(self, finding: Finding) -> ActiveSuppression | None:
        if finding.rule.category == SUPPRESSION_CATEGORY or finding.rule.fails_from is not None:
            return None
        for silencer in self._by_name.get(finding.rule.id, []) + self._by_name.get(finding.rule.name, []):
            said = silencer.suppression
            holds = self._wrong(said) is None and not self._is_over(said) and self._names(said, finding.rule)
            if holds and silencer.reaches(finding, self._source):
                return silencer
        return None

    def _names(self, said: Suppression, rule: Rule) -> bool:
        return any(self._means(name, rule) for name in said.names)

    def _means(self, name: str, rule: Rule) -> bool:
        return name in (rule.id, rule.name)

    def _is_over(self, said: Suppression) -> bool:
        return said.until is not None and said.until < self._today

    def _wrong(self, said: Suppression) -> str | None:
        """Why a suppression does nothing, whatever is found."""
        if said.problem is not None:
            return said.problem
        return "it gives no reason" if self._settings.require_reasons and not said.reason else None

    @property
    def used(self) -> set[tuple[Exclude, str]]:
        """The entries of the configuration that silence something here, each with the rule's name."""
        return {(each.entry, name) for each in self.silencers if each.entry is not None for name in each.used}

    def findings(
        self, undecided: Iterable[UndecidedJudgement], kept: Iterable[Raised], *, has_jobs: bool
    ) -> Iterator[Finding]:
        """What is wrong with suppressions themselves: not written as one, over, of locked rules, with nothing to do.

        ``kept`` is what is told all the same.
        """
        open_ = {judgement.rule.id for judgement in undecided}
        left = [each.finding for each in kept]
        for silencer in self.silencers:
            said = silencer.suppression
            wrong = self._wrong(said)
            if wrong is not None:
                yield from self._report(INVALID, silencer, f"This suppression does nothing: {wrong}")
                continue
            idle = [name for name in said.names if name not in silencer.used and self._was_decided(name, open_)]
            yield from self._misnamed(silencer)
            if self._is_over(said):
                yield from self._report(EXPIRED, silencer, f"This suppression ended on {said.until}")
            elif has_jobs and idle and silencer.entry is None:
                yield from self._report(UNUSED, silencer, self._unused(idle, left))
            elif has_jobs and silencer.entry is not None:
                self.idle += [
                    UnusedEntry(silencer.entry, name, finding)
                    for name in idle
                    for finding in self._report(UNUSED, silencer, f"Nothing of `{name}` is found to suppress")
                ]

    def _unused(self, idle: list[str], left: list[Finding]) -> str:
        """That nothing of some rules is found, and where they are found instead."""
        rules = [self._rules[name].id for name in idle]
        elsewhere = next((each for each in left if each.rule.id in rules and each.source == self._source.name), None)
        said = f"Nothing of {_either(idle)} is found here to suppress"
        if elsewhere is None:
            return said
        return f"{said}: `{elsewhere.rule.name}` is found in {line_of(self._source, elsewhere.span)}"

    def _misnamed(self, silencer: ActiveSuppression) -> Iterator[Finding]:
        """What is wrong with names among those of a suppression: the others hold."""
        from hpolint.registry.choosing import known_rules, name_error

        known = known_rules(self._settings)
        said = silencer.suppression
        reasons = [reason for name in said.names if (reason := name_error(name, known, category=False))]
        rules = [self._rules[name] for name in said.names if name in self._rules]
        locked = [f"`{rule.id}`" for rule in rules if rule.fails_from is not None]
        if locked:
            reasons.append(f"{' and '.join(locked)} {'is' if len(locked) == 1 else 'are'} locked")
        if reasons:
            wrong = len(locked) + len(reasons) - bool(locked)
            what = (
                "This suppression does nothing"
                if wrong == len(said.names)
                else "A part of this suppression does nothing"
            )
            yield from self._report(INVALID, silencer, f"{what}: {'; '.join(reasons)}")

    def _was_decided(self, name: str, open_: set[str]) -> bool:
        rule = self._rules.get(name)
        return rule is not None and rule.fails_from is None and rule.id not in open_

    def _report(self, name: str, silencer: ActiveSuppression, sentence: str) -> Iterator[Finding]:
        rule = next((rule for rule in self._all if rule.id == f"{SUPPRESSION_CATEGORY}/{name}"), None)
        if rule is not None:
            said, entry = silencer.suppression, silencer.entry
            source, span = (self._source.name, said.span) if entry is None else place_of(entry, self._source)
            mark = f"suppression {','.join(said.names)}"
            yield Finding(rule, rule.levels[0], source, span, ((sentence,),), fingerprint=mark)


def _either(names: list[str]) -> str:
    *first, last = [f"`{name}`" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def suppressions_of_file(
    source: Source, jobs: list[TuningJob], settings: Settings, rules: tuple[Rule, ...]
) -> FileSuppressions | None:
    """What a source is not to be told; None where nobody asks for anything, as in most."""
    asked = MARK in source.text or settings.suppressions or any(job.suppressions for job in jobs)
    return FileSuppressions(source, jobs, settings, rules) if asked else None


def today() -> date:
    """The day by which suppressions end, the same everywhere in the world."""
    return datetime.now(UTC).date()


def _of_source(source: Source) -> Iterator[ActiveSuppression]:
    """Those of the comments, cell by cell in a notebook."""
    for cell in source.cells:
        extents = Extents(cell.text)
        for comment in comments(cell.text):
            start = cell.text.offset(comment.span.line, comment.span.column)
            place = source.span(cell.place(start)[0], cell.place(start + len(comment.text) - 1)[1])
            yield from _of_comment(comment, extents, place, cell.number)
    extents = Extents(source)
    for comment in comments(source) if not source.cells else ():
        yield from _of_comment(comment, extents, comment.span)


def _of_comment(
    comment: Comment, extents: Extents, place: Span, cell: int | None = None
) -> Iterator[ActiveSuppression]:
    said = read_suppression(comment.text, place)
    if said is not None:
        yield ActiveSuppression(said, cell, extents.lines(comment))


def _of_jobs(jobs: list[TuningJob]) -> Iterator[ActiveSuppression]:
    for job in jobs:
        yield from (ActiveSuppression(said, job=job) for said in job.suppressions)


def _of_settings(settings: Settings) -> Iterator[ActiveSuppression]:
    for entry in settings.suppressions:
        yield ActiveSuppression(entry.suppression, path=entry.path or None, entry=entry.file)
