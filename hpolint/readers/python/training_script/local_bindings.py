"""What binds each name in a function of a script, in the order of the source."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.training_script.script_trees import ScriptTrees

CONVERSIONS = frozenset({"double", "float", "item", "cpu", "numpy", "detach"})
"""Methods that leave a number what it is."""

Binding: TypeAlias = ast.Assign | ast.AugAssign | ast.Name | ast.arg
"""What binds a name: an assignment, or the node of the name itself."""


class LocalBindings:
    """The bindings of the names of functions, which are found once for each function."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._bindings: dict[ast.FunctionDef, dict[str, list[Binding]]] = {}

    def around(self, node: ast.AST, name: str) -> list[Binding]:
        """What binds a name in the function around a node, in the order of the source."""
        function = self._trees.function_around(node)
        if function is None:
            return []
        if function not in self._bindings:
            bindings: dict[str, list[Binding]] = defaultdict(list)
            bound = [inner for inner in walk(function) if _binds(inner)]
            for inner in sorted(bound, key=_line_of):
                if isinstance(inner, ast.arg):
                    bindings[inner.arg].append(inner)
                elif isinstance(inner, ast.Name):
                    bindings[inner.id].append(self._assignment(inner))
            self._bindings[function] = bindings
        return self._bindings[function].get(name, [])

    def only_value(self, node: ast.expr | None) -> ast.expr | None:
        """The value that a name gets in its function; None if it gets none, or several; any other expression itself."""
        if not isinstance(node, ast.Name):
            return node
        match self.around(node, node.id):
            case [ast.Assign(value=value, targets=targets)] if all(isinstance(name, ast.Name) for name in targets):
                return value
        return None

    def _assignment(self, name: ast.Name) -> Binding:
        """The assignment that binds a name; the name itself if something else binds it."""
        above = self._trees.parents.get(name)
        while isinstance(above, ast.Tuple | ast.List | ast.Starred):
            above = self._trees.parents.get(above)
        return above if isinstance(above, ast.Assign | ast.AugAssign) else name


def _binds(node: ast.AST) -> bool:
    """Whether a node is a parameter or a name that is bound."""
    return isinstance(node, ast.arg) or (isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))


def _line_of(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def additions_among(bindings: Iterable[Binding]) -> list[ast.AugAssign]:
    """Those of some bindings that are statements ``name += …``."""
    return [node for node in bindings if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add)]


def unconverted(node: ast.expr | None) -> ast.expr | None:
    """A number without its conversions."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CONVERSIONS:
        node = node.func.value
    return node
