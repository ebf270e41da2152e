"""Facts: their arithmetic, and that an unknown value never becomes one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.engine.engine import Engine
from hpolint.engine.evaluation_context import EvaluationContext, Subject
from hpolint.facts.algorithm import image_repository
from hpolint.facts.parameter_role import role
from hpolint.facts.range import range_facts
from hpolint.model.finding import Finding
from hpolint.model.node import Scalar, Struct, Unknown
from hpolint.model.settings import Settings
from hpolint.model.source import Span
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from hpolint.registry.choosing import chosen_rules
from hpolint.registry.vocabulary import types
from tests.requests import sound

HERE = Span(1, 1, 1, 2)


def binding(**changes: Any) -> EvaluationContext:
    """The sound request, with config members, ``definition`` members or whole members replaced."""
    request = sound()
    request["TrainingJobDefinition"] |= changes.pop("definition", {})
    for name in [name for name in changes if name in ("TrainingJobDefinition", "TrainingJobDefinitions", "Autotune")]:
        request[name] = changes.pop(name)
        if request[name] is None:
            del request[name]
    request["HyperParameterTuningJobConfig"] |= changes
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    return EvaluationContext(job)


def fact(subject: Subject, name: str, field: str) -> Any:
    """A fact's value, or the reason why it is unknown."""
    below = subject.unknowns.get(name, {})
    unknown = below if isinstance(below, Unknown) else below.get(field)
    return unknown.reason if isinstance(unknown, Unknown) else subject.values[name][field]


def ranges(**kinds: Any) -> dict[str, Any]:
    """ParameterRanges by kind; a tuple is a numeric range, a list a categorical one."""
    found: dict[str, list[Any]] = {}
    for kind, values in kinds.items():
        for index, value in enumerate(values):
            range_: dict[str, Any] = {"Name": f"{kind}{index}"}
            range_ |= {"Values": value} if kind == "Categorical" else {"MinValue": value[0], "MaxValue": value[1]}
            found.setdefault(f"{kind}ParameterRanges", []).append(range_)
    return {"ParameterRanges": found}


@pytest.mark.parametrize(
    ("kinds", "combinations"),
    [
        ({"Categorical": [["a", "b"], ["x", "y", "z"]]}, 6),
        ({"Integer": [("1", "10")], "Categorical": [["a", "b"]]}, 20),
        ({"Continuous": [("0", "1")], "Integer": [("1", "2")]}, None),
        ({"Categorical": [["a", "$B"]]}, 2),
        ({"Integer": [("1", "$TOP")]}, "is the placeholder $TOP"),
        ({"Integer": [("1", "$TOP")], "Continuous": [("0", "1")]}, None),
        ({"Categorical": ["$VALUES"]}, "is the placeholder $VALUES"),
        ({}, 0),
    ],
)
def test_space(kinds: dict[str, Any], combinations: Any) -> None:
    """An integer range counts max - min + 1, a continuous one has no end, an unknown one no number."""
    subject = binding(**ranges(**kinds)).subjects("job")[0]
    assert fact(subject, "space", "combinations") == combinations


def test_space_of_several_definitions_is_their_sum() -> None:
    """Each definition's trials are drawn from its own ranges."""
    one = {**sound()["TrainingJobDefinition"], "DefinitionName": "one"}
    own = ranges(Categorical=[["a", "b"]])["ParameterRanges"]
    two = {**one, "DefinitionName": "two", "HyperParameterRanges": own}
    bound = binding(
        TrainingJobDefinition=None, TrainingJobDefinitions=[{**one, "HyperParameterRanges": own}, two], **ranges()
    )
    assert fact(bound.subjects("job")[0], "space", "combinations") == 4
    assert bound.subjects("job")[0].values["training"] is None


def test_autotune_leaves_the_space_unknown_without_ranges() -> None:
    """Written ranges are kept; without any, the service chooses the space."""
    auto = {"Mode": "Enabled"}
    assert fact(binding(Autotune=auto, **ranges()).subjects("job")[0], "space", "combinations").startswith(
        "SageMaker picks"
    )
    assert fact(binding(Autotune=auto).subjects("job")[0], "space", "combinations") == 7


