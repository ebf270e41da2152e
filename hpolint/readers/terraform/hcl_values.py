"""The values of HCL expressions, evaluated within one file.

Literals, lists, maps, templates, local values of the same file, ``jsonencode`` and ``merge`` are evaluated, and for a
call of the module, its variables, comparisons and conditions. All other expressions (references, operators, the
variables of a root) are unknown, with a reason; the values that a variable's validation allows are the choices of the
unknown value.
Source: the HCL native syntax specification, github.com/hashicorp/hcl, and Terraform's language reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from functools import cached_property

import msgspec
from msgspec.structs import replace
from tree_sitter import Node as Tree

from hpolint.io import work
from hpolint.io.escaping import brief
from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import (
    MAX_CHOICES,
    Array,
    Node,
    Scalar,
    ScalarValue,
    Struct,
    Unknown,
    child,
    is_known,
    is_null,
    plain,
)
from hpolint.model.reasons import Kind, a_part_of, is_a
from hpolint.model.source import CALLER_FILE, Source, Span, UndecodableError
from hpolint.model.terraform_modules import TERRAFORM_VALUES
from hpolint.readers.terraform.hcl_operations import operation_of, result_of, truth_of
from hpolint.readers.terraform.hcl_trees import children, elements, function_call, interpolated, unwrapped
from hpolint.readers.terraform.merging import merged, merged_branches
from hpolint.readers.terraform.module_inputs import Inputs, UsedSpan, used_at
from hpolint.readers.terraform.provider import words_of
from hpolint.readers.terraform.string_templates import content, dedented, literal, only_interpolation
from hpolint.syntax import MAX_DEPTH, SyntaxProblem
from hpolint.syntax.hcl_syntax import Body, Hcl
from hpolint.syntax.pieced_text import Allowance, Text

LOCAL = lazy_regex(r"\blocal\.([\w-]+)")
"""A reference to a local value."""

REFERENCES = ("local.", "var.", "each.")
"""Beginnings of the references whose values a template inserts if they are known."""

MAX_EXPONENT = 300
"""Limit of a number's decimal exponent, so that a few characters do not expand to gigabytes."""
ESCAPED_IN_JSON = lazy_regex("[<>&\u2028\u2029]")
"""Characters that ``jsonencode`` writes as ``\\u`` and four digits."""

NEGATIVE = lazy_regex(r"-[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?")
VARIABLE = lazy_regex(r"var\.([A-Za-z_][\w-]*)")
STEPS_PER_EVALUATION = 10
"""Microseconds that the evaluation of an expression takes."""

EVALUATION_COST = 20
"""The cost of an evaluation, in characters of text that take about as long to join."""

STEP = lazy_regex(r'\s*(?:\.\s*([A-Za-z_][\w-]*)|(?:\.\s*|\[\s*)([0-9]{1,9})(?:\s*\])?|\[\s*"([^"\\$%]*)"\s*\])\s*')
"""One step of a reference: a name, a number, or a plain string in brackets."""
TRIMMED = lazy_regex(r"[$%]\{~|~\}")
MERGE_NESTING = 4
"""How many levels of nesting a ``merge`` counts as: each takes several frames of Python's stack."""
CLOSED = frozenset({"function_call", "for_expr", "conditional", "operation", "index", "splat"})


def _is_trimmed(kind: str, text: str) -> bool:
    """Whether a part of a template strips the white space around it. Elsewhere the markers are ordinary text."""
    if kind == "template_interpolation":
        return text.startswith("${~") or text.endswith("~}")
    return kind == "template_directive" and TRIMMED.search(text) is not None


MAX_OPEN_VARIABLES = 20
"""Variables in a row whose defaults name the next one. Terraform accepts none: a default is a literal value."""


