"""Calls at the top level of a script that certainly run nothing of it, such as the setup of a logger."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.walking import walk
from hpolint.readers.python.training_script.script_trees import ScriptTrees, bound_names

LOGGING = frozenset({"logging.getLogger", "logging.StreamHandler", "logging.Formatter"})
"""Functions whose results have the methods of ``LOGGING_METHODS``."""

LOGGING_METHODS = frozenset({"setLevel", "addHandler", "setFormatter"})
HARMLESS = LOGGING | {
    *("logging.basicConfig", "warnings.filterwarnings", "warnings.simplefilter", "os.environ.get", "os.getenv"),
    *("torch.device", "torch.cuda.is_available"),
}


class HarmlessCalls:
    """The calls at the top level of a script's own file that run nothing of it."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._origins: dict[str, set[str]] = defaultdict(set)
        """What each name is bound to: ``import NAME``, the name of a function that is called, or an empty string."""
        self._is_changed = False
        """Whether a part of a library's module, or a method of a logger, is set."""
        for node in _nodes(trees.roots[0]):
            for name in bound_names(node):
                self._origins[name].add(_origin(node, trees.parents.get(node)))
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                self._is_changed = self._is_changed or _changes_library(node)

    def has_others(self, statement: ast.stmt) -> bool:
        """Whether a statement calls or awaits something else."""
        calls = [node for node in walk(statement) if isinstance(node, ast.Call | ast.Await)]
        return not all(map(self._is_harmless, calls))

    def _is_harmless(self, call: ast.Call | ast.Await) -> bool:
        if isinstance(call, ast.Await):
            return False
        if isinstance(call.func, ast.Attribute) and call.func.attr in LOGGING_METHODS:
            return self._is_of_logging(call.func.value)
        return self._is_function(call, HARMLESS)

    def _is_of_logging(self, owner: ast.expr) -> bool:
        """Whether an expression is certainly a logger, a handler or a formatter."""
        match owner:
            case ast.Name(id=name) if name in self._origins:
                return self._origins[name] <= LOGGING and self._is_module("logging")
            case ast.Call():
                return self._is_function(owner, LOGGING)
        return False

    def _is_function(self, call: ast.Call, functions: frozenset[str]) -> bool:
        """Whether a call is certainly of a library's function, by its full name."""
        name = source_text(call.func)
        return name in functions and self._is_module(name.partition(".")[0])

    def _is_module(self, name: str) -> bool:
        """Whether a name is certainly the module of that name, unchanged."""
        is_open = self._is_changed or "*" in self._origins
        return not is_open and self._origins.get(name) == {f"import {name}"}


def _nodes(root: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module without the insides of its functions, which do not run unless they are called."""
    for statement in root.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement
        else:
            yield from walk(statement)


def _origin(node: ast.AST, parent: ast.AST | None) -> str:
    """What a node binds its name to, below its parent; empty if that is neither a module nor a call's result."""
    match node, parent:
        case ast.alias(name=name, asname=None), ast.Import():
            return f"import {name.partition('.')[0]}"
        case ast.Name(), ast.Assign(targets=targets, value=ast.Call(func=function)) if node in targets:
            return source_text(function)
    return ""


def _changes_library(node: ast.Attribute) -> bool:
    """Whether an attribute that is set is a part of the full name of a function that counts as harmless."""
    name = f"{source_text(node)}."
    return node.attr in LOGGING_METHODS or any(f"{function}.".startswith(name) for function in HARMLESS)
