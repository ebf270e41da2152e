"""The evaluation of expressions. A result that cannot be computed is unknown, with a reason."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from hpolint.io.escaping import brief
from hpolint.model.node import Unknown
from hpolint.model.reasons import a_part_of, is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import (
    bounds,
    classes,
    command_options,
    comprehensions,
    environment,
    flow,
    functions,
    iteration,
    paths,
    reflection,
    text_lengths,
)
from hpolint.readers.python.interpreter.chosen_items import chosen_item, of_each
from hpolint.readers.python.interpreter.deployed_values import computed, value_or
from hpolint.readers.python.interpreter.foreign import ForeignExpression
from hpolint.readers.python.interpreter.operators import (
    aliases,
    binary,
    compared,
    negated,
    parts,
    parts_under,
    pieces_of,
    set_somewhere,
    spread,
)
from hpolint.readers.python.interpreter.plain import LARGE_WIDTH, known, literal
from hpolint.readers.python.interpreter.syntax_facts import source_text
from hpolint.readers.python.interpreter.units import BEGINNING
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Either,
    Function,
    Instance,
    Mapping,
    Maybe,
    Method,
    Sequence,
    Symbol,
    UserClass,
    Value,
    description,
    is_own,
    present,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from hpolint.readers.python.interpreter.interpreter import Interpreter

METHODS = ("hyperparameters", "hyperparameter_ranges")
"""Methods of objects of the SDK's version 2 that have the same names as constructor arguments."""


def evaluate(interpreter: Interpreter, node: ast.expr) -> Value:
    """The value of an expression."""
    handler = HANDLERS.get(type(node))
    if handler is None:
        if isinstance(node, ForeignExpression):
            return node.evaluate(interpreter)
        return unknown(f"is computed by {type(node).__name__}", interpreter.span(node))
    return handler(interpreter, node)


def evaluate_now(interpreter: Interpreter, node: ast.expr) -> Value:
    """The value of an expression that is used at once: a generator expression is evaluated."""
    if isinstance(node, ast.GeneratorExp):
        return comprehensions.evaluate(interpreter, node)
    return evaluate(interpreter, node)


def truth(value: Value) -> bool | None:
    """The truth of a value; None if it is unknown."""
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, Sequence) and value.of is not None:
        return truth(value.of)
    if isinstance(value, Mapping | Sequence):
        return _is_filled(value)
    if is_own(value) or not isinstance(value, Instance | Function | UserClass):
        return None  # a class may define __bool__
    return True


def _is_filled(value: Mapping | Sequence) -> bool | None:
    """Whether a dict or list has items, or is an iterator; None if that is unknown."""
    items = value.items if isinstance(value, Sequence) else value.entries.values()
    if any(not isinstance(item, Maybe) for item in items):
        return True
    if isinstance(value, Sequence) and (items or value.kind in ("iterator", "maybe")):
        return True
    return None if value.open or items else False


def _constant(interpreter: Interpreter, node: ast.Constant) -> Value:
    span = interpreter.span(node)
    if node.value is None or isinstance(node.value, str | int | float | bool):
        return literal(node.value, span)
    return unknown(is_a("a constant that the API has no type for"), span)


def _name(interpreter: Interpreter, node: ast.Name) -> Value:
    value = interpreter.scope.find(node.id)
    if value is not None:
        interpreter.imports.note_use(value, interpreter.unit, node)
        return value
    if node.id in BUILTINS:
        return Symbol(f"builtins.{node.id}", interpreter.span(node))
    if node.id == "display":  # IPython's own
        return Symbol("IPython.display.display", interpreter.span(node))
    interpreter.libraries.undefined_name_read(node.id, interpreter.span(node))
    not_imported = interpreter.libraries.not_imported(node.id)
    if not_imported is not None:
        return Symbol(not_imported, interpreter.span(node))
    return unknown(is_a(f"`{node.id}`, which this source does not define"), interpreter.span(node))


