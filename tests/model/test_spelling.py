"""Messages about a source name what stands there, not the API's members, and say where to write what is missing."""

from __future__ import annotations

import pytest

from hpolint.data.sdk_signatures import newest
from hpolint.model.job import TuningJob
from hpolint.model.message_parts import Advice, Member, Part, sentence_of
from hpolint.model.message_text import text
from hpolint.model.node import Origin, Path, Scalar, parse_path, path_text, walk
from hpolint.model.spelling import API, JSON, Spelling
from hpolint.readers import read_source
from hpolint.readers.python.sdk.argument_names import VERSION_2, VERSION_3, core
from hpolint.readers.terraform.provider import spelling as terraform_spelling
from hpolint.registry.message_templates import parse_template
from tests.conftest import FIXTURES


def render(sentence: str, spelling: Spelling, path: Path = ()) -> str:
    """A rule's sentence without placeholders, in a spelling."""
    job = read_source("x.json", b'{"HyperParameterTuningJobConfig": {"Strategy": "Random"}}')[1].jobs[0]
    job.spelling = spelling
    parts: list[Part] = [part for part in parse_template(sentence) if isinstance(part, str | Member)]
    return text(tuple(parts), job, path)


@pytest.mark.parametrize(
    ("sentence", "version_2", "version_3"),
    [
        (
            "Say `EnableManagedSpotTraining: true`, and give a `MaxWaitTimeInSeconds`",
            "Say `use_spot_instances=True`, and give a `max_wait`",
            "Say `enable_managed_spot_training=True`, and give a `max_wait_time_in_seconds`",
        ),
        (
            "`TrainingJobEarlyStoppingType: Auto`, not `StaticHyperParameters`",
            '`early_stopping_type="Auto"`, not `hyperparameters`',
            '`early_stopping_type="Auto"`, not `hyperparameters`',
        ),
        ("Strategy and a SageMakerRole", "Strategy and a SageMakerRole", "Strategy and a SageMakerRole"),
        ("`eta` of `validation:rmse`", "`eta` of `validation:rmse`", "`eta` of `validation:rmse`"),
        ("`MaxWaitTimeInSeconds: 3600`", "`max_wait=3600`", "`max_wait_time_in_seconds=3600`"),
        ("`StoppingCondition.MaxRuntimeInSeconds`", "`max_run`", "`max_runtime_in_seconds`"),
        ("`ResourceLimits.MaxRuntimeInSeconds`", "`max_runtime_in_seconds`", "`max_runtime_in_seconds`"),
    ],
)
def test_members_are_named_as_the_source_names_them(sentence: str, version_2: str, version_3: str) -> None:
    """With and without values; ordinary words, values and hyperparameters stay as they are."""
    assert render(sentence, VERSION_2) == version_2
    assert render(sentence, VERSION_3) == version_3
    assert render(sentence.replace("StoppingCondition.", "").replace("ResourceLimits.", ""), API) == sentence.replace(
        "StoppingCondition.", ""
    ).replace("ResourceLimits.", "")


def test_json_and_dicts_quote_a_member_that_is_written() -> None:
    """What the message says can be pasted."""
    assert render("Say `EnableManagedSpotTraining: true`", JSON) == 'Say `"EnableManagedSpotTraining": true`'
    assert render("`EnableManagedSpotTraining` is off", JSON) == "`EnableManagedSpotTraining` is off"


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
    assert render(f"`{steps[-1]}` is 10", VERSION_2, steps) == f"`{name}` is 10"


def test_values_are_not_taken_for_names() -> None:
    """A value that equals a member's name is shown as it is written."""
    job = read_source("x.json", b'{"HyperParameterTuningJobConfig": {"Strategy": "Random"}}')[1].jobs[0]
    job.spelling = VERSION_2
    assert text(sentence_of("It is `", "Strategy", "`, a MaxValue"), job) == "It is `Strategy`, a MaxValue"


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


def test_terraform_and_kubernetes_have_spellings_of_their_own() -> None:
    """The provider's snake case with spaces around the sign; the controller's initialisms in YAML."""
    say = "Say `EnableManagedSpotTraining: true`, not a `RoleArn`"
    assert render(say, terraform_spelling()) == "Say `enable_managed_spot_training = true`, not a `role_arn`"
    job = read_source("x.yaml", ACK)[1].jobs[0]
    assert render(say, job.spelling) == "Say `enableManagedSpotTraining: true`, not a `roleARN`"
    assert job.spelling.value("Type", "Minimize") == "type_: Minimize"


ACK = b"""
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: HyperParameterTuningJob
spec: {hyperParameterTuningJobConfig: {strategy: Random}}
"""

BOTO3 = """
import boto3
training = {
    "RoleArn": "arn:aws:iam::111122223333:role/r",
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
config = {"Strategy": "Random"}
boto3.client("sagemaker").create_hyper_parameter_tuning_job(
    HyperParameterTuningJobName="a", HyperParameterTuningJobConfig=config, TrainingJobDefinition=training
)
"""

