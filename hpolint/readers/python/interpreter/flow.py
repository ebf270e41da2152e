"""Control flow: branches, loops and exceptions, and the joins of the states after them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.node import Unknown
from hpolint.model.reasons import Kind, is_a, of_kind
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import classes, expressions, iteration, operators
from hpolint.readers.python.interpreter.forgetting import forget_assigned, forget_changed
from hpolint.readers.python.interpreter.joining import Joiner
from hpolint.readers.python.interpreter.state import Snapshot
from hpolint.readers.python.interpreter.switches import Condition
from hpolint.readers.python.interpreter.syntax_facts import last_name, source_text
from hpolint.readers.python.interpreter.trail import Step, Turn
from hpolint.readers.python.interpreter.units import line_text
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Mapping,
    Sequence,
    Symbol,
    Value,
    is_own,
    present,
    returned_by,
    unknown,
)
from hpolint.readers.python.interpreter.walking import walk

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

SUPPRESSING = frozenset({"contextlib.suppress", "pytest.raises"})
"""Context managers that expect an error."""

BROAD_ERRORS = frozenset({"Exception", "BaseException", "ClientError"})
"""Errors that are handled so that a program shows them."""

SHOWING = frozenset(
    {"print", "display", "exception", "error", "warning", "info", "debug", "log", "format", "format_exc", "print_exc"}
    | {"str", "repr", "type", "get", "exit", "_exit", "SystemExit", "RuntimeError", "Exception", "ValueError"}
)
"""Functions that a handler calls which only shows an error, or ends the program."""

FALLS, LEAVES, RETURNS, JUMPS, FAILS = "falls", "leaves", "returns", "jumps", "fails"
"""How a block ends: control falls through, or a return, a break or continue, or a raise has left it.

``RETURNS``: a function's last statement is a return; then the current state is the state at the return, and no snapshot
of it is stored.
"""

EXITS = frozenset({"exit", "_exit", "quit"})
"""Functions that end the program."""

SHOWN_WITH = frozenset(
    {"print", "format", "str", "repr", "round", "len", "float", "int", "items", "keys", "values", "info", "debug"}
)
"""Functions and methods that print a value, or make its text."""

RETURNED = "return"
"""The name of the returned value in a function's scope. It is a keyword, so no program can bind it."""

MAX_CALLBACK_DEPTH = 6
"""The depth of the call stack up to which callbacks are interpreted."""

MAX_TURNED_OFF_DEPTH = 3
"""Levels of nested turned-off branches that are interpreted."""

MAX_LOOP_PASSES = 2
"""Passes over the body of a loop with unknown items: the changes of one pass may affect the next."""

MAX_UNROLLED_ITEMS = 200
"""Items of a loop that are interpreted one by one."""


MAX_ITERABLE_CHARACTERS = 60
"""Characters of what a loop iterates over that messages quote."""


class Exits(msgspec.Struct):
    """The states at the ``break`` and ``continue`` statements of a loop's body."""

    breaks: list[Snapshot] = msgspec.field(default_factory=list)
    continues: list[Snapshot] = msgspec.field(default_factory=list)


def interpret_if(interpreter: Interpreter, node: ast.If) -> str:
    """Interpret the branch that is taken; if the test is unknown, both."""
    is_true = expressions.truth(interpreter.evaluate(node.test))
    if is_true is None:
        paths = [partial(interpreter.block, block) if block else skip for block in (node.body, node.orelse)]
        return alternatives(interpreter, paths, interpreter.span(node.test))
    live, dead = (node.body, node.orelse) if is_true else (node.orelse, node.body)
    _interpret_turned_off(interpreter, dead, Condition(node.test, not is_true))
    condition = Condition(node.test, is_true)
    switches = interpreter.switches
    if len(live) == 1 and isinstance(live[0], ast.If):  # an `elif`: its branches depend on both tests
        switches.elif_variables.append(condition.variables)
        ended = interpreter.block(live)
        switches.elif_variables.pop()
        switches.record_dependencies(interpreter, condition, dead)
    else:
        ended = interpreter.block(live)
        switches.record_dependencies(interpreter, condition, [*live, *dead])
    return ended


