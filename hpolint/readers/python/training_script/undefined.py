"""Names that a script certainly reads without a definition, so that it ends with a ``NameError``.

A name counts as defined if any statement binds it in a scope that the read can see, on any path through the script.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator

from hpolint.model.source import Span
from hpolint.model.training_script import Missing
from hpolint.readers.python.training_script.script_trees import ScriptTrees, bound_names

DEFINED_ELSEWHERE = frozenset(
    {"unicode", "xrange", "raw_input", "long", "basestring", "reload", "unichr", "cmp", "execfile", "file", "reduce"}
    | {"apply", "buffer", "intern", "coerce", "WindowsError", "PythonFinalizationError", "get_ipython", "display", "_"}
    | {"__file__", "__builtins__", "__path__", "__annotations__", "__warningregistry__", "__class__", "__cached__"}
    | {"__qualname__", "__module__", "In", "Out", "exit", "quit"}
)
"""Names that other Python versions, notebooks or the import system define."""

DYNAMIC = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "__builtins__", "builtins", "suppress"})
"""Names through which variables are bound, or errors suppressed, in ways that are not analysed."""

EXIT_FUNCTIONS = frozenset({"exit", "quit", "_exit", "abort", "execv", "execvp"})
CONDITIONAL_NODES = (
    *(ast.Lambda, ast.Assert, ast.Try, ast.AsyncFunctionDef, ast.comprehension),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.arg, ast.AnnAssign),
)
"""Nodes whose parts may not be evaluated."""


def undefined(reads: dict[Span, str], trees: ScriptTrees) -> Iterator[Missing]:
    """The undefined names among ``reads``, each at its first certain read, in the order of the reads."""
    if any(trees.loads(name) for name in DYNAMIC) or _may_leave(trees):
        return
    scopes = Scopes(trees)
    reported: set[str] = set()
    for span, name in reads.items():
        if name in reported or name in DEFINED_ELSEWHERE or hasattr(builtins, name):
            continue
        node = scopes.certain_read(name, span)
        owners = scopes.owners(node) if node is not None else None
        if node is not None and owners is not None:
            reported.add(name)
            yield Missing(name, trees.site_of(_whole(node, trees)), tuple(dict.fromkeys(owners)))


def _may_leave(trees: ScriptTrees) -> bool:
    """Whether the script may end itself outside of a branch."""
    calls = trees.calls_of(*EXIT_FUNCTIONS)
    return any(trees.closest(call, ast.If, ast.Try, ast.ExceptHandler) is None for call in calls)


class Scopes:
    """The reads and bindings of a script's names."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._bindings = {root: _bindings(trees.of(root)) for root in trees.roots}
        self._reads: dict[str, dict[Span, ast.Name]] = {}
        self._generators: dict[ast.FunctionDef, bool] = {}

    def certain_read(self, name: str, span: Span) -> ast.Name | None:
        """The node that certainly reads a name at a span of the interpreter, once its statement is reached."""
        if name not in self._reads:
            self._reads[name] = {self._trees.span_of(node): node for node in self._trees.loads(name)}
        node = self._reads[name].get(span)
        return node if node is not None and self._is_surely_read(node) else None

    def _is_surely_read(self, node: ast.Name) -> bool:
        """Whether a name is certainly read once its statement is reached, and not in a generator."""
        below: ast.AST = node
        for above in self._trees.around(node):
            if isinstance(above, CONDITIONAL_NODES):
                return False
            if isinstance(above, ast.FunctionDef) and self._is_generator(above):
                return False
            if _certain_part(above) not in (None, below):
                return False
            below = above
        return True

    def _is_generator(self, function: ast.FunctionDef) -> bool:
        """Whether a function is a generator function, which runs only when it is iterated."""
        if function not in self._generators:
            yields = (isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))
            self._generators[function] = any(yields)
        return self._generators[function]

    def owners(self, node: ast.Name) -> list[str] | None:
        """The functions that have a local variable of the name; None if the name may be defined.

        It may be defined if a statement binds it in its module, or in a function around the read.
        """
        around = list(self._trees.around(node))
        bindings = self._bindings[around[-1]]  # type: ignore[index]
        owners = []
        for binding in bindings.get(node.id, ()):
            function = self._trees.closest(binding, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
            if function is None or function in around or isinstance(binding, ast.Global):
                return None
            owners.append(getattr(function, "name", "lambda"))
        return None if "*" in bindings else owners


def _certain_part(node: ast.AST) -> ast.AST | None:
    """The only part of a node that is certainly evaluated; None for a node whose parts all are."""
    match node:
        case ast.BoolOp(values=[part, *_]) | ast.IfExp(test=part) | ast.While(test=part):
            return part
    return None


def _whole(node: ast.Name, trees: ScriptTrees) -> ast.expr:
    """The node to show for a name: in an f-string the whole string, since Python 3.11 misplaces its parts."""
    return trees.closest(node, ast.JoinedStr) or node


def _bindings(nodes: list[ast.AST]) -> dict[str, list[ast.AST]]:
    """The nodes that bind each name; under ``*``, the star imports."""
    bindings: dict[str, list[ast.AST]] = defaultdict(list)
    for node in nodes:
        for name in bound_names(node):
            bindings[name].append(node)
    return dict(bindings)
