"""An unknown value leaves a policy's verdict as it was, unless the policy is about that value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hpolint.config.sdk_config import with_sdk_config
from hpolint.cost.estimate import worst_case_usd
from hpolint.cost.prices import indicative
from hpolint.engine.engine import Engine
from hpolint.engine.surroundings import Surroundings
from hpolint.model.finding import Verdicts
from hpolint.readers import read_source
from hpolint.registry import builtin_rules
from tests.conftest import scaled
from tests.restated.jobs import CONFIG, FIELDS, LIMITS, TRAINING, Path, jobs, with_value

POLICIES = {rule.name: rule.with_example_options for rule in builtin_rules() if rule.category == "policy"}
RESOURCES, STRATEGY, RANGES = (TRAINING, "ResourceConfig"), (CONFIG, "Strategy"), (CONFIG, "ParameterRanges")

DECIDING: dict[str, tuple[Path, ...]] = {
    "allowed-instance-types": (
        (*RESOURCES, "InstanceType"),
        (*RESOURCES, "InstanceGroups"),
        (*RESOURCES, "InstancePreferences"),
        (*RESOURCES, "SelectedInstanceType"),
    ),
    "max-instance-hours": (
        *(LIMITS, STRATEGY, RANGES, (TRAINING, "StoppingCondition")),
        *((*RESOURCES, each) for each in ("InstanceCount", "InstanceGroups", "InstancePreferences")),
    ),
    "max-cost": (
        *(LIMITS, STRATEGY, RANGES, ("Autotune",), (TRAINING, "StoppingCondition"), RESOURCES),
        (TRAINING, "EnableManagedSpotTraining"),
    ),
    "max-parallel": (LIMITS, STRATEGY, RANGES),
    "max-trials": (LIMITS, STRATEGY, RANGES),
    "name-pattern": (("HyperParameterTuningJobName",),),
    "require-early-stopping": (STRATEGY, (CONFIG, "TrainingJobEarlyStoppingType")),
    "require-encryption": (
        *((TRAINING, "OutputDataConfig"), (*RESOURCES, "VolumeKmsKeyId"), (*RESOURCES, "InstanceType")),
        *((*RESOURCES, each) for each in ("InstanceCount", "InstanceGroups", "InstancePreferences")),
        (TRAINING, "EnableInterContainerTrafficEncryption"),
    ),
    "require-network-isolation": ((TRAINING, "EnableNetworkIsolation"),),
    "require-random-seed": ((CONFIG, "RandomSeed"),),
    "require-spot": ((TRAINING, "EnableManagedSpotTraining"), (*RESOURCES, "TrainingPlanArn")),
    "require-vpc": ((TRAINING, "VpcConfig"),),
    "required-tags": (("Tags",),),
}
"""The fields that a policy is about; an unknown value of any other field must not change its verdict."""

MEETING: dict[Path, Any] = {
    ("HyperParameterTuningJobName",): "dev-search",
    (TRAINING, "OutputDataConfig", "KmsKeyId"): "key",
    (*RESOURCES, "VolumeKmsKeyId"): "key",
    (TRAINING, "EnableInterContainerTrafficEncryption"): True,
    (TRAINING, "EnableNetworkIsolation"): True,
    ("Tags",): [{"Key": key, "Value": "a"} for key in ("cost-centre", "team")],
}
"""Values that meet the policies ``MET``, which all generated jobs violate otherwise."""

MET = ("name-pattern", "require-encryption", "require-network-isolation", "required-tags")


def test_every_policy_is_listed() -> None:
    """A new policy says here which fields may decide it."""
    assert set(DECIDING) == set(POLICIES)


PRICES = indicative()
ENGINE = Engine(tuple(POLICIES.values()), Surroundings(usd_of=lambda job: worst_case_usd(job, PRICES)))


def verdicts(request: dict[str, Any]) -> dict[str, str]:
    """For each policy, whether it is violated, held or undecided."""
    (job,) = read_source("job.json", json.dumps(request).encode())[1].jobs
    found = Verdicts()
    violated = {each.finding.rule.name for each in ENGINE.raised(job, found)}
    undecided = {each.rule.name for each in found.undecided}
    return {name: "violated" if name in violated else "undecided" if name in undecided else "held" for name in POLICIES}


@settings(max_examples=scaled(2500), deadline=None)
@given(jobs(), st.sampled_from(list(FIELDS)), st.booleans())
def test_what_a_policy_is_not_about_does_not_change_its_verdict(
    request: dict[str, Any], path: Path, meets: bool
) -> None:
    """An instance type that is a parameter, an unknown image, an unknown channel: the policy still holds or not.

    An unknown instance type may stand in the place of preferences, whose own numbers of instances then do not count.
    """
    preferences = request[TRAINING].get("ResourceConfig", {}).get("InstancePreferences", [])
    assume(path != (*RESOURCES, "InstanceType") or not any("InstanceCount" in each for each in preferences))
    for meeting, value in MEETING.items() if meets else ():
        request = with_value(request, meeting, value)
    before, after = verdicts(request), verdicts(with_value(request, path, "${UNKNOWN}"))
    assert not meets or {before[name] for name in MET} == {"held"}
    for name, about in DECIDING.items():
        if before[name] != "undecided" and not any(path[: len(each)] == each for each in about):
            assert after[name] == before[name], name


TASK = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
TEMPLATE = f"""Parameters: {{Kind: {{Type: String}}}}
Resources:
  Step:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub |
        {{"StartAt": "Tune", "States": {{"Tune": {{"Type": "Task", "Resource": "{TASK}", "Parameters":
          {{"HyperParameterTuningJobConfig": {{"Strategy": "Random"}}, "TrainingJobDefinition":
            {{"ResourceConfig": {{"InstanceType": "${{Kind}}", "InstanceCount": 1, "VolumeSizeInGB": 30}}}}}}}}}}}}
"""
STATE = f"""{{"StartAt": "Tune", "States": {{"Tune": {{"Type": "Task", "Resource": "{TASK}", "Parameters":
  {{"HyperParameterTuningJobConfig": {{"Strategy": "Random"}}, "TrainingJobDefinition":
    {{"ResourceConfig": {{"InstanceType.$": "$.kind", "InstanceCount": 1, "VolumeSizeInGB": 30}}}}}}}}}}}}
"""
PYTHON = """import os
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("image:1", "role", 1, os.environ["TYPE"], subnets=[], enable_network_isolation=False)
HyperparameterTuner(estimator, "loss", {"x": ContinuousParameter(0.1, 0.2)}).fit()
"""
KUBERNETES = """apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: HyperParameterTuningJob
metadata: {name: x}
spec:
  hyperParameterTuningJobName: x
  hyperParameterTuningJobConfig: {strategy: Random}
  trainingJobDefinition:
    resourceConfig: {instanceType: "${TYPE}", instanceCount: 1, volumeSizeInGB: 30}
"""
FORMS = {"x.yaml": TEMPLATE, "x.json": STATE, "x.py": PYTHON, "k.yaml": KUBERNETES}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["require-vpc", "require-network-isolation", "require-spot"])
def test_an_instance_type_that_is_a_parameter_hides_nothing(name: str, form: str) -> None:
    """Only a written local type is local: a parameter is no way around a policy, in any form."""
    (job,) = read_source(form, FORMS[form].encode())[1].jobs
    raised = ENGINE.raised(with_sdk_config(job, "none"), Verdicts())
    assert name in {each.finding.rule.name for each in raised}
