"""Notebooks that are not whole, and those of other kernels."""

from __future__ import annotations

import json

import pytest

from hpolint.readers import read_source
from hpolint.readers.python.notebook import is_python


@pytest.mark.parametrize(
    ("cut", "reason"),
    [
        ("ScalingType", "the notebook ends inside a string; it may be incomplete"),
        ('"metadata"', "the notebook ends here; it may be incomplete"),
    ],
)
def test_a_truncated_notebook_is_reported_as_such(cut: str, reason: str) -> None:
    """The reason says that the file ends too early, for example because the disk was full."""
    whole = json.dumps(
        {
            "cells": [{"cell_type": "code", "source": ["HyperparameterTuner(e)  # ScalingType"], "outputs": []}],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
    (problem,) = read_source("x.ipynb", whole[: whole.index(cut)].encode())[1].problems
    assert problem.reason == reason


@pytest.mark.parametrize(
    ("kernel", "is_read"),
    [
        ({"name": "ir__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:1:image/r", "language": "python"}, False),
        ({"name": "ir", "language": "python"}, False),
        ({"name": "iris", "language": "python"}, True),
        ({"name": "sparkkernel"}, False),
        ({"name": "python3"}, True),
    ],
)
def test_the_kernel_says_what_the_cells_are(kernel: dict[str, str], is_read: bool) -> None:
    """R in a notebook of Studio, which writes Python as its language, is no broken Python."""
    assert is_python({"kernelspec": kernel}) is is_read
