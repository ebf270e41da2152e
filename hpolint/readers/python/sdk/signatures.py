"""The parameters of the SDK's classes, in order, and the images of its estimators.

The parameters are those of ``hpolint/data/sdk2.json`` and ``sdk3.json``, which ``scripts/generate_signatures.py``
generates from the SDKs.
Facts about other versions come from the SDK's history: positions that changed are not trusted.
"""

from __future__ import annotations

from hpolint.data import generated, sdk_signatures

_VERSION_2, _VERSION_3 = sdk_signatures.newest(2), sdk_signatures.newest(3)


def _taken(signatures: sdk_signatures.Signatures, name: str) -> tuple[str, ...]:
    """The parameters of a class or function, in order; empty for one that the version does not have."""
    signature = signatures.get(name)
    return () if signature is None else tuple(signature["takes"])


_STEPS = ["EndpointConfigStep", "EndpointStep", "ModelStep", "ProcessingStep", "TrainingStep", "TransformStep"]
EXPORTS: dict[str, list[str]] = (
    generated("sdk2")["exports"]
    | generated("sdk3")["exports"]
    | {
        "sagemaker.workflow.steps": ["ProcessingStep", "TrainingStep", "TransformStep", "TuningStep"],
        "stepfunctions.steps": [*_STEPS, "TuningStep"],
        "stepfunctions.steps.sagemaker": [*_STEPS, "TuningStep"],
    }
)
"""The names that ``from MODULE import *`` binds; of the modules of steps, those of their jobs.

Source: sagemaker 2.257.7 and stepfunctions 2.3.0.
"""

_STRICT = (
    *("HyperparameterTuner", "HyperparameterTuner.create", "WarmStartConfig", "StrategyConfig"),
    *("HyperbandStrategyConfig", "TuningJobCompletionCriteriaConfig", "InstanceConfig"),
    *("ContinuousParameter", "IntegerParameter", "CategoricalParameter"),
)
STRICT_KEYWORDS: dict[str, frozenset[str]] = {
    name: frozenset((*_taken(_VERSION_2, name), *_taken(_VERSION_3, name))) for name in _STRICT
}
"""Classes whose constructor raises a TypeError for any other keyword: the keywords of versions 2 and 3.

Versions 1.18.0, 1.72.1 and 2.0.0 have no further ones: their source was read.
"""

TUNE_KEYWORDS = frozenset(_taken(_VERSION_3, "HyperparameterTuner.tune"))
"""The keywords of ``tune()``, which raises a TypeError for others. Source: sagemaker-train 1.0 and 1.27.0."""

RETRIEVE_KEYWORDS = frozenset((*_taken(_VERSION_2, "image_uris.retrieve"), *_taken(_VERSION_3, "image_uris.retrieve")))
"""The keywords of ``image_uris.retrieve``, which raises a TypeError for others."""

ANALYTICS_KEYWORDS = frozenset(_taken(_VERSION_2, "HyperparameterTuningJobAnalytics"))
"""The keywords of ``HyperparameterTuningJobAnalytics``, which are the same in version 3."""


def _first(name: str, count: int | None = None) -> tuple[str, ...]:
    """The first parameters of a class or function."""
    return _taken(_VERSION_2, name)[:count]


TUNER, TUNER_TRUSTED = _first("HyperparameterTuner", 11), 8
TUNER_CREATE, TUNER_CREATE_TRUSTED = _first("HyperparameterTuner.create", 14), 6
"""``strategy_config`` was inserted after ``strategy`` in 2.115."""


def of_tuners_method(name: str) -> tuple[str, ...]:
    """The parameters of a method of the tuner of version 2, in order."""
    return _taken(_VERSION_2, f"HyperparameterTuner.{name}")


ATTACH = of_tuners_method("attach")
"""The parameters of ``attach``, which raises a TypeError for others. Version 3 does not have it."""

ESTIMATOR, ESTIMATOR_TRUSTED = _first("Estimator", 6), 4
"""``keep_alive_period_in_seconds`` was inserted as the fifth parameter in 2.110.0."""

