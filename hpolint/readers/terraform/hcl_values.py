"""The values of HCL's expressions, as far as a file tells them.

Only what is a value is evaluated: literals, lists, maps, templates, local values that the same file gives, and of
functions ``jsonencode`` and ``merge``. All else (variables, references, operators) is unknown, with what it is.
Source: the HCL native syntax specification, github.com/hashicorp/hcl, and Terraform's language reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

import msgspec
from msgspec.structs import replace
from tree_sitter import Node as Tree

from hpolint.model.node import Array, Node, Scalar, Struct, Unknown, plain, walk
from hpolint.model.source import Span
from hpolint.readers.terraform.hcl_trees import called, elements, interpolated, unwrapped
from hpolint.readers.terraform.literals import LOCAL, encoded_json, number_of
from hpolint.readers.terraform.merging import either, merged
from hpolint.readers.terraform.provider import words_of
from hpolint.readers.terraform.string_templates import content, dedented, literal, only_interpolation
from hpolint.readers.terraform.variables import allowed, described
from hpolint.syntax import MAX_DEPTH
from hpolint.syntax.hcl_syntax import Body, Hcl
from hpolint.syntax.pieced_text import Allowance, Text

VARIABLE = re.compile(r"var\.([A-Za-z_][\w-]*)")
EVALUATION = 20
"""What an evaluation counts for, in characters: it takes about as long as putting so many together."""

STEP = re.compile(r'\s*(?:\.\s*([A-Za-z_][\w-]*)|(?:\.\s*|\[\s*)([0-9]{1,9})(?:\s*\])?|\[\s*"([^"\\$%]*)"\s*\])\s*')
"""One step of a reference: a name, a number, or a plain string in brackets."""
TRIMMED = re.compile(r"[$%]\{~|~\}")
FRAMES = 4
"""How many levels of nesting one of ``merge`` is worth: each takes several of Python's own."""
CLOSED = frozenset({"function_call", "for_expr", "conditional", "operation", "index", "splat"})


def _is_trimmed(kind: str, text: str) -> bool:
    """Whether a part of a template takes away white space around it; the marks elsewhere are a text like any other."""
    if kind == "template_interpolation":
        return text.startswith("${~") or text.endswith("~}")
    return kind == "template_directive" and TRIMMED.search(text) is not None


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
        self.parts: dict[int, dict[str | int, Tree]] = {}
        """The parts of collections that a reference has been followed into, by the collection's number in the tree."""
        self._holding: dict[str, set[str]] = {}

    def value(self, tree: Tree) -> Node:
        """The value of an expression."""
        return Evaluation(self, frozenset()).value(tree, 0)

    def may_hold(self, tree: Tree, word: str) -> bool:
        """Whether a word stands in an expression, or in a local value that it comes to."""
        if word not in self._holding:
            self._holding[word] = self._locals_with(word)
        text = self.file.text(tree)
        return word in text or not self._holding[word].isdisjoint(LOCAL.findall(text))

    def _locals_with(self, word: str) -> set[str]:
        """The local values that a word stands in, or in one that they are made of."""
        users: dict[str, set[str]] = {}
        for name, parts in self._made_of.items():
            for part in parts:
                users.setdefault(part, set()).add(name)
        return _reached({name for name, tree in self.locals.items() if word in self.file.text(tree)}, users)

    def locals_of(self, trees: list[Tree]) -> set[str]:
        """The local values that are named in some parts of the file, and those that they are made of."""
        return _reached({name for tree in trees for name in LOCAL.findall(self.file.text(tree))}, self._made_of)

    @cached_property
    def _made_of(self) -> dict[str, set[str]]:
        """The local values that each local value names."""
        return {name: set(LOCAL.findall(self.file.text(tree))) for name, tree in self.locals.items()}

    def document(self, tree: Tree) -> Node | Text:
        """The value of an expression that is to be a document: what ``jsonencode`` is given, or a text."""
        return Evaluation(self, frozenset()).document(tree, 0)


class Referred(msgspec.Struct, frozen=True):
    """The expression that a reference to a local value stands for, and how it is to be evaluated.

    ``whole`` says that it is all of the local value.
    """

    name: str
    tree: Tree
    evaluation: Evaluation
    whole: bool


