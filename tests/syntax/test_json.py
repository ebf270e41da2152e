"""JSON with positions: what a span covers is the value."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.model.node import Struct, Unknown, plain, walk
from hpolint.model.source import Source
from hpolint.syntax import MAX_DEPTH, SyntaxProblem
from hpolint.syntax.json_syntax import parse_json

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 0, 1, 4, "\t"]), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_every_span_reads_back_as_its_value(value: Any, indent: Any, ascii_: bool, newline: str) -> None:
    """On one line or many, with tabs, CRLF, escapes and astral characters: the span is the value's text."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_).replace("\n", newline)
    source = Source("x.json", text)
    root = parse_json(source)
    assert plain(root) == value
    for _, node in walk(root):
        assert json.loads(source.read(node.span)) == plain(node)
        if isinstance(node, Struct):
            for name, span in node.keys.items():
                assert json.loads(source.read(span)) == name


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "ends too early", 1),
        ('{\n "a": 1,\n', "ends too early", 2),
        ('{\n "a": 1,\n}', "a comma before `}`", 2),
        ('{\n "a": [1,\n]}', "a comma before `]`", 2),
        ("{\n 'a': 1}", "a single quote", 2),
        ("{\n a: 1}", "a key in double quotes", 2),
        ('{"a": 1\n "b": 2}', "a comma is missing", 2),
        ('}, "a": 1,', "a value is expected here", 1),
        ('{"a": "\\q"}', "an escape that JSON does not have", 1),
        ('{"a": "x\n"}', "a control character", 1),
        ('{\n // why\n "a": 1}', "comment", 2),
        ('{"a": 1}\n{"a": 2}', "has ended before this", 2),
        ('{"a": NaN}', "NaN", 1),
        ('{"a": "\x01"}', "a control character in a string", 1),
        ("[" * 100_000, "deep", 1),
        ("[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5), "deep", 1),
    ],
)
def test_invalid_json_is_reported_with_reason_and_line(text: str, reason: str, line: int) -> None:
    """A user can go to the place and fix it; nothing is read from a text that does not parse."""
    with pytest.raises(SyntaxProblem) as caught:
        parse_json(Source("x.json", text))
    assert reason in caught.value.reason
    assert caught.value.span.line == line


@pytest.mark.parametrize("digits", ["9" * 310, "-" + "9" * 5000, "1" * 100_000, "1" * 5000 + ".5e-9"])
def test_a_number_beyond_every_double_is_unknown_and_loses_nothing_else(digits: str) -> None:
    """No rule computes with it; the members beside it are read."""
    root = parse_json(Source("x.json", f'{{"a": {digits}, "b": {"9" * 300}, "c": 1e999}}'))
    assert isinstance(root, Struct)
    assert isinstance(root.members["a"], Unknown)
    assert root.members["a"].span.end_column == 7 + len(digits)
    assert plain(root) == {"b": int("9" * 300), "c": float("inf")}


def test_of_a_repeated_key_the_last_counts_and_the_first_is_remembered() -> None:
    """As for Python and the AWS CLI; the lost value can be pointed at."""
    root = parse_json(Source("x.json", '{"a": 1, "b": 2, "a": 3}'))
    assert isinstance(root, Struct)
    assert plain(root) == {"a": 3, "b": 2}
    ((name, span),) = root.shadowed
    assert (name, span.column) == ("a", 2)


@given(VALUES, st.data())
def test_a_truncated_text_never_trips_the_parser(value: Any, data: st.DataObject) -> None:
    """Every beginning of a document parses or gives a SyntaxProblem, nothing else."""
    text = json.dumps({"key": value})
    with contextlib.suppress(SyntaxProblem):
        parse_json(Source("x.json", text[: data.draw(st.integers(0, len(text)))]))
