"""An unknown value leaves a policy's verdict as it was, unless the policy is about that value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpolint.engine.engine import Engine
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
        (*RESOURCES, "InstancePreferences"),
        (*RESOURCES, "SelectedInstanceType"),
    ),
    "max-instance-hours": (LIMITS, STRATEGY, RANGES, (TRAINING, "StoppingCondition"), (*RESOURCES, "InstanceCount")),
    "max-parallel": (LIMITS, STRATEGY, RANGES),
    "max-trials": (LIMITS, STRATEGY, RANGES),
    "name-pattern": (("HyperParameterTuningJobName",),),
    "require-early-stopping": (STRATEGY, (CONFIG, "TrainingJobEarlyStoppingType")),
    "require-encryption": (
        *((TRAINING, "OutputDataConfig"), (*RESOURCES, "VolumeKmsKeyId"), (*RESOURCES, "InstanceType")),
        *((*RESOURCES, "InstanceCount"), (TRAINING, "EnableInterContainerTrafficEncryption")),
    ),
    "require-network-isolation": ((TRAINING, "EnableNetworkIsolation"),),
    "require-random-seed": ((CONFIG, "RandomSeed"),),
    "require-spot": ((TRAINING, "EnableManagedSpotTraining"), (*RESOURCES, "TrainingPlanArn")),
    "require-vpc": ((TRAINING, "VpcConfig"),),
    "required-tags": (("Tags",),),
}
"""The fields that a policy is about; an unknown value of any other field must not change its verdict."""


def test_every_policy_is_listed() -> None:
    """A new policy says here which fields may decide it."""
    assert set(DECIDING) == set(POLICIES)


ENGINES = {name: Engine((rule,)) for name, rule in POLICIES.items()}


def verdict(name: str, request: dict[str, Any]) -> str:
    """Whether a policy is violated, held or undecided."""
    (job,) = read_source("job.json", json.dumps(request).encode())[1].jobs
    found = Verdicts()
    if ENGINES[name].raised(job, found):
        return "violated"
    return "undecided" if found.undecided else "held"


@settings(max_examples=scaled(5000), deadline=None)
@given(jobs(), st.sampled_from(sorted(DECIDING)), st.sampled_from(list(FIELDS)))
def test_what_a_policy_is_not_about_does_not_change_its_verdict(request: dict[str, Any], name: str, path: Path) -> None:
    """An instance type that is a parameter, an unknown image, an unknown channel: the policy still holds or not."""
    if any(path[: len(each)] == each for each in DECIDING[name]):
        return
    before = verdict(name, request)
    after = verdict(name, with_value(request, path, "${UNKNOWN}"))
    assert after == before or before == "undecided"


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
    found = Verdicts()
    raised = ENGINES[name].raised(job, found)
    expected = [] if (name, form) == ("require-vpc", "x.py") else [name]  # the SDK's configuration may set the VPC
    assert [each.finding.rule.name for each in raised] == expected
