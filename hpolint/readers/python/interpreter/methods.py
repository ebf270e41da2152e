"""The side effects and results of the methods of Python's strings, lists and dicts."""

from __future__ import annotations

from typing import Any

from hpolint.io.escaping import brief
from hpolint.model.reasons import is_a
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, operators
from hpolint.readers.python.interpreter.operators import aliases, iterated, parts, parts_under
from hpolint.readers.python.interpreter.plain import NotPlainError, format_pieces, from_plain, known, plain, text_method
from hpolint.readers.python.interpreter.state import deep_copy, twin
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Key,
    Mapping,
    Maybe,
    Sequence,
    Value,
    unknown,
)


def copied(value: Value, *, deep: bool) -> Value:
    """A copy as ``copy`` or (``deep``) ``deepcopy`` makes it."""
    if deep:
        return deep_copy(value, {})
    if isinstance(value, Mapping):
        return Mapping(dict(value.entries), value.span, dict(value.keys), value.open)
    if isinstance(value, Sequence):
        return Sequence(value.kind, list(value.items), value.span, value.open)
    return twin(value) if isinstance(value, Instance) else value


def of_mapping(receiver: Mapping, name: str, arguments: Arguments, span: Span) -> Value:
    """Apply a dict's method. Returns its result."""
    positional = arguments.positional
    if name == "update":
        for value in positional:
            operators.spread(receiver, value, span)
        named = Mapping(dict(arguments.keywords.items()), span, dict(arguments.places.items()))
        operators.spread(receiver, named, span)
        if arguments.open is not None:
            operators.forget(receiver, arguments.open)
        return Constant(None, span)
    if name == "copy":
        return copied(receiver, deep=False)
    if name == "clear":
        receiver.entries, receiver.open = {}, None
        return Constant(None, span)
    if name in ("keys", "values", "items"):
        return Sequence(name, [], span, of=receiver)
    if name in ("get", "pop", "setdefault") and positional and isinstance(positional[0], Constant):
        return _item(receiver, name, positional[0].value, positional[1] if len(positional) > 1 else None, span)
    returned = parts_under(receiver, positional[0]) if name == "get" and positional else parts(receiver)
    found = aliases([*returned, *positional], unknown(is_a(f"what `{name}()` returns"), span))
    if name != "get":
        operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return found


def _item(receiver: Mapping, name: str, key: Key, fallback: Value | None, span: Span) -> Value:
    found = receiver.entries.get(key) or receiver.open
    if name == "pop":
        receiver.entries.pop(key, None)
        if found is None and fallback is None:
            return unknown(f"is under the key {brief(repr(key))}, which does not exist", span)
    default = fallback if fallback is not None else Constant(None, span)
    if name == "setdefault" and isinstance(found, Maybe):
        receiver.entries[key] = unknown(found.reason, found.span)
    if name == "setdefault" and key not in receiver.entries:
        receiver.entries[key], receiver.keys[key] = receiver.open or default, span
    return default if found is None else found


def of_sequence(receiver: Sequence, name: str, arguments: Arguments, span: Span) -> Value:
    """Apply a method of a list, tuple, set, iterator or view. Returns its result."""
    positional = arguments.positional
    if name in ("append", "add") and len(positional) == 1:
        if receiver.open is None:
            receiver.items.append(positional[0])
        return Constant(None, span)
    if name == "extend" and len(positional) == 1 and receiver.open is None:
        items = iterated(positional[0])
        if items is not None and bounds.has_room(receiver.items, items):
            receiver.items += items
            return Constant(None, span)
        if items is not None:
            operators.forget(receiver, aliases(items, unknown(bounds.TOO_LARGE, span)))
            return Constant(None, span)
    if name == "copy":
        return copied(receiver, deep=False)
    if receiver.kind == "list" and receiver.open is None and not arguments.keywords:
        result = _of_list(receiver, name, positional, span)
        if result is not None:
            return result
    found = aliases([*parts(receiver), *positional], unknown(is_a(f"what `{name}()` returns"), span))
    if name not in ("index", "count"):
        operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return found


def _of_list(receiver: Sequence, name: str, positional: list[Value], span: Span) -> Value | None:
    """Apply a list's method that moves whole items or needs only plain ones. Returns its result; None if unknown."""
    numbers = [value.value for value in positional if isinstance(value, Constant) and isinstance(value.value, int)]
    items = receiver.items
    if name == "reverse" and not positional:
        items.reverse()
        return Constant(None, span)
    if name == "insert" and len(positional) == 2 and len(numbers) >= 1 and isinstance(positional[0], Constant):
        items.insert(numbers[0], positional[1])
        return Constant(None, span)
    if name == "pop" and len(numbers) == len(positional) and items:
        index = numbers[0] if numbers else -1
        return items.pop(index) if -len(items) <= index < len(items) else None
    if name == "clear" and not positional:
        items.clear()
        return Constant(None, span)
    try:
        plain_items = [plain(item) for item in items]
        if name == "sort" and not positional:
            order = sorted(range(len(items)), key=plain_items.__getitem__)
            receiver.items = [items[index] for index in order]
            return Constant(None, span)
        if name in ("index", "count") and len(positional) == 1:
            found = (
                plain_items.index(plain(positional[0])) if name == "index" else plain_items.count(plain(positional[0]))
            )
            return Constant(found, span)
        if name == "remove" and len(positional) == 1:
            del items[plain_items.index(plain(positional[0]))]
            return Constant(None, span)
    except (NotPlainError, TypeError, ValueError):
        return None
    return None


def of_text(text: str, name: str, arguments: Arguments, span: Span) -> Value:
    """The result of a string's method."""
    if name == "join" and len(arguments.positional) == 1:
        return _join(text, arguments.positional[0], span)
    try:
        if arguments.open is not None:
            raise NotPlainError
        positional: list[Any] = [plain(value) for value in arguments.positional]
        named = {key: plain(value) for key, value in arguments.keywords.items()}
        return from_plain(text_method(text, name, positional, named), span)
    except NotPlainError:
        if name == "format":
            pieces = format_pieces(text, arguments.positional, arguments.keywords)
            return unknown("is built from unknown parts", span, pieces)
        return unknown(is_a(f"what `{name}()` returns"), span)


def _join(separator: str, value: Value, span: Span) -> Value:
    items = iterated(value)
    if items is not None and all(isinstance(item, Constant) and isinstance(item.value, str) for item in items):
        length = sum(len(str(item.value)) + len(separator) for item in items if isinstance(item, Constant))
        if not bounds.is_text_within_bounds(length - len(separator)):
            return unknown(bounds.TOO_LARGE, span)
        return known(separator.join(str(item.value) for item in items if isinstance(item, Constant)), span)
    return unknown("is built from unknown parts", span, (None,))
