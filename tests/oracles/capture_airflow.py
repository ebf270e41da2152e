"""Runs programs with Airflow's operators: the runner of ``capture_sdk2.py`` in an environment without an SDK."""

from __future__ import annotations

import sys
from pathlib import Path

# Run as a script: the repository is not installed in the environment that has Airflow.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.oracles.capture_sdk2 import Sdk, main

AIRFLOW = Sdk(modules=("airflow.providers.amazon.aws.operators.sagemaker",), patches=list)

if __name__ == "__main__":
    main(AIRFLOW)
