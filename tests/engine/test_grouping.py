"""One cause, one finding: what is joined, what it says, and what it is known by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from hpolint.config.lookup import CheckOptions
from hpolint.engine.engine import Engine
from hpolint.engine.evaluation_context import EvaluationContext
from hpolint.engine.grouping import Raised, join_findings
from hpolint.engine.judge import Judge
from hpolint.model.finding import Finding, Related, Verdicts
from hpolint.model.fix import Fix
from hpolint.model.job import TuningJob
from hpolint.model.rule import FixTemplate, Rule, RuleSentence
from hpolint.model.source import Span
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from hpolint.reporters import sarif
from hpolint.run.check import check_paths
from tests.engine.test_engine import RULE
from tests.fixes import judged
from tests.requests import sound

SHARED = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("image", "arn:aws:iam::111122223333:role/r", 1, "ml.p3.16xlarge")
ranges = {"dropout": ContinuousParameter(0.1, 0.5)}
first = HyperparameterTuner(estimator, "loss", ranges, max_jobs=12)
second = HyperparameterTuner(estimator, "accuracy", ranges, max_jobs=15)
first.fit()
second.fit()
"""

PROBE = replace(
    RULE,
    scope="parameter",
    when="range.max != null && range.max > 1.0",
    group="job",
    message=[
        RuleSentence("{parameter.Name} is too wide", "count == 1", "{names} are too wide, {count} in all"),
        RuleSentence("`{parameter.Name}` ends at {range.max}"),
        RuleSentence("Narrow it"),
    ],
)


def job(**tops: float) -> TuningJob:
    """The sound request with continuous ranges up to some values."""
    request = sound()
    ranges = [{"Name": name, "MinValue": "0", "MaxValue": str(top)} for name, top in tops.items()]
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = {"ContinuousParameterRanges": ranges}
    (found,) = read_source("x.json", json.dumps(request, indent=1).encode())[1].jobs
    return found


def findings(job: TuningJob, rule: Rule = PROBE) -> list[Finding]:
    """What one rule says."""
    return Engine((rule,)).judge(job).findings


def test_several_parameters_of_a_job_are_one_finding() -> None:
    """It names them all once, keeps what differs, says what is the same once, and points at each of them."""
    (finding,) = findings(job(a=2.0, b=0.5, c=3.0))
    assert finding.text == ("`a` and `c` are too wide, 2 in all", "`a` ends at 2", "`c` ends at 3", "Narrow it")
    assert finding.count == 2
    assert [each.name for each in finding.related] == ["`c`"]
    assert len(findings(job(a=2.0, c=3.0), replace(PROBE, group=None))) == 2


def test_a_sentence_that_is_the_same_but_for_some_values_is_said_once() -> None:
    """Values with the format `each` are listed in one order; what else differs keeps the sentences apart."""
    say = "Narrow {parameter.Name:each}, which ends at {range.max:each}, to {range.max > 4.0 ? 2 : 1}"
    rule = replace(PROBE, message=[*PROBE.message[:1], RuleSentence(say)])
    (finding,) = findings(job(a=2.0, b=3.0, c=5.0, d=4.0, e=3.5), rule)
    assert finding.text[1:] == (
        "Narrow `a`, `b`, `d` and 1 more, which ends at `2`, `3`, `4` and 1 more, to 1",
        "Narrow `c`, which ends at `5`, to 2",
    )
    (alone,) = findings(job(a=2.0), rule)
    assert alone.text[1:] == ("Narrow `a`, which ends at `2`, to 1",)


def test_a_single_member_speaks_for_itself() -> None:
    """Nothing is joined, and nothing is said of several."""
    (finding,) = findings(job(a=2.0))
    assert finding.text == ("a is too wide", "`a` ends at 2", "Narrow it")
    assert (finding.count, finding.related) == (1, ())


def test_the_most_severe_level_of_the_members_counts() -> None:
    """One grave thing among light ones is not hidden by them."""
    rule = replace(PROBE, level="{range.max > 2.5 ? 'error' : 'note'}")
    assert [finding.level for finding in findings(job(a=2.0, c=3.0), rule)] == ["error"]
    assert [finding.level for finding in findings(job(a=2.0), rule)] == ["note"]


