"""A request's values as rules see them: of the API's types, absent ones as null, and a reason for all else."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.engine.cel_values import MISSING, bind, cel_value
from hpolint.facts.typed_values import array, first_unknown, read, required, struct
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Span

HERE, THERE = Span(1, 1, 1, 2), Span(2, 1, 2, 2)
HOLE = Unknown("is a variable", THERE)
WRONG = "does not have the type that the API requires"


def scalar(value: Any) -> Scalar:
    """A value that is written."""
    return Scalar(value, HERE)


def tree(value: Any) -> Node:
    """A node for Python's dicts, lists and values; an Unknown is itself."""
    if isinstance(value, dict):
        return Struct({name: tree(member) for name, member in value.items()}, THERE, HERE)
    if isinstance(value, list):
        return Array([tree(item) for item in value], THERE, HERE)
    return value if isinstance(value, Unknown) else scalar(value)


def opened(node: Any) -> Any:
    """A structure or list that may hold more."""
    node.open = HOLE
    return node


SHAPES = {
    "integer": "MaxNumberOfTrainingJobs",
    "number": "TargetObjectiveMetricValue",
    "boolean": "Boolean",
    "string": "RoleArn",
}


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (7, ("integer", "number")),
        (0, ("integer", "number")),
        (-7, ("integer", "number")),
        (2**53, ("integer", "number")),
        (-(2**53), ("integer", "number")),
        (2**53 + 1, ()),
        (-(2**53) - 1, ()),
        (0.5, ("number",)),
        (7.0, ("number",)),
        (float("inf"), ()),
        (float("nan"), ()),
        (True, ("boolean",)),
        (False, ("boolean",)),
        ("text", ("string",)),
        ("", ("string",)),
        ("\ud800", ()),
        (None, ()),
    ],
)
def test_a_value_is_known_where_it_is_of_the_type(value: Any, kinds: tuple[str, ...]) -> None:
    """Exactly of it: no truth value is a number, no integer beyond 2^53 is one, and no half of a pair is a text."""
    for kind, shape in SHAPES.items():
        found, below = cel_value(scalar(value), shape)
        if kind in kinds:
            assert (found, below) == (value, {})
            assert type(found) is (float if kind == "number" else type(value))
        else:
            assert found is MISSING
            assert (below.reason, below.span) == (WRONG, HERE)


@pytest.mark.parametrize(("value", "kind"), [({}, "object"), ([], "array"), ("x", "string")])
def test_a_structure_is_no_list_and_a_list_is_no_text(value: Any, kind: str) -> None:
    """What is of another kind is unknown, at its small place."""
    shapes = {"object": "ResourceLimits", "array": "TagList", "string": "RoleArn"}
    for name, shape in shapes.items():
        found, below = cel_value(tree(value), shape)
        assert (found is not MISSING) is (name == kind)
        assert isinstance(below, Unknown) is (name != kind)


def test_an_unknown_is_itself() -> None:
    """Whatever its shape."""
    for shape in ("ResourceLimits", "TagList", "RoleArn"):
        assert cel_value(HOLE, shape) == (MISSING, HOLE)


def test_a_structure_has_null_for_what_is_absent() -> None:
    """And a reason for what is required and not there, or cannot be seen."""
    values, holes = cel_value(tree({"MaxNumberOfTrainingJobs": 7}), "ResourceLimits")
    assert values == {"MaxNumberOfTrainingJobs": 7, "MaxRuntimeInSeconds": None}
    assert {name: each.reason for name, each in holes.items()} == {
        "MaxParallelTrainingJobs": "`MaxParallelTrainingJobs` is missing, but the API requires it"
    }
    values, holes = cel_value(opened(tree({"MaxNumberOfTrainingJobs": 7})), "ResourceLimits")
    assert values == {"MaxNumberOfTrainingJobs": 7}
    assert holes == {"MaxParallelTrainingJobs": HOLE, "MaxRuntimeInSeconds": HOLE}


def test_a_map_is_a_list_of_its_entries() -> None:
    """In their order; a value that is unknown or no text is a hole of its entry."""
    values, holes = cel_value(tree({"a": "1", "b": HOLE, "c": 3}), "HyperParameters")
    assert values == [{"Name": "a", "Value": "1"}, {"Name": "b"}, {"Name": "c"}]
    assert holes[1] == {"Value": HOLE}
    assert holes[2]["Value"].reason == WRONG
    assert set(holes) == {1, 2}
    assert cel_value(opened(tree({"a": "1"})), "HyperParameters") == (MISSING, HOLE)
    assert cel_value(tree({}), "HyperParameters") == ([], {})


