"""Expressions: literals and what can be computed from them; everything else is unknown, with a reason."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hpolint.node import Unknown
from hpolint.readers.python.operators import binary, compared, known, pieces_of, spread
from hpolint.readers.python.state import Joiner
from hpolint.readers.python.values import (
    Function,
    Instance,
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

PART = "is a part of what "
METHODS = ("hyperparameters", "hyperparameter_ranges")
"""Methods of the SDK's objects of version 2 although arguments are called so."""

MAX_ITEMS = 2_000
"""How many items of a range or comprehension are followed."""


def evaluate(interpreter: Evaluator, node: ast.expr) -> Value:
    """The value of an expression."""
    handler = HANDLERS.get(type(node))
    if handler is None:
        return unknown(f"is computed by {type(node).__name__}", interpreter.span(node))
    return handler(interpreter, node)


def truth(value: Value) -> bool | None:
    """Whether a value is true; None if that cannot be told."""
    if isinstance(value, Known):
        return bool(value.value)
    if isinstance(value, Mapping):
        return bool(value.entries) or (None if value.open else False)
    if isinstance(value, Sequence):
        return bool(value.items) or (None if value.open else False)
    return None if isinstance(value, Unknown | Symbol) else True


def _constant(interpreter: Evaluator, node: ast.Constant) -> Value:
    span = interpreter.span(node)
    if node.value is None or isinstance(node.value, str | int | float | bool):
        return Known(node.value, span)
    return unknown("is a constant that the API has no type for", span)


def _name(interpreter: Evaluator, node: ast.Name) -> Value:
    found = interpreter.scope.find(node.id)
    if found is not None:
        return found
    if node.id in BUILTINS:
        return Symbol(f"builtins.{node.id}", interpreter.span(node))
    return unknown(f"is `{node.id}`, which this source does not define", interpreter.span(node))


BUILTINS = frozenset(
    {"dict", "list", "tuple", "set", "str", "int", "float", "bool", "range", "len", "print", "sorted", "min", "max"}
    | {"abs", "round", "sum", "zip", "enumerate", "repr", "type", "isinstance", "frozenset", "open", "vars", "globals"}
    | {"locals", "exec", "eval", "getattr", "setattr", "hasattr", "super", "map", "filter", "any", "all", "id"}
)


def _dict(interpreter: Evaluator, node: ast.Dict) -> Value:
    mapping = Mapping({}, interpreter.span(node))
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(interpreter, value_node)
        if key_node is None:
            spread(mapping, value, interpreter.span(value_node))
            continue
        key = evaluate(interpreter, key_node)
        if isinstance(key, Known):
            mapping.entries[key.value] = value
            mapping.keys[key.value] = interpreter.span(key_node)
        else:
            mapping.open = unknown("may be under a key that cannot be told", interpreter.span(key_node))
    return mapping


def _sequence(interpreter: Evaluator, node: ast.List | ast.Tuple | ast.Set) -> Value:
    sequence = Sequence(type(node).__name__.lower(), [], interpreter.span(node))
    for item in node.elts:
        if isinstance(item, ast.Starred):
            spread_value = evaluate(interpreter, item.value)
            if isinstance(spread_value, Sequence) and spread_value.open is None:
                sequence.items += spread_value.items
            else:
                sequence.open = unknown("may come from a spread list", interpreter.span(item))
                break
        else:
            sequence.items.append(evaluate(interpreter, item))
    return sequence


def _attribute(interpreter: Evaluator, node: ast.Attribute) -> Value:
    return attribute(evaluate(interpreter, node.value), node.attr, interpreter.span(node))


def attribute(receiver: Value, name: str, span: Span) -> Value:
    """A member of a value."""
    if isinstance(receiver, Symbol):
        return Symbol(f"{receiver.name}.{name}", span)
    if isinstance(receiver, Instance):
        if name in receiver.attributes:
            return receiver.attributes[name]
        method = name in METHODS and not receiver.cls.endswith("ModelTrainer")
        if name in receiver.arguments.keywords and not method and receiver.user_class is None:
            return receiver.arguments.keywords[name]
        if receiver.user_class is not None and name in receiver.user_class.members:
            member = receiver.user_class.members[name]
            return (
                Function(member.node, member.name, member.scope, receiver) if isinstance(member, Function) else member
            )
    if isinstance(receiver, UserClass) and name in receiver.members:
        return receiver.members[name]
    return Method(receiver, name, span)


def _subscript(interpreter: Evaluator, node: ast.Subscript) -> Value:
    receiver, index = evaluate(interpreter, node.value), evaluate(interpreter, node.slice)
    span = interpreter.span(node)
    if isinstance(receiver, Mapping) and isinstance(index, Known):
        if index.value in receiver.entries:
            return receiver.entries[index.value]
        return receiver.open or unknown(f"is under the key {index.value!r}, which is not there", span)
    if isinstance(receiver, Sequence) and isinstance(index, Known) and isinstance(index.value, int):
        at = index.value
        if receiver.open is None and -len(receiver.items) <= at < len(receiver.items):
            return receiver.items[at]
        if 0 <= at < len(receiver.items):
            return receiver.items[at]
    if isinstance(receiver, Unknown):
        return unknown(_part_of(receiver), span)
    return unknown("is an item that cannot be told", span)


