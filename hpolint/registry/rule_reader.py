"""Reading a rule file: its front matter with spans, and its body."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from hpolint.io.files import read_file, read_own
from hpolint.model.node import Node, Scalar, Struct, plain
from hpolint.model.rule import Rule, RuleError, UnreadableRuleError
from hpolint.model.source import Source, Span, UndecodableError
from hpolint.registry.building import rule_of
from hpolint.registry.data_tables import read_tables
from hpolint.syntax import SyntaxProblem
from hpolint.syntax.yaml_syntax import parse_yaml


class RuleFile(msgspec.Struct, frozen=True):
    """A rule file's front matter with spans, and its body."""

    path: Path
    source: Source
    front: Struct
    body: str

    def error(self, span: Span, reason: str) -> RuleError:
        """An error at a span of the file."""
        return RuleError(self.source.name, span.line, span.column, reason)

    def place(self, node: Node | None, offset: int) -> Span:
        """The span of the character at ``offset`` of a scalar's value; the node's whole span if it is not found.

        Folding and quotes change only white space and the characters around the text. The other
        characters have the same order in the value and in the file.
        """
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return node.span if node is not None else self.front.span
        raw = self.source.read(node.span)
        base = self.source.offset(node.span.line, node.span.column)
        begin = 0
        if raw.startswith(("|", ">")):
            begin = raw.find("\n") + 1
        elif raw.startswith(("'", '"')):
            begin = 1
        remaining = sum(not character.isspace() for character in node.value[:offset])
        for index in range(begin, len(raw)):
            if raw[index].isspace():
                continue
            if remaining == 0:
                return self.source.span(base + index, base + index + 1)
            remaining -= 1
        return node.span


OUT_OF_POLICIES = "a link to outside of the policy folder and its repository"

MAX_RULE_FILE_BYTES = 1024 * 1024
"""Size of a rule file: the largest built-in rule has less than 1% of this."""


def read_rule_file(path: Path, *, is_own: bool = False) -> RuleFile:
    """The file's parts; ``is_own`` for a built-in rule. Raises RuleError."""
    name = path.as_posix()
    try:
        source = Source.decode(name, read_own(name) if is_own else read_file(name, MAX_RULE_FILE_BYTES))
    except UndecodableError as error:
        raise RuleError(name, error.line, 1, f"cannot be read: {error}") from None
    except OSError as error:
        raise UnreadableRuleError(name, 1, 1, f"cannot be read: {error.strerror or error}") from None
    text = source.text.replace("\r\n", "\n")
    opening, separator, rest = text.partition("---\n")
    front, closing, body = rest.partition("\n---\n")
    if opening or not separator or not closing:
        raise RuleError(name, 1, 1, "a rule file must begin with front matter between two lines `---`")
    front_source = Source(name, "\n" + front + "\n")  # keeps the line numbers of the file
    try:
        documents = list(parse_yaml(front_source))
    except SyntaxProblem as problem:
        raise RuleError(name, problem.span.line, problem.span.column, problem.reason) from None
    if len(documents) != 1 or not isinstance(documents[0], Struct):
        raise RuleError(name, 2, 1, "the front matter must be a single mapping")
    return RuleFile(path, front_source, documents[0], body)


def build_rule(file: RuleFile) -> Rule:
    """The rule in a file. Raises RuleError for a front matter that violates its schema.

    The error is only Python's own first one; ``rule_checks.check_rule`` returns all errors with their places.
    """
    try:
        rule = rule_of(file.source.name, front_of(file), file.body)
        if rule.mentions("data."):
            return replace(rule, data=read_tables(file.path.parent))
        return rule
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RuleError(file.source.name, 2, 1, f"the front matter is invalid: {error!r}") from None


def front_of(file: RuleFile) -> dict[str, Any]:
    """The front matter as plain values. Raises TypeError if it is not a mapping."""
    front = plain(file.front)
    if not isinstance(front, dict):
        raise TypeError("not a mapping")
    return front
