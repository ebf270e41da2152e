"""Statements, in order, over one module or a notebook's cells: what every name stands for.

Nothing is run. Branches whose test is known are taken; others are both followed and joined. Loops over what is
known go item by item; what another loop assigns is unknown after it. Calls of functions of the same source are
followed into them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import (
    assigning,
    bounds,
    classes,
    expressions,
    flow,
    functions,
    imports,
    operators,
    state,
)
from hpolint.readers.python.interpreter.flow import FALLS, RETURNED, Exits
from hpolint.readers.python.interpreter.forgetting import Reach, forget_assigned
from hpolint.readers.python.interpreter.imports import Importer, Imports
from hpolint.readers.python.interpreter.library_model import LibraryModel
from hpolint.readers.python.interpreter.state import Snapshot
from hpolint.readers.python.interpreter.switches import Switches
from hpolint.readers.python.interpreter.syntax_facts import Trees
from hpolint.readers.python.interpreter.units import Unit
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Function,
    Instance,
    Mapping,
    Method,
    Scope,
    Sequence,
    UserClass,
    Value,
    name_it,
    unknown,
)

MAX_STEPS = 200_000
"""Statements and calls that are followed in one source; past it everything is unknown."""

TIRED_AFTER = 40_000
"""Steps after which calls are not followed into any more, and loops once, so that the end is reached."""

MAX_RECURSION = 3
"""How often a function is followed within itself."""

MAX_DEPTH = 12
"""Calls within calls that are followed."""


class TooMuchError(Exception):
    """The bound on the work for one source is reached."""


class Interpreter:
    """The state of one source while it is followed.

    ``imports`` has the further modules that are followed where they are imported; ``loops`` and ``unsure``
    count the loops around the statement that is followed now, and what may keep it from being reached (a branch, a
    ``try``; a loop is taken to run), also around the calls that lead to it.
    """

    def __init__(self, world: LibraryModel, importer: Importer | None = None, tired_after: int = TIRED_AFTER) -> None:
        self.libraries = world
        self._tired_after = tired_after
        self.imports = Imports(importer)
        self.loops = 0
        self.unsure = 0
        self.may_be_over = False
        self.unit: Unit
        self.trees = Trees()
        self.reach = Reach(self.trees)
        self.switches = Switches()
        self.variables: dict[Span, str] = {}
        self.scope = Scope()
        self._callers: list[Scope] = []
        self.depth = 0
        self.turned_off = 0
        self.called: set[ast.AST] = set()
        self.has_skipped = False
        """Whether a call of a function of the source was not followed, whatever it is given."""
        self.defined: list[Function] = []
        self.classes: list[UserClass] = []
        self.units: dict[ast.AST, Unit] = {}
        self.frames: list[Function] = []
        self.returns: list[list[Snapshot]] = []
        self.left: list[Exits] = []
        self._steps = 0
        self._given = 0
        self.reads: frozenset[str] = frozenset()
        self._generating: Function | None = None

    def run(self, unit: Unit, tree: ast.Module) -> None:
        """Follow one unit in the module's scope."""
        self.unit = unit
        self.block(tree.body)

    def finish(self) -> None:
        """Follow the functions that nobody called, their parameters unknown, and build what was not launched."""
        self.libraries.scope_ends(list(self.scope.names.values()))
        classes.follow_uncalled_methods(self)
        for function in self.defined:  # which grows: a function may define others
            if function.node not in self.called:
                self.unit = self.units[function.node]
                functions.follow_uncalled(self, function)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Span:
        """Where a syntax node of the current unit stands."""
        return self.unit.span(node)

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression."""
        self.step()
        return expressions.evaluate(self, node)

    @property
    def is_tired(self) -> bool:
        """Whether so much has been done that calls and loops are no longer followed one by one."""
        return self._steps > self._tired_after

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
            if ended != FALLS:
                return ended
        return FALLS

    def _statement(self, node: ast.stmt) -> str:  # noqa: C901 - one case for each statement
        match node:
            case ast.Assign():
                value = self.evaluate(node.value)
                self.reads = self.trees.names(node.value)
                for target in node.targets:
                    self.assign(target, value)
            case ast.AnnAssign() if node.value is not None:
                value = self.evaluate(node.value)
                self.reads = self.trees.names(node.value)
                self.assign(node.target, value)
            case ast.AugAssign():
                self._augment(node)
            case ast.Expr():
                self.evaluate(node.value)
            case ast.If():
                return flow.follow_if(self, node)
            case ast.For() | ast.AsyncFor():
                return flow.follow_for(self, node)
            case ast.While():
                return flow.follow_while(self, node)
            case ast.With() | ast.AsyncWith():
                return flow.follow_with(self, node)
            case ast.Try() | ast.TryStar():
                return flow.follow_try(self, node)
            case ast.Match():
                return flow.follow_match(self, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                functions.define(self, node)
            case ast.ClassDef():
                classes.define(self, node)
            case ast.Import() | ast.ImportFrom():
                imports.follow(self, node)
            case ast.Return() | ast.Break() | ast.Continue() | ast.Raise():
                return flow.leave(self, node)
            case ast.Delete():
                flow.delete(self, node.targets)
            case ast.Assert():
                self.evaluate(node.test)
            case ast.Global():
                self.scope.globals |= set(node.names)
            case ast.Nonlocal():
                self.scope.nonlocals |= set(node.names)
        return FALLS

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target: a name, a tuple, a subscript or an attribute."""
        match target:
            case ast.Name(id=name):
                self.bind(name, value)
                name_it(self.variables, name, value)
                self.switches.assigned(self.scope.owner(name), name, self.reads)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                assigning.unpack(self, elements, value)
            case ast.Starred(value=inner):
                self.assign(inner, value)
            case ast.Subscript():
                assigning.assign_item(self, target, value)
            case ast.Attribute():
                self.set_attribute(self.evaluate(target.value), target.attr, value, self.span(target))
                if isinstance(target.value, ast.Name):
                    name_it(self.variables, f"{target.value.id}.{target.attr}", value)

    def set_attribute(self, receiver: Value, name: str, value: Value, span: Span) -> None:
        """Set a member of a value."""
        if isinstance(receiver, Instance):
            classes.set_attribute(self, receiver, name, value, span)
        elif isinstance(receiver, UserClass):
            receiver.members[name] = value
        else:
            owner = receiver.receiver if isinstance(receiver, Method) else receiver
            operators.forget(owner, unknown("may be set on something else", span))

    def bind(self, name: str, value: Value) -> None:
        """Give a name its value, in the scope that owns it."""
        self.scope.owner(name).names[name] = value

    def _augment(self, node: ast.AugAssign) -> None:
        current, value = self.evaluate(node.target), self.evaluate(node.value)
        if isinstance(node.op, ast.Add) and isinstance(current, Sequence) and current.kind == "list":
            items = operators.iterated(value)
            room = items is None or bounds.has_room(current.items, items)
            if items is None or current.open is not None or not room:
                reason = "is extended by what cannot be told" if room else bounds.TOO_LARGE
                why = current.open or unknown(reason, self.span(node))
                current.open = operators.aliases([why, *(items or operators.parts(value))], why)
            else:
                current.items += items
        elif isinstance(node.op, ast.BitOr) and isinstance(current, Mapping):
            operators.spread(current, value, self.span(node))
        else:
            self.reads = self.trees.names(node.value) | self.trees.names(node.target)
            self.assign(node.target, operators.binary(current, node.op, value, self.span(node)))

    def snapshot(self, *more: Scope) -> Snapshot:
        """What everything holds now that the scopes of all calls under way, and some more, can reach.

        It counts as work. Raises TooMuchError.
        """
        return self._charged(Snapshot([*self._callers, self.scope, *more]))

    def snapshot_of(self, value: Value) -> Snapshot:
        """What one value and all that it holds are now. It counts as work too. Raises TooMuchError."""
        return self._charged(Snapshot([value]))

    def _charged(self, found: Snapshot) -> Snapshot:
        self._steps += found.size // state.HELD_PER_STEP
        self.step()
        return found

    # Functions

    def call_function(self, function: Function, arguments: Arguments, span: Span) -> Value:
        """Follow a call into a function of this source."""
        if self.is_tired:  # it is followed at the end, as one that nobody here calls
            return self.unfollowed(function, arguments, span)
        self.called.add(function.node)
        recursion = sum(frame.node is function.node for frame in self.frames)
        if self.depth >= MAX_DEPTH or recursion >= MAX_RECURSION:
            return self.unfollowed(function, arguments, span)
        scope = Scope(above=function.scope)
        functions.bind_parameters(function, arguments, scope, span)
        self.loops += recursion > 0  # what calls itself goes round, too
        returned = self.body(function, scope, span)
        self.loops -= recursion > 0
        return returned

    def _generator(self, function: Function, scope: Scope, span: Span) -> Value:
        """A generator: its body runs when it is used, or never."""
        before = self.snapshot(scope)
        self._generating = function
        self.body(function, scope, span)
        self._generating = None
        flow.join(self, [before, self.snapshot(scope)], span)
        why = unknown(is_a(f"what the generator `{function.name}` yields"), span)
        return operators.aliases(list(scope.names.values()), why)

    def unfollowed(self, function: Function, arguments: Arguments, span: Span) -> Value:
        """A call that is not followed: all that it is given may be changed, and what it and those it calls name."""
        self.has_skipped = True
        why = unknown("may be changed by a call that is not followed", span)
        given = [*arguments.values(), *([function.receiver] if function.receiver is not None else [])]
        for value in given:
            operators.forget(value, why)
        self.reach.forget(function, self.defined, why)
        return operators.aliases(given, unknown(is_a("what a call returns that is not followed"), span))

    def body(self, function: Function, scope: Scope, span: Span) -> Value:
        """Follow a function's body in a scope of its own; what it returns, its returns joined."""
        node = function.node
        if self.trees.is_generator(node) and function is not self._generating:
            return self._generator(function, scope, span)
        with self.within(function, scope):
            if isinstance(node, ast.Lambda):
                return self.evaluate(node.body)
            outcomes = self.returns[-1]
            ended = self.block(node.body)
            if ended == FALLS:
                self.scope.names[RETURNED] = Constant(None, span)
            if outcomes and ended in (FALLS, flow.RETURNS):
                outcomes.append(self.snapshot())
            flow.join(self, outcomes, span)
            self.libraries.scope_ends(list(self.scope.names.values()))
            return self.scope.names.get(RETURNED) or unknown(is_a("what never returns"), span)

    @contextmanager
    def within(self, function: Function, scope: Scope) -> Iterator[None]:
        """A call of a function is under way, with its own scope."""
        self._callers.append(self.scope)
        self.scope, unit = scope, self.unit
        self.unit = self.units.get(function.node, unit)
        self.frames.append(function)
        self.depth += 1
        self.returns.append([])
        left, self.left = self.left, []
        over, self.may_be_over = self.may_be_over, False
        self.unsure += over
        try:
            yield
        finally:
            self.unsure -= over
            self.may_be_over = over
            self.returns.pop()
            self.frames.pop()
            self.left = left
            self.depth -= 1
            self.scope, self.unit = self._callers.pop(), unit

    def fresh(self) -> int:
        """A number that has not been given yet."""
        self._given += 1
        return self._given

    @contextmanager
    def apart(self, scope: Scope) -> Iterator[None]:
        """Another module's names are the outermost ones."""
        self._callers.append(self.scope)
        self.scope, unit = scope, self.unit
        try:
            yield
        finally:
            self.scope, self.unit = self._callers.pop(), unit

    @property
    def is_unsure(self) -> bool:
        """Whether what is followed now may not be reached: in a branch, or behind one that may have left."""
        return self.may_be_over or self.unsure > 0

    @contextmanager
    def perhaps(self) -> Iterator[None]:
        """What is followed now may not be reached."""
        self.unsure += 1
        try:
            yield
        finally:
            self.unsure -= 1

    @contextmanager
    def inner_scope(self) -> Iterator[None]:
        """A scope of its own for a comprehension."""
        self.scope = Scope(above=self.scope, kind="comprehension")
        self.loops += 1
        try:
            yield
        finally:
            self.loops -= 1
            self.scope = self.scope.above or self.scope
