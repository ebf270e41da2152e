"""Notebooks that are not whole."""

from __future__ import annotations

import json

import pytest

from hpolint.readers import read_source


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
