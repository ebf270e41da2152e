"""A script's source in S3, which the SDK names to the container as it is."""

from __future__ import annotations

import pytest

from hpolint.model.node import follow, text_of
from hpolint.readers import read_source

START = """
import sagemaker
from sagemaker.pytorch import PyTorch
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import SourceCode
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
"""
END = 'HyperparameterTuner({0}, "loss", {{"lr": ContinuousParameter(1e-5, 1e-3)}}, max_jobs=4).{1}()\n'
FRAMEWORK = 'PyTorch("train.py", source_dir={0}, role="r", instance_count=1, instance_type="ml.m5.xlarge")'
TRAINER = 'ModelTrainer(training_image="i", source_code=SourceCode(entry_script="train.py", source_dir={0}))'


@pytest.mark.parametrize(
    ("made", "method", "source", "sent"),
    [
        (FRAMEWORK, "fit", "'s3://acme/code/'", '"s3://acme/code/"'),
        (FRAMEWORK, "fit", "'src'", None),
        (TRAINER, "tune", "'s3://acme/code/'", "s3://acme/code/"),
        (TRAINER, "tune", "'src'", None),
    ],
)
def test_a_source_in_s3_is_sent_as_it_is(made: str, method: str, source: str, sent: str | None) -> None:
    """Version 2 sends it as JSON, version 3 plainly; the address of an uploaded folder is not known."""
    program = START + f"estimator = {made.format(source)}\n" + END.format("estimator", method)
    _, reading = read_source("program.py", program.encode())
    (job,) = reading.jobs
    static = ("TrainingJobDefinition", "StaticHyperParameters", "sagemaker_submit_directory")
    assert text_of(follow(job.request, static)) == sent
