"""The interpreter of statements, over one module or a notebook's cells.

Nothing is run. A branch with a known test is taken; with an unknown test, both branches are interpreted and their
states joined. A loop over known items is interpreted item by item; a name that another loop assigns is unknown after
it. Calls of functions of the same source are interpreted with their arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Mapping_
from contextlib import contextmanager
from functools import partial

import msgspec

from hpolint.io import work
from hpolint.model.node import Unknown
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import (
    assigning,
    calls,
    classes,
    command_options,
    expressions,
    flow,
    functions,
    imports,
    operators,
    state,
)
from hpolint.readers.python.interpreter.calls import Site
from hpolint.readers.python.interpreter.flow import FALLS, RETURNED, Exits
from hpolint.readers.python.interpreter.foreign import ForeignTarget
from hpolint.readers.python.interpreter.forgetting import SkippedCallEffects, forget_assigned, forget_part
from hpolint.readers.python.interpreter.imports import Importer, Imports
from hpolint.readers.python.interpreter.library_model import LibraryModel
from hpolint.readers.python.interpreter.other_code import Block, OtherCode, other_code
from hpolint.readers.python.interpreter.replaced_members import ReplacedMembers
from hpolint.readers.python.interpreter.state import Snapshot
from hpolint.readers.python.interpreter.suspended import SuspendedCode
from hpolint.readers.python.interpreter.switches import Sources, Switches
from hpolint.readers.python.interpreter.syntax_facts import Change, Trees, last_name
from hpolint.readers.python.interpreter.trail import Trail, Turn
from hpolint.readers.python.interpreter.units import STRIDE, Unit
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Function,
    Instance,
    Mapping,
    Method,
    Scope,
    Sequence,
    Symbol,
    UserClass,
    Value,
    present,
    record_name,
    unknown,
)

MAX_STEPS = 200_000
"""Steps (statements, expressions, calls) interpreted in one source. Beyond them everything is unknown."""

WORK_PER_STEP = 4
"""The work of one step, measured on public notebooks."""


class Limits(msgspec.Struct, frozen=True):
    """How far the interpretation goes into detail.

    After ``precise_steps``, calls are skipped and loops are interpreted in one pass, so that the source's end is
    reached. Loops over ranges of more than ``range_passes`` numbers are interpreted as loops of any number of passes.
    """

    precise_steps: int = 40_000
    range_passes: int = 200


DETAILED = Limits()

MAX_RECURSION = 3
"""Frames of one function on the call stack."""

MAX_CALL_DEPTH = 12
"""Frames on the call stack."""


class TooMuchError(Exception):
    """The source needs more than ``MAX_STEPS`` steps."""


class Interpreter:
    """The interpreter's state for one source.

    ``imports`` has the modules that are interpreted where they are imported; ``imported_units`` are those of other
    files. ``loop_depth`` counts the loops around the current statement that do more than print, ``conditional_depth``
    the branches and ``try`` blocks that may keep it from being reached; both include those around its callers. A loop's
    body counts as reached.
    """

    def __init__(
        self,
        world: LibraryModel,
        importer: Importer | None = None,
        limits: Limits = DETAILED,
        imported_units: Mapping_[int, Unit] | None = None,
    ) -> None:
        self.libraries = world
        self.limits = limits
        self.imports = Imports(importer, imported_units)
        self.loop_depth = 0
        self.conditional_depth = 0
        self.may_have_left = False
        """Whether a return may have left the current function."""
        self.may_have_jumped = False
        """Whether a break or continue may have left the current pass of a loop."""
        self.unit: Unit
        self.trees = Trees()
        self.skipped_call_effects = SkippedCallEffects(self.trees)
        self.switches = Switches()
        self.suspended = SuspendedCode()
        self.replaced_members = ReplacedMembers()
        self.awaited: set[ast.expr] = set()
        """The calls whose coroutines the code waits for at once."""
        self.variables: dict[Span, str] = {}
        self.scope = Scope()
        self._callers: list[Scope] = []
        self.depth = 0
        self.turned_off_depth = 0
        self.called: set[ast.AST] = set()
        self.has_skipped_calls = False
        """Whether a call of a function of the source was skipped."""
        self.defined: list[Function] = []
        self.classes: list[UserClass] = []
        self.units: dict[ast.AST, Unit] = {}
        self.frames: list[Function] = []
        self.returns: list[list[Snapshot]] = []
        self.loop_exits: list[Exits] = []
        self._blocks: list[Block] = []
        self._steps = 0
        self.trail = world.trail = Trail()
        self.skipped_functions = world.skipped_functions = set[str]()
        world.expecting_blocks = set[Span]()
        self.sources: Sources = ()
        """The expressions that the value to assign is computed from."""
        self._generating: Function | None = None
        self._sources: dict[str, str] = {}

    def run(self, unit: Unit, tree: ast.Module) -> None:
        """Interpret one unit in the module's scope."""
        self.unit = unit
        self.trees.add(tree, unit.text)
        self._sources[unit.source.name] = unit.source.text
        self.block(tree.body)

    def finish(self, units: Collection[int] | None = None) -> None:
        """Interpret the functions that were never called, with unknown parameters.

        ``units``: only those of the units with these numbers.
        """
        self.libraries.scope_ends(list(self.scope.names.values()))
        if units is not None:
            self.defined = [function for function in self.defined if self.units[function.node].number in units]
            self.classes = [cls for cls in self.classes if cls.span.line // STRIDE in units]
        classes.interpret_uncalled_methods(self)
        changing = self._changing_others()
        for function in changing:
            self._interpret_apart(function)
        for function in self.defined:  # the list grows: a function may define others
            if function not in changing and self._is_uncalled(function):
                self._interpret_uncalled(function)

    def _is_uncalled(self, function: Function) -> bool:
        return function.node not in self.called or functions.is_handler(function)

    def _changing_others(self) -> list[Function]:
        """The functions that are not called and may change what others read, if there are others."""
        uncalled = list(filter(self._is_uncalled, self.defined))
        if len(uncalled) < 2:
            return []
        return [function for function in uncalled if self.skipped_call_effects.may_change(function, self.defined)]

    def _interpret_apart(self, function: Function) -> None:
        """Interpret an uncalled function so that the others run with or without what it changes."""
        before = self.snapshot()
        self._interpret_uncalled(function)
        flow.join(self, [before, self.snapshot()], self.span(function.node))

    def _interpret_uncalled(self, function: Function) -> None:
        self.unit = self.units[function.node]
        functions.interpret_uncalled(self, function)

    def texts(self) -> Collection[str]:
        """The texts of the source and of the modules that are interpreted so far."""
        return self._sources.values()

    def is_passed(self, function: Function, parameter: str) -> bool:
        """Whether a call by a function's name, or by that of a constructor's class, may pass a parameter.

        So may a call that gets the function, unless it calls the function with the options of a command line.
        """
        name = function.name
        if name == "__init__" and function.owner is not None:
            name = function.owner.name
        if any(functions.may_pass(call, function, parameter) for call in self.trees.calls_of(name)):
            return True
        takers = {last_name(call.func) for call in self.trees.calls_with(name)}
        return parameter not in function.options and not takers <= command_options.RUNNERS

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Span:
        """The span of a syntax node of the current unit."""
        return self.unit.span(node)

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression."""
        self.step()
        return expressions.evaluate(self, node)

    @property
    def is_imprecise(self) -> bool:
        """Whether so many steps are used that calls are skipped and loops take one pass."""
        return self._steps > self.limits.precise_steps

    def step(self) -> None:
        """Count one step. Raises TooMuchError."""
        self._steps += 1
        work.spend(WORK_PER_STEP)
        if self._steps > MAX_STEPS:
            raise TooMuchError

    # Statements

    def block(self, statements: list[ast.stmt]) -> str:
        """Interpret some statements. Returns how the block ends: ``FALLS``, ``LEAVES`` or ``RETURNS``."""
        block = Block(statements, self.scope)
        self._blocks.append(block)
        try:
            for block.index, statement in enumerate(statements):
                self.step()
                try:
                    ended = self._statement(statement)
                except RecursionError:
                    ended = FALLS
                    forget_assigned(self, [statement], "is nested too deep to be analysed")
                if ended != FALLS:
                    return ended
            return FALLS
        finally:
            self._blocks.pop()

    def _statement(self, node: ast.stmt) -> str:  # noqa: C901 - one case for each statement
        match node:
            case ast.Assign():
                value = self.evaluate(node.value)
                self.sources = (node.value,)
                for target in node.targets:
                    self.assign(target, value)
            case ast.AnnAssign() if node.value is not None:
                value = self.evaluate(node.value)
                self.sources = (node.value,)
                self.assign(node.target, value)
            case ast.AugAssign():
                self._augment(node)
            case ast.Expr():
                with self.imports.looking(True):
                    value = self.evaluate(node.value)
                if not isinstance(node.value, ast.Call):
                    self.libraries.shown([value])
            case ast.If():
                return flow.interpret_if(self, node)
            case ast.For() | ast.AsyncFor() | ast.While():
                return flow.interpret_loop(self, node)
            case ast.With() | ast.AsyncWith():
                return flow.interpret_with(self, node)
            case ast.Try() | ast.TryStar():
                return flow.interpret_try(self, node)
            case ast.Match():
                return flow.interpret_match(self, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                functions.define(self, node)
            case ast.ClassDef():
                classes.define(self, node)
            case ast.Import():
                imports.bind_imports(self, node)
            case ast.ImportFrom():
                imports.bind_members(self, node)
            case ast.Return():
                return flow.interpret_return(self, node)
            case ast.Break() | ast.Continue():
                return flow.interpret_jump(self, node)
            case ast.Raise():
                return flow.interpret_raise(node)
            case ast.Delete():
                flow.interpret_delete(self, node.targets)
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
                record_name(self.variables, name, value)
                self.switches.record_sources(self.scope.owner(name), name, self.sources)
            case ast.Tuple() | ast.List():
                assigning.unpack(self, target, value)
            case ast.Starred(value=inner):
                self.assign(inner, value)
            case ast.Subscript():
                assigning.assign_item(self, target, value)
            case ForeignTarget():
                target.assign(self, value)
            case ast.Attribute():
                self.set_attribute(self.evaluate(target.value), target.attr, value, self.span(target))
                if isinstance(target.value, ast.Name):
                    record_name(self.variables, f"{target.value.id}.{target.attr}", value)

    def member(self, receiver: Value, name: str, span: Span) -> Value:
        """An attribute of a value."""
        return expressions.member(self, receiver, name, span)

    def apply(self, function: Value, arguments: Arguments, site: Site) -> Value:
        """Call a value, with the side effects of the call. Returns its result."""
        return calls.apply(self, function, arguments, site)

    def forget_part(self, change: Change, value: Value, why: Unknown) -> None:
        """Make unknown the part of a name's value that a change may have set, in code that is not followed."""
        forget_part(value, change, why)

    def set_attribute(self, receiver: Value, name: str, value: Value, span: Span) -> None:
        """Set a member of a value."""
        if isinstance(receiver, Instance):
            classes.set_attribute(self, receiver, name, value, span)
        elif isinstance(receiver, UserClass):
            receiver.members[name] = value
        elif isinstance(receiver, Symbol):
            self.imports.set_member(f"{receiver.name}.{name}", value)
            self.libraries.patched(f"{receiver.name}.{name}", span)
        else:
            owner = receiver.receiver if isinstance(receiver, Method) else receiver
            operators.forget(owner, unknown("may be changed through an alias", span))

    def bind(self, name: str, value: Value) -> None:
        """Bind a name, in the scope that owns it."""
        self.scope.owner(name).names[name] = value

    def _augment(self, node: ast.AugAssign) -> None:
        current, value = self.evaluate(node.target), self.evaluate(node.value)
        span = self.span(node)
        if isinstance(node.op, ast.Add) and isinstance(current, Sequence) and current.kind == "list":
            assigning.extend(current, value, span)
        elif isinstance(node.op, ast.BitOr) and isinstance(current, Mapping):
            operators.spread(current, value, span)
        else:
            self.sources = (node.value, node.target)
            self.assign(node.target, operators.binary(current, node.op, value, span))

    def snapshot(self, *more: Scope) -> Snapshot:
        """A snapshot of everything reachable from the scopes on the call stack and from ``more``.

        It costs steps. Raises TooMuchError.
        """
        return self.count_snapshot(Snapshot([*self._callers, self.scope, *self.imports.scopes(), *more]))

    def snapshot_of(self, value: Value) -> Snapshot:
        """A snapshot of everything reachable from one value. It costs steps. Raises TooMuchError."""
        return self.count_snapshot(Snapshot([value]))

    def count_snapshot(self, snapshot: Snapshot) -> Snapshot:
        """Count the steps of making a snapshot, or of a comparison with it. Raises TooMuchError."""
        self._steps += snapshot.size // state.OBJECTS_PER_STEP
        self.step()
        return snapshot

    # Functions

    def call_function(self, function: Function, arguments: Arguments, span: Span, *, is_awaited: bool = True) -> Value:
        """Interpret a call of a function of this source. Returns the result.

        ``is_awaited``: the caller waits for the end of a coroutine, or iterates over a generator at once.
        """
        recursion = sum(frame.node is function.node for frame in self.frames)
        if not self.is_imprecise:  # else it is interpreted at the end, as an uncalled function
            self.called.add(function.node)
        if self.is_imprecise or self.depth >= MAX_CALL_DEPTH or recursion >= MAX_RECURSION:
            if arguments.open is None:  # else its values are unknown, which is said where it is interpreted
                self.skipped_functions.add(function.name)
            return self.skip_call(function, arguments, span)
        scope = Scope(above=function.scope)
        functions.bind_parameters(function, arguments, scope, span)
        interpret = self.body if is_awaited else self._start
        self.loop_depth += recursion > 0  # recursion repeats its body, as a loop does
        turn = Turn.PERHAPS if recursion else Turn.CALL
        with self.trail.within(self.trail.step(turn, span, text=function.name)):
            returned = interpret(function, scope, span)
        self.loop_depth -= recursion > 0
        if function.is_traced:
            return unknown(is_a(f"the tensor that `{function.name}()` returns"), span)
        return returned

    def _start(self, function: Function, scope: Scope, span: Span) -> Value:
        """The result of a call that is not used up at once: a coroutine or generator runs later, or never."""
        if self.trees.is_generator(function.node):
            return self._generator(function, scope, span, starts_late=True)
        if not isinstance(function.node, ast.AsyncFunctionDef):
            return self.body(function, scope, span)
        run = partial(self.body, function, scope, span)
        tasks = [task for task in self.defined if isinstance(task.node, ast.AsyncFunctionDef)]
        others = self.code_until_later(*tasks)
        returned, places = self.suspended.interpret(
            self, run, span, scope, name=function.name, others=others, starts_late=True
        )
        self.suspended.hold(places)
        return returned

    def _generator(self, function: Function, scope: Scope, span: Span, *, starts_late: bool = False) -> Value:
        """The result of a generator function: its body runs when the generator is used, or never."""
        self._generating = function
        run = partial(self.body, function, scope, span)
        others = self.code_until_later() if starts_late else self.code_of_statement()
        _, places = self.suspended.interpret(
            self, run, span, scope, name=function.name, others=others, starts_late=starts_late
        )
        why = unknown(is_a(f"what the generator `{function.name}` yields"), span)
        generator = operators.aliases(list(scope.names.values()), why)
        self.suspended.hold(places, generator)
        return generator

    def code_until_later(self, *functions: Function) -> OtherCode:
        """The code that may run until some other code that is called now does: what follows, and some functions."""
        return other_code(self, self._blocks, functions)

    def code_of_statement(self) -> OtherCode:
        """The code of the current statement, such as the body of a loop over a generator."""
        blocks = [Block(block.statements[block.index : block.index + 1], block.scope) for block in self._blocks[-1:]]
        return other_code(self, blocks, [])

    def skip_call(self, function: Function, arguments: Arguments, span: Span) -> Value:
        """The result of a call that is not analysed.

        It may change its arguments, and all that the function and its callees name.
        """
        self.has_skipped_calls = True
        why = unknown("may be changed by a call that is not analysed", span)
        passed: list[Value] = present([*arguments.values(), function.receiver])
        for value in passed:
            operators.forget(value, why)
        self.skipped_call_effects.forget(function, self.defined, why)
        return operators.aliases(passed, unknown(is_a("what a call that is not analysed returns"), span))

    def body(self, function: Function, scope: Scope, span: Span) -> Value:
        """Interpret a function's body in its own scope. Returns the join of its returned values."""
        node = function.node
        if self.trees.is_generator(node) and function is not self._generating:
            return self._generator(function, scope, span)
        self._generating = None
        with self.call_frame(function, scope):
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
            return self.scope.names.get(RETURNED) or unknown(is_a("the result of a call that never returns"), span)

    @contextmanager
    def call_frame(self, function: Function, scope: Scope) -> Iterator[None]:
        """Push a frame for a call of a function, with its own scope."""
        with self.entered(scope):
            self.unit = self.units.get(function.node, self.unit)
            self.frames.append(function)
            self.depth += 1
            self.returns.append([])
            left, self.loop_exits = self.loop_exits, []
            had_left, self.may_have_left = self.may_have_left, False
            had_jumped, self.may_have_jumped = self.may_have_jumped, False
            self.conditional_depth += had_left or had_jumped
            try:
                yield
            finally:
                self.conditional_depth -= had_left or had_jumped
                self.may_have_left, self.may_have_jumped = had_left, had_jumped
                self.returns.pop()
                self.frames.pop()
                self.loop_exits = left
                self.depth -= 1

    @contextmanager
    def entered(self, scope: Scope) -> Iterator[None]:
        """Enter the scope of a call or of another module."""
        self._callers.append(self.scope)
        self.scope, unit = scope, self.unit
        try:
            yield
        finally:
            self.scope, self.unit = self._callers.pop(), unit

    @property
    def is_conditional(self) -> bool:
        """Whether the current statement may not be reached although no error ends the program.

        It is in a branch, or a return, break or continue may have left the code before it.
        """
        return self.may_have_left or self.may_have_jumped or self.conditional_depth > 0

    @contextmanager
    def conditionally(self) -> Iterator[None]:
        """A context whose statements may not be reached."""
        self.conditional_depth += 1
        try:
            yield
        finally:
            self.conditional_depth -= 1

    @contextmanager
    def inner_scope(self) -> Iterator[None]:
        """Enter the scope of a comprehension."""
        self.scope = Scope(above=self.scope, kind="comprehension")
        self.loop_depth += 1
        try:
            yield
        finally:
            self.loop_depth -= 1
            self.scope = self.scope.above or self.scope
