"""The engine: three verdicts, one failing rule among others, fixes that do no harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from hpolint.engine.engine import Engine
from hpolint.model.finding import Verdicts
from hpolint.model.job import Observation, TuningJob
from hpolint.model.node import Path, Scalar, Struct, Unknown
from hpolint.model.observations import ArgumentDropped
from hpolint.model.rule import FixTemplate, Rule, RuleSentence
from hpolint.model.settings import RuleSettings, Settings
from hpolint.model.source import Span
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from hpolint.registry.choosing import chosen_rules
from tests.requests import sound

RULE = Rule(
    name="probe",
    category="policy",
    file="probe.md",
    summary="A probe",
    level="warning",
    precision="high",
    scope="job",
    since="0.1.0",
    sources=["https://example.com"],
    body="",
    when="true",
    message=[RuleSentence("found")],
)


GPU = {"InstanceType": "ml.g5.12xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
"""What a dear trial runs on."""


def job(**config: Any) -> TuningJob:
    """The sound request with other config members."""
    request = sound()
    request["HyperParameterTuningJobConfig"] |= config
    (found,) = read_source("x.json", json.dumps(request, indent=1).encode())[1].jobs
    return found


def probe(job: TuningJob, **changes: Any) -> Verdicts:
    """What one rule says."""
    return Engine((replace(RULE, **changes),)).judge(job)


def rules(*names: str) -> tuple[Rule, ...]:
    """Built-in rules by name."""
    return tuple(rule for rule in builtin_rules() if rule.name in names)


def test_a_rule_never_fires_on_a_guess() -> None:
    """What an unknown value decides stays open, with that value's reason and place."""
    verdicts = probe(job(Strategy="$STRATEGY"), when='config.Strategy == "Grid"')
    assert verdicts.findings == []
    ((judgement),) = verdicts.undecided
    ((cause),) = judgement.causes
    assert cause.reason == "is the placeholder $STRATEGY"
    assert cause.span.line == 4


def test_a_rule_that_does_not_need_the_unknown_value_is_decided() -> None:
    """Knowing less never opens a judgement that the rest settles."""
    verdicts = probe(job(Strategy="$STRATEGY"), when='config.Strategy == "Grid" && budget.trials > 1000')
    assert (verdicts.findings, verdicts.undecided) == ([], [])


def test_absent_is_null_and_not_the_default() -> None:
    """A rule can test for null: an absent member does not get the API's default value."""
    assert probe(job(), when="config.RandomSeed == null").findings
    assert not probe(job(RandomSeed=1), when="config.RandomSeed == null").findings


