"""Calls of modules in Terraform's JSON syntax.

Values are read as they are written, and references to the inputs of the calling module and to ``each`` are followed.
All other expressions, which stand in strings, are unknown.
Source: Terraform's language reference, "JSON Configuration Syntax".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Array, Node, Struct, Unknown, child, text_of
from hpolint.model.source import Source, Span
from hpolint.readers.terraform.module_inputs import Inputs, used_at
from hpolint.readers.terraform.plan import COMMENT, MARKED, named_blocks, template
from hpolint.syntax.json_syntax import parse_json

LOCAL_SOURCE = lazy_regex(r'\.\.?/[^"\\$%\r\n]*\Z')
EACH_KEY = lazy_regex(r"\$\{\s*each\.key\s*\}\Z")
EACH_VALUE = lazy_regex(r"\$\{\s*each\.value((?:\.[\w-]+)*)\s*\}\Z")
VARIABLE = lazy_regex(r"\$\{\s*var\.([\w-]+)\s*\}\Z")
"""Strings that are a reference and nothing else."""

SWITCH = lazy_regex(r"\$\{[^?{}]*\?\s*(?:1\s*:\s*0|0\s*:\s*1)\s*\}\Z")
"""A choice between no instance and one."""

Each = tuple[Node, Node]
"""The values of ``each.key`` and ``each.value``."""


class JsonBlock(msgspec.Struct, frozen=True):
    """A module's block in a file, with its name and the place of the name."""

    source: Source
    label: str
    place: Span
    values: Struct

    @property
    def local_source(self) -> str | None:
        """The path of the local module that it calls; None for a module of another source."""
        text = text_of(self.values.get("source"))
        return text if text is not None and LOCAL_SOURCE.match(text) else None

    @property
    def names(self) -> list[str]:
        """The names of its arguments."""
        return [name for name in self.values.members if name != COMMENT]

    def evaluated(self, names: Iterable[str], inputs: Inputs | None, each: Each | None = None) -> dict[str, Node]:
        """The values of some of its arguments. ``inputs`` are those of the calling module."""
        return {name: self._value(self.values.members[name], inputs, each) for name in names}

    def collection(self, inputs: Inputs | None) -> Node:
        """The collection whose items ``for_each`` names."""
        value = self.evaluated(["for_each"], inputs)["for_each"]
        return Unknown("is a list", value.span) if isinstance(value, Array) else value  # Terraform refuses a list

    @property
    def is_switched(self) -> bool:
        """Whether ``count`` is a choice between no instance and one."""
        return SWITCH.match(text_of(self.values.get("count")) or "") is not None

    def _value(self, node: Node, inputs: Inputs | None, each: Each | None) -> Node:
        if isinstance(node, Array):
            return node.mapped(lambda _, item: self._value(item, inputs, each))
        if isinstance(node, Struct):
            return _without_computed_keys(node.mapped(lambda _, member: self._value(member, inputs, each)))
        return _reference(node, inputs, each) or template(self.source, node)


def blocks_of(source: Source) -> Iterator[JsonBlock]:
    """The modules' blocks of a file. Raises SyntaxProblem."""
    root = parse_json(source)
    if isinstance(root, Struct):
        for label, place, values in named_blocks(root.get("module")):
            yield JsonBlock(source, label, place, values)


def _without_computed_keys(node: Struct) -> Struct:
    """A map whose keys with expressions are unknown."""
    for name in list(node.members):
        if MARKED.search(name):
            place = node.keys.get(name, node.anchor)
            node.open = node.open or Unknown("is under a key that Terraform computes", place)
            del node.members[name]
    return node


def _reference(node: Node, inputs: Inputs | None, each: Each | None) -> Node | None:
    """The value that a string refers to; None for any other string, and for a value that is not known."""
    text = text_of(node) or ""
    variable = VARIABLE.match(text)
    if variable is not None:
        return None if inputs is None else _input(inputs, variable[1], node.span)
    if each is None:
        return None
    key, value = each
    if EACH_KEY.match(text):
        return key
    members = EACH_VALUE.match(text)
    return None if members is None else _below(value, members[1].split(".")[1:])


def _below(node: Node, members: list[str]) -> Node | None:
    """The value below a path of members; None if there is none."""
    value: Node | None = node
    for name in members:
        value = child(value, name)
    return value


def _input(inputs: Inputs, name: str, place: Span) -> Node | None:
    """The value that a call gives to a variable; None if it gives none."""
    if inputs.reason is not None:
        return Unknown(inputs.reason, place)
    given = inputs.values.get(name)
    return None if given is None else used_at(given.node, place, given.file)
