"""Searches in a text of which only parts are known: what holds for every text that it can be."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.facts.partly_known import result_in_all_texts

TIME = "0123456789-"


@pytest.mark.parametrize(
    ("pattern", "pieces", "result"),
    [
        ("^team-.*", ("xgb-", None), False),
        ("^xgb-", ("xgb-", None), True),
        ("^xgb-[0-9-]+$", ("xgb-", None), None),  # the unknown part may be empty
        ("^xgb-[0-9-]*$", ("xgb-", None), True),
        ("^xgb-[a-z]*$", ("xgb-", None), None),
        ("^(dev|prod)-", ("dev", None), None),
        ("^(dev|prod)-", ("test", None), False),
        ("(?i)^XGB", ("xgb-", None), True),
        ("-end$", (None, "-end"), True),
        ("-end$", (None, "-start"), False),
        ("b1", ("a", None, "b", None), None),
        ("a.*b", ("a", None, "b", None), True),
        ("^.{1,3}$", ("long", None), False),
        ("^$", (None,), None),
        (r"^\d+$", (None,), None),
        (r"\bteam\b", ("xgb-", None), None),  # not decided, for the automaton has no word boundaries
        (r"^(?=xgb)", ("xgb-", None), None),
        ("[[:alpha:]]", ("xgb-", None), None),
        ("^x{,3}", ("xgb-", None), None),  # RE2 takes it for text
        ("é?", ("xgb-", None), None),
        ("(", ("xgb-", None), None),
        ("^xgb", ("xgb\n", None), None),
        ("^x{1,61}$", ("x" * 70,), None),
        ("$^", (None,), None),
    ],
)
def test_a_search_is_decided_by_the_known_parts(
    pattern: str, pieces: tuple[str | None, ...], result: bool | None
) -> None:
    """If, and only if, the result is the same whatever the unknown parts are."""
    assert result_in_all_texts(pattern, pieces, TIME) is result


ATOMS = st.sampled_from(["a", "b", "-", ".", "[ab]", "[^a]", "^", "$", "(a|b-)", "(a|)"])
PATTERNS = st.lists(st.builds("{}{}".format, ATOMS, st.sampled_from(["", "*", "+", "?"])), max_size=5).map("".join)
PIECES = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "-", "ab", "a-"])), min_size=1, max_size=4)


@given(PATTERNS, PIECES)
def test_no_text_contradicts_a_decision(pattern: str, pieces: list[str | None]) -> None:
    """Each text with short unknown parts has the result; if it is undecided, some texts differ or are longer."""
    try:
        expression = re.compile(pattern)
    except re.error:
        return
    fillings = ["", "a", "b", "-", "ab", "ba", "a-", "bb"]
    ways = product(*([piece] if piece is not None else fillings for piece in pieces))
    results = {bool(expression.search("".join(way))) for way in ways}
    decided = result_in_all_texts(pattern, tuple(pieces), "ab-")
    if decided is not None:
        assert results == {decided}


def test_the_work_is_bounded() -> None:
    """An expression whose states multiply is left undecided."""
    assert result_in_all_texts(f"a{'.' * 40}$", (None,), "ab") is None
    assert result_in_all_texts("a(b?a?){60}(b?a?){60}c$", ("ab" * 200, None), "ab") is None