@pytest.mark.parametrize(
    ("name", "numeric"),
    [("depth", ["depth"]), ("$NAME", "is the placeholder $NAME"), (5, "does not have the type that the API requires")],
)
def test_numeric_parameters_are_known_by_their_names(name: Any, numeric: Any) -> None:
    """The fact lists all numeric parameters by names that are texts, or it is unknown, with the reason."""
    given = ranges(Integer=[("1", "7")])
    given["ParameterRanges"]["IntegerParameterRanges"][0]["Name"] = name
    assert fact(binding(**given).subjects("job")[0], "space", "numeric") == numeric


@pytest.mark.parametrize(
    ("chosen", "dimensions"),
    [
        ("$NAMES", "is the placeholder $NAMES"),
        ([{"Name": "depth", "ValueHint": "5"}], "SageMaker picks these ranges itself"),
        ([], 1),
    ],
)
def test_parameters_whose_ranges_the_service_chooses_leave_the_space_open(chosen: Any, dimensions: Any) -> None:
    """The size is unknown if the service chooses a part of the space, or if a part cannot be read."""
    given = ranges(Integer=[("1", "7")])
    given["ParameterRanges"]["AutoParameters"] = chosen
    assert fact(binding(**given).subjects("job")[0], "space", "dimensions") == dimensions


