"""What public notebooks and modules do around a tuner, and what must not be said of it."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint import check
from hpolint.model.node import Struct, Unknown, follow, parse_path
from hpolint.readers import read_source
from hpolint.readers.python.interpreter import interpreter
from tests.conftest import Command
from tests.readers.python.test_python import HEAD, TUNER, jobs, notebook, observed, read, value

IMAGE = "TrainingJobDefinition.AlgorithmSpecification.TrainingImage"
FRAMEWORKS = """
from sagemaker.pytorch import PyTorch
from sagemaker.tensorflow import TensorFlow
from sagemaker.mxnet import MXNet
from sagemaker.xgboost import XGBoost
ROLE = "arn:aws:iam::111122223333:role/r"
"""
METRICS = '[{"Name": "validation:auc", "Regex": "auc=([0-9.]+)"}]'


def findings(text: str, hpolint: Command) -> list[str]:
    """The rules that a source breaks."""
    return [finding.rule.id for finding in check([str(hpolint.write("x.py", text))]).findings]


@pytest.mark.parametrize(
    ("made", "is_reported"),
    [
        (f"XGBoost('t.py', '1.7-1', role=ROLE, metric_definitions={METRICS})", False),
        (
            f"Estimator(sagemaker.image_uris.retrieve('xgboost', 'r', '1.7-1'), ROLE, metric_definitions={METRICS})",
            False,
        ),
        (f"PyTorch('t.py', '2.1', 'py310', role=ROLE, metric_definitions={METRICS})", True),
        (f"Estimator('1.dkr.ecr/mine:1', ROLE, metric_definitions={METRICS})", True),
    ],
)
def test_metrics_that_the_service_knows_need_no_definitions(made: str, is_reported: bool, hpolint: Command) -> None:
    """XGBoost's image has its own, also where it runs a script; a framework's or another image has none."""
    text = f"{HEAD}{FRAMEWORKS}e = {made}\nHyperparameterTuner(e, 'validation:auc', ranges, max_jobs=2).fit()\n"
    assert ("sdk/metric-definitions-on-estimator" in findings(text, hpolint)) == is_reported


@pytest.mark.parametrize(
    "use",
    [
        "from sagemaker.workflow.steps import TrainingStep\nTrainingStep(name='Train', estimator=e)\n",
        "from sagemaker.workflow.airflow import training_config\ntraining_config(estimator=e, inputs='s3://b')\n",
        "from sagemaker.workflow import airflow\nairflow.training_config(e, 's3://b')\n",
        "from stepfunctions.steps import TrainingStep\nTrainingStep('Train', e, 's3://b', 'name')\n",
        "e.fit()\n",
    ],
)
def test_what_a_training_step_uses_is_not_called_useless(use: str) -> None:
    """An estimator that a pipeline, Airflow or Step Functions also trains needs what a tuner does not send."""
    made = "e = Estimator('i', 'r/r', 1, 'ml.m5.large', keep_alive_period_in_seconds=60, hyperparameters={'eta': 1})\n"
    tuner = "HyperparameterTuner(e, 'm', ranges, max_jobs=2).fit()\n"
    assert len(observed(made + tuner)) == 2
    (left,) = observed(made + use + tuner)
    assert left[1]["outside"] is False  # nothing is reported of it; a fix that renames a range needs to know it


@pytest.mark.parametrize("order", ["start.set_downstream(task)", "task.set_upstream(start)", "start >> task"])
def test_the_order_of_airflows_tasks_changes_none_of_them(order: str) -> None:
    """However it is given."""
    text = f"""{HEAD}{TUNER}
from airflow.contrib.operators.sagemaker_tuning_operator import SageMakerTuningOperator
from airflow.operators.dummy_operator import DummyOperator
from sagemaker.workflow.airflow import tuning_config
start = DummyOperator(task_id="start")
task = SageMakerTuningOperator(task_id="tune", config=tuning_config(tuner=tuner, inputs="s3://b/t"))
{order}
"""
    (job,) = jobs(text)
    assert job["request"]["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 20


def test_what_is_made_of_a_mock_is_no_job() -> None:
    """Tests of other people's code launch nothing."""
    head = HEAD + "from unittest.mock import MagicMock, Mock\n"
    assert read(head + "HyperparameterTuner(MagicMock(), 'm', ranges).fit()").jobs == []
    assert read(head + "e = Mock(name='e')\nHyperparameterTuner(estimator=e).fit()").jobs == []
    assert len(read(head + "e = Mock()\n" + TUNER + "tuner.fit()").jobs) == 1
    later = "t = HyperparameterTuner(Mock(), 'm', ranges)\nt.estimator = est\nt.fit()\n"
    assert len(read(head + later).jobs) == 1
    assert len(read(HEAD + "from mock.data import make\nHyperparameterTuner(make(), 'm', ranges).fit()").jobs) == 1


