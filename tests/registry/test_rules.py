"""The contract of every rule: sound, and its examples come out as they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hpolint.model.finding import Finding, UndecidedJudgement, Verdicts
from hpolint.model.fix import applied
from hpolint.model.rule import Example, Rule
from hpolint.registry import builtin_folder, builtin_rules, rule_files
from hpolint.registry.examples import read_example
from hpolint.registry.rule_checks import check_rule
from hpolint.registry.rule_reader import read_rule_file
from hpolint.run.rule_tests import engine_of_examples, judged

FILES = rule_files(builtin_folder())
EXAMPLES = [(rule, example) for rule in builtin_rules() for example in rule.examples]


def judge(rule: Rule, example: Example) -> tuple[list[Finding], list[UndecidedJudgement]]:
    """What the rule alone says of one of its examples."""
    source, reading = read_example(rule, example)
    if rule.emitted_by in ("suppressions", "waivers"):
        return judged(rule, example)[1], []
    engine, verdicts = engine_of_examples(rule), Verdicts()
    raised = [each for job in reading.jobs for each in engine.raised(job, verdicts)]
    assert verdicts.failures == []
    return [*engine.problems(source, reading), *engine.grouped(raised, verdicts)], verdicts.undecided


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rule_file_is_sound(path: Path) -> None:
    """Front matter, expressions, paths, headings and examples hold before a release, not at each start."""
    assert check_rule(read_rule_file(path)) == []


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{r.name}-{e.verdict}-{e.line}" for r, e in EXAMPLES])
def test_example_comes_out_as_it_says(rule: Rule, example: Example) -> None:
    """One below Found is found (and clean once its fix is applied), one below Clean is not, an open one stays open."""
    findings, undecided = judge(rule, example)
    verdict = "found" if findings else "undecided" if undecided else "clean"
    assert verdict == example.verdict
    for finding in findings:
        assert finding.rule.id == rule.id
        assert all(finding.text)
        assert finding.text[0] != rule.summary, "the first sentence was omitted"
        if finding.fix is not None and finding.job is not None:
            fixed = finding.job.with_request(applied(finding.job.request, finding.fix), [])
            assert engine_of_examples(rule).judge(fixed).findings == []


def test_a_page_says_why_its_rule_has_no_fix_or_why_it_is_unsafe() -> None:
    """A reader does not have to guess whether a fix was forgotten, or what it would do to the job."""
    for rule in builtin_rules():
        if rule.fix is None and rule.emitted_by != "schema":
            assert "There is no fix: " in rule.body, rule.id
        elif rule.fix is not None and "unsafe" in rule.fix.safeties:
            assert "unsafe" in rule.body.partition("## Examples")[0], rule.id


def test_a_rule_with_a_fix_offers_it_in_an_example() -> None:
    """What a page calls fixable is fixed somewhere on that page."""
    for rule in builtin_rules():
        if rule.fix is not None or rule.emitted_by == "schema":
            found = [finding for example in rule.examples for finding in judge(rule, example)[0]]
            assert any(finding.fix is not None for finding in found), rule.id


FAILS = re.compile(
    r"every trial fails|the service refuses|raises an? \w*error|execution fails|trials cannot|no trial reports",
    re.IGNORECASE,
)
BELIEVED = re.compile(r"\bmay\b|according to")


def test_what_fails_for_certain_is_an_error() -> None:
    """No gate lets a job through of which a finding says that it is refused, or that none of its trials succeeds."""
    for rule in builtin_rules():
        for example in rule.examples:
            for finding in judge(rule, example)[0]:
                certain = [text for text in finding.text if FAILS.search(text) and not BELIEVED.search(text)]
                assert not certain or finding.level == "error", (rule.id, finding.level, certain)


def test_names_are_unique() -> None:
    """A name means one rule, whatever its category."""
    names = [path.stem for path in FILES]
    assert len(names) == len(set(names))
    assert not {path.parent.name for path in FILES} & set(names)


def test_the_catalogue_of_the_first_release_is_there() -> None:
    """No rule that users know is taken away or renamed without a word."""
    assert {rule.id for rule in builtin_rules()} >= {
        "compute/missing-spot",
        "hygiene/unreadable-definition",
        "launch/grid-needs-categorical",
        "launch/invalid-request",
        "launch/log-scale-needs-positive-range",
        "launch/max-wait-below-runtime",
        "launch/objective-direction",
        "launch/reverse-log-needs-unit-range",
        "launch/yaml-boolean",
        "scale/linear-learning-rate",
        "scale/linear-regularization",
        "scale/near-one-without-reverse-log",
        "sdk/argument-dropped",
        "sdk/categorical-not-a-list",
        "sdk/grid-without-job-count",
        "sdk/metric-definitions-on-estimator",
        "sdk/parents-not-a-set",
        "sdk/single-trial-by-default",
        "sdk/static-shadowed-by-range",
        "sdk/strategy-config-dropped",
        "strategy/excessive-parallelism",
        "strategy/grid-search-on-large-space",
        "strategy/missing-warm-start",
        "strategy/no-early-stopping",
    }
