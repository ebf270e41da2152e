"""Places of an earlier text in a new one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpolint.editor.positions import Lines, Range, Units
from hpolint.editor.shifts import Shift

UNITS = Units()


def moved(before: str, after: str, piece: str) -> str | None:
    """The text at the new place of a piece of an earlier text."""
    lines, new = Lines(before, UNITS), Lines(after, UNITS)
    at = before.index(piece)
    place = Shift(before, after, UNITS).range(Range(lines.position(at), lines.position(at + len(piece))))
    return after[new.offset(place.start) : new.offset(place.end)] if place is not None else None


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("a = 1\nlr = 0.1\nb = 2\n", "0.1"),
        ("\n\na = 1\nlr = 0.1\nb = 2\n", "0.1"),
        ("a = 🙂1; x = (\nlr = 0.1\nb =\n", "0.1"),
        ("a = 1\nrate = [0.1\nb = 2\n", "0.1"),
        ("a = 1\nlr = 0.\nb = 2\n", "0."),
        ("a = 1\nlr = 0.25\nb = 2\n", "0."),
        ("a = 1\nlr = \nb = 2\n", None),
        ("a = 1\nb = 2\n", None),
        ("", None),
    ],
)
def test_a_place_stays_with_its_text(after: str, expected: str | None) -> None:
    """Above, below and in its own line something may have been typed; a place whose text is gone is none."""
    assert moved("a = 1\nlr = 0.1\nb = 2\n", after, "0.1") == expected


LINES = st.lists(st.sampled_from(["a = 1", "🙂é", "b = (", "", "\x0c", "中文"]), max_size=8)


@given(before=LINES, after=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_place_of_a_text_is_one_of_the_new_text(before: list[str], after: list[str], end: str) -> None:
    """Whatever was edited, and however lines end."""
    old, new = end.join(before), end.join(after)
    lines, length = Lines(old, UNITS), len(new)
    shift, new_lines = Shift(old, new, UNITS), Lines(new, UNITS)
    for start in range(len(old)):
        place = shift.range(Range(lines.position(start), lines.position(min(start + 3, len(old)))))
        if place is not None:
            assert place.start <= place.end
            assert new_lines.offset(place.end) <= length
            assert new_lines.position(new_lines.offset(place.start)) == place.start
