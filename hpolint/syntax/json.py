"""JSON with positions.

The standard library's parser decides what is JSON and gives the reason where it is not;
tree-sitter gives the positions, which the standard library has none of.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable

import tree_sitter
import tree_sitter_json

from hpolint.node import Array, Node, Scalar, Struct
from hpolint.source import Source, Span
from hpolint.syntax import MAX_DEPTH, SyntaxProblem

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_json.language()))


def parse_json(source: Source) -> Node:
    """The document's value. Raises SyntaxProblem.

    Of a repeated key the last value counts, as for Python, boto3 and the AWS CLI; the place
    of each earlier one is kept in ``Struct.shadowed``.
    """
    _check(source)
    data = source.text.encode("utf-8")
    tree = _PARSER.parse(data)
    values = [node for node in tree.root_node.named_children if node.type != "comment"]
    if tree.root_node.has_error or len(values) != 1:
        raise SyntaxProblem("not strict JSON", _first_error(tree.root_node))
    return _Builder(source, code_points(source.text, data)).build(values[0], 0)


def _check(source: Source) -> None:
    """Raise SyntaxProblem unless the standard library reads the text as strict JSON."""
    start = source.span(0, 0)
    try:
        json.loads(source.text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        reason = error.msg
        if source.text.startswith(("//", "/*", "#"), error.pos):
            reason = "a comment, which JSON does not allow"
        elif error.pos >= len(source.text.rstrip()):
            reason = f"the file ends too early: {error.msg}"
        raise SyntaxProblem(reason, source.span(error.pos, error.pos + 1)) from None
    except RecursionError:
        raise SyntaxProblem("nested too deep to be read", start) from None
    except ValueError as error:  # a number of thousands of digits; a constant
        raise SyntaxProblem(str(error), start) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def code_points(text: str, data: bytes) -> Callable[[int], int]:
    """The map from a byte offset of ``data`` (``text`` in UTF-8) to the code point's offset."""
    if len(text) == len(data):
        return lambda offset: offset
    offsets = array("I")
    for index, character in enumerate(text):
        code = ord(character)
        width = 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
        offsets.extend([index] * width)
    offsets.append(len(text))
    return offsets.__getitem__


def _first_error(root: tree_sitter.Node) -> Span:
    """Where tree-sitter stumbled on a text that the standard library accepts."""
    node = root
    while (below := next((child for child in node.children if child.has_error), None)) is not None:
        node = below
    line, column = node.start_point
    return Span(line + 1, column + 1, line + 1, column + 2)


class _Builder:
    """Turns tree-sitter's nodes into ours."""

    def __init__(self, source: Source, at: Callable[[int], int]) -> None:
        self._source = source
        self._at = at

    def build(self, node: tree_sitter.Node, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise SyntaxProblem(f"nested more than {MAX_DEPTH} levels deep", self._span(node))
        if node.type == "object":
            return self._object(node, depth)
        if node.type == "array":
            items = [self.build(item, depth + 1) for item in node.named_children]
            return Array(items, self._span(node), self._opening(node))
        return Scalar(_value(node), self._span(node))

    def _object(self, node: tree_sitter.Node, depth: int) -> Struct:
        struct = Struct({}, self._span(node), self._opening(node))
        for pair in node.named_children:
            key, value = pair.named_children
            name, key_span = str(_value(key)), self._span(key)
            if name in struct.members:
                struct.shadowed.append((name, struct.keys[name]))
            member = self.build(value, depth + 1)
            if isinstance(member, Struct | Array):
                member.anchor = key_span
            struct.members[name] = member
            struct.keys[name] = key_span
        return struct

    def _span(self, node: tree_sitter.Node) -> Span:
        return self._source.span(self._at(node.start_byte), self._at(node.end_byte))

    def _opening(self, node: tree_sitter.Node) -> Span:
        start = self._at(node.start_byte)
        return self._source.span(start, start + 1)


def _value(node: tree_sitter.Node) -> str | int | float | bool | None:
    text = node.text or b""
    if node.type == "string" and b"\\" not in text:
        return text[1:-1].decode("utf-8")
    value: str | int | float | bool | None = json.loads(text)
    return value
