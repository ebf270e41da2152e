"""Requests for tests: one that is sound, and Hypothesis strategies that follow the service's model."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from hpolint import schema
from hpolint.model.message_text import text
from hpolint.registry.examples import frame
from hpolint.schema.request_errors import ShapeError
from tests.conftest import scaled

SEED = int(os.environ.get("HPOLINT_SEED", "0" if os.environ.get("CI") else random.randrange(2**32)))
"""What the corpus and the choices about it are drawn by: the same ones in CI, new ones elsewhere."""

PLAIN = st.characters(min_codepoint=32, max_codepoint=0x1F9FF, exclude_categories=["Cs", "Cc"])
KEYS = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=8)
WRONG = st.sampled_from([None, [], {}, "text", 5, 2.5, -7, [1], {"Unheard": 1}]).map(copy.deepcopy)
"""A value of another type; a new one at each draw, since the next mutation may change it."""


def sound() -> dict[str, Any]:
    """A whole request that no rule has anything against; a new one at each call."""
    return copy.deepcopy(frame())


def unbounded(**limits: int) -> dict[str, Any]:
    """The same over a continuous range, so that any number of trials finds something new (the space is unbounded)."""
    request = sound()
    config = request["HyperParameterTuningJobConfig"]
    config["ParameterRanges"] = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
    config["ResourceLimits"] |= limits
    return request


def sentences(error: ShapeError) -> list[str]:
    """The message's sentences about a value that the service would refuse, with the API's own names."""
    return [text(sentence, None) for sentence in error.message]


def placeholder_free(text: str) -> bool:
    """Whether a generated text is not by chance what readers take for a placeholder, or for the end of one."""
    return not any(mark in text for mark in ("${", "{{", "$", "<", "{%"))


def text_of(definition: dict[str, Any]) -> st.SearchStrategy[str]:
    """Strings of a length that botocore takes; patterns and maximums are the service's, not botocore's."""
    if "enum" in definition:
        return st.sampled_from(definition["enum"])
    low = definition.get("minLength", 0)
    high = min(definition.get("maxLength", 24), max(low, 24))
    return st.text(PLAIN, min_size=low, max_size=high).filter(placeholder_free)


@cache
def valid(name: str = schema.REQUEST) -> st.SearchStrategy[Any]:
    """Values of one of the request's shapes. Made once for each shape: that takes longer than a draw."""
    definition = schema.shape(name)
    kind = definition["type"]
    if kind == "object":
        value = schema.map_value(name)
        return st.dictionaries(KEYS, valid(value), max_size=3) if value else structures(name)
    if kind == "array":
        low = definition.get("minItems", 0)
        return st.lists(valid(schema.item(name) or ""), min_size=low, max_size=max(low, 2))
    if kind == "string":
        return text_of(definition)
    if kind == "boolean":
        return st.booleans()
    low = definition.get("minimum", -1000)
    high = max(definition.get("maximum", 100_000), low)
    if kind == "integer":
        return st.integers(low, high)
    return st.floats(-1e6, 1e6, allow_nan=False).filter(lambda number: not float(number).is_integer())


def structures(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Structures of a shape, with a random choice of its optional members."""
    members = {member: valid(shape) for member, shape in schema.members(name).items()}
    required = schema.shape(name).get("required", [])
    optional = [member for member in members if member not in required]
    some = st.lists(st.sampled_from(optional), unique=True, max_size=6) if optional else st.just([])

    @st.composite
    def structure(draw: st.DrawFn) -> dict[str, Any]:
        return {member: draw(members[member]) for member in [*required, *draw(some)]}

    return structure()


@cache
def corpus() -> list[dict[str, Any]]:
    """Valid requests, drawn once for all that they are tried on: to draw one takes ten times as long as to read it."""
    drawn: list[dict[str, Any]] = []

    @seed(SEED)
    @settings(max_examples=scaled(1000), database=None, phases=[Phase.generate])
    @given(valid())
    def draw(request: dict[str, Any]) -> None:
        drawn.append(request)

    draw()
    return drawn


@contextmanager
def example(index: int) -> Iterator[random.Random]:
    """Random choices about one request of the corpus; any failure reports the seed."""
    try:
        yield random.Random(f"{SEED} {index}")
    except Exception as error:
        # Hypothesis also draws by the modules that are loaded: the seed alone does not reproduce the request.
        error.add_note(f"request {index} of the corpus of HPOLINT_SEED={SEED}: {json.dumps(corpus()[index])}")
        raise


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
