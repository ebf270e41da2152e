"""Messages about a Python source name the arguments that stand there, not the API's members."""

from __future__ import annotations

import pytest

from hpolint.readers import read_source
from hpolint.readers.python.sdk.spelling import VERSION_2, VERSION_3, core
from hpolint.readers.terraform.provider import spelling as terraform_spelling
from hpolint.spelling import API


@pytest.mark.parametrize(
    ("sentence", "version_2", "version_3"),
    [
        (
            "Say `EnableManagedSpotTraining: true`, and give a MaxWaitTimeInSeconds",
            "Say `use_spot_instances=True`, and give a max_wait",
            "Say `enable_managed_spot_training=True`, and give a max_wait_time_in_seconds",
        ),
        (
            "`TrainingJobEarlyStoppingType: Auto`, not `StaticHyperParameters`",
            '`early_stopping_type="Auto"`, not `hyperparameters`',
            '`early_stopping_type="Auto"`, not `hyperparameters`',
        ),
        ("Strategy and a SageMakerRole", "Strategy and a SageMakerRole", "Strategy and a SageMakerRole"),
        ("`eta` of `validation:rmse`", "`eta` of `validation:rmse`", "`eta` of `validation:rmse`"),
        ("`MaxWaitTimeInSeconds: 3600`", "`max_wait=3600`", "`max_wait_time_in_seconds=3600`"),
    ],
)
def test_members_are_named_as_the_source_names_them(sentence: str, version_2: str, version_3: str) -> None:
    """In code with their values, in prose by themselves; ordinary words and hyperparameters stay."""
    assert VERSION_2.sentence(sentence) == version_2
    assert VERSION_3.sentence(sentence) == version_3
    assert API.sentence(sentence) == sentence


def test_sagemaker_core_has_the_api_s_names_in_snake_case() -> None:
    """Acronyms included."""
    assert core().name("VolumeSizeInGB") == "volume_size_in_gb"
    assert core().name("HyperParameterTuningJobConfig") == "hyper_parameter_tuning_job_config"


def test_a_fix_is_told_so_that_it_can_be_pasted() -> None:
    """An argument with Python's value where the source is Python, the API's member elsewhere."""
    assert VERSION_2.value("EnableManagedSpotTraining", True) == "use_spot_instances=True"
    assert API.value("EnableManagedSpotTraining", True) == "EnableManagedSpotTraining = true"


def test_terraform_and_kubernetes_have_spellings_of_their_own() -> None:
    """The provider's snake case with spaces around the sign; the controller's initialisms in YAML."""
    say = "Say `EnableManagedSpotTraining: true`, not a RoleArn"
    assert terraform_spelling().sentence(say) == "Say `enable_managed_spot_training = true`, not a role_arn"
    job = read_source("x.yaml", ACK)[1].jobs[0]
    assert job.spelling.sentence(say) == "Say `enableManagedSpotTraining: true`, not a roleARN"
    assert job.spelling.value("Type", "Minimize") == 'type_: "Minimize"'


ACK = b"""
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: HyperParameterTuningJob
spec: {hyperParameterTuningJobConfig: {strategy: Random}}
"""