SDK = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("image", "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large")
tuner = HyperparameterTuner(estimator, "loss", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=9)
tuner.fit()
"""

SPOT = (("TrainingJobDefinition", "EnableManagedSpotTraining"), True)
WAIT = (("TrainingJobDefinition", "StoppingCondition", "MaxWaitTimeInSeconds"), 7200)
JOBS = (("HyperParameterTuningJobConfig", "ResourceLimits", "MaxNumberOfTrainingJobs"), 20)


def job(source: str, name: str) -> TuningJob:
    """The only job of a source."""
    (found,) = read_source(name, source.encode())[1].jobs
    return found


def test_what_is_missing_is_to_be_added_where_it_goes() -> None:
    """For boto3 the dict, for the SDK the call, each by its variable and line, and in Python's own words."""
    boto3 = job(BOTO3, "x.py")
    assert text((Advice((SPOT,)),), boto3) == 'Add `"EnableManagedSpotTraining": True` to `training` (line 3)'
    sdk = job(SDK, "x.py")
    assert text((Advice((SPOT,)),), sdk) == "Add `use_spot_instances=True` to `estimator` (line 4)"
    assert text((Advice((JOBS,)),), sdk) == "Set `max_jobs=20`"
    several = text((Advice((SPOT, WAIT)),), sdk)
    assert several == "Add `use_spot_instances=True` and `max_wait=7200` to `estimator` (line 4)"


def test_a_request_file_names_the_structure_and_its_line() -> None:
    """The key under which a member is to be written."""
    request = '{"HyperParameterTuningJobConfig": {\n"Strategy": "Random"},\n"TrainingJobDefinition": {"RoleArn": "r"}}'
    found = text((Advice((SPOT, JOBS)),), job(request, "x.json"))
    assert found == (
        'Add `"EnableManagedSpotTraining": true` to `TrainingJobDefinition` (line 3), '
        'add `"MaxNumberOfTrainingJobs": 20` to `HyperParameterTuningJobConfig` (line 1)'
    )


@pytest.mark.parametrize(
    ("text", "name", "variable"),
    [(SDK, "x.py", "tuner"), (SDK.replace("tuner = H", "self.tuner = H"), "x.py", "self.tuner"), (BOTO3, "x.py", None)],
)
def test_a_job_in_python_is_known_by_its_variable(text: str, name: str, variable: str | None) -> None:
    """Which is what its owner calls it."""
    assert job(text, name).variable == variable


def test_a_range_is_known_by_its_name() -> None:
    """A missing member is added to the range, not to the list that contains it."""
    path = ("HyperParameterTuningJobConfig", "ParameterRanges", "ContinuousParameterRanges", 0, "ScalingType")
    advice = (Advice(((path, "Logarithmic"),)),)
    request = (
        '{"HyperParameterTuningJobConfig": {"Strategy": "Random", "ParameterRanges": {"ContinuousParameterRanges": [\n'
        '{"Name": "eta", "MinValue": "0", "MaxValue": "1"}]}}}'
    )
    assert text(advice, job(request, "x.json")) == 'Add `"ScalingType": "Logarithmic"` to `eta` (line 2)'


STARTS = "arn:aws:states:::sagemaker:createHyperParameterTuningJob"
IN_A_TEMPLATE = f"""
Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: |
        {{"StartAt": "T", "States": {{"T": {{"Type": "Task", "End": true, "Resource": "{STARTS}",
        "Parameters": {{"HyperParameterTuningJobConfig": {{"Strategy": "Random"}}}}}}}}}}
"""
IN_HCL = f"""
resource "aws_sfn_state_machine" "t" {{
  definition = jsonencode({{ StartAt = "T", States = {{ T = {{
    Type = "Task", End = true, Resource = "{STARTS}"
    Parameters = {{ HyperParameterTuningJobConfig = {{ Strategy = "Random" }} }} }} }} }})
}}
"""


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("x.json", '{"HyperParameterTuningJobConfig": {"Strategy": "Random"}}', '`"RandomSeed": 1`'),
        ("x.yaml", "HyperParameterTuningJobConfig: {Strategy: Random}", "`RandomSeed: 1`"),
        ("x.yaml", IN_A_TEMPLATE, '`"RandomSeed": 1`'),
        ("x.tf", IN_HCL, "`RandomSeed = 1`"),
    ],
)  # fmt: skip
def test_a_member_is_written_as_the_text_around_it_is(name: str, text: str, written: str) -> None:
    """JSON in JSON, also where a template holds it; YAML in YAML; HCL in HCL."""
    (found,) = read_source(name, text.encode())[1].jobs
    assert f"`{found.spelling.value('RandomSeed', 1)}`" == written


OF_FIT = {"inputs", "job_name"}
"""What is given to `fit`, whose parameters are not among the classes'."""


def test_the_names_of_version_2_are_the_sdks_own() -> None:
    """No message names an argument that the pinned SDK does not have."""
    parameters = {name for signature in newest(2).values() if signature is not None for name in signature["takes"]}
    assert set(VERSION_2.names.values()) - parameters - OF_FIT == set()
