"""Estimators of frameworks for which the SDK has no image, and those for which it has one or may have one."""

from __future__ import annotations

import pytest

from hpolint.data import generated
from hpolint.model.observations import FrameworkImageRefused
from hpolint.readers import read_source

HEAD = """
import settings
from sagemaker.huggingface import HuggingFace, TrainingCompilerConfig
from sagemaker.pytorch import PyTorch
from sagemaker.sklearn import SKLearn
from sagemaker.tensorflow import TensorFlow
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from sagemaker.xgboost import XGBoost
shared = {"entry_point": "t.py", "role": "arn:aws:iam::111122223333:role/r", "instance_count": 1}
cpu = {"instance_type": "ml.m5.large", **shared}
gpu = {"instance_type": "ml.g5.xlarge", **shared}
"""


def refused(estimator: str, later: str = "") -> list[FrameworkImageRefused]:
    """The refused lookups of the image of a program's estimator, with a line that follows the estimator."""
    tuner = "HyperparameterTuner(e, 'loss', {'lr': ContinuousParameter(0.1, 0.5)}).fit('s3://b/t')"
    _, reading = read_source("program.py", f"{HEAD}e = {estimator}\n{later}\n{tuner}\n".encode())
    (job,) = reading.jobs
    seen = [observation.observed for observation in job.observations]
    return [observed for observed in seen if isinstance(observed, FrameworkImageRefused)]


@pytest.mark.parametrize(
    ("estimator", "cause", "argument", "near"),
    [
        ("PyTorch(framework_version='2.0.0', py_version='py39', **gpu)", "python", "py_version", ["py310"]),
        ("PyTorch('t.py', '2.1', 'py39', role='r/r', instance_type='ml.g5.xlarge')", "python", "py_version", ["py310"]),
        ("PyTorch(framework_version='1.6', py_version='py38', **cpu)", "python", "py_version", ["py3", "py36"]),
        ("XGBoost(framework_version='3.0-5', py_version='py310', **cpu)", "python", "py_version", ["py3"]),
        (
            "PyTorch(framework_version='2.5.0', py_version='py311', **gpu)",
            "version",
            "framework_version",
            ["2.5", "2.5.1"],
        ),
        ("TensorFlow(framework_version='2.15', py_version='py310', **cpu)", "version", "framework_version", []),
        ("SKLearn(framework_version='1.2', **cpu)", "version", "framework_version", ["1.2-1"]),
        (
            "HuggingFace(transformers_version='4.26', pytorch_version='2.0', py_version='py39', **gpu)",
            *("base", "pytorch_version", ["1.13"]),
        ),
        (
            "HuggingFace(transformers_version='4.26', tensorflow_version='2.6', py_version='py39', **gpu)",
            *("base", "tensorflow_version", []),
        ),
        (
            "HuggingFace(transformers_version='4.28.1', pytorch_version='2.0', py_version='py310', **gpu)",
            *("base", "pytorch_version", ["2.0.0"]),
        ),
        (
            "HuggingFace(transformers_version='4.28', pytorch_version='2.0', py_version='py310', **cpu)",
            *("processor", "instance_type", ["GPU"]),
        ),
        ("XGBoost(framework_version='1.0-1', **gpu)", "processor", "instance_type", ["CPU"]),
    ],
)
def test_what_has_no_image_is_reported(estimator: str, cause: str, argument: str, near: list[str]) -> None:
    """The first argument that no image has, with what the images have."""
    (observed,) = refused(estimator)
    assert (observed.cause, observed.argument, observed.near) == (cause, argument, near)


