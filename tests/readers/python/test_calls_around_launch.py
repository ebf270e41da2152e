"""The calls before and after a launch: what is observed, and where nothing is claimed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hpolint import check
from hpolint.model.observations import BestModelUsed, SdkReplaced
from hpolint.readers import read_source
from hpolint.readers.python import installs
from tests.harness.growth import assert_linear_in_time

HEAD = """
import os, settings, sys, threading, time
import numpy as np
from sagemaker import KMeans, Session, image_uris
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.tuner import *
image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
ranges = {"lr": ContinuousParameter(0.1, 0.5)}
def estimator(image=image, **more):
    return Estimator(image, "arn:aws:iam::111122223333:role/r", 1, "ml.m5.large", **more)
def tuner(made=None, ranges=ranges, **more):
    return HyperparameterTuner(made or estimator(), "m", ranges, max_jobs=4, **more)
"""


VARIABLES = "from sagemaker.workflow.execution_variables import *\n"


def seen(body: str) -> list[str]:
    """What is wrong with the last job of a program, as text: the head has one job if the body does not use it."""
    _, reading = read_source("program.py", (HEAD + body + "\n").encode())
    observed = [observation.observed for observation in reading.jobs[-1].observations]
    return [str(wrong) for wrong in observed if not isinstance(wrong, BestModelUsed)]


@pytest.mark.parametrize(
    "arguments",
    [
        "'us-east-1', 'xgboost', '1.7-1'",
        "'xgboost', 'us-east-1'",
        "'xgboost', 'us-east-1', version=1.7",
        "'xgboost', None, '1.7-1'",
        "framework='Linear_Learner', region='us-east-1'",
        "'kmeans'",
        "'sklearn', 'us-east-1', '0.24.1'",
        "'mxnet', 'us-east-1', '1.9.0', 'py38', 'ml.m5.large'",
        "'huggingface', 'us-east-1', '4.26', image_scope='training', instance_type='ml.p3.2xlarge'",
    ],
)
def test_a_lookup_of_an_image_raises_an_error(arguments: str) -> None:
    """Of the job that gets the image."""
    body = f"tuner(estimator(image_uris.retrieve({arguments}))).fit('s3://b/t')"
    assert [text.partition("(")[0] for text in seen(body)] == ["ImageLookupRefused"]


@pytest.mark.parametrize(
    "arguments",
    [
        "'xgboost', settings.region, '1.7-1'",
        "'xgboost', 'us-east-9', '99.1-1'",
        "'xgboost', 'us-east-1', '1.7-9'",
        "'xgboost', 'us-east-1', 'latest'",
        "'xgboost', 'us-east-1', image_scope='training'",
        "'a-framework-of-tomorrow', 'us-east-1'",
        "settings.framework, 'us-east-1'",
        "'kmeans', 'us-east-1', '7'",
        "'xgboost', 'us-east-1', **settings.more",
        "'pytorch', 'us-east-1', model_id='some-model', model_version='*'",
        "'pytorch', 'us-east-1', '1.12', 'py38', 'ml.m5.large', image_scope='training'",
        "'pytorch', 'us-east-1', '1.1', 'py38', 'ml.trn1.2xlarge', image_scope='training'",
        "'pytorch', 'us-east-1', '1.12', 'py38', settings.instance, image_scope='training'",
    ],
)
def test_a_lookup_that_a_later_sdk_may_take_is_not_judged(arguments: str) -> None:
    """A version above those that are known, an unknown value, and arguments that change where the SDK looks."""
    assert seen(f"tuner(estimator(image_uris.retrieve({arguments}))).fit('s3://b/t')") == []


def test_a_lookup_with_several_values_is_judged_if_all_fail() -> None:
    """A function of the source may be called with others."""
    body = "def look(version):\n    return image_uris.retrieve('xgboost', 'us-east-1', version)\n"
    body += "look('1.7-1')\ntuner(estimator(look({}))).fit('s3://b/t')"
    assert seen(body.format("'1.7'")) == []
    assert seen(body.replace("'1.7-1'", "'1.7'").format("'1.7'")) != []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("tuner(ranges={'lr': (0.1, 0.5)}).fit()", "NotARange"),
        ("tuner(ranges=[ContinuousParameter(0.1, 0.5)]).fit()", "RangesNotADict"),
        ("tuner(ranges={'a': CategoricalParameter(np.arange(3))}).fit()", "CategoricalNotAList"),
        ("tuner(warm_start_config=WarmStartConfig('TransferLearning', {'a'})).fit()", "WarmStartTypeRefused"),
        ("tuner(warm_start_config=WarmStartConfig(WarmStartTypes.IDENTICAL, {'a'})).fit()", "WarmStartTypeRefused"),
        ("tuner(strategy_config={'a': 1}).fit()", "PartNotAnObject"),
        ("tuner(completion_criteria_config={}).fit()", "PartNotAnObject"),
        ("tuner().fit()\nHyperparameterTuner.attach('j', estimator())", "PartNotAnObject"),
        ("tuner().fit('data/train.csv')", "InputRefused"),
        ("home = '/home/me'\ntuner().fit(f'{home}/train')", "InputRefused"),
        ("bucket = ''\ntuner().fit('/data/train')", "InputRefused"),
        ("bucket = ''\nbucket = '/data'\ntuner().fit(f'{bucket}/train')", "InputRefused"),
        ("tuner().fit({'train': ['s3://b/t']})", "InputRefused"),
        ("tuner().fit(('s3://b/t', 's3://b/v'))", "InputRefused"),
        ("tuner(KMeans('r', 1, 'ml.m5.large', k=3)).fit({'train': 's3://b/t'})", "InputsNotRecords"),
        ("HyperparameterTuner(Estimator, 'm', ranges, max_jobs=4).fit()", "EstimatorNotAnObject"),
    ],
)
def test_a_launch_that_raises_an_error_is_observed(body: str, kind: str) -> None:
    """What the SDK is given stands in the program."""
    assert [text.partition("(")[0] for text in seen(body)] == [kind]


@pytest.mark.parametrize(
    "body",
    [
        "tuner(ranges={'lr': (0.1, 0.5)})",
        "bucket = ''\ntuner().fit('%s/train' % bucket)",
        "bucket = ''  # yours\ntuner().fit({'train': f'{bucket}/train'})",
        "bucket = ''\naddress = bucket + '/train'\ntuner().fit(address)",
        "bucket, prefix = '', 'x'\nbucket = ''\ntuner().fit('{}/{}'.format(bucket, prefix))",
        "tuner(ranges={'lr': settings.lr, 'none': None, **ranges}).fit()",
        "tuner(ranges=settings.ranges).fit()",
        "tuner(ranges={'a': CategoricalParameter(np.arange(3).tolist())}).fit()",
        "tuner(ranges={'a': CategoricalParameter(list(np.arange(3)))}).fit()",
        "tuner(ranges={'a': CategoricalParameter(np.arange(3) if settings.a else [1])}).fit()",
        "tuner(warm_start_config=WarmStartConfig(settings.kind, {'a'})).fit()",
        "tuner(warm_start_config={}, strategy_config=settings.config).fit()",
        "tuner(warm_start_config=False).fit()",
        "tuner(estimator(image_uris.retrieve('XGBoost', 'us-east-1', '1.7-1'))).fit()",
        "from sagemaker.utils import retry_with_backoff\nt = tuner()\nt.fit()\nretry_with_backoff(t.describe, 3)",
        f"{VARIABLES}str(ExecutionVariables.PIPELINE_NAME.name)\ntuner().fit()",
        "HyperparameterTuner.stop = HyperparameterTuner.stop_tuning_job\nt = tuner()\nt.fit()\nt.stop()",
        "setattr(HyperparameterTuner, 'stop', settings.stop)\nt = tuner()\nt.fit()\nt.stop()",
        "t = tuner(ranges={'lr': (0.1, 0.5)})\nt._hyperparameter_ranges = ranges\nt.fit()",
        "tuner().fit({'train': settings.train, 'validation': f's3://{settings.bucket}/v'})",
        "tuner().fit(os.path.dirname(settings.upload('data.csv')))",
        "tuner().fit('{{ inputs }}')",
        "tuner().fit('<your data>')",
        "tuner().fit('file://data')",
        "tuner().fit()\nHyperparameterTuner.attach('j', Session())",
        "tuner().fit()\nHyperparameterTuner.attach('j', None, None, Estimator)",
        "tuner().fit([settings.records])",
        "tuner(KMeans('r', 1, 'ml.m5.large', k=3)).fit(settings.records)",
        "tuner(settings.Estimator).fit()",
    ],
)
def test_a_value_that_the_sdk_may_take_is_not_judged(body: str) -> None:
    """An unknown value, a placeholder, and a tuner that is not launched."""
    assert seen(body) == []


STEPS = "    t.fit('s3://b/t', wait=False)\n    yield\n    t.best_training_job()"


@pytest.mark.parametrize(
    "lines",
    [
        "t.best_training_job()\nt.fit('s3://b/t')",
        "t.deploy(1, 'ml.m5.large')",
        "t.fit('s3://b/t', wait=False)\nprint('started')\nt.best_training_job()",
        "t.fit('s3://b/t', wait=False)\nprint(t.best_estimator())",
    ],
)
def test_a_result_is_used_before_there_is_one(lines: str) -> None:
    """The tuner has no job, or its job has just started."""
    assert [text.partition("(")[0] for text in seen(f"t = tuner()\n{lines}")] == ["AskedBeforeLaunch"]


@pytest.mark.parametrize(
    "lines",
    [
        "t.fit('s3://b/t')\nt.best_training_job()",
        "t.fit('s3://b/t', wait=False)\nt.wait()\nt.best_training_job()",
        "t.fit('s3://b/t', wait=False)\ntime.sleep(9)\nt.best_training_job()",
        "t.fit('s3://b/t', wait=False)\ninput()\nt.best_training_job()",
        "t.fit('s3://b/t', wait=False)\nif settings.now:\n    t.best_training_job()",
        "t.fit('s3://b/t', wait=settings.wait)\nt.best_training_job()",
        "getattr(t, 'fit')('s3://b/t')\nt.best_training_job()",
        "settings.launch(t)\nt.best_training_job()",
        "threading.Thread(target=t.fit).start()\nt.best_training_job()",
        "t.latest_tuning_job = settings.job\nt.best_training_job()",
        "try:\n    t.best_training_job()\nexcept ValueError:\n    t.fit('s3://b/t')",
        "if t.latest_tuning_job is not None:\n    t.best_training_job()",
        "def later():\n    t.best_training_job()",
        f"def steps():\n{STEPS}\ng = steps()\nnext(g)\nnext(g, None)",
        "t.fit('s3://b/t', wait=False)\nfor line in sys.stdin:\n    pass\nt.best_training_job()",
        "t.fit('s3://b/t', wait=False)\nwith settings.lock:\n    t.best_training_job()",
        "if settings.old:\n    t = HyperparameterTuner.attach('a')\nelse:\n    t.fit('s3://b/t')\nt.best_training_job()",
    ],
)
def test_a_result_that_may_be_there_is_not_judged(lines: str) -> None:
    """Other code may launch the tuner or wait for it, and a handler may expect the error."""
    assert seen(f"t = tuner()\n{lines}") == []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["t.best_training_job()", "t.fit('s3://b/t')"], 0),
        (["t.fit('s3://b/t', wait=False)", "t.best_training_job()"], 0),
        (["t.best_training_job()"], 1),
    ],
)
def test_the_cells_of_a_notebook_run_in_any_order(cells: list[str], expected: int) -> None:
    """A launch in another cell may have come before, and people wait by hand."""
    sources = [HEAD, "t = tuner()", *cells]
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code}
    _, reading = read_source("notebook.ipynb", json.dumps(notebook).encode())
    (job,) = reading.jobs
    assert len([each for each in job.observations if each.kind == "asked-before-launch"]) == expected


IN_REGION = """
    session = Session(boto3.Session(region_name=region))
    tuner(estimator(sagemaker_session=session)).fit(job_name='churn')
