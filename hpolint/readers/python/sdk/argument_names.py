"""The SDKs' argument names for the members of a request."""

from __future__ import annotations

from functools import cache

from hpolint import schema
from hpolint.data.sdk_signatures import OLD_NAMES
from hpolint.model.spelling import Spelling
from hpolint.readers.python.sdk.shapes import snake_case

_TUNER = {
    "HyperParameterTuningJobName": "job_name",
    "Strategy": "strategy",
    "StrategyConfig": "strategy_config",
    "MinResource": "min_resource",
    "MaxResource": "max_resource",
    "HyperParameterTuningJobObjective.Type": "objective_type",
    "HyperParameterTuningJobObjective.MetricName": "objective_metric_name",
    "MetricDefinitions": "metric_definitions",
    "TrainingJobEarlyStoppingType": "early_stopping_type",
    "MaxNumberOfTrainingJobs": "max_jobs",
    "MaxParallelTrainingJobs": "max_parallel_jobs",
    "ResourceLimits.MaxRuntimeInSeconds": "max_runtime_in_seconds",
    "TuningJobCompletionCriteria": "completion_criteria_config",
    "TargetObjectiveMetricValue": "target_objective_metric_value",
    "MaxNumberOfTrainingJobsNotImproving": "max_number_of_training_jobs_not_improving",
    "ParameterRanges": "hyperparameter_ranges",
    "InputDataConfig": "inputs",
    "WarmStartConfig": "warm_start_config",
    "WarmStartType": "warm_start_type",
    "RandomSeed": "random_seed",
    "MinValue": "min_value",
    "MaxValue": "max_value",
    "ScalingType": "scaling_type",
    "Values": "values",
    "StaticHyperParameters": "hyperparameters",
    "RoleArn": "role",
    "InstanceType": "instance_type",
    "InstanceCount": "instance_count",
    "Environment": "environment",
    "Tags": "tags",
}
_VERSION_2 = _TUNER | {
    "TrainingJobDefinition": "estimator",
    "TrainingImage": "image_uri",
    "TrainingInputMode": "input_mode",
    "InputMode": "input_mode",
    "ContentType": "content_type",
    "InputDataConfig.CompressionType": "compression",
    "RecordWrapperType": "record_wrapping",
    "S3DataSource.S3DataType": "s3_data_type",
    "S3DataSource.S3Uri": "s3_data",
    "S3DataDistributionType": "distribution",
    "AttributeNames": "attribute_names",
    "S3OutputPath": "output_path",
    "OutputDataConfig.KmsKeyId": "output_kms_key",
    "VolumeSizeInGB": "volume_size",
    "VolumeKmsKeyId": "volume_kms_key",
    "Subnets": "subnets",
    "SecurityGroupIds": "security_group_ids",
    "EnableNetworkIsolation": "enable_network_isolation",
    "EnableInterContainerTrafficEncryption": "encrypt_inter_container_traffic",
    "EnableManagedSpotTraining": "use_spot_instances",
    "MaxWaitTimeInSeconds": "max_wait",
    "MaxRuntimeInSeconds": "max_run",
    "MaximumRetryAttempts": "max_retry_attempts",
    "CheckpointConfig": "checkpoint_s3_uri",
    "CheckpointConfig.S3Uri": "checkpoint_s3_uri",
    "CheckpointConfig.LocalPath": "checkpoint_local_path",
}
_VERSION_3 = _TUNER | {
    "TrainingJobDefinition": "model_trainer",
    "TrainingImage": "training_image",
    "TrainingInputMode": "training_input_mode",
    "OutputDataConfig": "output_data_config",
    "S3OutputPath": "s3_output_path",
    "OutputDataConfig.KmsKeyId": "kms_key_id",
    "VolumeSizeInGB": "volume_size_in_gb",
    "VolumeKmsKeyId": "volume_kms_key_id",
    "Subnets": "subnets",
    "SecurityGroupIds": "security_group_ids",
    "EnableNetworkIsolation": "enable_network_isolation",
    "EnableInterContainerTrafficEncryption": "enable_inter_container_traffic_encryption",
    "EnableManagedSpotTraining": "enable_managed_spot_training",
    "StoppingCondition": "stopping_condition",
    "MaxWaitTimeInSeconds": "max_wait_time_in_seconds",
    "MaxRuntimeInSeconds": "max_runtime_in_seconds",
    "CheckpointConfig": "checkpoint_config",
    "CheckpointConfig.S3Uri": "s3_uri",
    "CheckpointConfig.LocalPath": "local_path",
}
_VERSION_1 = {member: OLD_NAMES.get(name, name) for member, name in _VERSION_2.items()} | {
    "TrainingImage": "image_name"
}
_CONFIGS = ("sagemaker.core.training.configs", "sagemaker.train.configs")
_OBJECTS = dict.fromkeys(("StoppingCondition", "CheckpointConfig", "OutputDataConfig"), _CONFIGS)
"""Source: sagemaker 3.x, the parameters of ``sagemaker.train.ModelTrainer`` and the modules of their classes."""
VERSION_1, VERSION_2 = Spelling(_VERSION_1), Spelling(_VERSION_2)
VERSION_3 = Spelling(_VERSION_3, beside={"EnableManagedSpotTraining": "ResourceConfig"}, made=_OBJECTS)
"""Version 1's names apply to a source that uses at least one of them; version 2 accepts them too."""


@cache
def core() -> Spelling:
    """sagemaker-core's names: the API's names in snake case."""
    names: dict[str, str] = {}
    for shape in schema.request_schema()["$defs"]:
        names |= {name: snake_case(name) for name in schema.members(shape)}
    return Spelling(names)
