"""Trees of nodes as lists, children first, so that neither encoding nor decoding recurses."""

from __future__ import annotations

from collections.abc import Sequence

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown
from hpolint.model.reasons import Part, Reason, make_reason
from hpolint.serialization.records import (
    ArrayRecord,
    NodeRecord,
    ReasonRecord,
    RecordError,
    StructRecord,
    UnknownRecord,
)

MAX_NODES = 2_000_000
"""Nodes of all trees of an outcome. A node in several places counts once for each, since aliases can double the number
at each level. Readers stop at 500,000 values of a file."""

MAX_DEPTH = 1_000
"""Levels of a tree; its readers stop at 200 for each document, and a document may be a string in another."""


class Growth:
    """Counts the nodes that the records of some trees expand to."""

    def __init__(self) -> None:
        self._nodes = 0

    def add(self, records: Sequence[NodeRecord]) -> None:
        """Count a tree. Raises RecordError above the limits, and for a record that refers to a later one."""
        sizes: list[tuple[int, int]] = []
        for record in records:
            if isinstance(record, Scalar | UnknownRecord):
                sizes.append((1, 1))
                continue
            below = record.items if isinstance(record, ArrayRecord) else list(record.members.values())
            if below and max(below) >= len(sizes):
                raise RecordError("a node refers to a node that is not before it")
            nodes = 1 + sum(sizes[at][0] for at in below)
            depth = 1 + max((sizes[at][1] for at in below), default=0)
            if self._nodes + nodes > MAX_NODES or depth > MAX_DEPTH:
                raise RecordError(f"more than {MAX_NODES:,} nodes or {MAX_DEPTH:,} levels")
            sizes.append((nodes, depth))
        if not sizes:
            raise RecordError("a request without a node")
        self._nodes += sizes[-1][0]


def tree_records(root: Node) -> list[NodeRecord]:
    """The records of a tree, root last; a node in several places is one record."""
    numbers: dict[int, int] = {}
    records: list[NodeRecord] = []
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, is_below_done = waiting.pop()
        if id(node) in numbers:
            continue
        if isinstance(node, Scalar | Unknown) or is_below_done:
            numbers[id(node)] = len(records)
            records.append(_record(node, numbers))
        else:
            waiting.append((node, True))
            waiting += [(below, False) for below in _below(node)]
    return records


def _below(node: Struct | Array) -> list[Node]:
    return list(node.members.values()) if isinstance(node, Struct) else node.items


def _record(node: Node, numbers: dict[int, int]) -> NodeRecord:
    if isinstance(node, Scalar):
        return node
    if isinstance(node, Unknown):
        return unknown_record(node)
    opened = unknown_record(node.open) if node.open is not None else None
    if isinstance(node, Array):
        return ArrayRecord([numbers[id(item)] for item in node.items], node.span, node.anchor, opened)
    members = {name: numbers[id(member)] for name, member in node.members.items()}
    return StructRecord(members, node.span, node.anchor, node.keys, opened, node.shadowed, node.name)


def tree(records: Sequence[NodeRecord]) -> Struct:
    """The tree of some records that ``Growth`` has counted. Raises RecordError if the root is not a structure."""
    nodes: list[Node] = []
    for record in records:
        nodes.append(_node(record, nodes))
    root = nodes[-1]
    if not isinstance(root, Struct):
        raise RecordError("the root of a request is not a structure")
    return root


def _node(record: NodeRecord, nodes: list[Node]) -> Node:
    if isinstance(record, Scalar):
        return record
    if isinstance(record, UnknownRecord):
        return unknown(record)
    opened = unknown(record.open) if record.open is not None else None
    if isinstance(record, ArrayRecord):
        return Array([nodes[at] for at in record.items], record.span, record.anchor, opened)
    members = {name: nodes[at] for name, at in record.members.items()}
    return Struct(members, record.span, record.anchor, record.keys, opened, record.shadowed, record.name)


def unknown_record(unknown: Unknown) -> UnknownRecord:
    """An unknown value as a record."""
    reason: str | ReasonRecord = unknown.reason
    if isinstance(reason, Reason):
        reason = ReasonRecord(str(reason), reason.thing, reason.name, isinstance(reason, Part), reason.parameter)
    return UnknownRecord(reason, unknown.span, unknown.pieces, unknown.choices, unknown.default)


def unknown(record: UnknownRecord) -> Unknown:
    """The unknown value of a record."""
    reason = record.reason
    if isinstance(reason, ReasonRecord):
        reason = make_reason(reason.text, reason.thing, reason.name, reason.is_part, reason.parameter)
    return Unknown(reason, record.span, record.pieces, record.choices, record.default)
