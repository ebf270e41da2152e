"""Messages about a Python source name the arguments that stand there, not the API's members."""

from __future__ import annotations

import pytest

from hpolint.node import Origin, Scalar, parse_path, path_text, walk
from hpolint.readers import read_source
from hpolint.readers.python.sdk.spelling import VERSION_2, VERSION_3, core
from hpolint.readers.terraform.provider import spelling as terraform_spelling
from hpolint.spelling import API, literal
from tests.conftest import FIXTURES


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


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("HyperParameterTuningJobConfig.ResourceLimits.MaxRuntimeInSeconds", "max_runtime_in_seconds"),
        ("TrainingJobDefinition.StoppingCondition.MaxRuntimeInSeconds", "max_run"),
        ("HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.Type", "objective_type"),
        ("TrainingJobDefinition.OutputDataConfig.S3OutputPath", "output_path"),
        ("WarmStartConfig.WarmStartType", "warm_start_type"),
        ("TrainingJobDefinition.InputDataConfig[0].Type", "Type"),
    ],
)
def test_a_member_is_the_argument_that_its_place_says(path: str, name: str) -> None:
    """Two limits have one name in the API and two in the SDK."""
    steps = parse_path(path)
    assert VERSION_2.at(steps).sentence(f"`{steps[-1]}` is 10") == f"`{name}` is 10"


def test_values_are_not_taken_for_names() -> None:
    """A value that is spelt as a member is shows as it stands there."""
    assert VERSION_2.sentence(f"`Strategy` is `{literal('Strategy')}`") == "`strategy` is `Strategy`"
    assert API.sentence(f"`Strategy` is `{literal('a`b')}`") == "`Strategy` is `a`b`"
    assert VERSION_2.sentence(f"{literal('`MaxValue`')} of a MaxValue") == "`MaxValue` of a max_value"


def test_whatever_an_sdk_sends_is_named_as_it_was_given() -> None:
    """Every value of the fixtures' jobs that somebody wrote has the name of its argument."""
    for file in [*sorted(FIXTURES.glob("python/*.py")), *FIXTURES.glob("notebook/*.ipynb")]:
        for job in read_source(str(file), file.read_bytes())[1].jobs:
            for path, node in walk(job.request) if job.spelling.names else ():
                written = isinstance(node, Scalar) and node.origin is Origin.WRITTEN and isinstance(path[-1], str)
                if written and not {"StaticHyperParameters", "InputDataConfig", "MetricDefinitions"} & set(path):
                    name = job.spelling.at(path).name(str(path[-1]))
                    assert name != path[-1] or path[-1] in BY_POSITION, path_text(path)


BY_POSITION = ("Name", "CompressionType", "HyperParameterTuningJobName")
"""A range's name is a dict's key, a parent's an item of a set."""


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
