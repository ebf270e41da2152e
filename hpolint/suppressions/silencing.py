"""Separate suppressed findings from reported ones, and report suppressions that are invalid, unused or expired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from hpolint.model.finding import Finding, UndecidedJudgement
from hpolint.model.ignore_comment import MARK, Suppression, read_suppression, today
from hpolint.model.job import TuningJob
from hpolint.model.launch import Launch
from hpolint.model.message_text import line_of
from hpolint.model.node import path_text
from hpolint.model.rule import Rule
from hpolint.model.source import Source, Span
from hpolint.suppressions.config_entries import UnusedEntry, place_of
from hpolint.suppressions.extents import Extents
from hpolint.suppressions.ignore_comments import Comment, comments

if TYPE_CHECKING:
    from hpolint.engine.grouping import Raised
    from hpolint.model.settings import Entry, Exclude, Settings

INVALID, UNUSED, EXPIRED = "invalid-suppression", "unused-suppression", "expired-suppression"
SUPPRESSION_CATEGORY = "hygiene"
"""Findings of this category, about suppressions and unreadable files, cannot be suppressed."""


class ActiveSuppression(msgspec.Struct, eq=False):
    """A suppression, what it covers, and in ``used`` the names of the rules that it has silenced.

    ``lines`` are lines of the file, or of a notebook's ``cell``. ``job`` is set if the suppression covers a whole job.
    For a suppression of the configuration, ``entry`` is its entry, and ``path`` the part of the request that it covers.
    """

    suppression: Suppression
    cell: int | None = None
    lines: tuple[int, int] | None = None
    job: TuningJob | None = None
    path: str | None = None
    entry: Exclude | None = None
    used: set[str] = msgspec.field(default_factory=set)

    def reaches(self, finding: Finding, source: Source) -> bool:
        """Whether the suppression covers the place of a finding."""
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
        return finding.job is not None and self._is_at_job(finding.job, source)

    def _is_at_job(self, job: TuningJob, source: Source) -> bool:
        """Whether it covers the start of a job's constructor, call or key, or a place where the job is launched."""
        return any(self._begins_in(place, source) for place in (job.request.anchor, *job.calls))

    def is_at_launch(self, launch: Launch, source: Source) -> bool:
        """Whether it covers the call from which one of a job's several launches comes."""
        return launch.source in (None, source.name) and self._begins_in(launch.place, source)

    def _begins_in(self, place: Span, source: Source) -> bool:
        """Whether a place begins in the lines that it covers."""
        found = source.in_cell(place) if source.cells else None
        cell, span = (found[0].number, found[1]) if found is not None else (None, place)
        return cell == self.cell and self.lines is not None and self.lines[0] <= span.line <= self.lines[1]


def _not_silenced(raised: Raised, silenced: list[Raised]) -> Iterator[Raised]:
    """A violation if no part of it is silenced; else the violation with the launches that are not, if any."""
    if not silenced:
        yield raised
        return
    finding = raised.finding
    launches = list(finding.launches)
    for part in silenced:
        launches = [launch for launch in launches if launch not in part.finding.launches]
    if launches:
        yield replace(raised, finding=replace(finding, launches=tuple(launches)))


def _is_within(path: str, parent: str) -> bool:
    return path == parent or path.startswith((f"{parent}.", f"{parent}["))


