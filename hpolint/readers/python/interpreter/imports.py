"""Imports: an imported object is known by its full name; a module beside the source may be interpreted too."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Mapping_
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.units import STRIDE, Unit
from hpolint.readers.python.interpreter.values import (
    Constant,
    Instance,
    Mapping,
    Scope,
    Sequence,
    Symbol,
    Value,
    items_of,
    present,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

Importer = Callable[[str, Unit], "tuple[Unit, ast.Module] | None"]
"""Returns the unit and tree of a module to interpret, from its name and the importing unit; None for other modules.

A relative name has leading dots."""

PLACED = (Constant, Mapping, Sequence, Instance, Unknown)
"""Values that have the place where they are written."""


class Imports:
    """The interpreted modules, by their imported names; each is interpreted at its first import.

    ``units`` are the units of other files, by their numbers: it grows as they are read.
    """

    def __init__(self, importer: Importer | None, units: Mapping_[int, Unit] | None = None) -> None:
        self._importer = importer
        self._units = {} if units is None else units
        self._scopes: dict[str, Scope | None] = {}
        self.uses: dict[Span, list[Span]] = {}
        """Where the importing source uses a value of a module, by the value's span."""
        self.is_looked_at = False
        """Whether the current expression is only looked at, as by `print`."""

    @contextmanager
    def looking(self, is_look: bool) -> Iterator[None]:
        """Whether the expressions within only look at values, as `print` does: that is no use of them."""
        before, self.is_looked_at = self.is_looked_at, is_look
        try:
            yield
        finally:
            self.is_looked_at = before

    def note_use(self, value: Value, unit: Unit, node: ast.expr) -> None:
        """Note that an expression of a unit has the value, if a module writes it and the unit is none itself."""
        if not self._units or self.is_looked_at or unit.number in self._units or not isinstance(value, PLACED):
            return
        if value.span.line // STRIDE in self._units:
            self.uses.setdefault(value.span, []).append(unit.span(node))

    def scopes(self) -> list[Scope]:
        """The scopes of the interpreted modules."""
        return present(self._scopes.values())

    def named_scopes(self) -> dict[str, Scope]:
        """The same, by the names by which they are imported: relative ones start with dots."""
        return {name: scope for name, scope in self._scopes.items() if scope is not None}

    def known_scope(self, name: str) -> Scope | None:
        """The scope of a module; None if it was not interpreted yet."""
        return self._scopes.get(name)

    def set_member(self, name: str, value: Value) -> None:
        """Set a module's name, by its full name; nothing if the module is not interpreted."""
        module, _, last = name.rpartition(".")
        scope = self._scopes.get(module)
        if scope is not None:
            scope.names[last] = value

    def member(self, module: str, name: str) -> Value | None:
        """The value of a module's name; None if it is not bound, or the module is not interpreted."""
        scope = self._scopes.get(module)
        if scope is None:
            return None
        return scope.names.get(name)

    def scope(self, interpreter: Interpreter, name: str) -> Scope | None:
        """The scope of a module; None if it is not interpreted."""
        if self._importer is None or name in self._scopes:
            return self._scopes.get(name)
        module = self._importer(name, interpreter.unit)
        if module is None:
            self._scopes[name] = None
            return None
        unit, tree = module
        scope = self._scopes[name] = Scope(names={"__name__": Constant(name, unit.start)})
        with interpreter.entered(scope):
            interpreter.run(unit, tree)
        return scope


def bind_imports(interpreter: Interpreter, node: ast.Import) -> None:
    """Bind the names of ``import …``."""
    for alias in node.names:
        interpreter.imports.scope(interpreter, alias.name)
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        interpreter.bind(alias.asname or name, Symbol(name, interpreter.span(node)))


def bind_members(interpreter: Interpreter, node: ast.ImportFrom) -> None:
    """Bind the names of ``from … import …``."""
    span = interpreter.span(node)
    module = "." * node.level + (node.module or "")
    prefix = module if module.endswith(".") else f"{module}."
    interpreter.imports.scope(interpreter, module)
    for alias in node.names:
        if alias.name == "*":
            _bind_all(interpreter, module, span)
            continue
        value = interpreter.imports.member(module, alias.name)
        if value is None:
            interpreter.imports.scope(interpreter, prefix + alias.name)
            value = Symbol(prefix + alias.name, span)
        interpreter.bind(alias.asname or alias.name, value)


def _bind_all(interpreter: Interpreter, module: str, span: Span) -> None:
    """Bind the names that ``from module import *`` binds, of an interpreted module or of one that the model knows."""
    scope = interpreter.imports.scope(interpreter, module)
    if scope is not None:
        for name, value in _exported(scope).items():
            interpreter.bind(name, value)
        return
    exports = interpreter.libraries.exports(module)
    if exports is None:
        _forget_settings(interpreter, module, span)
        return
    for name in exports:
        interpreter.bind(name, Symbol(f"{module}.{name}", span))


def _exported(scope: Scope) -> dict[str, Value]:
    """The names of a module that a star imports: those of ``__all__``, or all that do not start with ``_``."""
    listed = scope.names.get("__all__")
    if listed is None:
        return {name: value for name, value in scope.names.items() if not name.startswith("_")}
    names = {item.value for item in items_of(listed) if isinstance(item, Constant)}
    return {name: value for name, value in scope.names.items() if name in names}


def _forget_settings(interpreter: Interpreter, module: str, span: Span) -> None:
    """Make the settings that were bound before unknown: a module that cannot be read may bind their names, too."""
    why = unknown(f"may be set by `from {module} import *`", span)
    for name, value in list(interpreter.scope.names.items()):
        if isinstance(value, Constant | Mapping | Sequence) and not name.startswith("_"):
            interpreter.bind(name, why)
