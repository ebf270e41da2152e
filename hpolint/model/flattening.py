"""A tree as a flat list, for sending to another process: pickle recurses and fails on deep trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown

Flat = list[Any]
"""Nodes in post-order. A Struct or Array holds the indices of its members in the list."""


def flattened(root: Node) -> Flat:
    """The tree as a list. A node that is in the tree twice, as with YAML's aliases, is in the list once."""
    done: dict[int, int] = {}
    flat: Flat = []
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, below_done = waiting.pop()
        if id(node) in done:
            continue
        if isinstance(node, Scalar | Unknown) or below_done:
            done[id(node)] = len(flat)
            flat.append(_packed(node, done))
        else:
            waiting.append((node, True))
            waiting += [(below, False) for below in _below(node)]
    return flat


def _below(node: Struct | Array) -> list[Node]:
    return list(node.members.values()) if isinstance(node, Struct) else node.items


def _packed(node: Node, done: dict[int, int]) -> Any:
    if isinstance(node, Struct):
        members = {name: done[id(member)] for name, member in node.members.items()}
        return Struct, members, node.span, node.anchor, node.keys, node.open, node.shadowed, node.name
    if isinstance(node, Array):
        return Array, [done[id(item)] for item in node.items], node.span, node.anchor, node.open
    return node


def rebuilt(flat: Flat, change: Callable[[Scalar | Unknown], Node | None] = lambda node: node) -> Node | None:
    """The tree of a flattened list, with its leaves changed by ``change``; None removes a leaf."""
    nodes: list[Node | None] = []
    for packed in flat:
        if isinstance(packed, Scalar | Unknown):
            nodes.append(change(packed))
            continue
        kind, below, *rest = packed
        if kind is Struct:
            members = {name: node for name, at in below.items() if (node := nodes[at]) is not None}
            nodes.append(Struct(members, *rest))
        else:
            nodes.append(Array([node for at in below if (node := nodes[at]) is not None], *rest))
    return nodes[-1]