def _part_of(whole: Unknown) -> str:
    """The reason of a part of something unknown; a part of a part is a part of the whole."""
    reason = whole.reason if not whole.reason.startswith("`") else "is unknown"
    return reason if reason.startswith(PART) else f"{PART}{reason}"


def _unary(interpreter: Evaluator, node: ast.UnaryOp) -> Value:
    value, span = evaluate(interpreter, node.operand), interpreter.span(node)
    if isinstance(node.op, ast.Not):
        told = truth(value)
        return unknown("depends on a value that cannot be told", span) if told is None else Known(not told, span)
    if isinstance(value, Known) and isinstance(value.value, int | float) and not isinstance(node.op, ast.Invert):
        return Known(-value.value if isinstance(node.op, ast.USub) else value.value, span)
    return unknown("is computed from a value that cannot be told", span)


def _binary(interpreter: Evaluator, node: ast.BinOp) -> Value:
    return binary(evaluate(interpreter, node.left), node.op, evaluate(interpreter, node.right), interpreter.span(node))


def _joined(interpreter: Evaluator, node: ast.JoinedStr) -> Value:
    pieces: list[str | None] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            pieces.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            value = evaluate(interpreter, part.value)
            plain = part.format_spec is None and part.conversion == -1
            pieces += pieces_of(value) if plain else [None]
    span = interpreter.span(node)
    if None in pieces:
        return unknown("is put together from parts that cannot be told", span, tuple(pieces))
    return known("".join(piece for piece in pieces if piece is not None), span)


def _boolean(interpreter: Evaluator, node: ast.BoolOp) -> Value:
    stop = isinstance(node.op, ast.Or)
    value: Value = Known(not stop, interpreter.span(node))
    for part in node.values:
        value = evaluate(interpreter, part)
        told = truth(value)
        if told is None:
            return unknown("depends on a value that cannot be told", interpreter.span(node))
        if told is stop:
            return value
    return value


def _compare(interpreter: Evaluator, node: ast.Compare) -> Value:
    span = interpreter.span(node)
    values = [evaluate(interpreter, part) for part in (node.left, *node.comparators)]
    for left, op, right in zip(values, node.ops, values[1:], strict=False):
        told = compared(left, op, right)
        if told is None:
            return unknown("depends on a value that cannot be told", span)
        if not told:
            return Known(False, span)
    return Known(True, span)


def _conditional(interpreter: Evaluator, node: ast.IfExp) -> Value:
    told = truth(evaluate(interpreter, node.test))
    if told is not None:
        return evaluate(interpreter, node.body if told else node.orelse)
    one, other = evaluate(interpreter, node.body), evaluate(interpreter, node.orelse)
    return Joiner(interpreter.span(node)).values(one, other)


def _comprehension(interpreter: Evaluator, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
    """Over a sequence or dict that is known: one item after the other."""
    span = interpreter.span(node)
    refused = unknown("is a comprehension over what cannot be told", span)
    if len(node.generators) != 1 or node.generators[0].is_async:
        return refused
    generator = node.generators[0]
    items = iterated(evaluate(interpreter, generator.iter))
    if items is None or len(items) > MAX_ITEMS:
        return refused
    mapping, sequence = Mapping({}, span), Sequence("set" if isinstance(node, ast.SetComp) else "list", [], span)
    if isinstance(node, ast.GeneratorExp):
        sequence.kind = "generator"
    for item in items:
        with interpreter.inner_scope():
            interpreter.assign(generator.target, item)
            tests = [truth(evaluate(interpreter, test)) for test in generator.ifs]
            if None in tests:
                return refused
            if not all(tests):
                continue
            if isinstance(node, ast.DictComp):
                key = evaluate(interpreter, node.key)
                if not isinstance(key, Known):
                    return refused
                mapping.entries[key.value] = evaluate(interpreter, node.value)
                mapping.keys[key.value] = key.span
            else:
                sequence.items.append(evaluate(interpreter, node.elt))
    return mapping if isinstance(node, ast.DictComp) else sequence


def iterated(value: Value) -> list[Value] | None:
    """What a loop over a value yields; None if that cannot be told."""
    if isinstance(value, Sequence) and value.open is None and value.kind != "set":
        return list(value.items)
    if isinstance(value, Mapping) and value.open is None:
        return [Known(key, value.keys.get(key, value.span)) for key in value.entries]
    return None


def _lambda(interpreter: Evaluator, node: ast.Lambda) -> Value:
    return Function(node, "lambda", interpreter.scope)


def _named(interpreter: Evaluator, node: ast.NamedExpr) -> Value:
    value = evaluate(interpreter, node.value)
    interpreter.assign(node.target, value)
    return value


def _await(interpreter: Evaluator, node: ast.Await) -> Value:
    return evaluate(interpreter, node.value)


def _call(interpreter: Evaluator, node: ast.Call) -> Value:
    from hpolint.readers.python.calls import call

    return call(interpreter, node)


HANDLERS: dict[type[ast.expr], Callable[[Any, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Dict: _dict,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.JoinedStr: _joined,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.Call: _call,
}
