"""The whole pipeline for one input: read, judged, and printed by every reporter. Any exception is a fault."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hpolint.cli.extract import extracted
from hpolint.discovery.byte_patterns import has_definition_pattern
from hpolint.discovery.candidates import Candidate
from hpolint.engine import engine
from hpolint.fixes.fix_texts import fix_texts
from hpolint.fixes.requests import FixRequest
from hpolint.model.settings import Settings
from hpolint.model.source import Source, Span
from hpolint.readers.script_files import Scripts
from hpolint.registry.choosing import chosen_rules
from hpolint.report.outcome import Outcome
from hpolint.report.report import Report
from hpolint.reporters import json as json_reporter
from hpolint.reporters import sarif, text
from hpolint.run.candidate_check import Checker
from hpolint.run.recording import file_record
from hpolint.run.report_making import report_of_records
from tests.fuzz.faults import Fault, of_error
from tests.fuzz.inputs import Input
from tests.fuzz.limits import Limits, TooLong, processor_time

FIXES_EVERY = 10
"""Judging a job with all its fixes takes ten times as long as reading it, so one input in so many has them tried."""


class BrokenPromiseError(Exception):
    """An output that is not what its format promises."""


@dataclass
class Results:
    """The results of some inputs: their faults by number, and how many inputs of each extension had which outcome."""

    faults: list[tuple[int, Fault]] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)


class Pipeline:
    """The rules and readers, ready for inputs."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._settings = Settings()
        self._checker = Checker(chosen_rules(self._settings), self._settings, scripts=Scripts([]))

    def run(self, inputs: list[Input], before: Callable[[int], None] = lambda _: None) -> Results:
        """Try some inputs. ``before`` is called with the number of each. SARIF is written for all of them at once."""
        results, sound = Results(), []
        outcomes: list[Outcome] = []
        for each in inputs:
            before(each.number)
            found, outcome = self._first_part(each)
            results.faults += [(each.number, fault) for fault in found]
            _count(results.tally, each, outcome)
            if outcome is not None and not found:
                outcomes.append(outcome)
                sound.append(each)
        together = self._tried("sarif", lambda: _check_sarif(self._report(*outcomes)))
        if together:
            alone = [(each.number, fault) for each in sound for fault in self.faults(each)]
            results.faults += alone or [(each.number, together[0]) for each in sound[-1:]]
        return results

    def faults(self, each: Input) -> list[Fault]:
        """The faults of one input."""
        found, outcome = self._first_part(each)
        if outcome is None or found:
            return found
        return self._tried("sarif", lambda: _check_sarif(self._report(outcome)))

    def _report(self, *outcomes: Outcome) -> Report:
        records = [file_record(outcome, lambda _name: None) for outcome in outcomes]
        return report_of_records(records, {"settings": self._settings}, [])

    def _first_part(self, each: Input) -> tuple[list[Fault], Outcome | None]:
        """Everything but SARIF, whose list of rules takes longer than all the rest."""
        outcomes: list[Outcome] = []
        found = self._tried("check", lambda: outcomes.append(self._outcome(each)))
        if not outcomes:
            return found, None
        outcome = outcomes[0]
        found += [Fault("rule failure", failure.rule.id, failure.reason[:2000]) for failure in outcome.failures]
        checks = (("fixes", _check_fixes), ("extract", _check_extract), ("places", _check_places))
        for name, check in checks:
            found += self._tried(name, lambda check=check: check(outcome))  # type: ignore[misc]
        reports: list[Report] = []
        found += self._tried("record", lambda: reports.append(self._report(outcome)))
        for report in reports:
            found += self._tried("json", lambda report=report: _check_json(report))  # type: ignore[misc]
            found += self._tried("text", lambda report=report: _check_text(report))  # type: ignore[misc]
        return found, outcome

    def _outcome(self, each: Input) -> Outcome:
        has_definition_pattern(each.data)
        with _debugging(), _fixes(tried=each.number % FIXES_EVERY == 0):
            return self._checker.outcome(Candidate(each.name, each.data))

    def _tried(self, during: str, work: Callable[[], object]) -> list[Fault]:
        try:
            with processor_time(self.limits.seconds):
                work()
        except TooLong:
            return [Fault("too long", during, f"{during}: more than {self.limits.seconds} s of the processor's time")]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return [of_error(error, during)]
        return []


