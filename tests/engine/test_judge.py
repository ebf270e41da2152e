"""One rule on one subject: its level, its sentences and its fix, as far as values are known."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from hpolint.cel.runtime import Undecided
from hpolint.engine.engine import MAX_FIXES, Engine
from hpolint.engine.judge import Judge
from hpolint.model.finding import Finding, Verdicts
from hpolint.model.fix import Fix
from hpolint.model.job import Observation, Reading, ReadingProblem, TuningJob
from hpolint.model.level import LEVELS, Level
from hpolint.model.node import Path
from hpolint.model.observations import ParentsNotASet, StaticShadowedByRange
from hpolint.model.rule import FixTemplate, Rule, RuleSentence
from hpolint.model.source import Span
from hpolint.readers import read_source
from tests.engine.test_engine import RULE, job, probe, rules, training

CONFIG = "HyperParameterTuningJobConfig"
SEED = f"{CONFIG}.RandomSeed"
STRATEGY = f"{CONFIG}.Strategy"


def only(found: TuningJob, **changes: Any) -> Finding:
    """What one rule that fires says."""
    verdicts = probe(found, **changes)
    assert (verdicts.undecided, verdicts.failures) == ([], [])
    (finding,) = verdicts.findings
    return finding


def fix(set_: dict[str, Any], remove: tuple[str, ...] = (), when: str | None = None, safety: str = "safe") -> Any:
    """A rule's fix."""
    return {"fix": FixTemplate(safety, when, set_, list(remove))}


@pytest.mark.parametrize(
    ("seed", "level"), [(1, "note"), (2, "error"), ("$SEED", "note"), (None, "warning")], ids=["low", "high", "?", "-"]
)
def test_a_level_is_what_its_expression_gives(seed: Any, level: str) -> None:
    """Where it depends on an unknown value, it is the lowest level of the rule."""
    chosen = "config.RandomSeed == null ? 'warning' : config.RandomSeed > 1 ? 'error' : 'note'"
    given = {} if seed is None else {"RandomSeed": seed}
    assert only(job(**given), level=f"{{{chosen}}}").level == level
    assert only(job(**given), level="error").level == "error"


@pytest.mark.parametrize(
    ("when", "texts"),
    [
        ("true", ("Yes", "Last")),
        ("false", ("No", "Last")),
        ("config.RandomSeed == 1", ("Last",)),
        ("config.RandomSeed == 1 || true", ("Yes", "Last")),
    ],
)
def test_a_further_sentence_is_said_one_way_or_not_at_all(when: str, texts: tuple[str, ...]) -> None:
    """Where the condition is unknown, neither is printed; a first sentence is, as if the condition were false."""
    message = [RuleSentence("yes", when, "no"), RuleSentence("last")]
    first = only(job(RandomSeed="$SEED"), message=message).text
    assert first == (texts if len(texts) > 1 else ("No", "Last"))
    message = [RuleSentence("first"), *message]
    assert only(job(RandomSeed="$SEED"), message=message).text == ("First", *texts)


def test_a_sentence_whose_condition_is_false_is_omitted() -> None:
    """Unless it has an alternative; the summary is printed where no sentence remains."""
    assert only(job(), message=[RuleSentence("a", "false"), RuleSentence("b", "true")]).text == ("B",)
    assert only(job(), message=[RuleSentence("a", "false")]).text == ("A probe",)
    assert only(job(), message=[RuleSentence("a", "true")]).text == ("A",)


def test_values_that_are_written_as_texts_stay_texts() -> None:
    """Only braces around the whole of one are an expression."""
    for value, found in (
        ("{1 + 1}", 2),
        ("{1 + 1", "{1 + 1"),
        ("1 + 1}", "1 + 1}"),
        ("x", "x"),
        (0, 0),
        (False, False),
    ):
        finding = only(job(), **fix({SEED: value}))
        assert finding.fix == Fix("safe", {(CONFIG, "RandomSeed"): found})
        assert type(finding.fix.set[(CONFIG, "RandomSeed")]) is type(found)


@pytest.mark.parametrize(
    ("given", "value", "offered"),
    [
        (1, 1, False),
        (1, 2, True),
        (1, 1.0, True),
        (1, True, True),
        ("1", 1, True),
        (None, 1, True),
        (True, True, False),
    ],
)
def test_a_value_that_stands_there_is_not_set_again(given: Any, value: Any, offered: bool) -> None:
    """The same one of the same type."""
    found = job() if given is None else job(RandomSeed=given)
    assert (only(found, **fix({SEED: value})).fix is not None) is offered


