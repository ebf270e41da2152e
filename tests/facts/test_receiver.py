"""The values that the constructor which receives them refuses, by the version in the job's image."""

from __future__ import annotations

import json

import pytest

from hpolint.facts.receiver import receiver_facts
from hpolint.model.node import Scalar
from hpolint.model.source import Span
from hpolint.readers import read_source
from tests.requests import sound
from tests.script.test_arguments import read

AMAZONS = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
SCRIPT = """
import argparse, torch, xgboost
parser = argparse.ArgumentParser()
parser.add_argument("--momentum", type=float)
parser.add_argument("--depth", type=int)
args = parser.parse_args()
torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=0.1, momentum=args.momentum)
xgboost.train({"max_depth": args.depth}, data)
"""


@pytest.mark.parametrize(
    ("image", "name", "library"),
    [
        (f"{AMAZONS}/pytorch-training:2.1.0-cpu-py310-ubuntu20.04-sagemaker", "momentum", "PyTorch 2.1"),
        (f"{AMAZONS}/pytorch-training:2.1-gpu-py310", "momentum", "PyTorch 2.1"),
        (f"{AMAZONS}/huggingface-pytorch-training:1.13.1-transformers4.26.0-gpu-py39", "momentum", "PyTorch 1.13"),
        (f"{AMAZONS}/pytorch-training:2.10.0-gpu-py312", "momentum", None),
        (f"{AMAZONS}/pytorch-training", "momentum", None),
        (f"{AMAZONS}/tensorflow-training:2.1.0-cpu-py310", "momentum", None),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1.0-gpu-py310", "momentum", None),
        (f"{AMAZONS}/pytorch-training:2.1.0-gpu-py310", "depth", None),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", "depth", "XGBoost 1.7.4"),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:2.1-1", "depth", None),
    ],
)
def test_only_the_version_in_the_image_decides(image: str, name: str, library: str | None) -> None:
    """Its tag begins with it, or with the parts of it that say which releases it may be; else nothing is known."""
    request = sound()
    request["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"] = image
    request["TrainingJobDefinition"]["StaticHyperParameters"]["sagemaker_program"] = "train.py"
    (job,) = read_source("x.json", json.dumps(request).encode())[1].jobs
    value = Scalar("-1", Span(1, 1, 1, 3))
    facts = receiver_facts(job.request, ("TrainingJobDefinition",), name, value, read(SCRIPT))
    assert (facts.library, facts.refused) == (library, None if library is None else "-1")
