"""Mutations of documents: keys, types and members of JSON and YAML, a notebook's cells, Terraform's expressions."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

import yaml

from tests.fuzz.text import ODD, WORD

ODD_TEXT = [piece.decode("utf-8", "replace") for piece in ODD]
ODD_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2.5, 2**63, 2**70, -(2**70), 10**400, 1e300, 5e-324, -0.0, "", "x", "0", "-1"),
    *([], {}, [[]], [None], {"": None}, {"a": {}}, "1e999", "nan", "9" * 400, "\ud800", "a\0b", "$X", "${Y}"),
    *(
        {"Ref": "X"},
        {"Ref": 5},
        {"Fn::Sub": "${A}"},
        {"Fn::Sub": ["${a}", {"a": {"Ref": "B"}}]},
        {"Fn::Join": ["", []]},
    ),
    *(
        {"Fn::Join": [",", {"Ref": "L"}]},
        {"Fn::Select": [0, ["a"]]},
        {"Fn::Select": ["9", []]},
        {"Fn::If": ["C", 1, 2]},
    ),
    *({"Fn::Split": ["", "ab"]}, {"Fn::FindInMap": ["M", "a", "b"]}, {"Fn::GetAtt": "A.B"}, {"Get": "Parameters.X"}),
    *(
        {"Std:Join": {"On": "/", "Values": ["a", {"Get": "X"}]}},
        "{% $states.input %}",
        "States.Format('{}', $.x)",
        "$.x",
    ),
    *("{{ x }}", "<NAME>", "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync", "Logarithmic", "Integer"),
]
"""Values that are what some consumer of a definition takes for something of its own, or that fit nowhere."""

Change = Callable[[random.Random, dict[str, Any], str], None]


def _drop(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    del parent[key]


def _odd(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    parent[key] = _odd_value(draw)


def _odd_value(draw: random.Random) -> Any:
    """A copy: one that documents share could come to hold itself."""
    return copy.deepcopy(draw.choice(ODD_VALUES))


def _rename(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    case = draw.choice((str.lower, str.upper, str.title, str.swapcase, lambda name: name + "s", lambda name: name[1:]))
    parent[draw.choice((case(str(key)), f"{key}.$", draw.choice(ODD_TEXT)))] = parent.pop(key)


def _retype(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    value = parent[key]
    ways: tuple[Callable[[], Any], ...] = (
        lambda: [value],
        lambda: {"a": value},
        lambda: json.dumps(value),
        lambda: str(value),
        lambda: [copy.deepcopy(value) for _ in range(draw.choice((2, 3, 150)))],
        lambda: (
            list(value.values()) if isinstance(value, dict) else {str(i): item for i, item in enumerate(str(value))}
        ),
        lambda: dict(enumerate(value)) if isinstance(value, list) else value,
    )
    parent[key] = draw.choice(ways)()


def _swap(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    other = draw.choice(list(parent))
    parent[key], parent[other] = parent[other], parent[key]


def _nest(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    for _ in range(draw.choice((1, 3, 30, 220))):
        parent[key] = {key: parent[key]}


def _odd_text(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    at = draw.randint(0, len(str(parent[key])))
    parent[key] = str(parent[key])[:at] + draw.choice(ODD_TEXT) + str(parent[key])[at:]


def _move(draw: random.Random, parent: dict[str, Any], key: str) -> None:
    for other in parent.values():
        if isinstance(other, dict) and other is not parent[key]:
            other[key] = parent.pop(key)
            return


CHANGES: tuple[Change, ...] = (_drop, _odd, _odd, _rename, _retype, _retype, _swap, _nest, _odd_text, _odd_text, _move)


def _changed(draw: random.Random, document: Any) -> Any:
    """The document with one member or item of it changed."""
    holder = {"": document}
    places = _places(holder)
    parent, key = draw.choice(places)
    if isinstance(parent, dict):
        draw.choice(CHANGES)(draw, parent, key)
        return holder.get("", _odd_value(draw))
    items = {"item": parent[key]}
    draw.choice(CHANGES)(draw, items, "item")
    again = copy.deepcopy(list(items.values())) if draw.random() < 0.25 else []  # shared, it could come to hold itself
    parent[key : key + 1] = [*items.values(), *again]
    return holder[""]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every member and item, as its parent and its key. The document is a tree of its own, nested moderately."""
    found: list[tuple[Any, Any]] = []
    left = [value]
    while left:
        parent = left.pop()
        children = list(parent.items() if isinstance(parent, dict) else enumerate(parent))
        found += [(parent, key) for key, _ in children]
        left += [child for _, child in children if isinstance(child, dict | list)]
    return found


