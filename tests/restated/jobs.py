"""Requests whose every field is one of a few values, so that each rule's condition comes out both ways."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

Path = tuple[str, ...]
CONFIG, TRAINING = "HyperParameterTuningJobConfig", "TrainingJobDefinition"
LIMITS = (CONFIG, "ResourceLimits")
REGISTRY = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
AMAZONS = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
METRIC = [{"Name": "rmse", "Regex": "rmse=(.*)"}]
LAZY = [{"Name": "rmse", "Regex": "rmse=(.*?)"}]
TRAINED = [{"Name": "rmse", "Regex": "train_rmse=(.*)"}, {"Name": "other", "Regex": "test_rmse=(.*)"}]
HYPERBAND = (CONFIG, "StrategyConfig", "HyperbandStrategyConfig")
PATIENCE = (CONFIG, "TuningJobCompletionCriteria", "BestObjectiveNotImproving", "MaxNumberOfTrainingJobsNotImproving")


def channel(name: str, **members: Any) -> dict[str, Any]:
    """An input channel, with further members of its source."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://b/{name}", **members}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


GZIPPED = channel("train") | {"CompressionType": "Gzip"}
PIPED = GZIPPED | {"InputMode": "Pipe"}
MANIFEST = {
    "ChannelName": "train",
    "DataSource": {"S3DataSource": {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://b/m"}},
}
MOUNTED = {"ChannelName": "train", "DataSource": {"FileSystemDataSource": {"FileSystemId": "fs-1"}}}
CSV = channel("train") | {"ContentType": "text/csv"}
CHANNELS = [
    CSV,
    CSV | {"ContentType": "text/csv;label_size=0"},
    CSV | {"ContentType": "application/json"},
    CSV | {"ContentType": "text/libsvm", "InputMode": "Pipe"},
    channel("train", S3Uri="s3://b/train.csv"),
    channel("train", S3Uri="s3://s3://b/train"),
    GZIPPED,
    PIPED,
    MANIFEST,
    MANIFEST | {"InputMode": "Pipe"},
    MOUNTED,
    {"ChannelName": "train", "DataSource": {}},
]

PARENTS = [{}, {"HyperParameterTuningJobName": "restated"}, {"HyperParameterTuningJobName": "earlier"}]

FIELDS: dict[Path, list[Any]] = {
    (CONFIG, "Strategy"): ["Bayesian", "Random", "Hyperband", "Grid"],
    (CONFIG, "TrainingJobEarlyStoppingType"): [None, "Auto", "Off"],
    (CONFIG, "RandomSeed"): [None, 1],
    (*LIMITS, "MaxNumberOfTrainingJobs"): [None, 1, 3, 4, 6, 12, 30, 60, 120, 800, 20000],
    (*LIMITS, "MaxParallelTrainingJobs"): [1, 2, 5, 10, 20, 200],
    (*LIMITS, "MaxRuntimeInSeconds"): [None, 36000, 5184000],
    (*HYPERBAND, "MinResource"): [None, 1, 30],
    (*HYPERBAND, "MaxResource"): [None, 3, 27, 30000],
    PATIENCE: [None, 5, 100],
    (CONFIG, "HyperParameterTuningJobObjective", "Type"): ["Minimize", "Maximize"],
    (CONFIG, "HyperParameterTuningJobObjective", "MetricName"): [
        *("validation:rmse", "validation:auc", "validation:error", "validation:objective_loss", "test:pwll", "rmse"),
    ],
    (TRAINING, "AlgorithmSpecification", "TrainingImage"): [
        f"{REGISTRY}/{image}"
        for image in (
            *("sagemaker-xgboost:1.7-1", "xgboost:1", "lda:1", "own:3", "pytorch-training:2", "pytorch-training:2.1"),
        )
    ]
    + [
        f"{AMAZONS}/{image}"
        for image in (
            *("sagemaker-xgboost:1.7-1", "sagemaker-xgboost:1.2-1", "sagemaker-xgboost:9.9-1", "xgboost:1", "lda:1"),
            *("xgboost:1.7-1", "linear-learner:1", "knn:1", "kmeans:1", "image-classification:1"),
            *("image-classification:latest", "sagemaker-scikit-learn:1.2-1-cpu-py3"),
        )
    ]
    + ["docker.io/own:3", "pytorch/pytorch:2.1", "own/image:1"],
    (TRAINING, "AlgorithmSpecification", "AlgorithmName"): [None, None, None, "own"],
    (TRAINING, "AlgorithmSpecification", "MetricDefinitions"): [None, [], METRIC, LAZY, TRAINED],
    (TRAINING, "EnableManagedSpotTraining"): [None, True, False],
    (TRAINING, "StoppingCondition", "MaxRuntimeInSeconds"): [None, 1800, 3600, 7200, 172800, 2592000],
    (TRAINING, "StoppingCondition", "MaxPendingTimeInSeconds"): [None, 7200],
    (TRAINING, "StoppingCondition", "MaxWaitTimeInSeconds"): [None, 3600, 7200, 200000],
    (TRAINING, "ResourceConfig", "InstanceType"): [
        *(None, "ml.m5.xlarge", "ml.g5.xlarge", "ml.g5.12xlarge", "ml.p2.xlarge", "ml.m4.xlarge", "ml.new9.huge"),
        *("m5.xlarge", "ml.c5.large"),
    ],
    (TRAINING, "ResourceConfig", "InstancePreferences"): [
        *(None, None, [{"InstanceType": "ml.g5.xlarge"}], [{"InstanceType": "ml.g5.xlarge", "InstanceCount": 1}]),
    ],
    (TRAINING, "ResourceConfig", "InstanceGroups"): [
        *(None, None, None, [{"InstanceGroupName": "a", "InstanceType": "ml.g5.xlarge", "InstanceCount": 2}]),
    ],
    (TRAINING, "ResourceConfig", "SelectedInstanceType"): [None, "ml.g5.xlarge"],
    (TRAINING, "ResourceConfig", "KeepAlivePeriodInSeconds"): [None, 0, 60],
    (TRAINING, "ResourceConfig", "VolumeKmsKeyId"): [None, "key"],
    (TRAINING, "ResourceConfig", "VolumeSizeInGB"): [None, 30, 250, 251, 4000],
    (TRAINING, "VpcConfig", "Subnets"): [None, ["subnet-1"]],
    (TRAINING, "AlgorithmSpecification", "TrainingInputMode"): ["File", "Pipe"],
    (TRAINING, "ResourceConfig", "InstanceCount"): [1, 2, 40],
    (TRAINING, "CheckpointConfig", "S3Uri"): [None, "s3://b/c"],
    (TRAINING, "OutputDataConfig", "S3OutputPath"): ["s3://b/o", "https://b/o", "s3://s3://b/o"],
    (TRAINING, "InputDataConfig"): [
        *(None, [channel("train")], [channel("train"), channel("validation")]),
        *([channel("validation"), channel("train"), channel("validation")], *([each] for each in CHANNELS)),
        [channel("train"), channel("validation"), channel("other")],
        [channel("train"), channel("validation", S3Uri="s3://b/train")],
        [channel("train"), channel("test", S3Uri="s3://b/train")],
        *([channel("train", InstanceGroupNames=[name]), channel("validation")] for name in "ab"),
    ],
    (TRAINING, "StaticHyperParameters", "objective"): [None, "reg:squarederror", "multi:softprob", "binary:logistic"],
    (TRAINING, "StaticHyperParameters", "num_round"): [None, "100"],
    (TRAINING, "StaticHyperParameters", "num_class"): [None, "2"],
    (TRAINING, "StaticHyperParameters", "epochs"): [None, "10"],
    (TRAINING, "StaticHyperParameters", "eval_metric"): [None, "auc", "rmse"],
    (TRAINING, "StaticHyperParameters", "silent"): [None, "0", ""],
    (TRAINING, "StaticHyperParameters", "tree_method"): [None, None, "gpu_hist"],
    (TRAINING, "StaticHyperParameters", "learning_rate"): [None, "0.1"],
    (TRAINING, "StaticHyperParameters", "optimizer"): [None, None, "adam", "sgd"],
    ("WarmStartConfig",): [
        *(None, None, None),
        *({"WarmStartType": "TransferLearning", "ParentHyperParameterTuningJobs": [parent]} for parent in PARENTS),
    ],
    ("Tags",): [None, [{"Key": "team", "Value": "a"}], [{"Key": "team", "Value": "a"}, {"Key": "Aws:x", "Value": "b"}]],
    ("Autotune", "Mode"): [None, "Enabled"],
}
"""Each field's values; None leaves it out."""

THERE = (
    "StaticHyperParameters",
    "CheckpointConfig",
    "WarmStartConfig",
    "Autotune",
    "TuningJobCompletionCriteria",
    "StrategyConfig",
    "VpcConfig",
)
"""Structures that exist, whichever of their values is unknown."""


def possible(path: Path) -> list[Any]:
    """The possible values of a field whose value is unknown."""
    return [value for value in FIELDS[path] if value is not None or not set(THERE) & set(path)]


NUMBERS = ["0", "0.01", "0.05", "0.1", "0.5", "1", "3", "0.95", "0.999", "10", "1000", "0,5"]
NAMES = ["learning_rate", "weight_decay", "momentum", "dropout", "max_depth", "mini_batch_size", "num_round", "alpha"]
SCALES = [None, "Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]
CATEGORIES = [
    *(["a"], ["a", "b"], ["a", "a"], ["3", "5", "7", "9"], ["8", "16", "32", "64"], ["0.1", "0.2", "0.3", "x"]),
    [f"{letter}{number}" for letter in "abcde" for number in range(6)],
]


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Up to six ranges, of all kinds or all of one, or more than a job may have; names may repeat."""
    found: dict[str, list[dict[str, Any]]] = {}
    kinds = draw(st.sampled_from([["Continuous", "Integer", "Categorical"], ["Categorical"], ["Continuous"]]))
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(kinds))
        range_: dict[str, Any] = {"Name": draw(st.sampled_from(NAMES))}
        if kind == "Categorical":
            range_["Values"] = draw(st.sampled_from(CATEGORIES))
        else:
            range_["MinValue"] = draw(st.sampled_from(["0", "0", *NUMBERS]))
            range_["MaxValue"] = draw(st.sampled_from(NUMBERS))
            scale = draw(st.sampled_from(SCALES))
            range_ |= {} if scale is None else {"ScalingType": scale}
        found.setdefault(f"{kind}ParameterRanges", []).append(range_)
    if draw(st.integers(0, 9)) == 0:
        more = [{"Name": f"p{number}", "Values": ["a", "b"]} for number in range(31)]
        found.setdefault("CategoricalParameterRanges", []).extend(more)
    return found


@st.composite
def jobs(draw: st.DrawFn) -> dict[str, Any]:
    """A whole request."""
    request: dict[str, Any] = {"HyperParameterTuningJobName": "restated", CONFIG: {}, TRAINING: {"RoleArn": "r"}}
    for path, values in FIELDS.items():
        put(request, path, draw(st.sampled_from(values)))
    request[CONFIG]["ParameterRanges"] = draw(ranges())
    return request


def put(request: dict[str, Any], path: Path, value: Any) -> None:
    """Give a request a value; None takes it out, and what is empty then."""
    *above, last = path
    holders = [request]
    for step in above:
        holders.append(holders[-1].setdefault(step, {}))
    if value is not None:
        holders[-1][last] = value
        return
    holders[-1].pop(last, None)
    for step, holder, below in reversed(list(zip(above, holders, holders[1:], strict=False))):
        if not below and step not in ("StoppingCondition", "AlgorithmSpecification"):
            del holder[step]


def with_value(request: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy with another value."""
    found = copy.deepcopy(request)
    put(found, path, value)
    return found
