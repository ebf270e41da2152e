"""Functions of the same source: binding their parameters, and following those that nobody calls."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hpolint.readers.python.values import (
    Arguments,
    Function,
    Instance,
    Key,
    Mapping,
    Scope,
    Sequence,
    UserClass,
    Value,
    unknown,
)
from hpolint.source import Span

if TYPE_CHECKING:
    from hpolint.readers.python.evaluator import Evaluator


def bind_parameters(interpreter: Evaluator, function: Function, arguments: Arguments, scope: Scope, span: Span) -> None:
    """Give a function's parameters the values of a call, in the function's new scope."""
    given = function.node.args
    names = [parameter.arg for parameter in (*given.posonlyargs, *given.args)]
    positional = [*([function.receiver] if function.receiver is not None else []), *arguments.positional]
    values: dict[str, Value] = dict(zip(names, positional, strict=False))
    if given.vararg is not None:
        values[given.vararg.arg] = Sequence("tuple", positional[len(names) :], span)
    everything = {*names, *(parameter.arg for parameter in given.kwonlyargs)}
    values |= {name: value for name, value in arguments.keywords.items() if name in everything}
    if given.kwarg is not None:
        rest: dict[Key, Value] = {n: value for n, value in arguments.keywords.items() if n not in everything}
        places: dict[Key, Span] = dict(arguments.places.items())
        values[given.kwarg.arg] = Mapping(rest, span, places, arguments.open)
    for name, default in _defaults(given).items():
        if name not in values:
            values[name] = arguments.open or interpreter.evaluate(default)
    for name in everything - values.keys():
        values[name] = arguments.open or unknown(f"is the parameter `{name}` of `{function.name}`", span)
    scope.names.update(values)


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    names = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    found = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults, strict=True))
    keyword_only = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found | {parameter.arg: default for parameter, default in keyword_only if default is not None}


def follow_uncalled(interpreter: Evaluator, function: Function, receiver: Value | None = None) -> None:
    """A function that nobody calls here: whoever does gives what nobody here can tell."""
    interpreter.called.add(function.node)
    given = function.node.args
    scope = Scope(above=interpreter.scope if function.scope.above is None else function.scope)
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    for number, parameter in enumerate(parameters):
        if number == 0 and receiver is not None:
            scope.names[parameter.arg] = receiver
        else:
            reason = f"is the parameter `{parameter.arg}` of `{function.name}`, which nobody calls in this source"
            scope.names[parameter.arg] = unknown(reason, interpreter.span(parameter))
    interpreter.body(function, scope, interpreter.span(parameters[0]) if parameters else Span(1, 1, 1, 1))


def follow_uncalled_class(interpreter: Evaluator, cls: UserClass) -> None:
    """The methods that nobody calls, on an object that nobody here has made."""
    methods = [member for member in cls.members.values() if isinstance(member, Function)]
    if all(method.node in interpreter.called for method in methods):
        return
    receiver = Instance(cls.name, Arguments(), cls.span, user_class=cls)
    for method in sorted(methods, key=lambda method: method.name != "__init__"):
        if method.node not in interpreter.called or method.name == "__init__":
            follow_uncalled(interpreter, method, receiver)