def test_an_object_that_is_not_the_sdks_has_unknown_members() -> None:
    """A mock, or a class of one's own, in place of a shape of version 3: it lacks nothing that the API requires."""
    text = """
from unittest.mock import MagicMock
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.shapes import HyperParameterTuningJobWarmStartConfig
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

tuner = HyperparameterTuner(
    ModelTrainer(training_image="i", role="r"), "m", {"lr": ContinuousParameter(0.1, 0.2)},
    warm_start_config=MagicMock(spec=HyperParameterTuningJobWarmStartConfig),
)
tuner.tune()
"""
    assert isinstance(read(text).jobs[0].request.members["WarmStartConfig"], Unknown)


@pytest.mark.parametrize(
    "patch",
    [
        "mock.patch.dict(x, n=5).start()\n{}",
        "with mock.patch.dict(x, n=5):\n    {}",
        "@mock.patch.dict(x, n=5)\ndef run():\n    {}\nrun()\n",
    ],
)
def test_what_a_patch_changes_is_not_known(patch: str) -> None:
    """It has the dict in its hands."""
    tuner = "HyperparameterTuner(est, 'm', ranges, max_jobs=x['n']).fit()"
    text = f"{HEAD}from unittest import mock\nx = {{'n': 3}}\n{patch.format(tuner)}\n"
    assert value(text, "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs") != 3


@pytest.mark.parametrize(
    ("made", "repository"),
    [
        ("PyTorch('t.py', '1.1.0', 'py3', role=ROLE)", "/sagemaker-pytorch:1.1.0-"),
        ("PyTorch('t.py', '1.2', 'py3', role=ROLE)", "/pytorch-training:1.2-"),
        ("TensorFlow('py3', '1.10', role=ROLE)", "/sagemaker-tensorflow:"),
        ("TensorFlow('py3', '1.12', role=ROLE)", "/sagemaker-tensorflow-scriptmode:"),
        ("TensorFlow('py3', '1.13', role=ROLE)", "/tensorflow-training:1.13"),
        ("TensorFlow('py2', '1.13', role=ROLE)", None),
        ("TensorFlow('py3', '1.14', role=ROLE)", "/tensorflow-training:1.14"),
        ("MXNet('t.py', '1.3.0', 'py3', role=ROLE)", "/sagemaker-mxnet:"),
        ("MXNet('t.py', '1.4.1', 'py3', role=ROLE)", None),
        ("PyTorch('t.py', VERSION, 'py3', role=ROLE)", None),
    ],
)
def test_old_frameworks_give_the_repository_of_their_image(made: str, repository: str | None) -> None:
    """Where the SDK's own lists have the repository; the account and the rest of the tag are unknown."""
    (job,) = read(f"{HEAD}{FRAMEWORKS}HyperparameterTuner({made}, 'm', ranges, max_jobs=2).fit()\n").jobs
    node = follow(job.request, parse_path(IMAGE))
    assert isinstance(node, Unknown)
    assert node.pieces == ((None, repository, None) if repository is not None else ())


@pytest.mark.parametrize("value_", ["'%(a)s' % {'b': 1}", "'%(a)d' % {}", "[][0]", "{}['a']", "1 / 0", "'a' + 1"])
def test_a_computation_that_fails_is_unknown(value_: str) -> None:
    """No exception from evaluating constants stops a check."""
    tuner = "HyperparameterTuner(est, 'm', ranges, max_jobs=n)"
    (job,) = read(f"{HEAD}try:\n    n = {value_}\nexcept Exception:\n    pass\n{tuner}.fit()\n").jobs
    limits = follow(job.request, parse_path("HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs"))
    assert isinstance(limits, Unknown)


@pytest.mark.parametrize(
    ("sum_", "pieces"),
    [
        ("'pytorch-' + NAME", ("pytorch-", None)),
        ("NAME + '-training'", (None, "-training")),
        ("f'{NAME}:' + TAG", (None, ":", None)),
        ("1 + NUMBER", (None,)),
        ("(2 + NUMBER) + 3", (None,)),
    ],
)
def test_a_sum_has_the_pieces_of_texts_alone(sum_: str, pieces: tuple[str | None, ...]) -> None:
    """One and something is no text that begins with 1: nothing of what it is shown as is known."""
    estimator = "Estimator(f'repository/{part}', ROLE, 1, 'ml.m5.xlarge')"
    (job,) = read(f"{HEAD}part = {sum_}\nHyperparameterTuner({estimator}, 'm', ranges, max_jobs=2).fit()\n").jobs
    node = follow(job.request, parse_path(IMAGE))
    assert isinstance(node, Unknown)
    assert node.pieces == ("repository/", *pieces)


