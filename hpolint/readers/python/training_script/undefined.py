"""Names that a script is sure to read and that nothing gives a value: it ends with a ``NameError`` there.

A name counts as defined if anything binds it where it can be read from, on whichever way through the script.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from hpolint.model.source import Span
from hpolint.model.training_script import Missing
from hpolint.readers.python.training_script.script_trees import ScriptTrees, bound

ELSEWHERE = frozenset(
    {"unicode", "xrange", "raw_input", "long", "basestring", "reload", "unichr", "cmp", "execfile", "file", "reduce"}
    | {"apply", "buffer", "intern", "coerce", "WindowsError", "PythonFinalizationError", "get_ipython", "display", "_"}
    | {"__file__", "__builtins__", "__path__", "__annotations__", "__warningregistry__", "__class__", "__cached__"}
    | {"__qualname__", "__module__", "In", "Out", "exit", "quit"}
)
"""Names that another Python, a notebook or the import of a module defines."""

DYNAMIC = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "__builtins__", "builtins", "suppress"})
"""With these names come by values, or errors by an end, in ways that are not followed."""

LEAVING = frozenset({"exit", "quit", "_exit", "abort", "execv", "execvp"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
PERHAPS = (
    *(ast.Lambda, ast.Assert, ast.Try, ast.AsyncFunctionDef, ast.comprehension),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.arg, ast.AnnAssign),
)
"""Within these a name may be read, or not."""

FIRST: dict[type[ast.AST], Callable[[Any], ast.AST]] = {
    ast.BoolOp: lambda node: node.values[0],
    ast.IfExp: lambda node: node.test,
    ast.While: lambda node: node.test,
}
"""Of these only a part is sure to be come to."""


def undefined(reads: dict[Span, str], trees: ScriptTrees) -> Iterator[Missing]:
    """The first place of each name among ``reads``, in their order: what was not found where it is surely read."""
    if any(trees.loads(name) for name in DYNAMIC) or _may_leave(trees):
        return
    scopes = Scopes(trees)
    told: set[str] = set()
    for span, name in reads.items():
        if name in told or name in ELSEWHERE or hasattr(builtins, name):
            continue
        node = scopes.read(name, span)
        owners = None if node is None or not scopes.is_surely_read(node) else scopes.owners(node)
        if node is not None and owners is not None:
            told.add(name)
            yield Missing(name, trees.site_of(_whole(node, trees)), tuple(dict.fromkeys(owners)))


def _may_leave(trees: ScriptTrees) -> bool:
    """Whether the script ends itself in its course, other than in a branch."""
    for call in (call for name in LEAVING for call in trees.calls_of(name)):
        if not any(isinstance(each, ast.If | ast.Try | ast.ExceptHandler) for each in trees.around(call)):
            return True
    return False


class Scopes:
    """Where the names of a script are read and bound."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._bindings = {root: _bindings(trees.of(root)) for root in trees.roots}
        self._reads: dict[str, dict[Span, ast.Name]] = {}
        self._waits: dict[ast.FunctionDef, bool] = {}

    def read(self, name: str, span: Span) -> ast.Name | None:
        """The node that reads a name at a place of the follower's."""
        if name not in self._reads:
            self._reads[name] = {self._trees.span_of(each): each for each in self._trees.loads(name)}
        return self._reads[name].get(span)

    def is_surely_read(self, node: ast.Name) -> bool:
        """Whether a name is read once its statement is reached, in a function that runs when it is called."""
        below: ast.AST = node
        for above in self._trees.around(node):
            if isinstance(above, PERHAPS) or (isinstance(above, ast.FunctionDef) and self._is_waiting(above)):
                return False
            first = FIRST.get(type(above))
            if first is not None and first(above) is not below:
                return False
            below = above
        return True

    def _is_waiting(self, function: ast.FunctionDef) -> bool:
        """Whether a function runs only when somebody goes through what it gives."""
        if function not in self._waits:
            inner = ast.walk(function)
            self._waits[function] = any(isinstance(each, ast.Yield | ast.YieldFrom) for each in inner)
        return self._waits[function]

    def owners(self, node: ast.Name) -> list[str] | None:
        """The functions that have a variable of the name; None where it may be defined.

        That is so if anything binds it in its module, or in a function around where it is read.
        """
        around = list(self._trees.around(node))
        found = self._bindings[around[-1]]  # type: ignore[index]
        owners = []
        for binding in found.get(node.id, ()):
            function = next((each for each in self._trees.around(binding) if isinstance(each, FUNCTIONS)), None)
            if function is None or function in around or isinstance(binding, ast.Global):
                return None
            owners.append(getattr(function, "name", "lambda"))
        return None if "*" in found else owners


def _whole(node: ast.Name, trees: ScriptTrees) -> ast.expr:
    """What is shown of a name: of one in an f-string the whole, since Python 3.11 misplaces its parts."""
    return next((each for each in trees.around(node) if isinstance(each, ast.JoinedStr)), node)


def _bindings(nodes: list[ast.AST]) -> dict[str, list[ast.AST]]:
    """The nodes that bind each name, and under ``*`` the imports of all that another module has."""
    found: dict[str, list[ast.AST]] = defaultdict(list)
    for node in nodes:
        for name in bound(node):
            found[name].append(node)
    return dict(found)
