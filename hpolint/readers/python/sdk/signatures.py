"""The SDK's parameters in their order, and what its classes stand for.

Source: sagemaker 2.257.7 and its history. Positions that changed between versions are not trusted.
"""

from __future__ import annotations

TUNER = (
    *("estimator", "objective_metric_name", "hyperparameter_ranges", "metric_definitions", "strategy"),
    *("objective_type", "max_jobs", "max_parallel_jobs", "max_runtime_in_seconds", "tags", "base_tuning_job_name"),
)
TUNER_TRUSTED = 8
TUNER_CREATE = (
    *("estimator_dict", "objective_metric_name_dict", "hyperparameter_ranges_dict", "metric_definitions_dict"),
    *("base_tuning_job_name", "strategy", "strategy_config", "completion_criteria_config", "objective_type"),
    *("max_jobs", "max_parallel_jobs", "max_runtime_in_seconds", "tags", "warm_start_config"),
)
TUNER_CREATE_TRUSTED = 6  # strategy_config came in behind the strategy in 2.115
ESTIMATOR = ("image_uri", "role", "instance_count", "instance_type", "keep_alive_period_in_seconds", "volume_size")
ESTIMATOR_TRUSTED = 4  # keep_alive_period_in_seconds came in at the fifth place in 2.110.0

NOT_SENT = ("keep_alive_period_in_seconds", "instance_groups", "training_plan", "instance_placement_config")
"""Arguments of an estimator that ``Estimator.fit`` sends and a tuner does not."""

ESTIMATOR_KEYWORDS = frozenset(
    {*ESTIMATOR, "volume_kms_key", "max_run", "input_mode", "output_path", "output_kms_key", "base_job_name"}
    | {"sagemaker_session", "hyperparameters", "tags", "subnets", "security_group_ids", "model_uri"}
    | {"model_channel_name", "metric_definitions", "encrypt_inter_container_traffic", "use_spot_instances", "max_wait"}
    | {"checkpoint_s3_uri", "checkpoint_local_path", "enable_network_isolation", "rules", "debugger_hook_config"}
    | {"tensorboard_output_config", "enable_sagemaker_metrics", "profiler_config", "disable_profiler", "environment"}
    | {"max_retry_attempts", "source_dir", "git_config", "container_log_level", "code_location", "entry_point"}
    | {"dependencies", "instance_groups", "training_repository_access_mode", "enable_infra_check"}
    | {"training_repository_credentials_provider_arn", "container_entry_point", "container_arguments"}
    | {"disable_output_compression", "enable_remote_debug", "enable_session_tag_chaining", "training_plan"}
    | {"instance_placement_config", "image_name"}
)
"""All that ``Estimator`` knows; it takes any other keyword without a word, and so do the frameworks' classes."""

OWN_KEYWORDS: dict[str, frozenset[str]] = {
    "Estimator": frozenset(),
    "PyTorch": frozenset(
        {"framework_version", "py_version", "distribution", "compiler_config", "training_recipe", "recipe_overrides"}
    ),
    "MXNet": frozenset({"framework_version", "py_version", "distribution", "distributions"}),
    "TensorFlow": frozenset(
        {"framework_version", "py_version", "model_dir", "distribution", "distributions", "compiler_config"}
        | {"script_mode", "training_steps", "evaluation_steps", "checkpoint_path", "requirements_file"}
    ),
    "HuggingFace": frozenset(
        {"py_version", "transformers_version", "pytorch_version", "tensorflow_version", "distribution"}
        | {"compiler_config"}
    ),
    "SKLearn": frozenset({"framework_version", "py_version", "image_uri_region"}),
    "XGBoost": frozenset({"framework_version", "py_version", "image_uri_region"}),
    "Chainer": frozenset(
        {"framework_version", "py_version", "use_mpi", "num_processes", "process_slots_per_host"}
        | {"additional_mpi_options"}
    ),
    "RLEstimator": frozenset({"toolkit", "toolkit_version", "framework"}),
}
"""What the classes know beside these, version 1's own among them (`script_mode`, `distributions`)."""

MEANT = {
    "env": "environment",
    "image": "image_uri",
    "job_name": "base_job_name",
    "max_runtime": "max_run",
    "max_runtime_in_seconds": "max_run",
    "max_wait_time": "max_wait",
    "max_wait_time_in_seconds": "max_wait",
    "output": "output_path",
    "volume_size_in_gb": "volume_size",
    "enable_managed_spot_training": "use_spot_instances",
}
"""What is meant by arguments that estimators do not have and other classes or the API do."""

RANGE = ("min_value", "max_value", "scaling_type")
CATEGORICAL = ("values",)
WARM_START = ("warm_start_type", "parents")
HYPERBAND = ("max_resource", "min_resource")
STRATEGY = ("hyperband_strategy_config",)
COMPLETION = ("max_number_of_training_jobs_not_improving", "complete_on_convergence", "target_objective_metric_value")
INSTANCE = ("instance_count", "instance_type", "volume_size")

