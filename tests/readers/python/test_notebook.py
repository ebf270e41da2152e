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
def test_a_notebook_that_breaks_off_is_told_as_such(cut: str, reason: str) -> None:
    """Who saved it while the disk was full knows what happened, and where."""
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
