"""What the SDKs call the members of a request."""

from __future__ import annotations

from functools import cache

from hpolint import schema
from hpolint.readers.python.sdk.shapes import snake_case
from hpolint.spelling import Spelling

_TUNER = {
    "TrainingJobEarlyStoppingType": "early_stopping_type",
    "MaxNumberOfTrainingJobs": "max_jobs",
    "MaxParallelTrainingJobs": "max_parallel_jobs",
    "WarmStartConfig": "warm_start_config",
    "StrategyConfig": "strategy_config",
    "TuningJobCompletionCriteria": "completion_criteria_config",
    "RandomSeed": "random_seed",
    "ScalingType": "scaling_type",
    "Strategy": "strategy",
    "MetricDefinitions": "metric_definitions",
}
_VERSION_2 = _TUNER | {
    "EnableManagedSpotTraining": "use_spot_instances",
    "MaxWaitTimeInSeconds": "max_wait",
    "MaxRuntimeInSeconds": "max_run",
    "CheckpointConfig": "checkpoint_s3_uri",
    "StaticHyperParameters": "hyperparameters",
    "InstanceType": "instance_type",
    "InstanceCount": "instance_count",
    "VolumeSizeInGB": "volume_size",
}
_VERSION_3 = _TUNER | {
    "EnableManagedSpotTraining": "enable_managed_spot_training",
    "MaxWaitTimeInSeconds": "max_wait_time_in_seconds",
    "MaxRuntimeInSeconds": "max_runtime_in_seconds",
    "CheckpointConfig": "checkpoint_config",
    "StaticHyperParameters": "hyperparameters",
    "InstanceType": "instance_type",
    "InstanceCount": "instance_count",
    "VolumeSizeInGB": "volume_size_in_gb",
}
VERSION_2, VERSION_3 = Spelling(_VERSION_2), Spelling(_VERSION_3)


@cache
def core() -> Spelling:
    """sagemaker-core's names: the API's in snake case."""
    shapes = schema.request_schema()["$defs"]
    return Spelling({name: snake_case(name) for shape in shapes for name in schema.members(shape)})
