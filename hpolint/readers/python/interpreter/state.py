"""The interpreter's mutable state, and snapshots of it for branches.

Names and other values share mutable objects. Each branch changes the objects in place; restoring a snapshot writes
their former contents back, so that every reference to an object stays valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from types import NoneType
from typing import Any, TypeVar

from hpolint.readers.python.interpreter.operators import IMMUTABLE_TYPES
from hpolint.readers.python.interpreter.values import (
    Either,
    Function,
    Instance,
    Mapping,
    Maybe,
    Method,
    Scope,
    Sequence,
    UserClass,
    Value,
)

K = TypeVar("K")

MutableObject = Scope | Mapping | Sequence | Instance | UserClass
"""An object whose contents change."""

LEAVES = IMMUTABLE_TYPES | {NoneType}
"""The types of what refers to no mutable object."""

OBJECTS_PER_STEP = 8
"""How many objects a snapshot copies for the cost of one step."""


class Snapshot:
    """The contents of all objects that are reachable from some scopes or values.

    ``contents`` maps an object's id to the object and a copy of its contents; ``size`` measures the work.
    """

    def __init__(self, roots: Iterable[Scope | Value]) -> None:
        self.contents: dict[int, tuple[MutableObject, tuple[Any, ...]]] = {}
        self.size = 0
        waiting: list[Any] = list(roots)
        visited: set[int] = set()
        while waiting:  # a hot loop: it looks only at an object's type
            object_ = waiting.pop()
            key = id(object_)
            if key in visited:
                continue
            visited.add(key)
            kind = type(object_)
            if (
                kind is Function
                and not object_.defaults
                and object_.receiver is object_.owner is object_.setter is None
            ):
                waiting.append(object_.scope)  # the common case
                continue
            copy = COPY_CONTENTS.get(kind)
            if copy is not None:
                contents = copy(object_)
                self.size += len(contents[0]) // 4
                self.contents[key] = (object_, contents)
            waiting += [reference for reference in REFERENCES[kind](object_) if type(reference) not in LEAVES]
        self.size += len(visited)

    def differs(self, other: Snapshot) -> bool:
        """Whether any contents differ from those in another snapshot of the same objects."""
        own = {key: contents for key, (_, contents) in self.contents.items()}
        return own != {key: contents for key, (_, contents) in other.contents.items()}

    def put(self, object_: Scope | Mapping | Instance | UserClass, name: Any, value: Value | None) -> None:
        """Set a part of an object by its name or key; None removes it."""
        if id(object_) in self.contents:
            _, copied = self.contents[id(object_)]
            put(copied[0], name, value)

    def restore(self) -> None:
        """Write all contents back to their objects."""
        for object_, contents in self.contents.values():
            write_contents(object_, contents)


COPY_CONTENTS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    Mapping: lambda mapping: (mapping.entries.copy(), mapping.keys.copy(), mapping.open),
    Sequence: lambda sequence: (sequence.items.copy(), sequence.open, sequence.kind),
    Instance: lambda instance: (instance.attributes.copy(), instance.escaped),
    UserClass: lambda cls: (cls.members.copy(), cls.foreign),
    Scope: lambda scope: (scope.names.copy(), scope.globals.copy(), scope.nonlocals.copy()),
}
"""How to copy the contents of each type of object."""


CONTENTS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    Mapping: attrgetter("entries", "keys", "open"),
    Sequence: attrgetter("items", "open", "kind"),
    Instance: attrgetter("attributes", "escaped"),
    UserClass: attrgetter("members", "foreign"),
    Scope: attrgetter("names", "globals", "nonlocals"),
}
"""The contents of each type of object themselves, to compare them with a copy."""


def named_parts(object_: Scope | Mapping | Instance | UserClass) -> dict[Any, Value]:
    """The parts of an object that is no list, by their names or keys: changing the dict changes the object."""
    parts: dict[Any, Value] = CONTENTS[type(object_)](object_)[0]
    return parts


def put(parts: dict[Any, Value], name: Any, value: Value | None) -> None:
    """Set a part by its name or key; None removes it."""
    parts.pop(name, None)
    if value is not None:
        parts[name] = value


def write_contents(object_: MutableObject, copied: tuple[Any, ...]) -> None:
    """Replace an object's contents by a copy of its own or another object's contents."""
    if isinstance(object_, Mapping):
        _refill(object_.entries, copied[0])
        object_.keys, object_.open = dict(copied[1]), copied[2]
    elif isinstance(object_, Sequence):
        object_.items, object_.open, object_.kind = list(copied[0]), copied[1], copied[2]
    elif isinstance(object_, Instance):
        _refill(object_.attributes, copied[0])
        object_.escaped = copied[1]
    elif isinstance(object_, UserClass):
        object_.members, object_.foreign = dict(copied[0]), copied[1]
    else:
        _refill(object_.names, copied[0])
        object_.globals, object_.nonlocals = set(copied[1]), set(copied[2])


def _refill(contents: dict[Any, Any], copied: dict[Any, Any]) -> None:
    """Change a dict in place: the mappings for `globals()` and `__dict__` share it."""
    contents.clear()
    contents.update(copied)


def _of_sequence(sequence: Sequence) -> list[Value]:
    if sequence.of is None:
        return sequence.items
    return [*sequence.items, sequence.of]


def _of_scope(scope: Scope) -> Iterable[Any]:
    if scope.above is None:
        return scope.names.values()
    return [*scope.names.values(), scope.above]


REFERENCES: dict[type, Callable[[Any], Iterable[Any]]] = {
    Mapping: lambda mapping: mapping.entries.values(),
    Sequence: _of_sequence,
    Instance: lambda instance: (
        *instance.attributes.values(),
        *instance.arguments.positional,
        *instance.arguments.keywords.values(),
        instance.user_class,
    ),
    Scope: _of_scope,
    Function: lambda function: (
        *(function.scope, function.receiver, function.owner, function.setter),
        *function.defaults.values(),
    ),
    UserClass: lambda cls: [*cls.members.values(), *cls.bases],
    Method: lambda method: [method.receiver],
    Either: lambda either: either.candidates,
    Maybe: lambda maybe: maybe.candidates,
    **dict.fromkeys(LEAVES, lambda _: ()),
}
"""The values and scopes that a value or scope of each type refers to, and None for those that it could refer to."""

Memo = dict[int, Value]


def deep_copy(value: Value, memo: Memo) -> Value:
    """A copy as Python's ``deepcopy`` makes it: dicts, lists and objects are new, functions and classes are shared."""
    copied = memo.get(id(value))
    if copied is not None:
        return copied
    if isinstance(value, Mapping):
        mapping = memo[id(value)] = Mapping({}, value.span, dict(value.keys), value.open)
        mapping.entries = _deep_copies(value.entries, memo)
        return mapping
    if isinstance(value, Sequence):
        sequence = memo[id(value)] = Sequence(value.kind, [], value.span, value.open)
        sequence.items = [deep_copy(item, memo) for item in value.items]
        return sequence
    if isinstance(value, Instance):
        instance = memo[id(value)] = twin(value)
        arguments = instance.arguments
        arguments.positional = [deep_copy(argument, memo) for argument in arguments.positional]
        arguments.keywords = _deep_copies(arguments.keywords, memo)
        instance.attributes = _deep_copies(instance.attributes, memo)
        return instance
    if isinstance(value, Either):
        candidates = [deep_copy(candidate, memo) for candidate in value.candidates]
        return type(value)(value.reason, value.span, value.pieces, candidates=candidates, complete=value.complete)
    return value


def _deep_copies(values: dict[K, Value], memo: Memo) -> dict[K, Value]:
    return {key: deep_copy(value, memo) for key, value in values.items()}


def shallow_copy(value: Value) -> Value:
    """A new dict or list with the same parts; any other value itself."""
    if isinstance(value, Mapping):
        return Mapping(dict(value.entries), value.span, dict(value.keys), value.open)
    if isinstance(value, Sequence) and value.of is None:
        return Sequence(value.kind, list(value.items), value.span, value.open)
    return value


def twin(instance: Instance) -> Instance:
    """A shallow copy of an instance: new containers with the same arguments and attributes."""
    original = instance.arguments
    arguments = type(original)(list(original.positional), dict(original.keywords), dict(original.places), original.open)
    attributes = dict(instance.attributes)
    return Instance(instance.cls, arguments, instance.span, attributes, instance.escaped, instance.user_class)
