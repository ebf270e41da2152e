"""Where an expression holds definitions: in maps, in lists, in what is encoded, in local values and in branches."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node as Tree

from hpolint.model.node import Node, Struct
from hpolint.readers.terraform.hcl_trees import called, elements, interpolated, unwrapped
from hpolint.readers.terraform.hcl_values import EVALUATION, Evaluation, Expressions
from hpolint.readers.terraform.held_definitions import MARK, is_definition
from hpolint.readers.terraform.provider import is_none
from hpolint.readers.terraform.string_templates import sole_interpolation
from hpolint.syntax import MAX_DEPTH
from hpolint.syntax.pieced_text import Text

PASSING = frozenset({"jsonencode", "merge", "tomap", "tolist", "concat", "try", "coalesce", "one", "nonsensitive"})
PASSING |= {"sensitive", "trimspace"}
"""Functions that leave a definition what it is; any other may change it."""

FIRST = frozenset({"try", "coalesce"})
"""Of those the ones that give the first of their arguments that is anything."""

DEFINING = (frozenset({"StartAt", "States"}), frozenset({"Steps"}))
"""Members by which a map may be a definition."""


class Search:
    """One search through a file's expressions. ``met`` are the local values that it has been through."""

    def __init__(self, expressions: Expressions) -> None:
        self._all = expressions
        self._file = expressions.file
        self.met: set[str] = set()

    def documents(self, tree: Tree) -> Iterator[Node | Text]:
        """What may be a definition in an expression: maps with its members, and texts."""
        self._path: set[str] = set()
        yield from self._found(Evaluation(self._all, frozenset()), tree, 0)
        self.met |= self._path

    def _found(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        if depth > MAX_DEPTH or tree.has_error or self._all.allowance.is_spent:
            return
        self._all.allowance.spend(EVALUATION)
        inner = unwrapped(tree)
        match inner.type:
            case "template_expr":
                yield from self._written(evaluation, inner.named_children[0], depth)
            case "literal_value" if inner.named_children[0].type == "string_lit":
                yield evaluation.text(inner.named_children[0], depth)
            case "collection_value":
                yield from self._collected(evaluation, inner, depth)
            case "function_call":
                yield from self._passed(evaluation, inner, depth)
            case "conditional":
                for branch in inner.named_children[1:]:
                    yield from self._found(evaluation, branch, depth + 1)
            case "for_expr":
                yield from self._repeated(evaluation, inner.named_children[0], depth)
            case _:
                yield from self._referred(evaluation, inner, depth)

    def _written(self, evaluation: Evaluation, template: Tree, depth: int) -> Iterator[Node | Text]:
        """A template's text, or what its only interpolation holds."""
        only = sole_interpolation(self._file, template)
        inner = interpolated(only) if only is not None else None
        if inner is not None:
            yield from self._found(evaluation, inner, depth + 1)
        elif self._all.may_hold(template, MARK):
            yield evaluation.text(template, depth)

    def _collected(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        """A map that is a definition, or those that a map or a list holds."""
        collection = tree.named_children[0]
        if collection.type == "tuple":
            below = [child for child in collection.named_children if child.type == "expression"]
        else:
            pairs = list(elements(collection))
            names = {self._file.text(key).strip('"') for key, _ in pairs}
            if any(members <= names for members in DEFINING):
                whole = evaluation.value(tree, depth)
                if isinstance(whole, Struct) and is_definition(whole):
                    yield whole
                    return
            below = [value for _, value in pairs]
        for each in below:
            yield from self._found(evaluation, each, depth + 1)

    def _passed(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        """What a function passes on; ``merge`` may make a definition of maps that are none."""
        call = called(self._file, tree)
        if call is None or call.name not in PASSING:
            return
        whole = evaluation.value(tree, depth) if call.name == "merge" else None
        if isinstance(whole, Struct) and is_definition(whole):
            yield whole
            return
        if isinstance(whole, Struct) and (whole.open or any(whole.members.keys() & names for names in DEFINING)):
            return  # what is merged may be another definition than any of its parts
        for argument in call.arguments[:1] if call.name in FIRST else call.arguments:
            yield from self._found(evaluation, argument, depth + 1)

    def _repeated(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        """What is made for each item of a collection: once for all of them, and not at all where it is empty."""
        intros = [child for child in tree.named_children if child.type == "for_intro"]
        over = [child for intro in intros for child in intro.named_children if child.type == "expression"]
        if any(is_none(evaluation.value(collection, depth + 1)) for collection in over):
            return
        for made in (child for child in tree.named_children if child.type == "expression"):
            yield from self._found(evaluation, made, depth + 1)

    def _referred(self, evaluation: Evaluation, tree: Tree, depth: int) -> Iterator[Node | Text]:
        referred = evaluation.referred(tree)
        if referred is None or (referred.whole and referred.name in self._path):
            return
        if referred.whole:
            self._path.add(referred.name)
        yield from self._found(referred.evaluation, referred.tree, depth + 1)
