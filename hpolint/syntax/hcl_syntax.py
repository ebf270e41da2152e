"""HCL, the syntax of Terraform's files: blocks and attributes, with the places of all parts.

tree-sitter-hcl parses it. Source: the HCL native syntax specification, github.com/hashicorp/hcl.
"""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate, islice

import msgspec
import tree_sitter_hcl
from tree_sitter import Language, Parser
from tree_sitter import Node as Tree

from hpolint.lazy_regex import lazy_regex
from hpolint.model.source import Source, Span
from hpolint.syntax import MAX_DEPTH, SyntaxProblem

MASKED = lazy_regex(rb"(?<![\w.])[0-9]+[eE][-+]?[0-9]+(?![\w.])|\$\$\{|%%\{")
"""Text that the grammar lacks or misreads: numbers like 1e-5, and the escape in `$$${`.

It is replaced by zeros for parsing.
"""


LONE_RETURN = lazy_regex(rb"\r(?!\n)")
"""White space for the grammar. Terraform refuses a file with this character outside of comments and strings."""

MAX_RETURNS = 1000
"""Limit of the carriage returns that are looked up in the tree."""

RETURN_ALLOWED_IN = frozenset({"comment", "template_literal"})


class Block(msgspec.Struct, frozen=True):
    """``kind "label" "label" { … }``, with the place of its last label, or of its kind if it has no label."""

    kind: str
    labels: tuple[str, ...]
    place: Span
    body: Body


class Body(msgspec.Struct):
    """The content of braces: attributes by name, with the name's place, and blocks in order.

    ``shadowed`` are attributes that a later one of the same name repeats, which Terraform refuses.
    """

    tree: Tree | None
    attributes: dict[str, tuple[Span, Tree]] = msgspec.field(default_factory=dict)
    blocks: list[Block] = msgspec.field(default_factory=list)
    shadowed: list[tuple[str, Span]] = msgspec.field(default_factory=list)

    @property
    def is_broken(self) -> bool:
        """Whether a part of it does not parse."""
        return self.tree is not None and self.tree.has_error


class Hcl:
    """One parsed file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.bytes = source.text.encode("utf-8", "surrogatepass")
        masked = MASKED.sub(lambda match: b"0" * len(match.group()), self.bytes)
        root = self._root = Parser(Language(tree_sitter_hcl.language())).parse(masked).root_node
        body = next((child for child in root.named_children if child.type == "body"), None)
        self.body = self._body(body, 0)
        parts = [root] if body is None else [*body.children, *(each for each in root.children if each != body)]
        self.broken = [part for part in parts if part.has_error]
        """The top-level blocks and other parts that do not parse completely."""

    @cached_property
    def offsets(self) -> list[int] | None:
        """The code point offset of each byte; None if the text is ASCII."""
        if self.source.text.isascii():
            return None
        points = accumulate(((byte & 0xC0) != 0x80 for byte in self.bytes), initial=-1)
        return [*islice(points, 1, None), len(self.source.text)]

    def at(self, byte: int) -> int:
        """The code point offset of a byte offset."""
        return byte if self.offsets is None else self.offsets[byte]

    def place(self, tree: Tree) -> Span:
        """The span of a part of the tree."""
        return self.source.span(self.at(tree.start_byte), self.at(tree.end_byte))

    def text(self, tree: Tree) -> str:
        """The text of a part of the tree."""
        return self.bytes[tree.start_byte : tree.end_byte].decode("utf-8", "surrogatepass")

    def lone_carriage_return(self) -> SyntaxProblem | None:
        """The problem of the first lone carriage return that Terraform refuses; None if there is none."""
        for match in islice(LONE_RETURN.finditer(self.bytes), MAX_RETURNS):
            part = self._root.descendant_for_byte_range(match.start(), match.start())
            if part is None or part.type not in RETURN_ALLOWED_IN:
                at = self.at(match.start())
                reason = "a carriage return without a line feed, which Terraform refuses"
                return SyntaxProblem(reason, self.source.span(at, at + 1))
        return None

    def error(self, part: Tree) -> SyntaxProblem:
        """The first syntax error in a broken part; for an unclosed block, the place where it begins."""
        above = [part]
        while not (part.is_error or part.is_missing):
            below = next((child for child in part.children if child.has_error), None)
            if below is None:
                break
            part = below
            above.append(part)
        if part.is_missing and [each.type for each in above[-3:-1]] == ["block", "block_end"]:
            return SyntaxProblem("the block that begins here has no `}`", self.place(above[-3].children[0]))
        start = self.at(part.start_byte)
        place = self.source.span(start, min(start + 1, len(self.source.text)))
        return SyntaxProblem("invalid HCL", place)

    def _body(self, tree: Tree | None, depth: int) -> Body:
        body = Body(tree)
        for child in tree.named_children if tree is not None and depth < MAX_DEPTH else []:
            if child.type == "attribute" and len(child.named_children) >= 2:
                name, expression = self.text(child.named_children[0]), child.named_children[-1]
                if name in body.attributes:
                    body.shadowed.append((name, body.attributes[name][0]))
                body.attributes[name] = (self.place(child.named_children[0]), expression)
            elif child.type == "block" and (block := self._block(child, depth)) is not None:
                body.blocks.append(block)
        return body

    def _block(self, tree: Tree, depth: int) -> Block | None:
        """A block; None if the parser found no kind."""
        names = [child for child in tree.named_children if child.type in ("identifier", "string_lit")]
        if not names:
            return None
        inner = next((child for child in tree.named_children if child.type == "body"), None)
        words = [self.text(name).strip('"') for name in names]
        # The tree of the whole block, so that an error before its body counts too.
        body = self._body(inner, depth + 1)
        body.tree = tree
        return Block(words[0], tuple(words[1:]), self.place(names[-1]), body)