BUILTINS = frozenset(
    {"dict", "list", "tuple", "set", "frozenset", "str", "int", "float", "bool", "object", "type", "repr", "id"}
    | {"range", "len", "sorted", "reversed", "min", "max", "abs", "round", "sum", "divmod", "any", "all", "zip"}
    | {"enumerate", "map", "filter", "next", "iter", "print", "open", "isinstance", "super", "vars", "globals"}
    | {"locals", "exec", "eval", "getattr", "setattr", "hasattr", "delattr"}
    | {"staticmethod", "classmethod", "property"}
)


def _dict(interpreter: Interpreter, node: ast.Dict) -> Value:
    mapping = Mapping({}, interpreter.span(node))
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(interpreter, value_node)
        if key_node is None:
            spread(mapping, value, interpreter.span(value_node))
            continue
        key = evaluate(interpreter, key_node)
        if isinstance(key, Constant):
            mapping.entries[key.value] = value
            mapping.keys[key.value] = interpreter.span(key_node)
        else:
            interpreter.libraries.keyed(mapping, key, interpreter.span(key_node))
            why = unknown("may be under an unknown key", interpreter.span(key_node))
            set_somewhere(mapping, key, value, why)
    return mapping


def _sequence(interpreter: Interpreter, node: ast.List | ast.Tuple | ast.Set) -> Value:
    sequence = Sequence(type(node).__name__.lower(), [], interpreter.span(node))
    for item in node.elts:
        if not isinstance(item, ast.Starred):
            sequence.items.append(evaluate(interpreter, item))
            continue
        spread_value = evaluate_now(interpreter, item.value)
        items = iteration.items(interpreter, item.value, spread_value)
        if items is None:
            why = unknown("may come from a spread list", interpreter.span(item))
            sequence.open = aliases(parts(spread_value), why)
            break
        if not bounds.has_room(sequence.items, items):
            sequence.open = aliases(items, unknown(bounds.TOO_LARGE, interpreter.span(item)))
            break
        sequence.items += items
    return sequence


def _attribute(interpreter: Interpreter, node: ast.Attribute) -> Value:
    span = interpreter.span(node)
    if _is_super(interpreter, node.value):
        return classes.inherited(interpreter, node.attr, span)
    receiver = evaluate(interpreter, node.value)
    interpreter.libraries.attribute_read(receiver, node.attr, span)
    value = interpreter.member(receiver, node.attr, span)
    interpreter.imports.note_use(value, interpreter.unit, node)
    return value


def member(interpreter: Interpreter, receiver: Value, name: str, span: Span) -> Value:
    """An attribute of a value; a property's function is called."""
    value = _member(interpreter, receiver, name, span)
    if isinstance(value, Function) and value.kind == "property" and value.receiver is not None:
        return interpreter.call_function(value, Arguments(), span)
    return value