"""
CLICK = "".join(f"@cli.command()\ndef {name}():\n    tuner().fit(job_name='churn')\n" for name in "ab")
COMMANDS = "t = tuner()\ndef a():\n    t.fit(job_name='churn')\ndef b():\n    t.fit(job_name='churn')\n"


@pytest.mark.parametrize(
    ("body", "launches"),
    [
        ("tuner().fit(job_name='churn')", 1),
        ("for lr in (1, 2):\n    tuner(estimator(hyperparameters={'a': lr})).fit(job_name='churn')", 2),
        ("for lr in (1, 2):\n    try:\n        tuner().fit(job_name='churn')\n    except Exception:\n        pass", 1),
        ("while True:\n    tuner().fit(job_name='churn')\n    break", 1),
        (f"import boto3\nfor region in ('us-east-1', 'eu-west-1'):\n{IN_REGION}", 1),
        ("for lr in (1, 2):\n    tuner(estimator(sagemaker_session=Session())).fit(job_name='churn')", 2),
        (f"import fire\n{COMMANDS}fire.Fire({{'a': a, 'b': b}})", 1),
        (f"import click\n@click.group()\ndef cli(): pass\n{CLICK}cli()", 1),
    ],
)
def test_a_name_is_the_same_each_time(body: str, launches: int) -> None:
    """How often one run is certain to send it, unless a handler may catch the service's error."""
    assert seen(body) == [f"FixedName(name='churn', launches={launches})"]