CONFIG = "HyperParameterTuningJobConfig"
BAD = "config.Strategy.matches('(')"
FAILING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "condition": ({"when": BAD}, []),
    "condition of all subjects": ({"when": BAD, "scope": "parameter"}, []),
    "condition of possible values": ({"when": 'config.RandomSeed > 0 ? config.Strategy.matches("(") : false'}, []),
    "level": ({"level": f"{{{BAD} ? 'error' : 'note'}}"}, []),
    "message": ({"message": [RuleSentence(f"{{{BAD}}}")]}, ["A probe"]),
    "template": ({"message": [RuleSentence("{1 +}")]}, ["A probe"]),
    "format": ({"message": [RuleSentence("{config.Strategy:.2f}")]}, ["A probe"]),
    "sentence": (
        {"message": [RuleSentence("found"), RuleSentence(f"{{{BAD}}}"), RuleSentence("last")]},
        ["Found", "Last"],
    ),
    "sentence of a group": (
        {
            "group": "job",
            "scope": "parameter",
            "when": "true",
            "message": [RuleSentence("{names}", f"count < 2 || {BAD}"), RuleSentence("last")],
        },
        ["Last"],
    ),
    "fix": ({"fix": FixTemplate("safe", None, {f"{CONFIG}.Other": f"{{{BAD} ? 1 : 2}}"}, [])}, ["Found"]),
}
"""What fails in a rule, and what is left of its finding's message."""


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_in_a_rule_costs_that_part(name: str) -> None:
    """A message that cannot be made leaves the finding without its detail, a condition costs the verdict.

    It is said once for all subjects of a file, with rule and place, and the other rules are not affected.
    """
    changes, texts = FAILING[name]
    ranges = [{"Name": each, "MinValue": "1", "MaxValue": "9"} for each in "ab"]
    found = job(ParameterRanges={"IntegerParameterRanges": ranges}, RandomSeed=1)
    config = found.request.members[CONFIG]
    assert isinstance(config, Struct)
    seed = Unknown("is one of two", config.anchor, choices=(Scalar(1, config.anchor), Scalar(2, config.anchor)))
    config = replace(config, members={**config.members, "RandomSeed": seed})
    request = replace(found.request, members={**found.request.members, CONFIG: config})
    found = replace(found, request=request, observations=[])
    broken = replace(RULE, **changes, name="broken")
    verdicts = Engine((broken, RULE)).judge(found)
    assert [(failure.rule.name, failure.source) for failure in verdicts.failures] == [("broken", "x.json")]
    assert verdicts.failures[0].line is not None
    assert f"x.json:{verdicts.failures[0].line}: " in verdicts.failures[0].text
    assert [list(each.text) for each in verdicts.findings if each.rule.name == "broken"] == ([texts] if texts else [])
    assert [each.rule.name for each in verdicts.findings if each.rule.name != "broken"] == ["probe"]
    assert all(each.fix is None for each in verdicts.findings)


def test_a_sentence_with_an_unknown_value_is_omitted_but_the_finding_is_kept() -> None:
    """A sentence with an unknown or null value is omitted; the summary is printed if no sentence remains."""
    found = probe(
        job(RandomSeed="$SEED"),
        message=[*map(RuleSentence, ("{config.RandomSeed}", "{config.StrategyConfig}", "kept"))],
    )
    assert found.findings[0].text == ("Kept",)
    assert probe(job(), message=[RuleSentence("{config.RandomSeed}")]).findings[0].text == ("A probe",)


def test_neither_of_two_alternative_sentences_is_printed_for_an_unknown_condition() -> None:
    """What an unknown value decides is not stated either way; the first sentence is said in any case."""
    either = RuleSentence("even", "config.RandomSeed != null && config.RandomSeed % 2 == 0", "odd")
    found = probe(job(RandomSeed="$SEED"), message=[RuleSentence("first"), either]).findings
    assert found[0].text == ("First",)
    assert probe(job(RandomSeed=3), message=[RuleSentence("first"), either]).findings[0].text == ("First", "Odd")
    assert probe(job(RandomSeed="$SEED"), message=[either]).findings[0].text == ("Odd",)


def test_a_logarithm_of_unknown_end_gets_no_advice_on_a_guess() -> None:
    """Whether a part of the range lies above 0 is not known."""
    range_ = {"Name": "a", "MinValue": "0", "MaxValue": "${TOP}", "ScalingType": "Logarithmic"}
    found = job(ParameterRanges={"ContinuousParameterRanges": [range_]})
    (finding,) = Engine(rules("log-scale-needs-positive-range")).judge(found).findings
    assert len(finding.text) == 1


def test_options_are_thresholds() -> None:
    """A user's value takes the place of the default."""
    (rule,) = rules("grid-search-on-large-space")
    grid = job(Strategy="Grid", ParameterRanges={"CategoricalParameterRanges": [{"Name": "a", "Values": ["1", "2"]}]})
    assert not Engine((rule,)).judge(grid).findings
    options = {"grid-search-on-large-space": {"max_combinations": 1}}
    settings = Settings(rules=RuleSettings(options=options))
    (chosen,) = [each for each in chosen_rules(settings) if each.name == rule.name]
    assert Engine((chosen,)).judge(grid).findings


