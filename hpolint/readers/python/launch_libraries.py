"""The libraries that launch tuning jobs, by their top-level modules."""

from __future__ import annotations

LAUNCH_LIBRARIES = frozenset(
    {"sagemaker", "sagemaker_core", "boto3", "botocore", "stepfunctions", "airflow", "smexperiments"}
)
"""Their functions do not change the dicts and lists passed to them, except where the model of the SDK says so."""