def test_a_member_without_a_fix_leaves_the_others_theirs() -> None:
    """What is clear is fixed, also beside what is not."""
    fix = FixTemplate("safe", None, {"MaxValue": "1"}, [])
    (finding,) = findings(job(a=2.0, c=3.0), replace(PROBE, fix=fix))
    assert finding.fix is not None
    assert len(finding.fix.set) == 2
    partly = replace(fix, when="range.max > 2.5")
    (finding,) = findings(job(a=2.0, c=3.0), replace(PROBE, fix=partly))
    assert finding.fix is not None
    assert len(finding.fix.set) == 1


def test_a_new_first_member_opens_no_new_alert() -> None:
    """GitHub knows a finding by its fingerprint, which is the group's."""
    ((one,), (other,)) = findings(job(b=2.0, c=3.0)), findings(job(z=0.5, a=2.0, c=3.0))
    assert one.path != other.path
    assert one.fingerprint == other.fingerprint


def python(text: str, *names: str) -> list[Finding]:
    """What some built-in rules say of a module."""
    _, reading = read_source("x.py", text.encode())
    engine = Engine(tuple(rule for rule in builtin_rules() if rule.name in names))
    verdicts = Verdicts()
    return engine.grouped([each for found in reading.jobs for each in engine.raised(found, verdicts)], verdicts)


def test_an_estimator_that_two_tuners_use_is_one_finding() -> None:
    """The finding names both jobs, its place is the estimator, and its fix fixes both."""
    (finding,) = python(SHARED, "missing-spot")
    assert finding.text[0].startswith("The trials of 2 tuning jobs run on demand")
    assert finding.text[1] == "The jobs are `first` and `second`"
    assert finding.span.line == 4
    assert finding.fix is not None
    assert finding.level == "warning"


def test_tuners_without_a_name_are_counted() -> None:
    """Nothing is said of `none`, nor of one job's numbers for both."""
    text = SHARED.replace("first = ", "").replace("second = ", "").replace("first.fit()\nsecond.fit()\n", "")
    (finding,) = python(
        text.replace("max_jobs=12)", "max_jobs=12).fit()").replace("max_jobs=15)", "max_jobs=15).fit()"), "missing-spot"
    )
    assert finding.text[0].startswith("The trials of 2 tuning jobs run on demand")
    assert not any("none" in sentence for sentence in finding.text)


def test_two_calls_have_two_fingerprints() -> None:
    """GitHub does not take the alert about one estimator for the other one's, whichever comes first."""
    line = SHARED.splitlines()[3]
    text = SHARED.replace(line, f"{line}\n{line.replace('estimator =', 'another =')}")
    text = text.replace("second = HyperparameterTuner(estimator", "second = HyperparameterTuner(another")
    assert {each.fingerprint for each in python(text, "missing-spot")} == {"(call estimator)", "(call another)"}


def test_an_estimator_of_its_own_is_a_finding_of_its_own() -> None:
    """Two causes stay two findings."""
    line = SHARED.splitlines()[3]
    text = SHARED.replace(line, f"{line}\n{line.replace('estimator =', 'another =')}")
    text = text.replace("second = HyperparameterTuner(estimator", "second = HyperparameterTuner(another")
    assert len(python(text, "missing-spot")) == 2


def test_static_values_of_a_call_are_one_finding() -> None:
    """Three names that the SDK drops are one line, not three."""
    text = (
        SHARED.replace(
            "ranges = {",
            "estimator.set_hyperparameters(dropout=1, eta=3)\nranges = {'eta': ContinuousParameter(1, 2), ",
        )
        .replace("second.fit()", "")
        .replace("second =", "_ =")
    )
    found = python(text, "static-shadowed-by-range")
    assert [finding.text[0] for finding in found] == [
        (
            "The static values of `dropout` and `eta` are outside their ranges, and the SDK drops them: "
            "no trial uses them"
        )
    ]


def test_joined_findings_are_whole_in_every_report(tmp_path: Path) -> None:
    """SARIF and the report have one result for the two tuners."""
    (tmp_path / "a.py").write_text(SHARED)
    report: Any = check_paths([str(tmp_path)], CheckOptions({"select": ["missing-spot"]}))
    assert [finding.count for finding in report.findings] == [2]
    log = json.loads(sarif.render(report))
    assert len(log["runs"][0]["results"]) == 1


