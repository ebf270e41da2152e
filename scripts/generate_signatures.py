"""Write hpolint/data/sdk2.json and sdk3.json: the parameters of the SageMaker SDK's classes in the pinned versions.

Usage: ``HPOLINT_SDK2=… HPOLINT_SDK3=… python scripts/generate_signatures.py [--check]``. The variables name the Pythons
with the SDKs of ``tests/oracles/environments``. Besides the parameters, the files have the names that
``from MODULE import *`` binds. ``--check`` writes nothing and exits 1 if a committed file differs in anything but its
date.
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
import inspect, json, logging, types
logging.disable(logging.CRITICAL)

def names(function):
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = [each.name for each in inspect.signature(function).parameters.values() if each.kind in kinds]
    return [name for name in found if name != "self"]

def exports(module):
    bound = {}
    exec(f"from {module} import *", bound)
    own = [name for name, value in bound.items() if str(getattr(value, "__module__", "")).startswith("sagemaker")]
    return sorted(name for name in own if not isinstance(bound[name], types.ModuleType))
"""
VERSION_2 = """
import sagemaker, sagemaker.estimator, sagemaker.inputs, sagemaker.parameter, sagemaker.tuner
from sagemaker import FactorizationMachines, IPInsights, KMeans, KNN, LDA, LinearLearner, NTM, Object2Vec, PCA
from sagemaker import RandomCutForest
from sagemaker.chainer import Chainer
from sagemaker.huggingface import HuggingFace
from sagemaker.mxnet import MXNet
from sagemaker.pytorch import PyTorch
from sagemaker.rl import RLEstimator
from sagemaker.sklearn import SKLearn
from sagemaker.tensorflow import TensorFlow
from sagemaker.xgboost import XGBoost

tuner, inputs, parameter, estimator = sagemaker.tuner, sagemaker.inputs, sagemaker.parameter, sagemaker.estimator
classes = [
    tuner.HyperparameterTuner, tuner.WarmStartConfig, tuner.StrategyConfig, tuner.HyperbandStrategyConfig,
    tuner.TuningJobCompletionCriteriaConfig, tuner.InstanceConfig, parameter.ContinuousParameter,
    parameter.IntegerParameter, parameter.CategoricalParameter, inputs.TrainingInput, inputs.FileSystemInput,
    estimator.EstimatorBase, estimator.Estimator, estimator.Framework, sagemaker.AlgorithmEstimator, PyTorch, MXNet,
    TensorFlow, HuggingFace, SKLearn, XGBoost, Chainer, RLEstimator, LinearLearner, KMeans, FactorizationMachines, NTM,
    PCA, KNN, RandomCutForest, Object2Vec, IPInsights, LDA,
]
found = {cls.__name__: names(cls.__init__) for cls in classes}
found["HyperparameterTuner.create"] = names(tuner.HyperparameterTuner.create)
modules = ["sagemaker", "sagemaker.tuner", "sagemaker.parameter", "sagemaker.estimator", "sagemaker.inputs"]
modules += [f"sagemaker.{name}" for name in ("pytorch", "tensorflow", "mxnet", "chainer", "huggingface", "sklearn")]
modules += ["sagemaker.xgboost"]
stars = {module: exports(module) for module in modules}
print(json.dumps({"sagemaker": sagemaker.__version__, "classes": found, "exports": stars}))
"""
VERSION_3 = """
import importlib.metadata
from sagemaker.core import parameter
from sagemaker.train import tuner

classes = [
    tuner.HyperparameterTuner, parameter.ContinuousParameter, parameter.IntegerParameter, parameter.CategoricalParameter
]
found = {cls.__name__: names(cls.__init__) for cls in classes}
found["HyperparameterTuner.create"] = names(tuner.HyperparameterTuner.create)
found["HyperparameterTuner.tune"] = names(tuner.HyperparameterTuner.tune)
modules = ["sagemaker.train.tuner", "sagemaker.train.model_trainer", "sagemaker.train.configs"]
modules += ["sagemaker.core.training.configs", "sagemaker.core.parameter"]
stars = {module: exports(module) for module in modules}
version = importlib.metadata.version("sagemaker-train")
print(json.dumps({"sagemaker-train": version, "classes": found, "exports": stars}))
"""
CAPTURES = {"sdk2": VERSION_2, "sdk3": VERSION_3}


def captured(name: str) -> dict[str, Any]:
    """The version and the classes' parameters, asked of the SDK. Raises KeyError without the variable of its Python."""
    python = os.environ[f"HPOLINT_{name.upper()}"]
    run = subprocess.run([python, "-c", COMMON + CAPTURES[name]], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def document(found: dict[str, Any], as_of: str) -> str:
    """The file's text."""
    return json.dumps({"as_of": as_of, **found}, indent=1, sort_keys=True) + "\n"


def main() -> int:
    differs = False
    for name in CAPTURES:
        target, found = DATA / f"{name}.json", captured(name)
        if "--check" in sys.argv[1:]:
            written = target.read_text("utf-8")
            differs |= document(found, json.loads(written)["as_of"]) != written
        else:
            target.write_text(document(found, datetime.datetime.now(datetime.UTC).date().isoformat()), "utf-8")
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
