"""Expressions followed state by state: Python's own verdicts, in linear work, also where text is not known."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hpolint.facts.regex import Regex, UnsupportedRegexError
from hpolint.model.training_script import Template, Wildcard

NUMBER, TEXT = Wildcard("number"), Wildcard("text")
PARTS = ["a", "b", ".", "\\d", "\\s", "[ab]", "[^a]", "[0-9\\.]", "(a)", "(?:b|1)", "x?", "\\S+", ".*?", "\\.", "="]
EXPRESSIONS = st.lists(st.sampled_from([*PARTS, *(f"{part}{sign}" for part in PARTS for sign in "*+")]), max_size=6)
TEXTS = st.text("ab1 .=x\t", max_size=12)
PRINTED = st.sampled_from([1.5, 0, -3e-05, float("nan")])


@given(EXPRESSIONS.map("".join), TEXTS, st.sampled_from(["", "^", "(?i)"]), st.sampled_from(["", "$"]))
def test_the_verdict_is_that_of_re(expression: str, text: str, begin: str, end: str) -> None:
    """Of any text that is known whole."""
    try:
        found = re.search(begin + expression + end, text)
    except re.error:
        assume(False)
        return
    regex = Regex(begin + expression + end)
    assert regex.matches(text) == (found is not None) or (not regex.is_exact and found is None)


@given(
    EXPRESSIONS.map("".join), st.lists(st.tuples(TEXTS, st.sampled_from([1.5, 0, -3e-05, float("nan")])), max_size=3)
)
def test_what_a_line_can_be_may_match(expression: str, pieces: list[tuple[str, float]]) -> None:
    """An expression that matches with some number in its place may match; so with any text in it."""
    try:
        found = re.search(expression, "".join(f"{text}{number}" for text, number in pieces))
    except re.error:
        assume(False)
        return
    if found is not None:
        for wildcard in (NUMBER, TEXT):
            assert Regex(expression).may_match(tuple(each for text, _ in pieces for each in (text, wildcard)))


@pytest.mark.parametrize(
    ("expression", "line", "expected"),
    [
        (r"val_loss: ([0-9\.]+)", ("val_loss: ", NUMBER), True),
        (r"val_loss: ([0-9\.]+)]", ("val_loss: ", NUMBER), False),
        (r"val_loss: ([0-9\.]+)", ("loss: ", NUMBER), False),
        (r"val_loss: ([0-9\.]+)", (TEXT, ": ", NUMBER), True),
        (r"val_loss=(.*?);", ("val_loss=", NUMBER, ";"), True),
        (r"val_loss=(.*?);", ("val_loss=", NUMBER), False),
        (r"^loss (\S+)$", ("loss ", NUMBER), True),
        (r"^loss (\S+)$", ("the loss ", NUMBER), False),
        (r"loss:?\s+(nan|\d+)", ("loss ", NUMBER), True),
    ],
)
def test_wildcards_are_numbers_or_any_text(expression: str, line: Template, expected: bool) -> None:
    """A number cannot contain the letters of a metric's name; a text can."""
    assert Regex(expression).may_match(line) is expected


def test_work_is_linear_where_backtracking_is_not() -> None:
    """An expression that keeps ``re`` busy for years is answered at once."""
    assert Regex(r"(a+)+$").matches("a" * 5_000 + "b") is False
    assert Regex(r"(a|aa)+b").matches("a" * 5_000) is False


@pytest.mark.parametrize("expression", ["(", "a{99999}{99999}", "(" * 2000 + ")" * 2000, "[z-a]"])
def test_what_cannot_be_followed_is_said(expression: str) -> None:
    """Never a traceback, and never a hang."""
    with pytest.raises(UnsupportedRegexError):
        Regex(expression)
