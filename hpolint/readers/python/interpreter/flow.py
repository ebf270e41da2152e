"""Which way a program may go: branches, loops, exceptions, and what stays known whichever it takes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import classes, expressions, operators
from hpolint.readers.python.interpreter.forgetting import forget_assigned
from hpolint.readers.python.interpreter.joining import Joiner
from hpolint.readers.python.interpreter.state import Snapshot
from hpolint.readers.python.interpreter.switches import Condition
from hpolint.readers.python.interpreter.units import line_text
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Function,
    Instance,
    Mapping,
    Symbol,
    Value,
    unknown,
)
from hpolint.readers.python.interpreter.walking import walk

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

FALLS, LEAVES, RETURNS = "falls", "leaves", "returns"
"""How a block ends: control goes on after it, or a return, raise, break or continue has left it.

A function's body returns if that was its last statement: then the state is what it is, and kept nowhere else.
"""

RETURNED = "return"
"""Under this name, which no program can use, a function's scope holds what it returns."""

MAX_NESTED = 6
"""How deep within calls the functions are followed that somebody else calls."""

MAX_DEAD = 3
"""How deep branches that are turned off are followed within others."""

PASSES = 2
"""How often a loop's body is followed: what a pass changes may change what the next one does."""

MAX_UNROLLED = 200
"""The items of a loop that are followed one by one."""


class Exits(msgspec.Struct):
    """The states in which a loop's body was left before its end."""

    breaks: list[Snapshot] = msgspec.field(default_factory=list)
    continues: list[Snapshot] = msgspec.field(default_factory=list)


def follow_if(interpreter: Interpreter, node: ast.If) -> str:
    """A branch: the one that is taken where that can be told, else both."""
    told = expressions.truth(interpreter.evaluate(node.test))
    if told is not None:
        live, dead = (node.body, node.orelse) if told else (node.orelse, node.body)
        _follow_dead(interpreter, dead, Condition(node.test, not told))
        condition = Condition(node.test, told)
        if len(live) == 1 and isinstance(live[0], ast.If):  # an `elif`: what stands in it depends on both tests
            interpreter.switches.above.append(condition.variables)
            ended = interpreter.block(live)
            interpreter.switches.above.pop()
            interpreter.switches.depend(interpreter, condition, [dead])
            return ended
        ended = interpreter.block(live)
        interpreter.switches.depend(interpreter, condition, [live, dead])
        return ended
    return either(interpreter, [node.body, node.orelse], interpreter.span(node.test))


def _follow_dead(interpreter: Interpreter, block: list[ast.stmt], condition: Condition) -> None:
    """A branch that a switch in the text turns off: the jobs in it are there for when it is turned on."""
    if not block or interpreter.turned_off >= MAX_DEAD:
        return
    further = block[0]
    if (
        len(block) == 1
        and isinstance(further, ast.If)
        and expressions.truth(interpreter.evaluate(further.test)) is False
    ):
        _follow_dead(interpreter, further.body, Condition(further.test, True))  # an `elif` has a condition of its own
        _follow_dead(interpreter, further.orelse, Condition(further.test, False))
        return
    before = interpreter.snapshot()
    interpreter.turned_off += 1
    left, returns = interpreter.left, interpreter.returns
    interpreter.left, interpreter.returns = [Exits() for _ in left], [[] for _ in returns]
    with interpreter.libraries.turned_off():
        interpreter.switches.assume(interpreter, condition)
        with interpreter.perhaps():
            interpreter.block(block)
        interpreter.switches.keep(interpreter, condition, block)
        interpreter.libraries.scope_ends(list(interpreter.scope.names.values()))
    interpreter.left, interpreter.returns = left, returns
    interpreter.turned_off -= 1
    before.restore()


def either(interpreter: Interpreter, blocks: list[list[ast.stmt]], span: Span) -> str:
    """Follow each of some blocks from the same state, and join what comes after."""
    return alternatives(interpreter, [partial(interpreter.block, block) if block else stay for block in blocks], span)


def stay() -> str:
    """The way on which nothing happens."""
    return FALLS


