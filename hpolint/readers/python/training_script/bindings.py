"""The expressions that each name of a script is ever bound to, in any of its modules and functions."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.training_script.script_trees import ScriptTrees, bound_names, called_name

TRANSPARENT_DECORATORS = {
    "torch.no_grad": "torch",
    "torch.inference_mode": "torch",
    "torch.enable_grad": "torch",
    "tf.function": "tensorflow",
}
"""Decorators that pass numbers and strings on to a function unchanged, with their libraries.

Source: torch 2.5, ``torch.utils._contextlib``; https://www.tensorflow.org/api_docs/python/tf/function.
"""

MAX_ROUNDS = 30
"""Iterations of the search for names of a kind; with longer chains of names, no name is of the kind."""

Bound = list["ast.expr | None"]
Predicate = Callable[[ast.expr, frozenset[str]], bool]


class Bindings:
    """The bindings in the modules that ``trees`` currently has."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._units = 0
        self._found: dict[str, Bound] = {}
        self._defined: Counter[str] = Counter()
        self._mentioned: set[str] = set()

    def of(self, name: str) -> Bound:
        """All expressions that a name is ever bound to; None for a binding that is not a known expression."""
        return self._bound.get(name, [])

    def names_where(self, predicate: Predicate) -> frozenset[str]:
        """The names whose bindings all satisfy a predicate, which receives the names that are assumed to satisfy it."""
        found = frozenset(name for name, bound in self._bound.items() if bound and None not in bound)
        for _ in range(MAX_ROUNDS):
            left = frozenset(
                name for name in found if all(each and predicate(each, found) for each in self._bound[name])
            )
            if left == found:
                return found
            found = left
        return frozenset()

    @property
    def _bound(self) -> dict[str, Bound]:
        if self._units != len(self._trees.units):
            self._units = len(self._trees.units)
            self._mentioned = self._mentions()
            self._defined = Counter(each.name for each in self._trees.functions)
            found: dict[str, Bound] = defaultdict(list)
            for node in self._trees.nodes():
                for name, value in self._bindings(node):
                    found[name].append(value)
            self._found = dict(found)
        return self._found

    def _mentions(self) -> set[str]:
        """The names of functions that may be called otherwise: through a module, an alias or a string."""
        modules, found = set(), set[str]()
        by_text = any(map(self._trees.loads, ("getattr", "globals", "locals", "eval", "exec")))
        for node in self._trees.nodes():
            if isinstance(node, ast.alias) and node.asname is not None:
                found.add(node.name)
            if isinstance(node, ast.Import | ast.ImportFrom):
                is_beside = isinstance(node, ast.ImportFrom) and (node.level or not node.module)
                for each in node.names:
                    root = (getattr(node, "module", None) or each.name).partition(".")[0]
                    if is_beside or root in self._trees.modules:
                        modules.add((each.asname or each.name).partition(".")[0])
            if by_text and isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
        return found | {each.attr for each in self._trees.attributes if _root(each) in modules}

    def _bindings(self, node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
        """The names that a node binds, with their expressions."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _target(target, node.value)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            if node.value is not None:
                yield from _target(node.target, node.value)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield from _loop(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield from _target(node.optional_vars, None)
        elif isinstance(node, ast.arguments):
            yield from self._parameters(node)
        elif not isinstance(node, ast.Name | ast.arg | ast.Global | ast.Nonlocal):
            yield from ((name, None) for name in bound_names(node))

    def _parameters(self, node: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
        """The bindings of a function's parameters: its calls' arguments if all calls are known, otherwise None."""
        function = self._trees.parents.get(node)
        calls = self._calls(function) if isinstance(function, ast.FunctionDef) else None
        positional = [*node.posonlyargs, *node.args]
        defaults = [*[None] * (len(positional) - len(node.defaults)), *node.defaults, *node.kw_defaults]
        for index, (each, default) in enumerate(zip([*positional, *node.kwonlyargs], defaults, strict=True)):
            at = index if index < len(positional) else None
            arguments = [_given(call, each.arg, at) or default for call in calls or ()]
            yield from ((each.arg, value) for value in arguments or [None])
        yield from ((each.arg, None) for each in (node.vararg, node.kwarg) if each is not None)

    def _passes_on(self, decorator: ast.expr) -> bool:
        """Whether a decorator passes a function's arguments on unchanged, and prints nothing."""
        if isinstance(decorator, ast.Call) and (decorator.args or decorator.keywords):
            return False
        library = TRANSPARENT_DECORATORS.get(source_text(decorator).removesuffix("()"))
        return library is not None and self._trees.is_imported(library)

    def _calls(self, function: ast.FunctionDef) -> list[ast.Call] | None:
        """All calls of a module's function; None if it may be called otherwise."""
        parents = self._trees.parents
        if not all(map(self._passes_on, function.decorator_list)) or isinstance(parents.get(function), ast.ClassDef):
            return None
        if self._defined[function.name] > 1 or function.name in self._mentioned:
            return None
        uses = [parents.get(each) for each in self._trees.loads(function.name)]
        calls = [each for each in uses if isinstance(each, ast.Call) and getattr(each.func, "id", "") == function.name]
        is_known = all(not isinstance(arg, ast.Starred) for call in calls for arg in call.args) and all(
            each.arg is not None for call in calls for each in call.keywords
        )
        return calls if is_known and len(calls) == len(uses) else None


def _root(node: ast.expr) -> str:
    """The first name of a chain of attributes; empty if the chain does not begin with a name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _given(call: ast.Call, name: str, index: int | None) -> ast.expr | None:
    """The argument that a call passes to a parameter; None if it passes none."""
    if index is not None and index < len(call.args):
        return call.args[index]
    return next((each.value for each in call.keywords if each.arg == name), None)


def _target(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        known = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) else None
        for index, each in enumerate(target.elts):
            item = ast.Subscript(value, ast.Constant(index)) if value is not None else None
            yield from _target(each, known[index] if known is not None else item)
    elif isinstance(target, ast.Starred):
        yield from _target(target.value, None)


def _loop(target: ast.expr, iterable: ast.expr) -> Iterator[tuple[str, ast.expr | None]]:
    name = called_name(iterable) if isinstance(iterable, ast.Call) else ""
    zero = ast.Constant(0)
    if name in ("range", "trange"):
        yield from _target(target, zero)
    elif name == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        yield from _target(target.elts[0], zero)
        yield from _target(target.elts[1], None)
    elif isinstance(iterable, ast.List | ast.Tuple):
        for each in iterable.elts:
            yield from _target(target, each)
    elif name in ("tqdm", "track") and isinstance(iterable, ast.Call) and iterable.args:
        yield from _loop(target, iterable.args[0])
    else:
        yield from _target(target, None)