@pytest.mark.parametrize("made", ["PyTorch('t.py'", "XGBoost('t.py', '1.7-1'", "TensorFlow('py3', '2.1'"])
def test_a_misspelt_argument_of_a_framework_is_reported(made: str) -> None:
    """With the similar argument; the class's own arguments are not reported."""
    tuner = "HyperparameterTuner(e, 'm', ranges, max_jobs=2).fit()\n"
    sound = "role=ROLE, instance_count=1, max_run=60, volume_size=9, train_max_wait=90, image_name='i'"
    assert observed(f"{FRAMEWORKS}e = {made}, {sound})\n{tuner}") == []
    seen = observed(f"{FRAMEWORKS}e = {made}, role=ROLE, max_runn=60)\n{tuner}")
    assert [(kind, data["name"], data["near"]) for kind, data in seen] == [
        ("argument-dropped", "max_runn", ["max_run"])
    ]


@pytest.mark.parametrize(
    ("argument", "near"),
    [
        ("max_runtime=9", "max_run"),
        ("max_runn=9", "max_run"),
        ("env={'a': 'b'}", "environment"),
        ("model_dir='x'", ""),
        ("script_mode=True", ""),
        ("instance_group=['x']", ""),
        ("image='x'", ""),
    ],
)
def test_only_an_argument_that_is_surely_meant_is_named(argument: str, near: str) -> None:
    """Not one that only looks alike, that a tuner does not send, or that is there already."""
    seen = observed(
        f"e = Estimator(image_uri='i', role='r/r', {argument})\nHyperparameterTuner(e, 'm', ranges).fit()\n"
    )
    assert [data["near"] for kind, data in seen if kind == "argument-dropped"] == [[near] if near else []]


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("", ["transformers_version"]),
        (", transformers_version='4.26', pytorch_version='1.13'", []),
        (", pytorch_version='1.13'", ["transformers_version"]),
    ],
)
def test_of_two_versions_that_exclude_each_other_none_is_proposed(given: str, near: list[str]) -> None:
    """HuggingFace's class raises where it is given PyTorch's and TensorFlow's."""
    seen = observed(
        f"from sagemaker.huggingface import HuggingFace\n"
        f"e = HuggingFace(entry_point='t.py', role='r/r', framework_version='1.13'{given})\n"
        f"HyperparameterTuner(e, 'm', ranges).fit()\n"
    )
    assert [data["near"] for kind, data in seen if kind == "argument-dropped"] == [near]


@pytest.mark.parametrize(
    ("cls", "argument", "instead"),
    [
        ("TensorFlow", "training_steps=9", "hyperparameter"),
        ("TensorFlow", "checkpoint_path='s3://a/b'", "checkpoint_s3_uri"),
        ("TensorFlow", "requirements_file='r.txt'", "requirements.txt"),
        ("PyTorch", "enable_cloudwatch_metrics=True", "nothing"),
        ("PyTorch", "training_steps=9", ""),
        ("TensorFlow", "max_runn=9", ""),
    ],
)
def test_an_argument_of_version_1_is_no_misspelt_one(cls: str, argument: str, instead: str) -> None:
    """What took its place in version 2 is known, and its spelling is right."""
    seen = observed(
        f"from sagemaker.{cls.lower()} import {cls}\n"
        f"e = {cls}(entry_point='t.py', role='r/r', instance_count=1, instance_type='ml.m5.large',\n"
        f"  framework_version='2.1', py_version='py310', {argument})\nHyperparameterTuner(e, 'm', ranges).fit()\n"
    )
    assert [data["instead"] for kind, data in seen if kind == "argument-dropped"] == [instead]