@pytest.mark.parametrize(
    ("members", "set_", "remove", "when", "expected"),
    [
        ({}, {SEED: 1}, (), None, ({(CONFIG, "RandomSeed"): 1}, ())),
        ({}, {SEED: 1}, (), "true", ({(CONFIG, "RandomSeed"): 1}, ())),
        ({}, {SEED: 1}, (), "false", None),
        ({}, {SEED: 1}, (STRATEGY,), "false", None),
        ({}, {}, (STRATEGY,), None, ({}, ((CONFIG, "Strategy"),))),
        ({}, {STRATEGY: "Bayesian"}, (SEED,), None, None),
        ({"RandomSeed": 1}, {STRATEGY: "Bayesian"}, (SEED,), None, ({}, ((CONFIG, "RandomSeed"),))),
        ({}, {STRATEGY: "Bayesian"}, (), None, None),
        ({}, {}, (), None, None),
        ({"RandomSeed": "$SEED"}, {SEED: 1}, (), None, None),
        ({"RandomSeed": "$SEED"}, {SEED: 1, STRATEGY: "Grid"}, (), None, None),
        ({"RandomSeed": "$SEED"}, {STRATEGY: "Grid"}, (), "config.RandomSeed == 1", None),
        ({"RandomSeed": "$SEED"}, {f"{CONFIG}.A": "{config.RandomSeed}"}, (), None, None),
        ({}, {f"{CONFIG}.A": "{config.RandomSeed}", STRATEGY: "Grid"}, (), None, None),
    ],
)
def test_a_fix_is_whole_or_not_offered(
    members: dict[str, Any], set_: dict[str, Any], remove: tuple[str, ...], when: str | None, expected: Any
) -> None:
    """It sets what differs and removes what it says; null, unknown or not to be used, there is none."""
    found = only(job(**members), **fix(set_, remove, when)).fix
    assert (None if found is None else (found.set, found.remove)) == expected


@pytest.mark.parametrize(
    ("safety", "found"),
    [
        ("safe", "safe"),
        ("unsafe", "unsafe"),
        ("{budget.trials > 1 ? 'unsafe' : 'safe'}", "unsafe"),
        ("{budget.trials > 100 ? 'unsafe' : 'safe'}", "safe"),
        ("{config.RandomSeed > 1 ? 'unsafe' : 'safe'}", None),
    ],
)
def test_a_fix_is_as_safe_as_its_expression_says(safety: str, found: str | None) -> None:
    """A fix whose safety is unknown is not offered."""
    offered = only(job(RandomSeed="$SEED"), **fix({STRATEGY: "Grid"}, safety=safety)).fix
    assert (None if offered is None else offered.safety) == found


def test_advice_names_what_is_lacking() -> None:
    """Members that are already written are not named; where nothing is missing, the sentence is omitted."""
    message = [RuleSentence("do"), RuleSentence("now {fix}")]
    both = only(job(), message=message, **fix({STRATEGY: "Bayesian", SEED: 1}))
    assert both.text == ("Do", f'Now add `"RandomSeed": 1` to `{CONFIG}` (line 3)')
    assert only(job(), message=message, **fix({STRATEGY: "Bayesian"})).text == ("Do",)
    assert only(job(), message=message, **fix({SEED: 1}, when="false")).text == ("Do",)
    assert only(job(), message=message).text == ("Do",)


def breaks(level: Level, when: str = 'config.Strategy == "Grid"', **changes: Any) -> Rule:
    """A rule that fires once a fix has been carried out."""
    return replace(RULE, name="broken", level=level, when=when, **changes)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("other", LEVELS)
def test_a_fix_may_cost_something_lighter(level: Level, other: Level) -> None:
    """What breaks another rule as gravely or more is not offered."""
    rule = replace(RULE, level=level, when='config.Strategy == "Bayesian"', **fix({STRATEGY: "Grid"}))
    (finding,) = Engine((rule, breaks(other))).judge(job()).findings
    assert (finding.fix is not None) is (LEVELS.index(other) > LEVELS.index(level))


def test_what_fires_already_is_no_reason_against_a_fix() -> None:
    """At its own place; the same rule at another place is."""
    rule = replace(RULE, level="warning", **fix({STRATEGY: "Grid"}))
    already = breaks("error", "true")
    assert Engine((rule, already)).judge(job()).findings[0].fix is not None
    moved = breaks("error", "true", at=[SEED, STRATEGY])
    seeded = replace(RULE, level="warning", **fix({SEED: 1}))
    assert Engine((seeded, moved)).judge(job()).findings[0].fix is None