def test_a_fix_of_a_shared_call_must_suit_every_job() -> None:
    """What is right for one tuner may be wrong for the other one of the same estimator."""
    source, reading = read_source("x.py", SHARED.encode())
    assert source.name == "x.py"
    path = "StoppingCondition.MaxRuntimeInSeconds"

    def findings_with(value: Any) -> list[Finding]:
        fix = FixTemplate("safe", None, {path: value}, [])
        rule = replace(RULE, scope="training", group="call", when="budget.trials != null", fix=fix)
        engine = Engine((rule,))
        verdicts = Verdicts()
        return engine.grouped([each for found in reading.jobs for each in engine.raised(found, verdicts)], verdicts)

    (alike,) = findings_with(3600)
    assert alike.fix is not None
    assert list(alike.fix.set.values()) == [3600]
    (unlike,) = findings_with("{budget.trials}")
    assert unlike.fix is None


def test_advice_that_cannot_be_followed_is_not_given() -> None:
    """A sentence that says what a fix writes goes with it; a finding that has no other says what its rule is about."""
    fix = FixTemplate("safe", None, {"MaxValue": "x"}, [])
    rule = replace(PROBE, group=None, message=[RuleSentence("Too wide"), RuleSentence("now {fix}")], fix=fix)
    (offered,) = findings(job(a=2.0), rule)
    assert offered.text == ("Too wide", 'Now set `"MaxValue": "x"`')
    broken = replace(RULE, name="broken", level="error", scope="parameter", when="parameter.MaxValue == 'x'")
    for message, texts in (
        (rule.message, ("Too wide",)),
        ([RuleSentence("now {fix}")], (rule.summary,)),
        ([RuleSentence("now {fix}"), RuleSentence("Narrow it")], ("Narrow it",)),
    ):
        (finding,) = Engine((replace(rule, message=message), broken)).judge(job(a=2.0)).findings
        assert finding.fix is None
        assert finding.text == texts