def test_a_placeholder_in_python_is_to_be_filled_in() -> None:
    """``<YOUR ROLE>`` is a placeholder, and so is ``ACCOUNT`` in an ARN; all other marks are plain text in Python."""
    text = """
import boto3
boto3.client("sagemaker").create_hyper_parameter_tuning_job(
    HyperParameterTuningJobName="<YOUR JOB NAME>",
    HyperParameterTuningJobConfig={"Strategy": "$STRATEGY", "RandomSeed": 1},
    TrainingJobDefinition={"RoleArn": "<ROLE ARN>", "AlgorithmSpecification": {
        "AlgorithmName": "arn:aws:sagemaker:REGION:ACCOUNT:algorithm/x"}},
)
"""
    assert value(text, "HyperParameterTuningJobName") == "is the placeholder <YOUR JOB NAME>"
    assert value(text, "TrainingJobDefinition.RoleArn") == "is the placeholder <ROLE ARN>"
    algorithm = value(text, "TrainingJobDefinition.AlgorithmSpecification.AlgorithmName")
    assert algorithm == "contains the placeholder REGION"
    core = """
from sagemaker.core.resources import HyperParameterTuningJob
from sagemaker.core.shapes import HyperParameterTrainingJobDefinition
HyperParameterTuningJob.create("<JOB NAME>", training_job_definition=HyperParameterTrainingJobDefinition(
    role_arn="arn:aws:iam::ACCOUNT:role/ROLE"))
"""
    assert value(core, "HyperParameterTuningJobName") == "is the placeholder <JOB NAME>"
    assert value(core, "TrainingJobDefinition.RoleArn") == "contains the placeholder ACCOUNT"
    assert value(text, "HyperParameterTuningJobConfig.Strategy") == "$STRATEGY"


def test_a_channel_has_its_name_though_its_address_is_unknown() -> None:
    """The key of a dict is always sent; an input that is no dict may be one."""
    (job,) = read(HEAD + TUNER + "tuner.fit({'train': path, 'test': find('x'), 'validation': 's3://b/v'})\n").jobs
    names = [follow(job.request, ("TrainingJobDefinition", "InputDataConfig", at, "ChannelName")) for at in range(3)]
    assert [getattr(name, "value", None) for name in names] == ["train", "test", "validation"]
    first = follow(job.request, ("TrainingJobDefinition", "InputDataConfig", 0))
    assert isinstance(first, Struct)
    assert first.open is not None
    assert "which this source does not define" in first.open.reason
    assert isinstance(value(HEAD + TUNER + "tuner.fit(inputs)\n", "TrainingJobDefinition.InputDataConfig"), str)


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ("args = parse()\n", "args.n", "is `n` of what `parse()` returns"),
        ("import sys\n", "int(sys.argv[1])", "is `int()` of an item of `sys.argv`"),
        ("import os\n", "os.environ['N']", "is the environment variable `N`"),
        (
            "import argparse\nargs = argparse.ArgumentParser().parse_args()\n",
            "args.n",
            "is `n` of what `parse_args()` returns",
        ),
        ("import settings\n", "settings.n", "is `settings.n`, which is defined elsewhere"),
    ],
)
def test_a_reason_says_what_the_value_is_a_part_of(given: str, path: str, reason: str) -> None:
    """So that one knows where to look."""
    text = f"{HEAD}{given}HyperparameterTuner(est, 'm', ranges, max_jobs={path}).fit()\n"
    assert value(text, "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs") == reason


def test_spread_arguments_are_the_reason_wherever_they_may_come_in() -> None:
    """Not Autotune, and not an argument that stands nowhere."""
    (job,) = jobs(
        HEAD + "from cfg import given\ne = Estimator('i', 'r/r', **given)\nHyperparameterTuner(e, **given).fit()\n"
    )
    reasons = {each["reason"] for each in job["unknown"]}
    assert not any("Autotune" in reason or "disable_output" in reason for reason in reasons), reasons


def test_a_cell_that_does_not_parse_is_the_reason_of_what_it_would_set() -> None:
    """Values from before the cell are no longer known, and later cells do not call the name undefined."""
    limit = "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs"
    cells = [
        HEAD + "n = 5\nm = 6\n",
        "n = 7\nranges = #TODO\n",
        "HyperparameterTuner(est, 'm', ranges, max_jobs={}).fit()",
    ]
    known = notebook(*cells[:2], cells[2].format("m"))
    assert value(known, limit, "x.ipynb") == 6
    assert (
        value(known, "HyperParameterTuningJobConfig.ParameterRanges", "x.ipynb")
        == "is set in cell 3, which is not Python"
    )
    assert (
        value(notebook(*cells[:2], cells[2].format("n")), limit, "x.ipynb") == "is set in cell 3, which is not Python"
    )