def test_a_fix_settles_what_was_observed_at_its_place() -> None:
    """And not what a reader saw anywhere else."""
    found = job()
    place = Span(1, 1, 1, 2)
    for path, offered in (((CONFIG, "Strategy"), True), ((CONFIG, "RandomSeed"), False)):
        found.observations = [Observation(path, place, ParentsNotASet("x"))]
        seen = breaks("error", 'config.Strategy == "Grid"', scope="observation", observes="parents-not-a-set")
        rule = replace(RULE, level="warning", **fix({STRATEGY: "Grid"}))
        findings = Engine((rule, seen)).judge(found).findings
        assert (findings[0].fix is not None) is offered


@pytest.mark.parametrize("group", [None, "job"])
def test_a_hundred_fixes_of_a_job_are_tried(group: str | None) -> None:
    """For single findings and for groups; further findings are reported without a fix."""
    assert MAX_FIXES == 100
    same = replace(RULE, group=group, when='config.Strategy == "Bayesian"', **fix({STRATEGY: "Grid"}))
    findings = Engine(tuple(replace(same, name=f"probe-{i}") for i in range(101))).judge(job()).findings
    assert [finding.fix is not None for finding in findings] == [True] * 100 + [False]


def test_a_finding_knows_its_rule_place_and_path() -> None:
    """Its span is the first written path's, of an observation where nothing else is said the observation's own."""
    place = Span(1, 1, 1, 2)
    found = job()
    found.observations = [Observation((CONFIG, "Strategy"), place, StaticShadowedByRange("eta", outside=True))]
    observed = {"scope": "observation", "observes": "static-shadowed-by-range"}
    finding = only(found, **observed)
    assert (finding.span, finding.path, finding.fingerprint) == (place, (CONFIG, "Strategy"), STRATEGY)
    at = only(found, at=[STRATEGY])
    assert found.source.read(at.span) == '"Bayesian"'
    assert (at.source, at.rule.name, at.job) == ("x.json", "probe", found)


def test_a_finding_has_the_first_of_its_paths_if_none_is_written() -> None:
    """It is placed at the nearest node that is written; a later path that is written has precedence."""
    unwritten = [f"{CONFIG}.RandomSeed", "Autotune.Mode"]
    finding = only(job(), at=unwritten)
    assert finding.path == (CONFIG, "RandomSeed")
    assert job().source.read(finding.span) == f'"{CONFIG}"'
    assert only(job(), at=[*unwritten, STRATEGY]).path == (CONFIG, "Strategy")
    assert only(job()).path == ()


def test_places_beside_a_finding_are_those_that_are_written() -> None:
    """Each with its member's own name."""
    limits = f"{CONFIG}.ResourceLimits.MaxParallelTrainingJobs"
    finding = only(job(), at=[STRATEGY], related=[SEED, limits, f"{CONFIG}.ResourceLimits"])
    assert [each.name for each in finding.related] == ["MaxParallelTrainingJobs", "ResourceLimits"]
    assert [job().source.read(each.span) for each in finding.related] == ["2", '"ResourceLimits"']


def test_a_rule_on_a_definition_has_its_paths_there() -> None:
    """What it is at, what it sets and what it removes."""
    changes = {"scope": "training", "at": ["RoleArn"], **fix({"VpcConfig": "x"}, ("RoleArn",))}
    finding = only(training(), **changes)
    root: Path = ("TrainingJobDefinition",)
    assert finding.path == (*root, "RoleArn")
    assert finding.fix == Fix("safe", {(*root, "VpcConfig"): "x"}, ((*root, "RoleArn"),))


def test_shape_errors_are_findings_with_their_fix() -> None:
    """Set or renamed; without either there is none."""
    found = job(Strategy="bayesian", random_seed=1, Unheard=1)
    by_path = {finding.path[-1]: finding for finding in Engine(rules("invalid-request")).judge(found).findings}
    assert by_path["Strategy"].fix == Fix("safe", {(CONFIG, "Strategy"): "Bayesian"})
    assert by_path["random_seed"].fix == Fix("safe", {}, (), {(CONFIG, "random_seed"): "RandomSeed"})
    assert by_path["Unheard"].fix is None
    assert by_path["Strategy"].fingerprint == STRATEGY
    assert {finding.level for finding in by_path.values()} == {"error"}


def test_a_definition_that_cannot_be_read_is_a_finding() -> None:
    """Of the rule about it, where it is on, at the place of the problem and with its reason."""
    place = Span(3, 1, 3, 2)
    reading = Reading(problems=[ReadingProblem("it breaks off", place), ReadingProblem("and again", place)])
    source = job().source
    first, second = Engine(rules("unreadable-definition")).problems(source, reading)
    assert first.text == ("This file names a tuning job and cannot be read: it breaks off",)
    assert second.text == ("This file names a tuning job and cannot be read: and again",)
    assert (first.source, first.span, first.level) == ("x.json", place, first.rule.levels[0])
    assert Engine(rules("missing-spot")).problems(source, reading) == []


