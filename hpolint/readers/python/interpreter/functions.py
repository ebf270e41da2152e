"""Functions of the same source: definition, binding of parameters, and interpretation of uncalled functions."""

from __future__ import annotations

import ast
from contextlib import nullcontext
from typing import TYPE_CHECKING

from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.units import BEGINNING
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Function,
    Key,
    Mapping,
    Scope,
    Sequence,
    Symbol,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

Definition = ast.FunctionDef | ast.AsyncFunctionDef
KINDS = {"builtins.staticmethod": "static", "builtins.classmethod": "class", "builtins.property": "property"}
KINDS |= {"functools.cached_property": "property"}
IDENTITY_DECORATORS = frozenset({"abc.abstractmethod", "typing.override", "typing.final", "typing_extensions.override"})
"""Decorators that return the function unchanged."""


HANDLER_PARAMETERS = ["event", "context"]
"""The parameters of a handler, as AWS Lambda's documentation names them."""


def define(interpreter: Interpreter, node: Definition) -> None:
    """Bind a definition's name: its defaults are evaluated, and its decorators applied."""
    function = make_function(interpreter, node, node.name)
    interpreter.units[node] = interpreter.unit
    interpreter.defined.append(function)
    value: Value = function
    for decorator in reversed(node.decorator_list):
        value = _decorated(interpreter, decorator, value)
    interpreter.bind(node.name, value)


def make_function(interpreter: Interpreter, node: Definition | ast.Lambda, name: str) -> Function:
    """The function of a definition. Its enclosing scope is the nearest one that is not a class's body."""
    scope = interpreter.scope
    while scope.kind == "class" and scope.above is not None:
        scope = scope.above
    defaults = {name: interpreter.evaluate(default) for name, default in _defaults(node.args).items()}
    return Function(node, name, scope, defaults)


def _decorated(interpreter: Interpreter, decorator: ast.expr, value: Value) -> Value:
    span = interpreter.span(decorator)
    if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
        current = interpreter.evaluate(decorator.value)
        if decorator.attr == "setter" and isinstance(current, Function) and isinstance(value, Function):
            current.setter = value
            return current
        return unknown(is_a("a property with its own setter, getter or deleter"), span)
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    maker = interpreter.evaluate(called)
    name = maker.name if isinstance(maker, Symbol) else ""
    if name in KINDS and isinstance(value, Function):
        value.kind = KINDS[name]
        return value
    if name in IDENTITY_DECORATORS or (name == "functools.wraps" and called is not decorator):
        return value
    if called is not decorator:
        maker = interpreter.evaluate(decorator)
    if isinstance(maker, Function):
        return interpreter.call_function(maker, Arguments([value]), span)
    return unknown(is_a(f"what the decorator `{source_text(called)[:60]}` returns"), span)


def bound(function: Function, receiver: Value, *, by_class: bool = False) -> Function:
    """A method that is read from an instance or (``by_class``) from a class."""
    binds = function.kind in ("class", "property") or (function.kind == "plain" and not by_class)
    receiver_ = receiver if binds else None
    return Function(
        *(function.node, function.name, function.scope, function.defaults),
        *(receiver_, function.owner, function.kind, function.setter),
    )


def bind_parameters(function: Function, arguments: Arguments, scope: Scope, span: Span) -> None:
    """Bind a function's parameters to the arguments of a call, in the function's new scope."""
    parameters = function.node.args
    names = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    positional = [*([function.receiver] if function.receiver is not None else []), *arguments.positional]
    values: dict[str, Value] = dict(zip(names, positional, strict=False))
    if parameters.vararg is not None:
        values[parameters.vararg.arg] = Sequence("tuple", positional[len(names) :], span, arguments.open)
    by_name = {*names, *(parameter.arg for parameter in parameters.kwonlyargs)}
    everything, by_name = set(by_name), by_name - {parameter.arg for parameter in parameters.posonlyargs}
    values |= {name: value for name, value in arguments.keywords.items() if name in by_name}
    if parameters.kwarg is not None:
        rest: dict[Key, Value] = {n: value for n, value in arguments.keywords.items() if n not in by_name}
        places: dict[Key, Span] = dict(arguments.places.items())
        values[parameters.kwarg.arg] = Mapping(rest, span, places, arguments.open)
    for name in everything - values.keys():
        missing = unknown(is_a(f"the parameter `{name}` of `{function.name}`"), span)
        values[name] = arguments.open or function.defaults.get(name, missing)
    scope.names.update(values)


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    names = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    found = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults, strict=True))
    keyword_only = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found | {parameter.arg: default for parameter, default in keyword_only if default is not None}


def is_handler(function: Function) -> bool:
    """Whether a function is that of AWS Lambda, which calls it with an event of its own, also if this source does."""
    return [parameter.arg for parameter in function.node.args.args] == HANDLER_PARAMETERS


def interpret_uncalled(interpreter: Interpreter, function: Function) -> None:
    """Interpret a function that this source never calls, or not only this source, with unknown parameters."""
    by_lambda = is_handler(function) and function.node in interpreter.called  # by this source, and by AWS Lambda
    interpreter.called.add(function.node)
    arguments = function.node.args
    scope = Scope(above=interpreter.scope if function.scope.above is None else function.scope)
    parameters = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ]
    for number, parameter in enumerate(parameters):
        if number == 0 and function.receiver is not None:
            scope.names[parameter.arg] = function.receiver
        else:
            caller = "which AWS Lambda calls" if by_lambda else "which this source never calls"
            reason = is_a(f"the parameter `{parameter.arg}` of `{function.name}`, {caller}")
            scope.names[parameter.arg] = unknown(reason, interpreter.span(parameter))
    with nullcontext() if by_lambda else interpreter.libraries.uncalled(), interpreter.conditionally():
        interpreter.body(function, scope, interpreter.span(parameters[0]) if parameters else BEGINNING)
