"""The values of HCL's expressions, as far as a file tells them.

Only what is a value is evaluated: literals, lists, maps, templates, and local values that the same file gives. All
else (variables, references, functions, operators) is unknown, with what it is.
Source: the HCL native syntax specification, github.com/hashicorp/hcl, and Terraform's language reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tree_sitter import Node as Tree

from hpolint.node import Array, Node, Scalar, ScalarValue, Struct, Unknown, plain, walk
from hpolint.source import Span
from hpolint.syntax import MAX_DEPTH
from hpolint.syntax.hcl import Body, Hcl
from hpolint.syntax.text import Allowance, Text

ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt\"\\])|\$\$\{|%%\{")
ESCAPES = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\"": '"', r"\\": "\\", "$${": "${", "%%{": "%{"}
EVALUATION = 20
"""What an evaluation counts for, in characters: it takes about as long as putting so many together."""

TEMPLATE_PARTS = ("template_literal", "template_interpolation", "template_directive")
CLOSED = frozenset({"function_call", "for_expr", "conditional", "operation", "index", "splat"})


class Expressions:
    """A file's expressions, with the local values and variables that it gives."""

    def __init__(self, file: Hcl) -> None:
        self.file = file
        self.allowance = Allowance(file.source)
        """What may still be evaluated: local values may be made of local values, each twice of the one before."""
        blocks = [block for block in file.body.blocks if block.kind == "locals"]
        self.locals = {name: tree for block in blocks for name, (_, tree) in block.body.attributes.items()}
        declared = [block for block in file.body.blocks if block.kind == "variable" and block.labels]
        self.variables: dict[str, Body] = {block.labels[0]: block.body for block in declared}

    def value(self, tree: Tree) -> Node:
        """The value of an expression."""
        return _Evaluation(self, frozenset()).value(tree, 0)

    def may_hold(self, tree: Tree, word: str) -> bool:
        """Whether a word stands in an expression, or in a local value that it names."""
        text = self.file.text(tree)
        return word in text or any(f"local.{name}" in text for name in self.locals)

    def document(self, tree: Tree) -> Node | Text:
        """The value of an expression that is to be a document: what ``jsonencode`` is given, or a text."""
        return _Evaluation(self, frozenset()).document(tree, 0)


