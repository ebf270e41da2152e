"""The built-in rules' conditions said again in plain Python, over a request of plain values.

Nothing of hpolint's facts is used here: where a rule and its restatement part, one of them is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.restated.jobs import AMAZONS, CONFIG, TRAINING

ROLES = {
    "learning_rate": "learning_rate",
    "weight_decay": "regularization",
    "momentum": "near_one",
    "dropout": "fraction",
    "max_depth": "depth",
    "mini_batch_size": "batch_size",
}
GPUS = {"ml.g5.xlarge": 1, "ml.g5.12xlarge": 4, "ml.p2.xlarge": 1, "ml.m5.xlarge": 0, "ml.m4.xlarge": 0}
BUILT_IN = ("xgboost", "lda", "linear-learner", "image-classification", "knn", "kmeans")
REQUIRED = {
    "xgboost": ["num_round"],
    "linear-learner": ["predictor_type"],
    "image-classification": ["num_classes", "num_training_samples"],
    "knn": ["feature_dim", "k", "predictor_type", "sample_size"],
    "kmeans": ["feature_dim", "k"],
    "lda": ["feature_dim", "mini_batch_size", "num_topics"],
}
TAKEN = {"objective", "tree_method", "num_class", "num_round", "eval_metric", "max_depth", "alpha", "learning_rate"}
"""Of the names that occur here: what XGBoost's image takes from 1.2-1 on."""
METRICS = {
    "xgboost": {"validation:rmse": "Minimize", "validation:auc": "Maximize", "validation:error": "Minimize"},
    "linear-learner": {"validation:objective_loss": "Minimize", "validation:rmse": "Minimize"},
    "lda": {"test:pwll": "Maximize"},
}


@dataclass
class Range:
    """One range, with its bounds as numbers; None where a bound is none."""

    kind: str
    name: str
    scale: str | None
    values: list[str]
    bounds: list[str]

    @property
    def numbers(self) -> list[float] | None:
        """Both bounds; None where one of them is no number."""
        found = [_number(text) for text in self.bounds]
        return None if not found or None in found else found  # type: ignore[return-value]

    @property
    def decades(self) -> float | None:
        """Powers of ten between them."""
        if self.numbers is None or min(self.numbers) <= 0:
            return None
        return math.log10(self.numbers[1] / self.numbers[0])


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", text) else None