class Evaluation:
    """The evaluation of one expression. ``seen`` are the local values on the way, which may not come again."""

    def __init__(self, expressions: Expressions, seen: frozenset[str]) -> None:
        self._all = expressions
        self._file = expressions.file
        self._seen = seen

    def document(self, tree: Tree, depth: int) -> Node | Text:
        inner = unwrapped(tree)
        encoded = self._encoded(inner)
        if encoded is not None:
            return self.value(encoded, depth + 1)
        if inner.type == "template_expr":
            return self._written(inner.named_children[0], depth)
        if inner.type == "literal_value" and inner.named_children[0].type == "string_lit":
            return self.text(inner.named_children[0], depth)
        referred = self.referred(inner)
        if referred is not None and depth < MAX_DEPTH:
            return referred.evaluation.document(referred.tree, depth + 1)
        return self.value(tree, depth)

    def _written(self, template: Tree, depth: int) -> Node | Text:
        """The document that a template is: what its only interpolation gives, or its text."""
        only = only_interpolation(self._file, template)
        inner = interpolated(only) if only is not None else None
        return self.text(template, depth) if inner is None or depth >= MAX_DEPTH else self.document(inner, depth + 1)

    def _encoded(self, tree: Tree) -> Tree | None:
        """The argument of ``jsonencode``, if that is what an expression calls."""
        call = called(self._file, tree)
        return (
            call.arguments[0] if call is not None and call.name == "jsonencode" and len(call.arguments) == 1 else None
        )

    def _merged(self, tree: Tree, depth: int) -> Struct | None:
        """The map that ``merge`` makes, if that is what an expression calls, as far as it is known."""
        call = called(self._file, tree)
        if call is None or call.name != "merge":
            return None
        parts = [self._argument(argument, depth + FRAMES) for argument in call.arguments]
        if call.spread:
            parts[-1:] = [part for last in parts[-1:] for part in _spread(last)]
        return merged(parts, self._file.place(tree), self._file.place(call.function))

    def _argument(self, tree: Tree, depth: int) -> Node:
        """A map for ``merge``: of one that a condition chooses, what its branches agree upon is known."""
        inner = unwrapped(tree)
        if inner.type != "conditional" or len(inner.named_children) != 3 or depth > MAX_DEPTH:
            return self.value(tree, depth)
        one, other = (self._argument(branch, depth + 1) for branch in inner.named_children[1:])
        return either(one, other, Unknown(self._reason(tree, inner), self._file.place(tree)))

    def value(self, tree: Tree, depth: int) -> Node:
        """The value of an expression; nothing nested more deeply than any request is followed."""
        place = self._file.place(tree)
        if depth > MAX_DEPTH or tree.has_error:
            return Unknown("cannot be followed here", place)
        if self._all.allowance.is_spent:
            return Unknown("is made of more than is followed here", place)
        self._all.allowance.spend(EVALUATION)
        inner = unwrapped(tree)
        referred = self.referred(inner)
        if referred is not None:
            return referred.evaluation.value(referred.tree, depth + 1)
        value = self._written_value(inner, place, depth)
        return value or Unknown(self._reason(tree, inner), place, choices=self._choices(inner))

    def _written_value(self, inner: Tree, place: Span, depth: int) -> Node | None:
        """The value of a literal, a template, a collection or a function that is known here; None for all else."""
        match inner.type:
            case "literal_value":
                return self._literal(inner.named_children[0])
            case "string_lit":
                return self.text(inner, depth).as_node(place)
            case "template_expr":
                return self._string(inner.named_children[0], place, depth)
            case "collection_value":
                return self._collection(inner.named_children[0], depth)
            case "operation":
                number = self._negative(inner)
                return Scalar(number, place) if number is not None else None
            case "function_call":
                return self._made(inner, place, depth)
        return None

    def _made(self, inner: Tree, place: Span, depth: int) -> Node | None:
        """What ``jsonencode`` and ``merge`` make of what they are given."""
        encoded = self._encoded(inner)
        if encoded is None:
            return self._merged(inner, depth)
        argument = self.value(encoded, depth + 1)
        return self._json(argument, place) if _known(argument) else None

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
            return self.text(tree, 0).as_node(place)
        if tree.type == "numeric_lit":
            number = number_of(word)
            return Scalar(number, place) if number is not None else Unknown("is no number", place)
        return Scalar({"true": True, "false": False}.get(word), place)

    def _negative(self, tree: Tree) -> int | float | None:
        words = self._file.text(tree).replace(" ", "")
        return number_of(words) if re.fullmatch(r"-[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?", words) else None

    def referred(self, tree: Tree) -> Referred | None:
        """What ``local.name`` is, or a part of it such as ``local.name.part[0]``, if this file gives it."""
        steps = self._steps(tree)
        if steps is None or steps[0] not in self._all.locals or steps[0] in self._seen or len(self._seen) > MAX_DEPTH:
            return None
        name = str(steps[0])
        evaluation = Evaluation(self._all, self._seen | {name})
        found: Referred | None = Referred(name, self._all.locals[name], evaluation, whole=len(steps) == 1)
        for step in steps[1:]:
            found = found.evaluation.part(found, step) if found is not None else None
        return found

    def part(self, whole: Referred, step: str | int) -> Referred | None:
        """A member or an item of what a local value is, if it is written as a map or a list."""
        self._all.allowance.spend(EVALUATION)
        inner = unwrapped(whole.tree)
        if inner.type != "collection_value":
            further = self.referred(inner)
            return further.evaluation.part(further, step) if further is not None else None
        collection = inner.named_children[0]
        if collection.id not in self._all.parts:
            self._all.parts[collection.id] = self._parts(collection)
        found = self._all.parts[collection.id].get(step)
        return replace(whole, tree=found, evaluation=self, whole=False) if found is not None else None

    def _parts(self, collection: Tree) -> dict[str | int, Tree]:
        """The items of a list, or the values of a map; none where a key that is not known may stand for any."""
        if collection.type == "tuple":
            return dict(enumerate(child for child in collection.named_children if child.type == "expression"))
        found: dict[str | int, Tree] = {}
        for name, value in elements(collection):
            key = self._key(name, 0)
            if isinstance(key, Unknown):
                return {}
            found[key] = value
        return found

    def _steps(self, tree: Tree) -> list[str | int] | None:
        """The names and numbers of a reference to a local value, without ``local``."""
        parts = tree.named_children
        if tree.type != "expression" or len(parts) < 2 or self._file.text(parts[0]) != "local":
            return None
        steps: list[str | int] = []
        for part in parts[1:]:
            words = self._file.text(part)
            name, number, quoted = match.groups() if (match := STEP.fullmatch(words)) else (None, None, None)
            if name is None and number is None and quoted is None:
                return None
            steps.append(int(number) if number is not None else str(name if name is not None else quoted))
        return steps

    def _string(self, tree: Tree, place: Span, depth: int) -> Node:
        """A template; one that is nothing but an interpolation is the value in it."""
        only = only_interpolation(self._file, tree)
        if only is not None:
            inner = interpolated(only)
            return self.value(inner, depth + 1) if inner is not None else Unknown("cannot be followed here", place)
        return self.text(tree, depth).as_node(place)

    def text(self, tree: Tree, depth: int) -> Text:
        """A quoted template or a heredoc as text, its interpolations that are not known as holes."""
        file = self._file
        if any(_is_trimmed(part.type, file.text(part)) for part in tree.named_children):
            return Text.gap(file.source, Unknown("is trimmed by the marks `~`", file.place(tree)))
        heredoc = tree.type == "heredoc_template"
        first, last = content(file, tree)
        pieces: list[Text] = []
        at = first
        for part in tree.named_children:
            if part.type in ("template_interpolation", "template_directive"):
                # A literal and what follows it by turns, so that the indent of literals alone can be taken away.
                pieces += [literal(file, at, part.start_byte, heredoc=heredoc), self._interpolation(part, depth)]
                at = part.end_byte
        pieces.append(literal(file, at, last, heredoc=heredoc))
        if heredoc and file.text(tree).startswith("<<-"):
            pieces = dedented(pieces)
        text = Text.joined(file.source, pieces)
        self._all.allowance.spend(len(text.value))
        return text

    def _interpolation(self, tree: Tree, depth: int) -> Text:
        file, place = self._file, self._file.place(tree)
        inner = interpolated(tree) if tree.type == "template_interpolation" else None
        if inner is None:
            return Text.gap(file.source, Unknown("is made by a template's directive", place))
        value = self.value(inner, depth + 1)
        if isinstance(value, Scalar) and value.value is not None and file.text(inner).startswith("local."):
            if isinstance(value.value, str):
                return Text.of(file.source, value).referenced_at(place)
            return Text.written(file.source, words_of(value.value), place)
        reason = value.reason if isinstance(value, Unknown) else "is computed"
        return Text.gap(file.source, Unknown(reason, place))

    def _collection(self, tree: Tree, depth: int) -> Node:
        file, place = self._file, self._file.place(tree)
        opening = file.source.span(file.at(tree.start_byte), file.at(tree.start_byte) + 1)
        if tree.type == "tuple":
            items = [self.value(child, depth + 1) for child in tree.named_children if child.type == "expression"]
            return Array(items, place, opening)
        found = Struct({}, place, opening)
        for name, expression in elements(tree):
            key = self._key(name, depth + 1)
            if isinstance(key, Unknown):
                found.open = key
                continue
            if key in found.members:
                found.shadowed.append((key, found.keys[key]))
            value = self.value(expression, depth + 1)
            found.keys[key] = file.place(name)
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
            name = rest.partition(".")[0]
            return described(name, self._all.variables.get(name), lambda tree: self.value(tree, 0))
        if kind == "local":
            given = re.split(r"[.\[]", rest)[0] in self._all.locals
            why = "cannot be followed here" if given else "this file does not give"
            return f"is the local value `{rest}`, which {why}"
        return f"is what Terraform finds at {shown}"

    def _choices(self, inner: Tree) -> tuple[Scalar | None, ...]:
        """The values that a variable can have, if an expression is one."""
        name = VARIABLE.fullmatch("".join(self._file.text(inner).split()))
        if name is None:
            return ()
        return allowed(name[1], self._all.variables.get(name[1]), self._file, lambda tree: self.value(tree, 0))


def _spread(node: Node) -> list[Node]:
    """The arguments that a list with ``...`` behind it stands for; one that is unknown for those that are."""
    if isinstance(node, Array):
        return [*node.items, *([node.open] if node.open is not None else [])]
    return [node if isinstance(node, Unknown) else Unknown("is no list", node.span)]


def _reached(names: set[str], further: Mapping[str, set[str]]) -> set[str]:
    """Names, and all that they lead to."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += further.get(name, ())
    return found


def _known(node: Node) -> bool:
    return not any(
        isinstance(each, Unknown) or (isinstance(each, Struct | Array) and each.open is not None)
        for _, each in walk(node)
    )
