"""Functions of this source that code outside it calls, with unknown arguments, any number of times."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, TypeGuard

from hpolint.model.node import Unknown
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import classes, flow
from hpolint.readers.python.interpreter.operators import IMMUTABLE_TYPES, aliases, forget, iterated, with_parts
from hpolint.readers.python.interpreter.trail import Step, Turn
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Either,
    Function,
    Instance,
    Mapping,
    Method,
    Sequence,
    Value,
    is_own,
    items_of,
    present,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


PARTIAL = "functools.partial"
MAPS = frozenset({"map", "imap", "imap_unordered", "map_async", "starmap"})
"""Functions that call another one for each item."""

STARTERS = frozenset({"Thread", "Process", "apply_async", "apply"})
"""Those that call another one with the arguments ``args`` and ``kwargs``."""

RUNNERS = frozenset({"submit", "to_thread", "run_in_executor", "run_sync"})
"""Those that call another one with the arguments that follow it."""


def with_items(values: Iterable[Value]) -> list[Value]:
    """Some values that are no constants, with what lists and dicts among them hold, which a call may make unknown."""
    own = [value for value in values if type(value) not in IMMUTABLE_TYPES]
    items: list[Value] = []
    for value in own:
        items += items_of(value)
    return [*own, *items]


def interpret(
    interpreter: Interpreter,
    values: Iterable[Value],
    arguments: Arguments,
    span: Span,
    passed_on: list[Arguments] | None = None,
) -> None:
    """Interpret the functions among some values as if they were called any number of times, or not at all.

    ``passed_on`` are the arguments of each call if they are known.
    """
    values = [value for value in values if type(value) not in IMMUTABLE_TYPES]
    for value in values:
        if isinstance(value, Method) and isinstance(value.receiver, Mapping | Sequence):
            forget(value.receiver, unknown(f"may be changed by its `{value.name}()`, which is passed to a call", span))
        elif isinstance(value, Method):
            interpreter.libraries.passed(value, arguments, span)
    functions: dict[ast.AST, Function] = {}
    for value in values:
        functions |= {function.node: function for function in _functions(value)}
    if passed_on is not None and len(functions) == 1:
        _call_with(interpreter, next(iter(functions.values())), passed_on, span)
    elif functions:
        others = [value for value in arguments.values() if not isinstance(value, Function)]
        anything = aliases(with_parts(others), unknown("is passed by a caller that is not analysed", span))
        _call_any_number_of_times(interpreter, functions.values(), anything, span)


def passed_on(name: str, arguments: Arguments) -> list[Arguments] | None:
    """The arguments of each call that a function which runs another one makes; None if they are not known."""
    if arguments.open is not None:
        return None
    if name in STARTERS:
        return _started(arguments)
    positional = arguments.positional
    if name == "run_in_executor":
        positional = positional[1:]  # the executor comes first
    if not positional or not isinstance(positional[0], Function):
        return None
    if name in MAPS:
        return _mapped(positional[1:], unpacked=name == "starmap")
    return [Arguments(positional[1:], dict(arguments.keywords))] if name in RUNNERS else None


def _mapped(rest: list[Value], *, unpacked: bool) -> list[Arguments] | None:
    """The arguments of a call for each item of the only list of ``rest``."""
    items = iterated(rest[0]) if len(rest) == 1 else None
    if items is None or len(items) > flow.MAX_UNROLLED_ITEMS:
        return None
    if not unpacked:
        return [Arguments([item]) for item in items]
    rows = present([iterated(item) for item in items])
    return [Arguments(row) for row in rows] if len(rows) == len(items) else None


def _started(arguments: Arguments) -> list[Arguments] | None:
    """The arguments of the one call with ``args`` and ``kwargs``."""
    row, named = arguments.keywords.get("args"), arguments.keywords.get("kwargs")
    positional = iterated(row) if row is not None else []
    keywords: dict[str, Value] = {}
    if isinstance(named, Mapping) and named.open is None:
        keywords = {str(key): value for key, value in named.entries.items()}
    elif named is not None:
        return None
    return None if positional is None else [Arguments(positional, keywords)]


def _call_with(interpreter: Interpreter, function: Function, calls: list[Arguments], span: Span) -> None:
    """Interpret the calls of a function that another one makes, each of which may not happen."""
    before = interpreter.snapshot()
    doubt = interpreter.trail.step(Turn.PERHAPS, span)
    loop = interpreter.trail.next_number()
    with interpreter.conditionally(), interpreter.trail.within(doubt):
        for index, arguments in enumerate(calls, 1):
            step = Step(Turn.PASS, loop, span, index, is_pass=len(calls) > 1)
            with interpreter.trail.within(step):
                interpreter.call_function(function, arguments, span)
    flow.join(interpreter, [before, interpreter.snapshot()], span)


def _call_any_number_of_times(
    interpreter: Interpreter, functions: Collection[Function], anything: Unknown, span: Span
) -> None:
    if interpreter.depth >= flow.MAX_CALLBACK_DEPTH:
        for function in functions:
            interpreter.skip_call(function, Arguments([anything]), span)
        return
    for _ in range(flow.MAX_LOOP_PASSES):
        before = interpreter.snapshot()
        with interpreter.conditionally(), interpreter.trail.within(interpreter.trail.step(Turn.PERHAPS, span)):
            for function in functions:
                interpreter.call_function(function, Arguments(open=anything), span)
        if not flow.join(interpreter, [before, interpreter.snapshot()], span):
            break


def _functions(value: Value) -> list[Function]:
    """The functions that a value is, or holds directly."""
    if isinstance(value, Function):
        return [value]
    if is_own(value):
        return present([classes.own_method(value, "__call__")])
    if is_partial(value):
        below = value.arguments.positional[:1]
    else:
        below = value.candidates if isinstance(value, Either) else items_of(value)
        below = [item for item in below if isinstance(item, Function) or is_partial(item)]
    functions: list[Function] = []
    for item in below:
        functions += _functions(item)
    return functions


def is_partial(value: Value) -> TypeGuard[Instance]:
    """Whether a value is an object that ``functools.partial`` makes."""
    return isinstance(value, Instance) and value.cls == PARTIAL
