"""Write hpolint/data/sdk2.json: the parameters of the SageMaker SDK's classes, as the pinned version 2 has them.

Usage: ``HPOLINT_SDK2=… python scripts/generate_signatures.py [--check]``. ``HPOLINT_SDK2`` is a Python with the SDK of
``tests/oracles/environments/sdk2.txt``. ``--check`` writes nothing and exits 1 if the committed file differs in
anything but its date.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "hpolint/data/sdk2.json"
CAPTURE = """
import inspect, json, logging
logging.disable(logging.CRITICAL)
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

def names(function):
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = [each.name for each in inspect.signature(function).parameters.values() if each.kind in kinds]
    return [name for name in found if name != "self"]

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
print(json.dumps({"sagemaker": sagemaker.__version__, "classes": found}))
"""


def captured() -> dict[str, Any]:
    """The version and the classes' parameters, asked of the SDK. Raises KeyError without ``HPOLINT_SDK2``."""
    run = subprocess.run([os.environ["HPOLINT_SDK2"], "-c", CAPTURE], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def document(found: dict[str, Any], as_of: str) -> str:
    """The file's text."""
    return json.dumps({"as_of": as_of, **found}, indent=1, sort_keys=True) + "\n"


def main() -> int:
    found = captured()
    if "--check" in sys.argv[1:]:
        written = TARGET.read_text("utf-8")
        return 0 if document(found, json.loads(written)["as_of"]) == written else 1
    TARGET.write_text(document(found, datetime.datetime.now(datetime.UTC).date().isoformat()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