def test_names_that_are_one_count_once() -> None:
    """Two ranges of the same name count as one parameter; ranges without names are counted separately."""
    request = sound()
    range_ = {"Name": "a", "MinValue": "0", "MaxValue": "2"}
    kinds = {"ContinuousParameterRanges": [range_], "IntegerParameterRanges": [range_]}
    message = [RuleSentence("{names} and {count}"), RuleSentence("more")]
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = kinds
    (found,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (finding,) = findings(found, replace(PROBE, message=message))
    assert (finding.text[0], finding.count) == ("`a` and 1", 2)
    range_["Name"] = "$NAME"
    (found,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (finding,) = findings(found, replace(PROBE, message=[RuleSentence("{count} ranges")]))
    assert (finding.text, finding.count) == (("2 ranges",), 2)
    assert [each.name for each in finding.related] == ["here too"]


def test_a_job_that_raises_twice_is_counted_by_its_members() -> None:
    """Two definitions are two, though both belong to a job of one name."""
    request = sound()
    one = request.pop("TrainingJobDefinition") | {"DefinitionName": "one"}
    request["TrainingJobDefinitions"] = [one, {**one, "DefinitionName": "two"}]
    (found,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    rule = replace(RULE, scope="training", group="job", message=[RuleSentence("{count} of {names}")])
    (finding,) = findings(found, rule)
    assert finding.text == ("2 of `example`",)


def test_a_sentence_that_only_one_member_has_is_said() -> None:
    """The first one is the first member's alone; where nothing can be said, the summary is."""
    message = [RuleSentence("wide"), RuleSentence("far", "range.max > 2.5")]
    (finding,) = findings(job(a=2.0, c=3.0), replace(PROBE, message=message))
    assert finding.text == ("Wide", "Far")
    (finding,) = findings(job(a=2.0, c=3.0), replace(PROBE, message=[RuleSentence("far", "range.max > 2.5")]))
    assert finding.text == ("A probe",)


HERE, THERE = Span(1, 1, 1, 2), Span(2, 1, 2, 2)


def raised(fix: Fix | None, *, span: Span = HERE, found: TuningJob | None = None) -> Raised:
    """A finding of a rule that joins what it says of a call, at a place."""
    rule = replace(RULE, group="job")
    return Raised(Finding(rule, "warning", "x", span, (("said",),), ("a",), found, fix=fix))


A, B = ("A",), ("B",)


@pytest.mark.parametrize(
    ("fixes", "whole"),
    [
        ([Fix("safe", {A: 1}), Fix("safe", {B: 2})], Fix("safe", {A: 1, B: 2})),
        ([Fix("safe", {A: 1}), Fix("unsafe", {B: 2})], Fix("unsafe", {A: 1, B: 2})),
        ([Fix("unsafe", {A: 1}), Fix("safe", {A: 1})], Fix("unsafe", {A: 1})),
        ([Fix("safe", {}, (A,)), Fix("safe", {}, (B, A))], Fix("safe", {}, (A, B))),
        ([Fix("safe", {}, (), {A: "a"}), Fix("safe", {}, (), {B: "b"})], Fix("safe", {}, (), {A: "a", B: "b"})),
        ([Fix("safe", {A: 1}), None], Fix("safe", {A: 1})),
        ([None, Fix("safe", {A: 1})], Fix("safe", {A: 1})),
        ([None, None], None),
    ],
)
def test_the_fixes_of_one_job_are_one(fixes: list[Fix | None], whole: Fix | None) -> None:
    """All that they set, remove and rename, and as safe as the least safe of them; one without a fix leaves them."""
    for times in (1, 200):
        (finding,) = join_findings([raised(fix) for fix in fixes] * times, [])
        assert finding.fix == whole
        assert finding.count == 2 * times


def test_the_fixes_of_several_jobs_are_one_where_they_are_the_same() -> None:
    """Otherwise each would need its own."""
    one, other = job(a=2.0), job(a=2.0)
    rule = replace(RULE, group="call", scope="training")
    subjects = [EvaluationContext(each).subjects("training")[0] for each in (one, other)]
    for fixes, whole in (
        ([Fix("safe", {A: 1}), Fix("safe", {A: 1})], Fix("safe", {A: 1})),
        ([Fix("safe", {A: 1}), Fix("safe", {A: 2})], None),
        ([Fix("safe", {A: 1}), Fix("unsafe", {A: 1})], None),
        ([Fix("safe", {A: 1}), None], None),
    ):
        members = [
            Raised(Finding(rule, "warning", "x", HERE, (("said",),), job=found, fix=fix), Judge(rule), subject)
            for found, fix, subject in zip((one, other), fixes, subjects, strict=True)
        ]
        (finding,) = join_findings(members, [])
        assert finding.fix == whole


def test_each_place_is_shown_once() -> None:
    """The first member's is the finding's own; the others' come before what each names; one alone names its own."""
    own = (Related(THERE, "own"), Related(Span(3, 1, 3, 2), "third"), Related(HERE, "first"))
    members = [raised(None), raised(None, span=THERE)]
    members[0] = replace(members[0], finding=replace(members[0].finding, related=own))
    (finding,) = join_findings(members, [])
    assert [each.span.line for each in finding.related] == [2, 3]
    assert finding.span == HERE
    assert join_findings(members[:1], [])[0].related == own


def test_a_finding_without_a_fix_stays_what_it_is() -> None:
    """And one that loses it keeps all else."""
    without, with_ = raised(None), raised(Fix("safe", {A: 1}))
    assert without.without_fix() is without
    lost = with_.without_fix()
    assert asdict(lost.finding) == asdict(without.finding)
    assert asdict(replace(lost, finding=without.finding)) == asdict(without)


def test_what_holds_for_each_of_two_values_is_reported_alone() -> None:
    """Its message names the two values: joined with another range, the fix of the other would seem to be its own."""
    text = """from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
most = 0.1
if flag:
    most = 9
ranges = {"size": ContinuousParameter(1e-5, most, "Linear"), "width": ContinuousParameter(1e-5, 1, "Linear")}
tuner = HyperparameterTuner(estimator, "m", ranges, max_jobs=4)
"""
    found = [each for each in judged("a.py", text).findings if each.rule.name.startswith("linear-wide")]
    assert [("whether" in str(each.message), each.count, each.fix is not None) for each in found] == [
        (True, 1, False),
        (False, 1, True),
    ]