def test_the_first_path_that_was_written_is_shown() -> None:
    """The exact value if there is one, else the anchor of what should hold it."""
    at = ["HyperParameterTuningJobConfig.RandomSeed", "HyperParameterTuningJobConfig.Strategy"]
    (finding,) = probe(job(), at=at).findings
    assert finding.path == ("HyperParameterTuningJobConfig", "Strategy")
    (finding,) = probe(job(), at=["HyperParameterTuningJobConfig.RandomSeed"]).findings
    assert job().source.read(finding.span) == '"HyperParameterTuningJobConfig"'


def test_of_paths_that_nobody_wrote_the_first_is_shown() -> None:
    """At the anchor of what should hold it, whatever holds the others."""
    at = ["HyperParameterTuningJobConfig.RandomSeed", "TrainingJobDefinition.RetryStrategy"]
    (finding,) = probe(job(), at=at).findings
    assert finding.path == ("HyperParameterTuningJobConfig", "RandomSeed")
    assert job().source.read(finding.span) == '"HyperParameterTuningJobConfig"'


@pytest.mark.parametrize(
    ("at", "path", "shown"),
    [
        ([], ("TrainingJobDefinition",), '"TrainingJobDefinition"'),
        (["StoppingCondition"], ("TrainingJobDefinition", "StoppingCondition"), '"StoppingCondition"'),
    ],
)
def test_a_finding_about_a_definition_is_shown_in_it(at: list[str], path: Path, shown: str) -> None:
    """The paths of a rule begin at what it judges; without any, that itself is shown."""
    (finding,) = probe(job(), scope="training", at=at).findings
    assert finding.path == path
    assert job().source.read(finding.span) == shown


def test_an_observation_is_shown_at_its_own_place_unless_the_rule_names_another() -> None:
    """Its path says which member it is about, which may stand elsewhere."""
    found, place = job(), Span(2, 1, 2, 2)
    found.observations.append(Observation(("Tags",), place, ArgumentDropped("tag", "Estimator", [], known=False)))
    observing = {"scope": "observation", "observes": "argument-dropped"}
    (finding,) = probe(found, **observing).findings
    assert (finding.path, finding.span) == (("Tags",), place)
    (finding,) = probe(found, **observing, at=["Value"]).findings
    assert (finding.path, finding.span) == (("Tags", "Value"), found.request.anchor)


def test_each_scope_has_its_subjects() -> None:
    """One job, its definitions, its parameters, and what the reader observed."""
    found = job(
        ParameterRanges={"IntegerParameterRanges": [{"Name": n, "MinValue": "1", "MaxValue": "2"} for n in "ab"]}
    )
    found.observations.append(
        Observation(("Tags",), Span(1, 1, 1, 2), ArgumentDropped("tag", "Estimator", [], known=False))
    )
    assert len(probe(found).findings) == 1
    assert len(probe(found, scope="training").findings) == 1
    assert len(probe(found, scope="parameter").findings) == 2
    when = 'observation.name == "tag"'
    assert len(probe(found, scope="observation", observes="argument-dropped", when=when).findings) == 1
    assert probe(found, scope="observation", observes="yaml-boolean", when="true").findings == []


def test_an_open_list_leaves_its_unseen_members_open() -> None:
    """Known ranges are judged one by one; that there may be more is said."""
    found = job(ParameterRanges={"ContinuousParameterRanges": "$MORE", "IntegerParameterRanges": [
        {"Name": "a", "MinValue": "1", "MaxValue": "2"}]})  # fmt: skip
    verdicts = probe(found, scope="parameter")
    assert len(verdicts.findings) == 1
    assert [cause.reason for open_ in verdicts.undecided for cause in open_.causes] == ["is the placeholder $MORE"]


def test_a_fix_keeps_types_and_is_all_or_nothing() -> None:
    """A value that is only ``{CEL}`` keeps its type; with an unknown value there is no fix."""
    path = "HyperParameterTuningJobConfig.RandomSeed"
    (finding,) = probe(job(), fix=FixTemplate("safe", None, {path: "{1 + 1}"}, [])).findings
    assert finding.fix is not None
    assert finding.fix.set == {("HyperParameterTuningJobConfig", "RandomSeed"): 2}
    (finding,) = probe(job(), fix=FixTemplate("safe", None, {path: "{config.RandomSeed}"}, [])).findings
    assert finding.fix is None
    (finding,) = probe(job(), fix=FixTemplate("safe", "false", {path: 1}, [])).findings
    assert finding.fix is None