NOT_SENT = (
    *("keep_alive_period_in_seconds", "instance_groups", "training_plan", "instance_placement_config"),
    *("rules", "debugger_hook_config", "profiler_config", "tensorboard_output_config"),
)
"""Arguments of an estimator that ``Estimator.fit`` sends and a tuner does not."""

OF_VERSION_1 = frozenset({"image_name"})
ESTIMATOR_KEYWORDS = OF_VERSION_1.union(
    *(_taken(_VERSION_2, name) for name in ("EstimatorBase", "Estimator", "Framework"))
)
"""All keywords of ``Estimator``. It accepts any other without an error, and so do the frameworks' classes."""

OWN_OF_VERSION_1: dict[str, frozenset[str]] = {
    "MXNet": frozenset({"distributions"}),
    "TensorFlow": frozenset({"distributions", "script_mode", "training_steps", "evaluation_steps", "checkpoint_path"})
    | {"requirements_file"},
}
REMOVED = {
    "training_steps": "hyperparameter",
    "evaluation_steps": "hyperparameter",
    "checkpoint_path": "checkpoint_s3_uri",
    "requirements_file": "requirements.txt",
}
"""Keywords of version 1's `TensorFlow` that version 2 discards, with what takes their place. It still takes
``distributions``, and needs no ``script_mode``.

Source: aws/sagemaker-python-sdk, ``doc/frameworks/tensorflow/upgrade_from_legacy.rst`` of version 2.
"""

REMOVED_FROM_FRAMEWORKS = {"enable_cloudwatch_metrics": "nothing"}
"""The same for all frameworks' classes. Source: version 1.72.0, ``estimator.py``, where it is already ignored."""

SCRIPT_CLASSES = ("PyTorch", "MXNet", "TensorFlow", "HuggingFace", "SKLearn", "XGBoost", "Chainer", "RLEstimator")
OWN_KEYWORDS: dict[str, frozenset[str]] = {
    name: (frozenset(_taken(_VERSION_2, name)) - ESTIMATOR_KEYWORDS) | OWN_OF_VERSION_1.get(name, frozenset())
    for name in ("Estimator", *SCRIPT_CLASSES)
}
"""Further keywords of each class, including those of version 1."""

SUGGESTED = {
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
"""The estimators' arguments for names that other classes or the API use."""

RANGE = _first("ContinuousParameter")
CATEGORICAL = _first("CategoricalParameter")
WARM_START = _first("WarmStartConfig")
HYPERBAND = _first("HyperbandStrategyConfig")
STRATEGY = _first("StrategyConfig")
COMPLETION = _first("TuningJobCompletionCriteriaConfig")
INSTANCE = _first("InstanceConfig", 3)
TRAINING_INPUT = _first("TrainingInput", 11)
FILE_SYSTEM_INPUT = _first("FileSystemInput", 5)
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
"""Classes whose arguments become attributes of the same name: their parameters and the trusted count."""

UNCHANGED_POSITIONS = {"PyTorch": 6, "MXNet": 6, "TensorFlow": 5, "HuggingFace": 8, "SKLearn": 6, "XGBoost": 6}
"""How many first parameters of a framework's class have never changed position; 1 for other classes."""

FRAMEWORKS: dict[str, tuple[str, ...]] = {
    name: _first(name, UNCHANGED_POSITIONS.get(name, 1)) for name in SCRIPT_CLASSES
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
"""The image repositories of a framework, each from a version on; empty if they also depend on Python's version.

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
"""Estimators of built-in algorithms, with their image repositories."""

ALGORITHM = _first("KMeans", 3)
LDA = _first("LDA", 3)
ALGORITHM_ESTIMATOR = _first("AlgorithmEstimator", 5)

IMAGE_FRAMEWORKS = {"xgboost": "sagemaker-xgboost", "sklearn": "sagemaker-scikit-learn"}
"""The repositories of framework names of ``image_uris.retrieve``; built-in algorithms use their own name."""