def test_a_list_of_texts_is_known_where_all_of_it_is() -> None:
    """One item that is not leaves none, for its reason."""
    assert cel_value(tree(["a", "b"]), "Subnets") == (["a", "b"], {})
    assert cel_value(tree(["a", HOLE]), "Subnets") == (MISSING, HOLE)
    assert cel_value(opened(tree(["a"])), "Subnets") == (MISSING, HOLE)
    assert cel_value(tree([]), "Subnets") == ([], {})


def test_a_list_of_structures_is_known_item_by_item() -> None:
    """One that is unknown counts as empty, and its reason is kept at its index."""
    values, holes = cel_value(tree([{"Key": "a", "Value": "b"}, HOLE, {"Key": "c", "Value": 5}]), "TagList")
    assert values == [{"Key": "a", "Value": "b"}, {}, {"Key": "c"}]
    assert holes[1] == HOLE
    assert holes[2]["Value"].reason == WRONG
    assert set(holes) == {1, 2}


def test_what_is_bound_anew_leaves_nothing_of_the_old() -> None:
    """Neither its value nor its holes."""
    values: dict[str, Any] = {"a": 1}
    holes: dict[str | int, Any] = {"a": HOLE}
    bind(values, holes, "a", MISSING, {})
    assert (values, holes) == ({}, {})
    bind(values, holes, "a", None, {})
    assert (values, holes) == ({"a": None}, {})
    bind(values, holes, "a", MISSING, HOLE)
    assert (values, holes) == ({}, {"a": HOLE})
    bind(values, holes, "a", {"b": 1}, {"c": HOLE})
    assert (values, holes) == ({"a": {"b": 1}}, {"a": {"c": HOLE}})


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (7, (int,)),
        (2**53, (int,)),
        (2**53 + 1, ()),
        (True, (bool,)),
        ("x", (str,)),
        ("\ud800", ()),
        (0.5, ()),
        (None, ()),
        ([], ()),
        ({}, ()),
    ],
)
def test_a_fact_reads_values_of_its_type(value: Any, kinds: tuple[type, ...]) -> None:
    """Any other value is unknown to it, and what is absent is not."""
    root: Any = tree({"a": value})
    kind: Any
    for kind in (int, bool, str):
        found: Any = read(root, ("a",), kind)
        if kind in kinds:
            assert found == value
            assert type(found) is kind
        else:
            assert isinstance(found, Unknown)
            assert (found.reason, found.span) == (WRONG, HERE)
        assert read(root, ("b",), kind) is None
        assert required(root, ("a",), kind) == found
        lacking = required(root, ("b",), kind)
        assert isinstance(lacking, Unknown)
        assert lacking.reason == "`b` is missing, but the API requires it"


def test_structures_and_lists_are_read_as_such() -> None:
    """An open list is unknown as a whole; an open structure is not."""
    root: Any = tree({"s": {}, "l": [], "x": 1, "h": HOLE, "o": []})
    opened(root.members["o"])
    assert struct(root, ("s",)) is root.members["s"]
    assert array(root, ("l",)) is root.members["l"]
    assert (array(root, ("o",)), array(root, ("h",)), struct(root, ("h",))) == (HOLE, HOLE, HOLE)
    assert (array(root, ("n",)), struct(root, ("n",))) == (None, None)
    for found in (struct(root, ("l",)), struct(root, ("x",)), array(root, ("s",)), array(root, ("x",))):
        assert isinstance(found, Unknown)
        assert found.reason == WRONG


def test_the_first_unknown_is_the_reason() -> None:
    """Among whatever other facts."""
    other = Unknown("is another", HERE)
    assert first_unknown(1, None, HOLE, other) is HOLE
    assert first_unknown(1, None) is None
    assert first_unknown() is None


@pytest.mark.parametrize("value", [True, 1, 0.5, "text"])
@pytest.mark.parametrize("shape", ["ContinuousParameterRanges", "ParameterRanges"])
def test_a_scalar_is_no_list_and_no_structure(value: Any, shape: str) -> None:
    """Whatever it is: of its members and items nothing is known."""
    found, below = cel_value(scalar(value), shape)
    assert found is MISSING
    assert isinstance(below, Unknown)
    assert below.reason == WRONG
