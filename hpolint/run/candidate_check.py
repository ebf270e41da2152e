"""Reading a candidate and judging its jobs with some rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from itertools import chain

from hpolint.config.exclusion_advice import exclusion_advice
from hpolint.config.sdk_config import with_sdk_config
from hpolint.discovery.byte_patterns import names_more_than_commands
from hpolint.discovery.candidates import Candidate
from hpolint.engine.engine import Engine
from hpolint.engine.grouping import Raised
from hpolint.engine.surroundings import Surroundings
from hpolint.engine.undecided import (
    unread_findings,
    unread_launch_findings,
    unread_launches_of_job,
    unread_text_findings,
)
from hpolint.io import disk, work
from hpolint.io.deep_calls import with_room
from hpolint.io.files import size_text
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.model.finding import Finding, Suppressed, Verdicts
from hpolint.model.job import Reading, TuningJob, mark_parents, mark_twins
from hpolint.model.message_text import line_of
from hpolint.model.node import place
from hpolint.model.other_texts import launches_of_other, text_of
from hpolint.model.rule import Rule
from hpolint.model.settings import ConfigError, Settings
from hpolint.model.source import FILE_START, Source
from hpolint.model.training_code import codes_of_request
from hpolint.model.training_script import Script
from hpolint.readers import read_source, reader_of
from hpolint.readers.script_files import Scripts
from hpolint.readers.unread_launches import is_unrelated_python, unread_places
from hpolint.report.outcome import Outcome, Silencing
from hpolint.run.warm_start_parents import jobs_beside
from hpolint.suppressions.baseline import Baseline, BaselineEntry
from hpolint.suppressions.silencing import suppressions_of_file
from hpolint.suppressions.waivers import apply_waivers


class Checker:
    """Reads and judges candidates with some rules."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        settings: Settings,
        baseline: Baseline | None = None,
        scripts: Scripts | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._engine = Engine(rules, surroundings)
        self._surroundings = surroundings
        self._scripts = scripts
        self._rules = rules
        self._settings = settings
        self._baseline = baseline

    def outcome(self, candidate: Candidate) -> Outcome:
        """The outcome of one candidate. An exception of a reader becomes the outcome's internal error."""
        return with_room(partial(self._outcome, candidate))

    def _outcome(self, candidate: Candidate) -> Outcome:
        if candidate.searched is not None:
            source = Source(candidate.name, "")
            unpacked = " unpacked" if source.is_packed else ""
            size = size_text(candidate.searched)
            notice = f"larger than {size}{unpacked}: the rest of it was not searched for a definition"
            findings = unread_findings(self._rules, source, "was not searched to its end", is_named=False)
            return Outcome(candidate.name, notices=[notice], findings=findings, is_whole=False)
        if candidate.is_other:
            return self._of_other(candidate)
        if candidate.data is None and candidate.notices:
            return Outcome(candidate.name, notices=list(candidate.notices), is_whole=False)
        try:
            with work.limited(len(candidate.data or b"")):
                source, reading = read_source(candidate.name, candidate.data, candidate.beside)
        except work.TooMuchWorkError:
            notice, findings = self._not_judged(Source(candidate.name, ""), None)
            return Outcome(candidate.name, notices=[notice], findings=findings, is_whole=False)
        except Exception as error:
            if debugging():
                raise
            return Outcome(candidate.name, internal_error=internal_error(reader_of(candidate.name), error))
        reading.notices += candidate.notices
        return self.judged(source, reading)

    def _of_other(self, candidate: Candidate) -> Outcome:
        """The outcome of a text that no reader reads: the calls in it that launch a job."""
        source = Source(candidate.name, text_of(candidate.data or b""))
        places = [source.span(*span) for span in launches_of_other(candidate.name, source.text)]
        advice = exclusion_advice(candidate.name, self._settings)
        findings = self._engine.launches(source, places, advice)
        findings += unread_text_findings(self._rules, source, places, advice)
        return Outcome(candidate.name, source, findings=findings)

    def outcome_with(self, source: Source, texts: Mapping[str, bytes]) -> Outcome:
        """The outcome of a source with other texts of files by their names: its own, or those of training scripts."""
        data = texts.get(source.name)
        if data is None:
            data = source.text.encode("utf-8", "surrogatepass")
        known = self._scripts
        self._scripts = known.unread() if known is not None else None
        try:
            with disk.trying(texts):
                return self.outcome(Candidate(source.name, data, source.beside))
        finally:
            self._scripts = known

    def judged(self, source: Source, reading: Reading) -> Outcome:
        """The outcome of a source that has been read. What fails is lost for this source alone. Raises ConfigError."""
        jobs: list[TuningJob] = []
        try:
            jobs = reading.jobs = self._with_surroundings(source, reading.jobs)
            with work.limited(len(source.text), len(jobs)):
                return self._judged(source, reading)
        except ConfigError:
            raise
        except Exception as error:  # the engine handles exceptions of single rules
            if debugging():
                raise
            reason = internal_error("the rules' engine", error)
            return Outcome(source.name, source, jobs, skipped=reading.skipped, internal_error=reason)

    def _with_surroundings(self, source: Source, jobs: list[TuningJob]) -> list[TuningJob]:
        """The jobs with what the SDK's configuration and the other jobs say about them."""
        if self._settings.sdk_config is not None:
            jobs = [with_sdk_config(job, self._settings.sdk_config) for job in jobs]
        mark_twins(jobs)
        mark_parents(jobs, jobs_beside(source))
        return jobs

    def _judged(self, source: Source, reading: Reading) -> Outcome:
        """The outcome of a source with the verdicts about its jobs."""
        not_judged = [job for job in reading.jobs if not self._add_scripts(job)]
        notices = [*reading.notices, *self._problem_notices(source, reading)]
        internal_errors: list[str] = []
        verdicts = Verdicts()
        raised: list[Raised] = []
        for job in reading.jobs:
            try:
                raised += self._raised(job, verdicts, internal_errors)
            except work.TooMuchWorkError:
                not_judged.append(job)
        raised += self._raised_by_calls(reading)
        silencing = Silencing()
        left, about_silencing = self._unsuppressed(source, reading.jobs, raised, verdicts, silencing)
        findings = [*self._engine.problems(source, reading), *about_silencing, *self._engine.grouped(left, verdicts)]
        for job in dict.fromkeys(not_judged):
            notice, about_job = self._not_judged(source, job)
            notices.append(notice)
            findings += about_job
        for job in reading.jobs:
            findings += unread_launches_of_job(self._rules, job)
        findings += self._unread(source, reading, has_error=bool(internal_errors))
        return Outcome(
            source.name,
            source,
            jobs=reading.jobs,
            findings=findings,
            undecided=verdicts.undecided,
            failures=verdicts.failures,
            skipped=reading.skipped,
            internal_error=next(iter(internal_errors), None),
            notices=notices,
            is_own_output=reading.is_own_output,
            silencing=silencing,
            is_whole=not (reading.problems or reading.notices or reading.skipped or not_judged),
            mocked_calls=reading.mocked_calls,
            scripts=list(_shown_sources(findings, reading)),
            included_sources=reading.sources,
            taken=reading.taken,
        )

    def _problem_notices(self, source: Source, reading: Reading) -> Iterator[str]:
        """Notices about the problems of a reading that no rule reports."""
        emitters = {rule.emitted_by for rule in self._rules}
        for problem in reading.problems:
            if problem.emitter not in emitters:
                yield f"not read: {line_of(source, problem.span)}: {problem.reason}"

    def _raised(self, job: TuningJob, verdicts: Verdicts, internal_errors: list[str]) -> list[Raised]:
        """The violations in a job; after an error, which goes to ``internal_errors``, none. Raises TooMuchWorkError."""
        try:
            return self._engine.raised(job, verdicts)
        except (ConfigError, work.TooMuchWorkError):
            raise
        except Exception as error:  # the other jobs of the source are judged
            if debugging():
                raise
            where = f"the rules' engine (line {job.request.anchor.line})"
            internal_errors.append(internal_error(where, error))
            return []

    def outcome_of_calls(self, candidate: Candidate) -> Outcome | None:
        """The outcome of a file that only calls modules which launch jobs; None without a finding of a locked rule."""
        try:
            with work.limited(len(candidate.data or b"")):
                source, reading = read_source(candidate.name, candidate.data, candidate.beside)
                raised = list(self._raised_by_calls(reading))
        except work.TooMuchWorkError:
            return None
        except Exception as error:
            if debugging():
                raise
            return Outcome(candidate.name, internal_error=internal_error(reader_of(candidate.name), error))
        if not raised:
            return None
        verdicts, silencing = Verdicts(), Silencing()
        left, about_silencing = self._unsuppressed(source, [], raised, verdicts, silencing)
        findings = [*about_silencing, *self._engine.grouped(left, verdicts)]
        return Outcome(source.name, source, findings=findings, failures=verdicts.failures, silencing=silencing)

    @cached_property
    def _locked_rules_engine(self) -> Engine:
        return Engine(tuple(rule for rule in self._rules if rule.fails_from is not None), self._surroundings)

    def _raised_by_calls(self, reading: Reading) -> Iterator[Raised]:
        """The violations of locked rules by values that this source writes for the jobs of modules it imports."""
        if all(rule.fails_from is None for rule in self._rules):
            return
        for job in reading.jobs_of_others:
            try:
                self._add_scripts(job)
                raised = self._locked_rules_engine.raised(job, Verdicts())
            except work.TooMuchWorkError:
                return
            yield from (violation.without_fix() for violation in raised if _is_written_in(job, violation.finding))

    def _add_scripts(self, job: TuningJob) -> bool:
        """Read the training scripts of a job. False if that takes too much work."""
        job.codes = job.codes or codes_of_request(job.request)
        job.scripts = {}
        try:
            if self._scripts is not None:
                job.scripts = self._scripts.of(job)
                job.observations += self._scripts.observations(job)
        except work.TooMuchWorkError:
            job.scripts = {}
            return False
        return True

    def _not_judged(self, source: Source, job: TuningJob | None) -> tuple[str, list[Finding]]:
        """A notice that a job, or a whole file, takes too much work, and where rules are locked, a finding."""
        span = job.request.anchor if job is not None else FILE_START
        place = f"{line_of(source, span)}: " if job is not None else ""
        findings = self._engine.not_judged(source, span, work.TOO_MUCH) if self._settings.locking else []
        return f"not judged: {place}{work.TOO_MUCH}", findings

    def _unread(self, source: Source, reading: Reading, *, has_error: bool) -> list[Finding]:
        """The findings about what was not read and may launch a job, for rules that demand a decision."""
        if all(rule.undecided == "off" for rule in self._rules) or reading.is_own_output:
            return []
        if source.text and is_unrelated_python(source):
            return []
        reason = _unread_reason(reading, has_error=has_error)
        if reason and (not reading.jobs or reading.skipped):
            return unread_findings(self._rules, source, reason)
        places = unread_places(source, reading)
        if places or reading.jobs or reading.unread is not None:
            return unread_launch_findings(self._rules, source, places, has_jobs=bool(reading.jobs))
        if reading.idle or not names_more_than_commands(source.text):
            return []
        return unread_findings(self._rules, source, "is in a form that hpolint does not read")

    def _unsuppressed(
        self,
        source: Source,
        jobs: list[TuningJob],
        raised: list[Raised],
        verdicts: Verdicts,
        silencing: Silencing,
    ) -> tuple[list[Raised], list[Finding]]:
        """The raised findings that nothing silences, and the findings about what silences others.

        What silences the others goes to ``silencing``.
        """
        waived = apply_waivers(raised, self._settings, self._rules, jobs, verdicts.undecided)
        left, findings = waived.left, waived.listed
        silencing.suppressed += waived.suppressed
        suppressions = suppressions_of_file(source, jobs, self._settings, self._rules)
        if suppressions is not None:
            left, silent = suppressions.split(left)
            for suppression, members in silent:
                grouped = self._engine.grouped(members, verdicts)
                silencing.suppressed += [Suppressed(finding, suppression) for finding in grouped]
            findings = [*findings, *suppressions.findings(verdicts.undecided, left, has_jobs=bool(jobs))]
            silencing.unused_entries, silencing.used_entries = suppressions.unused_entries, suppressions.used
        if self._baseline is not None:
            left, known = self._split_by_baseline(self._baseline, source, left, silencing)
            silencing.suppressed += [Suppressed(finding, None) for finding in self._engine.grouped(known, verdicts)]
        return left, findings

    def _split_by_baseline(
        self, baseline: Baseline, source: Source, raised: list[Raised], silencing: Silencing
    ) -> tuple[list[Raised], list[Raised]]:
        """The raised findings that are not in the baseline, and those that are."""
        unmatched: dict[BaselineEntry, Counter[BaselineEntry]] = {}
        for name in {source.name, *(violation.finding.source for violation in raised)}:
            for entry, count in baseline.entries_of(name).items():
                unmatched.setdefault(entry.identity, Counter())[entry] += count
        new, known = [], []
        for violation in raised:
            key = baseline.entry_of(violation.finding)
            match = baseline.match(key, unmatched) if key is not None else None
            if key is not None:
                silencing.baseline_entries.append(match or key)
            if match is not None:
                unmatched[match.identity][match] -= 1
                known.append(violation)
            else:
                new.append(violation)
        return new, known


def _is_written_in(job: TuningJob, finding: Finding) -> bool:
    """Whether the source of a job itself writes the value that a finding is about, not a module that it imports."""
    if finding.undecided is not None or finding.request is None or not finding.path:
        return False
    imported = {**job.imported, **(finding.launches[0].imported if finding.launches else {})}
    return finding.path not in imported and place(finding.request, finding.path)[1]


def _shown_sources(findings: list[Finding], reading: Reading) -> Iterator[Source]:
    """The sources of scripts and imported modules in which findings have related places."""
    shown = {related.source for related in chain.from_iterable(finding.related for finding in findings)}
    yield from (module for module in reading.modules if module.name in shown)
    for job in reading.jobs if shown - {None} else ():
        for script in job.scripts.values():
            if isinstance(script, Script):
                yield from (source for source in script.sources if source.name in shown)


def _unread_reason(reading: Reading, *, has_error: bool) -> str:
    """The reason why a candidate, or a part of it, was not read; empty without one."""
    if reading.problems:
        return "cannot be read"
    if has_error:
        return "could not be judged"
    return reading.skipped or (reading.notices[0] if reading.notices else "")
