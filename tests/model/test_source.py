"""Bytes become text, and offsets become places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.model.source import Source, Span, UndecodableError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_decodes_what_editors_write(encoding: str) -> None:
    """UTF-8, and UTF-16 and 32 with a byte order mark, give the same text and the same columns."""
    source = Source.decode("x", "é😀 = 1\n".encode(encoding))
    assert source.text == "é😀 = 1\n"
    assert source.span(3, 4) == Span(1, 4, 1, 5)


def test_undecodable_bytes_are_reported_with_their_line() -> None:
    """Bytes that are not valid text are refused, and the error has their line."""
    with pytest.raises(UndecodableError) as caught:
        Source.decode("x", b"a: 1\nb: \xff\n")
    assert caught.value.line == 2
    assert "UTF-8" in caught.value.reason


@given(st.text(st.sampled_from("ab\n\r\té😀"), max_size=40), st.data())
def test_positions_and_offsets_are_inverse(text: str, data: st.DataObject) -> None:
    """A span reads back exactly the text between its two offsets."""
    source = Source("x", text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert source.read(source.span(start, end)) == text[start:end]
    assert source.offset(*source.position(start)) == start


def test_a_line_is_shown_without_its_end() -> None:
    """CRLF files show no carriage returns."""
    assert Source("x", "a\r\nb\r\n").line(1) == "a"
    assert Source("x", "a\r\nb").line(2) == "b"