class Expressions:
    """A file's expressions, with its local values and variables.

    ``inputs`` are the values of the variables in one call of the file's module; None if whoever deploys it sets them.
    ``each`` are the values of ``each.key`` and ``each.value``.
    """

    def __init__(
        self,
        file: Hcl,
        inputs: Inputs | None = None,
        each: tuple[Node, Node] | None = None,
        neighbours: Neighbours | None = None,
    ) -> None:
        self.file = file
        self.inputs = inputs
        self.each = each
        self.neighbours = neighbours or Neighbours(file.source)
        self.allowance = Allowance(file.source)
        """Bounds the evaluation: local values that use each other twice grow exponentially."""
        self.locals: dict[str, Tree] = {}
        self.variables: dict[str, Body] = {}
        for block in file.body.blocks:
            if block.kind == "locals":
                self.locals |= {name: tree for name, (_, tree) in block.body.attributes.items()}
            elif block.kind == "variable" and block.labels:
                self.variables[block.labels[0]] = block.body
        self.defaults: dict[str, Scalar | None] = {}
        """The known defaults of variables; None while one is worked out, so that one of itself has none."""
        self.allowed: dict[str, tuple[Scalar, ...]] = {}
        """The allowed values of variables, in the same way."""
        self.open_variables = 0
        """The number of variables whose defaults and allowed values are being worked out, each within the other."""
        self.parts: dict[int, dict[str | int, Tree]] = {}
        """The parts of collections that references lead into, keyed by the collection's node id in the tree."""
        self._locals_containing: dict[str, set[str]] = {}

    @property
    def is_called(self) -> bool:
        """Whether the values are those of one call of a module."""
        return self.inputs is not None or self.each is not None

    def spend(self) -> None:
        """Count an evaluation. Raises TooMuchWorkError: the allowance is that of one call of the module."""
        self.allowance.spend(EVALUATION_COST)
        work.spend(STEPS_PER_EVALUATION)

    def value(self, tree: Tree) -> Node:
        """The value of an expression."""
        return Evaluation(self, frozenset()).value(tree, 0)

    @property
    def siblings(self) -> list[Expressions]:
        """The other files of the module, which may declare its variables."""
        return self.neighbours.siblings

    @property
    def given(self) -> dict[str, Scalar | None]:
        """The values that the files of variable values set."""
        return self.neighbours.given

    def may_hold(self, tree: Tree, word: str) -> bool:
        """Whether a word occurs in an expression, or in a local value that it uses."""
        if word not in self._locals_containing:
            self._locals_containing[word] = self._locals_with(word)
        return word in self.file.text(tree) or not self._locals_containing[word].isdisjoint(self._named_in(tree))

    def _named_in(self, tree: Tree) -> set[str]:
        """The local values that an expression names."""
        return set(LOCAL.findall(self.file.text(tree)))

    def _locals_with(self, word: str) -> set[str]:
        """The local values that contain a word, directly or through other local values."""
        users: dict[str, set[str]] = {}
        for name, parts in self._uses.items():
            for part in parts:
                users.setdefault(part, set()).add(name)
        return _reached({name for name, tree in self.locals.items() if word in self.file.text(tree)}, users)

    def locals_of(self, trees: list[Tree]) -> set[str]:
        """The local values that parts of the file use, directly or through other local values."""
        names: set[str] = set()
        for tree in trees:
            names |= self._named_in(tree)
        return _reached(names, self._uses)

    @cached_property
    def _uses(self) -> dict[str, set[str]]:
        """The local values that each local value uses directly."""
        return {name: self._named_in(tree) for name, tree in self.locals.items()}

    def document(self, tree: Tree) -> Node | Text:
        """The value of an expression that is a document: the argument of ``jsonencode``, or a text."""
        return Evaluation(self, frozenset()).document(tree, 0)