@pytest.mark.parametrize(
    "body",
    [
        "tuner().fit(job_name=os.environ.get('NAME', 'churn'))",
        "tuner().fit(job_name=f'churn-{time.time()}')",
        "tuner().fit(job_name='churn-{{ ds }}')",
        "tuner().fit(job_name='<name>')",
        "tuner().fit()",
        "for lr in (1, 2):\n    tuner(estimator(hyperparameters={'a': lr})).fit(job_name=f'churn-{lr}')",
    ],
)
def test_a_name_that_may_change_is_not_judged(body: str) -> None:
    """It is of an environment variable, the time, a template or the loop's variable."""
    assert seen(body) == []


def replaced(*cells: str, python: str = "3.10.8", launches: bool = True) -> list[str]:
    """The requirements that replace the SDK in a notebook of these cells, which then launches a tuner."""
    sources = [*cells, HEAD, "tuner().fit('s3://b/t')"] if launches else list(cells)
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    metadata = {"language_info": {"name": "python", "version": python}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": code}
    _, reading = read_source("notebook.ipynb", json.dumps(notebook).encode())
    (job,) = reading.jobs
    return [each.observed.requirement for each in job.observations if isinstance(each.observed, SdkReplaced)]


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("!pip install -U sagemaker", "sagemaker"),
        ("%pip install --quiet --upgrade 'sagemaker>=2.100' pandas", "sagemaker>=2.100"),
        ("!{sys.executable} -m pip install -qU boto3 sagemaker", "sagemaker"),
        ("%%bash\n# the SDK\npip install boto3\npip install -U sagemaker", "sagemaker"),
        ("%%capture\n!pip install -U sagemaker --user", "sagemaker"),
        ("with quiet():\n    !pip install -U \\\n  sagemaker pandas>=1", "sagemaker"),
    ],
)
def test_a_notebook_replaces_the_sdk_by_version_3(line: str, requirement: str) -> None:
    """An upgrade without an upper bound takes the newest version."""
    assert replaced(line) == [requirement]


