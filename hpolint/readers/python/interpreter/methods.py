"""The side effects and results of the methods of Python's strings, lists and dicts."""

from __future__ import annotations

from typing import Any

from hpolint.io.escaping import brief
from hpolint.model.source import Span
from hpolint.readers.python.interpreter import bounds, operators, text_lengths
from hpolint.readers.python.interpreter.chosen_items import chosen_item
from hpolint.readers.python.interpreter.deployed_values import computed, is_set_outside
from hpolint.readers.python.interpreter.operators import aliases, iterated, parts, parts_under
from hpolint.readers.python.interpreter.plain import NotPlainError, format_pieces, from_plain, known, plain, text_method
from hpolint.readers.python.interpreter.state import deep_copy, shallow_copy, twin
from hpolint.readers.python.interpreter.values import (
    Arguments,
    Constant,
    Instance,
    Key,
    Mapping,
    Maybe,
    Sequence,
    Value,
    present,
    returned_by,
    text_of,
    unknown,
)


def copied(value: Value, *, deep: bool) -> Value:
    """A copy as ``copy`` or (``deep``) ``deepcopy`` makes it."""
    if deep:
        return deep_copy(value, {})
    if isinstance(value, Instance):
        return twin(value)
    return shallow_copy(value)


def of_value(receiver: Value, name: str, arguments: Arguments, span: Span) -> Value | None:
    """Apply a method of a dict, a list or a known string. Returns its result; None for any other value."""
    if isinstance(receiver, Mapping):
        return of_mapping(receiver, name, arguments, span)
    if isinstance(receiver, Sequence):
        return of_sequence(receiver, name, arguments, span)
    text = text_of(receiver)
    if text is not None:
        return of_text(text, name, arguments, span)
    if is_set_outside(receiver):
        return _of_text_set_outside(receiver, name, arguments, span)
    return text_lengths.method(name, arguments, span)


def _of_text_set_outside(receiver: Value, name: str, arguments: Arguments, span: Span) -> Value | None:
    """The result of a method of a string that is set where the source runs; None if nothing is known of it."""
    if arguments.keywords or arguments.open is not None:
        return None

    def applied(known: list[Constant]) -> Value:
        text, *others = known
        if not isinstance(text.value, str):
            return returned_by(name, span)
        return of_text(text.value, name, Arguments([*others]), span)

    result = computed(applied, [receiver, *arguments.positional], returned_by(name, span))
    return result if is_set_outside(result) else None


def of_mapping(receiver: Mapping, name: str, arguments: Arguments, span: Span) -> Value:
    """Apply a dict's method. Returns its result."""
    positional = arguments.positional
    if name == "update":
        for value in positional:
            operators.spread(receiver, value, span)
        spread_keywords(receiver, arguments, span)
        if arguments.open is not None:
            operators.forget(receiver, arguments.open)
        return Constant(None, span)
    if name == "copy":
        return shallow_copy(receiver)
    if name == "clear":
        receiver.entries, receiver.open = {}, None
        return Constant(None, span)
    if name in ("keys", "values", "items"):
        return Sequence(name, [], span, of=receiver)
    key = arguments.at(0)
    if name in ("get", "pop", "setdefault") and isinstance(key, Constant):
        return _item(receiver, name, key.value, arguments.at(1), span)
    if name == "get" and key is not None:
        chosen = chosen_item(receiver, key, span, arguments.at(1) or Constant(None, span))
        return chosen or aliases([*parts_under(receiver, key), *positional], returned_by(name, span))
    result = aliases([*parts(receiver), *positional], returned_by(name, span))
    if name != "get":
        operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return result


def spread_keywords(target: Mapping, arguments: Arguments, span: Span) -> None:
    """Add a call's keywords to a dict."""
    keywords = Mapping(dict(arguments.keywords.items()), span, dict(arguments.places.items()))
    operators.spread(target, keywords, span)


