"""What the names of a script's modules and functions are bound to, scope by scope."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from hpolint.readers.python.training_script.call_paths import CallPaths, Frame
from hpolint.readers.python.training_script.script_trees import ScriptTrees, bound_names, called_name

CHANGING = frozenset(
    {"fit", "partial_fit", "fit_generator", "compile", "train", "fine_tune", "set_params", "load_state_dict"}
    | {"append", "extend", "insert", "update", "add", "setdefault", "write", "writelines", "writerow", "writerows"}
)
"""Methods by which an object comes to depend on their arguments."""

Scope = ast.Module | ast.FunctionDef
Place = tuple[ast.expr, Frame]
"""An expression, and the frame in which it is evaluated."""

MAX_NAMES = 8
"""Names through which a value is followed."""


class ScopeNames:
    """The names of each module and function, followed through imports and arguments."""

    def __init__(self, trees: ScriptTrees, paths: CallPaths) -> None:
        self._trees = trees
        self._paths = paths
        self._values: dict[Scope, dict[str, list[ast.expr | None]]] = {}
        self._made_of: dict[Scope, dict[str, list[ast.expr]]] = {}
        self._changed_by: dict[Scope, dict[str, list[ast.expr]]] = {}
        self._passed_to: dict[Scope, dict[str, list[ast.Call]]] = {}
        self._imports: dict[Scope, dict[str, str]] = {}
        self._declared: set[str] = set()
        """The names that functions may bind elsewhere."""
        for declaration in [*trees.nodes_of(ast.Global), *trees.nodes_of(ast.Nonlocal)]:
            self._declared.update(bound_names(declaration))

    def followed(self, node: ast.expr, frame: Frame) -> Place:
        """What a name stands for, through names, imports and arguments; any other expression as it is."""
        place = (node, frame)
        for _ in range(MAX_NAMES):
            bound = self.bound(*place)
            if bound is None:
                break
            place = bound
        return place

    def bound(self, node: ast.expr, frame: Frame) -> Place | None:
        """The only expression to which a name is bound; None if there are several, or it is not known."""
        if isinstance(node, ast.Attribute):
            return self._of_module(node, frame)
        if not isinstance(node, ast.Name) or node.id in self._declared:
            return None
        scope = self._owner(node.id, frame.scope)
        return self._bound_once(node.id, scope, frame) if scope is not None else None

    def _bound_once(self, name: str, scope: Scope, frame: Frame) -> Place | None:
        values = self._bound_in(scope)[name]
        if len(values) != 1:
            return None
        value, inner = values[0], frame if scope is frame.scope else Frame(scope)
        if value is not None:
            return value, inner
        return inner.argument(name) or self._imported(name, scope)

    def origins(self, name: str, frame: Frame) -> list[Place]:
        """The expressions that a name's value may be made of, or changed with."""
        scope = self._owner(name, frame.scope)
        if scope is None:
            return []
        inner = frame if scope is frame.scope else Frame(scope)
        places: list[Place] = [(node, inner) for node in self._made_of[scope].get(name, [])]
        others = [inner.argument(name), self._imported(name, scope)]
        return [*places, *self.changes(name, inner), *(place for place in others if place is not None)]

    def changes(self, name: str, frame: Frame) -> list[Place]:
        """The expressions with which a scope changes the object that a name stands for."""
        self._bound_in(frame.scope)
        return [(node, frame) for node in self._changed_by[frame.scope].get(name, [])]

    def changes_parameters(self, function: ast.FunctionDef) -> bool:
        """Whether a function may change an object that it gets."""
        self._bound_in(function)
        return not self._changed_by[function].keys().isdisjoint(parameters(function))

    def passed_to(self, name: str, frame: Frame) -> list[ast.Call]:
        """The calls to which the scope that binds a name passes the object itself."""
        scope = self._owner(name, frame.scope)
        return self._passed_to[scope].get(name, []) if scope is frame.scope else []

    def _owner(self, name: str, scope: Scope) -> Scope | None:
        """The scope, or the one around it, that binds a name."""
        at: Scope | None = scope
        while at is not None and name not in self._bound_in(at):
            at = self._paths.scope_of(at)
        return at

    def _of_module(self, node: ast.Attribute, frame: Frame) -> Place | None:
        """What a module of the script binds a name to: ``constants.BUCKET``."""
        if not isinstance(node.value, ast.Name) or node.value.id not in self._trees.modules:
            return None
        return self._in_other_module(node.attr, self._owner(node.value.id, frame.scope))

    def _imported(self, name: str, scope: Scope) -> Place | None:
        """What another module of the script binds a name to, if a scope imports it from there."""
        self._bound_in(scope)
        name_there = self._imports[scope].get(name)
        return self._in_other_module(name_there, scope) if name_there is not None else None

    def _is_own(self, node: ast.ImportFrom) -> bool:
        return bool(node.level) or (node.module or "").partition(".")[0] in self._trees.modules

    def _in_other_module(self, name: str, importing: Scope | None) -> Place | None:
        """The only expression to which the other modules bind a name."""
        if name in self._declared:
            return None
        places: list[Place] = []
        for root in self._trees.roots:
            values = self._bound_in(root).get(name, []) if root is not importing else []
            if None in values and name not in self._imports[root]:
                return None
            places += [(value, Frame(root)) for value in values if value is not None]
        return places[0] if len(places) == 1 else None

    def _bound_in(self, scope: Scope) -> dict[str, list[ast.expr | None]]:
        """The expressions to which a scope's names are bound; None for a binding that is no known expression."""
        if scope not in self._values:
            self._read(scope)
        return self._values[scope]

    def _read(self, scope: Scope) -> None:
        values: dict[str, list[ast.expr | None]] = defaultdict(list)
        made_of, changed_by = defaultdict[str, list[ast.expr]](list), defaultdict[str, list[ast.expr]](list)
        passed_to: dict[str, list[ast.Call]] = defaultdict(list)
        imports: dict[str, str] = {}
        for node in self._paths.inside(scope):
            for name, value in _values(node):
                values[name].append(value)
            for name, origin in _origins(node):
                made_of[name].append(origin)
            for name, origin in _changes(node):
                changed_by[name].append(origin)
            if isinstance(node, ast.ImportFrom) and self._is_own(node):
                imports |= {alias.asname or alias.name: alias.name for alias in node.names}
            for name, call in _passed(node):
                passed_to[name].append(call)
        self._values[scope], self._made_of[scope] = values, made_of
        self._changed_by[scope], self._passed_to[scope] = changed_by, passed_to
        self._imports[scope] = imports


