"""Requests for tests: one that is sound, and Hypothesis strategies that follow the service's model."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from hpolint import schema
from hpolint.examples import frame

PLAIN = st.characters(min_codepoint=32, max_codepoint=0x1F9FF, exclude_categories=["Cs", "Cc"])
KEYS = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=8)
WRONG = st.sampled_from([None, [], {}, "text", 5, 2.5, -7, [1], {"Unheard": 1}])


def sound() -> dict[str, Any]:
    """A whole request that no rule has anything against; a new one at each call."""
    return copy.deepcopy(frame())


def placeholder_free(text: str) -> bool:
    """Whether a generated text is not by chance what readers take for a placeholder."""
    return not any(mark in text for mark in ("${", "{{", "$", "<", "{%"))


def text_of(definition: dict[str, Any]) -> st.SearchStrategy[str]:
    """Strings of a length that botocore takes; patterns and maximums are the service's, not botocore's."""
    if "enum" in definition:
        return st.sampled_from(definition["enum"])
    low = definition.get("minLength", 0)
    high = min(definition.get("maxLength", 24), max(low, 24))
    return st.text(PLAIN, min_size=low, max_size=high).filter(placeholder_free)


@st.composite
def valid(draw: st.DrawFn, name: str = schema.REQUEST) -> Any:
    """A value of one of the request's shapes, with a random choice of its optional members."""
    definition = schema.shape(name)
    kind = definition["type"]
    if kind == "object" and (value := schema.map_value(name)):
        return draw(st.dictionaries(KEYS, valid(value), max_size=3))
    if kind == "object":
        required = definition.get("required", [])
        optional = [member for member in schema.members(name) if member not in required]
        chosen = draw(st.lists(st.sampled_from(optional), unique=True, max_size=6)) if optional else []
        return {m: draw(valid(schema.members(name)[m])) for m in [*required, *chosen]}
    if kind == "array":
        low = definition.get("minItems", 0)
        return draw(st.lists(valid(schema.item(name) or ""), min_size=low, max_size=max(low, 2)))
    if kind == "string":
        return draw(text_of(definition))
    if kind == "boolean":
        return draw(st.booleans())
    low = definition.get("minimum", -1000)
    high = max(definition.get("maximum", 100_000), low)
    if kind == "integer":
        return draw(st.integers(low, high))
    return draw(st.floats(-1e6, 1e6, allow_nan=False).filter(lambda number: not float(number).is_integer()))


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid request with up to three things wrong: members dropped or added, types, values too small."""
    request: dict[str, Any] = draw(valid())
    for _ in range(draw(st.integers(0, 3))):
        places = [place for place in _places(request) if place]
        path = draw(st.sampled_from(places)) if places else ()
        _mutate(draw, request, path)
    return request


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in children:
        found += _places(below, (*path, step))
    return found


def _mutate(draw: st.DrawFn, request: dict[str, Any], path: tuple[Any, ...]) -> None:
    parent: Any = request
    for step in path[:-1]:
        parent = parent[step]
    how = draw(st.sampled_from(["drop", "add", "wrong", "small", "empty"]))
    last = path[-1] if path else None
    if how == "drop" and last is not None:
        del parent[last]
    elif how == "add" and isinstance(parent, dict):
        parent["Unheard"] = "of"
    elif how == "wrong" and last is not None:
        parent[last] = draw(WRONG)
    elif last is not None and isinstance(parent[last], int) and not isinstance(parent[last], bool) and how == "small":
        parent[last] = draw(st.integers(-3, 1))
    elif last is not None and isinstance(parent[last], str | list) and how == "empty":
        parent[last] = type(parent[last])()
