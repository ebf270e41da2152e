"""The libraries that launch tuning jobs, by their top-level modules."""

from __future__ import annotations

LAUNCH_LIBRARIES = frozenset(
    {"sagemaker", "sagemaker_core", "boto3", "botocore", "stepfunctions", "airflow", "smexperiments"}
)
"""Their functions change none of the dicts and lists that they are given, unless the model of the SDK says so."""
