"""Edits of Terraform's native syntax: attributes of a block, elements of an object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hpolint.fixes.changes import NewMembers, NoEditError, check_line_ends, scalar
from hpolint.fixes.edits import Edit, line_end
from hpolint.model.node import ScalarValue
from hpolint.model.source import Source
from hpolint.readers.terraform.hcl_trees import children

if TYPE_CHECKING:
    from tree_sitter import Node as Tree


class HclPlaces:
    """Look-up of syntax nodes by offset in an HCL file."""

    def __init__(self, source: Source) -> None:
        import tree_sitter_hcl
        from tree_sitter import Language, Parser

        self._source = source
        self._bytes = source.text.encode("utf-8", "surrogatepass")
        self._root = Parser(Language(tree_sitter_hcl.language())).parse(self._bytes).root_node

    def at(self, offset: int, *kinds: str) -> Tree | None:
        """The innermost node of the given types that contains the character at an offset; None if there is none."""
        byte = len(self._source.text[:offset].encode("utf-8", "surrogatepass"))
        innermost = None
        node: Tree | None = self._root
        while node is not None:
            if node.type in kinds:
                innermost = node
            node = next((child for child in node.children if child.start_byte <= byte < child.end_byte), None)
        return innermost

    def offset(self, byte: int) -> int:
        """The character offset of a byte offset."""
        return len(self._bytes[:byte].decode("utf-8", "surrogatepass"))

    def text(self, node: Tree) -> str:
        """The text of a node."""
        return self._bytes[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def local(self, offset: int) -> str | None:
        """The name of the local value that contains an offset; None if it is in no `locals` block."""
        attribute = self.at(offset, "attribute")
        body = attribute.parent if attribute is not None else None
        block = body.parent if body is not None else None
        if attribute is None or block is None or block.type != "block" or self.text(block.children[0]) != "locals":
            return None
        return self.text(attribute.children[0])


def rendered(value: ScalarValue) -> str:
    """A value in HCL syntax."""
    return json.dumps(value, ensure_ascii=False)


def insertion(source: Source, places: HclPlaces, offset: int, members: NewMembers) -> Edit:
    """The edit that adds members to the block or object at an offset. Raises NoEditError."""
    if source.text[offset] == "{":
        return _in_object(source, places, offset, members)
    block = places.at(offset, "block")
    if block is None:
        raise NoEditError("it is not in a block")
    start = children(block, "block_start")
    if not start or block.start_point[0] == block.end_point[0]:
        check_line_ends(places.text(block))
        raise NoEditError("its block is on one line")
    indent = _indent(source, block.start_point[0] + 1) + "  "
    line, width = start[0].end_point[0] + 1, 0
    for body in children(block, "body"):
        for attribute in children(body, "attribute")[-1:]:
            indent = _indent(source, attribute.start_point[0] + 1)
            line, width = attribute.end_point[0] + 1, _width(places, attribute)
    at = source.offset(line, 1) + len(source.line(line))
    end = line_end(source, line)
    return Edit(at, at, "".join(f"{end}{new_line}" for new_line in _lines(members, indent, width)))


def _lines(members: NewMembers, indent: str, width: int) -> Iterator[str]:
    """Lines of attributes with aligned equals signs, followed by blocks for structures."""
    for name, value in sorted(members.items(), key=lambda item: isinstance(item[1], dict)):
        if isinstance(value, dict):
            yield f"{indent}{name} {{"
            yield from _lines(value, indent + "  ", 0)
            yield f"{indent}}}"
        else:
            yield f"{indent}{name.ljust(width)} = {rendered(scalar(value))}"


def _width(places: HclPlaces, attribute: Tree) -> int:
    """The width to which names are padded beside an attribute."""
    text = places.text(attribute)
    return max(text.find("=") - 1, 0)


def _indent(source: Source, line: int) -> str:
    text = source.line(line)
    return text[: len(text) - len(text.lstrip())]


def _in_object(source: Source, places: HclPlaces, offset: int, members: NewMembers) -> Edit:
    struct = places.at(offset, "object")
    elements = children(struct, "object_elem") if struct is not None else []
    if struct is None or not elements or any(isinstance(value, dict) for value in members.values()):
        raise NoEditError("an object can only be extended by single values, beside an existing member")
    *others, last = elements
    key, value = last.children[0], last.children[-1]
    sign = places.text(last)[key.end_byte - key.start_byte : value.start_byte - last.start_byte]
    quote = '"' if places.text(key).startswith('"') else ""
    before = others[-1] if others else struct.children[0]
    between = source.text[places.offset(before.end_byte) : places.offset(last.start_byte)]
    if "\n" in between:
        comma = "," if others and between.lstrip(" \t").startswith(",") else ""
        start = between.rindex("\n")
        start -= between.endswith("\r\n", 0, start + 1)
        between = comma + between[start:]  # without a comment
    else:
        between = ", "
    at = places.offset(last.end_byte)
    words = [f"{between}{quote}{name}{quote}{sign}{rendered(scalar(new))}" for name, new in members.items()]
    return Edit(at, at, "".join(words))