def _tree(data: bytes) -> Any:
    """The JSON document; None where a mutation before this one has broken it."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _written(draw: random.Random, document: Any) -> bytes:
    try:
        text = json.dumps(document, indent=draw.choice((None, 1, 2)), ensure_ascii=draw.random() < 0.5)
    except (ValueError, RecursionError):
        return b"[]"
    return text.encode("utf-8", "surrogatepass")


def change_member(draw: random.Random, data: bytes) -> bytes:
    """A key, a value's type, or a member's place is another one."""
    document = _tree(data)
    return data if document is None else _written(draw, _changed(draw, document))


def change_members(draw: random.Random, data: bytes) -> bytes:
    """Several members are changed."""
    document = _tree(data)
    if document is None:
        return data
    for _ in range(draw.randint(2, 6)):
        document = _changed(draw, document)
    return _written(draw, document)


def carry(draw: random.Random, data: bytes) -> bytes:
    """Put the document into another one, perhaps as a text."""
    document = _tree(data)
    if document is None:
        return data
    inner = document if draw.random() < 0.5 else json.dumps(document)
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob",
        "Parameters": inner,
    }
    carriers: list[Any] = [
        [document, document],
        {"a": inner, "b": inner},
        {"StartAt": "T", "States": {"T": {**state, "End": True}}},
        {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": inner}}}},
        {"Resources": {"J": {"Type": "AWS::SageMaker::HyperParameterTuningJob", "Properties": inner}}},
        {"Resources": {"P": {"Type": "AWS::SageMaker::Pipeline", "Properties": {"PipelineDefinition": inner}}}},
        {"apiVersion": "sagemaker.services.k8s.aws/v1alpha1", "kind": "HyperParameterTuningJob", "spec": inner},
        {"Version": "2020-12-01", "Steps": [{"Name": "T", "Type": "Tuning", "Arguments": inner}]},
    ]
    return _written(draw, draw.choice(carriers))


def change_yaml_member(draw: random.Random, data: bytes) -> bytes:
    """A key, a value's type, or a member's place is another one; where the file has tags of its own, nothing."""
    try:
        streams = list(yaml.safe_load_all(data.decode()))
        at = draw.randrange(len(streams))
        streams[at] = _changed(draw, streams[at])
        text: str = yaml.safe_dump_all(
            streams, default_flow_style=draw.choice((None, True, False)), default_style=draw.choice((None, None, '"'))
        )
    except Exception:  # noqa: BLE001 - tags of its own, no stream, text that PyYAML's constructors trip over
        return data
    return text.encode("utf-8", "surrogatepass")


def mark_value(draw: random.Random, data: bytes) -> bytes:
    """A value has an anchor or a tag, or is an alias."""
    values = list(re.finditer(rb"(?<=[:-] )\S.*", data))
    if not values:
        return data
    value = draw.choice(values)
    mark = draw.choice(
        (b"&a ", b"&a *a ", b"*a #", b"!!int ", b"!!str ", b"!!map ", b"!!timestamp ", b"! ", b"!Ref ", b"| #")
    )
    return b"x: &a 1\n"[: draw.choice((0, 9))] + data[: value.start()] + mark + data[value.start() :]


def change_cells(draw: random.Random, data: bytes) -> bytes:
    """A notebook's cells are dropped, repeated, in another order, or of another kind."""
    book = _tree(data)
    if not isinstance(book, dict) or not isinstance(book.get("cells"), list) or not book["cells"]:
        return data
    cells = book["cells"]
    at = draw.randrange(len(cells))
    how = draw.choice(("drop", "repeat", "shuffle", "kind", "source", "odd"))
    if how == "drop":
        del cells[at]
    elif how == "repeat":
        cells[at:at] = [cells[at]] * draw.choice((1, 2, 60))
    elif how == "shuffle":
        draw.shuffle(cells)
    elif how == "odd":
        cells[at] = draw.choice(ODD_VALUES)
    elif isinstance(cells[at], dict):
        choices = {"kind": ["code", "raw", "markdown", None, 5], "source": [*ODD_VALUES, ["a\n", 5], ["x", ["y"]]]}[how]
        cells[at]["cell_type" if how == "kind" else "source"] = draw.choice(choices)
    return _written(draw, book)


