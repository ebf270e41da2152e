"""Statements, in order, over one module or a notebook's cells: what every name stands for.

Nothing is run. Branches whose test is known are taken; others are both followed and joined. What a
loop assigns is unknown after it. Calls of functions of the same source are followed into them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hpolint.readers.python import expressions, functions, operators
from hpolint.readers.python.forgetting import forget_assigned
from hpolint.readers.python.sdk import Sdk
from hpolint.readers.python.state import Joiner, copy_scope
from hpolint.readers.python.tree import Trees
from hpolint.readers.python.units import Unit, line_text
from hpolint.readers.python.values import (
    Arguments,
    Function,
    Instance,
    Known,
    Mapping,
    Scope,
    Sequence,
    Symbol,
    UserClass,
    Value,
    unknown,
)
from hpolint.source import Span

MAX_STEPS = 200_000
"""Statements and calls that are followed in one source; past it everything is unknown."""

MAX_DEPTH = 12
"""Calls within calls that are followed."""

FALLS, LEAVES = "falls", "leaves"
"""How a block ends: control goes on after it, or a return, raise, break or continue has left it."""


class TooMuchError(Exception):
    """The bound on the work for one source is reached."""


class Evaluator:
    """The state of one source while it is followed."""

    def __init__(self, sdk: Sdk) -> None:
        self.sdk = sdk
        self.unit: Unit
        self.trees = Trees()
        self.scope = Scope()
        self._callers: list[Scope] = []
        self.depth = 0
        self.called: set[ast.AST] = set()
        self.defined: list[tuple[Function, Unit]] = []
        self._classes: list[tuple[UserClass, Unit]] = []
        self._returns: list[list[Value]] = []
        self._steps = 0

    def run(self, unit: Unit, tree: ast.Module) -> None:
        """Follow one unit in the module's scope."""
        self.unit = unit
        self.block(tree.body)

    def finish(self) -> None:
        """Follow the functions that nobody called, their parameters unknown, and build what was not launched."""
        self.sdk.scope_ends(list(self.scope.names.values()))
        for function, unit in list(self.defined):
            if function.node not in self.called:
                self.unit = unit
                functions.follow_uncalled(self, function)
        for cls, unit in list(self._classes):
            self.unit = unit
            functions.follow_uncalled_class(self, cls)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Span:
        """Where a syntax node of the current unit stands."""
        return self.unit.span(node)

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression."""
        self.step()
        return expressions.evaluate(self, node)

    def step(self) -> None:
        """Count one step of work. Raises TooMuchError."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMuchError

    # Statements

    def block(self, statements: list[ast.stmt]) -> str:
        """Follow some statements; how the block ends."""
        for statement in statements:
            self.step()
            try:
                ended = self._statement(statement)
            except RecursionError:
                ended = FALLS
                forget_assigned(self, [statement], "is nested too deep to be followed")
            if ended == LEAVES:
                return LEAVES
        return FALLS

    def _statement(self, node: ast.stmt) -> str:  # noqa: C901 - one case for each statement
        match node:
            case ast.Assign():
                value = self.evaluate(node.value)
                for target in node.targets:
                    self.assign(target, value)
            case ast.AnnAssign() if node.value is not None:
                self.assign(node.target, self.evaluate(node.value))
            case ast.AugAssign():
                self._augment(node)
            case ast.Expr():
                self.evaluate(node.value)
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node)
            case ast.With() | ast.AsyncWith():
                return self._with(node)
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.ClassDef():
                self._define_class(node)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Return():
                value = self.evaluate(node.value) if node.value else Known(None, self.span(node))
                if self._returns:
                    self._returns[-1].append(value)
                return LEAVES
            case ast.Raise() | ast.Break() | ast.Continue():
                return LEAVES
            case ast.Delete():
                self._delete(node)
            case ast.Global() | ast.Nonlocal():
                self.scope.globals |= set(node.names)
            case ast.Match():
                self._match(node)
        return FALLS

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target: a name, a tuple, a subscript or an attribute."""
        match target:
            case ast.Name(id=name):
                self.bind(name, value)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                self._unpack(elements, value)
            case ast.Starred(value=inner):
                self.assign(inner, value)
            case ast.Subscript():
                self._assign_item(target, value)
            case ast.Attribute():
                receiver = self.evaluate(target.value)
                if isinstance(receiver, Instance):
                    receiver.attributes[target.attr] = value
                elif isinstance(receiver, UserClass):
                    receiver.members[target.attr] = value

    def bind(self, name: str, value: Value) -> None:
        """Give a name its value, in the scope that owns it."""
        scope = self.scope
        if name in scope.globals:
            while scope.above is not None:
                scope = scope.above
        scope.names[name] = value

    def _unpack(self, elements: list[ast.expr], value: Value) -> None:
        items = expressions.iterated(value)
        exact = (
            items is not None and len(items) == len(elements) and not any(isinstance(e, ast.Starred) for e in elements)
        )
        for index, element in enumerate(elements):
            if exact and items is not None:
                self.assign(element, items[index])
            else:
                self.assign(element, unknown("is unpacked from what cannot be told", self.span(element)))

    def _assign_item(self, target: ast.Subscript, value: Value) -> None:
        receiver, index = self.evaluate(target.value), self.evaluate(target.slice)
        span = self.span(target)
        if isinstance(receiver, Mapping):
            if isinstance(index, Known):
                receiver.entries[index.value] = value
                receiver.keys[index.value] = self.span(target.slice)
            else:
                operators.forget(receiver, unknown("may be set under a key that cannot be told", span))
        elif isinstance(receiver, Sequence):
            within = isinstance(index, Known) and isinstance(index.value, int)
            if within and -len(receiver.items) <= index.value < len(receiver.items):  # type: ignore[union-attr, operator]
                receiver.items[index.value] = value  # type: ignore[union-attr, index]
            else:
                operators.forget(receiver, unknown("may be set at a place that cannot be told", span))

    def _augment(self, node: ast.AugAssign) -> None:
        current, value = self.evaluate(node.target), self.evaluate(node.value)
        if isinstance(node.op, ast.Add) and isinstance(current, Sequence) and current.kind == "list":
            items = expressions.iterated(value)
            if items is None:
                current.open = unknown("is extended by what cannot be told", self.span(node))
            else:
                current.items += items
        elif isinstance(node.op, ast.BitOr) and isinstance(current, Mapping):
            operators.spread(current, value, self.span(node))
        else:
            self.assign(node.target, operators.binary(current, node.op, value, self.span(node)))

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                receiver, index = self.evaluate(target.value), self.evaluate(target.slice)
                if isinstance(receiver, Mapping) and isinstance(index, Known):
                    receiver.entries.pop(index.value, None)
                else:
                    operators.forget(receiver, unknown("may have lost what cannot be told", self.span(target)))
            elif isinstance(target, ast.Name):
                self.scope.names.pop(target.id, None)

    # Branches

    def _if(self, node: ast.If) -> str:
        told = expressions.truth(self.evaluate(node.test))
        if told is not None:
            self._dead(node.orelse if told else node.body)
            return self.block(node.body if told else node.orelse)
        return self.either([node.body, node.orelse], self.span(node.test))

    def _dead(self, block: list[ast.stmt]) -> None:
        """A branch that a switch in the text turns off: the jobs in it are there for when it is turned on."""
        before = _copy(self._state())
        self.sdk.dead += 1
        returns = [list(values) for values in self._returns]
        self.block(block)
        self.sdk.scope_ends(list(self.scope.names.values()))
        self._returns = returns
        self.sdk.dead -= 1
        self._become(before)

    def either(self, blocks: list[list[ast.stmt]], span: Span) -> str:
        """Follow each of some blocks from the same state, and join what comes after."""
        before = self._state()
        outcomes: list[list[Scope]] = []
        for block in blocks:
            self._become(_copy(before))
            if self.block(block) == FALLS:
                outcomes.append(self._state())
        self._join(outcomes or [before], span)
        return FALLS if outcomes else LEAVES

    def _state(self) -> list[Scope]:
        return [*self._callers, self.scope]

    def _become(self, state: list[Scope]) -> None:
        *self._callers, self.scope = state

    def _join(self, outcomes: list[list[Scope]], span: Span) -> None:
        """Go on with what some outcomes have in common."""
        joined = outcomes[0]
        for outcome in outcomes[1:]:
            joiner = Joiner(span)
            joined = [joiner.scopes(one, other) for one, other in zip(joined, outcome, strict=True)]
        self._become(joined)

    def _match(self, node: ast.Match) -> None:
        self.evaluate(node.subject)
        self.either([*(case.body for case in node.cases), []], self.span(node.subject))

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        """What a loop assigns or changes is unknown in it and after it."""
        test = node.test if isinstance(node, ast.While) else node.iter
        self.evaluate(test)
        reason = f"is assigned in the loop at line {line_text(self.span(test))}"
        forget_assigned(self, [node], reason)
        before = _copy(self._state())
        self.block(node.body)
        self._become(before)
        self.block(node.orelse)
        forget_assigned(self, [node], reason)

    def _with(self, node: ast.With | ast.AsyncWith) -> str:
        for item in node.items:
            value = self.evaluate(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        return self.block(node.body)

    def _try(self, node: ast.Try | ast.TryStar) -> str:
        """Without a failure the body; with one, the state before it and a handler."""
        before = _copy(self._state())
        ended = self.block([*node.body, *node.orelse])
        outcomes = [self._state()] if ended == FALLS else []
        for handler in node.handlers:
            self._become(_copy(before))
            forget_assigned(self, list(node.body), "may not have been reached before an exception")
            if handler.name:
                self.bind(handler.name, unknown("is an exception", self.span(node.body[0])))
            if self.block(handler.body) == FALLS:
                outcomes.append(self._state())
        self._join(outcomes or [before], self.span(node.body[0]))
        if self.block(node.finalbody) == LEAVES or not outcomes:
            return LEAVES
        return FALLS

    # Definitions

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        function = Function(node, node.name, self.scope)
        self.defined.append((function, self.unit))
        self.bind(node.name, function)

    def _define_class(self, node: ast.ClassDef) -> None:
        members: dict[str, Value] = {}
        outer, self.scope = self.scope, Scope(above=self.scope)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                members[statement.name] = Function(statement, statement.name, outer)
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                self._statement(statement)
        members = {**self.scope.names, **members}
        self.scope = outer
        cls = UserClass(node.name, members, self.span(node))
        self._classes.append((cls, self.unit))
        self.bind(node.name, cls)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        span = self.span(node)
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                self.bind(alias.asname or name, Symbol(name, span))
            return
        for alias in node.names:
            if alias.name != "*":
                module = "." * node.level + (node.module or "")
                self.bind(alias.asname or alias.name, Symbol(f"{module}.{alias.name}", span))

    # Functions

    def call_function(self, function: Function, arguments: Arguments, span: Span) -> Value:
        """Follow a call into a function of this source."""
        self.called.add(function.node)
        if self.depth >= MAX_DEPTH:
            return unknown("is what a recursion returns", span)
        scope = Scope(above=function.scope)
        functions.bind_parameters(self, function, arguments, scope, span)
        return self.body(function, scope, span)

    def body(self, function: Function, scope: Scope, span: Span) -> Value:
        """Follow a function's body in a scope of its own; what it returns, its returns joined."""
        node = function.node
        if self.trees.is_generator(node):
            return unknown(f"is what the generator `{function.name}` yields", span)
        self._callers.append(self.scope)
        self.scope, unit = scope, self.unit
        self.unit = next((unit for known, unit in self.defined if known.node is node), unit)
        self.depth += 1
        self._returns.append([])
        try:
            if isinstance(node, ast.Lambda):
                return self.evaluate(node.body)
            ended = self.block(node.body)
            returned = self._returns[-1]
            if ended == FALLS and returned:
                returned.append(Known(None, span))
            result: Value = returned[0] if returned else Known(None, span)
            for other in returned[1:]:
                result = Joiner(span).values(result, other)
            self.sdk.scope_ends([*self.scope.names.values(), result])
            return result
        finally:
            self._returns.pop()
            self.depth -= 1
            self.scope, self.unit = self._callers.pop(), unit

    @contextmanager
    def inner_scope(self) -> Iterator[None]:
        """A scope of its own for a comprehension."""
        self.scope = Scope(above=self.scope)
        try:
            yield
        finally:
            assert self.scope.above is not None
            self.scope = self.scope.above


def _copy(state: list[Scope]) -> list[Scope]:
    """A copy of the scopes of all calls that are under way, the innermost last."""
    memo: dict[Any, Any] = {}
    return [copy_scope(scope, memo) for scope in state]
