"""Tuners that a method of another tuner makes: it copies settings, and takes none of them as an argument."""

from __future__ import annotations

import pytest

from tests.conftest import Command

PARENT = """from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

estimator = Estimator(
    "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    "arn:aws:iam::111122223333:role/tuning",
    1,
    "ml.m5.xlarge",
)
tuner = HyperparameterTuner(
    estimator,
    "validation:rmse",
    {"eta": ContinuousParameter(0.01, 0.3, "Logarithmic")},
    objective_type="Minimize",
    max_jobs=40,
    max_parallel_jobs=2,
)
tuner.fit({"train": "s3://example-bucket/train"})
"""
SECOND = "second = tuner.METHOD\nsecond.fit({'train': 's3://example-bucket/train'})\n"
METHODS = (
    "identical_dataset_and_algorithm_tuner()",
    "transfer_learning_tuner(additional_parents={'earlier'}, estimator=estimator)",
)
LAST = "    max_parallel_jobs=2,\n"


@pytest.mark.parametrize("method", METHODS)
def test_an_argument_that_the_method_does_not_take_is_reported(hpolint: Command, method: str) -> None:
    """The SDK raises a TypeError for it; so would the tuner's own arguments."""
    name, _, rest = method.partition("(")
    hpolint.write("t.py", PARENT + SECOND.replace("METHOD", f"{name}(random_seed=1, {rest}"))
    run = hpolint("check", "--select", "unknown-argument", "t.py")
    assert f"The call raises a TypeError: `{name}()` has no argument `random_seed`" in run.stdout.decode()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("rule", "added"),
    [("no-random-seed", "random_seed=1"), ("no-early-stopping", 'early_stopping_type="Auto"')],
)
def test_a_setting_that_is_copied_is_written_where_it_is_copied_from(
    hpolint: Command, rule: str, added: str, method: str
) -> None:
    """The method raises a TypeError for it; written in the constructor, it is a setting of both tuners."""
    text = PARENT + SECOND.replace("METHOD", method)
    hpolint.write("t.py", text)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", rule, "t.py")
    assert (run.returncode, run.stdout) == (0, b"2 tuning jobs in 1 file, 0 findings\n")
    assert (hpolint.folder / "t.py").read_text() == text.replace(LAST, f"{LAST}    {added},\n")


def test_version_3_derives_no_tuner(hpolint: Command) -> None:
    """Its method raises an error, so the second launch is no job, and nothing is said about its settings."""
    text = """from sagemaker.core.parameter import ContinuousParameter
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

trainer = ModelTrainer(training_image="1.dkr.ecr/own:1", role="arn:aws:iam::111122223333:role/tuning")
tuner = HyperparameterTuner(trainer, "loss", {"lr": ContinuousParameter(0.01, 0.9)}, max_jobs=4)
tuner.tune()
second = tuner.transfer_learning_tuner()
second.tune()
"""
    hpolint.write("t.py", text)
    run = hpolint("check", "--select", "no-random-seed", "t.py")
    assert run.stdout.decode().count("random_seed") == 1
    assert "1 tuning job in 1 file" in run.stdout.decode()