@pytest.mark.parametrize(
    ("limits", "strategy", "trials", "rounds"),
    [
        ({"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 8}, "Bayesian", 20, 3),
        ({"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 1}, "Bayesian", 20, 20),
        ({"MaxParallelTrainingJobs": 8}, "Bayesian", None, None),
        ({"MaxParallelTrainingJobs": 3}, "Grid", 7, 3),
        ({"MaxParallelTrainingJobs": 3}, "$S", "is the placeholder $S", "is the placeholder $S"),
        ({"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": "$P"}, "Grid", 7, "is the placeholder $P"),
        ({"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 2}, "Grid", 5, 3),
        (
            {"MaxNumberOfTrainingJobs": 20},
            "Random",
            20,
            "`MaxParallelTrainingJobs` is missing, but the API requires it",
        ),
        ({"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 0}, "Random", 5, None),
    ],
)
def test_budget(limits: dict[str, Any], strategy: str, trials: Any, rounds: Any) -> None:
    """A grid has no more trials than combinations; rounds are rounded up."""
    subject = binding(ResourceLimits=limits, Strategy=strategy).subjects("job")[0]
    assert fact(subject, "budget", "trials") == trials
    assert fact(subject, "budget", "rounds") == rounds


def test_instance_hours_are_the_smaller_of_both_bounds() -> None:
    """Trials x runtime cap x instances, or the tuning job's own runtime x parallel x instances."""
    limits = {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 2}
    definition = {
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 3, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
    }
    subject = binding(ResourceLimits=limits, definition=definition).subjects("job")[0]
    assert fact(subject, "budget", "instance_hours") == 10 * 2 * 3
    capped = binding(ResourceLimits={**limits, "MaxRuntimeInSeconds": 3600}, definition=definition).subjects("job")[0]
    assert fact(capped, "budget", "instance_hours") == 1 * 2 * 3


def test_the_dearest_definition_is_unknown_where_one_is() -> None:
    """The most that a job can bill is unknown while the instances of one of its definitions are."""
    limits = {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 2}
    definitions = []
    for count in (3, "$COUNT"):
        definition = sound()["TrainingJobDefinition"]
        definition["ResourceConfig"] = {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 1}
        definitions.append(definition)
    found = binding(ResourceLimits=limits, TrainingJobDefinition=None, TrainingJobDefinitions=definitions)
    assert fact(found.subjects("job")[0], "budget", "instance_hours") == "is the placeholder $COUNT"


def test_compute() -> None:
    """Absent spot is false, the default cap is a day, and flexible instances count the most."""
    resources = {
        "InstanceConfigs": [
            {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            {"InstanceType": "ml.c5.large", "InstanceCount": 4, "VolumeSizeInGB": 1},
        ]
    }
    definition = {**sound()["TrainingJobDefinition"], "StoppingCondition": {}}
    definition["HyperParameterTuningResourceConfig"] = resources
    del definition["EnableManagedSpotTraining"], definition["ResourceConfig"]
    (subject,) = binding(TrainingJobDefinition=definition).subjects("training")
    assert fact(subject, "compute", "spot") is False
    assert fact(subject, "compute", "runtime_cap") == 86_400
    assert fact(subject, "compute", "runtime_cap_written") is False
    assert fact(subject, "compute", "instance_count") == 4
    assert fact(subject, "compute", "instance_type") is None


WRONG = [3600, "1h", [{"MaxRuntimeInSeconds": 3600}], None, True]


@pytest.mark.parametrize(
    ("members", "facts"),
    [
        *(({"StoppingCondition": wrong}, ["runtime_cap", "runtime_cap_written", "max_wait"]) for wrong in WRONG),
        ({"StoppingCondition": {"MaxRuntimeInSecond": 3600}}, ["runtime_cap", "runtime_cap_written"]),
        ({"StoppingCondition": {"MaxRuntime": 3600}}, ["runtime_cap", "runtime_cap_written"]),
        ({"StoppingCondition": {"max_runtime_in_seconds": 3600}}, ["runtime_cap", "runtime_cap_written"]),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": "3600"}}, ["runtime_cap", "runtime_cap_written"]),
        ({"StoppingCondition": {"MaxWaitTimeInSecs": 3600}}, ["max_wait"]),
        ({"StopCondition": {"MaxRuntimeInSeconds": 3600}}, ["runtime_cap", "runtime_cap_written", "max_wait"]),
        ({"EnableManagedSpotTrainng": True}, ["spot"]),
        ({"EnableManagedSpotTraining": "yes"}, ["spot"]),
        ({"ManagedSpot": True}, ["spot"]),
        *(({"ResourceConfig": wrong}, ["instance_type", "instance_count", "reserved"]) for wrong in WRONG),
        ({"ResourceConf": {}}, ["instance_type", "instance_count", "reserved"]),
        ({"ResourceConfig": {"InstanceTypes": "local"}}, ["instance_type"]),
        ({"ResourceConfig": {"InstanceCounts": 4}}, ["instance_count"]),
        ({"ResourceConfig": {"InstanceGroups": {"InstanceCount": 4}}}, ["instance_type", "instance_count"]),
        ({"ResourceConfig": {"InstanceGroups": [{"InstanceCounts": 4}]}}, ["instance_count"]),
        ({"ResourceConfig": {"TrainingPlan": "arn"}}, ["reserved"]),
        ({"HyperParameterTuningResourceConfig": "ml.m5.large"}, ["instance_type", "instance_count"]),
        ({"HyperParameterTuningResourceConfig": {"InstanceConfigs": {}}}, ["instance_type", "instance_count"]),
        ({"HyperparameterTuningResourceConfigs": {}}, ["instance_type", "instance_count"]),
    ],
)
def test_no_default_counts_for_what_the_service_would_refuse(members: dict[str, Any], facts: list[str]) -> None:
    """A structure of the wrong type and a misspelt name are not absent: what was meant is unknown."""
    replaced = {"StopCondition": "StoppingCondition", "ResourceConf": "ResourceConfig"}
    replaced["HyperparameterTuningResourceConfigs"] = replaced["HyperParameterTuningResourceConfig"] = "ResourceConfig"
    definition = {**sound()["TrainingJobDefinition"], **members}
    for name in ("EnableManagedSpotTraining", *(replaced[each] for each in members if each in replaced)):
        if name not in members:
            del definition[name]
    (subject,) = binding(TrainingJobDefinition=definition).subjects("training")
    for name in facts:
        reason = fact(subject, "compute", name)
        assert reason in ("does not have the type that the API requires", "may be set under a misspelt name"), name


@pytest.mark.parametrize(
    ("config", "group", "name"),
    [
        ({"ResourceLimits": {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJob": 5}}, "budget", "trials"),
        (
            {"ResourceLimits": {"MaxParallelTrainingJobs": 2, "max_jobs": 5, "MaxRuntime": 9}},
            "budget",
            "instance_hours",
        ),
        ({"ResourceLimits": 5}, "budget", "trials"),
        ({"ResourceLimits": [{"MaxNumberOfTrainingJobs": 5}]}, "budget", "rounds"),
        ({"TrainingJobEarlyStopping": "Auto"}, "config", "TrainingJobEarlyStoppingType"),
        ({"EarlyStoppingType": "Auto"}, "config", "TrainingJobEarlyStoppingType"),
        ({"TrainingJobEarlyStoppingType": {}}, "config", "TrainingJobEarlyStoppingType"),
        ({"ParameterRanges": []}, "space", "dimensions"),
        ({"ParameterRanges": {"CategoricalParameterRange": []}}, "space", "combinations"),
        ({"ParameterRanges": {"IntegerParameterRanges": {"Name": "a"}}}, "space", "combinations"),
        ({"HyperParameterTuningJobObjective": "auc"}, "objective", "metric"),
        ({"HyperParameterTuningJobObjective": {"Metric": "auc"}}, "objective", "metric"),
    ],
)
def test_no_absence_counts_beside_a_name_that_may_have_been_meant(config: Any, group: str, name: str) -> None:
    """For the whole job, too: a budget without a limit, a search without early stopping, an empty space."""
    request = sound()
    request["HyperParameterTuningJobConfig"].pop("TrainingJobEarlyStoppingType")
    request["HyperParameterTuningJobConfig"] |= config
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    subject = EvaluationContext(job).subjects("job")[0]
    below = subject.unknowns[group]
    assert isinstance(below if isinstance(below, Unknown) else below[name], Unknown)
    assert name not in subject.values.get(group, {})


@pytest.mark.parametrize("name", ["Environments", "x" * 200, "Enabled", "Spot"])
def test_a_name_that_is_like_no_other_leaves_absences_as_they_are(name: str) -> None:
    """What is not there is absent although the service refuses what stands beside it."""
    definition = {**sound()["TrainingJobDefinition"], name: 1}
    del definition["EnableManagedSpotTraining"]
    (subject,) = binding(TrainingJobDefinition=definition).subjects("training")
    assert fact(subject, "compute", "spot") is False
    assert subject.values["training"]["EnableManagedSpotTraining"] is None


@pytest.mark.parametrize(
    "stopping", [3600, [], {"MaxRuntimeInSecond": 3600, "MaxWaitTimeInSeconds": 7200}], ids=["number", "list", "name"]
)
def test_the_finding_about_a_refused_structure_stands_alone(stopping: Any) -> None:
    """No rule judges a wait from the service's default of a day."""
    found = findings({"StoppingCondition": stopping, "EnableManagedSpotTraining": True})
    assert [finding.rule.name for finding in found] == ["invalid-request"]


def test_advice_about_a_refused_structure_says_nothing_of_the_default() -> None:
    """Trials on demand are still reported, but without their cost, and no fix relies on the default of a day."""
    gpu = {"InstanceType": "ml.g5.12xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    on_demand = {"StoppingCondition": 3600, "EnableManagedSpotTraining": False, "ResourceConfig": gpu}
    (spot,) = [finding for finding in findings(on_demand) if finding.rule.name == "missing-spot"]
    assert "86400" not in " ".join(spot.text)
    assert "instance-hours" not in " ".join(spot.text)
    assert spot.fix is None


def findings(definition: dict[str, Any]) -> list[Finding]:
    """What all rules find in the sound request with other members of its definition."""
    request = sound()
    request["TrainingJobDefinition"] |= definition
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    return Engine(chosen_rules(Settings())).judge(job).findings


def numeric(low: str, high: str) -> Struct:
    """A range structure."""
    return Struct({"MinValue": Scalar(low, HERE), "MaxValue": Scalar(high, HERE)}, HERE, HERE)


def test_range_arithmetic() -> None:
    """Decades, and where a linear search spends its trials."""
    facts = range_facts("continuous", numeric("1e-5", "0.1"))
    assert (facts.decades, facts.top_decade_from) == (4.0, 0.01)
    assert round(facts.top_decade_share, 3) == 0.9  # type: ignore[arg-type]
    near = range_facts("continuous", numeric("0.9", "0.999"))
    assert near.decades_to_one == 2.0
    assert round(near.near_one_share, 3) == 0.091  # type: ignore[arg-type]
    assert range_facts("continuous", numeric("0", "1")).decades is None
    assert range_facts("continuous", numeric("0.5", "1")).decades_to_one is None
    assert range_facts("categorical", numeric("a", "b")).min is None
    assert range_facts("continuous", numeric("0.003", "0.1")).decades == 1.522879
    assert range_facts("continuous", numeric("0.25", "0.9")).decades_to_one == 0.875061


def test_on_a_logarithmic_scale_no_trials_stay_far_from_one() -> None:
    """A range on a logarithmic scale has its decades, and no linear share near one."""
    linear = range_facts("continuous", numeric("0.1", "0.9"))
    range_ = numeric("0.1", "0.9")
    range_.members["ScalingType"] = Scalar("Logarithmic", HERE)
    logarithmic = range_facts("continuous", range_)
    assert isinstance(linear.near_one_share, float)
    assert logarithmic.near_one_share is None
    assert (logarithmic.top_decade_from, logarithmic.decades) == (linear.top_decade_from, linear.decades)


@pytest.mark.parametrize("text", ["abc", "", "1e999", "nan", "0x10", "1_000", "1,5"])
def test_a_bound_that_is_no_number_is_unknown(text: str) -> None:
    """No rule stumbles over it or takes it for zero."""
    facts = range_facts("continuous", numeric(text, "1"))
    assert isinstance(facts.min, Unknown)
    assert isinstance(facts.decades, Unknown)


@pytest.mark.parametrize(
    ("name", "algorithm", "expected"),
    [
        ("learning_rate", None, "learning_rate"),
        ("learning-rate", None, "learning_rate"),
        ("Learning.Rate", None, "learning_rate"),
        ("--lr", None, "learning_rate"),
        ("head_lr", None, "learning_rate"),
        ("adam_learning_rate", None, "learning_rate"),
        ("lr_scheduler_type", None, None),
        ("min_lr", None, None),
        ("colr", None, None),
        ("lr_actor", None, "learning_rate"),
        ("dropout-conv", None, "fraction"),
        ("C_head", None, None),
        ("min_lr_critic", None, None),
        ("weight-decay", None, "regularization"),
        ("C", None, "regularization"),
        ("c", None, None),
        ("momentum", None, "near_one"),
        ("sgd_momentum", None, "near_one"),
        ("bn_momentum", None, None),
        ("alpha", "xgboost", "regularization"),
        ("alpha", None, None),
        ("gamma", "xgboost", None),
        ("gamma", "image-classification", "near_one"),
        ("dropout", None, "fraction"),
        ("mini_batch_size", None, "batch_size"),
        ("num_layers", None, "depth"),
        ("hidden_size", None, "width"),
        ("objective", None, None),
    ],
)
def test_roles_by_name(name: str, algorithm: str | None, expected: str | None) -> None:
    """Whole names, before a part of the model too, and suffixes, never a part of a word; what is ambiguous needs the
    algorithm.
    """
    assert role(name, algorithm) == expected


def test_an_ambiguous_name_with_an_unknown_algorithm_is_unknown() -> None:
    """It may have a role, but which one is unknown."""
    reason = Unknown("is a variable", HERE)
    assert role("alpha", reason) is reason
    assert role("learning_rate", reason) == "learning_rate"
    assert role("decay", reason) is None


@pytest.mark.parametrize(
    ("image", "static", "name", "kind"),
    [
        ("1.ecr/sagemaker-xgboost:1.7-1", {}, "xgboost", "built-in"),
        ("1.ecr/sagemaker-xgboost:1", {"sagemaker_program": '"a.py"'}, None, "machine-learning"),
        ("1.ecr/linear-learner@sha256:00", {}, "linear-learner", "built-in"),
        ("1.ecr/pytorch-training:2", {}, None, "deep-learning"),
        ("1.ecr/my/xgboost-fork:1", {}, None, "custom"),
        ("1.ecr/mycode/kmeans:latest", {}, None, "custom"),
        ("${ACCOUNT}.ecr.${REGION}/kmeans:1", {}, "kmeans", "built-in"),
        ("1.ecr/${NAME}:1", {}, "contains the placeholder ${NAME}", "contains the placeholder ${NAME}"),
        ("$IMAGE", {}, "is the placeholder $IMAGE", "is the placeholder $IMAGE"),
    ],
)  # fmt: skip
def test_the_image_names_the_algorithm(image: str, static: dict[str, str], name: Any, kind: Any) -> None:
    """The last path segment counts, known or not; script mode is not a built-in algorithm."""
    specification = {"TrainingImage": image, "TrainingInputMode": "File"}
    definition = {"AlgorithmSpecification": specification, "StaticHyperParameters": static}
    (subject,) = binding(definition=definition).subjects("training")
    assert fact(subject, "algorithm", "name") == name
    assert fact(subject, "algorithm", "kind") == kind


@pytest.mark.parametrize(("name", "kind"), [("forecaster", "resource"), ("$NAME", "is the placeholder $NAME")])
def test_an_algorithm_that_is_named_is_a_resource(name: str, kind: str) -> None:
    """What the account or the marketplace registered needs no image, and has metrics that the service knows."""
    specification = {"AlgorithmName": name, "TrainingInputMode": "File"}
    (subject,) = binding(definition={"AlgorithmSpecification": specification}).subjects("training")
    assert fact(subject, "algorithm", "kind") == kind
    assert fact(subject, "algorithm", "own_metrics") == (kind if name == "$NAME" else True)


def test_a_partly_known_image_needs_its_whole_last_segment() -> None:
    """A known tail after an unknown piece may be half of a name."""
    partly = Unknown("is a variable", HERE, (None, "xgboost:1"))
    assert image_repository(partly) is partly
    assert image_repository(Unknown("is a variable", HERE, (None, "/xgboost:", None))) == "xgboost"


def test_every_bound_name_has_a_type() -> None:
    """What a subject binds is what conditions are checked against, member by member."""
    rule = next(rule for rule in builtin_rules() if rule.scope == "parameter")
    (subject, *_) = binding().subjects("parameter")
    names = types(rule)
    assert set(subject.values) | {"options", "data"} == set(names)
    for name, value in subject.values.items():
        shape = names[name].shape
        if isinstance(value, dict) and shape is not None:
            assert set(value) <= set(shape.members()), name


@pytest.mark.parametrize(
    ("image", "static", "known", "shown"),
    [
        ("1.ecr/sagemaker-xgboost:1.7-1", {"sagemaker_program": '"a.py"'}, True, "sagemaker-xgboost:1.7-1"),
        ("1.ecr/kmeans:1", {}, True, "kmeans:1"),
        ("1.ecr/pytorch-training:2@sha256:00", {}, False, "pytorch-training:2"),
        ("1.ecr/kmeans:${TAG}", {}, True, "kmeans"),
    ],
)
def test_an_image_is_called_by_its_name_and_known_for_its_metrics(
    image: str, static: dict[str, str], known: bool, shown: str
) -> None:
    """Messages name what people know the image by; XGBoost has its metrics also where it runs a script."""
    specification = {"TrainingImage": image, "TrainingInputMode": "File"}
    definition = {"AlgorithmSpecification": specification, "StaticHyperParameters": static}
    (subject,) = binding(definition=definition).subjects("training")
    assert fact(subject, "algorithm", "own_metrics") is known
    assert fact(subject, "algorithm", "image") == shown


@pytest.mark.parametrize(
    ("instance_type", "accelerated", "xlarge"),
    [
        ("ml.p3.2xlarge", True, 2),
        ("ml.g4dn.xlarge", True, 1),
        ("ml.trn1.32xlarge", True, 32),
        ("ml.m5.12xlarge", False, 12),
        ("ml.m5.large", False, 0),
        ("ml.c7i.metal-24xl", False, None),
        ("$TYPE", "is the placeholder $TYPE", "is the placeholder $TYPE"),
    ],
)
def test_an_instance_type_has_its_accelerator_and_size(instance_type: str, accelerated: Any, xlarge: Any) -> None:
    """The accelerator by its letters, the size by its suffix; a suffix without a number has no size."""
    resources = {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": 1}
    (subject,) = binding(definition={"ResourceConfig": resources}).subjects("training")
    assert fact(subject, "compute", "accelerated") == accelerated
    assert fact(subject, "compute", "xlarge") == xlarge


@pytest.mark.parametrize(
    ("cap", "limit", "written", "whole"),
    [(3600, None, 12.0, 12.0), (None, None, None, 288.0), (86400, None, 288.0, 288.0), (None, 3600, 2.0, 2.0)],
)
def test_hours_from_limits_that_somebody_chose(
    cap: int | None, limit: int | None, written: float | None, whole: float
) -> None:
    """The default of a day is no limit of the job's unless it is written; the tuning job's own limit is one."""
    limits = {"MaxNumberOfTrainingJobs": 12, "MaxParallelTrainingJobs": 2}
    limits |= {"MaxRuntimeInSeconds": limit} if limit else {}
    stopping = {"MaxRuntimeInSeconds": cap} if cap else {}
    (subject,) = binding(ResourceLimits=limits, definition={"StoppingCondition": stopping}).subjects("training")
    assert fact(subject, "compute", "written_hours") == written
    assert fact(subject, "compute", "instance_hours") == whole


TWO_RATES = (("lr", "0.1"), ("eta", "1"))


def rates(*items: dict[str, Any], categorical: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """Ranges, continuous and categorical."""
    return {"ParameterRanges": {"ContinuousParameterRanges": list(items), "CategoricalParameterRanges": categorical}}


@pytest.mark.parametrize(
    ("changes", "top"),
    [
        (rates({"Name": "lr", "MinValue": "0.001", "MaxValue": "0.3"}), 0.3),
        (rates({"Name": "dropout", "MinValue": "0", "MaxValue": "0.9"}), None),
        (rates(*({"Name": name, "MinValue": "0", "MaxValue": top} for name, top in TWO_RATES)), 1.0),
        (rates(categorical=({"Name": "lr", "Values": ["0.5", "0.01"]},)), 0.5),
        (rates({"Name": "lr", "MinValue": "0.001", "MaxValue": "$TOP"}), "is the placeholder $TOP"),
    ],
)  # fmt: skip
def test_the_highest_learning_rate_of_a_job(changes: dict[str, Any], top: Any) -> None:
    """Of all that are tuned; where one is unknown, so is the highest."""
    assert fact(binding(**changes).subjects("job")[0], "space", "top_learning_rate") == top


def test_the_share_close_to_one_is_what_the_range_gives() -> None:
    """9 of 100 trials are above 0.9 in a range from 0 to 0.99; a logarithmic scale has no such share."""
    facts = range_facts("continuous", numeric("0", "0.99"))
    assert round(facts.near_one_share, 3) == 0.091  # type: ignore[arg-type]
    assert facts.far_from_one_to == 0.9
    scaled = Struct(numeric("0.1", "0.99").members | {"ScalingType": Scalar("Logarithmic", HERE)}, HERE, HERE)
    assert range_facts("continuous", scaled).near_one_share is None


def test_a_bound_that_is_no_number_is_unknown_and_not_absent() -> None:
    """A rule about it stays undecided; what is wrong with it is said elsewhere."""
    (subject,) = binding(**rates({"Name": "lr", "MinValue": "ten", "MaxValue": "0.3"})).subjects("parameter")
    assert fact(subject, "range", "min") == "is not a number"


@pytest.mark.parametrize(
    ("caps", "wall"),
    [
        ([3600], 6.0),
        ([7200], 12.0),
        ([1800, 3600], 6.0),
        ([None], 144.0),
        (["$CAP"], "is the placeholder $CAP"),
        ([3600, "$CAP"], "is the placeholder $CAP"),
    ],
)
def test_the_hours_until_the_last_trial_has_ended(caps: list[Any], wall: Any) -> None:
    """12 trials, two at once, are six rounds of the longest definition; unknown where one may be longer."""
    limits = {"MaxNumberOfTrainingJobs": 12, "MaxParallelTrainingJobs": 2}
    definition = sound()["TrainingJobDefinition"]
    definitions = [
        {**definition, "DefinitionName": f"d{at}", "StoppingCondition": {"MaxRuntimeInSeconds": cap} if cap else {}}
        for at, cap in enumerate(caps)
    ]
    members = {"TrainingJobDefinition": None, "TrainingJobDefinitions": definitions}
    (subject,) = binding(ResourceLimits=limits, **members).subjects("job")
    assert fact(subject, "cost", "wall_hours") == wall
