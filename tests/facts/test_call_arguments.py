"""Arguments that a call of the SDK does not take: no fix writes them, and no message says to."""

from __future__ import annotations

import pytest

from hpolint.data.sdk_signatures import takes
from tests.conftest import Command

RANGES = '{"lr": ContinuousParameter(0.01, 0.9)}'
METRICS = '[{"Name": "loss", "Regex": "loss=([0-9.]+)"}]'
IMAGE, ROLE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/own:1", "arn:aws:iam::111122223333:role/tuning"
VERSION_1 = f"""from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
estimator = Estimator("{IMAGE}", "{ROLE}", train_instance_count=1, train_instance_type="ml.m5.xlarge")
tuner = HyperparameterTuner(estimator, "loss", {RANGES}, {METRICS}, max_jobs=40)
tuner.fit()
"""
VERSION_3 = f"""from sagemaker.core.parameter import ContinuousParameter
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner
trainer = ModelTrainer(training_image="{IMAGE}", role="{ROLE}")
tuner = HyperparameterTuner(trainer, "loss", {RANGES}, {METRICS}, max_jobs=40)
tuner.tune()
"""


@pytest.mark.parametrize(
    ("call", "argument", "generation", "is_taken"),
    [
        ("HyperparameterTuner", "random_seed", 2, True),
        ("HyperparameterTuner", "random_seed", 1, False),
        ("HyperparameterTuner.identical_dataset_and_algorithm_tuner", "random_seed", 2, False),
        ("HyperparameterTuner.transfer_learning_tuner", "estimator", 2, True),
        ("HyperparameterTuner.transfer_learning_tuner", "estimator", 3, False),
        ("PyTorch", "max_wait", 2, True),
        ("KMeans", "enable_network_isolation", 2, True),
        ("PyTorch", "max_wait_time", 2, False),
        ("Estimator", "container_arguments", 2, False),
        ("Estimator", "train_max_wait", 1, True),
        ("Compute", "selected_instance_type", 3, False),
        ("Compute", "instance_count", 3, True),
        ("shapes.ResourceLimits", "max_runtime_in_seconds", 3, True),
        ("OwnTuner", "random_seed", 2, None),
    ],
)
def test_what_a_call_takes(call: str, argument: str, generation: int, is_taken: bool | None) -> None:
    """Its own arguments, and those of the constructor that gets the others, in the oldest and the newest version."""
    assert takes(call, argument, generation) is is_taken


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        (
            VERSION_1,
            "require-random-seed",
            "`random_seed` cannot be set here: `HyperparameterTuner` takes it from version 2 of the SDK on",
        ),
        (
            VERSION_3,
            "require-spot",
            "`ModelTrainer` does not take it; pass it to `Compute`, and that to the trainer as `compute`",
        ),
    ],
)
def test_no_fix_adds_an_argument_that_the_call_does_not_take(hpolint: Command, text: str, rule: str, said: str) -> None:
    """The message names the call, and what takes the argument; `--fix` leaves the file alone."""
    hpolint.write("t.py", text)
    run = hpolint("check", "--fix", "--unsafe-fixes", "--select", rule, "t.py")
    assert said in run.stdout.decode()
    assert " add `" not in run.stdout.decode()
    assert (hpolint.folder / "t.py").read_text() == text
