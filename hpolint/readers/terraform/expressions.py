"""The values of HCL's expressions, as far as a file tells them.

Only what is a value is evaluated: literals, lists, maps, templates, and local values that the same file gives. All
else (variables, references, functions, operators) is unknown, with what it is.
Source: the HCL native syntax specification, github.com/hashicorp/hcl, and Terraform's language reference.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation

from tree_sitter import Node as Tree

from hpolint.node import Array, Node, Scalar, ScalarValue, Struct, Unknown, plain, walk
from hpolint.readers.terraform.provider import words_of
from hpolint.source import Span
from hpolint.syntax import MAX_DEPTH
from hpolint.syntax.hcl import Body, Hcl
from hpolint.syntax.text import Allowance, Text

ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt\"\\])|\$\$\{|%%\{")
ESCAPES = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\"": '"', r"\\": "\\", "$${": "${", "%%{": "%{"}
EVALUATION = 20
"""What an evaluation counts for, in characters: it takes about as long as putting so many together."""

MAX_EXPONENT = 300
"""Of numbers that are written out: a larger one is not, so that a few characters do not become gigabytes."""
MAX_CHARACTER = 0x10FFFF
LOCAL = re.compile(r"\blocal\.([\w-]+)")
TRIMMED = re.compile(r"[$%]\{~|~\}")
ESCAPED_IN_JSON = re.compile("[<>&\u2028\u2029]")
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
        self._holding: dict[str, set[str]] = {}

    def value(self, tree: Tree) -> Node:
        """The value of an expression."""
        return _Evaluation(self, frozenset()).value(tree, 0)

    def may_hold(self, tree: Tree, word: str) -> bool:
        """Whether a word stands in an expression, or in a local value that it comes to."""
        if word not in self._holding:
            self._holding[word] = self._locals_with(word)
        text = self.file.text(tree)
        return word in text or not self._holding[word].isdisjoint(LOCAL.findall(text))

    def _locals_with(self, word: str) -> set[str]:
        """The local values that a word stands in, or in one that they are made of."""
        users: dict[str, list[str]] = {}
        found = []
        for name, tree in self.locals.items():
            text = self.file.text(tree)
            found += [name] if word in text else []
            for used in LOCAL.findall(text):
                users.setdefault(used, []).append(name)
        holding: set[str] = set()
        while found:
            name = found.pop()
            if name not in holding:
                holding.add(name)
                found += users.get(name, [])
        return holding

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
            return self._written(inner.named_children[0], depth)
        if inner.type == "literal_value" and inner.named_children[0].type == "string_lit":
            return self._template(inner.named_children[0], depth)
        name = self._local(inner)
        if name is not None and depth < MAX_DEPTH:
            return _Evaluation(self._all, self._seen | {name}).document(self._all.locals[name], depth + 1)
        return self.value(tree, depth)

    def _written(self, template: Tree, depth: int) -> Node | Text:
        """The document that a template is: what its only interpolation gives, or its text."""
        only = self._only_interpolation(template)
        inner = _interpolated(only) if only is not None else None
        return (
            self._template(template, depth) if inner is None or depth >= MAX_DEPTH else self.document(inner, depth + 1)
        )

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
            return self._json(argument, place)
        if inner.type == "operation" and (number := self._negative(inner)) is not None:
            return Scalar(number, place)
        name = self._local(inner)
        if name is not None:
            return _Evaluation(self._all, self._seen | {name}).value(self._all.locals[name], depth + 1)
        return Unknown(self._reason(tree, inner), place)

    def _json(self, argument: Node, place: Span) -> Node:
        """What ``jsonencode`` makes of a value."""
        if self._all.allowance.is_spent:
            return Unknown("is made of more than is followed here", place)
        text = encoded_json(plain(argument))
        self._all.allowance.spend(len(text))
        return Scalar(text, place)

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
        only = self._only_interpolation(tree)
        if only is not None:
            inner = _interpolated(only)
            return self.value(inner, depth + 1) if inner is not None else Unknown("cannot be followed here", place)
        return self._template(tree, depth).as_node(place)

    def _only_interpolation(self, tree: Tree) -> Tree | None:
        """The interpolation that a quoted template is, with nothing around it, not even white space."""
        parts = [child for child in tree.named_children if child.type in TEMPLATE_PARTS]
        if tree.type != "quoted_template" or len(parts) != 1 or parts[0].type != "template_interpolation":
            return None
        return parts[0] if (parts[0].start_byte, parts[0].end_byte) == self._content(tree) else None

    def _template(self, tree: Tree, depth: int) -> Text:
        """A quoted template or a heredoc as text, its interpolations that are not known as holes."""
        file = self._file
        if TRIMMED.search(file.text(tree)):
            return Text.hole(file.source, Unknown("is trimmed by the marks `~`", file.place(tree)))
        heredoc = tree.type == "heredoc_template"
        first, last = self._content(tree)
        pieces: list[Text] = []
        at = first
        for part in tree.named_children:
            if part.type in ("template_interpolation", "template_directive"):
                # A literal and what follows it by turns, so that the indent of literals alone can be taken away.
                pieces += [self._words(at, part.start_byte, heredoc=heredoc), self._interpolation(part, depth)]
                at = part.end_byte
        pieces.append(self._words(at, last, heredoc=heredoc))
        if heredoc and file.text(tree).startswith("<<-"):
            pieces = _dedented(pieces)
        text = Text.joined(file.source, pieces)
        self._all.allowance.spend(len(text.value))
        return text

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
            unescaped = _unescaped(match.group())
            if unescaped is None:
                return Text.hole(
                    file.source, Unknown("has an escape that HCL does not have", file.source.span(at, stop))
                )
            text.add([(words[at : match.start()], at, match.start())])
            text.add([(unescaped, match.start(), match.end())])
            at = match.end()
        return text.add([(words[at:stop], at, stop)])

    def _interpolation(self, tree: Tree, depth: int) -> Text:
        file, place = self._file, self._file.place(tree)
        inner = _interpolated(tree) if tree.type == "template_interpolation" else None
        if inner is None:
            return Text.hole(file.source, Unknown("is made by a template's directive", place))
        value = self.value(inner, depth + 1)
        if isinstance(value, Scalar) and value.value is not None and file.text(inner).startswith("local."):
            if isinstance(value.value, str):
                return Text.of(file.source, value).called(place)
            return Text.written(file.source, words_of(value.value), place)
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
            key = self._key(parts[0], depth + 1)
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

    def _key(self, tree: Tree, depth: int) -> str | Unknown:
        """An object's key: a word stands for itself."""
        words = self._file.text(tree)
        if re.fullmatch(r"[A-Za-z_][\w-]*", words):
            return words
        value = self.value(tree, depth)
        if isinstance(value, Scalar) and value.value is not None:
            return words_of(value.value)
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


