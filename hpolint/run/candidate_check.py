"""Reading a candidate and judging its jobs with some rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from hpolint.config.sdk_config import with_sdk_config
from hpolint.discovery.byte_patterns import names_more_than_commands
from hpolint.discovery.candidates import Candidate
from hpolint.engine.engine import Engine
from hpolint.engine.grouping import Raised
from hpolint.engine.surroundings import Surroundings
from hpolint.engine.undecided import FILE_START, unread_findings, unread_launch_findings
from hpolint.io import work
from hpolint.io.files import size_text
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.model.finding import Finding, Suppressed, Verdicts
from hpolint.model.job import Reading, ReadingProblem, TuningJob, mark_twins
from hpolint.model.message_text import line_of
from hpolint.model.rule import Rule
from hpolint.model.settings import ConfigError, Settings
from hpolint.model.source import Source
from hpolint.model.training_code import codes_of_request
from hpolint.model.training_script import Script
from hpolint.readers import read_source, reader_of
from hpolint.readers.script_files import Scripts
from hpolint.readers.unread_launches import is_unrelated_python, unread_places
from hpolint.report.outcome import Outcome
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
        self._scripts = scripts
        self._rules = rules
        self._settings = settings  # keeps them alive: checkers are looked up by the id() of their settings
        self._baseline = baseline

    def outcome(self, candidate: Candidate) -> Outcome:
        """The outcome of one candidate. An exception of a reader becomes the outcome's internal error."""
        if candidate.searched is not None:
            source = Source(candidate.name, "")
            unpacked = " unpacked" if source.is_packed else ""
            size = size_text(candidate.searched)
            notice = f"larger than {size}{unpacked}: the rest of it was not searched for a definition"
            findings = unread_findings(self._rules, source, "was not searched to its end", is_named=False)
            return Outcome(candidate.name, notices=[notice], findings=findings, is_whole=False)
        if candidate.data is None and candidate.notices:
            return Outcome(candidate.name, notices=list(candidate.notices), is_whole=False)
        try:
            with work.limited(len(candidate.data or b"")):
                source, reading = read_source(candidate.name, candidate.data, candidate.beside)
        except work.TooMuchWorkError:
            outcome = Outcome(candidate.name, is_whole=False)
            self._add_not_judged(outcome, Source(candidate.name, ""), None)
            return outcome
        except Exception as error:
            if debugging():
                raise
            return Outcome(candidate.name, internal_error=internal_error(reader_of(candidate.name), error))
        reading.notices += candidate.notices
        return self.judged(source, reading)

    def judged(self, source: Source, reading: Reading) -> Outcome:
        """The outcome of a source that has been read. What fails is lost for this source alone. Raises ConfigError."""
        outcome = Outcome(source.name, source, skipped=reading.skipped, is_own_output=reading.is_own_output)
        try:
            outcome.jobs = reading.jobs = self._with_surroundings(reading.jobs)
            with work.limited(len(source.text), len(reading.jobs)):
                self._judge(outcome, source, reading)
        except ConfigError:
            raise
        except Exception as error:  # the engine handles exceptions of single rules
            if debugging():
                raise
            outcome.internal_error = internal_error("the rules' engine", error)
        return outcome

    def _with_surroundings(self, jobs: list[TuningJob]) -> list[TuningJob]:
        """The jobs with what the SDK's configuration and the other jobs say about them."""
        if self._settings.sdk_config is not None:
            jobs = [with_sdk_config(job, self._settings.sdk_config) for job in jobs]
        mark_twins(jobs)
        return jobs

    def _judge(self, outcome: Outcome, source: Source, reading: Reading) -> None:
        """Fill the outcome of a source with the verdicts about its jobs."""
        not_judged = {id(job): job for job in reading.jobs if not self._add_scripts(job)}
        outcome.notices, outcome.included_sources = reading.notices, reading.sources
        outcome.mocked_calls = reading.mocked_calls
        emitters = {rule.emitted_by for rule in self._rules}
        unreported = [each for each in reading.problems if each.emitter not in emitters]
        outcome.notices = [*outcome.notices, *(f"not read: {_problem_text(source, each)}" for each in unreported)]
        outcome.is_whole = not (reading.problems or reading.notices or reading.skipped)
        verdicts = Verdicts()
        raised: list[Raised] = []
        outcome.findings = self._engine.problems(source, reading)
        for job in reading.jobs:
            try:
                raised += self._engine.raised(job, verdicts)
            except ConfigError:
                raise
            except work.TooMuchWorkError:
                not_judged[id(job)] = job
            except Exception as error:  # the other jobs of the source are judged
                if debugging():
                    raise
                where = f"the rules' engine (line {job.request.anchor.line})"
                outcome.internal_error = outcome.internal_error or internal_error(where, error)
        raised = self._unsuppressed(outcome, source, raised, verdicts)
        outcome.findings += self._engine.grouped(raised, verdicts)
        for job in not_judged.values():
            self._add_not_judged(outcome, source, job)
        if not reading.is_own_output and not (source.text and is_unrelated_python(source)):
            outcome.findings += self._unread(source, reading, outcome)
        outcome.undecided, outcome.failures = verdicts.undecided, verdicts.failures
        outcome.scripts = list(_shown_sources(outcome, reading.modules))

    def _add_scripts(self, job: TuningJob) -> bool:
        """Read the training scripts of a job. False if that takes too much work."""
        job.codes = job.codes or codes_of_request(job.request)
        if not job.codes or self._scripts is None:
            job.scripts = {}
            return True
        try:
            job.scripts = self._scripts.of(job)
            job.observations += self._scripts.observations(job)
        except work.TooMuchWorkError:
            job.scripts = {}
            return False
        return True

    def _add_not_judged(self, outcome: Outcome, source: Source, job: TuningJob | None) -> None:
        """Add that a job, or a whole file, takes too much work: a notice, and where rules are locked, a finding."""
        outcome.is_whole = False
        span = job.request.anchor if job is not None else FILE_START
        place = f"{line_of(source, span)}: " if job is not None else ""
        outcome.notices = [*outcome.notices, f"not judged: {place}{work.TOO_MUCH}"]
        is_locked = any(each.locked for each in (self._settings, *self._settings.above))
        if is_locked:
            outcome.findings += self._engine.not_judged(source, span, work.TOO_MUCH)

    def _unread(self, source: Source, reading: Reading, outcome: Outcome) -> list[Finding]:
        """The findings about what was not read and may launch a job, for rules that demand a decision."""
        if all(rule.undecided == "off" for rule in self._rules):
            return []
        reason = _unread_reason(outcome, reading)
        if reason and (not reading.jobs or reading.skipped):
            return unread_findings(self._rules, source, reason)
        places = unread_places(source, reading)
        if places or reading.jobs or reading.unread is not None:
            return unread_launch_findings(self._rules, source, places, has_jobs=bool(reading.jobs))
        if reading.idle or not names_more_than_commands(source.text):
            return []
        return unread_findings(self._rules, source, "is in a form that hpolint does not read")

    def _unsuppressed(self, outcome: Outcome, source: Source, raised: list[Raised], verdicts: Verdicts) -> list[Raised]:
        """The raised findings that are neither suppressed nor in the baseline; the others go to the outcome."""
        waived = apply_waivers(raised, self._settings, self._rules, outcome.jobs, verdicts.undecided)
        raised = waived.left
        outcome.suppressed += waived.suppressed
        outcome.findings += waived.listed
        suppressions = suppressions_of_file(source, outcome.jobs, self._settings, self._rules)
        if suppressions is not None:
            raised, silent = suppressions.split(raised)
            for suppression, members in silent:
                outcome.suppressed += [
                    Suppressed(finding, suppression) for finding in self._engine.grouped(members, verdicts)
                ]
            outcome.findings += suppressions.findings(verdicts.undecided, raised, has_jobs=bool(outcome.jobs))
            outcome.unused_entries, outcome.used_entries = suppressions.unused_entries, suppressions.used
        if self._baseline is None:
            return raised
        unmatched: dict[BaselineEntry, Counter[BaselineEntry]] = {}
        for name in {source.name, *(each.finding.source for each in raised)}:
            for entry, count in self._baseline.entries_of(name).items():
                unmatched.setdefault(entry.identity, Counter())[entry] += count
        new, known = [], []
        for each in raised:
            key = self._baseline.entry_of(each.finding)
            match = self._baseline.match(key, unmatched) if key is not None else None
            outcome.baseline_entries += [] if key is None else [match or key]
            if match is not None:
                unmatched[match.identity][match] -= 1
                known.append(each)
            else:
                new.append(each)
        outcome.suppressed += [Suppressed(finding, None) for finding in self._engine.grouped(known, verdicts)]
        return new


def _shown_sources(outcome: Outcome, modules: list[Source]) -> Iterator[Source]:
    """The sources of scripts and imported modules in which findings have related places."""
    every_related = chain.from_iterable(finding.related for finding in outcome.findings)
    shown = {related.source for related in every_related}
    yield from (module for module in modules if module.name in shown)
    for job in outcome.jobs if shown - {None} else ():
        for script in job.scripts.values():
            if isinstance(script, Script):
                yield from (source for source in script.sources if source.name in shown)


def _problem_text(source: Source, problem: ReadingProblem) -> str:
    return f"{line_of(source, problem.span)}: {problem.reason}"


def _unread_reason(outcome: Outcome, reading: Reading) -> str:
    """The reason why a candidate, or a part of it, was not read; empty without one."""
    if reading.problems:
        return "cannot be read"
    if outcome.internal_error is not None:
        return "could not be judged"
    return reading.skipped or (reading.notices[0] if reading.notices else "")