class Neighbours:
    """The other files in the folder of a file, which are parsed at their first use."""

    def __init__(self, source: Source) -> None:
        self._beside = {name: file for name, file in source.beside.items() if not name.startswith(CALLER_FILE)}

    @cached_property
    def siblings(self) -> list[Expressions]:
        """The other files of the module."""
        files = [_parsed(path, data) for name, (path, data) in self._beside.items() if name.endswith(".tf")]
        return [Expressions(file) for file in files if file is not None]

    @cached_property
    def given(self) -> dict[str, Scalar | None]:
        """The values that the files of variable values set, which Terraform loads by itself; the last one counts.

        None stands for a value that is not known, empty or null.
        """
        values: dict[str, Scalar | None] = {}
        for name in sorted(filter(TERRAFORM_VALUES.match, self._beside), key=_loading_order):
            path, data = self._beside[name]
            if name.endswith(".json"):
                values |= _json_values(data)
                continue
            file = _parsed(path, data)
            if file is not None:
                expressions = Expressions(file)
                values |= {key: _filled(expressions.value(tree)) for key, (_, tree) in file.body.attributes.items()}
        return values


def _loading_order(name: str) -> tuple[bool, bool, str]:
    """The order in which Terraform loads files of variable values; the last value of a variable counts."""
    is_first = name.startswith("terraform.tfvars")
    return not is_first, is_first and name.endswith(".json"), name