def alternatives(interpreter: Interpreter, ways: list[Callable[[], str]], span: Span) -> str:
    """Go each of some ways from the same state, and join what comes after."""
    before = interpreter.snapshot()
    outcomes: list[Snapshot] = []
    over = interpreter.may_be_over
    for number, way in enumerate(ways):
        if way is stay:
            outcomes.append(before)
            continue
        if number:
            before.restore()
        with interpreter.perhaps():
            ended = way()
        if ended == FALLS:
            outcomes.append(interpreter.snapshot())
    join(interpreter, outcomes, span, alternatives=True)
    interpreter.may_be_over = over or len(outcomes) < len(ways)
    return FALLS if outcomes else LEAVES


def join(interpreter: Interpreter, outcomes: list[Snapshot], span: Span, *, alternatives: bool = False) -> bool:
    """Go on with what some outcomes have in common; whether they differ in anything.

    ``alternatives``: one of them is what comes about, and nothing between them.
    """
    differ = False
    for number, outcome in enumerate(outcomes):
        if number == 0:
            outcome.restore()
            continue
        mine = outcomes[0] if number == 1 else interpreter.snapshot()
        joiner = Joiner(span, mine, outcome, alternatives=alternatives)
        joiner.join()
        differ |= joiner.told_apart
    return differ


def follow_match(interpreter: Interpreter, node: ast.Match) -> str:
    """Each case, or none of them; what a pattern binds cannot be told."""
    subject = interpreter.evaluate(node.subject)
    span = interpreter.span(node.subject)
    ways: list[Callable[[], str]] = [partial(_follow_case, interpreter, case, subject, span) for case in node.cases]
    last = node.cases[-1]
    catches_all = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None
    return alternatives(interpreter, ways if catches_all else [*ways, stay], span)


