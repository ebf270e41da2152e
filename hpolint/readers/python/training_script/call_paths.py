"""The ways by which a script comes to a statement: through the calls of its own functions, each with its arguments."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from hpolint.readers.python.interpreter.syntax_facts import last_name, source_text
from hpolint.readers.python.interpreter.walking import below
from hpolint.readers.python.training_script.script_trees import (
    ScriptTrees,
    argument_of,
    called_name,
    positional_parameters,
)

MAX_DEPTH = 6
"""Calls of functions within each other that are followed."""

MAX_PATHS = 20
"""Ways to one statement."""

UNFOLLOWED = (ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
"""Definitions whose statements run at other times than a call shows."""

PERHAPS = (
    *(ast.While, ast.IfExp, ast.BoolOp, ast.ExceptHandler, ast.Match, ast.AsyncFor),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
"""Nodes with parts that may not run."""

EXITS = frozenset({"exit", "_exit", "quit"})
EXISTENCE = frozenset({"exists", "isfile", "isdir", "is_file", "is_dir"})
"""Functions and methods that ask whether a file is there, before it is uploaded."""


class Frame(msgspec.Struct, frozen=True, eq=False):
    """The run of a scope: of a module, or of a function by ``call`` in the frame ``outer``.

    ``call`` is None for a module, and for a function of which no call is known.
    """

    scope: ast.Module | ast.FunctionDef
    call: ast.Call | None = None
    outer: Frame | None = None

    @property
    def calls(self) -> tuple[ast.Call, ...]:
        """The calls that lead here, the last one first."""
        if self.call is None or self.outer is None:
            return ()
        return (self.call, *self.outer.calls)

    def argument(self, name: str) -> tuple[ast.expr, Frame] | None:
        """What the call passes for a parameter, with the frame in which it is evaluated; None if that is not known."""
        if not isinstance(self.scope, ast.FunctionDef) or self.call is None or self.outer is None:
            return None
        value, default = self._passed(self.scope.args, self.call, name)
        if value is not None:
            return value, self.outer
        return (default, self.outer) if isinstance(default, ast.Constant) else None

    def _passed(self, parameters: ast.arguments, call: ast.Call, name: str) -> tuple[ast.expr | None, ast.expr | None]:
        """The argument and the default of a parameter."""
        for place, (parameter, default) in enumerate(self._without_self(parameters, call)):
            if parameter.arg == name:
                return argument_of(call, name, place), default
        for parameter, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            if parameter.arg == name:
                return argument_of(call, name), default
        return None, None

    def _without_self(self, parameters: ast.arguments, call: ast.Call) -> list[tuple[ast.arg, ast.expr | None]]:
        named = positional_parameters(parameters)
        is_method = bool(named) and named[0][0].arg == "self" and isinstance(call.func, ast.Attribute)
        return named[1:] if is_method else named


class CallPaths:
    """The frames in which the statements of a script run."""

    def __init__(self, trees: ScriptTrees) -> None:
        self._trees = trees
        self._frames: dict[tuple[ast.AST, bool], list[Frame]] = {}
        self._functions: dict[ast.Call, ast.FunctionDef | None] = {}
        self._leaving: dict[ast.AST, list[ast.AST]] = {}
        self._named: dict[str, list[ast.FunctionDef]] = defaultdict(list)
        for function in trees.functions:
            self._named[function.name].append(function)

    def scope_of(self, node: ast.AST) -> ast.Module | ast.FunctionDef | None:
        """The function, or else the module, to which a node belongs; None for what is not followed."""
        for above in self._trees.around(node):
            if isinstance(above, ast.FunctionDef | ast.Module):
                return above
            if isinstance(above, UNFOLLOWED):
                return None
        return None

    def frames(self, node: ast.AST, *, is_certain: bool, depth: int = MAX_DEPTH) -> list[Frame]:
        """The frames in which a node may run; with ``is_certain`` those in which each run of the script comes to it."""
        key = (node, is_certain)
        if key not in self._frames:
            self._frames[key] = []  # a function that calls itself adds no frame
            self._frames[key] = self._found_frames(node, is_certain, depth)
        return self._frames[key]

    def _found_frames(self, node: ast.AST, is_certain: bool, depth: int) -> list[Frame]:
        scope = self.scope_of(node)
        if scope is None or (is_certain and not self._always_reaches(scope, node)):
            return []
        if isinstance(scope, ast.Module):
            return [Frame(scope)] if self._may_run(scope, node, is_certain) else []
        frames: list[Frame] = []
        for call in self.calls(scope) if depth else ():
            outer = self.frames(call, is_certain=is_certain, depth=depth - 1)
            frames += [Frame(scope, call, frame) for frame in outer]
        return frames[:MAX_PATHS]

    def _may_run(self, module: ast.Module, node: ast.AST, is_certain: bool) -> bool:
        """Whether a statement of a module runs, certainly or perhaps: the script may import a module in a branch."""
        if module is self._trees.roots[0]:
            return True
        return not is_certain and not self._is_main_only(node)

    def calls(self, function: ast.FunctionDef) -> list[ast.Call]:
        """The known calls of a function of the script, or of a method by ``self``."""
        return [call for call in self._trees.calls_of(function.name) if self.function_of(call) is function]

    def function_of(self, call: ast.Call) -> ast.FunctionDef | None:
        """The function of the script that a call certainly calls, with arguments that are spelled out."""
        if call not in self._functions:
            self._functions[call] = self._found_function(call) if is_spelled_out(call) else None
        return self._functions[call]

    def _found_function(self, call: ast.Call) -> ast.FunctionDef | None:
        is_of_self = _owner_name(call) == "self"
        if not is_of_self and not self._is_of_module(call):
            return None
        module = self._trees.closest(call, ast.Module)
        functions = [
            function
            for function in self._named.get(called_name(call), ())
            if isinstance(self._trees.parents.get(function), ast.ClassDef) == is_of_self
        ]
        beside = [function for function in functions if self._trees.closest(function, ast.Module) is module]
        candidates = beside if beside and not _owner_name(call) else functions
        return candidates[0] if len(candidates) == 1 else None

    def _is_of_module(self, call: ast.Call) -> bool:
        """Whether a call names a function itself, or as one of a module of the script."""
        return isinstance(call.func, ast.Name) or _owner_name(call) in self._trees.modules

    def _is_main_only(self, node: ast.AST) -> bool:
        """Whether a statement runs only if its module is the script itself."""
        return any(isinstance(above, ast.If) and _asks_for_main(above.test) for above in self._trees.around(node))

    def _always_reaches(self, scope: ast.Module | ast.FunctionDef, node: ast.AST) -> bool:
        """Whether each run of a scope that does not fail comes to a node in it."""
        inner = node
        for above in self._trees.around(node):
            if not _always_runs(above, inner):
                return False
            if above is scope:
                return not any(self._may_leave(statement, node) for statement in self._leaving_statements(scope))
            inner = above
        return False

    def _leaving_statements(self, scope: ast.AST) -> list[ast.AST]:
        """The statements and calls of a scope that may end it, or a pass of a loop in it."""
        if scope not in self._leaving:
            self._leaving[scope] = [node for node in self.inside(scope) if _may_end(node)]
        return self._leaving[scope]

    def _may_leave(self, statement: ast.AST, node: ast.AST) -> bool:
        """Whether a statement may end the scope before a node, or a pass of a loop around it, without an error."""
        if getattr(statement, "lineno", 0) >= getattr(node, "lineno", 0):
            return False
        if isinstance(statement, ast.Break | ast.Continue):
            loop = self._trees.closest(statement, ast.For, ast.While)
            return any(above is loop for above in self._trees.around(node))
        return True

    def inside(self, scope: ast.AST) -> Iterator[ast.AST]:
        """The nodes of a module or function, without those of the functions and classes in it."""
        waiting = below(scope)
        for node in waiting:
            yield node
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
                waiting += below(node)


def is_spelled_out(call: ast.Call) -> bool:
    """Whether a call has no arguments after ``*`` or ``**``."""
    has_stars = any(isinstance(argument, ast.Starred) for argument in call.args)
    return not has_stars and all(keyword.arg is not None for keyword in call.keywords)


def _owner_name(call: ast.Call) -> str:
    """The last name of what a method is called of; empty for a function."""
    return last_name(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def _always_runs(above: ast.AST, inner: ast.AST) -> bool:
    """Whether a part of a node runs whenever the node does, unless another part fails."""
    if isinstance(above, ast.If):
        is_guard = _asks_for_main(above.test) or _asks_for_file(above.test)
        return inner is above.test or (is_guard and inner in above.body)
    if isinstance(above, ast.For):
        return inner is above.iter or (inner in above.body and _is_repeated(above.iter))
    return not isinstance(above, PERHAPS)


def _may_end(node: ast.AST) -> bool:
    """Whether a statement or call may end a scope, or a pass of a loop, without an error."""
    if isinstance(node, ast.Call) and called_name(node) in EXITS:
        return not node.args or source_text(node.args[0]) in ("0", "None")
    return isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Break | ast.Continue)


def _asks_for_main(test: ast.expr) -> bool:
    return source_text(test) in ("__name__ == '__main__'", "'__main__' == __name__")


def _asks_for_file(test: ast.expr) -> bool:
    return isinstance(test, ast.Call) and called_name(test) in EXISTENCE


def _is_repeated(iterable: ast.expr) -> bool:
    """Whether a loop certainly has a pass, as one over epochs or over written items has."""
    if isinstance(iterable, ast.Tuple | ast.List):
        return bool(iterable.elts)
    return isinstance(iterable, ast.Call) and called_name(iterable) in ("range", "trange")
