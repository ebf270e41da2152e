"""Functions of the same source: definition, binding of parameters, and interpretation of uncalled functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hpolint.model.node import Unknown
from hpolint.model.reasons import Kind, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import command_options
from hpolint.readers.python.interpreter.deployed_values import default_of, deployed
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
    present,
    unknown,
    without_values,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

Definition = ast.FunctionDef | ast.AsyncFunctionDef
KINDS = {"builtins.staticmethod": "static", "builtins.classmethod": "class", "builtins.property": "property"}
KINDS |= {"functools.cached_property": "property"}
IDENTITY_DECORATORS = frozenset(
    {"abc.abstractmethod", "typing.override", "typing.final", "typing_extensions.override"}
    | {
        "tenacity.retry",
        "retrying.retry",
        "retry.retry",
        "stamina.retry",
        "backoff.on_exception",
        "backoff.on_predicate",
    }
    | {"contextlib.contextmanager", "contextlib.asynccontextmanager"}
    | {"torch.no_grad", "torch.inference_mode", "torch.enable_grad"}
)
"""Decorators that return the function unchanged, or one that calls it with the same arguments, perhaps several times.

What those of `contextlib` make of a generator function is a generator to the interpreter, too.
"""

TRACING_DECORATOR = "tensorflow.function"
"""The decorator of functions that run once for each kind of arguments, and whose results are tensors.

Source: https://www.tensorflow.org/api_docs/python/tf/function.
"""

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
    if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
        return _with_accessor(interpreter, decorator, value)
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    maker = interpreter.evaluate(called)
    name = maker.name if isinstance(maker, Symbol) else ""
    if name in KINDS and isinstance(value, Function):
        value.kind = KINDS[name]
        return value
    if name in IDENTITY_DECORATORS or (name == "functools.wraps" and called is not decorator):
        return value
    if name == TRACING_DECORATOR and isinstance(value, Function):
        value.is_traced = True
        return value
    if called is not decorator:
        maker = interpreter.evaluate(decorator)
    span = interpreter.span(decorator)
    if command_options.declare(maker, value):
        return value
    if isinstance(maker, Function):
        return interpreter.call_function(maker, Arguments([value]), span)
    return unknown(is_a(f"what the decorator `{source_text(called)[:60]}` returns"), span)


def _with_accessor(interpreter: Interpreter, decorator: ast.Attribute, value: Value) -> Value:
    """A property with a function as its setter; unknown with another accessor."""
    current = interpreter.evaluate(decorator.value)
    if decorator.attr == "setter" and isinstance(current, Function) and isinstance(value, Function):
        current.setter = value
        return current
    reason = is_a("a property with its own setter, getter or deleter")
    return unknown(reason, interpreter.span(decorator))


def bound(function: Function, receiver: Value, *, by_class: bool = False) -> Function:
    """A method that is read from an instance or (``by_class``) from a class."""
    if function.kind == "static" or (function.kind == "plain" and by_class):
        return replace(function, receiver=None)
    return replace(function, receiver=receiver)


def bind_parameters(function: Function, arguments: Arguments, scope: Scope, span: Span) -> None:
    """Bind a function's parameters to the arguments of a call, in the function's new scope."""
    parameters = function.node.args
    positional_only = {parameter.arg for parameter in parameters.posonlyargs}
    names = _positional_names(parameters)
    everything = {*names, *(parameter.arg for parameter in parameters.kwonlyargs)}
    by_name = everything - positional_only
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, function.receiver)
    values: dict[str, Value] = dict(zip(names, positional, strict=False))
    if parameters.vararg is not None:
        values[parameters.vararg.arg] = Sequence("tuple", positional[len(names) :], span, arguments.open)
    values |= {name: value for name, value in arguments.keywords.items() if name in by_name}
    if parameters.kwarg is not None:
        rest: dict[Key, Value] = {name: value for name, value in arguments.keywords.items() if name not in by_name}
        places: dict[Key, Span] = dict(arguments.places.items())
        values[parameters.kwarg.arg] = Mapping(rest, span, places, arguments.open)
    for name in everything - values.keys():
        missing = unknown(is_a(f"the parameter `{name}` of `{function.name}`"), span)
        values[name] = arguments.open or function.defaults.get(name, missing)
    scope.names.update(values)


def _positional_names(parameters: ast.arguments) -> list[str]:
    return [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]


def _defaults(parameters: ast.arguments) -> dict[str, ast.expr]:
    names = _positional_names(parameters)
    defaults = dict(zip(names[len(names) - len(parameters.defaults) :], parameters.defaults, strict=True))
    keyword_only = zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
    return defaults | {parameter.arg: default for parameter, default in keyword_only if default is not None}


def may_pass(call: ast.Call, function: Function, parameter: str) -> bool:
    """Whether a call of this function's name may pass a parameter: by its name or position, or in a dict or list."""
    if any(keyword.arg in (None, parameter) for keyword in call.keywords):
        return True
    names = _positional_names(function.node.args)
    if parameter not in names:
        return False
    position = names.index(parameter) - (function.owner is not None)
    return len(call.args) > position or any(isinstance(argument, ast.Starred) for argument in call.args)


