"""Channels to which a launch passes one value."""

from __future__ import annotations

import pytest

from hpolint.model.observations import SameInput
from hpolint.readers import read_source

HEAD = """
import settings
from sagemaker import Session
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
session, paths, image = Session(), settings.paths(), settings.image
data = session.upload_data("rows")
def upload(name):
    return session.upload_data(name)
def launch(train, validation):
    estimator = Estimator(image, settings.role, 1, "ml.m5.large")
    tuner = HyperparameterTuner(estimator, "validation:auc", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=4)
    tuner.fit({"train": train, "validation": validation})
"""


def same_of(body: str) -> list[tuple[str, str]]:
    """The pairs of channels with one value, in the only job of a program."""
    _, reading = read_source("program.py", f"{HEAD}{body}\n".encode())
    (job,) = reading.jobs
    seen = [each.observed for each in job.observations]
    return [(each.first, each.second) for each in seen if isinstance(each, SameInput)]


@pytest.mark.parametrize(
    "body",
    [
        "launch(data, data)",
        "rows = data\nlaunch(rows, data)",
        "rows = TrainingInput(data)\nlaunch(rows, rows)",
        "launch(TrainingInput(data, content_type='csv'), TrainingInput(s3_data=data, content_type='csv'))",
        "address = f's3://{settings.bucket}/rows'\nlaunch(address, address)",
        "launch(TrainingInput('s3://b/rows'), TrainingInput('s3://b/rows'))",
    ],
)
def test_one_value_for_two_channels(body: str) -> None:
    """A value that is passed twice is the same data, even if it is unknown."""
    assert same_of(body) == [("train", "validation")]


@pytest.mark.parametrize(
    "body",
    [
        "launch(upload('train'), upload('validation'))",
        "launch(TrainingInput(data), TrainingInput(data, content_type='csv'))",
        "launch(paths['train'], paths['validation'])",
        "launch(**paths)",
        "more = {**paths}\nlaunch(more['train'], more['validation'])",
        "more = {}\nfor name in paths:\n    more[name] = upload(name)\nlaunch(more['train'], more['validation'])",
        "more = {name: upload(name) for name in paths}\nlaunch(more['train'], more['validation'])",
        "more = {name: upload(name) for name in paths}\nlaunch(**more)",
        "more = [upload(name) for name in paths]\nlaunch(more[0], more[1])",
        "more = settings.Paths()\nsettings.fill(more)\nlaunch(more.train, more.validation)",
        "rows = TrainingInput(data)\nsettings.change(rows)\nlaunch(rows, rows)",
    ],
)
def test_values_that_may_differ(body: str) -> None:
    """Unknown values that several calls, keys or items may share are not one value."""
    assert same_of(body) == []