def encoded_json(value: object) -> str:
    """What ``jsonencode`` writes for a value: keys in order, numbers in plain decimals, some characters escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{encoded_json(key)}:{encoded_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(encoded_json(item) for item in value) + "]"
    if isinstance(value, float):
        return words_of(value)
    text = json.dumps(value, ensure_ascii=False)
    return ESCAPED_IN_JSON.sub(lambda mark: f"\\u{ord(mark.group()):04x}", text)


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
        number = Decimal(word)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > MAX_EXPONENT:
        return None
    if number == number.to_integral_value():
        return int(number)
    return float(number) or None  # nearer to zero than any double


def _unescaped(escape: str) -> str | None:
    """What an escape stands for; None for one that HCL refuses: a half of a pair, or beyond the last character."""
    if escape[1] not in "uU":
        return ESCAPES[escape]
    code = int(escape[2:], 16)
    return None if 0xD800 <= code <= 0xDFFF or code > MAX_CHARACTER else chr(code)


def _dedented(pieces: list[Text]) -> list[Text]:
    """A heredoc that starts with ``<<-``: its literals, every other piece, without the indent that its lines share.

    Lines of white space alone do not count and keep theirs; what is interpolated is not touched.
    """
    lines: list[Text] = []
    literal: list[bool] = []
    for index, piece in enumerate(pieces):
        starts = [0, *(match.end() for match in re.finditer("\n", piece.value))] if index % 2 == 0 else [0]
        for start, end in zip(starts, [*starts[1:], len(piece.value)], strict=True):
            if start < end or index % 2:
                lines.append(piece.part(start, end))
                literal.append(index % 2 == 0)
    indents: dict[int, int] = {}
    for index, line in enumerate(lines):
        if index and not (literal[index - 1] and lines[index - 1].value.endswith("\n")):
            continue  # in the middle of a line
        words = line.value
        if not literal[index]:
            indents[index] = 0
        elif words.strip() or not words.endswith("\n"):
            indents[index] = len(words) - len(words.lstrip())
    common = min(indents.values(), default=0)
    return [
        line.part(common, len(line.value)) if index in indents and literal[index] else line
        for index, line in enumerate(lines)
    ]