TRAINING_INPUT = (
    *("s3_data", "distribution", "compression", "content_type", "record_wrapping", "s3_data_type"),
    *("instance_groups", "input_mode", "attribute_names", "target_attribute_name", "shuffle_config"),
)
FILE_SYSTEM_INPUT = (
    *("file_system_id", "file_system_type", "directory_path", "file_system_access_mode", "content_type"),
)
ATTRIBUTES: dict[str, tuple[tuple[str, ...], int | None]] = {
    "HyperparameterTuner": (TUNER, TUNER_TRUSTED),
    "create": (TUNER_CREATE, TUNER_CREATE_TRUSTED),
    "Estimator": (ESTIMATOR, ESTIMATOR_TRUSTED),
    "ContinuousParameter": (RANGE, None),
    "IntegerParameter": (RANGE, None),
    "CategoricalParameter": (CATEGORICAL, None),
    "HyperbandStrategyConfig": (HYPERBAND, None),
    "StrategyConfig": (STRATEGY, None),
    "TuningJobCompletionCriteriaConfig": (COMPLETION, None),
    "InstanceConfig": (INSTANCE, None),
}
"""Classes whose arguments are attributes of the same name, and the positions of those that have one."""

OLD_NAMES = {
    "instance_count": "train_instance_count",
    "instance_type": "train_instance_type",
    "max_run": "train_max_run",
    "use_spot_instances": "train_use_spot_instances",
    "max_wait": "train_max_wait",
    "volume_size": "train_volume_size",
    "volume_kms_key": "train_volume_kms_key",
}
"""Names of version 1, which version 2 still takes and which win over the new ones."""

FRAMEWORKS: dict[str, tuple[str, ...]] = {
    "PyTorch": ("entry_point", "framework_version", "py_version", "source_dir", "hyperparameters", "image_uri"),
    "MXNet": ("entry_point", "framework_version", "py_version", "source_dir", "hyperparameters", "image_uri"),
    "TensorFlow": ("py_version", "framework_version", "model_dir", "image_uri", "distribution"),
    "HuggingFace": (
        *("py_version", "entry_point", "transformers_version", "tensorflow_version", "pytorch_version"),
        *("source_dir", "hyperparameters", "image_uri"),
    ),
    "SKLearn": ("entry_point", "framework_version", "py_version", "source_dir", "hyperparameters", "image_uri"),
    "XGBoost": ("entry_point", "framework_version", "source_dir", "hyperparameters", "py_version", "image_uri"),
    "Chainer": ("entry_point",),
    "RLEstimator": ("entry_point",),
}
"""Estimators that run the user's script, with their first parameters."""

REPOSITORIES: dict[str, tuple[tuple[tuple[int, int], str], ...]] = {
    "PyTorch": (((0, 4), "sagemaker-pytorch"), ((1, 2), "pytorch-training")),
    "TensorFlow": (
        ((1, 4), "sagemaker-tensorflow"),
        ((1, 11), "sagemaker-tensorflow-scriptmode"),
        ((1, 13), ""),
        ((1, 14), "tensorflow-training"),
    ),
    "MXNet": (((0, 12), "sagemaker-mxnet"), ((1, 4), ""), ((1, 6), "mxnet-training")),
    "SKLearn": (((0, 20), "sagemaker-scikit-learn"),),
    "XGBoost": (((0, 90), "sagemaker-xgboost"),),
    "Chainer": (((4, 0), "sagemaker-chainer"),),
}
"""The image repositories of a framework, each from a version on; empty where Python's version decides as well.

Source: the image_uri_config of sagemaker 2.257.7.
"""

PYTHON_3_REPOSITORIES = {"TensorFlow": "tensorflow-training"}
"""The repository of those versions for Python 3."""

ALGORITHMS = {
    "LinearLearner": "linear-learner",
    "KMeans": "kmeans",
    "FactorizationMachines": "factorization-machines",
    "NTM": "ntm",
    "PCA": "pca",
    "KNN": "knn",
    "RandomCutForest": "randomcutforest",
    "Object2Vec": "object2vec",
    "IPInsights": "ipinsights",
    "LDA": "lda",
}
"""Estimators of Amazon's own algorithms, with their image repository."""

ALGORITHM = ("role", "instance_count", "instance_type")
LDA = ("role", "instance_type", "num_topics")
ALGORITHM_ESTIMATOR = ("algorithm_arn", "role", "instance_count", "instance_type", "volume_size")

IMAGE_FRAMEWORKS = {"xgboost": "sagemaker-xgboost", "sklearn": "sagemaker-scikit-learn"}
"""What ``image_uris.retrieve`` calls a framework, and the repository; built-in algorithms go by their own name."""