def test_a_fix_that_would_make_another_rule_fire_is_not_offered() -> None:
    """Fixing one finding does not cause another that is as severe."""
    fix = FixTemplate("safe", None, {"HyperParameterTuningJobConfig.Strategy": "bayesian"}, [])
    alone = probe(job(), fix=fix).findings[0]
    assert alone.fix is not None
    both = Engine((replace(RULE, fix=fix), *rules("invalid-request"))).judge(job()).findings[0]
    assert both.fix is None


def test_wrong_types_are_invalid_and_nothing_else() -> None:
    """No other rule stumbles over a value that the API would not take."""
    found = job(ResourceLimits={"MaxParallelTrainingJobs": "ten", "MaxNumberOfTrainingJobs": None})
    verdicts = Engine(chosen_rules(Settings())).judge(found)
    assert {finding.rule.name for finding in verdicts.findings} == {"invalid-request"}
    assert verdicts.failures == []


def test_the_sound_request_is_clean() -> None:
    """The frame of all examples has nothing to say against it."""
    verdicts = Engine(chosen_rules(Settings())).judge(job())
    assert (verdicts.findings, verdicts.undecided, verdicts.failures) == ([], [], [])


def training(**members: Any) -> TuningJob:
    """The sound request with other members in its training job definition; None takes one away."""
    request = sound()
    request["TrainingJobDefinition"] |= members
    for name in [name for name, value in members.items() if value is None]:
        del request["TrainingJobDefinition"][name]
    (found,) = read_source("x.json", json.dumps(request, indent=1).encode())[1].jobs
    return found


def image(repository: str) -> dict[str, Any]:
    """An AlgorithmSpecification."""
    return {"TrainingImage": f"1.dkr.ecr.us-east-1.amazonaws.com/{repository}", "TrainingInputMode": "File"}


@pytest.mark.parametrize(
    ("members", "sentence", "fixed"),
    [
        ({}, 'Set `"MaxWaitTimeInSeconds": 10800`: it covers waiting and running', 10800),
        ({"AlgorithmSpecification": image("kmeans:1")}, "Lower `MaxRuntimeInSeconds` to at most 3600", None),
        ({"AlgorithmSpecification": image("${NAME}:1")}, None, None),
    ],
)
def test_a_wait_below_the_runtime_is_fixed_only_in_a_way_that_the_service_accepts(
    members: dict[str, Any], sentence: str | None, fixed: int | None
) -> None:
    """For an algorithm that saves no checkpoints a longer wait would be refused, too."""
    stopping = {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 3600}
    (finding,) = Engine(rules("max-wait-below-runtime")).judge(training(StoppingCondition=stopping, **members)).findings
    assert sentence is None or sentence in " ".join(finding.text)
    assert (finding.fix and list(finding.fix.set.values())) == (fixed and [fixed])


def test_a_finding_that_speaks_of_hours_knows_them() -> None:
    """The finding has the hours and their instance type, for a baseline to compare; other findings have none."""
    found = training(StoppingCondition={"MaxRuntimeInSeconds": 36_000})
    message = [RuleSentence("At worst {compute.written_hours} hours")]
    (priced,) = probe(found, scope="training", when="true", message=message).findings
    (silent,) = probe(found, scope="training", when="true", message=[RuleSentence("It is so")]).findings
    assert priced.cost is not None
    assert (priced.cost.instance_hours, priced.cost.instance_type) == (60.0, "ml.m5.xlarge")
    assert silent.cost is None


def test_a_fix_never_writes_over_an_unknown_value() -> None:
    """What a later step fills in is not ours to set."""
    stopping = {"MaxRuntimeInSeconds": 36_000, "MaxWaitTimeInSeconds": "${WAIT}"}
    found = training(StoppingCondition=stopping, EnableManagedSpotTraining=False, ResourceConfig=GPU)
    (finding,) = Engine(rules("missing-spot")).judge(found).findings
    assert finding.fix is None


