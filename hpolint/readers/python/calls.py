"""Calls: into this source's own functions, of what Python and the SDK are known to do, and unknown ones."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hpolint.node import Unknown
from hpolint.readers.python import expressions, operators
from hpolint.readers.python.state import copy_value
from hpolint.readers.python.values import (
    Arguments,
    Function,
    Instance,
    Key,
    Known,
    Mapping,
    Method,
    Sequence,
    Symbol,
    UserClass,
    Value,
    unknown,
)
from hpolint.source import Span

if TYPE_CHECKING:
    from hpolint.readers.python.evaluator import Evaluator

HARMLESS = frozenset(
    {"builtins", "json", "pprint", "os", "sys", "math", "time", "datetime", "logging", "IPython", "numpy", "pandas"}
    | {
        "sagemaker",
        "boto3",
        "botocore",
        "stepfunctions",
        "smexperiments",
        "matplotlib",
        "re",
        "random",
        "string",
        "uuid",
    }
    | {"tempfile", "pathlib", "io", "argparse", "airflow", "sagemaker_core", "warnings", "itertools", "copy", "typing"}
)
"""Modules whose functions do not change the dicts and lists that they are given."""

TEXT_METHODS = frozenset({"format", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "title", "removeprefix"})
CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "abs": abs,
    "round": round,
    "repr": repr,
}


def call(interpreter: Evaluator, node: ast.Call) -> Value:
    """The value of a call, and what it does to its receiver and arguments."""
    interpreter.step()
    span = interpreter.span(node)
    function = expressions.evaluate(interpreter, node.func)
    arguments = read_arguments(interpreter, node)
    if isinstance(function, Function):
        return interpreter.call_function(function, arguments, span)
    if isinstance(function, UserClass):
        return _instantiate(interpreter, function, arguments, interpreter.span(node.func))
    callee = interpreter.unit.tail(node.func) if isinstance(node.func, ast.Attribute) else interpreter.span(node.func)
    if isinstance(function, Method):
        return _method(interpreter, function, arguments, callee, span)
    if isinstance(function, Symbol):
        return _symbol(interpreter, function, arguments, callee, span)
    return _unknown_call(ast.unparse(node.func)[:60], arguments, span)


def read_arguments(interpreter: Evaluator, node: ast.Call) -> Arguments:
    """A call's arguments, spreads resolved where they are known."""
    arguments = Arguments()
    for item in node.args:
        if isinstance(item, ast.Starred):
            values = expressions.iterated(expressions.evaluate(interpreter, item.value))
            if values is None:
                arguments.open = unknown("may come from spread arguments", interpreter.span(item))
            else:
                arguments.positional += values
        else:
            arguments.positional.append(expressions.evaluate(interpreter, item))
    for keyword in node.keywords:
        value = expressions.evaluate(interpreter, keyword.value)
        if keyword.arg is not None:
            arguments.keywords[keyword.arg] = value
            arguments.places[keyword.arg] = interpreter.unit.head(keyword, keyword.arg)
        else:
            _spread(arguments, value, interpreter.span(keyword))
    return arguments


def _spread(arguments: Arguments, value: Value, span: Span) -> None:
    if not isinstance(value, Mapping):
        arguments.open = unknown("may come from spread arguments", span)
        return
    for key, entry in value.entries.items():
        arguments.keywords[str(key)] = entry
        arguments.places[str(key)] = value.keys.get(key, span)
    if value.open is not None:
        arguments.open = value.open


def _instantiate(interpreter: Evaluator, cls: UserClass, arguments: Arguments, span: Span) -> Value:
    instance = Instance(cls.name, arguments, span, user_class=cls)
    constructor = cls.members.get("__init__")
    if isinstance(constructor, Function):
        bound = Function(constructor.node, constructor.name, constructor.scope, instance)
        interpreter.call_function(bound, arguments, span)
    return instance


