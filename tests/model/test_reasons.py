"""Reasons for unknown values: the parts that other reasons are built from."""

from __future__ import annotations

import pickle

import pytest

from hpolint.model.reasons import (
    CODE_CHANNEL,
    CONFIG_FILE,
    NAME_OF_STEP,
    SDK_IMAGE,
    TOO_LARGE,
    Kind,
    a_part_of,
    is_a,
    kind_of,
    named,
    thing_of,
    with_place,
)


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


@pytest.mark.parametrize(
    "reason", [is_a("the placeholder $X"), named("Tags", "is missing"), a_part_of("is open"), CONFIG_FILE]
)
def test_a_reason_keeps_its_parts_in_another_process(reason: str) -> None:
    """Workers hand jobs back as they are."""
    again = pickle.loads(pickle.dumps(reason))
    assert (again, type(again), vars(again)) == (reason, type(reason), vars(reason))


@pytest.mark.parametrize("reason", [CONFIG_FILE, SDK_IMAGE, CODE_CHANNEL, NAME_OF_STEP])
def test_what_nobody_writes_has_no_place(reason: str) -> None:
    """The SDK or the service adds it: no file is named in which it would be written."""
    assert with_place(reason, "local.py") is reason


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("may be changed", Kind.OTHER),
        (TOO_LARGE, Kind.TOO_LARGE),
        (is_a("the variable `x`", Kind.TERRAFORM_VARIABLE), Kind.TERRAFORM_VARIABLE),
        (a_part_of(is_a("the variable `x`", Kind.TERRAFORM_VARIABLE)), Kind.PART),
    ],
)
def test_a_written_value_has_its_place_and_keeps_its_kind(reason: str, kind: Kind) -> None:
    """Advice depends on the kind, also for a value of an imported file."""
    placed = with_place(reason, "local.py")
    assert placed == f"{reason} (in local.py)"
    assert (kind_of(reason), kind_of(placed)) == (kind, kind)
