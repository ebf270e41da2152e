"""All that can change while source is followed, and keeping it for the other branch.

Values are objects that names and other values share. Each branch changes the objects themselves; a snapshot
puts back what they held before, so that nobody who holds one is left with another branch's copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hpolint.readers.python.interpreter.operators import PLAIN
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

Thing = Scope | Mapping | Sequence | Instance | UserClass
"""What has contents that change."""

HELD_PER_STEP = 8
"""How many things a snapshot goes through for the price of a step."""


class Snapshot:
    """What each thing that can be reached from some scopes or values holds now; ``size`` tells how much that was."""

    def __init__(self, scopes: Iterable[Scope | Value]) -> None:
        self.held: dict[int, tuple[Thing, tuple[Any, ...]]] = {}
        self.size = 0
        waiting: list[Any] = list(scopes)
        seen: set[int] = set()
        while waiting:  # thousands of times for each source: all that it asks of a thing is its type
            thing = waiting.pop()
            key = id(thing)
            if key in seen:
                continue
            seen.add(key)
            kind = type(thing)
            if kind is Function and not thing.defaults and thing.receiver is thing.owner is thing.setter is None:
                waiting.append(thing.scope)  # as most are
                continue
            if (copied := CONTENTS.get(kind)) is not None:
                held = copied(thing)
                self.size += len(held[0]) // 4
                self.held[key] = (thing, held)
            waiting += [each for each in REFERENCES[kind](thing) if type(each) not in PLAIN]
        self.size += len(seen)

    def differs(self, other: Snapshot) -> bool:
        """Whether anything holds something else than in another snapshot of the same thing."""
        held = {key: contents for key, (_, contents) in self.held.items()}
        return held != {key: contents for key, (_, contents) in other.held.items()}

    def restore(self) -> None:
        """Put all back."""
        for thing, held in self.held.values():
            put(thing, held)


def contents(thing: Thing) -> tuple[Any, ...]:
    """A copy of what a thing holds."""
    return CONTENTS[type(thing)](thing)


CONTENTS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    Mapping: lambda mapping: (mapping.entries.copy(), mapping.keys.copy(), mapping.open),
    Sequence: lambda sequence: (sequence.items.copy(), sequence.open, sequence.kind),
    Instance: lambda instance: (instance.attributes.copy(), instance.escaped),
    UserClass: lambda cls: (cls.members.copy(), cls.foreign),
    Scope: lambda scope: (scope.names.copy(), scope.globals.copy(), scope.nonlocals.copy()),
}
"""How what a thing of each type holds is copied."""


def is_as(thing: Thing, held: tuple[Any, ...]) -> bool:
    """Whether a thing holds what it held, or another did."""
    return HOLDS[type(thing)](thing, held)


HOLDS: dict[type, Callable[[Any, tuple[Any, ...]], bool]] = {
    Mapping: lambda mapping, held: (mapping.entries, mapping.keys, mapping.open) == held,
    Sequence: lambda sequence, held: (sequence.items, sequence.open, sequence.kind) == held,
    Instance: lambda instance, held: (instance.attributes, instance.escaped) == held,
    UserClass: lambda cls, held: (cls.members, cls.foreign) == held,
    Scope: lambda scope, held: (scope.names, scope.globals, scope.nonlocals) == held,
}
"""How it is compared, without a copy."""


def put(thing: Thing, held: tuple[Any, ...]) -> None:
    """Make a thing hold what it held, or another did."""
    if isinstance(thing, Mapping):
        _refill(thing.entries, held[0])
        thing.keys, thing.open = dict(held[1]), held[2]
    elif isinstance(thing, Sequence):
        thing.items, thing.open, thing.kind = list(held[0]), held[1], held[2]
    elif isinstance(thing, Instance):
        _refill(thing.attributes, held[0])
        thing.escaped = held[1]
    elif isinstance(thing, UserClass):
        thing.members, thing.foreign = dict(held[0]), held[1]
    else:
        _refill(thing.names, held[0])
        thing.globals, thing.nonlocals = set(held[1]), set(held[2])


def _refill(contents: dict[Any, Any], held: dict[Any, Any]) -> None:
    """Change a dict in place: `globals()` and `__dict__` are other views of it."""
    contents.clear()
    contents.update(held)


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
    **dict.fromkeys(PLAIN, lambda _: ()),
}
"""What a value or scope of each type refers to."""

Memo = dict[int, Any]


def deep_copy(value: Value, memo: Memo) -> Value:
    """What Python's ``deepcopy`` makes: dicts, lists and objects are new, functions and classes are not."""
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
        given = value.arguments
        copy.arguments.positional = [deep_copy(each, memo) for each in given.positional]
        copy.arguments.keywords = {name: deep_copy(each, memo) for name, each in given.keywords.items()}
        copy.attributes = {name: deep_copy(each, memo) for name, each in value.attributes.items()}
    elif isinstance(value, Either):
        kind = Maybe if isinstance(value, Maybe) else Either
        copies = [deep_copy(each, memo) for each in value.candidates]
        copy = kind(value.reason, value.span, value.pieces, candidates=copies, complete=value.complete)
    else:
        copy = value
    return copy


def twin(instance: Instance) -> Instance:
    """Another object with the same arguments and attributes."""
    given = instance.arguments
    arguments = type(given)(list(given.positional), dict(given.keywords), dict(given.places), given.open)
    attributes = dict(instance.attributes)
    return Instance(instance.cls, arguments, instance.span, attributes, instance.escaped, instance.user_class)