def _interpret_turned_off(interpreter: Interpreter, block: list[ast.stmt], condition: Condition) -> None:
    """Interpret a branch that a switch in the source turns off, for the jobs in it, and restore the state."""
    if not block or interpreter.turned_off_depth >= MAX_TURNED_OFF_DEPTH:
        return
    if len(block) == 1 and isinstance(block[0], ast.If):
        further = block[0]
        if expressions.truth(interpreter.evaluate(further.test)) is False:  # an `elif` has its own condition
            _interpret_turned_off(interpreter, further.body, Condition(further.test, True))
            _interpret_turned_off(interpreter, further.orelse, Condition(further.test, False))
            return
    before = interpreter.snapshot()
    interpreter.turned_off_depth += 1
    left, returns = interpreter.loop_exits, interpreter.returns
    had_left, had_jumped = interpreter.may_have_left, interpreter.may_have_jumped
    interpreter.loop_exits, interpreter.returns = [Exits() for _ in left], [[] for _ in returns]
    with interpreter.libraries.turned_off(), interpreter.suspended.kept_out():
        interpreter.switches.assume(interpreter, condition)
        with interpreter.conditionally():
            interpreter.block(block)
        interpreter.switches.record_branch(interpreter, condition, block)
        interpreter.libraries.scope_ends(list(interpreter.scope.names.values()))
    interpreter.loop_exits, interpreter.returns = left, returns
    interpreter.may_have_left, interpreter.may_have_jumped = had_left, had_jumped
    interpreter.turned_off_depth -= 1
    before.restore()


def skip() -> str:
    """The path that does nothing."""
    return FALLS


def alternatives(interpreter: Interpreter, paths: list[Callable[[], str]], span: Span) -> str:
    """Interpret each of several paths from the same state, and join the states after them. Returns how they end."""
    before = interpreter.snapshot()
    current: Snapshot | None = before
    outcomes: list[Snapshot] = []
    endings: set[str] = set()
    had_left, had_jumped = interpreter.may_have_left, interpreter.may_have_jumped
    branch = interpreter.trail.next_number()
    for index, path in enumerate(paths):
        if path is skip:
            outcomes.append(before)
            continue
        if current is not before:
            before.restore()
        side = interpreter.trail.step(Turn.SIDE, span, branch, index + 1)
        with interpreter.conditionally(), interpreter.trail.within(side):
            ended = path()
        endings.add(ended)
        current = interpreter.snapshot() if ended == FALLS else None
        outcomes += present([current])
    join(interpreter, outcomes, span, alternatives=True, current=current)
    if len(outcomes) < len(paths):
        interpreter.trail.may_have_left(span)
    interpreter.may_have_left = had_left or not endings.isdisjoint((LEAVES, RETURNS))
    interpreter.may_have_jumped = had_jumped or JUMPS in endings
    return FALLS if outcomes else _common_end(endings)


def _common_end(endings: set[str]) -> str:
    """How the code ends of which each path ends in one of some ways, and none falls through."""
    for ended in (JUMPS, FAILS):
        if endings == {ended}:
            return ended
    return LEAVES


def _outcome(interpreter: Interpreter, ended: str) -> list[Snapshot]:
    """The current state as an outcome of a block, if control falls through."""
    return [interpreter.snapshot()] if ended == FALLS else []


def join(
    interpreter: Interpreter,
    outcomes: list[Snapshot],
    span: Span,
    *,
    alternatives: bool = False,
    current: Snapshot | None = None,
) -> bool:
    """Set the state to the join of some outcomes. Returns whether they differ.

    ``alternatives``: the actual state is exactly one of the outcomes, not a mixture of them. ``current`` is the one
    that the interpreter's state equals, if that is known: it is not written again.
    """
    differ = False
    for number, outcome in enumerate(outcomes):
        if number == 0:
            if outcome is not current:
                outcome.restore()
            continue
        mine = outcomes[0] if number == 1 else interpreter.snapshot()
        joiner = Joiner(span, mine, outcome, alternatives=alternatives)
        joiner.join()
        differ |= joiner.has_difference
    return differ