@pytest.mark.parametrize(
    "line",
    [
        "!pip install sagemaker",
        "!pip install -U 'sagemaker<3'",
        "!pip install -U sagemaker==2.100",
        "!pip install -U sagemaker~=2.100",
        "!pip install -U 'sagemaker>=2,<3'",
        "!pip install -U sagemaker -c constraints.txt",
        "!pip install -U sagemaker-experiments my-sagemaker",
        "# !pip install -U sagemaker",
        "print('''\n!pip uninstall -U sagemaker''')",
        "!pip install -U sagemaker\n!pip install 'sagemaker<3'",
        "!pip install -U sagemaker\nfrom sagemaker.train import ModelTrainer",
        "!pip install -U sagemaker boto3==1.34.0",
        "!pip install -U sagemaker 'numpy<2'",
        "!pip install -U sagemaker \\\n  boto3~=1.34",
        "!pip install -U sagemaker -cconstraints.txt",
        "!pip install -U sagemaker ./own",
        "!pip install -U sagemaker git+https://example.com/own",
        "%env PIP_CONSTRAINT=/opt/constraints.txt\n!pip install -U sagemaker",
        "os.environ['PIP_CONSTRAINT'] = 'constraints.txt'\n!pip install -U sagemaker",
    ],
)
def test_a_notebook_that_may_keep_version_2_is_not_judged(line: str) -> None:
    """An installed version stays without an upgrade, and a bound may stand anywhere, also of another package."""
    assert replaced(line) == []


