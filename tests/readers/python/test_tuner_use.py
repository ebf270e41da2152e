"""What a program wants of a tuner that it does not have."""

from __future__ import annotations

import pytest

from hpolint.readers import read_source

HEAD = """
import settings
from sagemaker import Session
from sagemaker.analytics import HyperparameterTuningJobAnalytics
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
role = "arn:aws:iam::111122223333:role/r"
ranges = {"lr": ContinuousParameter(0.1, 0.5)}
def make(base=None, **more):
    estimator = Estimator(image, role, 1, "ml.m5.large", **more)
    return HyperparameterTuner(estimator, "m", ranges, max_jobs=4, base_tuning_job_name=base)
"""


def seen(body: str) -> list[str]:
    """The observations of the jobs of a program, as text."""
    _, reading = read_source("program.py", (HEAD + body + "\n").encode())
    return [str(observation.observed) for job in reading.jobs for observation in job.observations]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("t.set_hyperparameters(a=1)", "MissingMethod(name='set_hyperparameters'"),
        ("print(t.job_name)", "MissingMethod(name='job_name'"),
        ("t.stop()", "MissingMethod(name='stop', instead='stop_tuning_job()')"),
        ("t.analytics.dataframe()", "MethodNotCalled(method='analytics', instead='analytics().dataframe')"),
        ("Estimator.attach(t.best_training_job)", "MethodNotCalled(method='best_training_job'"),
        ("t.best_estimator('churn-1')", "BestEstimatorByName("),
        ("t.best_estimator(best_training_job=f'{settings.name}-1')", "BestEstimatorByName("),
        ("HyperparameterTuner.attach(job_name='a')", "UnknownArgument(owner='attach()', name='job_name'"),
        ("HyperparameterTuner.attach('a', estimator=None)", "UnknownArgument(owner='attach()', name='estimator'"),
        ("HyperparameterTuningJobAnalytics(tuning_job_name='a')", "UnknownArgument("),
    ],
)
def test_a_tuner_does_not_have_it(line: str, expected: str) -> None:
    """Whoever calls it gets an error."""
    (observed,) = seen(f"t = make()\nt.fit('s3://b/t')\n{line}")
    assert observed.startswith(expected)


@pytest.mark.parametrize(
    "line",
    [
        "t.estimator.set_hyperparameters(a=1)",
        "t.stop = settings.stop\nt.stop()",
        "settings.extend(t)\nt.stop()",
        "hasattr(t, 'job_name')\ngetattr(t, 'job_name', None)",
        "try:\n    t.stop()\nexcept AttributeError:\n    t.stop_tuning_job()",
        "if settings.old:\n    t.stop()",
        "settings.retry(t.best_training_job)",
        "t.best_training_job.__name__",
        "t.best_estimator({'TrainingJobName': 'churn-1'})",
        "t.best_estimator(settings.job)",
        "HyperparameterTuner.attach('a', estimator_cls='sagemaker.pytorch.PyTorch')",
        "HyperparameterTuner.attach(**settings.arguments)",
        "HyperparameterTuningJobAnalytics('a', Session())",
    ],
)
def test_what_a_tuner_may_have_is_not_judged(line: str) -> None:
    """Other code may add it, and an error may be expected."""
    assert seen(f"t = make()\nt.fit('s3://b/t')\n{line}") == []


def test_a_description_of_a_job_needs_no_launch() -> None:
    """`best_estimator` then asks for no job of the tuner."""
    assert seen("t = make()\nt.best_estimator({'TrainingJobName': 'churn-1'})\nt.fit('s3://b/t')") == []
