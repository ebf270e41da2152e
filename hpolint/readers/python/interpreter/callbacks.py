"""Functions of this source that somebody else calls: with what, how often and when cannot be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hpolint.model.source import Span
from hpolint.readers.python.interpreter import classes, flow
from hpolint.readers.python.interpreter.operators import PLAIN, aliases, forget, parts
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


def follow(interpreter: Interpreter, values: Iterable[Value], arguments: Arguments, span: Span) -> None:
    """Follow the functions among some values as if they were called any number of times, or not at all."""
    values = [value for value in values if type(value) not in PLAIN]
    for value in values:
        if isinstance(value, Method) and isinstance(value.receiver, Mapping | Sequence):
            forget(value.receiver, unknown(f"may be changed by its `{value.name}()`, which is passed on", span))
    functions = [function for value in values for function in _functions(value)]
    if not functions:
        return
    given = [value for value in arguments.values() if not isinstance(value, Function)]
    why = unknown("is given by what calls this function", span)
    anything = aliases([*given, *(part for value in given for part in parts(value))], why)
    if interpreter.depth >= flow.MAX_NESTED:
        for function in functions:
            interpreter.unfollowed(function, Arguments([anything]), span)
        return
    for _ in range(flow.PASSES):
        before = interpreter.snapshot()
        with interpreter.perhaps():
            for function in functions:
                interpreter.call_function(function, Arguments(open=anything), span)
        if not flow.join(interpreter, [before, interpreter.snapshot()], span):
            break


def _functions(value: Value) -> list[Function]:
    """The functions that a value is or directly holds."""
    if isinstance(value, Function):
        return [value]
    if isinstance(value, Instance) and value.user_class is not None:
        caller = classes.attribute(value, "__call__")
        return [caller] if isinstance(caller, Function) else []
    if isinstance(value, Instance) and value.cls == "functools.partial":
        return [function for each in value.arguments.positional[:1] for function in _functions(each)]
    held: list[Value] = []
    if isinstance(value, Sequence):
        held = value.items
    elif isinstance(value, Mapping):
        held = list(value.entries.values())
    elif isinstance(value, Either):
        held = value.candidates
    return [each for each in held if isinstance(each, Function)]