class _Evaluation:
    """The evaluation of one expression. ``seen`` are the local values on the way, which may not come again."""

    def __init__(self, expressions: Expressions, seen: frozenset[str]) -> None:
        self._all = expressions
        self._file = expressions.file
        self._seen = seen

    def document(self, tree: Tree, depth: int) -> Node | Text:
        inner = _unwrapped(tree)
        encoded = self._encoded(inner)
        if encoded is not None:
            return self.value(encoded, depth + 1)
        if inner.type == "template_expr":
            return self._template(inner.named_children[0], depth)
        name = self._local(inner)
        if name is not None and depth < MAX_DEPTH:
            return _Evaluation(self._all, self._seen | {name}).document(self._all.locals[name], depth + 1)
        return self.value(tree, depth)

    def _encoded(self, tree: Tree) -> Tree | None:
        """The argument of ``jsonencode``, if that is what an expression calls."""
        if tree.type != "function_call" or self._file.text(tree.named_children[0]) != "jsonencode":
            return None
        arguments = tree.named_children[-1].named_children
        return arguments[0] if len(arguments) == 1 else None

    def value(self, tree: Tree, depth: int) -> Node:
        """The value of an expression; nothing nested more deeply than any request is followed."""
        place = self._file.place(tree)
        if depth > MAX_DEPTH or tree.has_error:
            return Unknown("cannot be followed here", place)
        if self._all.allowance.is_spent:
            return Unknown("is made of more than is followed here", place)
        self._all.allowance.spend(EVALUATION)
        inner = _unwrapped(tree)
        if inner.type == "literal_value":
            return self._literal(inner.named_children[0])
        if inner.type == "string_lit":
            return self._template(inner, depth).as_node(place)
        if inner.type == "template_expr":
            return self._string(inner.named_children[0], place, depth)
        if inner.type == "collection_value":
            return self._collection(inner.named_children[0], depth)
        if (encoded := self._encoded(inner)) is not None and _known(argument := self.value(encoded, depth + 1)):
            return Scalar(_json(plain(argument)), place)
        if inner.type == "operation" and (number := self._negative(inner)) is not None:
            return Scalar(number, place)
        name = self._local(inner)
        if name is not None:
            return _Evaluation(self._all, self._seen | {name}).value(self._all.locals[name], depth + 1)
        return Unknown(self._reason(tree, inner), place)

    def _literal(self, tree: Tree) -> Node:
        place, word = self._file.place(tree), self._file.text(tree)
        if tree.type == "string_lit":
            return self._template(tree, 0).as_node(place)
        if tree.type == "numeric_lit":
            number = _number(word)
            return Scalar(number, place) if number is not None else Unknown("is no number", place)
        return Scalar({"true": True, "false": False}.get(word), place)

    def _negative(self, tree: Tree) -> int | float | None:
        words = self._file.text(tree).replace(" ", "")
        return _number(words) if re.fullmatch(r"-[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?", words) else None

    def _local(self, tree: Tree) -> str | None:
        """The name of the local value that an expression is, if this file gives it."""
        words = self._file.text(tree).strip()
        name = words.removeprefix("local.")
        known = words.startswith("local.") and name in self._all.locals and name not in self._seen
        return name if known else None

    def _string(self, tree: Tree, place: Span, depth: int) -> Node:
        """A template; one that is nothing but an interpolation is the value in it."""
        parts = [child for child in tree.named_children if child.type in TEMPLATE_PARTS]
        if tree.type == "quoted_template" and len(parts) == 1 and parts[0].type == "template_interpolation":
            inner = _interpolated(parts[0])
            return self.value(inner, depth + 1) if inner is not None else Unknown("cannot be followed here", place)
        return self._template(tree, depth).as_node(place)

    def _template(self, tree: Tree, depth: int) -> Text:
        """A quoted template or a heredoc as text, its interpolations that are not known as holes."""
        file = self._file
        heredoc = tree.type == "heredoc_template"
        first, last = self._content(tree)
        pieces: list[Text] = []
        at = first
        for part in tree.named_children:
            if part.type in ("template_interpolation", "template_directive"):
                pieces += [self._words(at, part.start_byte, heredoc=heredoc), self._interpolation(part, depth)]
                at = part.end_byte
        pieces.append(self._words(at, last, heredoc=heredoc))
        text = Text.joined(file.source, pieces)
        self._all.allowance.spend(len(text.value))
        return _dedented(text) if heredoc and file.text(tree).startswith("<<-") else text

    def _content(self, tree: Tree) -> tuple[int, int]:
        """The first and last byte of what a template says."""
        if tree.type != "heredoc_template":
            return tree.start_byte + 1, max(tree.end_byte - 1, tree.start_byte + 1)
        names = [child for child in tree.named_children if child.type == "heredoc_identifier"]
        first = self._file.bytes.find(b"\n", names[0].end_byte) + 1
        last = self._file.bytes.rfind(b"\n", 0, names[-1].start_byte) + 1
        return first, max(first, last)

    def _words(self, start: int, end: int, *, heredoc: bool) -> Text:
        """A literal stretch of a template, its escapes undone; a heredoc has only those of ``${`` and ``%{``."""
        file = self._file
        text, at, stop = Text(file.source), file.at(start), file.at(end)
        words = file.source.text
        for match in ESCAPE.finditer(words, at, stop):
            if heredoc and match.group().startswith("\\"):
                continue
            text.add([(words[at : match.start()], at, match.start())])
            text.add([(_unescaped(match.group()), match.start(), match.end())])
            at = match.end()
        return text.add([(words[at:stop], at, stop)])

    def _interpolation(self, tree: Tree, depth: int) -> Text:
        file, place = self._file, self._file.place(tree)
        inner = _interpolated(tree) if tree.type == "template_interpolation" else None
        if inner is None:
            return Text.hole(file.source, Unknown("is made by a template's directive", place))
        value = self.value(inner, depth + 1)
        if isinstance(value, Scalar) and value.value is not None and file.text(inner).startswith("local."):
            return Text.of(file.source, value).called(place)
        reason = value.reason if isinstance(value, Unknown) else "is computed"
        return Text.hole(file.source, Unknown(reason, place))

    def _collection(self, tree: Tree, depth: int) -> Node:
        file, place = self._file, self._file.place(tree)
        opening = file.source.span(file.at(tree.start_byte), file.at(tree.start_byte) + 1)
        if tree.type == "tuple":
            items = [self.value(child, depth + 1) for child in tree.named_children if child.type == "expression"]
            return Array(items, place, opening)
        found = Struct({}, place, opening)
        for element in (child for child in tree.named_children if child.type == "object_elem"):
            parts = [child for child in element.named_children if child.type == "expression"]
            key = self._key(parts[0])
            if isinstance(key, Unknown) or len(parts) != 2:
                found.open = key if isinstance(key, Unknown) else Unknown("cannot be followed here", place)
                continue
            if key in found.members:
                found.shadowed.append((key, found.keys[key]))
            value = self.value(parts[1], depth + 1)
            found.keys[key] = file.place(parts[0])
            found.members[key] = value
            if isinstance(value, Struct | Array) and value.anchor.line:
                value.anchor = found.keys[key]
        return found

    def _key(self, tree: Tree) -> str | Unknown:
        """An object's key: a word stands for itself."""
        words = self._file.text(tree)
        if re.fullmatch(r"[A-Za-z_][\w-]*", words):
            return words
        value = self.value(tree, 0)
        if isinstance(value, Scalar):
            return str(value.value)
        return value if isinstance(value, Unknown) else Unknown("has a key that cannot be followed", value.span)

    def _reason(self, tree: Tree, inner: Tree) -> str:
        """What an expression is that has no value here."""
        words = " ".join(self._file.text(tree).split())
        shown = f"`{words if len(words) <= 60 else words[:59] + '…'}`"
        if inner.type in CLOSED or not re.fullmatch(r"[\w.\-\[\]\"*]+", words):
            return f"is computed by Terraform: {shown}"
        kind, _, rest = words.partition(".")
        if kind == "var":
            return self._variable(rest.partition(".")[0])
        if kind == "local":
            return f"is the local value `{rest}`, which this file does not give"
        return f"is what Terraform finds at {shown}"

    def _variable(self, name: str) -> str:
        body = self._all.variables.get(name)
        default = body.attributes.get("default") if body is not None else None
        value = self.value(default[1], 0) if default is not None else None
        if isinstance(value, Scalar) and value.value is not None:
            return f"is the variable `{name}`, `{_shown(value.value)}` unless it is given another value"
        return f"is the variable `{name}`"