def _is_super(interpreter: Interpreter, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.args:
        return False
    return node.func.id == "super" and interpreter.scope.find("super") is None


def _member(interpreter: Interpreter, receiver: Value, name: str, span: Span) -> Value:
    """An attribute of a value; a property is returned as a function."""
    if isinstance(receiver, Symbol):
        return interpreter.imports.member(receiver.name, name) or Symbol(f"{receiver.name}.{name}", span)
    if isinstance(receiver, Either) and receiver.complete:
        return of_each(receiver, lambda candidate: _member(interpreter, candidate, name, span), span)
    attribute: Value | None = None
    if isinstance(receiver, Instance):
        attribute = _of_instance(interpreter, receiver, name, span)
    elif isinstance(receiver, UserClass):
        attribute = classes.attribute(receiver, name)
    return attribute or Method(receiver, name, span)


def _of_instance(interpreter: Interpreter, receiver: Instance, name: str, span: Span) -> Value | None:
    """An attribute of an instance; None if it is not known, or a method of an imported class."""
    if name == "__dict__":
        return reflection.members(receiver, span)
    if name == "__class__":
        return receiver.user_class or Symbol(receiver.cls, span)
    if is_own(receiver):
        return classes.attribute(receiver, name)
    return _of_foreign_instance(interpreter, receiver, name, span)


def _of_foreign_instance(interpreter: Interpreter, receiver: Instance, name: str, span: Span) -> Value | None:
    if receiver.cls == command_options.NAMESPACE:
        return command_options.attribute(receiver, name, span)
    if name in receiver.attributes:
        return classes.attribute(receiver, name)
    if receiver.cls == paths.PATH:
        part = paths.attribute(receiver, name, span)
        if part is not None:
            return part
    if name in METHODS and not receiver.cls.endswith("ModelTrainer"):
        return None
    return interpreter.libraries.attribute(receiver, name)


def _subscript(interpreter: Interpreter, node: ast.Subscript) -> Value:
    receiver, index = evaluate(interpreter, node.value), evaluate(interpreter, node.slice)
    span = interpreter.span(node)
    if isinstance(node.slice, ast.Slice) or text_of(receiver) is not None:
        return _slice(interpreter, receiver, node.slice, span)
    getter = classes.own_method(receiver, "__getitem__")
    if getter is not None:
        return interpreter.call_function(getter, Arguments([index]), span)
    if isinstance(index, Constant):
        if isinstance(receiver, Mapping | Sequence):
            value = _item(receiver, index, span)
            interpreter.imports.note_use(value, interpreter.unit, node)
            return value
        if isinstance(receiver, Either) and receiver.complete:
            return of_each(receiver, lambda candidate: _item(candidate, index, span), span)
    interpreter.libraries.item_used(receiver, span, index)
    return chosen_item(receiver, index, span) or _some_item(receiver, index, span)


def _some_item(receiver: Value, index: Value, span: Span) -> Value:
    """An unknown item of a value, which may alias the value's parts."""
    if isinstance(receiver, Symbol) and receiver.name == environment.ENVIRONMENT:
        return environment.variable(index, span)
    reason = is_a("an unknown item")
    if isinstance(receiver, Symbol | Method | Instance):
        reason = is_a(f"an item of {description(receiver)}")
    elif isinstance(receiver, Unknown):
        reason = a_part_of(receiver.reason)
    return aliases(parts_under(receiver, index), unknown(reason, span))


def _item(receiver: Value, index: Constant, span: Span) -> Value:
    """The item of a value under a key or at an index."""
    if isinstance(receiver, Mapping):
        missing = unknown(f"is under the key {brief(repr(index.value))}, which does not exist", span)
        return receiver.entries.get(index.value) or receiver.open or missing
    if isinstance(receiver, Sequence) and isinstance(index.value, int) and receiver.kind in ("list", "tuple", "range"):
        least = 0 if receiver.open is not None else -len(receiver.items)
        if least <= index.value < len(receiver.items):
            return receiver.items[index.value]
    return _some_item(receiver, index, span)


def _slice(interpreter: Interpreter, receiver: Value, part: ast.expr, span: Span) -> Value:
    """The slice of a list, tuple or string, or the character of a string."""
    if isinstance(receiver, Symbol) and receiver.name == "sys.argv":
        return Symbol(f"{receiver.name}[{source_text(part)}]", span)
    at = _index(interpreter, part, span)
    try:
        if at is not None and isinstance(receiver, Constant) and isinstance(receiver.value, str):
            return Constant(receiver.value[at], span)
        if at is not None and isinstance(receiver, Sequence) and receiver.open is None:
            return Sequence(receiver.kind, receiver.items[at], receiver.span)
    except (TypeError, ValueError, LookupError):
        return unknown(is_a("a part that does not exist"), span)
    return unknown(is_a("a part of an unknown value"), span)


def _index(interpreter: Interpreter, part: ast.expr, span: Span) -> Any:
    """What a subscript contains: a slice or a plain value; None if that is unknown."""
    if not isinstance(part, ast.Slice):
        value = evaluate(interpreter, part)
        return value.value if isinstance(value, Constant) else None
    nothing = Constant(None, span)
    bounds = (part.lower, part.upper, part.step)
    values = [nothing if bound is None else evaluate(interpreter, bound) for bound in bounds]
    numbers: list[Any] = [value.value for value in values if isinstance(value, Constant)]
    return slice(*numbers) if len(numbers) == len(values) else None


def _unary(interpreter: Interpreter, node: ast.UnaryOp) -> Value:
    value, span = evaluate(interpreter, node.operand), interpreter.span(node)
    if isinstance(node.op, ast.Not):
        is_false = negated(truth(value))
        if is_false is None:
            return unknown("depends on an unknown value", span)
        return Constant(is_false, span)
    signed = _signed(node.op, value, span)
    if signed is not None:
        return signed
    result = unknown("is computed from an unknown value", span)
    return computed(lambda constants: _signed(node.op, constants[0], span) or result, [value], result)


def _signed(op: ast.unaryop, value: Value, span: Span) -> Value | None:
    """A number with the sign of an operator; None for any other value or operator."""
    if not isinstance(value, Constant) or not isinstance(value.value, int | float):
        return None
    if isinstance(op, ast.USub):
        return known(-value.value, span)
    return known(value.value, span) if isinstance(op, ast.UAdd) else None


def _binary(interpreter: Interpreter, node: ast.BinOp) -> Value:
    left, right, span = evaluate(interpreter, node.left), evaluate(interpreter, node.right), interpreter.span(node)
    interpreter.libraries.combined([left, right], node.op, span)
    return binary(left, node.op, right, span)


def _joined(interpreter: Interpreter, node: ast.JoinedStr) -> Value:
    pieces: list[str | None] = []
    values: list[Value] = []
    is_path = False
    span = interpreter.span(node)
    for part in node.values:
        if isinstance(part, ast.Constant):
            pieces.append(str(part.value))
            values.append(Constant(str(part.value), span))
        elif isinstance(part, ast.FormattedValue):
            with interpreter.imports.looking(True):
                value = evaluate(interpreter, part.value)
                formatted = _formatted(interpreter, part, value)
            if isinstance(formatted, Instance):  # a path: the text that follows belongs to it
                is_path = not pieces
                formatted = (paths.beginning_of_path(formatted) if is_path else None,)
            pieces += formatted
            values.append(_text_value(part, value, formatted))
    if None in pieces:
        length = sum(map(text_lengths.length_of, values))
        result = unknown("is built from unknown parts", span, tuple(pieces), length)
        return computed(lambda known: literal("".join(str(each.value) for each in known), span), values, result)
    text = "".join(present(pieces))
    if not bounds.is_text_within_bounds(len(text)):
        return unknown(bounds.TOO_LARGE, span)
    return paths.path(text, span) if is_path else known(text, span)


def _text_value(part: ast.FormattedValue, value: Value, formatted: tuple[str | None, ...]) -> Value:
    """A value whose text is that of a part of an f-string; unknown if it is formatted, or no plain value."""
    if len(formatted) == 1 and formatted[0] is not None:
        return Constant(formatted[0], BEGINNING)
    if part.conversion == -1 and part.format_spec is None:
        return value
    return unknown("is formatted", BEGINNING, min_length=_formatted_length(part))


def _formatted_length(part: ast.FormattedValue) -> int:
    """The least number of characters of a part of an f-string that has a date's format."""
    spec = part.format_spec.values if isinstance(part.format_spec, ast.JoinedStr) else []
    if part.conversion != -1 or len(spec) != 1 or not isinstance(spec[0], ast.Constant):
        return 0
    return text_lengths.date_length(str(spec[0].value))


def _note_formatted(interpreter: Interpreter, part: ast.FormattedValue, value: Value) -> None:
    """Tell the model of the libraries about a part of an f-string, and whether its text is made by `str()`."""
    interpreter.libraries.shown([value])
    if part.conversion in (-1, ord("s")):
        interpreter.libraries.formatted(value, interpreter.span(part))


def _formatted(interpreter: Interpreter, part: ast.FormattedValue, value: Value) -> tuple[str | None, ...] | Instance:
    """The known pieces of one `{value!r:>10}` of an f-string, with None for an unknown part; or a path itself."""
    _note_formatted(interpreter, part, value)
    spec: Value = Constant("", interpreter.span(part))
    if part.format_spec is not None:
        spec = evaluate(interpreter, part.format_spec)
    if part.conversion == -1 and isinstance(spec, Constant) and spec.value == "":
        if isinstance(value, Instance) and value.cls == paths.PATH:
            return value
        return pieces_of(value)
    if not isinstance(value, Constant) or not isinstance(spec, Constant) or LARGE_WIDTH.search(str(spec.value)):
        return (None,)
    shown = {-1: value.value, ord("s"): str(value.value), ord("r"): repr(value.value)}.get(part.conversion)
    if shown is None:
        return (None,)
    try:
        return (format(shown, str(spec.value)),)
    except (TypeError, ValueError):
        return (None,)


def _operands(interpreter: Interpreter, node: ast.BoolOp, index: int = 0) -> Value:
    """The value of an `and` or `or` from operand ``index`` on; after an unknown operand, the rest may be skipped."""
    value = evaluate(interpreter, node.values[index])
    is_true = truth(value)
    stops = isinstance(node.op, ast.Or)
    if index == len(node.values) - 1 or is_true is stops:
        return value
    rest = partial(_operands, interpreter, node, index + 1)
    if is_true is not None:
        return rest()
    others: list[Value] = []

    def evaluate_rest() -> Value:
        others.append(rest())
        return others[-1]

    either = join_paths(interpreter, [lambda: value, evaluate_rest], interpreter.span(node))
    return value_or(value, others[-1], either) if stops else either


def join_paths(interpreter: Interpreter, paths: list[Callable[[], Value]], span: Span) -> Value:
    """The join of the values of several paths, with their side effects."""
    name = f"path {interpreter.trail.next_number()}"  # a name with a space, so no program can bind it

    def take(path: Callable[[], Value]) -> str:
        interpreter.scope.names[name] = path()
        return flow.FALLS

    flow.alternatives(interpreter, [partial(take, path) for path in paths], span)
    return interpreter.scope.names.pop(name)


def _compare(interpreter: Interpreter, node: ast.Compare) -> Value:
    span = interpreter.span(node)
    with interpreter.imports.looking(True):
        values = [evaluate(interpreter, part) for part in (node.left, *node.comparators)]
    interpreter.libraries.shown(values)
    for left, op, right in zip(values, node.ops, values[1:], strict=False):
        interpreter.libraries.combined([left, right], op, span)
        holds = compared(left, op, right)
        if holds is None:
            return unknown("depends on an unknown value", span)
        if not holds:
            return Constant(False, span)
    return Constant(True, span)


def _conditional(interpreter: Interpreter, node: ast.IfExp) -> Value:
    is_true = truth(evaluate(interpreter, node.test))
    if is_true is not None:
        return evaluate(interpreter, node.body if is_true else node.orelse)
    paths = [partial(evaluate, interpreter, branch) for branch in (node.body, node.orelse)]
    return join_paths(interpreter, list(paths), interpreter.span(node))


def _lambda(interpreter: Interpreter, node: ast.Lambda) -> Value:
    interpreter.units[node] = interpreter.unit
    return functions.make_function(interpreter, node, "lambda")


def _named(interpreter: Interpreter, node: ast.NamedExpr) -> Value:
    value = evaluate(interpreter, node.value)
    scope = interpreter.scope
    while scope.kind == "comprehension" and scope.above is not None:
        scope = scope.above
    scope.owner(node.target.id).names[node.target.id] = value
    interpreter.switches.record_sources(scope.owner(node.target.id), node.target.id, (node.value,))
    return value


def _await(interpreter: Interpreter, node: ast.Await) -> Value:
    interpreter.awaited.add(node.value)
    value = evaluate(interpreter, node.value)
    interpreter.suspended.pause(interpreter)
    return value


def _yield(interpreter: Interpreter, node: ast.Yield | ast.YieldFrom) -> Value:
    if isinstance(node, ast.YieldFrom):
        iteration.items(interpreter, node.value, evaluate_now(interpreter, node.value))
    elif node.value is not None:
        evaluate(interpreter, node.value)
    interpreter.libraries.paused()
    interpreter.suspended.pause(interpreter)
    return unknown(is_a("what is sent to a generator"), interpreter.span(node))


def _call(interpreter: Interpreter, node: ast.Call) -> Value:
    from hpolint.readers.python.interpreter.calls import call

    result = call(interpreter, node)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        interpreter.imports.note_use(result, interpreter.unit, node)
    return result


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
    ast.BoolOp: _operands,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.ListComp: comprehensions.evaluate,
    ast.SetComp: comprehensions.evaluate,
    ast.GeneratorExp: comprehensions.evaluate_later,
    ast.DictComp: comprehensions.evaluate,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Call: _call,
}
