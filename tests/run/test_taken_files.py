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


COMMAND = """#!/bin/sh
aws sagemaker create-hyper-parameter-tuning-job \\
  --hyper-parameter-tuning-job-name {name} \\
  --hyper-parameter-tuning-job-config file://config.json \\
  --training-job-definition 'file://definition.json' --region us-east-1 {rest}
"""


def write_parts(hpolint: Command) -> None:
    """The two files of a request."""
    hpolint.write("config.json", json.dumps(REQUEST["HyperParameterTuningJobConfig"], indent=1))
    hpolint.write("definition.json", json.dumps(REQUEST["TrainingJobDefinition"], indent=1))


@pytest.mark.parametrize("script", ["tune.sh", "scripts/tune.sh", "Makefile"])
def test_a_command_with_several_files_is_one_job(hpolint: Command, script: str) -> None:
    """Its request has the values of all files; each file alone is a part of a request as before."""
    write_parts(hpolint)
    assert places(hpolint, ".") == ["config.json", "definition.json"]
    hpolint.write(script, COMMAND.format(name="job", rest=""))
    hpolint.write(".git/HEAD", "")
    assert places(hpolint, ".") == [script]
    assert places(hpolint, ".") == [script]
    assert places(hpolint, script) == [script]
    assert places(hpolint, "config.json") == ["config.json"]
    (job,) = json.loads(hpolint("cost", "--output", "json").stdout)["jobs"]
    assert (job["name"], job["hours"]) == ("job", {"amount": 10.0, "kind": "exact"})


def test_a_finding_of_a_command_stands_at_its_option_and_shows_the_file(hpolint: Command) -> None:
    """The fix names the place in the file, and is not written there: another command may use the file."""
    write_parts(hpolint)
    hpolint.write("tune.sh", COMMAND.format(name="job", rest=""))
    (finding, *_) = json.loads(hpolint("check", "--output", "json", "--select", "compute/retired-instance").stdout)[
        "findings"
    ]
    assert (finding["path"], finding["line"]) == ("tune.sh", 5)
    assert finding["related"][0]["path"] == "definition.json"


@pytest.mark.parametrize(
    ("name", "rest", "known"),
    [("job", "", "job"), ("$NAME", "", None), ('"job-$(date +%s)"', "", None), ("job", "$MORE", "job")],
)
def test_what_the_shell_computes_is_unknown(hpolint: Command, name: str, rest: str, known: str | None) -> None:
    """A variable in a value leaves the value open; one beside the options may be further options."""
    write_parts(hpolint)
    hpolint.write("tune.sh", COMMAND.format(name=name, rest=rest))
    (job,) = json.loads(hpolint("extract").stdout)["jobs"]
    assert job["name"] == known
    assert bool(job["unknown"]) is (known is None or bool(rest))


@pytest.mark.parametrize("before", ["sed -i s/A/B/ definition.json", "rm -f config.json"])
def test_a_command_whose_files_the_script_writes_is_not_read(hpolint: Command, before: str) -> None:
    """Then the files in the repository are not what is sent, and the command is reported as before."""
    write_parts(hpolint)
    hpolint.write("tune.sh", f"{before}\n{COMMAND.format(name='job', rest='')}")
    assert places(hpolint, ".") == ["config.json", "definition.json"]
    assert b"hygiene/launch-not-read" in hpolint("check", "--all", "tune.sh").stdout
