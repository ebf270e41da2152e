"""Imports: what is not of this source is known by its full name; a module that lies beside it may be followed, too."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.interpreter.values import Constant, Scope, Symbol, Value

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

Importer = Callable[[str], "tuple[Unit, ast.Module] | None"]
"""The module of a name, with a dot for each level that it is relative by, if its source is to be followed, too."""


class Imports:
    """The modules that are followed, by the names that they are imported by; each is when it is first imported."""

    def __init__(self, importer: Importer | None) -> None:
        self._importer = importer
        self._scopes: dict[str, Scope | None] = {}

    def member(self, module: str, name: str) -> Value | None:
        """What a module has under a name; None if it has nothing there, or is not followed."""
        scope = self._scopes.get(module)
        return scope.names.get(name) if scope is not None else None

    def scope(self, interpreter: Interpreter, name: str) -> Scope | None:
        """The names of a module; None if it is not followed."""
        if self._importer is None or name in self._scopes:
            return self._scopes.get(name)
        found = self._importer(name)
        if found is None:
            self._scopes[name] = None
            return None
        unit, tree = found
        scope = self._scopes[name] = Scope(names={"__name__": Constant(name, unit.start)})
        with interpreter.apart(scope):
            interpreter.run(unit, tree)
        return scope


def follow(interpreter: Interpreter, node: ast.Import | ast.ImportFrom) -> None:
    """Bind what a statement imports."""
    span = interpreter.span(node)
    if isinstance(node, ast.Import):
        for alias in node.names:
            interpreter.imports.scope(interpreter, alias.name)
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            interpreter.bind(alias.asname or name, Symbol(name, span))
        return
    module = "." * node.level + (node.module or "")
    scope = interpreter.imports.scope(interpreter, module)
    for alias in node.names:
        if alias.name == "*":
            for name, value in scope.names.items() if scope is not None else ():
                interpreter.bind(name, value)
            continue
        full = f"{module}{'' if module.endswith('.') else '.'}{alias.name}"
        found = scope.names.get(alias.name) if scope is not None else None
        if found is None:
            interpreter.imports.scope(interpreter, full)
        interpreter.bind(alias.asname or alias.name, found or Symbol(full, span))