def change_cell_text(draw: random.Random, data: bytes) -> bytes:
    """A word of a cell's source becomes another one, a magic or a piece that is odd; escapes are in order."""
    book = _tree(data)
    if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
        return data
    sources = [cell for cell in book["cells"] if isinstance(cell, dict) and isinstance(cell.get("source"), list | str)]
    if not sources:
        return data
    cell = draw.choice(sources)
    source = cell["source"] if isinstance(cell["source"], str) else "".join(map(str, cell["source"]))
    words = WORD.findall(source.encode("utf-8", "replace"))
    if words:
        pieces = (*ODD, *words, b"\n%matplotlib inline\n", b"\n!pip install x\n", b"%%bash\n", b"x = !ls\n", b"\n?x\n")
        words[draw.randrange(len(words))] = draw.choice(pieces)
    text = b"".join(words).decode("utf-8", "replace")
    cell["source"] = text if draw.random() < 0.5 else text.splitlines(keepends=True)
    return _written(draw, book)


TERRAFORM_VALUES = (
    *(
        b"null",
        b"true",
        b"-0",
        b"1e400",
        b"[]",
        b"{}",
        b'""',
        b'"${x}"',
        b'"%{ if a }b%{ endif }"',
        b"local.a",
        b"var.x",
    ),
    *(
        b"[for x in y : x]",
        b"{for k, v in m : k => v...}",
        b"a ? b : c",
        b"jsonencode({})",
        b'jsonencode("x")',
        b"x[*].y",
    ),
    *(
        b"<<EOF\n${x}\nEOF\n",
        b'<<-EOF\n  {"a": 1}\n  EOF\n',
        b'jsonencode(["${a}"])',
        b'"\\u12"',
        b'"$${x}"',
        b"each.value",
    ),
    *(
        b"count.index",
        b"merge({}, {})",
        b"1 + 2 * 3",
        b"!true",
        b"1 / 0",
        b"10 % 0",
        b"x...",
        b'"a" "b"',
        b"9" * 400,
        b"(1)",
    ),
    *(b'file("x")', b'templatefile("x", {})', b'tonumber("1")', b'format("%s", 1)', b"local.local.a", b"[[[1]]][0][0]"),
)


def change_expression(draw: random.Random, data: bytes) -> bytes:
    """An argument of a block has another value."""
    values = list(re.finditer(rb"(?<== )[^\n{]+", data))
    if not values:
        return data
    value = draw.choice(values)
    return data[: value.start()] + draw.choice(TERRAFORM_VALUES) + data[value.end() :]


def put_argument(draw: random.Random, data: bytes) -> bytes:
    """A block begins with another argument or block."""
    opens = list(re.finditer(rb"\{\n", data))
    if not opens:
        return data
    at = draw.choice(opens).end()
    value = draw.choice(TERRAFORM_VALUES)
    line = draw.choice(
        (b"count = %b\n", b"for_each = %b\n", b"a = %b\n", b'dynamic "x" {\nfor_each = %b\ncontent {}\n}\n')
    )
    return data[:at] + line.replace(b"%b", value) + data[at:]


JSON = [change_member, change_member, change_member, change_members, carry]
YAML = [change_yaml_member, change_yaml_member, change_yaml_member, mark_value, mark_value]
NOTEBOOK = [change_cells, change_cells, change_cell_text, change_cell_text, change_cell_text, change_member]
TERRAFORM = [change_expression, change_expression, change_expression, put_argument]
