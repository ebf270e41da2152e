"""Sentences with values in them."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.registry.templates import Hole, TemplateError, parse_template, render, show


def say(text: str, **values: Any) -> str | None:
    """The sentence with values looked up by name."""
    sentence = render(parse_template(text), values.__getitem__)
    return None if sentence is None else "".join(map(str, sentence))


def test_values_are_printed_with_their_format() -> None:
    """Doubles print as %.6g, percentages and thousands as asked for, a list by its first items."""
    assert say("{a} of {b:,} is {c:.0%}", a=1e-5, b=12345, c=0.904) == "1e-05 of 12,345 is 90%"
    assert show(["x"]) == "`x`"
    assert show(["x", "y"]) == "`x` and `y`"
    assert show(["a", "b", "c", "d", "e"]) == "`a`, `b`, `c` and 2 more"
    assert show([]) == "none"


def test_a_sentence_without_its_value_is_left_out() -> None:
    """A message never says None."""
    assert say("{a} and {b}", a=1, b=None) is None
    assert say("{a}", a="") is None


def test_a_format_is_told_from_a_choice_and_a_string() -> None:
    """The colon of ?: and one within quotes or brackets begins no format."""
    (choice,) = parse_template("{a ? 'x:y' : 'z'}")
    assert choice == Hole("a ? 'x:y' : 'z'", 1, "")
    (formatted,) = parse_template("{(a ? 1 : 2):>5}")
    assert formatted == Hole("(a ? 1 : 2)", 1, ">5")
    assert say("{{a}} {b}", b="}") == "{a} }"


@pytest.mark.parametrize("text", ["{a", "a}", "{a:nonsense}", "{'}"])
def test_unbalanced_or_unformatted_holes_are_refused(text: str) -> None:
    """A template that cannot be printed is a mistake of its rule."""
    with pytest.raises(TemplateError):
        parse_template(text)
