"""The start and end of an iteration over an object of this source or a generator: both run code of the source."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hpolint.model.source import Span
from hpolint.readers.python.interpreter import callbacks, classes
from hpolint.readers.python.interpreter.operators import iterated
from hpolint.readers.python.interpreter.values import Arguments, Function, Symbol, Value, is_own, returned_by

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

EXHAUSTING = frozenset(
    f"builtins.{name}"
    for name in ("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all")
)
"""Functions that iterate over their argument at once, and do not keep it."""

ITERATING = EXHAUSTING | {f"builtins.{name}" for name in ("iter", "next", "enumerate", "zip", "map", "filter")}
"""Functions that iterate over their arguments at once or later."""


def start(interpreter: Interpreter, value: Value, span: Span) -> Value:
    """What an iteration over a value takes the items from; the code that it runs may change other values.

    That is the result of ``__iter__`` for an object of this source, of which ``__next__`` is called any number of
    times, and the value itself for any other.
    """
    iterator = value
    maker = _method(value, "__iter__", "__aiter__")
    if maker is not None:
        iterator = interpreter.call_function(maker, Arguments(), span)
    step = _method(iterator, "__next__", "__anext__")
    if step is not None:
        _step(interpreter, iterator, step, span)
    interpreter.suspended.resume()
    return iterator


def _method(value: Value, *names: str) -> Function | None:
    """The first method of an object that its class defines in this source."""
    for name in names:
        method = classes.own_method(value, name)
        if method is not None:
            return method
    return None


def _step(interpreter: Interpreter, iterator: Value, step: Function, span: Span) -> None:
    def run() -> Value:
        callbacks.interpret(interpreter, [step], Arguments(), span)
        return returned_by(step.name, span)

    others = interpreter.code_of_statement()
    _, places = interpreter.suspended.interpret(interpreter, run, span, name=step.name, others=others)
    interpreter.suspended.hold(places, iterator)


def finish(interpreter: Interpreter, node: ast.expr, iterator: Value) -> None:
    """End an iteration over the value of an expression; a generator that is made there is finished."""
    interpreter.suspended.resume()
    if isinstance(node, ast.Call):
        interpreter.suspended.finish(iterator)


def items(interpreter: Interpreter, node: ast.expr, value: Value) -> list[Value] | None:
    """The items of an expression's value that are all taken at once, as ``*`` does; None if they are unknown."""
    iterator = start(interpreter, value, interpreter.span(node))
    finish(interpreter, node, iterator)
    return iterated(iterator)


def start_arguments(interpreter: Interpreter, function: Symbol, arguments: Arguments, span: Span) -> None:
    """Start the iterations over the arguments of a function of Python that iterates over them."""
    if function.name in ITERATING:
        values = arguments.positional
        arguments.positional = [start(interpreter, value, span) if is_own(value) else value for value in values]


def finish_arguments(interpreter: Interpreter, function: Symbol, arguments: Arguments, nodes: list[ast.expr]) -> None:
    """Finish the generators that are made as arguments of a function which uses them up."""
    if function.name in EXHAUSTING:
        for node, value in zip(nodes, arguments.positional, strict=False):
            finish(interpreter, node, value)
