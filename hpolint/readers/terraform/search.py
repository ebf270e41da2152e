"""Search for definitions in expressions: maps, lists, function arguments, local values and branches."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node as Tree

from hpolint.model.node import Node, Struct
from hpolint.readers.terraform.hcl_trees import children, elements, function_call, interpolated, unwrapped
from hpolint.readers.terraform.hcl_values import Evaluation, Expressions
from hpolint.readers.terraform.held_definitions import MARK, is_definition
from hpolint.readers.terraform.provider import is_none
from hpolint.readers.terraform.string_templates import sole_interpolation
from hpolint.syntax import MAX_DEPTH
from hpolint.syntax.pieced_text import Text

PASSING_FUNCTIONS = frozenset(
    {"jsonencode", "merge", "tomap", "tolist", "concat", "try", "coalesce", "one", "nonsensitive"}
)
PASSING_FUNCTIONS |= {"sensitive", "trimspace"}
"""Functions that return a definition unchanged; any other may change it."""

FIRST_ARGUMENT_FUNCTIONS = frozenset({"try", "coalesce"})
"""The functions among these that return their first usable argument."""

DEFINITION_MEMBERS = (frozenset({"StartAt", "States"}), frozenset({"Steps"}))
"""Members that a map needs to be a definition."""


class Search:
    """One search through a file's expressions. ``visited`` are the local values that it has passed."""

    def __init__(self, expressions: Expressions) -> None:
        self._all = expressions
        self._file = expressions.file
        self.visited: set[str] = set()

    def documents(self, tree: Tree) -> Iterator[Node | Text]:
        """The possible definitions in an expression: maps with a definition's members, and texts."""
        self._path: set[str] = set()
        yield from self._found(Evaluation(self._all, frozenset()), tree, 0)
        self.visited |= self._path

    def _found(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        if depth > MAX_DEPTH or tree.has_error or self._all.allowance.is_spent:
            return
        self._all.spend()
        inner = unwrapped(tree)
        match inner.type:
            case "template_expr":
                yield from self._in_template(evaluation, inner.named_children[0], depth)
            case "literal_value" if inner.named_children[0].type == "string_lit":
                yield evaluation.text(inner.named_children[0], depth)
            case "collection_value":
                yield from self._in_collection(evaluation, inner, depth)
            case "function_call":
                yield from self._in_arguments(evaluation, inner, depth)
            case "conditional":
                chosen = evaluation.chosen_branch(inner, depth)
                for branch in [chosen] if chosen is not None else inner.named_children[1:]:
                    yield from self._found(evaluation, branch, depth + 1)
            case "for_expr":
                yield from self._in_for(evaluation, inner.named_children[0], depth)
            case _:
                yield from self._in_reference(evaluation, inner, depth)

    def _in_template(self, evaluation: Evaluation, template: Tree, depth: int) -> Iterator[Node | Text]:
        """A template's text, or the documents in its only interpolation."""
        inner = interpolated(sole_interpolation(self._file, template))
        if inner is not None:
            yield from self._found(evaluation, inner, depth + 1)
        elif self._all.may_hold(template, MARK):
            yield evaluation.text(template, depth)

    def _in_collection(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        """A map that is a definition, or the documents inside a map or list."""
        collection = tree.named_children[0]
        if collection.type == "tuple":
            below = children(collection, "expression")
        else:
            pairs = list(elements(collection))
            names = {self._file.text(key).strip('"') for key, _ in pairs}
            if any(members <= names for members in DEFINITION_MEMBERS):
                whole = evaluation.value(tree, depth)
                if isinstance(whole, Struct) and is_definition(whole):
                    yield whole
                    return
            below = [value for _, value in pairs]
        for expression in below:
            yield from self._found(evaluation, expression, depth + 1)

    def _in_arguments(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        """The documents that a function passes on. ``merge`` may build a definition from maps that are not."""
        call = function_call(self._file, tree)
        if call is None or call.name not in PASSING_FUNCTIONS:
            return
        whole = evaluation.value(tree, depth) if call.name == "merge" else None
        if isinstance(whole, Struct):
            if is_definition(whole):
                yield whole
                return
            if whole.open or any(whole.members.keys() & names for names in DEFINITION_MEMBERS):
                return  # the merged map may be a definition that differs from all of its parts
        passed_on = call.arguments[:1] if call.name in FIRST_ARGUMENT_FUNCTIONS else call.arguments
        for argument in passed_on:
            yield from self._found(evaluation, argument, depth + 1)

    def _in_for(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        """The documents of a ``for`` expression: once for all items, none if the collection is known to be empty."""
        for intro in children(tree, "for_intro"):
            if any(is_none(evaluation.value(collection, depth + 1)) for collection in children(intro, "expression")):
                return
        for result in children(tree, "expression"):
            yield from self._found(evaluation, result, depth + 1)

    def _in_reference(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        reference = evaluation.reference(tree)
        if reference is None or (reference.whole and reference.name in self._path):
            return
        if reference.whole:
            self._path.add(reference.name)
        yield from self._found(reference.evaluation, reference.tree, depth + 1)
