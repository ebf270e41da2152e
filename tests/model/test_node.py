"""Paths into the tree, and what stands where nothing was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.model.node import Array, Origin, Scalar, Struct, Unknown, follow, parse_path, path_text, place, plain
from hpolint.model.source import Span

HERE, KEY, THERE = Span(1, 1, 1, 5), Span(2, 3, 2, 6), Span(9, 9, 9, 12)


def struct(**members: object) -> Struct:
    """A structure whose anchor is KEY."""
    return Struct(members, HERE, KEY)  # type: ignore[arg-type]


@given(st.lists(st.text(min_size=1, max_size=5) | st.integers(0, 99), max_size=5))
def test_paths_print_and_parse_back(steps: list[str | int]) -> None:
    """Whatever the keys are, the printed path leads back to the same value."""
    assert list(parse_path(path_text(tuple(steps)))) == steps


def test_paths_look_as_documented() -> None:
    """Plain keys are joined by dots, indices are in brackets, odd keys in quotes."""
    assert path_text(("A", "B", 0, "C")) == "A.B[0].C"
    assert path_text(("A", "odd key")) == 'A["odd key"]'


@pytest.mark.parametrize("text", ["a..b", "a[", 'a["b]', "a b"])
def test_a_bad_path_is_refused(text: str) -> None:
    """A typing error in a rule's path does not become another path."""
    with pytest.raises(ValueError, match="not a path"):
        parse_path(text)


def test_absent_and_unknown_are_distinguished() -> None:
    """Nothing is at a path that was not written; below an unknown value everything is unknown."""
    unknown = Unknown("is a variable", THERE)
    root = struct(known=Scalar(1, THERE), unknown=unknown)
    assert follow(root, ("other",)) is None
    assert follow(root, ("unknown", "deeper", 0)) is unknown
    root.open = unknown
    assert follow(root, ("other",)) is unknown
    assert follow(Array([], HERE, KEY, unknown), (3,)) is unknown


def test_what_was_not_written_is_shown_at_its_parents_anchor() -> None:
    """A finding about an absent value or a default points at the key above it, never at a block."""
    root = struct(inner=struct(default=Scalar(1, THERE, Origin.DEFAULT), written=Scalar(1, THERE)))
    assert place(root, ("inner", "written")) == (THERE, True)
    assert place(root, ("inner", "default")) == (KEY, False)
    assert place(root, ("inner", "absent", "deeper")) == (KEY, False)
    assert place(root, ("inner",)) == (KEY, True)


def test_plain_values_hide_nothing_and_invent_nothing() -> None:
    """An unknown member is omitted, an unknown item is None."""
    unknown = Unknown("is a variable", THERE)
    root = struct(a=unknown, b=Array([Scalar("x", THERE), unknown], HERE, KEY))
    assert plain(root) == {"b": ["x", None]}