def _json_values(data: bytes) -> dict[str, Scalar | None]:
    """The values of variables in a file of values in JSON, without places; None for those that are not scalars."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(values, dict):
        return {}
    nowhere = Span(1, 1, 1, 1)
    return {
        name: _filled(Scalar(value, nowhere)) if isinstance(value, str | int | float) else None
        for name, value in values.items()
    }


def _parsed(name: str, data: bytes) -> Hcl | None:
    """Another file of the module; None if it cannot be read."""
    try:
        return Hcl(Source.decode(name, data))
    except (UndecodableError, SyntaxProblem):
        return None


class _Declaration(msgspec.Struct, frozen=True):
    """The block that declares a variable, with the expressions of its file."""

    expressions: Expressions
    body: Body

    @property
    def refuses_null(self) -> bool:
        """Whether the variable has its default if it is set to null."""
        return self._text("nullable") == "false"

    @property
    def has_object_type(self) -> bool:
        """Whether a map in the variable has the members that its type lists, with their defaults."""
        return "object" in self._text("type")

    def _text(self, name: str) -> str:
        attribute = self.body.attributes.get(name)
        return self.expressions.file.text(attribute[1]).strip() if attribute is not None else ""


class Reference(msgspec.Struct, frozen=True):
    """The expression that a reference to a local value resolves to, and the evaluation to use for it.

    ``whole`` is set if it is the entire local value rather than a part.
    """

    name: str
    tree: Tree
    evaluation: Evaluation
    whole: bool


class Evaluation:
    """The evaluation of one expression. ``seen`` are the local values on the way to it, which must not recur."""

    def __init__(self, expressions: Expressions, seen: frozenset[str]) -> None:
        self._all = expressions
        self._file = expressions.file
        self._seen = seen

    def document(self, tree: Tree, depth: int) -> Node | Text:
        """The value of an expression that is a document, or its text."""
        inner = unwrapped(tree)
        encoded = self._encoded(inner)
        if encoded is not None:
            return self.value(encoded, depth + 1)
        if inner.type == "template_expr":
            return self._template_document(inner.named_children[0], depth)
        if inner.type == "literal_value" and inner.named_children[0].type == "string_lit":
            return self.text(inner.named_children[0], depth)
        reference = self.reference(inner)
        if reference is not None and depth < MAX_DEPTH:
            return reference.evaluation.document(reference.tree, depth + 1)
        return self.value(tree, depth)

    def _template_document(self, template: Tree, depth: int) -> Node | Text:
        """The document of a template: that of its only interpolation, or its text."""
        inner = interpolated(only_interpolation(self._file, template))
        if inner is None or depth >= MAX_DEPTH:
            return self.text(template, depth)
        return self.document(inner, depth + 1)

    def _encoded(self, tree: Tree) -> Tree | None:
        """The argument of ``jsonencode``; None for any other expression."""
        call = function_call(self._file, tree)
        if call is None or call.name != "jsonencode" or len(call.arguments) != 1:
            return None
        return call.arguments[0]

    def _merged(self, tree: Tree, depth: int) -> Struct | None:
        """The result of ``merge``, which may be partly unknown; None for any other expression."""
        call = function_call(self._file, tree)
        if call is None or call.name != "merge":
            return None
        parts = [self._argument(argument, depth + MERGE_NESTING) for argument in call.arguments]
        if call.spread and parts:
            parts += _spread(parts.pop())
        return merged(parts, self._file.place(tree), self._file.place(call.function))

    def _argument(self, tree: Tree, depth: int) -> Node:
        """An argument of ``merge``; of a conditional, the members that are equal in both branches are known."""
        inner = unwrapped(tree)
        if inner.type != "conditional" or len(inner.named_children) != 3 or depth > MAX_DEPTH:
            return self.value(tree, depth)
        chosen = self.chosen_branch(inner, depth)
        if chosen is not None:
            return self._argument(chosen, depth + 1)
        one, other = (self._argument(branch, depth + 1) for branch in inner.named_children[1:])
        return merged_branches(one, other, Unknown(self._reason(tree, inner), self._file.place(tree)))

    def value(self, tree: Tree, depth: int) -> Node:
        """The value of an expression; unknown beyond the nesting limit and the allowance."""
        place = self._file.place(tree)
        if depth > MAX_DEPTH or tree.has_error:
            return Unknown("is too deeply nested or has a syntax error", place)
        if self._all.allowance.is_spent:
            return Unknown("exceeds the amount of text that is evaluated", place)
        self._all.spend()
        inner = unwrapped(tree)
        reference = self.reference(inner)
        if reference is not None:
            return reference.evaluation.value(reference.tree, depth + 1)
        parts = inner.named_children if inner.type == "expression" else []
        value = self._bound_value(parts, place, depth) or self._known_value(inner, place, depth)
        return value or Unknown(self._reason(tree, inner), place, (), self._choices(inner), self._default(inner))

    def _known_value(self, inner: Tree, place: Span, depth: int) -> Node | None:
        """The value of a literal, a template, a collection or an evaluated function; None for other expressions."""
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
                return self._negative(inner, place) or self._operation(inner, place, depth)
            case "conditional":
                branch = self.chosen_branch(inner, depth)
                return self.value(branch, depth + 1) if branch is not None else None
            case "function_call":
                return self._function_value(inner, place, depth)
        return None

    def _operation(self, inner: Tree, place: Span, depth: int) -> Scalar | None:
        """The result of a comparison or of logic in a call of the module; None if it is not known."""
        operation = operation_of(self._file, inner) if self._all.is_called else None
        if operation is None:
            return None
        values = [self._operand(parts, place, depth + 1) for parts in operation.operands]
        result = result_of(operation.operator, values)
        return Scalar(result, place) if result is not None else None

    def _operand(self, parts: list[Tree], place: Span, depth: int) -> Node:
        """The value of an operand, which is one expression or the steps of a reference."""
        if len(parts) == 1:
            return self.value(parts[0], depth)
        return self._bound_value(parts, place, depth) or Unknown("is resolved by Terraform", place)

    def chosen_branch(self, conditional: Tree, depth: int) -> Tree | None:
        """The branch that a call of the module chooses; None if it is not known."""
        if not self._all.is_called or len(conditional.named_children) != 3:
            return None
        condition, *branches = conditional.named_children
        chosen = truth_of(self.value(condition, depth + 1))
        if chosen is None:
            return None
        return branches[0] if chosen else branches[1]

    def _function_value(self, inner: Tree, place: Span, depth: int) -> Node | None:
        """The result of ``jsonencode`` or ``merge``; None for other functions and unknown arguments."""
        encoded = self._encoded(inner)
        if encoded is None:
            return self._merged(inner, depth)
        argument = self.value(encoded, depth + 1)
        return self._json(argument, place) if is_known(argument) else None

    def _json(self, argument: Node, place: Span) -> Node:
        """The JSON text of a value, within the allowance."""
        if self._all.allowance.is_spent:
            return Unknown("exceeds the amount of text that is evaluated", place)
        text = _encoded_json(plain(argument))
        self._all.allowance.spend(len(text))
        return Scalar(text, place)

    def _literal(self, tree: Tree) -> Node:
        place, text = self._file.place(tree), self._file.text(tree)
        if tree.type == "string_lit":
            return self.text(tree, 0).as_node(place)
        if tree.type == "numeric_lit":
            return _number_of(text, place) or Unknown("is an unsupported number", place)
        return Scalar({"true": True, "false": False}.get(text), place)

    def _negative(self, tree: Tree, place: Span) -> Scalar | None:
        text = self._file.text(tree).replace(" ", "")
        return _number_of(text, place) if NEGATIVE.fullmatch(text) else None

    def _bound_value(self, parts: list[Tree], place: Span, depth: int) -> Node | None:
        """The value of a variable, or of a part of it, in a call of the module; None for other expressions.

        Also the value of ``each.key`` and ``each.value``.
        """
        steps = self._steps(parts, "var", depth) if self._all.inputs is not None else None
        if steps is not None:
            return _part_of(self._input(str(steps[0]), place, is_whole=len(steps) == 1), steps[1:], place)
        steps = self._steps(parts, "each", depth) if self._all.each is not None else None
        if steps is None or self._all.each is None:
            return None
        key, value = self._all.each
        return _part_of(key if steps[0] == "key" else value, steps[1:], place)

    def _input(self, name: str, place: Span, *, is_whole: bool) -> Node:
        """The value of a variable in a call of the module, used at a place."""
        inputs = self._all.inputs or Inputs()
        if inputs.reason is not None:
            return Unknown(inputs.reason, place)
        declaration = self._declaration(name)
        given = inputs.values.get(name)
        if given is None or _is_refused_null(given.node, declaration):
            value = self._declared_default(name, declaration, place)
        else:
            value = used_at(given.node, place, given.file)
        if isinstance(value, Unknown):
            return replace(value, choices=value.choices or self._placed_choices(name, place))
        is_collection = isinstance(value, Struct | Array)
        if is_collection and is_whole and _is_converted(declaration):
            return Unknown(f"is converted to the type of the variable `{name}`", place)
        return value

    def _declaration(self, name: str) -> _Declaration | None:
        """The declaration of a variable, in this file or another one of the module; None if none is found."""
        if name in self._all.variables:
            return _Declaration(self._all, self._all.variables[name])
        for sibling in self._all.siblings:
            if name in sibling.variables:
                return _Declaration(sibling, sibling.variables[name])
        return None

    def _declared_default(self, name: str, declaration: _Declaration | None, place: Span) -> Node:
        """The value of a variable that a call of the module leaves out."""
        default = declaration.body.attributes.get("default") if declaration is not None else None
        if declaration is None or default is None:
            return Unknown(f"is the variable `{name}`, which the call of the module does not set", place)
        expressions = declaration.expressions
        value = Evaluation(expressions, frozenset()).value(default[1], 0)
        return value if expressions is self._all else used_at(value, place, expressions.file.source.name)

    def reference(self, tree: Tree) -> Reference | None:
        """The target of ``local.name`` or of a part, ``local.name.part[0]``; None if this file does not define it."""
        steps = self._steps(tree.named_children, "local", 0) if tree.type == "expression" else None
        if steps is None or steps[0] not in self._all.locals or steps[0] in self._seen or len(self._seen) > MAX_DEPTH:
            return None
        name = str(steps[0])
        evaluation = Evaluation(self._all, self._seen | {name})
        reference: Reference | None = Reference(name, self._all.locals[name], evaluation, whole=len(steps) == 1)
        for step in steps[1:]:
            if reference is None:
                return None
            reference = reference.evaluation.part(reference, step)
        return reference

    def part(self, whole: Reference, step: str | int) -> Reference | None:
        """A member or an item of a local value; None if it is not written as a map or a list that has it."""
        self._all.spend()
        inner = unwrapped(whole.tree)
        if inner.type != "collection_value":
            further = self.reference(inner)
            return further.evaluation.part(further, step) if further is not None else None
        collection = inner.named_children[0]
        if collection.id not in self._all.parts:
            self._all.parts[collection.id] = self._parts(collection)
        tree = self._all.parts[collection.id].get(step)
        if tree is None:
            return None
        return replace(whole, tree=tree, evaluation=self, whole=False)

    def _parts(self, collection: Tree) -> dict[str | int, Tree]:
        """The items of a list, or the values of a map; empty if a key is unknown."""
        if collection.type == "tuple":
            return dict(enumerate(children(collection, "expression")))
        parts: dict[str | int, Tree] = {}
        for name, value in elements(collection):
            key = self._key(name, 0)
            if isinstance(key, Unknown):
                return {}
            parts[key] = value
        return parts

    def _steps(self, parts: list[Tree], root: str, depth: int) -> list[str | int] | None:
        """The names and indices of a reference that begins with a word, without it; None for other expressions."""
        if len(parts) < 2 or self._file.text(parts[0]) != root:
            return None
        steps: list[str | int] = []
        for part in parts[1:]:
            match = STEP.fullmatch(self._file.text(part))
            if match is None:
                index = self._index(part, depth)
                if index is None:
                    return None
                steps.append(index)
                continue
            name, number, quoted = match.groups()
            if number is not None:
                steps.append(int(number))
            else:
                steps.append(quoted if name is None else name)
        return steps

    def _index(self, part: Tree, depth: int) -> str | None:
        """The known key in brackets that a call of the module gives: ``[each.key]``; None for others."""
        if not self._all.is_called:
            return None
        expressions = [expression for index in part.named_children for expression in children(index, "expression")]
        value = self.value(expressions[0], depth + 1) if len(expressions) == 1 else None
        return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else None

    def _string(self, tree: Tree, place: Span, depth: int) -> Node:
        """The value of a template. A template that is only an interpolation has its value, of any type."""
        only = only_interpolation(self._file, tree)
        if only is not None:
            inner = interpolated(only)
            return self.value(inner, depth + 1) if inner is not None else Unknown("is an empty interpolation", place)
        return self.text(tree, depth).as_node(place)

    def text(self, tree: Tree, depth: int) -> Text:
        """A quoted template or a heredoc as text, with gaps for unknown interpolations."""
        file = self._file
        if any(_is_trimmed(part.type, file.text(part)) for part in tree.named_children):
            return Text.gap(file.source, Unknown("is trimmed by `~` markers", file.place(tree)))
        heredoc = tree.type == "heredoc_template"
        first, last = content(file, tree)
        pieces: list[Text] = []
        at = first
        for part in tree.named_children:
            if part.type in ("template_interpolation", "template_directive"):
                # Literals alternate with other parts, so that only the indentation of literals is removed.
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
            return Text.gap(file.source, Unknown("is generated by a template directive", place))
        value = self.value(inner, depth + 1)
        if isinstance(value, Scalar) and value.value is not None and file.text(inner).startswith(REFERENCES):
            if (
                isinstance(value.value, str)
                and file.text(inner).startswith("local.")
                and not isinstance(value.span, UsedSpan)
            ):
                return Text.of(file.source, value).referenced_at(place)
            return Text.written(file.source, words_of(value.value), place)
        if isinstance(value, Unknown):
            return Text.gap(file.source, Unknown(value.reason, place, (), value.choices, value.default))
        return Text.gap(file.source, Unknown("is computed by Terraform", place))

    def _collection(self, tree: Tree, depth: int) -> Node:
        file, place = self._file, self._file.place(tree)
        opening = file.source.span(file.at(tree.start_byte), file.at(tree.start_byte) + 1)
        if tree.type == "tuple":
            items = [self.value(child, depth + 1) for child in children(tree, "expression")]
            return Array(items, place, opening)
        struct = Struct({}, place, opening)
        for name, expression in elements(tree):
            key = self._key(name, depth + 1)
            if isinstance(key, Unknown):
                struct.open = key
                continue
            if key in struct.members:
                struct.shadowed.append((key, struct.keys[key]))
            value = self.value(expression, depth + 1)
            struct.keys[key] = file.place(name)
            struct.members[key] = value
            if isinstance(value, Struct | Array) and value.anchor.line:
                value.anchor = struct.keys[key]
        return struct

    def _key(self, tree: Tree, depth: int) -> str | Unknown:
        """An object's key: an identifier is its own text."""
        text = self._file.text(tree)
        if re.fullmatch(r"[A-Za-z_][\w-]*", text):
            return text
        value = self.value(tree, depth)
        if isinstance(value, Scalar) and value.value is not None:
            return words_of(value.value)
        if isinstance(value, Unknown):
            return value
        return Unknown("has a key that is not a string, number or boolean", value.span)

    def _reason(self, tree: Tree, inner: Tree) -> str:
        """The reason of an expression without a known value."""
        text = " ".join(self._file.text(tree).split())
        shown = f"`{brief(text, 60)}`"
        if inner.type in CLOSED or not re.fullmatch(r"[\w.\-\[\]\"*]+", text):
            return f"is computed by Terraform: {shown}"
        kind, _, rest = text.partition(".")
        if kind == "var":
            return self._variable_reason(rest.partition(".")[0])
        if kind == "local":
            is_defined = re.split(r"[.\[]", rest)[0] in self._all.locals
            why = "is not evaluated" if is_defined else "this file does not define"
            return f"is the local value `{rest}`, which {why}"
        return f"is resolved by Terraform: {shown}"

    def _variable_reason(self, name: str) -> str:
        """The reason of a variable's unknown value: `is the variable …`."""
        what = f"the variable `{name}`"
        default = self.variable_default(name)
        if default is not None:
            what += f", by default `{_shown(default.value)}`"
        return is_a(what, Kind.TERRAFORM_VARIABLE)

    def _variable(self, tree: Tree) -> str | None:
        """The name of the variable that an expression is; None for other expressions."""
        match = VARIABLE.fullmatch("".join(self._file.text(tree).split()))
        return match[1] if match is not None else None

    def _default(self, inner: Tree) -> Scalar | None:
        """The default of the variable that an expression is; None for other expressions and variables without one."""
        name = self._variable(inner)
        default = self.variable_default(name) if name is not None else None
        if default is not None and (name in self._all.given or name not in self._all.variables):
            return replace(default, span=self._file.place(inner))
        return default

    def variable_default(self, name: str) -> Scalar | None:
        """The value that a variable has unless Terraform is given another one; None if it has none that is known."""
        if name in self._all.given:
            return self._all.given[name]
        if name not in self._all.defaults:
            self._all.defaults[name] = None
            with self._open_variable() as is_too_deep:
                self._all.defaults[name] = None if is_too_deep else self._variable_default(name)
        return self._all.defaults[name]

    @contextmanager
    def _open_variable(self) -> Iterator[bool]:
        """Count the variables that are worked out for each other; whether they are nested too deeply."""
        self._all.open_variables += 1
        try:
            yield self._all.open_variables > MAX_OPEN_VARIABLES
        finally:
            self._all.open_variables -= 1

    def _variable_default(self, name: str) -> Scalar | None:
        body = self._all.variables.get(name)
        if body is not None:
            default = body.attributes.get("default")
            return _filled(self.value(default[1], 0)) if default is not None else None
        for sibling in self._all.siblings:
            value = Evaluation(sibling, frozenset()).variable_default(name)
            if value is not None:
                return value
        return None

    def _choices(self, inner: Tree) -> tuple[Scalar | None, ...]:
        """The allowed values of the variable that an expression is; empty for other expressions."""
        name = self._variable(inner)
        return self._placed_choices(name, self._file.place(inner)) if name is not None else ()

    def _placed_choices(self, name: str, place: Span) -> tuple[Scalar, ...]:
        """The allowed values of a variable that is used at a place."""
        return tuple(replace(value, span=place) for value in self.allowed_values(name))

    def allowed_values(self, name: str) -> tuple[Scalar, ...]:
        """The values that a validation of the form ``contains([…], var.NAME)`` allows; empty if there is none."""
        if name not in self._all.allowed:
            self._all.allowed[name] = ()
            with self._open_variable() as is_too_deep:
                self._all.allowed[name] = () if is_too_deep else self._allowed_values(name)
        return self._all.allowed[name]

    def _allowed_values(self, name: str) -> tuple[Scalar, ...]:
        body = self._all.variables.get(name)
        if body is None:
            allowed = (Evaluation(sibling, frozenset()).allowed_values(name) for sibling in self._all.siblings)
        else:
            conditions = (block.body.attributes.get("condition") for block in body.blocks if block.kind == "validation")
            allowed = (self._contained(condition[1], name) for condition in conditions if condition is not None)
        return next((values for values in allowed if values), ())

    def _contained(self, condition: Tree, name: str) -> tuple[Scalar, ...]:
        """The values that the condition ``contains([…], var.NAME)`` lists; empty for other conditions."""
        call = function_call(self._file, unwrapped(condition))
        if call is None or call.name != "contains" or len(call.arguments) != 2 or call.spread:
            return ()
        if self._variable(call.arguments[1]) != name:
            return ()
        return _scalars(self.value(call.arguments[0], 0))