class Job:
    """What the rules speak of, read from a request anew."""

    def __init__(self, request: dict[str, Any]) -> None:
        config, training = request[CONFIG], request[TRAINING]
        self.request, self.config, self.training = request, config, training
        self.strategy: str = config["Strategy"]
        self.instance: str
        self.most: int | None
        self.parallel: int
        limits = config["ResourceLimits"]
        self.most, self.parallel = limits.get("MaxNumberOfTrainingJobs"), limits["MaxParallelTrainingJobs"]
        self.runtime = limits.get("MaxRuntimeInSeconds")
        self.stopping = config.get("TrainingJobEarlyStoppingType")
        self.metric = config["HyperParameterTuningJobObjective"]["MetricName"]
        self.type = config["HyperParameterTuningJobObjective"]["Type"]
        self.autotune = "Autotune" in request
        specification = training["AlgorithmSpecification"]
        self.image = specification["TrainingImage"].rpartition("/")[2]
        self.is_amazons = specification["TrainingImage"].startswith(AMAZONS)
        self.repository, _, self.tag = self.image.partition(":")
        name = {"sagemaker-xgboost": "xgboost"}.get(self.repository, self.repository)
        self.algorithm = name if name in BUILT_IN and self.is_amazons else None
        self.metrics = specification.get("MetricDefinitions") or []
        self.static = training.get("StaticHyperParameters", {})
        self.spot = training.get("EnableManagedSpotTraining") is True
        stopping = training["StoppingCondition"]
        self.cap_written = "MaxRuntimeInSeconds" in stopping
        self.cap = stopping.get("MaxRuntimeInSeconds", 86400)
        self.wait = stopping.get("MaxWaitTimeInSeconds")
        (machines,) = training["ResourceConfig"].get("InstanceGroups", [training["ResourceConfig"]])
        self.instance, self.count = machines.get("InstanceType", ""), machines["InstanceCount"]
        for each in machines.get("InstancePreferences", []) if not self.instance else ():
            self.instance, self.count = each["InstanceType"], each.get("InstanceCount", self.count)
        self.checkpoints = self.algorithm in ("linear-learner", "image-classification") or (
            self.algorithm == "xgboost" and self.repository == "sagemaker-xgboost"
        )

    @property
    def ranges(self) -> list[Range]:
        """Every range, in the order of the request."""
        found = []
        for kind in ("Continuous", "Integer", "Categorical"):
            for each in self.config["ParameterRanges"].get(f"{kind}ParameterRanges", []):
                bounds = [each["MinValue"], each["MaxValue"]] if kind != "Categorical" else []
                found.append(Range(kind, each["Name"], each.get("ScalingType"), each.get("Values", []), bounds))
        return found

    @property
    def combinations(self) -> int | None:
        """The number of combinations; None where it is infinite, and -1 where a bound leaves it unknown."""
        if any(each.kind == "Continuous" for each in self.ranges):
            return None
        product = 1
        for each in self.ranges:
            if each.kind == "Categorical":
                product *= len(each.values)
                continue
            if each.numbers is None or any(not number.is_integer() for number in each.numbers):
                return -1
            low, high = each.numbers
            if high < low:
                return -1
            product *= int(high - low) + 1
        return product

    @property
    def trials(self) -> int | None:
        """The number of trials that the job may run; -1 where it is unknown."""
        if self.strategy != "Grid":
            return self.most
        combinations = self.combinations
        if self.most is None:
            return combinations
        return min(self.most, combinations) if combinations is not None and combinations >= 0 else self.most

    @property
    def rounds(self) -> int | None:
        """⌈trials / parallel⌉."""
        trials = self.trials
        return None if trials is None else -(-trials // self.parallel)

    @property
    def hours(self) -> float | None:
        """The most instance-hours."""
        bounds = []
        if self.trials is not None:
            bounds.append(self.trials * self.cap)
        if self.runtime is not None:
            bounds.append(self.runtime * min(self.parallel, self.trials if self.trials is not None else self.parallel))
        return min(bounds) * self.count / 3600 if bounds else None

    @property
    def written_hours(self) -> float | None:
        """The same from limits that somebody wrote."""
        return self.hours if self.cap_written or self.runtime is not None else None

    @property
    def known(self) -> bool:
        """Whether all values that the restatements need are known: an invalid bound leaves counts unknown."""
        rates = [value for each in self.ranges if each.name == "learning_rate" for value in each.values]
        return self.trials != -1 and self.combinations != -1 and all(_number(value) is not None for value in rates)


Restated = Callable[[Job], bool]
RULES: dict[str, Restated] = {}


def restated(name: str) -> Callable[[Restated], Restated]:
    """The restatement of the rule of that name."""

    def keep(rule: Restated) -> Restated:
        RULES[name] = rule
        return rule

    return keep


def any_range(name: str) -> Callable[[Callable[[Job, Range], bool]], None]:
    """The restatement of a rule about ranges: one of them is enough."""

    def keep(rule: Callable[[Job, Range], bool]) -> None:
        RULES[name] = lambda job: any(rule(job, each) for each in job.ranges)

    return keep


def role(job: Job, each: Range) -> str | None:
    """A name's conventional role; ``alpha`` is a penalty of XGBoost's alone."""
    return ("regularization" if job.algorithm == "xgboost" else None) if each.name == "alpha" else ROLES.get(each.name)


def trials_from(job: Job, least: int) -> bool:
    """Whether the job may run so many trials."""
    return job.trials is not None and job.trials >= least


def several_rounds(job: Job) -> bool:
    """Whether not all trials start at once."""
    return job.rounds is None or job.rounds > 1


def spans(each: Range, decades: float) -> bool:
    """Whether a range spans so many powers of ten."""
    return each.decades is not None and each.decades >= decades - 1e-9


# launch/


@restated("objective-not-emitted")
def _(job: Job) -> bool:
    if any(each["Name"] == job.metric for each in job.metrics):
        return False
    if job.algorithm is None:
        return True
    known = {"image-classification": ["validation:accuracy"], "knn": ["test:accuracy"], "kmeans": ["test:msd"]}
    return job.metric not in METRICS.get(job.algorithm, known.get(job.algorithm, []))


@restated("metric-expression")
def _(job: Job) -> bool:
    return any(each["Regex"].endswith("(.*?)") for each in job.metrics)


@restated("training-metric-as-objective")
def _(job: Job) -> bool:
    own = [each["Regex"] for each in job.metrics if each["Name"] == job.metric]
    return "train_rmse=(.*)" in own[:1] and any(each["Regex"] == "test_rmse=(.*)" for each in job.metrics)


@restated("search-direction")
def _(job: Job) -> bool:
    return job.type == "Maximize" and any(each["Name"] == job.metric == "rmse" for each in job.metrics)


@restated("metric-definitions-refused")
def _(job: Job) -> bool:
    return job.algorithm == "xgboost" and job.metrics != [] and job.is_amazons


@restated("hyperband-with-early-stopping")
def _(job: Job) -> bool:
    return job.strategy == "Hyperband" and job.stopping == "Auto"


def hyperband(job: Job) -> dict[str, int]:
    """The HyperbandStrategyConfig."""
    found: dict[str, int] = job.config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    return found


@restated("hyperband-without-max-resource")
def _(job: Job) -> bool:
    without = "MaxResource" not in hyperband(job) and "epochs" not in job.static
    return job.strategy == "Hyperband" and not job.autotune and without


@restated("hyperband-resource-order")
def _(job: Job) -> bool:
    most = hyperband(job).get("MaxResource")
    if job.strategy != "Hyperband" or most is None:
        return False
    return most > 20000 or hyperband(job).get("MinResource", 0) > most


@restated("too-few-combinations")
def _(job: Job) -> bool:
    if job.strategy == "Grid" or job.combinations is None or job.most is None:
        return False
    return bool(job.most > job.combinations)


@restated("spot-without-max-wait")
def _(job: Job) -> bool:
    return job.spot and job.wait is None


@restated("max-wait-without-spot")
def _(job: Job) -> bool:
    return not job.spot and job.wait is not None


def no_checkpoints(job: Job) -> bool:
    """Whether the algorithm is known to save none."""
    return job.algorithm in ("lda", "knn", "kmeans")


@restated("spot-wait-above-an-hour")
def _(job: Job) -> bool:
    return job.spot and no_checkpoints(job) and job.wait is not None and job.wait > 3600


@restated("max-wait-below-runtime")
def _(job: Job) -> bool:
    if not job.spot or job.wait is None or job.wait >= job.cap:
        return False
    return not (no_checkpoints(job) and job.wait > 3600)


@restated("image-and-algorithm-name")
def _(job: Job) -> bool:
    return "AlgorithmName" in job.training["AlgorithmSpecification"]


@restated("too-many-hyperparameters")
def _(job: Job) -> bool:
    return len(job.ranges) > 30


@restated("tuned-and-static")
def _(job: Job) -> bool:
    return any(each.name in job.static for each in job.ranges)


@restated("duplicate-parameter")
def _(job: Job) -> bool:
    names = [each.name for each in job.ranges]
    return len(names) != len(set(names))


@any_range("reversed-range")
def _(_job: Job, each: Range) -> bool:
    return each.numbers is not None and each.numbers[0] > each.numbers[1]


@any_range("bad-bound")
def _(_job: Job, each: Range) -> bool:
    return each.kind != "Categorical" and each.numbers is None


@any_range("reverse-log-on-integer")
def _(_job: Job, each: Range) -> bool:
    return each.kind == "Integer" and each.scale == "ReverseLogarithmic"


@any_range("reverse-log-needs-unit-range")
def _(_job: Job, each: Range) -> bool:
    if each.kind != "Continuous" or each.scale != "ReverseLogarithmic" or each.numbers is None:
        return False
    return each.numbers[0] < 0 or each.numbers[1] >= 1


@any_range("log-scale-needs-positive-range")
def _(_job: Job, each: Range) -> bool:
    if each.kind == "Categorical" or each.scale != "Logarithmic":
        return False
    least = _number(each.bounds[0])
    return least is not None and least <= 0


@any_range("degenerate-range")
def _(_job: Job, each: Range) -> bool:
    if each.kind == "Categorical":
        return len(each.values) == 1 or len(set(each.values)) < len(each.values)
    return each.numbers is not None and each.numbers[0] == each.numbers[1]


@any_range("fractional-integer-bound")
def _(_job: Job, each: Range) -> bool:
    return each.kind == "Integer" and each.numbers is not None and any(n != int(n) for n in each.numbers)


@restated("grid-needs-categorical")
def _(job: Job) -> bool:
    return job.strategy == "Grid" and any(each.kind != "Categorical" for each in job.ranges)


@restated("job-limit-exceeded")
def _(job: Job) -> bool:
    return job.trials is not None and job.trials > 750


@restated("parallel-limit-exceeded")
def _(job: Job) -> bool:
    return bool(job.parallel > 100)


@restated("parallel-above-default-quota")
def _(job: Job) -> bool:
    return bool(10 < job.parallel <= 100)


@restated("early-stopping-unsupported")
def _(job: Job) -> bool:
    supported = job.metric.endswith("objective_loss")
    return (
        job.stopping == "Auto" and job.strategy != "Hyperband" and job.algorithm == "linear-learner" and not supported
    )


def of_amazons(job: Job, algorithm: str) -> bool:
    """Whether the job runs an algorithm in an image of Amazon's, of XGBoost in a known version."""
    known = job.tag != "9.9-1" and job.repository != "xgboost"
    return job.is_amazons and job.algorithm == algorithm and known


@restated("unknown-hyperparameter")
def _(job: Job) -> bool:
    if not of_amazons(job, "xgboost"):
        return False
    return any(name not in TAKEN for name in [*job.static, *(each.name for each in job.ranges)])


@restated("required-hyperparameter-missing")
def _(job: Job) -> bool:
    sent = {*job.static, *(each.name for each in job.ranges)}
    return any(name not in sent for name in REQUIRED.get(job.algorithm or "", []))


@restated("not-tunable")
def _(job: Job) -> bool:
    return any(not _tunable(job, each.name) for each in job.ranges)


def _tunable(job: Job, name: str) -> bool:
    return not any(
        of_amazons(job, algorithm) and name == refused
        for algorithm, refused in (
            ("linear-learner", "momentum"),
            ("knn", "mini_batch_size"),
            ("lda", "mini_batch_size"),
        )
    )


@any_range("range-without-effect")
def _(job: Job, each: Range) -> bool:
    is_of_sgd = each.name in ("momentum", "weight_decay") and of_amazons(job, "image-classification")
    return is_of_sgd and job.static.get("optimizer", "sgd") == "adam"


VALUES: dict[str, dict[str, tuple[bool, float, bool, float]]] = {
    "xgboost": {
        "max_depth": (True, 0, True, math.inf),
        "num_round": (True, 1, True, math.inf),
        "alpha": (False, 0, True, math.inf),
    },
    "linear-learner": {
        "learning_rate": (False, 0, False, math.inf),
        "mini_batch_size": (True, 1, True, math.inf),
        "momentum": (False, 0, True, 1),
    },
    "image-classification": {
        "learning_rate": (False, 0, True, 1),
        "mini_batch_size": (True, 1, True, math.inf),
        "momentum": (False, 0, True, 1),
        "weight_decay": (False, 0, True, 1),
    },
    "knn": {"mini_batch_size": (True, 1, True, math.inf)},
    "kmeans": {"mini_batch_size": (True, 1, True, math.inf)},
}
"""Of names that are tuned here: whether whole numbers are wanted, the least, whether that itself is taken, the most."""


@any_range("value-refused")
def _(job: Job, each: Range) -> bool:
    wanted = VALUES.get(job.algorithm or "", {}).get(each.name)
    if wanted is None or not of_amazons(job, job.algorithm or "") or not _tunable(job, each.name):
        return False
    whole, least, closed, most = wanted

    def refused(value: float | None) -> bool:
        if value is None or (whole and value != int(value)):
            return True
        return value < least or value > most or (value == least and not closed)

    if each.kind == "Categorical":
        return any(refused(_number(value)) for value in each.values if value)
    low, high = (_number(bound) for bound in each.bounds)
    if low is None or high is None:
        return (low is not None and low < least) or (high is not None and high > most)
    if low > high:
        return False
    if each.kind == "Integer":
        return any(refused(value) for value in (math.ceil(low), math.floor(high)) if low <= value <= high)
    return (whole and low < high) or (refused(low) if low == high else low < least or high > most)


@restated("needed-hyperparameter-missing")
def _(job: Job) -> bool:
    objective, metric = job.static.get("objective"), job.static.get("eval_metric")
    if not of_amazons(job, "xgboost"):
        return False
    if (objective == "multi:softprob" and "num_class" not in job.static) or (metric is not None and objective is None):
        return True
    return metric == "auc" and not (objective or "").startswith("binary:")


@restated("num-class-without-classes")
def _(job: Job) -> bool:
    if not job.is_amazons or job.algorithm != "xgboost" or "num_class" not in job.static:
        return False
    return job.static.get("objective") in ("binary:logistic", "reg:squarederror")


@restated("metric-unfit-for-objective")
def _(job: Job) -> bool:
    if job.algorithm != "xgboost":
        return False
    objective = job.static.get("objective", "")
    if objective.startswith("reg:"):
        return job.metric in ("validation:auc", "validation:error")
    if objective.startswith("multi:") and job.metric == "validation:error":
        return True
    return bool(objective.startswith("multi:") and job.metric == "validation:auc" and job.tag == "1.2-1")


@restated("validation-channel-missing")
def _(job: Job) -> bool:
    if job.metric not in METRICS.get(job.algorithm or "", {}):
        return False
    channels = [each["ChannelName"] for each in job.training.get("InputDataConfig", [])]
    return job.metric.partition(":")[0] not in channels


@restated("validation-is-training-data")
def _(job: Job) -> bool:
    if job.metric not in METRICS.get(job.algorithm or "", {}):
        return False
    data = {each["ChannelName"]: each["DataSource"] for each in job.training.get("InputDataConfig", [])}
    measured = data.get(job.metric.partition(":")[0])
    return measured is not None and data.get("train") == measured and len(data) == 2


@restated("objective-direction")
def _(job: Job) -> bool:
    better = METRICS.get(job.algorithm or "", {}).get(job.metric)
    return better is not None and better != job.type


@restated("strategy-config-without-hyperband")
def _(job: Job) -> bool:
    return job.strategy != "Hyperband" and "StrategyConfig" in job.config


@restated("grid-trial-count")
def _(job: Job) -> bool:
    if job.strategy != "Grid" or any(each.kind != "Categorical" for each in job.ranges):
        return False
    return job.most is not None and job.most != job.combinations


@restated("runtime-above-limit")
def _(job: Job) -> bool:
    return bool(job.cap > 28 * 86400)


@restated("job-runtime-above-limit")
def _(job: Job) -> bool:
    return job.runtime is not None and job.runtime > 30 * 86400


@restated("pending-time-on-cpu")
def _(job: Job) -> bool:
    cpu = job.instance in ("ml.m5.xlarge", "ml.m4.xlarge", "m5.xlarge")
    return cpu and "MaxPendingTimeInSeconds" in job.training["StoppingCondition"]


def resources(job: Job) -> dict[str, Any]:
    """The ResourceConfig."""
    found: dict[str, Any] = job.training["ResourceConfig"]
    return found


@restated("keep-alive-ignored")
def _(job: Job) -> bool:
    return bool(resources(job).get("KeepAlivePeriodInSeconds"))


@restated("selected-instance-type")
def _(job: Job) -> bool:
    return "SelectedInstanceType" in resources(job)


@restated("volume-key-on-local-storage")
def _(job: Job) -> bool:
    return "VolumeKmsKeyId" in resources(job) and job.instance.startswith("ml.g5.")


@restated("instance-preferences-conflict")
def _(job: Job) -> bool:
    other = "InstanceType" in resources(job) or "InstanceGroups" in resources(job)
    return "InstancePreferences" in resources(job) and (other or job.spot)


@restated("instance-preferences-count")
def _(job: Job) -> bool:
    preferences = resources(job).get("InstancePreferences", [])
    other = "InstanceType" in resources(job) or "InstanceGroups" in resources(job)
    return not other and any("InstanceCount" in each for each in preferences)


@restated("instance-groups-with-type")
def _(job: Job) -> bool:
    return "InstanceGroups" in resources(job) and "InstancePreferences" not in resources(job)


@restated("instance-type-not-for-training")
def _(job: Job) -> bool:
    return job.instance in ("ml.c5.large", "ml.t2.medium")


@restated("empty-value")
def _(job: Job) -> bool:
    return "" in job.static.values()


@restated("instance-type-prefix")
def _(job: Job) -> bool:
    return job.instance != "" and not job.instance.startswith("ml.")


def channels(job: Job) -> list[dict[str, Any]]:
    """The channels, each with the mode that it has."""
    common = job.training["AlgorithmSpecification"]["TrainingInputMode"]
    return [{"InputMode": common} | each for each in job.training.get("InputDataConfig", [])]


@restated("compression-in-file-mode")
def _(job: Job) -> bool:
    return any(each.get("CompressionType") == "Gzip" and each["InputMode"] == "File" for each in channels(job))


@restated("augmented-manifest-without-pipe")
def _(job: Job) -> bool:
    sources = [each["DataSource"].get("S3DataSource", {}) for each in channels(job) if each["InputMode"] != "Pipe"]
    return any(each.get("S3DataType") == "AugmentedManifestFile" for each in sources)


@restated("augmented-manifest-without-attributes")
def _(job: Job) -> bool:
    sources = [each["DataSource"].get("S3DataSource", {}) for each in channels(job)]
    return any(each.get("S3DataType") == "AugmentedManifestFile" and "AttributeNames" not in each for each in sources)


@restated("augmented-manifest-not-wrapped")
def _(job: Job) -> bool:
    sources = [each["DataSource"].get("S3DataSource", {}) for each in channels(job) if each["InputMode"] == "Pipe"]
    from_manifest = any(each.get("S3DataType") == "AugmentedManifestFile" for each in sources)
    return from_manifest and job.is_amazons and job.algorithm == "image-classification"


@restated("channel-data-source")
def _(job: Job) -> bool:
    return any(len(each["DataSource"]) != 1 for each in channels(job))


@restated("file-system-without-vpc")
def _(job: Job) -> bool:
    mounted = any("FileSystemDataSource" in each["DataSource"] for each in channels(job))
    return mounted and "VpcConfig" not in job.training


def named_groups(job: Job) -> list[list[str]]:
    """For each channel, the instance groups that it names."""
    return [each["DataSource"].get("S3DataSource", {}).get("InstanceGroupNames", []) for each in channels(job)]


@restated("channel-instance-groups")
def _(job: Job) -> bool:
    return "InstanceGroups" in resources(job) and len({bool(names) for names in named_groups(job)}) > 1


@restated("unknown-instance-group")
def _(job: Job) -> bool:
    groups = {each["InstanceGroupName"] for each in resources(job).get("InstanceGroups", [])}
    return any(not groups.issuperset(names) for names in named_groups(job))


@restated("duplicate-channel")
def _(job: Job) -> bool:
    names = [each["ChannelName"] for each in channels(job)]
    return len(names) != len(set(names))


@restated("warm-start-parent")
def _(job: Job) -> bool:
    parents = job.request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    return any(each.get("HyperParameterTuningJobName") in (None, "restated") for each in parents)


@restated("reserved-tag")
def _(job: Job) -> bool:
    return any(each["Key"].lower().startswith("aws:") for each in job.request.get("Tags", []))


# strategy/


@restated("budget-too-small-for-space")
def _(job: Job) -> bool:
    free = not job.autotune and "WarmStartConfig" not in job.request
    return job.strategy != "Grid" and free and trials_from(job, 4) and (job.trials or 0) < len(job.ranges)


def searched_through(job: Job) -> bool:
    """Whether the trials are half of all combinations or more."""
    return bool(job.combinations) and job.trials is not None and (job.combinations or 0) <= 2 * job.trials


@restated("parallel-exceeds-total")
def _(job: Job) -> bool:
    reported = job.strategy == "Bayesian" and trials_from(job, 6) and not searched_through(job)
    return trials_from(job, 1) and job.parallel > (job.trials or 0) and not reported


def has_criterion(job: Job) -> bool:
    """Whether a completion criterion can end the search."""
    criteria = job.config.get("TuningJobCompletionCriteria", {})
    patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
    converges = criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
    return "TargetObjectiveMetricValue" in criteria or patience is not None or converges


@restated("no-completion-criteria")
def _(job: Job) -> bool:
    limited = has_criterion(job) or job.runtime is not None or job.autotune
    return job.strategy != "Grid" and not limited and trials_from(job, 50)


@restated("criterion-never-fires")
def _(job: Job) -> bool:
    criteria = job.config.get("TuningJobCompletionCriteria", {}).get("BestObjectiveNotImproving", {})
    patience = criteria.get("MaxNumberOfTrainingJobsNotImproving")
    return patience is not None and job.trials is not None and patience >= job.trials


@restated("unbounded-budget")
def _(job: Job) -> bool:
    limited = job.most is not None or job.runtime is not None or has_criterion(job)
    return job.strategy != "Grid" and not job.autotune and not limited


@restated("random-search-with-large-budget")
def _(job: Job) -> bool:
    return job.strategy == "Random" and trials_from(job, 100) and job.parallel <= 10


@restated("no-random-seed")
def _(job: Job) -> bool:
    return job.strategy != "Grid" and "RandomSeed" not in job.config


@restated("missing-warm-start")
def _(job: Job) -> bool:
    free = "WarmStartConfig" not in job.request and not job.autotune
    return job.strategy == "Bayesian" and free and trials_from(job, 20)


@restated("excessive-parallelism")
def _(job: Job) -> bool:
    at_once = job.parallel if job.trials is None else min(job.parallel, job.trials)
    if at_once <= 1 or searched_through(job):
        return False
    rounds = job.rounds
    if job.strategy != "Bayesian":
        return False
    few = rounds is not None and rounds < 3 and (trials_from(job, 20) or (rounds == 1 and trials_from(job, 6)))
    few |= rounds is not None and rounds < 4 and trials_from(job, 40)
    return few or (at_once >= 20 and (job.trials is None or trials_from(job, 40)))


@restated("grid-search-on-large-space")
def _(job: Job) -> bool:
    plain = all(each.kind == "Categorical" for each in job.ranges)
    return job.strategy == "Grid" and plain and job.combinations is not None and job.combinations > 50


@restated("no-early-stopping")
def _(job: Job) -> bool:
    off = job.stopping == "Off" or (job.stopping is None and not job.autotune)
    listed = job.algorithm in ("xgboost", "image-classification")
    listed |= job.algorithm == "linear-learner" and job.metric.endswith("objective_loss")
    several = job.rounds is not None and job.rounds > 1
    listed &= job.static.get("epochs") != "10" and job.static.get("num_round") != "100"
    return off and job.strategy in ("Bayesian", "Random") and trials_from(job, 20) and several and listed


# scale/


@any_range("linear-wide-range")
def _(job: Job, each: Range) -> bool:
    linear = each.kind != "Categorical" and each.scale == "Linear"
    enough = job.trials is None or job.trials >= 3
    return enough and linear and spans(each, 3) and role(job, each) in (None, "batch_size", "width")


@any_range("linear-learning-rate")
def _(job: Job, each: Range) -> bool:
    return role(job, each) == "learning_rate" and each.scale == "Linear" and spans(each, 2)


@any_range("linear-regularization")
def _(job: Job, each: Range) -> bool:
    return role(job, each) == "regularization" and each.scale == "Linear" and spans(each, 2)


@any_range("reverse-log-away-from-one")
def _(_job: Job, each: Range) -> bool:
    if each.kind != "Continuous" or each.scale != "ReverseLogarithmic" or each.numbers is None:
        return False
    return each.numbers[0] >= 0 and each.numbers[1] < 0.9


@any_range("numeric-categorical")
def _(job: Job, each: Range) -> bool:
    numbers = each.values == ["3", "5", "7", "9"]
    return (
        job.strategy == "Bayesian"
        and several_rounds(job)
        and numbers
        and role(job, each) not in ("batch_size", "width")
    )


@any_range("learning-rate-starts-at-zero")
def _(job: Job, each: Range) -> bool:
    if role(job, each) != "learning_rate" or each.kind == "Categorical" or each.scale not in (None, "Auto", "Linear"):
        return False
    if job.strategy == "Random" or not several_rounds(job):
        return False
    least = _number(each.bounds[0])
    return least is not None and least <= 0


@any_range("regularization-starts-at-zero")
def _(job: Job, each: Range) -> bool:
    if role(job, each) != "regularization" or each.scale not in (None, "Auto", "Linear") or each.numbers is None:
        return False
    return each.numbers[0] == 0 and each.numbers[1] >= 10


@any_range("near-one-without-reverse-log")
def _(job: Job, each: Range) -> bool:
    if role(job, each) != "near_one" or each.kind != "Continuous" or each.scale not in (None, "Auto", "Linear"):
        return False
    if each.numbers is None or not 0 <= each.numbers[0] < each.numbers[1] or not 0.99 <= each.numbers[1] <= 1:
        return False
    if each.numbers[1] < 1 and math.log10((1 - each.numbers[0]) / (1 - each.numbers[1])) <= 1:
        return False
    return all(_top(other) < 0.1 for other in job.ranges if role(job, other) == "learning_rate")


def _top(each: Range) -> float:
    """The highest value of a range; of categories that are no numbers none."""
    if each.kind != "Categorical":
        return each.numbers[1] if each.numbers is not None else math.inf
    numbers = [_number(value) for value in each.values]
    return math.inf if None in numbers else max(number for number in numbers if number is not None)


@any_range("log-scale-on-linear-parameter")
def _(job: Job, each: Range) -> bool:
    enough = job.trials is None or job.trials >= 3
    return enough and role(job, each) in ("fraction", "depth") and each.scale == "Logarithmic" and spans(each, 0.7)


@any_range("log-scale-on-narrow-range")
def _(_job: Job, each: Range) -> bool:
    return each.scale == "Logarithmic" and each.decades is not None and 0 < each.decades < 0.5


@any_range("integer-batch-size")
def _(job: Job, each: Range) -> bool:
    return role(job, each) == "batch_size" and each.kind == "Integer"


@any_range("outside-recommended-range")
def _(job: Job, each: Range) -> bool:
    known = {
        ("xgboost", "alpha", "Continuous"): (0, 1000),
        ("xgboost", "num_round", "Integer"): (1, 4000),
        ("xgboost", "max_depth", "Integer"): (0, 10),
        ("linear-learner", "learning_rate", "Continuous"): (1e-5, 1),
        ("linear-learner", "mini_batch_size", "Integer"): (100, 5000),
        ("image-classification", "learning_rate", "Continuous"): (1e-6, 0.5),
        ("image-classification", "mini_batch_size", "Integer"): (8, 512),
        ("image-classification", "momentum", "Continuous"): (0, 0.999),
        ("image-classification", "weight_decay", "Continuous"): (0, 0.999),
        ("kmeans", "mini_batch_size", "Integer"): (3000, 15000),
    }
    recommended = known.get((job.algorithm or "", each.name, each.kind))
    if recommended is None or each.numbers is None:
        return False
    return each.numbers[0] < recommended[0] or each.numbers[1] > recommended[1]


@restated("xgboost-image-tag")
def _(job: Job) -> bool:
    return bool(job.is_amazons and job.image == "xgboost:1.7-1")


CHANNELS_OF = {
    "xgboost": (["train"], ["validation", "code"]),
    "lda": (["train"], ["test"]),
    "linear-learner": (["train"], ["validation", "test"]),
    "image-classification": (["train", "validation"], ["model"]),
    "knn": (["train"], ["test"]),
    "kmeans": (["train"], ["test"]),
}
"""The channels of each algorithm: those that it requires, and the others."""


def channel_names(job: Job) -> list[str]:
    """The names of the input channels."""
    return [channel["ChannelName"] for channel in channels(job)]


def lacking_channels(job: Job) -> list[str]:
    """The required channels that a job lacks."""
    required, _ = CHANNELS_OF.get(job.algorithm or "", ([], []))
    return [name for name in required if name not in channel_names(job)]


@restated("required-channel-missing")
def _(job: Job) -> bool:
    objectives = ("train", "validation", "test")
    measured = job.metric.partition(":")[0] if job.metric in METRICS.get(job.algorithm or "", {}) else None
    return any(name != measured or name not in objectives for name in lacking_channels(job))


@restated("unknown-channel")
def _(job: Job) -> bool:
    if job.algorithm != "xgboost" or job.repository != "sagemaker-xgboost" or lacking_channels(job):
        return False
    return bool(set(channel_names(job)) - {"train", "validation", "code"})


@restated("doubled-address")
def _(job: Job) -> bool:
    return any(
        channel["DataSource"].get("S3DataSource", {}).get("S3Uri", "").startswith("s3://s3://")
        for channel in channels(job)
    )


@restated("trial-cap-above-job-limit")
def _(job: Job) -> bool:
    return job.runtime is not None and job.cap_written and job.cap > job.runtime


@restated("volume-above-local-storage")
def _(job: Job) -> bool:
    local = {"ml.g5.xlarge": 250, "ml.g5.12xlarge": 3800}.get(job.instance)
    return local is not None and job.training["ResourceConfig"].get("VolumeSizeInGB", 0) > local


@restated("image-not-in-ecr")
def _(job: Job) -> bool:
    image = job.training["AlgorithmSpecification"]["TrainingImage"]
    return bool(image.startswith(("docker.io/", "pytorch/")))


@restated("output-address")
def _(job: Job) -> bool:
    address = job.training.get("OutputDataConfig", {}).get("S3OutputPath", "")
    return bool(address.startswith("s3://s3://"))


def content_type(channel: dict[str, Any]) -> str | None:
    """The content type without parameters."""
    written = channel.get("ContentType")
    return None if written is None else str(written).partition(";")[0]


def input_mode(job: Job, channel: dict[str, Any]) -> str:
    """The input mode of a channel."""
    return str(channel.get("InputMode", job.training["AlgorithmSpecification"]["TrainingInputMode"]))


def is_type_refused(job: Job, channel: dict[str, Any]) -> bool:
    """Whether the algorithm refuses a channel's content type in its mode."""
    if job.algorithm == "image-classification":
        return content_type(channel) == "text/csv"
    if job.algorithm != "xgboost" or job.repository != "sagemaker-xgboost":
        return False
    read_from = content_type(channel) or "text/libsvm"
    return read_from == "application/json" or (read_from == "text/libsvm" and input_mode(job, channel) == "Pipe")


@restated("content-type-refused")
def _(job: Job) -> bool:
    judged = ("train", "validation")
    return any(channel["ChannelName"] in judged and is_type_refused(job, channel) for channel in channels(job))


@restated("csv-read-as-libsvm")
def _(job: Job) -> bool:
    if job.algorithm != "xgboost" or job.repository != "sagemaker-xgboost":
        return False
    return any(
        channel["DataSource"].get("S3DataSource", {}).get("S3Uri", "").endswith(".csv")
        and input_mode(job, channel) == "File"
        for channel in channels(job)
    )


@restated("csv-without-label-size")
def _(job: Job) -> bool:
    if job.algorithm not in ("kmeans", "lda"):
        return False
    return any(
        channel["ChannelName"] == "train" and channel.get("ContentType") == "text/csv" for channel in channels(job)
    )


# compute/


@restated("gpu-tree-method-on-cpu")
def _(job: Job) -> bool:
    if not of_amazons(job, "xgboost") or "tree_method" not in job.static:
        return False
    return job.instance != "" and not job.instance.startswith(("ml.g5", "ml.p2"))


@restated("legacy-xgboost-image")
def _(job: Job) -> bool:
    return job.algorithm == "xgboost" and job.image == "xgboost:1"


@restated("no-program")
def _(job: Job) -> bool:
    return bool(job.is_amazons and job.repository == "sagemaker-scikit-learn")


@restated("spot-without-checkpoint")
def _(job: Job) -> bool:
    return (
        job.spot
        and "CheckpointConfig" not in job.training
        and job.cap_written
        and job.cap > 3600
        and job.repository == "pytorch-training"
    )


@restated("retired-instance")
def _(job: Job) -> bool:
    return job.instance == "ml.p2.xlarge"


@restated("old-generation-instance")
def _(job: Job) -> bool:
    return job.instance == "ml.m4.xlarge"


@restated("gpu-required")
def _(job: Job) -> bool:
    without = job.instance != "" and not job.instance.startswith(("ml.g5", "ml.p2"))
    return job.algorithm == "image-classification" and without


@restated("single-machine-algorithm")
def _(job: Job) -> bool:
    return job.algorithm == "lda" and job.count > 1


@restated("data-not-divided")
def _(job: Job) -> bool:
    sources = [
        each["DataSource"].get("S3DataSource")
        for each in job.training.get("InputDataConfig", [])
        if each["ChannelName"] == "train"
    ]
    whole = any(
        source is not None
        and "InstanceGroupNames" not in source
        and source.get("S3DataDistributionType", "FullyReplicated") == "FullyReplicated"
        for source in sources
    )
    return job.algorithm == "xgboost" and job.count > 1 and whole


@restated("idle-gpu")
def _(job: Job) -> bool:
    if job.algorithm == "lda":
        return job.instance.startswith(("ml.g5", "ml.p2"))
    return job.algorithm in ("knn", "kmeans") and GPUS.get(job.instance, 0) > 1


@restated("no-runtime-cap")
def _(job: Job) -> bool:
    return not job.cap_written


@restated("large-worst-case")
def _(job: Job) -> bool:
    return job.written_hours is not None and job.written_hours > 1000


@restated("missing-spot")
def _(job: Job) -> bool:
    if job.spot or job.trials is None or "InstancePreferences" in resources(job):
        return False
    says = job.cap < 86400 or (job.cap == 86400 and job.runtime is not None)
    long = says and job.written_hours is not None and job.written_hours >= 20
    accelerated = job.instance.startswith(("ml.g5", "ml.p2")) and (trials_from(job, 20) or long)
    large = job.instance.endswith((".12xlarge", ".16xlarge", ".24xlarge"))
    size = re.search(r"\.(\d*)xlarge$", job.instance)
    several = job.count > 1 and size is not None and job.count * int(size[1] or 1) >= 12
    dear = accelerated or large or several or (trials_from(job, 100) and size is not None)
    is_capped = says and job.written_hours is not None and job.written_hours >= 100
    is_small = job.count == 1 and job.instance.endswith((".large", ".medium", ".xlarge"))
    takes_minutes = job.algorithm == "xgboost" and is_small and job.static.get("num_round") in ("10", "100")
    dear |= is_capped and not takes_minutes
    if job.written_hours is not None and job.written_hours < 5 and size is not None and int(size[1] or 1) <= 4:
        return False
    return trials_from(job, 30) or (trials_from(job, 5) and dear)


def fired_rules(job: Job) -> Iterator[str]:
    """The names of the rules that fire."""
    yield from (name for name, rule in RULES.items() if rule(job))