def interpret_match(interpreter: Interpreter, node: ast.Match) -> str:
    """Interpret each case, or none of them. The names that a pattern binds are unknown."""
    subject = interpreter.evaluate(node.subject)
    span = interpreter.span(node.subject)
    paths: list[Callable[[], str]] = [partial(_interpret_case, interpreter, case, subject, span) for case in node.cases]
    last = node.cases[-1]
    if not isinstance(last.pattern, ast.MatchAs) or last.pattern.pattern is not None or last.guard is not None:
        paths.append(skip)
    return alternatives(interpreter, paths, span)


def _interpret_case(interpreter: Interpreter, case: ast.match_case, subject: Value, span: Span) -> str:
    bound = operators.aliases(operators.with_parts([subject]), unknown("is bound by a pattern", span))
    for part in walk(case.pattern):
        name = getattr(part, "name", None) or getattr(part, "rest", None)
        if isinstance(part, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name:
            interpreter.bind(name, bound)
    if case.guard is not None:
        interpreter.evaluate(case.guard)
    return interpreter.block(case.body)


def interpret_loop(interpreter: Interpreter, node: ast.For | ast.AsyncFor | ast.While) -> str:
    """Interpret a loop. Returns how it ends."""
    interpret = _interpret_while if isinstance(node, ast.While) else _interpret_for
    had_jumped = interpreter.may_have_jumped
    ended = interpret(interpreter, node)  # type: ignore[arg-type]
    interpreter.may_have_jumped = had_jumped
    interpreter.trail.loop_ends()
    return ended


def _interpret_for(interpreter: Interpreter, node: ast.For | ast.AsyncFor) -> str:
    """Interpret a loop over known items one by one; otherwise the names that it assigns are unknown in and after it."""
    interpreter.awaited.add(node.iter)
    value = expressions.evaluate_now(interpreter, node.iter)
    iterable = iteration.start(interpreter, value, interpreter.span(node.iter))
    ended = _interpret_passes(interpreter, node, iterable)
    iteration.finish(interpreter, node.iter, iterable)
    return ended


def _interpret_passes(interpreter: Interpreter, node: ast.For | ast.AsyncFor, iterable: Value) -> str:
    """Interpret the passes over the items of a value."""
    items = None
    if isinstance(node, ast.For) and not interpreter.is_imprecise:
        items = operators.iterated(iterable)
    if items is None or len(items) > _max_passes(interpreter, iterable):
        count = len(items) if items is not None else None
        interpreter.libraries.paused()
        return _interpret_unknown_passes(interpreter, node, node.iter, iterable, count=count)
    exits, span = Exits(), interpreter.span(node.iter)
    loop = interpreter.trail.next_number()
    turn = Turn.SIDE if _is_attempt(node.body) else Turn.PASS
    for index, item in enumerate(items, 1):
        interpreter.sources = (node.iter,)
        interpreter.assign(node.target, item)
        if not _interpret_pass(interpreter, node.body, exits, Step(turn, loop, span, index, is_pass=True)):
            return _join_exits(interpreter, exits, span)
    return _join_exits(interpreter, exits, span, node.orelse)


def _max_passes(interpreter: Interpreter, iterable: Value) -> int:
    """The number of items of a value up to which a loop over it is interpreted item by item."""
    is_range = isinstance(iterable, Sequence) and iterable.kind == "range"
    return interpreter.limits.range_passes if is_range else MAX_UNROLLED_ITEMS


def _is_attempt(body: list[ast.stmt]) -> bool:
    """Whether a pass of a loop ends the loop unless it fails, as one that tries several instance types."""
    for index, statement in enumerate(body):
        if isinstance(statement, ast.Try | ast.TryStar) and statement.handlers:
            success = [*statement.body[-1:], *statement.orelse[-1:], *body[index + 1 :]]
            return any(isinstance(last, ast.Break | ast.Return) for last in success)
    return False


def _interpret_body(interpreter: Interpreter, body: list[ast.stmt], step: Step) -> tuple[str, Exits]:
    """Interpret a loop's body once. Returns how it ends, and the states where it is left."""
    interpreter.loop_exits.append(Exits())
    works = not _only_shows(interpreter, body)
    had_jumped = interpreter.may_have_jumped
    interpreter.loop_depth += works
    returned = sum(map(len, interpreter.returns))
    with interpreter.trail.within(step):
        ended = interpreter.block(body)
        is_in_doubt = interpreter.trail.is_in_doubt
    interpreter.loop_depth -= works
    exits = interpreter.loop_exits.pop()
    interpreter.may_have_left |= ended == LEAVES
    interpreter.may_have_jumped = had_jumped or bool(exits.breaks)  # a `continue` ends only the pass
    if is_in_doubt:  # at least by `continue`, which ends only the pass
        has_returned = sum(map(len, interpreter.returns)) > returned
        if has_returned or _raises(body):
            interpreter.trail.may_have_left(step.place)
        elif exits.breaks and step.turn is not Turn.PASSES:
            interpreter.trail.may_have_left(step.place, only_loop=True)
    return ended, exits


def _only_shows(interpreter: Interpreter, body: list[ast.stmt]) -> bool:
    """Whether a loop only prints what was computed before, as the history of a training that has ended."""
    if not all(isinstance(statement, ast.Expr) for statement in body):
        return False
    return interpreter.trees.calls_in(body) <= SHOWN_WITH


def _raises(body: list[ast.stmt]) -> bool:
    nodes = chain.from_iterable(walk(statement) for statement in body)
    return any(isinstance(node, ast.Raise) for node in nodes)


def _interpret_while(interpreter: Interpreter, node: ast.While) -> str:
    """Interpret a loop while its test is known to hold; after that, the names that it assigns are unknown."""
    exits, span = Exits(), interpreter.span(node.test)
    loop = interpreter.trail.next_number()
    turn = _turn_of_while(node)
    for index in range(1, MAX_UNROLLED_ITEMS + 1):
        is_true = expressions.truth(interpreter.evaluate(node.test))
        if is_true is None or interpreter.is_imprecise:
            break
        if not is_true:
            return _join_exits(interpreter, exits, span, node.orelse)
        step = Step(turn, loop, span)
        if turn is not Turn.PASSES:
            step = Step(turn, loop, span, index, is_pass=True)
        if not _interpret_pass(interpreter, node.body, exits, step):
            return _join_exits(interpreter, exits, span)
    if _interpret_unknown_passes(interpreter, node, node.test) == FALLS:
        exits.breaks.append(interpreter.snapshot())
    return _join_exits(interpreter, exits, span)


def _turn_of_while(node: ast.While) -> Turn:
    """What a pass of the loop is: one without an end is left by something that may happen in any pass."""
    if _is_attempt(node.body):
        return Turn.SIDE
    return Turn.PASSES if isinstance(node.test, ast.Constant) else Turn.PASS


def _interpret_pass(interpreter: Interpreter, body: list[ast.stmt], exits: Exits, step: Step) -> bool:
    """Interpret a loop's body once. Returns whether there may be a next pass."""
    ended, own = _interpret_body(interpreter, body, step)
    exits.breaks += own.breaks
    if own.continues:
        join(interpreter, [*_outcome(interpreter, ended), *own.continues], step.place)
    return ended == FALLS or bool(own.continues)


def _join_exits(interpreter: Interpreter, exits: Exits, span: Span, orelse: list[ast.stmt] | None = None) -> str:
    """Join the states after a loop: the end of its `else` if it was exhausted, and each break."""
    outcomes = list(exits.breaks)
    if orelse is not None and interpreter.block(orelse) == FALLS:
        if not outcomes:
            return FALLS
        outcomes.append(interpreter.snapshot())
    join(interpreter, outcomes, span)
    return FALLS if outcomes else LEAVES


def _interpret_unknown_passes(
    interpreter: Interpreter,
    node: ast.For | ast.AsyncFor | ast.While,
    test: ast.expr,
    iterable: Value | None = None,
    *,
    count: int | None = None,
) -> str:
    """Interpret any number of passes: assigned names become unknown, other changes are joined with the state before.

    ``count`` is their number if it is known: then the loop has too many for one pass each.
    """
    span = interpreter.span(test)
    reason: str = f"is assigned in the loop at line {line_text(span)}"
    if count is not None:
        reason = of_kind(Kind.TOO_MANY_LAUNCHES, f"{reason}, which has more passes than hpolint interprets")
    broken: list[Snapshot] = []
    turn = Turn.SIDE if _is_attempt(node.body) else Turn.PASSES
    text = "" if isinstance(node, ast.While) else source_text(node.iter)[:MAX_ITERABLE_CHARACTERS]
    step = Step(turn, interpreter.trail.next_number(), span, text=text, count=count)
    for _ in range(MAX_LOOP_PASSES):  # the second is needed only if the first changes the state
        forget_assigned(interpreter, [node], reason)
        before = interpreter.snapshot()
        if iterable is not None and not isinstance(node, ast.While):
            interpreter.sources = (test,)
            interpreter.assign(node.target, operators.aliases(operators.parts(iterable), unknown(reason, span)))
        _let_others_run(interpreter, node)
        ended, own = _interpret_body(interpreter, node.body, step)
        broken += own.breaks
        if ended == FALLS:
            forget_assigned(interpreter, [node], reason)  # so that assigned names do not count as a difference
        outcomes = [before, *_outcome(interpreter, ended), *own.continues]
        if not join(interpreter, outcomes, span) or interpreter.is_imprecise:
            break
    forget_assigned(interpreter, [node], reason)
    return _join_exits(interpreter, Exits(breaks=broken), span, node.orelse)


def interpret_with(interpreter: Interpreter, node: ast.With | ast.AsyncWith) -> str:
    """Interpret a ``with`` block; if a context manager suppresses exceptions, the block may end at any statement."""
    suppressing = False
    entered: list[Value] = []
    for item in node.items:
        interpreter.awaited.add(item.context_expr)
        value = interpreter.evaluate(item.context_expr)
        entered.insert(0, value)
        suppressing |= _suppresses(interpreter, item.context_expr, value)
        if isinstance(value, Unknown | Symbol):
            interpreter.libraries.paused()
        _run_generator(interpreter, item.context_expr)
        bound = _call_enter(interpreter, value, interpreter.span(item.context_expr))
        _let_others_run(interpreter, node)
        if item.optional_vars is not None:
            interpreter.sources = (item.context_expr,)
            interpreter.assign(item.optional_vars, bound)
    span = interpreter.span(node.body[0])
    if not suppressing:
        ended = interpreter.block(node.body)
        for value in entered:
            _call_exit(interpreter, value, span)
        _let_others_run(interpreter, node)
        return ended
    before = interpreter.snapshot()
    block = interpreter.unit.block(node.body)
    with interpreter.conditionally(), interpreter.libraries.guarded(block, is_expecting=True):
        ended = interpreter.block(node.body)
    for value in entered:
        interpreter.replaced_members.leave(interpreter, value, before)
    after = interpreter.snapshot()
    _join_failure(interpreter, node.body, before, after)
    if ended == FALLS:
        join(interpreter, [interpreter.snapshot(), after], span)
    _let_others_run(interpreter, node)
    return FALLS


def _let_others_run(interpreter: Interpreter, node: ast.stmt) -> None:
    """Note that a statement may continue suspended code: a generator, or if it is an ``async`` one any task."""
    if isinstance(node, ast.AsyncFor | ast.AsyncWith):
        interpreter.suspended.pause(interpreter)
    elif isinstance(node, ast.For | ast.With):
        interpreter.suspended.resume()


def _join_failure(interpreter: Interpreter, body: list[ast.stmt], before: Snapshot, after: Snapshot) -> None:
    """Join the states around a block that an exception may leave at any statement, so each change is uncertain."""
    join(interpreter, [before, after], interpreter.span(body[0]))
    forget_assigned(interpreter, body, "may not have been reached before an exception")


def _call_exit(interpreter: Interpreter, manager: Value, span: Span) -> None:
    """Call ``__exit__`` of a context manager whose class is of this source."""
    method = classes.own_method(manager, "__exit__") or classes.own_method(manager, "__aexit__")
    if method is not None:
        nothing: Value = Constant(None, span)
        interpreter.call_function(method, Arguments([nothing, nothing, nothing]), span)
    interpreter.replaced_members.leave(interpreter, manager)


def _run_generator(interpreter: Interpreter, node: ast.expr) -> None:
    """Make unknown what a context manager changes that is a decorated generator of this source: its code is split."""
    name = last_name(node.func) if isinstance(node, ast.Call) else ""
    for function in interpreter.defined:
        if function.name == name and not isinstance(function.node, ast.Lambda):
            forget_changed(interpreter, function.node, f"may be changed by `{name}()`")


def _suppresses(interpreter: Interpreter, node: ast.expr, manager: Value) -> bool:
    """Whether a context manager may suppress exceptions: ``suppress``, or ``__exit__`` of this source with a result."""
    if is_own(manager):
        leaving = classes.own_method(manager, "__exit__")
        return leaving is not None and _may_return_true(leaving.node)
    called = interpreter.evaluate(node.func) if isinstance(node, ast.Call) else None
    return isinstance(called, Symbol) and called.name in SUPPRESSING


def _may_return_true(function: ast.AST) -> bool:
    results = [node.value for node in walk(function) if isinstance(node, ast.Return) and node.value is not None]
    return any(not isinstance(result, ast.Constant) or result.value for result in results)


def _call_enter(interpreter: Interpreter, value: Value, span: Span) -> Value:
    """The value that ``as`` binds: the result of ``__enter__`` if the class is of this source, else the manager."""
    interpreter.replaced_members.enter(interpreter, value, span)
    enter = classes.own_method(value, "__enter__") or classes.own_method(value, "__aenter__")
    if enter is not None:
        return interpreter.call_function(enter, Arguments(), span)
    return returned_by("__enter__", span) if is_own(value) else value


def interpret_try(interpreter: Interpreter, node: ast.Try | ast.TryStar) -> str:
    """Interpret the body without a failure, and each handler after a failure anywhere in the body."""
    returns = interpreter.returns[-1] if interpreter.returns else []
    returned_before = len(returns)
    span = interpreter.span(node.body[0])
    before = interpreter.snapshot()
    with nullcontext() if all(map(_ends_program, node.handlers)) else interpreter.conditionally():
        ended = _guarded_block(interpreter, node)
    after = interpreter.snapshot()
    if ended == FALLS:
        ended = interpreter.block(node.orelse)
    endings = {ended}
    outcomes = _outcome(interpreter, ended)
    for handler in node.handlers:
        _join_failure(interpreter, node.body, before, after)
        if handler.name:
            interpreter.bind(handler.name, unknown(is_a("an exception"), span))
        with interpreter.conditionally(), interpreter.trail.within(interpreter.trail.step(Turn.PERHAPS, span)):
            handled = interpreter.block(handler.body)
        endings.add(handled)
        outcomes += _outcome(interpreter, handled)
    join(interpreter, outcomes, span)
    interpreter.may_have_left |= not endings.isdisjoint((LEAVES, RETURNS))
    interpreter.may_have_jumped |= JUMPS in endings
    ended = FALLS if outcomes else _common_end(endings)
    if not node.finalbody:
        return ended
    if interpreter.returns:
        _interpret_finally(interpreter, returns, returned_before, node.finalbody)
    with interpreter.trail.within(interpreter.trail.step(Turn.PERHAPS, span)):
        after_all = interpreter.block(node.finalbody)
    return ended if after_all == FALLS else after_all


def _ends_program(handler: ast.ExceptHandler) -> bool:
    """Whether a handler always ends in an error, or ends the program with a status that is not 0."""
    if any(isinstance(node, ast.Return | ast.Break | ast.Continue) for node in walk(handler)):
        return False
    match handler.body[-1]:
        case ast.Raise():
            return True
        case ast.Expr(value=ast.Call(func=function, args=[status])):
            is_zero = isinstance(status, ast.Constant) and not status.value
            return last_name(function) in EXITS and not is_zero
    return False


def _guarded_block(interpreter: Interpreter, node: ast.Try | ast.TryStar) -> str:
    if not node.handlers:
        return interpreter.block(node.body)
    is_expecting = any(_expects_error(handler) for handler in node.handlers)
    with interpreter.libraries.guarded(interpreter.unit.block(node.body), is_expecting=is_expecting):
        return interpreter.block(node.body)


def _expects_error(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is for certain errors, or does more than to show any error."""
    if handler.type is not None and last_name(handler.type) not in BROAD_ERRORS:
        return True
    calls = [node for node in walk(handler) if isinstance(node, ast.Call)]
    return any(last_name(call.func) not in SHOWING for call in calls)


def interpret_return(interpreter: Interpreter, node: ast.Return) -> str:
    """Interpret a return: the state becomes an outcome of the function."""
    returned: Value = Constant(None, interpreter.span(node))
    if node.value is not None:
        returned = interpreter.evaluate(node.value)
    interpreter.scope.names[RETURNED] = returned
    function = interpreter.frames[-1].node if interpreter.frames else None
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.body[-1] is node:
        return RETURNS
    if interpreter.returns:
        interpreter.returns[-1].append(interpreter.snapshot())
    return LEAVES


def _interpret_finally(interpreter: Interpreter, returns: list[Snapshot], since: int, block: list[ast.stmt]) -> None:
    """Interpret `finally` in the state at each return that has left its `try`."""
    now = interpreter.snapshot()
    doubt = interpreter.trail.step(Turn.PERHAPS, interpreter.span(block[0]))
    for index in range(since, len(returns)):
        returns[index].restore()
        with interpreter.trail.within(doubt):
            interpreter.block(block)
        returns[index] = interpreter.snapshot()
    now.restore()


def interpret_jump(interpreter: Interpreter, node: ast.Break | ast.Continue) -> str:
    """Interpret a break or continue: the state becomes an outcome of the loop."""
    if interpreter.loop_exits:
        exits = interpreter.loop_exits[-1]
        outcomes = exits.breaks if isinstance(node, ast.Break) else exits.continues
        outcomes.append(interpreter.snapshot())
    return JUMPS


def interpret_raise(node: ast.Raise) -> str:
    """Interpret a raise: an error ends the program, unless a ``try`` around it handles it; ``SystemExit`` is none."""
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return LEAVES if raised is not None and last_name(raised) == "SystemExit" else FAILS


def interpret_delete(interpreter: Interpreter, targets: list[ast.expr]) -> None:
    """Interpret ``del``."""
    for target in targets:
        if isinstance(target, ast.Subscript):
            _delete_item(interpreter, target)
        elif isinstance(target, ast.Name):
            interpreter.scope.names.pop(target.id, None)
        elif isinstance(target, ast.Tuple | ast.List):
            interpret_delete(interpreter, target.elts)
        elif isinstance(target, ast.Attribute):
            span = interpreter.span(target)
            receiver = interpreter.evaluate(target.value)
            interpreter.set_attribute(receiver, target.attr, unknown("may have been deleted", span), span)


def _delete_item(interpreter: Interpreter, target: ast.Subscript) -> None:
    receiver, index = interpreter.evaluate(target.value), interpreter.evaluate(target.slice)
    why = unknown("may have lost an unknown item", interpreter.span(target))
    if not isinstance(receiver, Mapping):
        operators.forget(receiver, why)
    elif isinstance(index, Constant):
        receiver.entries.pop(index.value, None)
    else:
        operators.delete_somewhere(receiver, index, why)