@pytest.mark.parametrize(
    "arguments",
    [
        "framework_version='2.0.0', py_version='py39', image_uri=settings.image, **gpu",
        "framework_version='2.0.0', py_version=settings.python, **gpu",
        "framework_version=settings.version, py_version='py39', **gpu",
        "framework_version='2.0.0', py_version='py39', instance_type=settings.type, **shared",
        "framework_version='2.0.0', py_version='py39', **gpu, **settings.more",
        "framework_version='2.0.0', py_version='py39', distribution=settings.distribution, **gpu",
        "framework_version='2.0.0', py_version='py39', distribution={'smdistributed': {}}, **gpu",
        "framework_version='2.0.0', py_version='<python>', **gpu",
        "framework_version='2.0.0', py_version='py39', instance_type='ml.trn1.2xlarge', **shared",
        "framework_version='2.0.0', py_version='py39', instance_type='ml.c7g.xlarge', **shared",
        "framework_version='2.0.0', py_version='py39', instance_type='local_gpu', **shared",
        "framework_version='2.0.0', py_version='py39', instance_type='ml.<type>', **shared",
        "framework_version='2.0.0', py_version='py39', train_instance_count=1, train_instance_type='ml.m5.large'",
    ],
)
def test_a_lookup_that_may_be_another_one_is_not_judged(arguments: str) -> None:
    """An own image, an unknown value, another library's image, other chips, this machine, and version 1 of the SDK."""
    assert refused(f"PyTorch({arguments})") == []


@pytest.mark.parametrize(
    "estimator",
    [
        "PyTorch(framework_version='99.0', py_version='py39', **gpu)",
        "PyTorch(framework_version='2.0.9', py_version='py39', **gpu)",
        "TensorFlow(framework_version='2.10.0', py_version='py39', **gpu)",
        "TensorFlow(framework_version='2.1', py_version='py2', **gpu)",
        "HuggingFace(transformers_version='99.0', pytorch_version='2.0', py_version='py310', **gpu)",
        (
            "HuggingFace(transformers_version='4.11', pytorch_version='1.9', py_version='py38', "
            "compiler_config=TrainingCompilerConfig(), **gpu)"
        ),
        "HuggingFace(transformers_version='4.26', py_version='py310', **gpu)",
    ],
)
def test_what_another_sdk_may_take_is_not_reported(estimator: str) -> None:
    """A later version, one that an earlier SDK takes, the compiler's images, and a base that is not given."""
    assert refused(estimator) == []


def test_only_of_the_newest_version_an_image_may_have_a_later_python() -> None:
    """The SDK may get an image of the newest version with a later Python, and none of an earlier version."""
    versions = [version for version in generated("image_uris")["estimators"]["PyTorch"] if version.count(".") == 1]
    newest = max(versions, key=lambda version: [int(part) for part in version.split(".")])
    assert refused(f"PyTorch(framework_version='{newest}', py_version='py399', **gpu)") == []
    assert refused(f"PyTorch(framework_version='{newest}', py_version='py39', **gpu)") != []
    assert refused("PyTorch(framework_version='2.0', py_version='py399', **gpu)") != []


@pytest.mark.parametrize(
    "later",
    ["e.py_version = 'py310'", "e.image_uri = settings.image", "settings.prepare(e)", "e.framework_version = '1.13'"],
)
def test_an_estimator_that_is_changed_before_the_launch_is_judged_as_it_is_then(later: str) -> None:
    """The SDK looks the image up in `fit()`."""
    estimator = "PyTorch(framework_version='2.0.0', py_version='py39', **gpu)"
    assert refused(estimator) != []
    assert refused(estimator, later) == []


def test_what_is_changed_after_the_lookup_is_not_judged() -> None:
    """XGBoost's class looks the image up in the constructor, so a later instance type is no reason for an error."""
    assert refused("XGBoost(framework_version='1.0-1', **cpu)", "e.instance_type = 'ml.g5.xlarge'") == []


def test_an_error_that_the_source_expects_is_not_reported() -> None:
    """A test of the SDK's own error is no mistake."""
    body = (
        f"{HEAD}import pytest\ndef test():\n    e = PyTorch(framework_version='2.0.0', py_version='py39', **gpu)\n"
        "    with pytest.raises(ValueError):\n        HyperparameterTuner(e, 'm', {}).fit()\n"
    )
    _, reading = read_source("program.py", body.encode())
    assert [seen for job in reading.jobs for seen in job.observations if seen.kind == "framework-image-refused"] == []