@pytest.mark.parametrize(
    "options",
    [
        *("-t lib", "--target=lib", "--prefix /opt", "--root=/mnt", "--dry-run", "--no-index", "-f wheels"),
        *("--find-links wheels", "--python other", "-i https://example.com/simple", "--help"),
    ],
)
def test_a_command_that_installs_elsewhere_or_from_elsewhere_is_not_judged(options: str) -> None:
    """The kernel keeps its SDK, or gets what another place has."""
    assert replaced(f"!pip install -U sagemaker {options}") == []
    assert replaced(f"!pip install {options} -U sagemaker") == []


@pytest.mark.parametrize(
    "line",
    [
        "!/opt/conda/envs/other/bin/python -m pip install -U sagemaker",
        "text = '''\n!pip install -U sagemaker\n'''",
        "%%bash\ncat > setup.sh <<EOF\npip install -U sagemaker\nEOF",
        "%%bash\nif true; then\npip install -U sagemaker\nfi",
        "%%bash\nsource activate other\npip install -U sagemaker",
        "%%skip\n!pip install -U sagemaker",
        "if old:\n    !pip install -U sagemaker",
        "try:\n    import sagemaker\nexcept ImportError:\n    !pip install -U sagemaker",
        "def install():\n    !pip install -U sagemaker",
    ],
)
def test_a_command_that_may_not_run_in_the_kernel_is_not_judged(line: str) -> None:
    """Text of a string or file, a branch, a function, another environment."""
    assert replaced(line) == []


def test_a_command_after_the_launch_is_not_judged() -> None:
    """The job has started by then."""
    assert replaced(HEAD, "tuner().fit('s3://b/t')", "!pip install -U sagemaker", launches=False) == []


@pytest.mark.parametrize(
    ("regex", "text"),
    [(installs.BOUND, "sagemaker>=2 "), (installs.BOUND, "sagemaker>=2,"), (installs.BOUND, "sagemaker>=sagemaker,")],
)
def test_bounds_of_the_sdk_are_searched_in_linear_time(regex: re.Pattern[str], text: str) -> None:
    """However often a line names the SDK."""
    assert_linear_in_time(lambda size: text * size, regex.search, 4_000)


def test_options_of_a_command_are_searched_in_linear_time() -> None:
    """However many letters an option has."""
    assert_linear_in_time(lambda size: f" -{'U' * size}!", installs.UPGRADES.search, 20_000)


def test_a_python_that_version_3_does_not_support_keeps_version_2() -> None:
    """By the kernel that the notebook names; one that it does not name is not known."""
    assert replaced("!pip install -U sagemaker", python="3.8.1") == []
    assert replaced("!pip install -U sagemaker", python="") == []


