"""Which expression the objective is looked for with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpolint.facts.printing import objective_expression
from hpolint.node import Struct
from hpolint.readers import read_source
from tests.requests import sound

DEFINITION = ("TrainingJobDefinition",)


def with_metrics(*metrics: Any) -> Struct:
    """A request whose objective is ``loss``, with its metric definitions."""
    request = sound()
    config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
    config["HyperParameterTuningJobObjective"] = {"Type": "Minimize", "MetricName": "loss"}
    definition["AlgorithmSpecification"]["MetricDefinitions"] = list(metrics)
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    return job.request


@pytest.mark.parametrize(
    ("metrics", "expression"),
    [
        ([{"Name": "other", "Regex": "a"}, {"Name": "loss", "Regex": "b"}], "b"),
        ([{"Name": "loss", "Regex": "b"}, {"Name": "loss", "Regex": "c"}], "b"),
        (["loss", {"Name": "loss", "Regex": "b"}], "b"),
        ([{"Regex": "a"}], None),
        ([{"Name": "loss", "Regex": 1}], None),
        ([{"Name": "other", "Regex": "a"}], None),
    ],
)
def test_the_objectives_own_expression_is_taken(metrics: list[Any], expression: str | None) -> None:
    """The first under its name, and none of another metric's, whatever else stands in the list."""
    assert objective_expression(with_metrics(*metrics), DEFINITION) == expression