def _symbol(interpreter: Evaluator, symbol: Symbol, arguments: Arguments, callee: Span, span: Span) -> Value:
    """A call of something imported, or of a builtin."""
    module, _, name = symbol.name.rpartition(".")
    if module == "builtins":
        return _builtin(name, arguments, span)
    if symbol.name in ("copy.copy", "copy.deepcopy") and len(arguments.positional) == 1:
        return _copied(arguments.positional[0], deep=name == "deepcopy")
    if symbol.name in ("collections.OrderedDict", "collections.defaultdict"):
        return _builtin("dict", arguments, span) if name == "OrderedDict" else unknown("is a defaultdict", span)
    made = interpreter.sdk.call(symbol.name, arguments, callee, span)
    if made is not None:
        return made
    if symbol.name.partition(".")[0] not in HARMLESS:
        return _unknown_call(symbol.name, arguments, span)
    return unknown(f"is what `{name}()` returns", span)


def _builtin(name: str, arguments: Arguments, span: Span) -> Value:
    given = arguments.positional
    if name == "dict" and arguments.open is None:
        mapping = Mapping({}, span)
        for value in given:
            operators.spread(mapping, value, span)
        mapping.entries.update(arguments.keywords)
        mapping.keys.update(arguments.places)
        return mapping
    if name in ("list", "tuple", "set", "sorted", "frozenset"):
        return _collection(name, given, span)
    if len(given) == 1 and name in CONVERSIONS:
        return _converted(name, given[0], span)
    if name == "len" and len(given) == 1 and (items := expressions.iterated(given[0])) is not None:
        return Known(len(items), span)
    if name == "range" and all(isinstance(value, Known) and isinstance(value.value, int) for value in given):
        return _range([value.value for value in given], span)  # type: ignore[union-attr, misc]
    if name in ("exec", "eval", "globals", "locals", "vars", "setattr"):
        for value in arguments.values():
            operators.forget(value, unknown(f"may be changed by `{name}()`", span))
    return unknown(f"is what `{name}()` returns", span)


def _converted(name: str, value: Value, span: Span) -> Value:
    if isinstance(value, Known):
        try:
            return operators.known(CONVERSIONS[name](value.value), span)
        except (TypeError, ValueError, OverflowError):
            return unknown("is a conversion that fails", span)
    if name == "str":
        return unknown("is put together from parts that cannot be told", span, operators.pieces_of(value))
    return unknown(f"is what `{name}()` returns", span)


def _range(bounds: list[int], span: Span) -> Value:
    try:
        numbers = range(*bounds)
    except (TypeError, ValueError):
        return unknown("is a range that fails", span)
    if len(numbers) > expressions.MAX_ITEMS:
        return unknown("is a long range", span)
    return Sequence("range", [Known(number, span) for number in numbers], span)


def _collection(name: str, given: list[Value], span: Span) -> Value:
    kind = {"sorted": "list", "frozenset": "set"}.get(name, name)
    if not given:
        return Sequence(kind, [], span)
    items = expressions.iterated(given[0])
    if items is None and isinstance(given[0], Sequence) and given[0].kind == "set" and given[0].open is None:
        items = given[0].items if kind == "set" or len(given[0].items) < 2 else None
    if items is None or name == "sorted":
        return unknown(f"is what `{name}()` returns", span)
    return Sequence(kind, items, given[0].span if isinstance(given[0], Sequence) else span)


def _copied(value: Value, *, deep: bool) -> Value:
    if deep:
        return copy_value(value, {})
    if isinstance(value, Mapping):
        return Mapping(dict(value.entries), value.span, dict(value.keys), value.open)
    if isinstance(value, Sequence):
        return Sequence(value.kind, list(value.items), value.span, value.open)
    return copy_value(value, {})


def _method(interpreter: Evaluator, method: Method, arguments: Arguments, callee: Span, span: Span) -> Value:
    receiver, name = method.receiver, method.name
    made = interpreter.sdk.method(receiver, name, arguments, callee, span)
    if made is not None:
        return made
    if isinstance(receiver, Mapping):
        return _mapping_method(receiver, name, arguments, span)
    if isinstance(receiver, Sequence):
        return _sequence_method(receiver, name, arguments, span)
    if isinstance(receiver, Known) and isinstance(receiver.value, str):
        return _text_method(receiver.value, name, arguments, span)
    if isinstance(receiver, Instance) and receiver.cls.partition(".")[0] in HARMLESS:
        return unknown(f"is what `{name}()` returns", span)
    return _unknown_call(name, arguments, span, receiver)


