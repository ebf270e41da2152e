"""Partly unknown texts."""

from __future__ import annotations

import pytest

from hpolint.model.node import Scalar, Unknown
from hpolint.model.source import Source, Span
from hpolint.syntax.pieced_text import Text, text_with_gaps


@pytest.mark.parametrize(("words", "values"), [(("true", "1"), [True, 1]), (("1", "1.0"), [1, 1.0])])
def test_no_choice_is_lost_to_one_that_python_holds_to_be_equal(words: tuple[str, ...], values: list[object]) -> None:
    """A value that is either true or 1 is never taken for one of the two alone."""
    source = Source("t.json", "x")
    place = Span(1, 1, 1, 2)
    text = Text.gap(source, Unknown("is chosen", place, choices=tuple(Scalar(word, place) for word in words)))
    found = [each.value for each in text_with_gaps(text, place, bare=True).choices if each is not None]
    assert [(type(each), each) for each in found] == [(type(each), each) for each in values]
