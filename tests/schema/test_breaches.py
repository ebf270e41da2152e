"""Our own walk over the request's schema reports what jsonschema reports, for any tree."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest

from hpolint import schema
from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.source import Source, Span
from hpolint.schema.breaches import KEYWORDS, Breach, breaches
from hpolint.schema.validation import all_breaches
from hpolint.syntax.json_syntax import parse_json
from tests.conftest import scaled
from tests.requests import corpus, example

COUNT = scaled(10_000)
HERE = Span(1, 1, 1, 2)
SCALARS = (None, True, 0, -3, 1, 10**12, 2.5, 1.0, math.nan, math.inf, "", "a\n", "Bayesian", "x" * 300, "-a-", "$A")


def other(choose: random.Random) -> Node:
    """Something that may stand anywhere, and hardly ever fits."""
    why = Unknown("is a variable", HERE)
    nodes: list[Node] = [why, Array([], HERE, HERE), Struct({}, HERE, HERE), Array([], HERE, HERE, why)]
    return choose.choice([*nodes, *(Scalar(value, HERE) for value in SCALARS)])


def change(root: Node, choose: random.Random) -> None:
    """Make something of a tree wrong, or unknown, or more, or less."""
    holders = [node for node in nodes(root) if isinstance(node, Struct | Array)]
    holder = choose.choice(holders)
    how = choose.choice(["open", "drop", "add", "replace", "replace"])
    if how == "open":
        holder.open = Unknown("is spread", HERE)
    elif isinstance(holder, Struct):
        name = choose.choice([*holder.members, "Unheard"])
        if how == "drop":
            holder.members.pop(name, None)
        else:
            holder.members[name if how == "replace" else choose.choice(["Unheard", "", "a b", "1x"])] = other(choose)
    elif how == "drop" and holder.items:
        holder.items.pop()
    elif how == "replace" and holder.items:
        holder.items[0] = other(choose)
    else:
        holder.items += [other(choose)] * choose.choice([1] * 9 + [600])


def nodes(root: Node) -> list[Node]:
    """A node and all below it."""
    below = root.members.values() if isinstance(root, Struct) else root.items if isinstance(root, Array) else ()
    return [root, *(node for each in below for node in nodes(each))]


def plain(found: list[Breach]) -> list[tuple[Any, ...]]:
    """What breaches say, as text, since not-a-number equals nothing; in an order of ours: jsonschema's is a set's."""
    return sorted(((each.path, each.keyword, repr(each.value), each.expected) for each in found), key=repr)


@pytest.mark.generated
@pytest.mark.parametrize("part", range(4))
def test_it_reports_what_jsonschema_reports(part: int) -> None:
    """Of requests of all members, with up to four things changed: 10,000 of them each night."""
    linked = schema.linked_request_schema()
    requests = corpus()
    reported = 0
    for number in range(part, COUNT, 4):
        with example(number) as choose:
            root = parse_json(Source("r.json", json.dumps(choose.choice(requests))))
            for _ in range(choose.randrange(5)):
                change(root, choose)
            found = breaches(root, linked)
            assert plain(found) == plain(all_breaches(root, linked))
            reported += len(found)
    assert reported > 0


def test_it_knows_each_keyword_of_the_schema() -> None:
    """Another one, written by a later generator, does not pass unseen."""
    used = {keyword for name in schema.request_schema()["$defs"] for keyword in schema.shape(name)}
    assert used - {"type"} == set(KEYWORDS)
    with pytest.raises(KeyError):
        breaches(Scalar("a", HERE), {"type": "string", "format": "uri"})


def test_of_a_value_of_the_wrong_type_nothing_else_is_said() -> None:
    """2.5 for an integer of at least 7200 is no integer; 5 is too small; a long text for it is no integer, either."""
    schema_ = {"type": "integer", "minimum": 7200}
    assert [each.keyword for each in breaches(Scalar(2.5, HERE), schema_)] == ["type"]
    assert [each.keyword for each in breaches(Scalar(5, HERE), schema_)] == ["minimum"]
    text = {"type": "integer", "maxLength": 2, "pattern": "^a$"}
    assert [each.keyword for each in breaches(Scalar("bbb", HERE), text)] == ["type"]
