"""Reasons for unknown values: the parts that other reasons are built from."""

from __future__ import annotations

import pickle

import pytest

from hpolint.model.reasons import a_part_of, is_a, named, thing_of


@pytest.mark.parametrize(
    ("reason", "thing", "part"),
    [
        (is_a("what `f()` returns"), "what `f()` returns", "is a part of what `f()` returns"),
        ("may be changed by `g()`", "what may be changed by `g()`", "is a part of what may be changed by `g()`"),
        (named("Tags", "is not in this file"), None, "is a part of an unknown value"),
    ],
)
def test_the_reason_of_a_part_names_the_whole(reason: str, thing: str | None, part: str) -> None:
    """For any name of the whole; a part of a part is a part of the whole."""
    assert thing_of(reason) == thing
    assert a_part_of(reason) == part
    assert a_part_of(a_part_of(reason)) == part


@pytest.mark.parametrize("reason", [is_a("the placeholder $X"), named("Tags", "is missing"), a_part_of("is open")])
def test_a_reason_keeps_its_parts_in_another_process(reason: str) -> None:
    """Workers hand jobs back as they are."""
    again = pickle.loads(pickle.dumps(reason))
    assert (again, type(again), vars(again)) == (reason, type(reason), vars(reason))