def _known(node: Node) -> bool:
    return not any(
        isinstance(each, Unknown) or (isinstance(each, Struct | Array) and each.open is not None)
        for _, each in walk(node)
    )


def _json(value: object) -> str:
    """What ``jsonencode`` makes of a value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _shown(value: ScalarValue) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _unwrapped(tree: Tree) -> Tree:
    """The one thing that an expression is, if it is one, without parentheses around it."""
    for _ in range(MAX_DEPTH):
        if tree.type != "expression" or len(tree.named_children) != 1:
            return tree
        tree = tree.named_children[0]
    return tree


def _interpolated(tree: Tree) -> Tree | None:
    return next((child for child in tree.named_children if child.type == "expression"), None)


def _number(word: str) -> int | float | None:
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return None


def _unescaped(escape: str) -> str:
    if escape[1] in "uU":
        try:
            return chr(int(escape[2:], 16))
        except (ValueError, OverflowError):
            return escape
    return ESCAPES[escape]


def _dedented(text: Text) -> Text:
    """A heredoc that starts with ``<<-``: without the indent that all of its lines share."""
    starts = [0, *(match.end() for match in re.finditer("\n", text.value))]
    lines = list(_indented(text.value, starts))
    common = min((indent for _, indent, blank in lines if not blank), default=0)
    pieces = []
    for (start, indent, _), end in zip(lines, [*starts[1:], len(text.value)], strict=True):
        pieces.append(text.part(start + min(indent, common), end))
    return Text.joined(text.source, pieces)


def _indented(value: str, starts: list[int]) -> Iterator[tuple[int, int, bool]]:
    """Each line's start, its indent, and whether it is the empty end of the text."""
    for start in starts:
        end = value.find("\n", start)
        line = value[start : end if end >= 0 else len(value)]
        yield start, len(line) - len(line.lstrip(" \t")), start == len(value)
