"""Expressions whose words are searched first find what they find without."""

from __future__ import annotations

import re
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hpolint.discovery import python_imports
from hpolint.readers.python.interpreter.environment import SETS_ANY
from hpolint.worded_regex import WordedRegex

EXPRESSIONS = {name: value for name, value in vars(python_imports).items() if isinstance(value, WordedRegex)}
EXPRESSIONS["SETS_ANY"] = WordedRegex(tuple(word.encode() for word in SETS_ANY.words), SETS_ANY.pattern.encode())

COMMON = (
    b" ",
    b"\t",
    b"\n",
    b"\\n",
    b"\\n\\",
    b'\n    "',
    b'"',
    b"'",
    b".",
    b",",
    b"(",
    b")",
    b"_",
    b"b",
    b"+",
    b"a" * 3_000,
)
"""What may stand before, inside and after a match, and what looks far ahead."""


def pieces(expression: WordedRegex[bytes]) -> st.SearchStrategy[bytes]:
    """Texts of the words of an expression's pattern, whole and in part, among what may be around them."""
    words = re.findall(rb"(?<!\\)[a-z%]\w+", expression.pattern)
    cut = [word[:-1] for word in words]
    return st.lists(st.sampled_from([*words, *cut, *expression.words, *COMMON]), max_size=40).map(b"".join)


def spans(expression: WordedRegex[bytes], data: bytes) -> list[tuple[tuple[int, int], tuple[bytes | None, ...]]]:
    """The places and groups of an expression's matches."""
    return [(match.span(), match.groups()) for match in expression.finditer(data)]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_matches_are_those_of_the_plain_expression(name: str) -> None:
    """For every expression in use, whatever is around its words, in one line or many, however far apart."""
    expression = EXPRESSIONS[name]
    plain = re.compile(expression.pattern)

    @example(b"from" + b" " * 100_000 + b"sys import path, import a, b; sys.path.appendix = sys.path.append")
    @example(b'"from a import (' + b"b, " * 600 + b'c)\\nimport d\\n", from e import f')
    @example(b"import import from from import sys as import sys assys.modules%cd x%cd")
    @given(pieces(expression))
    def same(data: bytes) -> None:
        expected = [(match.span(), match.groups()) for match in plain.finditer(data)]
        assert spans(expression, data) == expected
        assert expression.is_in(data) is bool(expected)

    same()


def test_every_expression_is_tested() -> None:
    """Those over whole notebooks are of this kind."""
    assert set(EXPRESSIONS) == {"IMPORT", "MOVES", "LOADS", "WRITES", "SHELL_WRITES", "DATA_FILE", "SETS_ANY"}


def test_an_expression_is_tried_only_at_its_words() -> None:
    """So a picture in a notebook takes one search for each word."""
    words = WordedRegex((b"ab", b"b"), rb"ab+|b+")
    data = b"x" * 1_000 + b"abbb" + b"x" * 1_000 + b"b"
    with patch.object(words, "_regex", wraps=re.compile(words.pattern)) as regex:
        assert [match.span() for match in words.finditer(data)] == [(1_000, 1_004), (2_004, 2_005)]
    assert regex.match.call_count == 2
