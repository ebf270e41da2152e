"""Write hpolint/data/sdk2.json and sdk3.json: what the SageMaker SDK's classes and methods take, and in which versions.

Usage: ``HPOLINT_SDK2=… HPOLINT_SDK3=… HPOLINT_SDK2_OLDEST=… HPOLINT_SDK3_OLDEST=… HPOLINT_SDK1=… python
scripts/generate_signatures.py [--check]``. The variables name the Pythons with the SDKs of
``tests/oracles/environments``. Besides the signatures, the files have the names that ``from MODULE import *`` binds,
and the modules of the package ``sagemaker``.
``--check`` writes nothing and exits 1 if a committed file differs in anything but its date.

The signatures of the newest version are complete. Those of an older version are the ones that differ, which are null
if that version does not have the class or method.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "hpolint/data"
COMMON = """
import importlib, importlib.metadata, inspect, json, logging, pkgutil, types
logging.disable(logging.CRITICAL)
KINDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

def imported(path):
    module, *attributes = path.split(":")
    value = importlib.import_module(module)
    for attribute in attributes:
        value = getattr(value, attribute)
    return value

def signature(value):
    parameters = [each for each in inspect.signature(value).parameters.values() if each.name != "self"]
    named = [each for each in parameters if each.kind in KINDS]
    described = {"takes": [each.name for each in named]}
    described["requires"] = [each.name for each in named if each.default is each.empty]
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        described["passes_on_to"] = next_constructor(value)
    return described

def next_constructor(value):
    if not inspect.isclass(value):
        return None
    bases = [base for base in value.__mro__[1:] if base is not object and "__init__" in vars(base)]
    return bases[0].__name__ if bases else None

def signatures(paths):
    described = {}
    for name, path in paths.items():
        try:
            described[name] = signature(imported(path))
        except (ImportError, AttributeError):
            described[name] = None
    return described

def modules():
    return sorted(found.name for found in pkgutil.iter_modules(importlib.import_module("sagemaker").__path__))

def exports(module):
    bound = {}
    exec(f"from {module} import *", bound)
    own = [name for name, value in bound.items() if str(getattr(value, "__module__", "")).startswith("sagemaker")]
    return sorted(name for name in own if not isinstance(bound[name], types.ModuleType))
