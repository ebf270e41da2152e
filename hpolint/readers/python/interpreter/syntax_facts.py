"""Facts of syntax trees, cached: a function's body is interpreted again for each of its calls."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterable, Iterator

import msgspec

from hpolint.readers.python.interpreter.values import present
from hpolint.readers.python.interpreter.walking import below, names_in, walk

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def source_text(node: ast.AST) -> str:
    """The source text of a syntax node; empty if it has more digits or levels than ``ast.unparse`` writes."""
    names: list[str] = []
    at = node
    while isinstance(at, ast.Attribute):
        names.append(at.attr)
        at = at.value
    if isinstance(at, ast.Name):  # the common case
        return ".".join((at.id, *reversed(names)))
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return ""


def last_name(node: ast.AST | None) -> str:
    """A name, or the last one in a chain of attributes; empty for other nodes."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


CHANGING_METHODS = frozenset(
    {"append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse"}
    | {"update", "setdefault", "add", "discard", "__setitem__", "__delitem__", "__setattr__"}
)
"""Methods of dicts, lists and sets that change them."""

Step = tuple[str, str | int | float | bool | None]
"""One step from a value to a part of it: ``("item", key)``, ``("attribute", name)``, or ``("any", None)``."""


class Change(msgspec.Struct, frozen=True):
    """A name that is bound (no ``steps``), or a part of its value that may change.

    The part at the last step is set; with ``whole``, that part may change in any way. ``method`` is the name of the
    method that may change it.
    """

    name: str
    steps: tuple[Step, ...]
    whole: bool
    node: ast.expr
    method: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether the statement changes it for certain: it calls no method, or one that changes a dict or list."""
        return not self.method or self.method in CHANGING_METHODS


class Effects(msgspec.Struct, frozen=True):
    """The side effects that a function's text may have outside of it.

    ``outer`` are the names that it declares global or nonlocal, ``calls`` the names of its callees.
    """

    changes: list[Change]
    outer: frozenset[str]
    calls: frozenset[str]


class Trees:
    """The cached facts of one source's syntax trees."""

    def __init__(self) -> None:
        self._changes: dict[ast.stmt, list[Change]] = {}
        self._called: dict[ast.stmt, frozenset[str]] = {}
        self._generators: dict[ast.AST, bool] = {}
        self._effects: dict[ast.AST, Effects] = {}
        self._names: dict[ast.AST, frozenset[str]] = {}
        self._units: list[_Calls] = []
        self._has_yield = False

    def add(self, module: ast.Module, text: str) -> None:
        """Add the tree of a unit, and its text, to those whose calls are looked up by name."""
        self._units.append(_Calls(module, text))
        self._has_yield = self._has_yield or "yield" in text

    def calls_of(self, name: str) -> list[ast.Call]:
        """The calls of a function, method or class by its name, in the units that were added."""
        calls: list[ast.Call] = []
        for unit in self._units:
            calls += unit.calls_of(name)
        return calls

    def calls_with(self, name: str) -> list[ast.Call]:
        """The calls that get what has a name as an argument, in the units that were added."""
        calls: list[ast.Call] = []
        for unit in self._units:
            calls += unit.calls_with(name)
        return calls

    def names(self, node: ast.AST) -> frozenset[str]:
        """The names that occur in an expression or a function."""
        if node not in self._names:
            self._names[node] = names_in(node)
        return self._names[node]

    def names_of(self, nodes: tuple[ast.AST, ...]) -> frozenset[str]:
        """The names that occur in some expressions or functions, most often one."""
        if len(nodes) == 1:
            return self.names(nodes[0])
        return frozenset().union(*map(self.names, nodes))

    def changes(self, statement: ast.stmt) -> list[Change]:
        """All changes of a statement and the statements below it, by name."""
        if statement not in self._changes:
            self._changes[statement] = _changes(_nodes(statement))
        return self._changes[statement]

    def all_changes(self, statements: Iterable[ast.stmt]) -> list[Change]:
        """All changes of some statements."""
        return [change for statement in statements for change in self.changes(statement)]

    def calls_in(self, statements: Iterable[ast.stmt]) -> set[str]:
        """The names of the functions and methods that some statements call."""
        names: set[str] = set()
        for statement in statements:
            if statement not in self._called:
                calls = [node for node in _nodes(statement) if isinstance(node, ast.Call)]
                self._called[statement] = frozenset(last_name(call.func) for call in calls)
            names |= self._called[statement]
        return names

    def effects(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Effects:
        """The side effects of a function and of the functions within it, from its text."""
        if function not in self._effects:
            nodes = list(walk(function))
            calls = {last_name(node.func) for node in nodes if isinstance(node, ast.Call)}
            self._effects[function] = Effects(_changes(nodes), declared_names(nodes), frozenset(calls))
        return self._effects[function]

    def is_generator(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
        """Whether a function is a generator function: its body runs later or never."""
        if not self._has_yield:
            return False
        if function not in self._generators:
            yields = (isinstance(node, (ast.Yield, ast.YieldFrom)) for node in _nodes(function))
            self._generators[function] = any(yields)
        return self._generators[function]


class _Calls:
    """The calls of one unit by name. They are looked for only if a name that is asked for stands in the unit's text."""

    def __init__(self, module: ast.Module, text: str) -> None:
        self._module: ast.Module | None = module
        self._text = unicodedata.normalize("NFKC", text)  # as the parser spells names
        self._calls: dict[str, list[ast.Call]] = {}
        self._handed: dict[str, list[ast.Call]] = {}

    def calls_of(self, name: str) -> list[ast.Call]:
        """The calls of a function, method or class."""
        if self._module is not None and name in self._text:
            self._find(self._module)
        return self._calls.get(name, [])

    def calls_with(self, name: str) -> list[ast.Call]:
        """The calls that get what has a name."""
        if self._module is not None and name in self._text:
            self._find(self._module)
        return self._handed.get(name, [])

    def _find(self, module: ast.Module) -> None:
        for node in walk(module):
            if isinstance(node, ast.Call):
                self._calls.setdefault(last_name(node.func), []).append(node)
                arguments = node.args + [keyword.value for keyword in node.keywords]
                for argument in arguments:
                    self._handed.setdefault(last_name(argument), []).append(node)
        self._module = None


def _nodes(root: ast.AST) -> Iterator[ast.AST]:
    """The descendants of a node in the same scope."""
    waiting = below(root)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, SCOPES):
            yield node
            waiting += below(node)


def _changes(nodes: Iterable[ast.AST]) -> list[Change]:
    return present(_change(node) for node in nodes)


def declared_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that some nodes declare global or nonlocal."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
    return frozenset(names)


def _change(node: ast.AST) -> Change | None:
    if isinstance(node, (ast.Name, ast.Subscript, ast.Attribute)):
        return None if isinstance(node.ctx, ast.Load) else _chain_change(node, whole=False)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _chain_change(node.func.value, whole=True, method=node.func.attr)
    if isinstance(node, ast.AugAssign):
        return _chain_change(node.target, whole=True)
    return None


def _chain_change(node: ast.expr, *, whole: bool, method: str = "") -> Change | None:
    """The change of the value at a chain of attributes and subscripts; None if the chain does not begin with a name."""
    steps: list[Step] = []
    at = node
    while isinstance(at, (ast.Attribute, ast.Subscript)):
        if isinstance(at, ast.Attribute):
            steps.append(("attribute", at.attr))
        elif isinstance(at.slice, ast.Constant) and isinstance(at.slice.value, str | int | float | bool | None):
            steps.append(("item", at.slice.value))
        else:
            steps.append(("any", None))
        at = at.value
    if not isinstance(at, ast.Name):
        return None
    return Change(at.id, tuple(reversed(steps)), whole=whole, node=node, method=method)