def test_of_a_notebook_only_the_cell_that_cannot_be_read_is_named() -> None:
    """The other cells are read, so the message names only the cell; a notebook that is not JSON is named as a whole."""
    cells = ["x = 1", "tuner = HyperparameterTuner(<here>)"]
    notebook = json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": each} for each in cells]})
    for text, said in ((notebook, "Cell 2 belongs to"), (notebook[:-2], "This file names")):
        (finding,) = Engine(rules("unreadable-definition")).problems(*read_source("x.ipynb", text.encode()))
        assert finding.text[0].startswith(f"{said} a tuning job and cannot be read: ")


def test_a_value_that_is_left_to_the_reader_is_a_note() -> None:
    """Its author knows of it. Where the rule is locked, it is an error: no comment hides a job from a lock."""
    (rule,) = rules("unreadable-definition")
    read = read_source("x.py", b"from sagemaker.tuner import HyperparameterTuner\nHyperparameterTuner(a)\nb = # TODO")
    for own, level in ((rule, "note"), (replace(rule, fails_from="error"), "error")):
        (finding,) = Engine((own,)).problems(*read)
        assert (finding.level, finding.text[0].rpartition(": ")[2]) == (level, "`b` has no value yet")


def test_a_mistake_of_ours_costs_a_rule_its_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure is reported in a short text, and stops the run only where a traceback is requested."""
    errors: list[Exception] = [ZeroDivisionError("oh"), Undecided("oh"), ZeroDivisionError("o" * 300)]
    reasons = ["ZeroDivisionError: oh", "undecided without an unknown value: oh", f"ZeroDivisionError: {'o' * 180}…"]
    monkeypatch.setattr(Judge, "violates", lambda _self, _subject: (_ for _ in ()).throw(errors.pop(0)))
    for reason in reasons:
        verdicts = probe(job())
        assert (verdicts.findings, verdicts.undecided) == ([], [])
        assert [(failure.reason, failure.source) for failure in verdicts.failures] == [(reason, "x.json")]
    monkeypatch.setenv("HPOLINT_DEBUG", "1")
    errors.append(ZeroDivisionError("oh"))
    with pytest.raises(ZeroDivisionError):
        probe(job())


def test_what_stays_open_knows_its_rule_job_and_place() -> None:
    """A subject's own path; what cannot be seen is the whole job's."""
    found = training(RoleArn="$ROLE")
    (judgement,) = probe(found, scope="training", when='training.RoleArn == ""').undecided
    assert (judgement.rule.name, judgement.job, judgement.path) == ("probe", found, ("TrainingJobDefinition",))
    assert [cause.reason for cause in judgement.causes] == ["is the placeholder $ROLE"]
    hidden = job(ParameterRanges="$RANGES")
    (judgement,) = probe(hidden, scope="parameter").undecided
    assert (judgement.rule.name, judgement.job, judgement.path) == ("probe", hidden, ())


CHANNELS = "training.InputDataConfig"


@pytest.mark.parametrize(
    "when",
    [
        'filter(c, c.ChannelName == "train").all(c, c.CompressionType == "Gzip")',
        'filter(c, c.CompressionType == "Gzip").size() > 0',
        'filter(c, c.ChannelName == "train").filter(d, d.InputMode == null).exists(e, e.CompressionType == "Gzip")',
        'filter(c, c.ChannelName == "train").map(c, c.CompressionType == "Gzip").exists(b, b)',
        'filter(c, c.ChannelName == "train")[0].CompressionType == "Gzip"',
        'all(c, c.ChannelName != "train" || c.CompressionType == "Gzip")',
        'exists_one(c, c.CompressionType == "Gzip")',
    ],
)
def test_an_unknown_member_within_a_macro_leaves_a_rule_undecided(when: str) -> None:
    """Three values hold inside of comprehensions: such a rule is undecided, and does not fail."""
    rule = breaks("warning", f"{CHANNELS} != null && {CHANNELS}.{when}", scope="training")
    channels = [{"ChannelName": "train", "CompressionType": "${KIND}"}, {"ChannelName": "b", "CompressionType": "None"}]
    request = {
        "HyperParameterTuningJobConfig": {"Strategy": "Random"},
        "TrainingJobDefinition": {"InputDataConfig": channels},
    }
    (job,) = read_source("job.json", json.dumps(request).encode())[1].jobs
    found = Verdicts()
    assert Engine((rule,)).raised(job, found) == []
    assert found.failures == []
    assert [[cause.reason for cause in each.causes] for each in found.undecided] == [["is the placeholder ${KIND}"]]