def test_a_fix_lists_only_what_it_changes() -> None:
    """A value that stands there already is none of it; a fix of nothing is no fix."""
    path = "HyperParameterTuningJobConfig.Strategy"
    same = FixTemplate("safe", None, {path: "Bayesian"}, [])
    assert probe(job(), fix=same).findings[0].fix is None
    both = FixTemplate("safe", None, {path: "Bayesian", "HyperParameterTuningJobConfig.RandomSeed": 1}, [])
    (finding,) = probe(job(), fix=both).findings
    assert finding.fix is not None
    assert list(finding.fix.set.values()) == [1]


def test_each_definition_reports_its_own_hours() -> None:
    """The on-demand definition is not charged with what the other one costs."""
    request = sound()
    cheap = request.pop("TrainingJobDefinition") | {"DefinitionName": "cheap", "EnableManagedSpotTraining": False}
    cheap["ResourceConfig"] = GPU
    dear = cheap | {"DefinitionName": "dear", "EnableManagedSpotTraining": True}
    dear["ResourceConfig"] = {"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 4, "VolumeSizeInGB": 1}
    request["TrainingJobDefinitions"] = [cheap, dear]
    (found,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (finding,) = Engine(rules("missing-spot")).judge(found).findings
    assert "In the worst case they bill 6 instance-hours of ml.g5.12xlarge" in finding.text[1]


def test_definitions_that_cannot_be_seen_leave_the_job_open() -> None:
    """A known definition beside an unknown one does not make the space or the objective known."""
    request = sound()
    request["TrainingJobDefinitions"] = "${MORE}"
    request["HyperParameterTuningJobConfig"]["Strategy"] = "Grid"
    (found,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    assert probe(found, when="space.dimensions == 1").undecided
    assert probe(found, when='objective.type == "Minimize"').undecided


def test_a_described_job_is_a_record() -> None:
    """The job has been launched: no fix is offered, and the service has accepted the request's shape."""
    request = {**sound(), "HyperParameterTuningJobStatus": "Completed", "HyperParameterTuningJobName": "n" * 40}
    request["TrainingJobDefinition"] |= {"EnableManagedSpotTraining": False, "ResourceConfig": GPU}
    (found,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    (finding,) = Engine(chosen_rules(Settings())).judge(found).findings
    assert (finding.rule.name, finding.fix) == ("missing-spot", None)


def test_a_rule_that_lacks_an_option_is_not_asked() -> None:
    """As one that an organisation has not configured: neither a finding nor a failure."""
    (rule,) = rules("max-trials")
    assert rule.required_options == ("trials",)
    verdicts = Engine((rule,)).judge(job())
    assert (verdicts.findings, verdicts.undecided, verdicts.failures) == ([], [], [])
    assert (
        Engine((replace(rule.with_example_options, options={"trials": replace(rule.options["trials"], default=1)}),))
        .judge(job())
        .findings
    )


def test_a_fix_is_verified_for_each_parameter_that_it_changes() -> None:
    """Also where it leaves the first parameter unchanged: a rule that fires only on the second prevents the fix."""
    request = sound()
    two = [{"Name": name, "MinValue": "1", "MaxValue": "9", "ScalingType": "Linear"} for name in ("first", "second")]
    request["HyperParameterTuningJobConfig"]["ParameterRanges"] = {"IntegerParameterRanges": two}
    (found,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    fix = FixTemplate("safe", None, {"ScalingType": "Logarithmic"}, [])
    on_second = replace(RULE, scope="parameter", when='parameter.Name == "second"', fix=fix)
    no_logarithm = replace(RULE, name="no-logarithm", scope="parameter", when='parameter.ScalingType == "Logarithmic"')
    assert Engine((on_second,)).judge(found).findings[0].fix is not None
    assert Engine((on_second, no_logarithm)).judge(found).findings[0].fix is None