def _item(receiver: Mapping, name: str, key: Key, fallback: Value | None, span: Span) -> Value:
    entry = receiver.entries.get(key) or receiver.open
    if name == "pop":
        receiver.entries.pop(key, None)
        if entry is None and fallback is None:
            return unknown(f"is under the key {brief(repr(key))}, which does not exist", span)
    default = fallback or Constant(None, span)
    if name == "setdefault" and isinstance(entry, Maybe):
        receiver.entries[key] = unknown(entry.reason, entry.span)
    if name == "setdefault" and key not in receiver.entries:
        receiver.entries[key], receiver.keys[key] = receiver.open or default, span
    return entry or default


def of_sequence(receiver: Sequence, name: str, arguments: Arguments, span: Span) -> Value:
    """Apply a method of a list, tuple, set, iterator or view. Returns its result."""
    positional = arguments.positional
    if name in ("append", "add", "extend") and len(positional) == 1 and _grow(receiver, name, positional[0], span):
        return Constant(None, span)
    if name == "copy":
        return shallow_copy(receiver)
    if receiver.kind == "list" and receiver.open is None and not arguments.keywords:
        result = _of_list(receiver, name, positional, span)
        if result is not None:
            return result
    returned = aliases([*parts(receiver), *positional], returned_by(name, span))
    if name not in ("index", "count"):
        operators.forget(receiver, unknown(f"may be changed by `{name}()`", span))
    return returned


def _grow(receiver: Sequence, name: str, value: Value, span: Span) -> bool:
    """Add a value to a list or set, or its items if the method is ``extend``. Returns whether the effect is known."""
    if name != "extend":
        if receiver.open is None:
            receiver.items.append(value)
        return True
    items = iterated(value) if receiver.open is None else None
    if items is None:
        return False
    if bounds.has_room(receiver.items, items):
        receiver.items += items
    else:
        operators.forget(receiver, aliases(items, unknown(bounds.TOO_LARGE, span)))
    return True


def _of_list(receiver: Sequence, name: str, positional: list[Value], span: Span) -> Value | None:
    """Apply a list's method that moves whole items or needs only plain ones. Returns its result; None if unknown."""
    items = receiver.items
    match name, positional:
        case "reverse", []:
            items.reverse()
        case "clear", []:
            items.clear()
        case "insert", [Constant(value=int(index)), item]:
            items.insert(index, item)
        case "pop", []:
            return items.pop() if items else None
        case "pop", [Constant(value=int(index))]:
            return items.pop(index) if -len(items) <= index < len(items) else None
        case _:
            return _of_plain_list(receiver, name, positional, span)
    return Constant(None, span)


def _of_plain_list(receiver: Sequence, name: str, positional: list[Value], span: Span) -> Value | None:
    """Apply a list's method that compares the items. Returns its result; None if not all of them are plain."""
    items = receiver.items
    try:
        plain_items = [plain(item) for item in items]
        match name, [plain(value) for value in positional]:
            case "sort", []:
                order = sorted(range(len(items)), key=plain_items.__getitem__)
                receiver.items = [items[index] for index in order]
            case "remove", [wanted]:
                del items[plain_items.index(wanted)]
            case "index", [wanted]:
                return Constant(plain_items.index(wanted), span)
            case "count", [wanted]:
                return Constant(plain_items.count(wanted), span)
            case _:
                return None
    except (NotPlainError, TypeError, ValueError):
        return None
    return Constant(None, span)


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
            return unknown("is built from unknown parts", span, pieces, text_lengths.of_format(text, arguments))
        return returned_by(name, span)


def _join(separator: str, value: Value, span: Span) -> Value:
    items = iterated(value)
    if items is None:
        return unknown("is built from unknown parts", span, (None,))
    texts = present(text_of(item) for item in items)
    if len(texts) < len(items):
        return unknown("is built from unknown parts", span, (None,))
    length = sum(len(text) + len(separator) for text in texts)
    if not bounds.is_text_within_bounds(length - len(separator)):
        return unknown(bounds.TOO_LARGE, span)
    return known(separator.join(texts), span)
