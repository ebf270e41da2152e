"""The syntax trees of a script and of the modules that it imports, with their parents and an index of names."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.model.training_script import Doubt, Site
from hpolint.readers.python.interpreter.units import STRIDE, Unit
from hpolint.readers.python.interpreter.walking import below, walk

PRIVATE_MEMBERS = frozenset({"_actions", "_option_string_actions", "_registries", "_defaults", "_parse_optional"})
ENDING_METHODS = frozenset({"error", "exit", "parse_args", "parse_known_args"})
"""A parser's private members, and the methods that decide how it ends the script."""

DISPLAY_FUNCTIONS = frozenset({"print", "pprint", "info", "debug", "warning", "warn", "error"})
"""Functions and methods of loggers that only print their arguments."""


class ScriptTrees:
    """All trees of one script. A span of the interpreter contains its unit's number."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.roots: list[ast.Module] = []
        self.calls: dict[Span, ast.Call] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.modules: set[str] = set()
        self.has_commands = False
        """Whether click, typer, fire or Hydra reads the command line."""
        self.changes_parsers = False
        """Whether the script uses a parser's private members, or replaces one of its methods."""
        self._around: dict[Span, Span] = {}
        self._imported: set[str] = set()
        self._below: dict[ast.Module, list[ast.AST]] = {}
        self._own_functions: tuple[int, frozenset[str]] = (0, frozenset())
        self.functions: list[ast.FunctionDef] = []
        self.attributes: list[ast.Attribute] = []
        self.defined: set[str] = set()
        """The names of all functions, methods and classes."""
        self._names: dict[str, list[ast.Name]] = defaultdict(list)
        self._called: dict[str, list[ast.Call]] = defaultdict(list)

    def add(self, unit: Unit, root: ast.Module) -> None:
        """Add a module."""
        self.units.append(unit)
        self.roots.append(root)
        self._below[root] = list(walk(root))
        for node in self._below[root]:
            self.parents |= dict.fromkeys(below(node), node)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.defined.add(node.name)
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    self._names[node.id].append(node)
            elif isinstance(node, ast.Attribute):
                self.attributes.append(node)
                self.changes_parsers |= node.attr in PRIVATE_MEMBERS or (
                    node.attr in ENDING_METHODS and isinstance(node.ctx, ast.Store)
                )
            elif isinstance(node, ast.FunctionDef):
                self.functions.append(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                self._imported |= set(imported_packages(node))
            elif isinstance(node, ast.Call):
                self.calls[unit.span(node)] = node
                if isinstance(node.func, ast.Attribute):
                    self._around[unit.tail(node.func)] = unit.span(node)
                self._called[called_name(node)].append(node)

    @property
    def start(self) -> Span:
        """The interpreter's span of the script's first character."""
        return self.units[0].start

    def is_own_function(self, name: str) -> bool:
        """Whether a name, wherever it is read, is a function that the script or one of its modules defines."""
        if self._own_functions[0] != len(self.units):
            self._own_functions = (len(self.units), self._find_own_functions())
        return name in self._own_functions[1]

    def _find_own_functions(self) -> frozenset[str]:
        others: set[str] = set()
        for node in self.nodes():
            if isinstance(node, ast.FunctionDef):
                continue
            parent = self.parents.get(node)
            if isinstance(node, ast.alias) and isinstance(parent, ast.ImportFrom) and self._is_own_module(parent):
                others |= {node.asname or node.name} if node.asname not in (None, node.name) else set()
            else:
                others |= set(bound_names(node))
        return frozenset[str]() if "*" in others else frozenset({each.name for each in self.functions} - others)

    def _is_own_module(self, node: ast.ImportFrom) -> bool:
        return bool(node.level) or (node.module or "").partition(".")[0] in self.modules

    def call_around(self, callee: Span) -> Span:
        """The span of the whole call of a method, by the span of the method's name."""
        return self._around.get(callee, callee)

    def is_imported(self, package: str) -> bool:
        """Whether some module imports a package."""
        return package in self._imported

    def span_of(self, node: ast.expr | ast.stmt | ast.arg) -> Span:
        """The interpreter's span of a node of any module."""
        return self._unit_of(node).span(node)

    def _unit_of(self, node: ast.AST) -> Unit:
        root = next(reversed(list(self.around(node))), node)
        return next((unit for unit, own in zip(self.units, self.roots, strict=True) if own is root), self.units[0])

    def site_of(self, node: ast.expr | ast.stmt | ast.arg) -> Site:
        """The site of a node of any module."""
        unit = self._unit_of(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self.site(unit.line(node))
        return self.site(unit.span(node))

    def site(self, span: Span) -> Site:
        """The site in a file of a span of the interpreter."""
        unit = next((each for each in self.units if each.number == span.line // STRIDE), self.units[0])
        return Site(unit.source.name, unit.resolved(span))

    def doubt(self, found: Unknown) -> Doubt:
        """The doubt with an unknown value's reason and site."""
        return Doubt(found.reason, self.site(found.span))

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of every module."""
        for root in self.roots:
            yield from self._below[root]

    def of(self, root: ast.Module) -> list[ast.AST]:
        """Every node of one of the modules."""
        return self._below[root]

    def loads(self, name: str) -> list[ast.Name]:
        """The reads of a name, in any module."""
        return self._names[name]

    def calls_of(self, name: str) -> list[ast.Call]:
        """The calls of functions and methods with a name."""
        return self._called[name]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The ancestors of a node, the closest first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function_around(self, node: ast.AST) -> ast.FunctionDef | None:
        """The innermost function around a node; None if there is none."""
        return next((each for each in self.around(node) if isinstance(each, ast.FunctionDef)), None)


def name_of(node: ast.expr | None) -> str:
    """A name, or the last one in a chain of attributes; empty for other expressions."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def called_name(node: ast.Call) -> str:
    """The name of the called function or method; empty if the callee has none."""
    return name_of(node.func)


def argument_of(call: ast.Call, name: str, place: int | None = None) -> ast.expr | None:
    """The argument of a call, by its keyword or its place; None if the call has none."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if place is not None and place < len(call.args):
        return call.args[place]
    return None


def text_of(node: ast.AST | None) -> str | None:
    """The value of a string; None for other expressions."""
    match node:
        case ast.Constant(value=str(text)):
            return text
    return None


def formatted_items(node: ast.expr) -> list[ast.expr]:
    """The values that the operator ``%`` formats, by its right side."""
    return node.elts if isinstance(node, ast.Tuple) else [node]


def is_first_item(node: ast.AST | None) -> bool:
    """Whether an expression is the first item of another one."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=0)):
            return True
    return False


def bound_names(node: ast.AST) -> list[str]:
    """The names that a node itself binds."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    name = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name", None)
    return [name] if isinstance(name, str) else []


def imported_packages(node: ast.AST) -> list[str]:
    """The packages that a statement imports absolutely."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        return [node.module.partition(".")[0]]
    return []