def _follow_case(interpreter: Interpreter, case: ast.match_case, subject: Value, span: Span) -> str:
    bound = operators.aliases([subject, *operators.parts(subject)], unknown("is bound by a pattern", span))
    for part in walk(case.pattern):
        name = getattr(part, "name", None) or getattr(part, "rest", None)
        if isinstance(part, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name:
            interpreter.bind(name, bound)
    if case.guard is not None:
        interpreter.evaluate(case.guard)
    return interpreter.block(case.body)


def follow_for(interpreter: Interpreter, node: ast.For | ast.AsyncFor) -> str:
    """A loop over what is known, item by item; else what it assigns is unknown in it and after it."""
    iterable = expressions.evaluate_now(interpreter, node.iter)
    items = operators.iterated(iterable) if isinstance(node, ast.For) and not interpreter.is_tired else None
    if items is None or len(items) > MAX_UNROLLED:
        return _follow_open(interpreter, node, node.iter, node.target, iterable)
    exits = Exits()
    for item in items:
        interpreter.reads = interpreter.trees.names(node.iter)
        interpreter.assign(node.target, item)
        if not _follow_pass(interpreter, node.body, exits, interpreter.span(node.iter)):
            return _after(interpreter, exits, interpreter.span(node.iter))
    return _after(interpreter, exits, interpreter.span(node.iter), node.orelse)


def follow_while(interpreter: Interpreter, node: ast.While) -> str:
    """A loop as long as its test is known to hold; from then on what it assigns is unknown."""
    exits, span = Exits(), interpreter.span(node.test)
    for _ in range(MAX_UNROLLED):
        told = expressions.truth(interpreter.evaluate(node.test))
        if told is None or interpreter.is_tired:
            break
        if not told:
            return _after(interpreter, exits, span, node.orelse)
        if not _follow_pass(interpreter, node.body, exits, span):
            return _after(interpreter, exits, span)
    if _follow_open(interpreter, node, node.test) == FALLS:
        exits.breaks.append(interpreter.snapshot())
    return _after(interpreter, exits, span)


def _follow_pass(interpreter: Interpreter, body: list[ast.stmt], exits: Exits, span: Span) -> bool:
    """Follow a loop's body once; whether there may be a next pass."""
    interpreter.left.append(Exits())
    interpreter.loops += 1
    ended = interpreter.block(body)
    interpreter.loops -= 1
    own = interpreter.left.pop()
    exits.breaks += own.breaks
    if own.continues:
        outcomes = [*([interpreter.snapshot()] if ended == FALLS else []), *own.continues]
        join(interpreter, outcomes, span)
    return ended == FALLS or bool(own.continues)


def _after(interpreter: Interpreter, exits: Exits, span: Span, orelse: list[ast.stmt] | None = None) -> str:
    """What comes after a loop: its `else` if it went to its end, and each break."""
    outcomes = list(exits.breaks)
    if orelse is not None and interpreter.block(orelse) == FALLS:
        if not outcomes:
            return FALLS
        outcomes.append(interpreter.snapshot())
    join(interpreter, outcomes, span)
    return FALLS if outcomes else LEAVES


def _follow_open(
    interpreter: Interpreter,
    node: ast.For | ast.AsyncFor | ast.While,
    test: ast.expr,
    target: ast.expr | None = None,
    iterable: Value | None = None,
) -> str:
    """Any number of passes: what they assign is unknown, what else they change is joined with what was before."""
    span = interpreter.span(test)
    reason = f"is assigned in the loop at line {line_text(span)}"
    broken: list[Snapshot] = []
    for _ in range(PASSES):  # the second is needed only for what the first has changed
        forget_assigned(interpreter, [node], reason)
        before = interpreter.snapshot()
        if target is not None and iterable is not None:
            interpreter.reads = interpreter.trees.names(test)
            interpreter.assign(target, operators.aliases(operators.parts(iterable), unknown(reason, span)))
        interpreter.left.append(Exits())
        interpreter.loops += 1
        ended = interpreter.block(node.body)
        interpreter.loops -= 1
        own = interpreter.left.pop()
        broken += own.breaks
        if ended == FALLS:
            forget_assigned(interpreter, [node], reason)  # which is then no difference
        outcomes = [before, *([interpreter.snapshot()] if ended == FALLS else []), *own.continues]
        if not join(interpreter, outcomes, span) or interpreter.is_tired:
            break
    forget_assigned(interpreter, [node], reason)
    return _after(interpreter, Exits(breaks=broken), span, node.orelse)


def follow_with(interpreter: Interpreter, node: ast.With | ast.AsyncWith) -> str:
    """What a context manager gives, and its block; one that suppresses exceptions may leave it midway."""
    suppressing = False
    entered: list[Value] = []
    for item in node.items:
        value = interpreter.evaluate(item.context_expr)
        entered.insert(0, value)
        suppressing |= _suppresses(interpreter, item.context_expr)
        if item.optional_vars is not None:
            interpreter.reads = interpreter.trees.names(item.context_expr)
            interpreter.assign(item.optional_vars, _entered(interpreter, value, interpreter.span(item.context_expr)))
    if not suppressing:
        ended = interpreter.block(node.body)
        for value in entered:
            _exit(interpreter, value, interpreter.span(node.body[0]))
        return ended
    before = interpreter.snapshot()
    with interpreter.perhaps():
        ended = interpreter.block(node.body)
    after = interpreter.snapshot()
    _fail(interpreter, node.body, before, after)
    if ended == FALLS:
        join(interpreter, [interpreter.snapshot(), after], interpreter.span(node.body[0]))
    return FALLS


def _fail(interpreter: Interpreter, body: list[ast.stmt], before: Snapshot, after: Snapshot) -> None:
    """A block that an exception leaves somewhere: what it changes may have been changed, or not."""
    join(interpreter, [before, after], interpreter.span(body[0]))
    forget_assigned(interpreter, body, "may not have been reached before an exception")


def _exit(interpreter: Interpreter, manager: Value, span: Span) -> None:
    """What an object of a class of this source does at the end of its block."""
    leave = classes.attribute(manager, "__exit__") if _is_own(manager) else None  # type: ignore[arg-type]
    if isinstance(leave, Function):
        nothing: Value = Constant(None, span)
        interpreter.call_function(leave, Arguments([nothing, nothing, nothing]), span)


def _is_own(value: Value) -> bool:
    return isinstance(value, Instance) and value.user_class is not None


def _suppresses(interpreter: Interpreter, node: ast.expr) -> bool:
    called = interpreter.evaluate(node.func) if isinstance(node, ast.Call) else None
    return isinstance(called, Symbol) and called.name == "contextlib.suppress"


def _entered(interpreter: Interpreter, value: Value, span: Span) -> Value:
    """What ``as`` binds: an object of a class of this source says so itself."""
    if not isinstance(value, Instance) or value.user_class is None:
        return value
    enter = classes.attribute(value, "__enter__")
    if isinstance(enter, Function):
        return interpreter.call_function(enter, Arguments(), span)
    return unknown(is_a("what `__enter__()` returns"), span)


def follow_try(interpreter: Interpreter, node: ast.Try | ast.TryStar) -> str:
    """Without a failure the body; with one, what it has changed until then and a handler."""
    returned = len(interpreter.returns[-1]) if interpreter.returns else 0
    before = interpreter.snapshot()
    with interpreter.perhaps():
        ended = interpreter.block(node.body)
    after = interpreter.snapshot()
    if ended == FALLS:
        ended = interpreter.block(node.orelse)
    outcomes = [interpreter.snapshot()] if ended == FALLS else []
    for handler in node.handlers:
        _fail(interpreter, node.body, before, after)
        if handler.name:
            interpreter.bind(handler.name, unknown(is_a("an exception"), interpreter.span(node.body[0])))
        with interpreter.perhaps():
            handled = interpreter.block(handler.body)
        if handled == FALLS:
            outcomes.append(interpreter.snapshot())
    join(interpreter, outcomes, interpreter.span(node.body[0]))
    ended = FALLS if outcomes else LEAVES
    if not node.finalbody:
        return ended
    if interpreter.returns:
        _follow_finally(interpreter, interpreter.returns[-1], returned, node.finalbody)
    return LEAVES if interpreter.block(node.finalbody) == LEAVES else ended


def _follow_finally(interpreter: Interpreter, returns: list[Snapshot], since: int, block: list[ast.stmt]) -> None:
    """What `finally` still changes after each return that has left its `try`."""
    now = interpreter.snapshot()
    for index in range(since, len(returns)):
        returns[index].restore()
        interpreter.block(block)
        returns[index] = interpreter.snapshot()
    now.restore()


def leave(interpreter: Interpreter, node: ast.stmt) -> str:
    """A return, break or continue: what is so far is one of the outcomes of the function or loop that it leaves."""
    if isinstance(node, ast.Return):
        span = interpreter.span(node)
        returned = interpreter.evaluate(node.value) if node.value else Constant(None, span)
        interpreter.scope.names[RETURNED] = returned
        function = interpreter.frames[-1].node if interpreter.frames else None
        if function is not None and not isinstance(function, ast.Lambda) and function.body[-1] is node:
            return RETURNS
        if interpreter.returns:
            interpreter.returns[-1].append(interpreter.snapshot())
    elif isinstance(node, ast.Break | ast.Continue) and interpreter.left:
        exits = interpreter.left[-1]
        (exits.breaks if isinstance(node, ast.Break) else exits.continues).append(interpreter.snapshot())
    return LEAVES


def delete(interpreter: Interpreter, targets: list[ast.expr]) -> None:
    """What ``del`` takes away."""
    for target in targets:
        if isinstance(target, ast.Subscript):
            receiver, index = interpreter.evaluate(target.value), interpreter.evaluate(target.slice)
            if isinstance(receiver, Mapping) and isinstance(index, Constant):
                receiver.entries.pop(index.value, None)
            else:
                operators.forget(receiver, unknown("may have lost what cannot be told", interpreter.span(target)))
        elif isinstance(target, ast.Name):
            interpreter.scope.names.pop(target.id, None)
        elif isinstance(target, ast.Tuple | ast.List):
            delete(interpreter, target.elts)
        elif isinstance(target, ast.Attribute):
            gone = unknown("may have been deleted", interpreter.span(target))
            interpreter.set_attribute(interpreter.evaluate(target.value), target.attr, gone, interpreter.span(target))
