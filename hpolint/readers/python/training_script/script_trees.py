"""The syntax trees of a script and of the modules that it imports, with their parents and an index of names."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import TypeVar, cast

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.model.training_script import Doubt, Site
from hpolint.readers.python.interpreter.syntax_facts import last_name
from hpolint.readers.python.interpreter.units import STRIDE, Unit
from hpolint.readers.python.interpreter.walking import NODES, below

PRIVATE_MEMBERS = frozenset({"_actions", "_option_string_actions", "_registries", "_defaults", "_parse_optional"})
ENDING_METHODS = frozenset({"error", "exit", "parse_args", "parse_known_args"})
"""A parser's private members, and the methods that decide how it ends the script."""

DISPLAY_FUNCTIONS = frozenset({"print", "pprint", "info", "debug", "warning", "warn", "error"})
"""Functions and methods of loggers that only print their arguments."""


BINDING: frozenset[type[ast.AST]] = frozenset({ast.Name, ast.arg, ast.alias, ast.Global, ast.Nonlocal}).union(
    kind for kind in NODES if {"name", "rest"}.intersection(kind._fields)
)
"""The classes of nodes that bind names themselves."""

Node = TypeVar("Node", bound=ast.AST)


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
        self.calls_of_methods: dict[Span, ast.Call] = {}
        """The calls of methods by the spans of the methods' names."""
        self._imported: set[str] = set()
        self._below: dict[ast.Module, list[ast.AST]] = {}
        self._places: dict[ast.Module, dict[type[ast.AST], list[int]]] = {}
        """The places of the nodes of each class among those below a module."""
        self._own_functions: frozenset[str] | None = None
        self.functions: list[ast.FunctionDef] = []
        self.attributes: list[ast.Attribute] = []
        self.texts: dict[ast.Constant, str] = {}
        """The strings, and their values."""
        self.defined: set[str] = set()
        """The names of all functions, methods and classes."""
        self._names: dict[str, list[ast.Name]] = defaultdict(list)
        self._assigned: set[str] = set()
        self._called: dict[str, list[ast.Call]] = defaultdict(list)

    def add(self, unit: Unit, root: ast.Module) -> None:
        """Add a module."""
        self.units.append(unit)
        self.roots.append(root)
        self._own_functions = None
        nodes: list[ast.AST] = [root]
        self._below[root] = nodes
        for node in nodes:
            children = below(node)
            self.parents |= dict.fromkeys(children, node)
            nodes += children
            match node:
                case ast.Name(ctx=ast.Load()):
                    self._names[node.id].append(node)
                case ast.Name():
                    self._assigned.add(node.id)
                case ast.Constant(value=str(text)):
                    self.texts[node] = text
                case ast.Attribute():
                    self.attributes.append(node)
                case ast.Call():
                    self._add_call(unit, node)
                case ast.FunctionDef():
                    self.defined.add(node.name)
                    self.functions.append(node)
                case ast.AsyncFunctionDef() | ast.ClassDef():
                    self.defined.add(node.name)
                case ast.Import() | ast.ImportFrom():
                    self._imported |= set(imported_packages(node))

    def _add_call(self, unit: Unit, call: ast.Call) -> None:
        self._called[called_name(call)].append(call)
        self.calls[unit.span(call)] = call
        if isinstance(call.func, ast.Attribute):
            self.calls_of_methods[unit.tail(call.func)] = call

    @property
    def changes_parsers(self) -> bool:
        """Whether the script uses a parser's private members, or replaces one of its methods."""
        return any(map(_changes_parser, self.attributes))

    def is_own_function(self, name: str) -> bool:
        """Whether a name, wherever it is read, is a function that the script or one of its modules defines."""
        if self._own_functions is None:
            self._own_functions = self._find_own_functions()
        return name in self._own_functions

    def _find_own_functions(self) -> frozenset[str]:
        others = set(self._assigned)
        for node in self.nodes_of(*BINDING - {ast.FunctionDef, ast.Name}):
            parent = self.parents.get(node)
            if isinstance(node, ast.alias) and isinstance(parent, ast.ImportFrom) and self._is_own_module(parent):
                if node.asname is not None and node.asname != node.name:
                    others.add(node.asname)
            else:
                others |= set(bound_names(node))
        if "*" in others:
            return frozenset()
        return frozenset({function.name for function in self.functions} - others)

    def _is_own_module(self, node: ast.ImportFrom) -> bool:
        return bool(node.level) or (node.module or "").partition(".")[0] in self.modules

    def is_bound(self, name: str) -> bool:
        """Whether some node binds a name, in any module."""
        return any(name in bound_names(node) for node in self.nodes())

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
        unit = next((unit for unit in self.units if unit.number == span.line // STRIDE), self.units[0])
        return Site(unit.source.name, unit.resolved(span))

    def doubt(self, unknown: Unknown) -> Doubt:
        """The doubt with an unknown value's reason and site."""
        return Doubt(unknown.reason, self.site(unknown.span))

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of every module."""
        for root in self.roots:
            yield from self._below[root]

    def nodes_of(self, *kinds: type[Node]) -> list[Node]:
        """The nodes of some classes in every module, in the order of its tree."""
        nodes: list[ast.AST] = []
        for root in self.roots:
            below_root, places = self._below[root], self._places_in(root)
            found = chain.from_iterable(places[kind] for kind in kinds if kind in places)
            nodes += [below_root[place] for place in sorted(found)]
        return cast(list[Node], nodes)

    def _places_in(self, root: ast.Module) -> dict[type[ast.AST], list[int]]:
        if root not in self._places:
            places: dict[type[ast.AST], list[int]] = defaultdict(list)
            for place, node in enumerate(self._below[root]):
                places[type(node)].append(place)
            self._places[root] = dict(places)
        return self._places[root]

    def of(self, root: ast.Module) -> list[ast.AST]:
        """Every node of one of the modules."""
        return self._below[root]

    def loads(self, name: str) -> list[ast.Name]:
        """The reads of a name, in any module."""
        return self._names[name]

    def calls_of(self, *names: str) -> list[ast.Call]:
        """The calls of functions and methods with one of some names."""
        return list(chain.from_iterable(self._called.get(name, ()) for name in names))

    def functions_of(self, name: str) -> list[ast.FunctionDef]:
        """The functions and methods with a name."""
        return [function for function in self.functions if function.name == name]

    def first_doubt(
        self, kinds: Collection[type[ast.AST]], reason_of: Callable[[ast.AST, Unit], str | None]
    ) -> Doubt | None:
        """The doubt at the first node of some classes for which there is a reason; None without one."""
        for unit, root in zip(self.units, self.roots, strict=True):
            for node in self.of(root):
                reason = reason_of(node, unit) if type(node) in kinds else None
                if reason is not None:
                    return Doubt(reason, self.site(unit.span(node)))  # type: ignore[arg-type]
        return None

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The ancestors of a node, the closest first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def closest(self, node: ast.AST, *kinds: type[Node]) -> Node | None:
        """The innermost node of some kinds around a node; None if there is none."""
        return next((above for above in self.around(node) if isinstance(above, kinds)), None)

    def function_around(self, node: ast.AST) -> ast.FunctionDef | None:
        """The innermost function around a node; None if there is none."""
        return self.closest(node, ast.FunctionDef)


def _changes_parser(node: ast.Attribute) -> bool:
    return node.attr in PRIVATE_MEMBERS or (node.attr in ENDING_METHODS and isinstance(node.ctx, ast.Store))


def called_name(node: ast.Call) -> str:
    """The name of the called function or method; empty if the callee has none."""
    return last_name(node.func)


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


def positional_parameters(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """The parameters of a function that a call may pass by their place, with their defaults."""
    names = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(names) - len(arguments.defaults)), *arguments.defaults]
    return list(zip(names, defaults, strict=True))


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
