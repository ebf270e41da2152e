"""Frequent libraries of launch scripts, by their top-level modules."""

from __future__ import annotations

LIBRARIES = frozenset(
    {"IPython", "airflow", "aws_cdk", "boto3", "botocore", "dotenv", "hydra", "joblib", "keras", "lightgbm", "mlflow"}
    | {"matplotlib", "numpy", "omegaconf", "pandas", "pytest", "requests", "s3fs", "sagemaker", "sagemaker_core"}
    | {"scipy", "seaborn", "sklearn", "smdebug", "smexperiments", "stepfunctions", "tensorflow", "torch", "torchvision"}
    | {"tqdm", "transformers", "xgboost", "yaml"}
)
"""They are no modules of the repository, and a star import of one sets no setting of the source."""
