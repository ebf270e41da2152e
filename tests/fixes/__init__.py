"""Helpers for the tests of fixes: plan, write and verify them."""

from __future__ import annotations

from hpolint.discovery.candidates import Candidate
from hpolint.engine.engine import Engine
from hpolint.fixes.fix_planner import FixEdits, FixPlanner, fixed_texts
from hpolint.model.finding import Finding
from hpolint.model.job import TuningJob
from hpolint.model.settings import Settings
from hpolint.model.source import Source
from hpolint.readers import read_source
from hpolint.registry.choosing import chosen_rules
from hpolint.report.outcome import Outcome
from hpolint.run.candidate_check import Checker

SETTINGS = Settings()
CHECKER = Checker(chosen_rules(SETTINGS), SETTINGS)


def judged(name: str, text: str) -> Outcome:
    """A text, read and judged by the rules that are on."""
    found = CHECKER.outcome(Candidate(name, text.encode("utf-8", "surrogatepass")))
    assert found.internal_error is None
    return found


def fix_edits(name: str, text: str) -> tuple[FixPlanner, list[FixEdits]]:
    """The planner of a text's fixes, and the edits of each finding that has a fix."""
    found = judged(name, text)
    assert found.source is not None
    planner = FixPlanner(found.source, found.jobs)
    return planner, planner.edits_of(found.findings)


def text_with(edits: list[FixEdits]) -> str:
    """The source's text with these edits in it."""
    (text,) = fixed_texts(edits).values()
    return text


def fixed_text(name: str, text: str, rule: str) -> str:
    """The text with the fixes of one rule; each of them must be written."""
    _planner, found = fix_edits(name, text)
    own = [each for each in found if each.finding.rule.name == rule]
    assert own, [each.finding.rule.name for each in found]
    assert [each.reason for each in own] == [None] * len(own)
    return text_with(own)


def check_promise(name: str, text: str, *, quiet: bool = True) -> list[str]:
    """Check that each fix of a text changes only what it promises; return the reasons of those that are not written.

    All other characters are the same, in their order; the rule is quiet there, and the fix is not offered again.
    """
    _planner, found = fix_edits(name, text)
    reasons = []
    for each in found:
        if each.reason is not None:
            reasons.append(each.reason)
            continue
        after = text_with([each])
        assert _untouched(text, each) == _untouched_after(after, each)
        left = judged(name, after).findings
        same = [one for one in left if _same(one, each.finding)]
        assert not quiet or same == [], (each.finding.rule.id, after)
    return reasons


def _untouched(text: str, fix: FixEdits) -> list[str]:
    at, kept = 0, []
    for edit in sorted(fix.edits):
        kept.append(text[at : edit.start])
        at = edit.end
    return [*kept, text[at:]]


def _untouched_after(text: str, fix: FixEdits) -> list[str]:
    at, shift, kept = 0, 0, []
    for edit in sorted(fix.edits):
        kept.append(text[at : edit.start + shift])
        shift += len(edit.text) - (edit.end - edit.start)
        at = edit.end + shift
    return [*kept, text[at:]]


def _same(one: Finding, other: Finding) -> bool:
    """Whether two findings are the same one, wherever it stands now."""
    jobs = (one.job, other.job)
    named = [each.variable or each.carrier if each is not None else None for each in jobs]
    return (one.rule.id, one.path, named[0]) == (other.rule.id, other.path, named[1])


def read_jobs(name: str, text: str) -> list[TuningJob]:
    """The jobs of a text."""
    return read_source(name, text.encode())[1].jobs


__all__ = ["Engine", "Source", "check_promise", "fix_edits", "fixed_text", "judged", "read_jobs"]