class FileSuppressions:
    """The suppressions that apply to one source."""

    def __init__(self, source: Source, jobs: list[TuningJob], settings: Settings, rules: tuple[Rule, ...]) -> None:
        self._source = source
        self._rules = {rule.id: rule for rule in rules} | {rule.name: rule for rule in rules}
        self._all = rules
        self._settings = settings
        self._today = today()
        self.active = [*_of_source(source), *_of_jobs(jobs), *_of_entries(settings.silencing.suppressions)]
        self.unused_entries: list[UnusedEntry[Finding]] = []
        """Entries of the configuration that silence nothing in this source; set by ``findings``."""
        self._by_name: dict[str, list[ActiveSuppression]] = {}
        for active in self.active:
            for name in dict.fromkeys(active.suppression.names):
                self._by_name.setdefault(name, []).append(active)

    def split(self, raised: Iterable[Raised]) -> tuple[list[Raised], list[tuple[Suppression, list[Raised]]]]:
        """The findings that are not suppressed, and the suppressed ones by suppression."""
        kept: list[Raised] = []
        suppressed: dict[ActiveSuppression, list[Raised]] = {}
        for each in raised:
            rule = each.finding.rule
            silenced = list(self._silenced(each))
            for active, part in silenced:
                active.used |= {name for name in active.suppression.names if name in (rule.id, rule.name)}
                suppressed.setdefault(active, []).append(part)
            kept += _not_silenced(each, [part for _, part in silenced])
        return kept, [(active.suppression, suppressed[active]) for active in self.active if active in suppressed]

    def _silenced(self, raised: Raised) -> Iterator[tuple[ActiveSuppression, Raised]]:
        """The suppression of a violation, or those of some of the launches that it is about, each with these."""
        finding = raised.finding
        active = self._suppression_of(finding)
        if active is not None:
            yield active, raised
            return
        left = finding.launches
        for active in self._suppressions_for(finding.rule) if left else ():
            silent = tuple(launch for launch in left if active.is_at_launch(launch, self._source))
            if silent:
                left = tuple(launch for launch in left if launch not in silent)
                yield active, replace(raised, finding=replace(finding, launches=silent))

    def _suppression_of(self, finding: Finding) -> ActiveSuppression | None:
        for active in self._suppressions_for(finding.rule):
            if active.reaches(finding, self._source):
                return active
        return None

    def _suppressions_for(self, rule: Rule) -> Iterator[ActiveSuppression]:
        """The valid suppressions of a rule, wherever they are written."""
        if rule.category == SUPPRESSION_CATEGORY or rule.fails_from is not None:
            return
        for active in self._by_name.get(rule.id, []) + self._by_name.get(rule.name, []):
            suppression = active.suppression
            if self._problem(suppression) is None and not self._is_expired(suppression):
                yield active

    def silences(self, finding: Finding) -> bool:
        """Whether a suppression covers a finding."""
        return self._suppression_of(finding) is not None

    def names(self, rule: Rule) -> bool:
        """Whether any valid suppression of this source names a rule, wherever it is written."""
        return next(self._suppressions_for(rule), None) is not None

    def _is_expired(self, suppression: Suppression) -> bool:
        return suppression.until is not None and suppression.until < self._today

    def _problem(self, suppression: Suppression) -> str | None:
        """Why a suppression has no effect; None if it can have one."""
        if suppression.problem is not None:
            return suppression.problem
        return "it gives no reason" if self._settings.silencing.require_reasons and not suppression.reason else None

    @property
    def used(self) -> set[tuple[Exclude, str]]:
        """The configuration entries that silence a finding in this source, each with the rule's name."""
        used: set[tuple[Exclude, str]] = set()
        for active in self.active:
            if active.entry is not None:
                used |= {(active.entry, name) for name in active.used}
        return used

    def findings(
        self, undecided: Iterable[UndecidedJudgement], kept: Iterable[Raised], *, has_jobs: bool
    ) -> Iterator[Finding]:
        """The findings about suppressions: invalid, expired, unused, or of locked rules.

        ``kept`` are the findings that are not suppressed.
        """
        open_ = {judgement.rule.id for judgement in undecided}
        reported = [each.finding for each in kept]
        for active in self.active:
            suppression = active.suppression
            problem = self._problem(suppression)
            if problem is not None:
                yield from self._report(INVALID, active, f"This suppression does nothing: {problem}")
                continue
            unused = [name for name in suppression.names if name not in active.used and self._was_decided(name, open_)]
            yield from self._name_findings(active)
            if self._is_expired(suppression):
                sentence = f"This suppression expired: its last day was {suppression.until}"
                yield from self._report(EXPIRED, active, sentence)
            elif has_jobs and unused and active.entry is None:
                yield from self._report(UNUSED, active, self._unused_sentence(unused, reported))
            elif has_jobs and active.entry is not None:
                for name in unused:
                    sentence = f"Unused suppression of `{name}`: no finding to suppress"
                    findings = self._report(UNUSED, active, sentence)
                    self.unused_entries += [UnusedEntry(active.entry, name, finding) for finding in findings]

    def _unused_sentence(self, unused: list[str], reported: list[Finding]) -> str:
        """The sentence about unused rules of a suppression, with a place where one of them is found instead."""
        rules = [self._rules[name].id for name in unused]
        elsewhere = next(
            (each for each in reported if each.rule.id in rules and each.source == self._source.name), None
        )
        sentence = f"Unused suppression of {_listed(unused)}: no finding to suppress here"
        if elsewhere is None:
            return sentence
        return f"{sentence}, but `{elsewhere.rule.name}` is found in {line_of(self._source, elsewhere.span)}"

    def _name_findings(self, active: ActiveSuppression) -> Iterator[Finding]:
        """The finding about unknown, ambiguous or locked rules in a suppression; its other names remain valid."""
        from hpolint.registry.choosing import known_rules, name_error

        known = known_rules(self._settings)
        suppression = active.suppression
        reasons = [reason for name in suppression.names if (reason := name_error(name, known, category=False))]
        rules = [self._rules[name] for name in suppression.names if name in self._rules]
        locked = [f"`{rule.id}`" for rule in rules if rule.fails_from is not None]
        if locked:
            reasons.append(f"{' and '.join(locked)} {'is' if len(locked) == 1 else 'are'} locked")
        if reasons:
            ineffective = len(locked) + len(reasons) - bool(locked)
            subject = "This suppression" if ineffective == len(suppression.names) else "A part of this suppression"
            yield from self._report(INVALID, active, f"{subject} does nothing: {'; '.join(reasons)}")

    def _was_decided(self, name: str, open_: set[str]) -> bool:
        rule = self._rules.get(name)
        return rule is not None and rule.fails_from is None and rule.id not in open_

    def _report(self, name: str, active: ActiveSuppression, sentence: str) -> Iterator[Finding]:
        rule = next((rule for rule in self._all if rule.id == f"{SUPPRESSION_CATEGORY}/{name}"), None)
        if rule is not None:
            suppression, entry = active.suppression, active.entry
            source, span = (self._source.name, suppression.span) if entry is None else place_of(entry, self._source)
            mark = f"suppression {','.join(suppression.names)}"
            yield Finding(rule, rule.levels[0], source, span, ((sentence,),), fingerprint=mark)


def _listed(names: list[str]) -> str:
    *first, last = [f"`{name}`" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def suppressions_of_file(
    source: Source, jobs: list[TuningJob], settings: Settings, rules: tuple[Rule, ...]
) -> FileSuppressions | None:
    """The suppressions that apply to a source; None if there are none, as in most sources."""
    has_suppressions = MARK in source.text or settings.silencing.suppressions or any(job.suppressions for job in jobs)
    return FileSuppressions(source, jobs, settings, rules) if has_suppressions else None


def _of_source(source: Source) -> Iterator[ActiveSuppression]:
    """The suppressions in comments, cell by cell in a notebook."""
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
    suppression = read_suppression(comment.text, place)
    if suppression is not None:
        yield ActiveSuppression(suppression, cell, extents.lines(comment))


def _of_jobs(jobs: list[TuningJob]) -> Iterator[ActiveSuppression]:
    for job in jobs:
        yield from (ActiveSuppression(suppression, job=job) for suppression in job.suppressions)


def _of_entries(entries: Iterable[Entry]) -> Iterator[ActiveSuppression]:
    for entry in entries:
        yield ActiveSuppression(entry.suppression, path=entry.path or None, entry=entry.file)
