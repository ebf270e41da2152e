"""Tuned values that a script looks for in environment variables which no trial has."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Command
from tests.script.test_arguments import read

SCRIPT = """\
import os
rate = float(os.environ.get("lr", 0.1))
print(rate)
"""

LAUNCH = """\
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
est = PyTorch(
    "train.py", role="r", instance_count=1, instance_type="ml.m5.large", framework_version="2.1", py_version="py310"
)
HyperparameterTuner(est, "m", {"lr": ContinuousParameter(0.1, 0.2)}, max_jobs=8).fit()
"""


def variables(text: str) -> list[str]:
    """The variables that a script reads and that nothing sets."""
    return [variable.name for variable in read(text).arguments.variables]


@pytest.mark.parametrize(
    "lookup",
    [
        'os.environ.get("lr", 0.1)',
        'os.environ["lr"]',
        'os.getenv("lr")',
        'os.environ["lr"] if "lr" in os.environ else 0.1',
    ],
)
def test_a_variable_that_nothing_sets(lookup: str) -> None:
    """Each way to look one up counts."""
    assert set(variables(SCRIPT.replace('os.environ.get("lr", 0.1)', lookup))) == {"lr"}


@pytest.mark.parametrize(
    "more",
    [
        'os.environ["lr"] = "0.2"',
        'os.environ.update(lr="0.2")',
        'os.environ.setdefault("lr", "0.2")',
        'os.putenv("lr", "0.2")',
        "import settings\nsettings.fill(os.environ)",
        "variables = os.environ",
        "from dotenv import load_dotenv\nload_dotenv()",
        "import sys\nprint(sys.argv[1:][0])\nrate = sys.argv[2]",
        'import json\njson.load(open("/opt/ml/input/config/hyperparameters.json"))',
        'json.loads(os.environ["SM_HPS"])',
        'os.environ["SM_HP_LR"]',
        "import click",
    ],
)
def test_a_value_that_may_arrive_after_all(more: str) -> None:
    """Nothing is said if the script may set a variable, or may read its hyperparameters elsewhere."""
    assert variables(f"import os\n{more}\n{SCRIPT}") == []


@pytest.mark.parametrize(
    ("script", "launch", "is_found"),
    [
        (SCRIPT, LAUNCH, True),
        (SCRIPT.replace('"lr"', '"LR"'), LAUNCH, True),
        (SCRIPT.replace('"lr"', '"folder"'), LAUNCH, False),
        (SCRIPT, LAUNCH.replace('"py310"', '"py310", environment={"lr": "0.1"}'), False),
        (SCRIPT, LAUNCH.replace('"py310"', '"py310", environment=settings'), False),
        (
            'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--lr")\nparser.parse_args()\n'
            + SCRIPT,
            LAUNCH,
            False,
        ),
        ("import unread\n" + SCRIPT, LAUNCH, True),
    ],
)
def test_a_range_that_no_variable_brings(hpolint: Command, script: str, launch: str, is_found: bool) -> None:
    """A tuned hyperparameter is reported unless the job sets its variable, or an option takes it."""
    hpolint.write("train.py", script)
    hpolint.write("launch.py", launch)
    run = hpolint("check", ".", "--select", "script/hyperparameter-from-environment", "--output", "json")
    assert bool(json.loads(run.stdout)["findings"]) is is_found
