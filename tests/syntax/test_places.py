"""The places of a string's characters in the literal that spells it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hpolint.model.node import Scalar, Struct
from hpolint.model.source import Source
from hpolint.syntax.places import OtherValueError, json_places, places
from hpolint.syntax.yaml_syntax import parse_yaml

WORDS = st.text(st.sampled_from(list("ab {}\"'\\:\n\t#-🙂é")), max_size=40)


@given(WORDS, st.sampled_from(['"', "'", "|", ">", None]), st.integers(20, 80), st.sampled_from(["\n", "\r\n"]))
def test_every_character_of_a_yaml_string_has_its_place(word: str, style: Any, width: int, newline: str) -> None:
    """In every style, folded or not, with any line ends: the places together spell the value."""
    text = yaml.dump({"k": {"x": word, "y": 1}}, default_style=style, width=width, allow_unicode=True)
    source = Source("x", text.replace("\n", newline))
    (document,) = parse_yaml(source)
    assert isinstance(document, Struct)
    inner = document.members["k"]
    assert isinstance(inner, Struct)
    node = inner.members["x"]
    assert isinstance(node, Scalar)
    if not isinstance(node.value, str):
        return
    start = source.offset(node.span.line, node.span.column)
    end = source.offset(node.span.end_line, node.span.end_column)
    found = list(places(source.text, start, end, node.value))
    assert "".join(chars for chars, _, _ in found) == node.value
    assert all(start <= first <= last <= max(end, first) for _, first, last in found[:-1])
    for chars, first, last in found:
        if chars.isalpha() and chars.isascii():
            assert source.text[first:last] == chars


@given(st.text(), st.booleans())
def test_every_character_of_a_json_string_has_its_place(word: str, ascii_only: bool) -> None:
    """Escapes and pairs of them included."""
    try:
        text = f" {json.dumps(word, ensure_ascii=ascii_only)} "
        text.encode()
    except UnicodeEncodeError:
        return
    found = list(json_places(text, 1, len(text) - 1, word))
    assert [json.loads(f'"{text[first:last]}"') for _, first, last in found] == [chars for chars, _, _ in found]


def test_what_is_not_understood_has_no_places() -> None:
    """An alias, a spelling of something else: the whole string is shown instead."""
    for found in (places("*alias", 0, 6, "value"), places('"a', 0, 2, "b"), json_places('"\\q"', 0, 4, "q")):
        with pytest.raises(OtherValueError):
            list(found)