def _part_of(node: Node, steps: list[str | int], place: Span) -> Node:
    """A part of a value; unknown if it is not known to have it."""
    for step in steps:
        below = child(node, step)
        if below is None:
            return Unknown(f"is the part `{step}` of a value that does not have it", place)
        if isinstance(below, Unknown):
            return Unknown(a_part_of(below.reason), place) if below is node else replace(below, span=place)
        node = below
    return node


def _is_refused_null(value: Node, declaration: _Declaration | None) -> bool:
    """Whether a value is a null for which a variable has its default."""
    return is_null(value) and declaration is not None and declaration.refuses_null


def _is_converted(declaration: _Declaration | None) -> bool:
    """Whether the declared type of a variable may add members to a map, or remove some."""
    return declaration is not None and declaration.has_object_type


def _scalars(values: Node) -> tuple[Scalar, ...]:
    """The values of a list; empty if one is not known, or if they are too many."""
    if not isinstance(values, Array) or values.open is not None or len(values.items) > MAX_CHOICES:
        return ()
    known = tuple(item for item in values.items if isinstance(item, Scalar))
    return known if len(known) == len(values.items) else ()


def _filled(value: Node) -> Scalar | None:
    """A value of a variable; None if it is not known, empty or null."""
    return value if isinstance(value, Scalar) and value.value not in (None, "") else None


