"""A request's values as rules see them: of the API's types, absent ones as null, and a reason for all else."""

from __future__ import annotations

from typing import Any

import pytest

from hpolint.engine.cel_values import MISSING, bind, cel_value
from hpolint.facts.typed_values import array, first_unknown, read, required, struct
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Span

HERE, THERE = Span(1, 1, 1, 2), Span(2, 1, 2, 2)
UNKNOWN = Unknown("is a variable", THERE)
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
    node.open = UNKNOWN
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
        assert cel_value(UNKNOWN, shape) == (MISSING, UNKNOWN)


def test_a_structure_has_null_for_what_is_absent() -> None:
    """And a reason for what is required and not there, or cannot be seen."""
    values, unknowns = cel_value(tree({"MaxNumberOfTrainingJobs": 7}), "ResourceLimits")
    assert values == {"MaxNumberOfTrainingJobs": 7, "MaxRuntimeInSeconds": None}
    assert {name: each.reason for name, each in unknowns.items()} == {
        "MaxParallelTrainingJobs": "`MaxParallelTrainingJobs` is missing, but the API requires it"
    }
    values, unknowns = cel_value(opened(tree({"MaxNumberOfTrainingJobs": 7})), "ResourceLimits")
    assert values == {"MaxNumberOfTrainingJobs": 7}
    assert unknowns == {"MaxParallelTrainingJobs": UNKNOWN, "MaxRuntimeInSeconds": UNKNOWN}


def test_a_map_is_a_list_of_its_entries() -> None:
    """Entries keep their order; a value that is unknown or not a text is an unknown value of its entry."""
    values, unknowns = cel_value(tree({"a": "1", "b": UNKNOWN, "c": 3}), "HyperParameters")
    assert values == [{"Name": "a", "Value": "1"}, {"Name": "b"}, {"Name": "c"}]
    assert unknowns[1] == {"Value": UNKNOWN}
    assert unknowns[2]["Value"].reason == WRONG
    assert set(unknowns) == {1, 2}
    assert cel_value(opened(tree({"a": "1"})), "HyperParameters") == (MISSING, UNKNOWN)
    assert cel_value(tree({}), "HyperParameters") == ([], {})


def test_a_list_of_texts_is_known_where_all_of_it_is() -> None:
    """One item that is not leaves none, for its reason."""
    assert cel_value(tree(["a", "b"]), "Subnets") == (["a", "b"], {})
    assert cel_value(tree(["a", UNKNOWN]), "Subnets") == (MISSING, UNKNOWN)
    assert cel_value(opened(tree(["a"])), "Subnets") == (MISSING, UNKNOWN)
    assert cel_value(tree([]), "Subnets") == ([], {})


def test_a_list_of_structures_is_known_item_by_item() -> None:
    """One that is unknown counts as empty, and its reason is kept at its index."""
    values, unknowns = cel_value(tree([{"Key": "a", "Value": "b"}, UNKNOWN, {"Key": "c", "Value": 5}]), "TagList")
    assert values == [{"Key": "a", "Value": "b"}, {}, {"Key": "c"}]
    assert unknowns[1] == UNKNOWN
    assert unknowns[2]["Value"].reason == WRONG
    assert set(unknowns) == {1, 2}


def test_binding_a_name_again_replaces_its_value_and_unknowns() -> None:
    """Binding a name again replaces both its value and its unknown values."""
    values: dict[str, Any] = {"a": 1}
    unknowns: dict[str | int, Any] = {"a": UNKNOWN}
    bind(values, unknowns, "a", MISSING, {})
    assert (values, unknowns) == ({}, {})
    bind(values, unknowns, "a", None, {})
    assert (values, unknowns) == ({"a": None}, {})
    bind(values, unknowns, "a", MISSING, UNKNOWN)
    assert (values, unknowns) == ({}, {"a": UNKNOWN})
    bind(values, unknowns, "a", {"b": 1}, {"c": UNKNOWN})
    assert (values, unknowns) == ({"a": {"b": 1}}, {"a": {"c": UNKNOWN}})


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
    root: Any = tree({"s": {}, "l": [], "x": 1, "h": UNKNOWN, "o": []})
    opened(root.members["o"])
    assert struct(root, ("s",)) is root.members["s"]
    assert array(root, ("l",)) is root.members["l"]
    assert (array(root, ("o",)), array(root, ("h",)), struct(root, ("h",))) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert (array(root, ("n",)), struct(root, ("n",))) == (None, None)
    for found in (struct(root, ("l",)), struct(root, ("x",)), array(root, ("s",)), array(root, ("x",))):
        assert isinstance(found, Unknown)
        assert found.reason == WRONG


def test_the_first_unknown_is_the_reason() -> None:
    """Among whatever other facts."""
    other = Unknown("is another", HERE)
    assert first_unknown(1, None, UNKNOWN, other) is UNKNOWN
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