@pytest.mark.parametrize(
    ("line", "requirements", "expected"),
    [
        ("!pip install -U -r requirements.txt", "pandas\nsagemaker>=2.100  # the SDK\n", True),
        ("%pip install --upgrade --requirement=./requirements.txt -q", "sagemaker\n", True),
        ("!pip install -r requirements.txt", "sagemaker\n", False),
        ("!pip install -U -r code/requirements.txt", "sagemaker\n", False),
        ("!pip install -U -r requirements.txt -c constraints.txt", "sagemaker\n", False),
        ("!pip install -U -r requirements.txt", "sagemaker<3\n", False),
        ("!pip install -U -r requirements.txt", "sagemaker\nnumpy==1.19.5\n", False),
        ("!pip install -U -r requirements.txt", "sagemaker\n-c constraints.txt\n", False),
        ("!pip install -U -r requirements.txt", "sagemaker-training\n", False),
        ("!pip install -U -r requirements.txt numpy==1.19.5", "sagemaker\n", False),
        ("!pip install -U -r requirements.txt -r other.txt", "sagemaker\n", False),
        ("%cd code\n!pip install -U -r requirements.txt", "sagemaker\n", False),
        ("!pip install -U sagemaker -r requirements.txt", "pandas\n", False),
    ],
)
def test_a_file_of_requirements_replaces_the_sdk(
    line: str, requirements: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a command of the notebook upgrades what it lists, and nothing in it may keep version 2."""
    monkeypatch.chdir(tmp_path)
    sources = [line, HEAD, "tuner().fit('s3://b/t')"]
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    metadata = {"language_info": {"name": "python", "version": "3.10.8"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": code}
    files = {"a/notebook.ipynb": json.dumps(notebook), "a/requirements.txt": requirements}
    findings = check(files, {"select": ["sdk/sdk-replaced"]}, isolated=True).findings
    assert ["requirements.txt" in finding.text[0] for finding in findings] == [True] * expected


def test_a_bound_in_another_file_keeps_version_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's own file bounds what its requirements leave open."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    sources = ["!pip install -U -r requirements.txt", HEAD, "tuner().fit('s3://b/t')"]
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    metadata = {"language_info": {"name": "python", "version": "3.10.8"}}
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": code})
    project = 'dependencies = ["sagemaker>=2.248.0,<3"]'
    files = {"a/notebook.ipynb": notebook, "a/requirements.txt": "sagemaker\n", "pyproject.toml": project}
    assert check(files, {"select": ["sdk/sdk-replaced"]}, isolated=True).findings == []


LOOK = "image_uris.retrieve('xgboost', 'us-east-1',"
LOOKED_UP = "tuner(estimator(look('1.7'))).fit('s3://b/t')"


@pytest.mark.parametrize(
    "body",
    [
        "try:\n    tuner().fit('data/train.csv')\nexcept ValueError:\n    tuner().fit('s3://b/t')",
        "try:\n    tuner().fit('data/train.csv')\nexcept Exception:\n    tuner().fit('s3://b/t')",
        "import contextlib\nwith contextlib.suppress(Exception):\n    tuner().fit('data/train.csv')",
        "import pytest\nwith pytest.raises(ValueError):\n    tuner().fit('data/train.csv')",
        "def go():\n    tuner().fit('data/train.csv')\ntry:\n    go()\nexcept ValueError:\n    pass",
        f"def look(v):\n  try:\n    return {LOOK} v)\n  except ValueError:\n    return {LOOK} v + '-1')\n{LOOKED_UP}",
        "try:\n    t = tuner(strategies='Grid')\nexcept TypeError:\n    t = tuner(strategy='Bayesian')\nt.fit('s3://b/t')",
        "import contextlib\nt = tuner()\nwith contextlib.suppress(AttributeError):\n    t.predict\nt.fit('s3://b/t')",
    ],
)
def test_an_error_that_the_program_expects_is_not_reported(body: str) -> None:
    """A handler for it, or one that does something else instead, and context managers that expect errors."""
    assert seen(body) == []


@pytest.mark.parametrize(
    "handler",
    [
        "except Exception as error:\n    print(f'failed: {error}')",
        "except:\n    pass",
        "except Exception:\n    raise",
        "finally:\n    print(1)",
    ],
)
def test_a_handler_that_only_shows_an_error_does_not_expect_it(handler: str) -> None:
    """The job is not launched all the same."""
    assert len(seen(f"try:\n    tuner().fit('data/train.csv')\n{handler}")) == 1
