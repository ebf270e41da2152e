"""Functions of this source that code outside it calls, with unknown arguments, any number of times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hpolint.model.source import Span
from hpolint.readers.python.interpreter import classes, flow
from hpolint.readers.python.interpreter.operators import IMMUTABLE_TYPES, aliases, forget, parts
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Either,
    Function,
    Instance,
    Mapping,
    Method,
    Sequence,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter


def with_items(values: Iterable[Value]) -> list[Value]:
    """Some values with those that lists and dicts among them hold, which a call may make unknown."""
    found = list(values)
    for value in tuple(found):
        if type(value) is Sequence:
            found += value.items
        elif type(value) is Mapping:
            found += value.entries.values()
    return found


def interpret(interpreter: Interpreter, values: Iterable[Value], arguments: Arguments, span: Span) -> None:
    """Interpret the functions among some values as if they were called any number of times, or not at all."""
    values = [value for value in values if type(value) not in IMMUTABLE_TYPES]
    for value in values:
        if isinstance(value, Method) and isinstance(value.receiver, Mapping | Sequence):
            forget(value.receiver, unknown(f"may be changed by its `{value.name}()`, which is passed to a call", span))
        elif isinstance(value, Method):
            interpreter.libraries.passed(value, arguments, span)
    functions = list({id(each.node): each for value in values for each in _functions(value)}.values())
    if not functions:
        return
    arguments_ = [value for value in arguments.values() if not isinstance(value, Function)]
    why = unknown("is passed by a caller that is not analysed", span)
    anything = aliases([*arguments_, *(part for value in arguments_ for part in parts(value))], why)
    if interpreter.depth >= flow.MAX_CALLBACK_DEPTH:
        for function in functions:
            interpreter.skip_call(function, Arguments([anything]), span)
        return
    for _ in range(flow.MAX_LOOP_PASSES):
        before = interpreter.snapshot()
        with interpreter.conditionally():
            for function in functions:
                interpreter.call_function(function, Arguments(open=anything), span)
        if not flow.join(interpreter, [before, interpreter.snapshot()], span):
            break


def _functions(value: Value) -> list[Function]:
    """The functions that a value is, or holds directly."""
    if isinstance(value, Function):
        return [value]
    if isinstance(value, Instance) and value.user_class is not None:
        caller = classes.attribute(value, "__call__")
        return [caller] if isinstance(caller, Function) else []
    if isinstance(value, Instance) and _is_partial(value):
        return [function for each in value.arguments.positional[:1] for function in _functions(each)]
    values: list[Value] = []
    if isinstance(value, Sequence):
        values = value.items
    elif isinstance(value, Mapping):
        values = list(value.entries.values())
    elif isinstance(value, Either):
        values = value.candidates
    held = [each for each in values if isinstance(each, Function) or _is_partial(each)]
    return [function for each in held for function in _functions(each)]


def _is_partial(value: Value) -> bool:
    return isinstance(value, Instance) and value.cls == "functools.partial"
