"""An item of a dict or list under a key that is not known: one of its items, by the source's own choice."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from hpolint.model.node import Unknown
from hpolint.model.reasons import of_kind
from hpolint.model.source import Span
from hpolint.readers.python.interpreter.deployed_values import default_of
from hpolint.readers.python.interpreter.joining import one_of
from hpolint.readers.python.interpreter.operators import MAX_CANDIDATES, is_closed, may_be
from hpolint.readers.python.interpreter.values import Either, Mapping, Sequence, Value, description


def chosen_item(container: Value, index: Value, span: Span, fallback: Value | None = None) -> Value | None:
    """The item under an unknown key, else ``fallback``; None if not all items that it may be are known."""
    items = _items(container, index)
    others = [] if fallback is None else [fallback]
    if not items or len(items) + len(others) > MAX_CANDIDATES:
        return None
    chosen = one_of([*items.values(), *others], span, alternatives=True)
    if not isinstance(chosen, Unknown):
        return chosen
    text = f"is looked up by {description(index)}"
    chosen = replace(chosen, reason=of_kind(chosen.kind, text), span=span)
    default = default_of(index)
    if default is None:
        return chosen
    return with_default(chosen, items.get(default.value, fallback))


def of_each(receiver: Either, read: Callable[[Value], Value], span: Span) -> Value:
    """What ``read`` gives for the candidate that a value certainly is."""
    result = one_of([read(candidate) for candidate in receiver.candidates], span, alternatives=True)
    if receiver.by_default is None or not isinstance(result, Unknown):
        return result
    return with_default(result, read(receiver.by_default))


def with_default(chosen: Unknown, item: Value | None) -> Unknown:
    """One of several values, with the one that it is by default, if that is known."""
    if isinstance(chosen, Either):
        return replace(chosen, by_default=item) if chosen.complete else chosen
    return replace(chosen, default=default_of(item))


def _items(container: Value, index: Value) -> dict[object, Value]:
    """The items that a container may have under an unknown key, by their keys; none if it may have others."""
    if isinstance(container, Mapping):
        if not is_closed(container):
            return {}
        return {key: value for key, value in container.entries.items() if _may_be(index, key)}
    if not isinstance(container, Sequence) or container.kind not in ("list", "tuple") or container.open is not None:
        return {}
    return dict(enumerate(container.items))


def _may_be(index: Value, key: object) -> bool:
    """Whether a value may equal a key."""
    if isinstance(index, Unknown) and index.choices:
        return any(choice is not None and choice.value == key for choice in index.choices)
    return may_be(index, key)