def _spread(node: Node) -> list[Node]:
    """The arguments of a list followed by ``...``; an unknown list gives one Unknown."""
    if not isinstance(node, Array):
        return [node if isinstance(node, Unknown) else Unknown("is not a list", node.span)]
    if node.open is not None:
        return [*node.items, node.open]
    return node.items


def _reached(names: set[str], further: Mapping[str, set[str]]) -> set[str]:
    """Names, and all names reachable from them."""
    reached: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += further.get(name, ())
    return reached


def _encoded_json(value: object) -> str:
    """The output of ``jsonencode``: keys sorted, numbers as plain decimals, some characters escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_encoded_json(key)}:{_encoded_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_encoded_json(item) for item in value) + "]"
    if isinstance(value, float):
        return words_of(value)
    text = json.dumps(value, ensure_ascii=False)
    return ESCAPED_IN_JSON.sub(lambda mark: f"\\u{ord(mark.group()):04x}", text)


def _number_of(text: str, place: Span) -> Scalar | None:
    """The number of a text; None if it is not a number, or out of range."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > MAX_EXPONENT:
        return None
    if number == number.to_integral_value():
        return Scalar(int(number), place)
    if float(number) == 0:
        return None  # too small for a double
    return Scalar(float(number), place)


def _shown(value: ScalarValue) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
