"""The expressions that each name of a script is ever bound to, in any of its modules and functions."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.walking import below
from hpolint.readers.python.training_script.script_trees import (
    BINDING,
    ScriptTrees,
    argument_of,
    bound_names,
    called_name,
    positional_parameters,
)

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

BINDING_EXPRESSIONS: frozenset[type[ast.AST]] = BINDING - {ast.Name, ast.arg, ast.Global, ast.Nonlocal} | {
    *(ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.AsyncFor, ast.comprehension),
    *(ast.withitem, ast.arguments),
}
"""The classes of nodes that bind names, those to an expression with it."""

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
"""The classes of nodes whose returns are not those of the function around them."""

Bound = list["ast.expr | None"]
Binding = tuple[str, "ast.expr | None"]
Predicate = Callable[[ast.expr, frozenset[str]], bool]


class Bindings:
    """The bindings in the modules that ``trees`` currently has."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._units = 0
        self._known: dict[str, Bound] = {}
        self._defined: Counter[str] = Counter()
        self._mentioned: set[str] = set()

    def of(self, name: str) -> Bound:
        """All expressions that a name is ever bound to; None for a binding that is not a known expression.

        ``f()`` stands for what the function ``f`` of the script returns.
        """
        return self._bound.get(name, [])

    def names_where(self, predicate: Predicate) -> frozenset[str]:
        """The names whose bindings all satisfy a predicate, which receives the names that are assumed to satisfy it."""
        bound = self._bound

        def are_all_so(values: Bound, assumed: frozenset[str]) -> bool:
            return all(value is not None and predicate(value, assumed) for value in values)

        names = frozenset(name for name, values in bound.items() if values and None not in values)
        for _ in range(MAX_ROUNDS):
            others = {name for name in names if not are_all_so(bound[name], names)}
            if not others:
                return names
            names -= others
        return frozenset()

    @property
    def _bound(self) -> dict[str, Bound]:
        if self._units != len(self._trees.units):
            self._units = len(self._trees.units)
            self._mentioned = self._mentions()
            self._defined = Counter(function.name for function in self._trees.functions)
            bindings: dict[str, Bound] = defaultdict(list)
            for node in self._trees.nodes_of(*BINDING_EXPRESSIONS):
                for name, value in self._bindings(node):
                    bindings[name].append(value)
            self._known = {**bindings, **self._results()}
        return self._known

    def _results(self) -> dict[str, Bound]:
        """What each function returns that has no decorator and always returns a value."""
        functions = [function for function in self._trees.functions if self._trees.is_own_function(function.name)]
        plain = [each for each in functions if self._defined[each.name] == 1 and not each.decorator_list]
        return {f"{function.name}()": [*returned_values(function)] for function in plain}

    def _mentions(self) -> set[str]:
        """The names of functions that may be called otherwise: through a module, an alias or a string."""
        modules, mentioned = set[str](), set[str]()
        by_text = any(map(self._trees.loads, ("getattr", "globals", "locals", "eval", "exec")))
        if by_text:
            mentioned.update(self._trees.texts.values())
        for alias in self._trees.nodes_of(ast.alias):
            if alias.asname is not None:
                mentioned.add(alias.name)
        imports: list[ast.Import | ast.ImportFrom] = [*self._trees.nodes_of(ast.Import)]
        imports += self._trees.nodes_of(ast.ImportFrom)
        for statement in imports:
            modules |= set(self._own_modules(statement))
        return mentioned | {attribute.attr for attribute in self._trees.attributes if _root(attribute) in modules}

    def _own_modules(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """The names that an import may bind to modules of the script."""
        module: str | None = getattr(node, "module", None)
        is_beside = isinstance(node, ast.ImportFrom) and (node.level or not module)
        for alias in node.names:
            if is_beside or (module or alias.name).partition(".")[0] in self._trees.modules:
                yield from bound_names(alias)

    def _bindings(self, node: ast.AST) -> Iterator[Binding]:
        """The names that a node binds, with their expressions."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _target(target, node.value)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            if node.value is not None:
                yield from _target(node.target, node.value)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield from _loop(node.target, node.iter)
        elif isinstance(node, ast.withitem):
            yield from _target(node.optional_vars, None)
        elif isinstance(node, ast.arguments):
            yield from self._parameters(node)
        else:
            yield from ((name, None) for name in bound_names(node))

    def _parameters(self, node: ast.arguments) -> Iterator[Binding]:
        """The bindings of a function's parameters: its calls' arguments if all calls are known, otherwise None."""
        calls = self._calls(self._trees.parents.get(node))
        for place, (parameter, default) in enumerate(positional_parameters(node)):
            yield from _passed(calls, parameter.arg, default, place)
        for parameter, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            yield from _passed(calls, parameter.arg, default)
        for rest in (node.vararg, node.kwarg):
            if rest is not None:
                yield rest.arg, None

    def _passes_on(self, decorator: ast.expr) -> bool:
        """Whether a decorator passes a function's arguments on unchanged, and prints nothing."""
        if isinstance(decorator, ast.Call) and (decorator.args or decorator.keywords):
            return False
        library = TRANSPARENT_DECORATORS.get(source_text(decorator).removesuffix("()"))
        return library is not None and self._trees.is_imported(library)

    def _calls(self, function: ast.AST | None) -> list[ast.Call]:
        """All calls of a module's function; empty if it may be called otherwise."""
        if not isinstance(function, ast.FunctionDef) or not self._is_only_called_by_name(function):
            return []
        name = function.name
        uses = [self._trees.parents.get(use) for use in self._trees.loads(name)]
        calls = [use for use in uses if isinstance(use, ast.Call) and getattr(use.func, "id", "") == name]
        return [] if len(calls) < len(uses) or any(map(_has_spread, calls)) else calls

    def _is_only_called_by_name(self, function: ast.FunctionDef) -> bool:
        if isinstance(self._trees.parents.get(function), ast.ClassDef) or self._defined[function.name] > 1:
            return False
        return function.name not in self._mentioned and all(map(self._passes_on, function.decorator_list))


def _passed(
    calls: list[ast.Call], parameter: str, default: ast.expr | None, place: int | None = None
) -> Iterator[Binding]:
    """The bindings of a parameter by the calls of its function; without calls, to an unknown value."""
    if not calls:
        yield parameter, None
    for call in calls:
        yield parameter, argument_of(call, parameter, place) or default


def returned_values(function: ast.FunctionDef) -> list[ast.expr]:
    """What a function returns, if it ends with a return and always returns a value; empty otherwise."""
    if not isinstance(function.body[-1], ast.Return):
        return []
    values: list[ast.expr] = []
    nodes: list[ast.AST] = list(function.body)
    for node in nodes:
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return []
        if isinstance(node, ast.Return):
            if node.value is None:
                return []
            values.append(node.value)
        if not isinstance(node, SCOPES):
            nodes += below(node)
    return values


def _has_spread(call: ast.Call) -> bool:
    """Whether a call has arguments after ``*`` or ``**``."""
    has_stars = any(isinstance(argument, ast.Starred) for argument in call.args)
    return has_stars or any(keyword.arg is None for keyword in call.keywords)


def _root(node: ast.expr) -> str:
    """The first name of a chain of attributes; empty if the chain does not begin with a name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _target(target: ast.expr | None, value: ast.expr | None) -> Iterator[Binding]:
    match target:
        case ast.Name(id=name):
            yield name, value
        case ast.Starred(value=rest):
            yield from _target(rest, None)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item, part in zip(items, _parts(value, len(items)), strict=True):
                yield from _target(item, part)


def _parts(value: ast.expr | None, number: int) -> Sequence[ast.expr | None]:
    """The values to which a number of names are bound together."""
    if value is None:
        return [None] * number
    if isinstance(value, ast.Tuple) and len(value.elts) == number:
        return value.elts
    return [ast.Subscript(value, ast.Constant(index)) for index in range(number)]


def _loop(target: ast.expr, iterable: ast.expr) -> Iterator[Binding]:
    match iterable:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                yield from _target(target, item)
        case ast.Call(args=[first, *_]) if called_name(iterable) in ("tqdm", "track"):
            yield from _loop(target, first)
        case ast.Call() if called_name(iterable) in ("range", "trange"):
            yield from _target(target, ast.Constant(0))
        case ast.Call() if called_name(iterable) == "enumerate":
            yield from _enumerated(target)
        case _:
            yield from _target(target, None)


def _enumerated(target: ast.expr) -> Iterator[Binding]:
    match target:
        case ast.Tuple(elts=[number, item]):
            yield from _target(number, ast.Constant(0))
            yield from _target(item, None)
        case _:
            yield from _target(target, None)