def _count(tally: Counter[str], each: Input, outcome: Outcome | None) -> None:
    kind = each.suffix.removeprefix(".")
    tally[f"{kind} inputs"] += 1
    if outcome is not None and outcome.jobs:
        tally[f"{kind} with jobs"] += 1
    if outcome is not None and outcome.findings:
        tally[f"{kind} with findings"] += 1


@contextmanager
def _debugging() -> Iterator[None]:
    """Errors inside of hpolint come out, with their traceback."""
    os.environ["HPOLINT_DEBUG"] = "1"
    try:
        yield
    finally:
        del os.environ["HPOLINT_DEBUG"]


@contextmanager
def _fixes(*, tried: bool) -> Iterator[None]:
    """Whether fixes are tried on the job; without, they are offered untried."""
    most = engine.MAX_FIXES
    engine.MAX_FIXES = most if tried else 0
    try:
        yield
    finally:
        engine.MAX_FIXES = most


def _check_fixes(outcome: Outcome) -> None:
    """Each is written, or says why not; what is written is read again on the way."""
    numbers = tuple(number for number, finding in enumerate(outcome.findings) if finding.fix is not None)
    with _debugging():
        texts = fix_texts(outcome, FixRequest(outcome.name, numbers, (), frozenset()))
    for number in numbers:
        written = texts.fixes.get(number)
        if written is None or not (written.reason or written.edits):
            raise BrokenPromiseError("a fix is neither written nor is it said why not")


def _check_extract(outcome: Outcome) -> None:
    _strict(json.dumps(extracted(outcome.jobs), ensure_ascii=False, allow_nan=False))


def _check_places(outcome: Outcome) -> None:
    sources = outcome.sources
    for finding in outcome.findings:
        for span in (finding.span, *(related.span for related in finding.related)):
            _check_span(sources[finding.source], span)


def _check_text(report: Report) -> None:
    printed = text.render(report, width=80, colour=False, undecided=True)
    if odd := sorted({each for each in printed if each < " " and each != "\n"}):
        raise BrokenPromiseError(f"text holds the control characters {odd}")
    text.statistics(report)


def _check_json(report: Report) -> None:
    document = _strict(json_reporter.render(report))
    if len(document["findings"]) != len(report.findings):
        raise BrokenPromiseError("JSON has not as many findings as the report")
    for judgement in report.undecided:
        if not judgement.causes:
            raise BrokenPromiseError("an undecided judgement has no cause")


def _check_span(source: Source, span: Span) -> None:
    """A place lies in its source, and does not end before it begins."""
    lines = len(source.line_starts)
    if not source.text:
        return  # bytes that are no text: the place is theirs
    if not ((1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column) and span.end_line <= lines):
        raise BrokenPromiseError(f"a place that is none: {span} of {lines} lines")


def _check_sarif(report: Report) -> None:
    (run,) = _strict(sarif.render(report))["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    if len(run["results"]) != len(report.findings):
        raise BrokenPromiseError("SARIF has not as many results as the report")
    for result in run["results"]:
        if ids[result["ruleIndex"]] != result["ruleId"] or not result["message"]["text"]:
            raise BrokenPromiseError("a result of no rule, or without a message")
        for location in (*result["locations"], *result.get("relatedLocations", [])):
            region = location["physicalLocation"]["region"]
            start = region["startLine"], region["startColumn"]
            if not (1, 1) <= start < (region["endLine"], region["endColumn"]):
                raise BrokenPromiseError(f"a region that is none: {region}")
    prints = [result["partialFingerprints"]["hpolint/v1"] for result in run["results"]]
    if len(set(prints)) != len(prints):
        raise BrokenPromiseError("two results with one fingerprint")


def _strict(text: str) -> Any:
    """JSON that other programs read too: no NaN, and bytes that are UTF-8 as the command writes them."""
    written = text.encode("utf-8", "backslashreplace").decode()
    return json.loads(written, parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise BrokenPromiseError(f"{name} is not JSON")