def is_handler(function: Function) -> bool:
    """Whether a function is that of AWS Lambda, which calls it with an event of its own, also if this source does."""
    return [parameter.arg for parameter in function.node.args.args] == HANDLER_PARAMETERS


def _uncalled_parameter(interpreter: Interpreter, function: Function, parameter: ast.arg, caller: str) -> Unknown:
    """A parameter of a function that this source never calls: an option, or a value with the parameter's default.

    It has no default where a call of this name passes the parameter, such as one through an unknown decorator.
    """
    name, span = parameter.arg, interpreter.span(parameter)
    default = function.defaults.get(name)
    option = function.options.get(name) or command_options.typer_option(interpreter, parameter, default)
    thing = f"the parameter `{name}` of `{function.name}`"
    kind = Kind.FUNCTION_PARAMETER
    is_passed = interpreter.is_passed(function, name)
    if option is not None:
        return without_values(option) if is_passed else replace(option, span=span)
    if default_of(default) is None or is_passed:
        return deployed(f"{thing}, {caller}", kind, span)
    return deployed(thing, kind, span, default)


def interpret_uncalled(interpreter: Interpreter, function: Function) -> None:
    """Interpret a function that this source never calls, or not only this source, with unknown parameters."""
    by_lambda = is_handler(function) and function.node in interpreter.called  # by this source, and by AWS Lambda
    if by_lambda:
        caller = "which AWS Lambda calls"
    elif interpreter.trees.calls_of(function.name):  # in code that is not called itself, or too deep in calls
        caller = "whose calls in this source are not followed"
    else:
        caller = "which this source never calls"
    interpreter.called.add(function.node)
    arguments = function.node.args
    scope = Scope(above=interpreter.scope if function.scope.above is None else function.scope)
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    parameters += present([arguments.vararg, arguments.kwarg])
    for parameter in parameters:
        scope.names[parameter.arg] = _uncalled_parameter(interpreter, function, parameter, caller)
    if parameters and function.receiver is not None:
        scope.names[parameters[0].arg] = function.receiver
    span = interpreter.span(parameters[0]) if parameters else BEGINNING
    with nullcontext() if by_lambda else interpreter.libraries.uncalled(), _perhaps_called(interpreter, function):
        interpreter.libraries.returned(interpreter.body(function, scope, span), function.name)


@contextmanager
def _perhaps_called(interpreter: Interpreter, function: Function) -> Iterator[None]:
    """A context for a function that the source never calls: a library may be certain to call it, also in a loop."""
    loops = interpreter.libraries.loops_around(function)
    if loops is None:
        with interpreter.conditionally():
            yield
        return
    interpreter.loop_depth += loops
    try:
        yield
    finally:
        interpreter.loop_depth -= loops