@pytest.mark.parametrize(
    "broken",
    [
        'if n > 30:\n    n = 4\n    print "fewer"\n',
        'x, n = 1, 2\nprint "n is", n\n',
        "for n in [1, 2]:\n    print n\n",
        "n: int = 5\nprint n\n",
        "if True: n = 5\nprint n\n",
    ],
)
def test_what_a_cell_that_does_not_parse_uses_may_be_another_thing_after_it(broken: str) -> None:
    """A kernel of Python 2 runs it: neither a number nor what a dict or an object holds is known from then on."""
    limit = "HyperParameterTuningJobConfig.ResourceLimits.MaxNumberOfTrainingJobs"
    tuner = "HyperparameterTuner(est, 'm', ranges, max_jobs=n).fit()"
    assert value(notebook(HEAD + "n = 40\n", tuner), limit, "x.ipynb") == 40
    assert "is not Python" in value(notebook(HEAD + "n = 40\n", broken, tuner), limit, "x.ipynb")
    changed = notebook(HEAD + "more = ranges\n", "more.update(x=1)\nprint 1\n", TUNER + "tuner.fit()")
    (job,) = read(changed, "x.ipynb").jobs
    ranges = follow(job.request, parse_path("HyperParameterTuningJobConfig.ParameterRanges.ContinuousParameterRanges"))
    assert ranges is None or getattr(ranges, "open", ranges) is not None


def test_the_step_limit_is_reported_only_for_a_source_that_defines_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first such call; a client's own wrapper that passes its arguments on does not define a job."""
    monkeypatch.setattr(interpreter, "MAX_STEPS", 2_000)
    long = "\n".join(f"x{number} = f({number})" for number in range(1_000))
    wrapper = "class HyperParameterTuningJob:\n    def create(self, **given):\n"
    wrapper += "        client.create_hyper_parameter_tuning_job(**given)\n"
    assert read(f"{wrapper}{long}\n").problems == []
    _, reading = read_source("x.py", f"{long}\nclient.create_hyper_parameter_tuning_job(Tags=[])\n".encode())
    ((problem),) = reading.problems
    assert problem.reason == "the source has more statements and calls than hpolint interprets"
    assert problem.span.line == 1_001


@pytest.mark.parametrize(
    "call",
    [
        "client.create_hyper_parameter_tuning_job(**config)",
        "client.create_hyper_parameter_tuning_job(HyperParameterTuningJobName=name, Tags=tags)",
        "HyperParameterTuningJob.create(hyper_parameter_tuning_job_name=name)",
        "SageMakerTuningOperator(task_id='tune', config=config)",
    ],
)
def test_a_wrapper_defines_no_job(call: str) -> None:
    """A function that only passes on what its callers define, as the SDKs have them; one that says more does."""
    head = """
import boto3
from sagemaker_core.resources import HyperParameterTuningJob
from airflow.providers.amazon.aws.operators.sagemaker import SageMakerTuningOperator
client = boto3.client("sagemaker")
"""
    assert jobs(f"{head}def launch(config, name, tags):\n    {call}\n") == []
    assert jobs(f"{head}class Hook:\n    def launch(self, config, name=None, tags=()):\n        {call}\n") == []
    public = "    def start(self, config, name=None, tags=()):\n        self.launch(config, name, tags)\n"
    assert jobs(f"{head}class Hook:\n{public}    def launch(self, config, name=None, tags=()):\n        {call}\n") == []
    assert len(jobs(f"{head}config, name, tags = load()\n{call}\n")) == 1
    caller = "def handler(event):\n    launch({'HyperParameterTuningJobName': 'x'}, 'x', [])\n"
    for text in (
        f"def launch(config, name, tags):\n    {call}\n{caller}",
        f"{caller}def launch(config, name, tags):\n    {call}\n",
    ):
        (job,) = jobs(head + text)
        assert job["name"] == "x"
    said = "launch({'HyperParameterTuningJobName': 'x'}, 'x', [])"
    assert len(jobs(f"{head}def launch(config, name, tags):\n    {call}\n{said}\n")) == 1


@pytest.mark.parametrize(
    ("made", "argument"),
    [
        ("Estimator('i', 'r/r', 1, 'ml.m5.large', train_volume_size=9)", "train_use_spot_instances"),
        ("Estimator('i', 'r/r', 1, 'ml.m5.large', volume_size=9)", "use_spot_instances"),
    ],
)
def test_old_sources_keep_old_argument_names(made: str, argument: str) -> None:
    """Version 1 has only these names, and version 2 accepts them."""
    (job,) = read(f"{HEAD}HyperparameterTuner({made}, 'm', ranges, max_jobs=2).fit()\n").jobs
    assert job.spelling.name("EnableManagedSpotTraining") == argument


def test_calls_that_differ_are_called_calls() -> None:
    """boto3 has no tuner."""
    text = """
import boto3
def run(metric):
    boto3.client("sagemaker").create_hyper_parameter_tuning_job(HyperParameterTuningJobName=metric)
run("a")
run("b")
"""
    name: Any = value(text, "HyperParameterTuningJobName")
    assert name == "differs between the calls at line 4"
