"""A request that one file writes and another sends is one job: that of the file that sends it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Command
from tests.cost.jobs import definition, request_of

REQUEST = request_of(definition(config={"InstanceType": "ml.p3.16xlarge", "InstanceCount": 1, "VolumeSizeInGB": 9}))
NAMED = {"HyperParameterTuningJobName": "job", **REQUEST}
OPERATOR = "from airflow.providers.amazon.aws.operators.sagemaker import SageMakerTuningOperator\n"
DAG = f"{OPERATOR}import yaml\nwith open('job.yaml') as file:\n    config = yaml.safe_load(file)\n"
LAUNCHES = {
    "an operator": f"{DAG}SageMakerTuningOperator(task_id='tune', config=config)\n",
    "another value": f"{DAG}config['HyperParameterTuningJobName'] = 'other'\nSageMakerTuningOperator(config=config)\n",
    "other code": f"{DAG}start(config)  # HyperParameterTuningJobConfig\n",
    "boto3": f"{DAG}import boto3\nboto3.client('sagemaker').create_hyper_parameter_tuning_job(**config)\n",
}


def places(hpolint: Command, *paths: str) -> list[str]:
    """The files of the jobs that a check finds, with the cache if there is one."""
    run = hpolint("extract", *paths)
    found: list[dict[str, Any]] = json.loads(run.stdout)["jobs"]
    checked = json.loads(hpolint("check", "--output", "json", "--exit-zero", *paths).stdout)
    assert checked["summary"]["jobs"] == len(found)
    return [job["path"] for job in found]


@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES)
def test_a_document_that_a_program_loads_and_sends_is_one_job(hpolint: Command, launch: str) -> None:
    """The program knows what it sends; the document alone is a job as before, and so is the program."""
    hpolint.write("job.yaml", json.dumps(NAMED))
    hpolint.write("dag.py", launch)
    assert places(hpolint, ".") == ["dag.py"]
    assert places(hpolint, ".") == ["dag.py"]
    assert places(hpolint, "job.yaml") == ["job.yaml"]
    assert places(hpolint, "dag.py") == ["dag.py"]


@pytest.mark.parametrize(
    "launch",
    [
        f"{DAG}del config['HyperParameterTuningJobConfig']\nSageMakerTuningOperator(config=config)\n",
        f"{DAG}adjust(config)\nSageMakerTuningOperator(config=config)\n",
        f"{DAG}RUN = False\nif RUN:\n    SageMakerTuningOperator(config=config)\n",
    ],
    ids=["a part", "after other code", "turned off"],
)
def test_a_document_that_is_not_sent_as_it_is_keeps_its_job(hpolint: Command, launch: str) -> None:
    """Nothing that is known of it is lost to a job of which less is known."""
    hpolint.write("job.yaml", json.dumps(NAMED))
    hpolint.write("dag.py", launch)
    assert "job.yaml" in places(hpolint, ".")


def test_a_document_that_only_a_test_sends_keeps_its_job(hpolint: Command) -> None:
    """A test is no launch that anybody pays for each day."""
    hpolint.write("job.yaml", json.dumps(NAMED))
    hpolint.write("test_dag.py", LAUNCHES["an operator"])
    assert "job.yaml" in places(hpolint, ".")


def test_a_dict_of_a_module_that_another_sends_is_one_job(hpolint: Command) -> None:
    """The module of settings is a job only as long as nothing that was read sends it."""
    hpolint.write("settings.py", f"REQUEST = {NAMED!r}\n")
    assert places(hpolint, ".") == ["settings.py"]
    send = "import boto3\nfrom settings import REQUEST\nclient = boto3.client('sagemaker')\n"
    hpolint.write("launch.py", f"{send}client.create_hyper_parameter_tuning_job(**REQUEST)\n")
    assert places(hpolint, ".") == ["launch.py"]
    hpolint.write("settings.py", f"REQUEST = {NAMED!r}\nOTHER = {NAMED!r}\n")
    assert sorted(places(hpolint, ".")) == ["launch.py", "settings.py", "settings.py"]


def test_a_builder_in_a_module_is_one_job(hpolint: Command) -> None:
    """The job of whoever calls it and sends the result."""
    hpolint.write("builder.py", f"def build():\n    return {NAMED!r}\n")
    send = "import boto3\nimport builder\nclient = boto3.client('sagemaker')\n"
    hpolint.write("launch.py", f"{send}client.create_hyper_parameter_tuning_job(**builder.build())\n")
    assert places(hpolint, ".") == ["launch.py"]
