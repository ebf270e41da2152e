"""A command that a tuner drops, and the Dockerfile of the image that runs it."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Command

TUNER = """
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("111122223333.dkr.ecr.us-east-1.amazonaws.com/own:1", "r", 1, "ml.m5.large", {command})
HyperparameterTuner(estimator, "loss", {{"lr": ContinuousParameter(1e-5, 1e-3)}}, max_jobs=4).fit()
"""
SAME = 'container_entry_point=["python", "a.py"]'
OTHER = 'container_entry_point=["python", "b.py"]'
DOCKERFILE = 'FROM python\nENTRYPOINT ["python", "a.py"]\n'


@pytest.mark.parametrize(
    ("command", "place", "level"),
    [
        (SAME, "repository/jobs/Dockerfile", "note"),
        (SAME, "repository/Dockerfile", "note"),
        (SAME, "Dockerfile", "error"),
        (SAME, "repository/other/Dockerfile", "error"),
        (OTHER, "repository/Dockerfile", "error"),
        (f'{SAME}, container_arguments=["train"]', "repository/Dockerfile", "error"),
        ("container_entry_point=[python, 'a.py']", "repository/Dockerfile", "error"),
    ],
)
def test_a_command_that_the_image_runs_anyway_is_a_note(hpolint: Command, command: str, place: str, level: str) -> None:
    """If the Dockerfile is beside the program, or above it in the repository, and nothing else is dropped."""
    hpolint.write("repository/.git/HEAD", "")
    hpolint.write(place, DOCKERFILE)
    hpolint.write("repository/jobs/tune.py", TUNER.format(command=command))
    run = hpolint("check", "--select", "sdk/command-dropped", "--output", "json", "repository")
    assert [finding["level"] for finding in json.loads(run.stdout)["findings"]] == [level]