def _mapping_method(receiver: Mapping, name: str, arguments: Arguments, span: Span) -> Value:
    given = arguments.positional
    if name == "update":
        for value in given:
            operators.spread(receiver, value, span)
        receiver.entries.update(arguments.keywords)
        receiver.keys.update(arguments.places)
        if arguments.open is not None:
            operators.forget(receiver, arguments.open)
        return Known(None, span)
    if name == "copy":
        return _copied(receiver, deep=False)
    if name == "clear":
        receiver.entries, receiver.open = {}, None
        return Known(None, span)
    if name in ("keys", "values", "items") and receiver.open is None:
        return _views(receiver, name, span)
    if name in ("get", "pop", "setdefault") and given and isinstance(given[0], Known):
        return _mapping_item(receiver, name, given[0].value, given[1] if len(given) > 1 else Known(None, span), span)
    if name not in ("get", "keys", "values", "items"):
        operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return unknown(f"is what `{name}()` returns", span)


def _mapping_item(receiver: Mapping, name: str, key: Key, fallback: Value, span: Span) -> Value:
    found = receiver.entries.get(key) or receiver.open
    if name == "pop":
        receiver.entries.pop(key, None)
    elif name == "setdefault" and found is None:
        receiver.entries[key], receiver.keys[key] = fallback, span
    return fallback if found is None else found


def _views(receiver: Mapping, name: str, span: Span) -> Value:
    keys: list[Value] = [Known(key, receiver.keys.get(key, receiver.span)) for key in receiver.entries]
    values = list(receiver.entries.values())
    if name == "items":
        pairs: list[Value] = [Sequence("tuple", [k, v], span) for k, v in zip(keys, values, strict=True)]
        return Sequence("view", pairs, span)
    return Sequence("view", keys if name == "keys" else values, span)


def _sequence_method(receiver: Sequence, name: str, arguments: Arguments, span: Span) -> Value:
    given = arguments.positional
    if name in ("append", "add") and len(given) == 1:
        if receiver.open is None:
            receiver.items.append(given[0])
        return Known(None, span)
    if name == "extend" and len(given) == 1 and receiver.open is None:
        items = expressions.iterated(given[0])
        if items is not None:
            receiver.items += items
            return Known(None, span)
    if name == "copy":
        return _copied(receiver, deep=False)
    if name not in ("index", "count"):
        operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return unknown(f"is what `{name}()` returns", span)


def _text_method(text: str, name: str, arguments: Arguments, span: Span) -> Value:
    values = [*arguments.positional, *arguments.keywords.values()]
    plain = [value.value for value in arguments.positional if isinstance(value, Known)]
    if name == "join" and arguments.positional:
        return _join(text, arguments.positional[0], span)
    if name in TEXT_METHODS and all(isinstance(value, Known) for value in values):
        named = {key: value.value for key, value in arguments.keywords.items() if isinstance(value, Known)}
        try:
            result: Any = getattr(text, name)(*plain, **named)
        except (TypeError, ValueError, LookupError, AttributeError):
            return unknown("is a text method that fails", span)
        return operators.known(result, span)
    if name == "format":
        return unknown("is put together from parts that cannot be told", span, _format_pieces(text))
    return unknown(f"is what `{name}()` returns", span)


def _format_pieces(text: str) -> tuple[str | None, ...]:
    import re

    pieces: list[str | None] = []
    for number, part in enumerate(re.split(r"\{[^{}]*\}", text)):
        if number:
            pieces.append(None)
        if part:
            pieces.append(part)
    return tuple(pieces)


def _join(separator: str, value: Value, span: Span) -> Value:
    items = expressions.iterated(value)
    if items is not None and all(isinstance(item, Known) and isinstance(item.value, str) for item in items):
        return operators.known(separator.join(str(item.value) for item in items if isinstance(item, Known)), span)
    return unknown("is put together from parts that cannot be told", span)


def _unknown_call(name: str, arguments: Arguments, span: Span, receiver: Value | None = None) -> Unknown:
    """Something that is not known may change the dicts, lists and objects that it is given."""
    for value in arguments.values():
        operators.forget(value, unknown(f"was passed to `{name}()`, which may change it", span))
    if isinstance(receiver, Instance) and receiver.user_class is None:
        receiver.escaped = unknown(f"may be changed by `{name}()`", span)
    return unknown(f"is what `{name}()` returns", span)
