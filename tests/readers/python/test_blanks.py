"""Lines of an exercise that a reader is to complete, and lines that are broken by mistake."""

from __future__ import annotations

import pytest

from hpolint.readers import read_source

TUNER = "from sagemaker.tuner import HyperparameterTuner\nHyperparameterTuner(a)\n"


def blanks(lines: str) -> list[bool]:
    """Of each problem of a program, whether the author has left a value for others to write."""
    return [problem.is_blank for problem in read_source("x.py", f"{TUNER}{lines}\n".encode())[1].problems]


@pytest.mark.parametrize(
    "lines",
    [
        "response = # TODO: query the endpoint",
        "response =   # the answer of the endpoint",
        "first, second = # yours",
        "# TODO: set both\nfirst =\nsecond =",
        "def train():\n    ##Your code here\n\n    self.depth = \n    pass",
    ],
)
def test_a_value_that_a_comment_asks_for_is_a_blank(lines: str) -> None:
    """On the line itself, or right above."""
    assert blanks(lines) == [True]


@pytest.mark.parametrize(
    "lines",
    ["response =", "# the answer\nresponse =", "# TODO: tune\nresponse = f(1", "# TODO\n\nx = 1\ny =", "f(1 # TODO"],
)
def test_another_broken_line_is_none(lines: str) -> None:
    """A value is missing without a word, or something else is wrong."""
    assert blanks(lines) == [False]
