"""The interpreter's mutable state, and snapshots of it for branches.

Names and other values share mutable objects. Each branch changes the objects in place; restoring a snapshot writes
their former contents back, so that every reference to an object stays valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

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

MutableObject = Scope | Mapping | Sequence | Instance | UserClass
"""An object whose contents change."""

OBJECTS_PER_STEP = 8
"""How many objects a snapshot copies for the cost of one step."""


class Snapshot:
    """The contents of all objects that are reachable from some scopes or values.

    ``contents`` maps an object's id to the object and a copy of its contents; ``size`` measures the work.
    """

    def __init__(self, scopes: Iterable[Scope | Value]) -> None:
        self.contents: dict[int, tuple[MutableObject, tuple[Any, ...]]] = {}
        self.size = 0
        waiting: list[Any] = list(scopes)
        seen: set[int] = set()
        while waiting:  # a hot loop: it looks only at an object's type
            object_ = waiting.pop()
            key = id(object_)
            if key in seen:
                continue
            seen.add(key)
            kind = type(object_)
            if (
                kind is Function
                and not object_.defaults
                and object_.receiver is object_.owner is object_.setter is None
            ):
                waiting.append(object_.scope)  # the common case
                continue
            if (copied := COPY_CONTENTS.get(kind)) is not None:
                contents = copied(object_)
                self.size += len(contents[0]) // 4
                self.contents[key] = (object_, contents)
            waiting += [each for each in REFERENCES[kind](object_) if type(each) not in IMMUTABLE_TYPES]
        self.size += len(seen)

    def differs(self, other: Snapshot) -> bool:
        """Whether any contents differ from those in another snapshot of the same objects."""
        own = {key: contents for key, (_, contents) in self.contents.items()}
        return own != {key: contents for key, (_, contents) in other.contents.items()}

    def restore(self) -> None:
        """Write all contents back to their objects."""
        for object_, contents in self.contents.values():
            write_contents(object_, contents)


def copy_contents(object_: MutableObject) -> tuple[Any, ...]:
    """A copy of an object's contents."""
    return COPY_CONTENTS[type(object_)](object_)


COPY_CONTENTS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    Mapping: lambda mapping: (mapping.entries.copy(), mapping.keys.copy(), mapping.open),
    Sequence: lambda sequence: (sequence.items.copy(), sequence.open, sequence.kind),
    Instance: lambda instance: (instance.attributes.copy(), instance.escaped),
    UserClass: lambda cls: (cls.members.copy(), cls.foreign),
    Scope: lambda scope: (scope.names.copy(), scope.globals.copy(), scope.nonlocals.copy()),
}
"""How to copy the contents of each type of object."""


def has_contents(object_: MutableObject, copied: tuple[Any, ...]) -> bool:
    """Whether an object's contents equal a copy of its own or another object's contents."""
    return COMPARE_CONTENTS[type(object_)](object_, copied)


COMPARE_CONTENTS: dict[type, Callable[[Any, tuple[Any, ...]], bool]] = {
    Mapping: lambda mapping, contents: (mapping.entries, mapping.keys, mapping.open) == contents,
    Sequence: lambda sequence, contents: (sequence.items, sequence.open, sequence.kind) == contents,
    Instance: lambda instance, contents: (instance.attributes, instance.escaped) == contents,
    UserClass: lambda cls, contents: (cls.members, cls.foreign) == contents,
    Scope: lambda scope, contents: (scope.names, scope.globals, scope.nonlocals) == contents,
}
"""How to compare the contents of each type of object with a copy, without copying them."""


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


def _of_instance(instance: Instance) -> list[Any]:
    found = [*instance.attributes.values(), *instance.arguments.positional, *instance.arguments.keywords.values()]
    return [*found, instance.user_class] if instance.user_class is not None else found


def _of_function(function: Function) -> Iterable[Any]:
    parts = (function.scope, function.receiver, function.owner, function.setter)
    return [*(part for part in parts if part is not None), *function.defaults.values()]


REFERENCES: dict[type, Callable[[Any], Iterable[Any]]] = {
    Mapping: lambda mapping: mapping.entries.values(),
    Sequence: lambda sequence: sequence.items if sequence.of is None else (*sequence.items, sequence.of),
    Instance: _of_instance,
    Scope: lambda scope: scope.names.values() if scope.above is None else (*scope.names.values(), scope.above),
    Function: _of_function,
    UserClass: lambda cls: [*cls.members.values(), *cls.bases],
    Method: lambda method: [method.receiver],
    Either: lambda either: either.candidates,
    Maybe: lambda maybe: maybe.candidates,
    **dict.fromkeys(IMMUTABLE_TYPES, lambda _: ()),
}
"""The values and scopes that a value or scope of each type refers to."""

Memo = dict[int, Any]


def deep_copy(value: Value, memo: Memo) -> Value:
    """A copy as Python's ``deepcopy`` makes it: dicts, lists and objects are new, functions and classes are shared."""
    if id(value) in memo:
        found: Value = memo[id(value)]
        return found
    copy: Value
    if isinstance(value, Mapping):
        copy = memo[id(value)] = Mapping({}, value.span, dict(value.keys), value.open)
        copy.entries = {key: deep_copy(entry, memo) for key, entry in value.entries.items()}
    elif isinstance(value, Sequence):
        copy = memo[id(value)] = Sequence(value.kind, [], value.span, value.open)
        copy.items = [deep_copy(item, memo) for item in value.items]
    elif isinstance(value, Instance):
        copy = memo[id(value)] = twin(value)
        arguments = value.arguments
        copy.arguments.positional = [deep_copy(each, memo) for each in arguments.positional]
        copy.arguments.keywords = {name: deep_copy(each, memo) for name, each in arguments.keywords.items()}
        copy.attributes = {name: deep_copy(each, memo) for name, each in value.attributes.items()}
    elif isinstance(value, Either):
        kind = Maybe if isinstance(value, Maybe) else Either
        copies = [deep_copy(each, memo) for each in value.candidates]
        copy = kind(value.reason, value.span, value.pieces, candidates=copies, complete=value.complete)
    else:
        copy = value
    return copy


def twin(instance: Instance) -> Instance:
    """A shallow copy of an instance: new containers with the same arguments and attributes."""
    original = instance.arguments
    arguments = type(original)(list(original.positional), dict(original.keywords), dict(original.places), original.open)
    attributes = dict(instance.attributes)
    return Instance(instance.cls, arguments, instance.span, attributes, instance.escaped, instance.user_class)
