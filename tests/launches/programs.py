"""Programs that launch a tuning job whose instance type is written somewhere: ``KIND`` stands for it."""

from __future__ import annotations

import re
from pathlib import Path

IMPORTS = """import argparse
import itertools
import os
import sys
import boto3
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
"""

TUNER = """
def tuner_of(kind, n=2):
    estimator = Estimator("image:1", "arn:aws:iam::111122223333:role/x", instance_count=1, instance_type=kind)
    ranges = {"lr": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic")}
    metrics = [{"Name": "loss", "Regex": "loss=(.*)"}]
    return HyperparameterTuner(estimator, "loss", ranges, metrics, max_jobs=20, max_parallel_jobs=n)


def launch(kind="ml.m5.xlarge", n=2):
    tuner_of(kind, n).fit()

"""

WAYS_FILE = Path(__file__).parent / "ways.txt"
"""The statements after ``IMPORTS`` and ``TUNER``, each below a line ``# WAY``."""


def _ways() -> dict[str, str]:
    ways: dict[str, str] = {}
    for section in re.split(r"^# ", WAYS_FILE.read_text(), flags=re.MULTILINE)[1:]:
        name, _, statements = section.partition("\n")
        ways[name] = statements.strip()
    return ways


WAYS = _ways()


def program(way: str, kind: str) -> str:
    """A whole program with an instance type."""
    return f"{IMPORTS}{TUNER}\n{WAYS[way].replace('KIND', kind)}\n"