"""

ALGORITHMS = (
    *("FactorizationMachines", "IPInsights", "KMeans", "KNN", "LDA", "LinearLearner", "NTM", "Object2Vec", "PCA"),
    "RandomCutForest",
)
FRAMEWORKS = {
    "Chainer": "chainer",
    "HuggingFace": "huggingface",
    "MXNet": "mxnet",
    "PyTorch": "pytorch",
    "RLEstimator": "rl",
    "SKLearn": "sklearn",
    "TensorFlow": "tensorflow",
    "XGBoost": "xgboost",
}
TUNER_2 = (
    *("HyperparameterTuner", "WarmStartConfig", "StrategyConfig", "HyperbandStrategyConfig"),
    *("TuningJobCompletionCriteriaConfig", "InstanceConfig", "ContinuousParameter", "IntegerParameter"),
    *("CategoricalParameter", "create_identical_dataset_and_algorithm_tuner", "create_transfer_learning_tuner"),
)
METHODS_2 = (
    *("create", "attach", "fit", "override_resource_config", "identical_dataset_and_algorithm_tuner"),
    "transfer_learning_tuner",
)
PATHS_2 = (
    {name: f"sagemaker.tuner:{name}" for name in TUNER_2}
    | {f"HyperparameterTuner.{name}": f"sagemaker.tuner:HyperparameterTuner:{name}" for name in METHODS_2}
    | {name: f"sagemaker.inputs:{name}" for name in ("TrainingInput", "FileSystemInput")}
    | {name: f"sagemaker.estimator:{name}" for name in ("EstimatorBase", "Estimator", "Framework")}
    | {f"Estimator.{name}": f"sagemaker.estimator:Estimator:{name}" for name in ("fit", "set_hyperparameters")}
    | {name: f"sagemaker:{name}" for name in ("AlgorithmEstimator", *ALGORITHMS)}
    | {"AmazonAlgorithmEstimatorBase": "sagemaker.amazon.amazon_estimator:AmazonAlgorithmEstimatorBase"}
    | {"JumpStartEstimator": "sagemaker.jumpstart.estimator:JumpStartEstimator"}
    | {name: f"sagemaker.{module}:{name}" for name, module in FRAMEWORKS.items()}
    | {"TuningStep": "sagemaker.workflow.steps:TuningStep", "tuning_config": "sagemaker.workflow.airflow:tuning_config"}
    | {"image_uris.retrieve": "sagemaker.image_uris:retrieve"}
    | {"HyperparameterTuningJobAnalytics": "sagemaker.analytics:HyperparameterTuningJobAnalytics"}
)
"""The classes, methods and functions of version 2 by the names in the data file."""

METHODS_3 = ("create", "tune", "override_resource_config", "transfer_learning_tuner")
CONFIGS_3 = (
    *("CheckpointConfig", "Compute", "InputData", "MetricDefinition", "Networking", "OutputDataConfig"),
    *("RetryStrategy", "SourceCode", "StoppingCondition"),
)
SHAPES = (
    *("BestObjectiveNotImproving", "CategoricalParameterRange", "CheckpointConfig", "ContinuousParameterRange"),
    *("ConvergenceDetected", "HyperParameterAlgorithmSpecification", "HyperParameterTrainingJobDefinition"),
    *("HyperParameterTuningJobConfig", "HyperParameterTuningJobObjective", "HyperParameterTuningJobStrategyConfig"),
    *("HyperParameterTuningJobWarmStartConfig", "HyperParameterTuningResourceConfig", "HyperbandStrategyConfig"),
    *("IntegerParameterRange", "OutputDataConfig", "ParameterRanges", "ParentHyperParameterTuningJob"),
    *("ResourceConfig", "ResourceLimits", "RetryStrategy", "StoppingCondition", "TuningJobCompletionCriteria"),
    "VpcConfig",
)
RANGES = ("ContinuousParameter", "IntegerParameter", "CategoricalParameter")
PATHS_3 = (
    {"HyperparameterTuner": "sagemaker.train.tuner:HyperparameterTuner"}
    | {f"HyperparameterTuner.{name}": f"sagemaker.train.tuner:HyperparameterTuner:{name}" for name in METHODS_3}
    | {name: f"sagemaker.core.parameter:{name}" for name in RANGES}
    | {"ModelTrainer": "sagemaker.train.model_trainer:ModelTrainer"}
    | {"ModelTrainer.train": "sagemaker.train.model_trainer:ModelTrainer:train"}
    | {name: f"sagemaker.core.training.configs:{name}" for name in CONFIGS_3}
    | {f"shapes.{name}": f"sagemaker.core.shapes:{name}" for name in SHAPES}
    | {"HyperParameterTuningJob.create": "sagemaker.core.resources:HyperParameterTuningJob:create"}
    | {"TuningStep": "sagemaker.mlops.workflow.steps:TuningStep"}
    | {"image_uris.retrieve": "sagemaker.core.image_uris:retrieve"}
    | {"HyperparameterTuningJobAnalytics": "sagemaker.core.analytics:HyperparameterTuningJobAnalytics"}
)
"""The same of version 3. ``shapes`` has classes of the same names as ``configs``."""

STARS_2 = (
    *("sagemaker", "sagemaker.tuner", "sagemaker.parameter", "sagemaker.estimator", "sagemaker.inputs"),
    *(f"sagemaker.{module}" for module in ("pytorch", "tensorflow", "mxnet", "chainer", "huggingface", "sklearn")),
    "sagemaker.xgboost",
)
STARS_3 = (
    *("sagemaker.train.tuner", "sagemaker.train.model_trainer", "sagemaker.train.configs"),
    *("sagemaker.core.training.configs", "sagemaker.core.parameter"),
)
"""The modules whose exported names are recorded."""

PACKAGES = {"sdk2": "sagemaker", "sdk3": "sagemaker-train"}
PATHS = {"sdk2": PATHS_2, "sdk3": PATHS_3}
STARS = {"sdk2": STARS_2, "sdk3": STARS_3}
OLDER = {"sdk2": ("sdk2_oldest", "sdk1"), "sdk3": ("sdk3_oldest",)}
"""The environments of older versions, from the newest to the oldest. Sources may still be written for version 1."""


def captured(name: str, environment: str, *, stars: bool = False) -> dict[str, Any]:
    """What the SDK of an environment answers. Raises KeyError without the variable of its Python."""
    python = os.environ[f"HPOLINT_{environment.upper()}"]
    program = COMMON + (
        f"answer = {{'version': importlib.metadata.version({PACKAGES[name]!r})}}\n"
        f"answer['signatures'] = signatures({PATHS[name]!r})\n"
        f"answer['exports'] = {{module: exports(module) for module in {STARS[name] if stars else ()!r}}}\n"
        "answer['modules'] = modules()\n"
        "print(json.dumps(answer))\n"
    )
    settings = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}  # a module asks for it when it is imported
    run = subprocess.run([python, "-c", program], capture_output=True, text=True, env=settings, check=True)
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return answer


def recorded(name: str) -> dict[str, Any]:
    """The content of a data file without its date."""
    newest = captured(name, name, stars=True)
    older = {}
    for environment in OLDER[name]:
        answer = captured(name, environment)
        differing = {
            each: signature
            for each, signature in answer["signatures"].items()
            if signature != newest["signatures"][each]
        }
        older[answer["version"]] = differing
    return {
        PACKAGES[name]: newest["version"],
        "signatures": newest["signatures"],
        "older": older,
        "exports": newest["exports"],
        "modules": newest["modules"],
    }


def document(content: dict[str, Any], as_of: str) -> str:
    """The file's text: a list is in one line, so that a difference shows the signature that changed."""
    return _laid_out({"as_of": as_of, **content}) + "\n"


def _laid_out(value: Any, indent: str = "") -> str:
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    inner = indent + " "
    members = [f"{inner}{json.dumps(key)}: {_laid_out(value[key], inner)}" for key in sorted(value)]
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"


def main() -> int:
    differs = False
    for name in PACKAGES:
        target, content = DATA / f"{name}.json", recorded(name)
        if "--check" in sys.argv[1:]:
            written = target.read_text("utf-8")
            differs |= document(content, json.loads(written)["as_of"]) != written
        else:
            target.write_text(document(content, datetime.datetime.now(datetime.UTC).date().isoformat()), "utf-8")
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