def parameters(function: ast.FunctionDef) -> list[str]:
    """The names of a function's parameters."""
    return [node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)]


def _values(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that a node binds, each with the expression whose value it gets; None if it gets another."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                whole = value if isinstance(target, ast.Name) else None
                yield from ((name, whole) for name in _stored(target))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.withitem(optional_vars=ast.Name(id=name), context_expr=value):
            yield name, value
        case ast.Name() | ast.AnnAssign():
            pass  # the statement around a name has it; a declaration binds nothing
        case _:
            yield from ((name, None) for name in _otherwise_bound(node))


def _otherwise_bound(node: ast.AST) -> list[str]:
    """The names that a node binds to something else than the value of an expression."""
    match node:
        case ast.Delete(targets=targets):
            names: list[str] = []
            for target in targets:
                names += _stored(target)
            return names
        case ast.For() | ast.AsyncFor() | ast.comprehension() | ast.AugAssign():
            return _stored(node.target)
        case ast.withitem(optional_vars=ast.expr() as target):
            return _stored(target)
    return bound_names(node)


def _stored(target: ast.expr) -> list[str]:
    """The names that an assignment to a target binds."""
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]


def _origins(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a node binds, each with an expression of which it makes the value."""
    targets: list[ast.expr] = []
    value: ast.expr | None = None
    match node:
        case ast.Assign():
            targets, value = node.targets, node.value
        case ast.AnnAssign() | ast.NamedExpr() | ast.AugAssign():
            targets, value = [node.target], node.value
        case ast.For() | ast.comprehension():
            targets, value = [node.target], node.iter
        case ast.withitem(optional_vars=ast.expr() as target):
            targets, value = [target], node.context_expr
    if value is not None:
        for target in targets:
            yield from ((name, value) for name in _stored(target))


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names whose object a node changes, each with an expression from which it does so."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _change_of_part(target, value)
        case ast.AugAssign(target=target, value=value):
            yield from _change_of_part(target, value)
        case ast.Call():
            yield from _changes_by_call(node)


def _change_of_part(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The object of which an assignment sets an item or an attribute."""
    if isinstance(target, ast.Subscript | ast.Attribute):
        name = _owner_of(target)
        if name is not None:
            yield name, value


def _owner_of(node: ast.expr) -> str | None:
    """The name of the object to which an item or attribute belongs."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _changes_by_call(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The objects that a call changes by its arguments: that of a method, and a model whose optimizer it makes."""
    values = _arguments(call)
    changed = [call.func] if called_name(call) in CHANGING else []
    changed += [value.func for value in values if isinstance(value, ast.Call) and called_name(value) == "parameters"]
    for function in changed:
        name = _owner_of(function) if isinstance(function, ast.Attribute) else None
        if name is not None:
            yield from ((name, value) for value in values)


def _passed(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """The names whose objects a call gets, with the call."""
    if isinstance(node, ast.Call):
        yield from ((argument.id, node) for argument in _arguments(node) if isinstance(argument, ast.Name))


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]
