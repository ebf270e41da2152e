"""The command line that starts a script: as SageMaker's own training toolkit builds it."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from hpolint.facts.command_line import is_sent
from tests.script.test_arguments import NAMES, to_cmd_args
from tests.script.whole_parser import command_line

CAPTURE = Path(__file__).parent.parent / "oracles" / "capture_toolkit.py"
MORE = ["sagemaker_program", "sagemaker_region", "_tuning_objective_metric", "model_dir", "é", "x-y"]
VALUES = [
    "1",
    "2.50",
    "-1e-05",
    "text",
    '"text"',
    "true",
    "null",
    "[1, 2]",
    '{"b": 1, "a": "x"}',
    "",
    "{",
    "NaN",
    '"é"',
]


def drawn(count: int) -> list[dict[str, str]]:
    """Hyperparameters as the service sends them: all of them strings."""
    source = random.Random(7)
    return [
        {name: source.choice(VALUES) for name in source.sample([*NAMES, *MORE], source.randint(0, 6))}
        for _ in range(count)
    ]


@pytest.mark.live
def test_the_command_line_is_the_toolkits() -> None:
    """Names, values and their order, and what is taken out before."""
    sent = drawn(2000)
    python = os.environ["HPOLINT_TOOLKIT"]
    run = subprocess.run([python, str(CAPTURE)], input=json.dumps(sent), capture_output=True, text=True, check=True)
    for hyperparameters, line in zip(sent, json.loads(run.stdout), strict=True):
        assert command_line(hyperparameters) == [str(part) for part in line]


def test_what_the_other_tests_restate_is_the_same() -> None:
    """Of what is handed on at all."""
    for hyperparameters in drawn(200):
        handed = {name: value for name, value in hyperparameters.items() if is_sent(name)}
        assert command_line(hyperparameters) == to_cmd_args(handed)
